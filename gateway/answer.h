#ifndef GATEWAY_ANSWER_H
#define GATEWAY_ANSWER_H

#include <stddef.h>

/*
 * What happens around every handler, in this order: who asks and may he; is
 * the key there, in work, or answered already; is the body JSON; the handler;
 * and a refusal under a key is kept, so that it is repeated as it was given.
 *
 * The provider's own MAC (AUTH_MAC) is the adapter's to check, and the
 * operator's listener has been the check for AUTH_OPERATE; neither costs a
 * question to the database.
 */
struct inflight;
struct reply;
struct request;
struct route;

/* req->db is NULL while there is no connection. */
struct reply *answer_one(
    struct request *req, const struct route *route, struct inflight *busy);

/* All of one BATCH route and on one connection; fills replies.  A handler of
 * a batch is called without a database too, since what a provider is told
 * then is the provider's own rule. */
void answer_all(struct request **requests, struct reply **replies, size_t count,
    const struct route *route);

#endif /* GATEWAY_ANSWER_H */
