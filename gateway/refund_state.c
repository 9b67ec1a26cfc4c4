#include "gateway/refund_state.h"

#include <assert.h>
#include <stddef.h>

#include "base/base.h"

enum who { HAND, SELF, OVER };

static const struct {
	const char *name;
	const char *name_vi;
	enum who who;
} states[] = {
#define STATE(number, state, name, who, vi) [number] = { name, vi, who },
#include "gateway/refund_state.def"
};

static const struct {
	const char *name;
	const char *kind;
} events[] = {
#define EVENT(event, name, kind) { name, kind },
#include "gateway/refund_state.def"
};

static const struct {
	enum refund_state from;
	enum refund_event event;
	enum refund_state to;
} edges[] = {
#define EDGE(from, event, to) { REFUND_##from, REFUND_EV_##event, REFUND_##to },
#include "gateway/refund_state.def"
};

bool
refund_next(enum refund_state from, enum refund_event ev, enum refund_state *to)
{
	for (size_t i = 0; i < nitems(edges); i++) {
		if (edges[i].from == from && edges[i].event == ev) {
			*to = edges[i].to;
			return true;
		}
	}
	return false;
}

bool
refund_state_goes_on(enum refund_state s)
{
	assert(s > 0 && s < nitems(states));
	return states[s].who == SELF;
}

bool
refund_state_is_over(enum refund_state s)
{
	assert(s > 0 && s < nitems(states));
	return states[s].who == OVER;
}

const char *
refund_state_name(enum refund_state s)
{
	assert(s > 0 && s < nitems(states));
	return states[s].name;
}

const char *
refund_state_name_vi(enum refund_state s)
{
	assert(s > 0 && s < nitems(states));
	return states[s].name_vi;
}

const char *
refund_event_name(enum refund_event ev)
{
	assert(ev < nitems(events));
	return events[ev].name;
}

const char *
refund_event_kind(enum refund_event ev)
{
	assert(ev < nitems(events));
	return events[ev].kind;
}
