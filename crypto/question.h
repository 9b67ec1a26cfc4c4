#ifndef CRYPTO_QUESTION_H
#define CRYPTO_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is asked about a document: at which moment, on whose trust, by which
 * policy.  Judges read nothing else: no clock, no file, no socket.
 */
struct evidence_list;
struct policy;
struct trust;
struct want_list;

/* Clocks of authorities run ahead of ours by as much as this. */
#define QUESTION_SKEW_US INT64_C(300000000)

enum revocation_mode {
	REVOCATION_REQUIRE, /* not shown good is TRY_LATER: the default */
	REVOCATION_PREFER,  /* used where there; its absence is a finding */
	REVOCATION_OFF,
};

const char *revocation_mode_name(enum revocation_mode m);
bool revocation_mode_find(const char *name, enum revocation_mode *out);

/* The content of a detached signature, borrowed; name is a file's name. */
struct content {
	const char *name;
	const uint8_t *data;
	size_t len;
};

struct question {
	int64_t at_us; /* validation time */
	enum revocation_mode revocation;
	const struct trust *trust;   /* trust.h; never NULL, may be empty */
	const struct policy *policy; /* policy.h */
	const struct content *contents;
	size_t content_count;
	struct evidence_list *evidence; /* takes what is used; NULL: none */
	struct want_list *wants;        /* takes what is lacking; NULL: none */
};

#endif /* CRYPTO_QUESTION_H */
