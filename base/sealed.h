#ifndef BASE_SEALED_H
#define BASE_SEALED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes in a memfd that nobody, whoever it is handed to, can change or
 * shorten any more.
 *
 * DIAGNOSTICS
 *	ERR_FILE	the system gives no memfd, or no room in it
 */
struct err;

/* The caller closes *out. */
bool sealed_new(const void *data, size_t len, int *out, struct err *e);

/* Whether fd is such a memfd, whoever made it; it may still grow. */
bool sealed_is(int fd);

#endif /* BASE_SEALED_H */
