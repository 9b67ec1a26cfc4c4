#include "gateway/sla_verdict.h"

#include <stddef.h>

#include "base/clock.h"
#include "gateway/dossier.h"

enum sla_verdict
sla_verdict_national(const struct dossier *d, int64_t now_us)
{
	int64_t end_us = d->ended_us == 0 ? now_us : d->ended_us;

	if (d->accepted_us == 0)
		return SLA_UNDECIDED;
	if (sla_supplements_are_late(d))
		return SLA_LATE;
	/* The clock stands still: in time while something was left. */
	if (d->due_us == 0)
		return d->pause_left_us > 0 ? SLA_ON_TIME : SLA_LATE;
	return end_us <= d->due_us ? SLA_ON_TIME : SLA_LATE;
}

enum sla_verdict
sla_verdict_by_date(const struct dossier *d, int64_t now_us)
{
	int64_t end_us = d->ended_us == 0 ? now_us : d->ended_us;
	int64_t end, due;

	if (d->accepted_us == 0 || d->due_us == 0)
		return SLA_UNDECIDED;
	end = clock_vn_day(end_us);
	due = clock_vn_day(d->due_us);
	if (end > due)
		return SLA_LATE;
	if (d->ended_us == 0)
		return SLA_UNDECIDED;
	return end < due ? SLA_EARLY : SLA_ON_TIME;
}

const char *
sla_verdict_name(enum sla_verdict v)
{
	static const char *const names[] = { NULL, "early", "on-time", "late" };

	return names[v];
}

bool
sla_supplements_are_late(const struct dossier *d)
{
	return d->supplements > 1;
}

bool
sla_supplement_is_used(const struct dossier *d)
{
	return d->supplements > 0;
}
