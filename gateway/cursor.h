#ifndef GATEWAY_CURSOR_H
#define GATEWAY_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Where a list goes on: two numbers in an opaque text that nobody but the
 * gateway can make.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD	not a cursor of ours, at the pointer "?after"
 */
struct err;

#define CURSOR_LEN 64

void cursor_make(
    const uint8_t secret[32], int64_t a, int64_t b, char out[CURSOR_LEN]);

/* NULL or "" is the beginning: both zero. */
bool cursor_read(const uint8_t secret[32], const char *text, int64_t *a,
    int64_t *b, struct err *e);

#endif /* GATEWAY_CURSOR_H */
