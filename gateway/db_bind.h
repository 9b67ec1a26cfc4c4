#ifndef GATEWAY_DB_BIND_H
#define GATEWAY_DB_BIND_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Arguments of a statement in the form in which they travel: text, since then
 * the server's own conversions apply, but binary for bytes, so that a document
 * does not double on its way.  Knows the formats and nothing of libpq.
 */
struct db_arg;

#define DB_ARGS_MAX 48

struct db_binds {
	int count;
	const char *value[DB_ARGS_MAX]; /* NULL is null */
	int len[DB_ARGS_MAX];           /* counts where binary */
	int binary[DB_ARGS_MAX];
	char scalar[DB_ARGS_MAX][32];
	struct buf array[DB_ARGS_MAX];
};

/* args end with DB_END.  What is bound points into args. */
void db_bind(struct db_binds *b, const struct db_arg *args);
void db_bind_release(struct db_binds *b);

#endif /* GATEWAY_DB_BIND_H */
