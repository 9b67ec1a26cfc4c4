#ifndef CRYPTO_NURSERY_H
#define CRYPTO_NURSERY_H

#include <stddef.h>

/*
 * A process with one thread, forked before there are others, that forks
 * children for a process with many.  A child gets one end of a stream socket,
 * enters the sandbox and calls serve().  Each child has a slot; asking again
 * for a slot kills and reaps who was there.
 *
 * The nursery ends with its last customer: when the control socket closes,
 * however its owner died, the children are killed and reaped.
 *
 * DIAGNOSTICS
 *	fatal	no process, no socket; the nursery itself has died
 */
struct nursery;

/* prepare() runs once, before any child: what a library must open, load or
 * compute while it still may. */
struct nursery_care {
	void (*prepare)(void);
	void (*serve)(int sock);
	long memory_max;
	int files_max;
};

struct nursery *nursery_new(const struct nursery_care *care, size_t slots);
void nursery_free(struct nursery *n); /* NULL is fine; waits for the end */

/* A fresh child in that slot: our end of its socket, which the caller closes;
 * -1 when no process could be had.  *ended is the signal that ended the one
 * before, 0 for none.  One thread at a time. */
int nursery_child(struct nursery *n, size_t slot, int *ended);

#endif /* CRYPTO_NURSERY_H */
