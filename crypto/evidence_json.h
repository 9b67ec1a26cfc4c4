#ifndef CRYPTO_EVIDENCE_JSON_H
#define CRYPTO_EVIDENCE_JSON_H

#include <stdbool.h>

/*
 * Evidence as a report writes it:
 *
 *	{"kind": "anchor", "place": "bundle", "sha256": "…",
 *	 "purposes": ["public"]}
 *
 * and back.  What is read may come from a child that was taken over: every
 * word must be in its table, and only an anchor has purposes.
 */
struct evidence_list;
struct json;

struct json *evidence_json(const struct evidence_list *l);

/* False when list is no list of evidence, or longer than EVIDENCE_MAX. */
bool evidence_read(const struct json *list, struct evidence_list *out);

/* The bits of enum trust_purpose as a list of words. */
struct json *purposes_json(unsigned purposes);
bool purposes_read(const struct json *list, unsigned *out);

#endif /* CRYPTO_EVIDENCE_JSON_H */
