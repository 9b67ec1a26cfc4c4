#ifndef ADAPTERS_TRANSFER_ANSWER_H
#define ADAPTERS_TRANSFER_ANSWER_H

#include "adapters/adapter.h"

/*
 * How those who watch an account are answered, SePay and payOS alike: 2xx ends
 * their calls, anything else has them call again.  A transfer for nobody was
 * heard all the same, and waits for an officer.
 */
void transfer_answer(
    enum pay_answer a, const struct pay_heard *h, struct pay_reply *out);

/* What a payer wrote says whose transfer it is: one code its mark, none or
 * several nothing but the words. */
void transfer_content(const char *content, struct pay_notice *out);

#endif /* ADAPTERS_TRANSFER_ANSWER_H */
