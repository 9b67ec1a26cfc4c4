#include "gateway/reply_dossier.h"

#include "base/json.h"
#include "gateway/dossier.h"
#include "gateway/reply.h"
#include "gateway/request.h"

bool
reply_dossier(struct request *req, int status, const char *code,
    struct reply **out, struct err *e)
{
	struct dossier *d = NULL;
	struct json *j = NULL;
	bool ok;

	ok = dossier_load(req->db, req->tenant, code, &d, e) &&
	     dossier_json(req->db, d, &j, e);
	if (ok) {
		*out = reply_json(status, j);
		reply_etag(*out, d->version);
	}
	dossier_free(d);
	return ok;
}
