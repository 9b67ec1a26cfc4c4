#ifndef GATEWAY_INFLIGHT_H
#define GATEWAY_INFLIGHT_H

#include <stdbool.h>

/*
 * Which Idempotency-Keys this process works on right now.  A double that
 * comes meanwhile is told so at once, rather than judging the same documents
 * again; between gateways the row that idempotency_claim() writes decides.
 */
struct inflight;
struct request;

struct inflight *inflight_new(void);
void inflight_free(struct inflight *f);

/* False: the caller's key is here already.  Any thread. */
bool inflight_enter(struct inflight *f, const struct request *req);
void inflight_leave(struct inflight *f, const struct request *req);

#endif /* GATEWAY_INFLIGHT_H */
