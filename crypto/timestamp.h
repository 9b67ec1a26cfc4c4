#ifndef CRYPTO_TIMESTAMP_H
#define CRYPTO_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * RFC 3161 tokens.  A token whose imprint, signature or authority is not good
 * proves nothing, and never breaks the signature that carries it.
 */
struct chain_subject;
struct cms;
struct question;
struct signature_report;

/* What the token must have been made over: up to two pieces that follow one
 * another. */
struct timestamp_subject {
	const uint8_t *part[2];
	size_t len[2];
	const struct chain_subject *hints; /* as in cms.h; may be NULL */
};

/* TSTInfo (RFC 3161, 2.4.2), as far as it is judged. */
struct timestamp_info {
	char digest[16];
	const uint8_t *imprint; /* borrowed */
	size_t imprint_len;
	int64_t time_us;
};
bool timestamp_read(const uint8_t *der, size_t len, struct timestamp_info *out);

/* A token (DER or BER ContentInfo) and what it says; its bytes are borrowed
 * until timestamp_close(). */
struct timestamp {
	const uint8_t *token;
	size_t len;
	struct cms *cms;            /* owned; NULL: it is none */
	struct timestamp_info info; /* zeroed when unreadable */
};
void timestamp_open(const uint8_t *token, size_t len, struct timestamp *out);
void timestamp_close(struct timestamp *t);

/* The verdict on a token as a signature of its own.  TOTAL_PASSED is proof
 * that the subject existed at out->claimed_us.  A proof that the token itself
 * was there by some moment is taken from the hints. */
void timestamp_judge(const struct timestamp *t,
    const struct timestamp_subject *subject, const struct question *q,
    struct signature_report *out);

#endif /* CRYPTO_TIMESTAMP_H */
