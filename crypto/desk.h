#ifndef CRYPTO_DESK_H
#define CRYPTO_DESK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Memory that the gateway shares with one verifier child: pages on which it
 * lays a question and short documents, and a board on which the child writes
 * its answer.  Each rings a bell (futex(2)) when it is done, which costs half
 * of what a message through a socket does.
 *
 * A child can read the pages and never write them (memfd_create(2),
 * F_SEAL_FUTURE_WRITE), no other process has them, and nothing of an earlier
 * question stands behind the one that is asked.  What is on the board is a
 * stranger's word: it is copied before it is looked at, and the bell alone is
 * no proof of anything.
 *
 * DIAGNOSTICS
 *	fatal	desk_new(): no memory to share
 */
struct blob;
struct desk;

#define DESK_ROOM       (1024 * 1024) /* of documents, each from a new page */
#define DESK_HEAD       8192          /* of a question */
#define DESK_ANSWER_MAX 65536

/* Where a document lies; at is 0 for none. */
struct desk_place {
	uint32_t at, len;
};

/* The gateway's side: one thread at a time. */
struct desk *desk_new(void);
void desk_free(struct desk *d); /* NULL is fine */

/* Wiped, to a new child at the other end of the socket, who answers when it
 * has sat down; who sat there before is dead. */
bool desk_hand(struct desk *d, int sock);

/* A copy, of bytes or of a sealed memfd.  False, with *out untouched, for
 * what has no room, or is not sealed against shrinking and writing. */
bool desk_lay(
    struct desk *d, const void *bytes, size_t len, struct desk_place *out);
bool desk_lay_file(struct desk *d, int fd, struct desk_place *out);

/* Asks, about what was laid since the last question. */
void desk_ask(struct desk *d, const void *question, size_t len);

/* Sleeps until a bell, at most that long; whether it was the answer's. */
bool desk_wait(struct desk *d, long patience_us);

/* How long the child says its answer is: over DESK_ANSWER_MAX, it comes by
 * the socket.  Ask once, as another time it may say something else. */
uint32_t desk_answer_len(struct desk *d);
void desk_read(const struct desk *d, void *out, size_t len);

/* The child's side. */
struct desk_board;
struct desk_seat {
	const uint8_t *pages; /* the question first */
	struct desk_board *board;
	uint32_t heard; /* how many questions */
};

bool desk_sit(struct desk_seat *s, int sock);
const void *desk_listen(struct desk_seat *s); /* waits, if for ever */
const uint8_t *desk_document(
    const struct desk_seat *s, const struct desk_place *p);

/* Bytes over DESK_ANSWER_MAX are not taken, only their number. */
void desk_answer(struct desk_seat *s, const void *bytes, size_t len);

#endif /* CRYPTO_DESK_H */
