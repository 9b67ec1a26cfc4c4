#ifndef GATEWAY_COLUMNS_H
#define GATEWAY_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The arrays of a set-based statement, column by column: each has room for n
 * rows, and count says how many of them are used.  Texts are borrowed.
 *
 * DIAGNOSTICS
 *	fatal	out of memory
 */
struct columns {
	size_t n, count;
	int64_t *ints;
	const char **texts;
};

struct columns columns_new(size_t n, size_t ints, size_t texts);
void columns_release(struct columns *c);

int64_t *columns_ints(const struct columns *c, size_t which);
const char **columns_texts(const struct columns *c, size_t which);

#endif /* GATEWAY_COLUMNS_H */
