#ifndef GATEWAY_REFUND_STATE_H
#define GATEWAY_REFUND_STATE_H

#include <stdbool.h>

/*
 * Which event moves a refund from which state to which: see refund_state.def.
 *
 * Pure: no clock, no database, no allocation.  refund_advance() is the only
 * caller that acts on the answer.
 */
enum refund_state {
#define STATE(number, state, name, who, vi) REFUND_##state = number,
#include "gateway/refund_state.def"
};

enum refund_event {
#define EVENT(event, name, kind) REFUND_EV_##event,
#include "gateway/refund_state.def"
};

enum {
	REFUND_STATE_LAST = 0
#define STATE(...) +1
#include "gateway/refund_state.def"
};

enum {
	REFUND_EVENT_COUNT = 0
#define EVENT(...) +1
#include "gateway/refund_state.def"
};

/* False, with *to untouched, if the event is not allowed there. */
bool refund_next(
    enum refund_state from, enum refund_event ev, enum refund_state *to);

/* Does refund_sweep() go on with it? */
bool refund_state_goes_on(enum refund_state s);

/* A state that nothing leaves. */
bool refund_state_is_over(enum refund_state s);

const char *refund_state_name(enum refund_state s);
const char *refund_state_name_vi(enum refund_state s);
const char *refund_event_name(enum refund_event ev);

/* What the record calls it; "" for what is no news to anyone. */
const char *refund_event_kind(enum refund_event ev);

#endif /* GATEWAY_REFUND_STATE_H */
