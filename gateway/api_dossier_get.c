/*
 * GET /v1/dossiers/{code}
 *
 * State, clock, documents, pauses, payments and history, for the portal that
 * submitted it, an officer of its tenant, or the applicant's link.
 */
#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/dossier.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

struct reply *
api_dossier_get(struct request *req)
{
	struct dossier *d = NULL;
	struct json *j = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;
	if (!dossier_json(req->db, d, &j, &e))
		goto refuse;

	reply = reply_json(200, j);
	reply_etag(reply, d->version);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	dossier_free(d);
	return reply;
}
