#include "adapters/transfer_answer.h"

#include "adapters/transfer_code.h"

void
transfer_answer(
    enum pay_answer a, const struct pay_heard *h, struct pay_reply *out)
{
	(void)h;
	out->type = "application/json";
	switch (a) {
	case PAY_ANSWER_DONE:
	case PAY_ANSWER_ALREADY:
	case PAY_ANSWER_UNKNOWN:
	case PAY_ANSWER_OTHER_AMOUNT:
	case PAY_ANSWER_CLASH:
		out->status = 200;
		break;
	case PAY_ANSWER_BAD_MAC:
		out->status = 401;
		break;
	case PAY_ANSWER_FLOOD:
		out->status = 429;
		break;
	case PAY_ANSWER_NO_INPUT:
		out->status = 400;
		break;
	case PAY_ANSWER_TROUBLE:
		out->status = 503;
		break;
	}
	buf_puts(&out->body,
	    out->status == 200 ? "{\"success\":true}" : "{\"success\":false}");
}

void
transfer_content(const char *content, struct pay_notice *out)
{
	char mark[TRANSFER_MARK_LEN];

	if (transfer_code_find(content, mark) == 1)
		pay_keep(out->mark, sizeof(out->mark), mark);
	pay_keep(out->ref, sizeof(out->ref), content);
}
