#ifndef GATEWAY_REPLY_FEEDBACK_H
#define GATEWAY_REPLY_FEEDBACK_H

/*
 * Takes an action on the feedback that the path names, in a transaction with
 * its Idempotency-Key, and answers with the feedback as it is then: the 200
 * with its ETag, or the refusal.  The body has been checked.
 */
struct reply;
struct request;

struct reply *reply_feedback(struct request *req, const char *action);

#endif /* GATEWAY_REPLY_FEEDBACK_H */
