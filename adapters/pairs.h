#ifndef ADAPTERS_PAIRS_H
#define ADAPTERS_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * The pairs of a query string, strictly: names of [A-Za-z0-9_] as they stand
 * and no name twice, so that no reader takes the first where another takes
 * the last; values with sound escapes that decode to UTF-8 without NUL.
 * Both spellings of a value are kept, since MACs are made over either.
 *
 * DIAGNOSTICS
 *	ERR_BAD_REQUEST		not such a query
 */
struct err;

#define PAIRS_MAX     100
#define PAIRS_LEN_MAX 8192

struct pair {
	const char *name;
	const char *raw;   /* as it came */
	const char *value; /* decoded */
};

struct pairs {
	char *storage;
	size_t count;
	struct pair item[PAIRS_MAX]; /* in byte order of their names */
};

/* Fills *out, which pairs_release() empties; "" has no pairs. */
bool pairs_read(const char *query, struct pairs *out, struct err *e);
void pairs_release(struct pairs *p);

/* "" when there is none of that name. */
const char *pairs_find(const struct pairs *p, const char *name);

/* As PHP's urlencode() and Java's URLEncoder do: A-Z a-z 0-9 - _ . stay, a
 * blank is +, all else is %XX in upper case. */
void pairs_encode(struct buf *out, const char *value);

#endif /* ADAPTERS_PAIRS_H */
