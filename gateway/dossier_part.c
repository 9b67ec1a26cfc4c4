#include "gateway/dossier_part.h"

#include "gateway/auth.h"
#include "gateway/dossier.h"
#include "gateway/request.h"

bool
dossier_part(struct request *req, enum db_stmt stmt, struct db_arg key,
    struct db_rows **rows, struct err *e)
{
	struct dossier *d = NULL;
	bool ok;

	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, e))
		return false;
	const struct db_arg args[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		key, DB_END };
	ok = auth_dossier(req, d, e) && db_one(req->db, stmt, args, rows, e);
	dossier_free(d);
	return ok;
}
