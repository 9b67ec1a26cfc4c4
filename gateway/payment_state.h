#ifndef GATEWAY_PAYMENT_STATE_H
#define GATEWAY_PAYMENT_STATE_H

#include <stdbool.h>

/*
 * Which news moves an attempt from which state to which: see
 * payment_state.def.
 *
 * Pure: no clock, no database, no allocation.  payment_apply() is the only
 * caller that acts on the answer.
 */
enum payment_state {
#define STATE(number, state, name, sweep, vi) PAYMENT_##state = number,
#include "gateway/payment_state.def"
};

enum payment_event {
#define EVENT(event, name) PAYMENT_EV_##event,
#include "gateway/payment_state.def"
};

/* Counted apart from the enums, so that a switch over one needs no default. */
enum {
	PAYMENT_STATE_LAST = 0
#define STATE(...) +1
#include "gateway/payment_state.def"
};

enum {
	PAYMENT_EVENT_COUNT = 0
#define EVENT(...) +1
#include "gateway/payment_state.def"
};

/* False, with *to untouched, if the event is not allowed there. */
bool payment_next(
    enum payment_state from, enum payment_event ev, enum payment_state *to);

/* Does the sweep still ask the provider about it? */
bool payment_state_is_asked(enum payment_state s);

/* Has its provider proved money, owed or not? */
bool payment_state_is_paid(enum payment_state s);

const char *payment_state_name(enum payment_state s);
const char *payment_state_name_vi(enum payment_state s);

#endif /* GATEWAY_PAYMENT_STATE_H */
