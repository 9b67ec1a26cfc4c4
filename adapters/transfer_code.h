#ifndef ADAPTERS_TRANSFER_CODE_H
#define ADAPTERS_TRANSFER_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The code that a payer writes into a bank transfer, so that the money finds
 * its order: "DVC", nine of [0-9A-Z], and a check character by ISO/IEC 7064,
 * MOD 37,36, which every single wrong character breaks.
 *
 * Banks put words before it and behind it, turn it to upper case, strip marks
 * and cut the end off: a code is looked for anywhere, and stands for itself
 * only whole.  It is made of the reference of an order (adapter.h) and needs
 * no storage; that reference is found again by its mark.
 */
#define TRANSFER_CODE_LEN 14 /* with the NUL */
#define TRANSFER_MARK_LEN 12 /* 11 hex digits of a reference, and the NUL */

/* Of a reference "P<tenant>R<20 hex digits>". */
void transfer_code_make(const char *ref, char out[TRANSFER_CODE_LEN]);

/*
 * How many different codes stand in a transfer's content: 0, 1, or 2 for
 * more.  What mark holds matters only with 1.
 */
int transfer_code_find(const char *content, char mark[TRANSFER_MARK_LEN]);

/* A code's nine as a number, below 2^53: payOS numbers orders.  It is never
 * under 36^8. */
int64_t transfer_code_number(const char code[TRANSFER_CODE_LEN]);

/* False: no code has this number. */
bool transfer_code_of_number(int64_t number, char mark[TRANSFER_MARK_LEN]);

#endif /* ADAPTERS_TRANSFER_CODE_H */
