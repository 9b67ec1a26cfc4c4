#ifndef GATEWAY_FILING_H
#define GATEWAY_FILING_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a decision is contested in time: a second complaint may be filed so
 * long after the first decision was known, or was due and did not come (Law on
 * Complaints 2011, art. 33).  The window is data of the procedure's version.
 *
 * It is a finding, by what the form says: nothing is refused for it here,
 * since only a person can say whether there was a reason for being late.  He
 * does, when he accepts what is late or of which nothing is known.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD		/contests: the procedure asks for none, or a day
 *				that is to come
 *	ERR_MISSING_FIELD	accepted without a reason
 *	ERR_CONFIG		the calendar ends before the window does
 *	ERR_STORAGE		from db.c
 */
struct db;
struct dossier;
struct err;
struct json;

/* What is handed in, under which version, by whose calendar. */
struct filing_of {
	int64_t tenant, procedure, calendar, now_us;
	const struct json *contests; /* {"known_on","remote"}; or NULL */
};

struct filing {
	const char
	    *outcome; /* in-time, late, unknown; NULL: nothing is asked */
	const char *known_on; /* borrowed from contests; NULL: unknown */
	bool remote;
	int64_t last_day; /* since 1970 */
};

bool filing_judge(struct db *db, const struct filing_of *f, struct filing *out,
    struct err *e);

/* In the transaction that takes the dossier in. */
bool filing_add(struct db *db, int64_t tenant, int64_t dossier,
    const struct filing *f, struct err *e);

/* May an officer accept it?  reason: why, or NULL. */
bool filing_may_accept(
    struct db *db, const struct dossier *d, const char *reason, struct err *e);

/* {"outcome","known_on","remote","last_day","basis"}; NULL: nothing was asked.
 */
bool filing_json(
    struct db *db, const struct dossier *d, struct json **out, struct err *e);

#endif /* GATEWAY_FILING_H */
