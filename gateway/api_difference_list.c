/*
 * GET /v1/payments/differences
 *
 * Where the ledger, a provider's file and the bank's statement differ and
 * nobody has closed it, oldest first.
 */
#include "gateway/db.h"
#include "gateway/difference.h"
#include "gateway/page.h"
#include "gateway/request.h"
#include "gateway/route.h"

struct reply *
api_difference_list(struct request *req)
{
	return page_by_id(req, DB_difference_list, difference_row);
}
