#ifndef GATEWAY_MERKLE_H
#define GATEWAY_MERKLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The root of a Merkle tree over a list (RFC 6962, 2.1), from leaves that
 * come one by one; so that a single event can be shown to be under a signed
 * head without showing the others.  Start from { 0 }.
 */
struct merkle {
	uint8_t full[64][32]; /* the i-th is over 2^i leaves, if bit i is set */
	uint64_t count;
};

void merkle_add(struct merkle *m, const uint8_t leaf[32]);

/* Of at least one leaf. */
void merkle_root(const struct merkle *m, uint8_t out[32]);

#endif /* GATEWAY_MERKLE_H */
