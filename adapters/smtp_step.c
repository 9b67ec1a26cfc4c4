#include "adapters/smtp_step.h"

#include <assert.h>
#include <stdio.h>

#include "adapters/smtp.h"
#include "adapters/smtp_writer.h"
#include "base/base.h"

#define SIZE_LEN 32

enum argument { ARGUMENT_NONE, ARGUMENT_FROM, ARGUMENT_TO };

static const struct rule {
	const char *verb;
	enum argument argument;
	int yes; /* the first digit of the answer that goes on */
	enum smtp_step next;
} rules[] = {
	[SMTP_RSET] = { "RSET", ARGUMENT_NONE, 2, SMTP_MAIL },
	[SMTP_MAIL] = { "MAIL FROM:<", ARGUMENT_FROM, 2, SMTP_RCPT },
	[SMTP_RCPT] = { "RCPT TO:<", ARGUMENT_TO, 2, SMTP_DATA },
	[SMTP_DATA] = { "DATA", ARGUMENT_NONE, 3, SMTP_TEXT },
	[SMTP_TEXT] = { NULL, ARGUMENT_NONE, 2, SMTP_IDLE },
};

static const struct rule *
rule_of(enum smtp_step step)
{
	assert(step >= SMTP_RSET && step < nitems(rules));

	return &rules[step];
}

/* RFC 1870 */
static void
say_size(size_t len, struct smtp_writer *w)
{
	char size[SIZE_LEN];

	snprintf(size, sizeof(size), " SIZE=%zu", len);
	smtp_writer_say(w, size);
}

void
smtp_step_say(enum smtp_step step, const struct smtp_message *m, bool size,
    struct smtp_writer *w)
{
	const struct rule *rule = rule_of(step);

	smtp_writer_say(w, rule->verb);
	if (rule->argument != ARGUMENT_NONE) {
		smtp_writer_say(
		    w, rule->argument == ARGUMENT_FROM ? m->from : m->to);
		smtp_writer_say(w, ">");
	}
	if (rule->argument == ARGUMENT_FROM && size)
		say_size(m->len, w);
	smtp_writer_say(w, "\r\n");
}

bool
smtp_step_is_yes(enum smtp_step step, int code)
{
	return code / 100 == rule_of(step)->yes;
}

enum smtp_step
smtp_step_next(enum smtp_step step)
{
	return rule_of(step)->next;
}
