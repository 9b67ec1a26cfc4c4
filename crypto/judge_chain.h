#ifndef CRYPTO_JUDGE_CHAIN_H
#define CRYPTO_JUDGE_CHAIN_H

#include <stddef.h>
#include <stdint.h>

/*
 * A certificate and its path alone (RFC 5280, 6), without anything signed.
 * Runs in a verifier child, or in a test.
 *
 * The file is one certificate in DER, or in PEM with others after it that may
 * stand in the path.  The report has one signature, which is the path's
 * verdict, and no signature where there is no certificate; its path is empty
 * where none leads to an anchor.
 */
struct chain_policies;
struct question;
struct report;

struct judge_certificate {
	const char *name;
	const uint8_t *data;
	size_t len;
	const struct chain_policies *policies;
};

/* Never NULL; the caller frees. */
struct report *judge_chain(
    const struct judge_certificate *file, const struct question *q);

#endif /* CRYPTO_JUDGE_CHAIN_H */
