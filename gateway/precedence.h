#ifndef GATEWAY_PRECEDENCE_H
#define GATEWAY_PRECEDENCE_H

#include <stddef.h>

/*
 * Whoever waits for an answer goes first.  What nobody waits for, messages,
 * timers, receipts, gives way between its steps; each time for so long at most,
 * so that it goes on however many come.  For this process; any thread.
 */
void precedence_enter(void);         /* a request is to be answered */
void precedence_leave(size_t count); /* so many have been */

/* Returns when no request is to be answered, after 50 ms if not before. */
void precedence_give_way(void);

#endif /* GATEWAY_PRECEDENCE_H */
