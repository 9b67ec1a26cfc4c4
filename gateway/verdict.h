#ifndef GATEWAY_VERDICT_H
#define GATEWAY_VERDICT_H

#include <stdio.h>

/*
 * A report in words, Vietnamese with English beside it, for a terminal: who
 * signed, whether it holds, what was covered, what to look at.  Identity
 * numbers are masked; the whole ones are in the JSON for those who may see
 * them.
 */
struct report;

void verdict_print(FILE *out, const struct report *r);

/* The same of a certificate that was judged by its path alone. */
void verdict_print_path(FILE *out, const struct report *r);

#endif /* GATEWAY_VERDICT_H */
