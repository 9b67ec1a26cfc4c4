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

/* A message whose length its beginning tells: least bytes are waited for, and
 * up to most are taken. */
struct fdpass_message {
	void *data;
	size_t least, most;
	size_t len; /* how many came */
	int *fds;
	size_t count; /* capacity, then how many came */
};
bool fdpass_take(int sock, struct fdpass_message *m);

/* Goes on, without descriptors, until m->least bytes are there. */
bool fdpass_rest(int sock, struct fdpass_message *m);

/* Waits for exactly len bytes; *count is capacity, then how many came. */
bool fdpass_receive(int sock, void *data, size_t len, int *fds, size_t *count);

#endif /* CRYPTO_FDPASS_H */
