/*
 * GET /v1/payments/strays
 *
 * Money for nobody that waits for officers, oldest first.
 */
#include "gateway/db.h"
#include "gateway/page.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/stray.h"

struct reply *
api_stray_list(struct request *req)
{
	return page_by_id(req, DB_stray_list, stray_row);
}
