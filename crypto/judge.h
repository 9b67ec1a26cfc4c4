#ifndef CRYPTO_JUDGE_H
#define CRYPTO_JUDGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * One file, whatever its format: finds out which, has it judged, concludes.
 * Runs in a verifier child, or in a test.
 */
struct question;
struct report;

/* Never NULL; the caller frees. */
struct report *judge_file(const char *name, const uint8_t *data, size_t len,
    const struct question *q);

/* What every judging begins and ends with: *own is q with the report's list of
 * evidence, and a list that was cut short is no pass. */
void judge_begin(
    const struct question *q, struct report *r, struct question *own);
void judge_end(struct report *r);

#endif /* CRYPTO_JUDGE_H */
