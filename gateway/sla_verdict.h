#ifndef GATEWAY_SLA_VERDICT_H
#define GATEWAY_SLA_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Is a dossier in time?  Two rules are in use, and they differ; so each
 * answer says whose it is.
 *
 * National (Decision 766, indicator 2.1): by the instant; early is on time.
 * While a supplement is awaited the end is the moment of the request, and
 * more than one request is late whatever the dates say.
 *
 * By date (provincial practice): the day of the end against the day it was
 * due, with early apart.
 *
 * Neither says anything before acceptance, nor by date while work goes on in
 * time.  Pure.
 */
struct dossier;

enum sla_verdict {
	SLA_UNDECIDED,
	SLA_EARLY, /* by date alone */
	SLA_ON_TIME,
	SLA_LATE,
};

enum sla_verdict sla_verdict_national(const struct dossier *d, int64_t now_us);
enum sla_verdict sla_verdict_by_date(const struct dossier *d, int64_t now_us);

/* "early", "on-time", "late"; NULL for undecided. */
const char *sla_verdict_name(enum sla_verdict v);

/* More than one was asked for. */
bool sla_supplements_are_late(const struct dossier *d);

/* One more request for a supplement would count the dossier late. */
bool sla_supplement_is_used(const struct dossier *d);

#endif /* GATEWAY_SLA_VERDICT_H */
