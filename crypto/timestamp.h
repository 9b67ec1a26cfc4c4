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
struct question;
struct signature_report;
struct timestamp_report;

/* What the token must have been made over: up to two pieces that follow one
 * another. */
struct timestamp_subject {
	const uint8_t *part[2];
	size_t len[2];
	const struct chain_subject *hints; /* as in cms.h; may be NULL */
};

/* Judges a token (DER or BER ContentInfo).  out->indication TOTAL_PASSED is
 * proof that the subject existed at out->time_us. */
void timestamp_judge(const uint8_t *token, size_t len,
    const struct timestamp_subject *subject, const struct question *q,
    struct timestamp_report *out);

/* Judges a signature timestamp into s: adds to s->timestamps and, when it is
 * good, brings s->proven_us to the earliest proven moment. */
void timestamp_add(const uint8_t *token, size_t len,
    const struct timestamp_subject *subject, const struct question *q,
    struct signature_report *s);

/* TSTInfo (RFC 3161, 2.4.2), as far as it is judged. */
struct timestamp_info {
	char digest[16];
	const uint8_t *imprint; /* borrowed */
	size_t imprint_len;
	int64_t time_us;
};
bool timestamp_read(const uint8_t *der, size_t len, struct timestamp_info *out);

#endif /* CRYPTO_TIMESTAMP_H */
