#include "gateway/payment_rest.h"

#include "gateway/db.h"

bool
payment_rest(struct db *db, const char *provider, bool answered, struct err *e)
{
	return db_exec(db, DB_payment_rest,
	    (const struct db_arg[]){
		DB_TEXT(provider), DB_BOOL(answered), DB_END },
	    NULL, e);
}
