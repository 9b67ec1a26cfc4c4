#include "gateway/payment_state.h"

#include <assert.h>
#include <stddef.h>

#include "base/base.h"

enum { SETTLED, ASKED };

static const struct {
	const char *name;
	const char *name_vi;
	bool asked;
} states[] = {
#define STATE(number, state, name, sweep, vi)                                  \
	[number] = { name, vi, (sweep) == ASKED },
#include "gateway/payment_state.def"
};

static const struct {
	enum payment_state from;
	enum payment_event event;
	enum payment_state to;
} edges[] = {
#define EDGE(from, event, to)                                                  \
	{ PAYMENT_##from, PAYMENT_EV_##event, PAYMENT_##to },
#include "gateway/payment_state.def"
};

bool
payment_next(
    enum payment_state from, enum payment_event ev, enum payment_state *to)
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
payment_state_is_asked(enum payment_state s)
{
	assert(s > 0 && s < nitems(states));
	return states[s].asked;
}

bool
payment_state_is_paid(enum payment_state s)
{
	return s == PAYMENT_PAID || s == PAYMENT_PAID_LATE ||
	       s == PAYMENT_SURPLUS;
}

const char *
payment_state_name(enum payment_state s)
{
	assert(s > 0 && s < nitems(states));
	return states[s].name;
}

const char *
payment_state_name_vi(enum payment_state s)
{
	assert(s > 0 && s < nitems(states));
	return states[s].name_vi;
}
