#ifndef CRYPTO_FDPASS_H
#define CRYPTO_FDPASS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One message with file descriptors beside it (SCM_RIGHTS, unix(7)), over a
 * stream socket between two of our own processes.  False: the other side is
 * gone, or sent something else; then no descriptor is left open.
 */
#define FDPASS_MAX 20

bool fdpass_send(
    int sock, const void *data, size_t len, const int *fds, size_t count);

/* Waits for exactly len bytes; *count is capacity, then how many came. */
bool fdpass_receive(int sock, void *data, size_t len, int *fds, size_t *count);

#endif /* CRYPTO_FDPASS_H */
