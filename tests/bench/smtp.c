/*
 * smtp URL SESSIONS COUNT BYTES: sends so many mails by so many sessions and
 * does nothing else: no database, no letters.  What our SMTP client takes by
 * itself, which outbox.js holds a courier's rate against.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "adapters/smtp.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#define TIMEOUT_MS 20000

static void
write_letter(struct buf *out, size_t bytes)
{
	buf_puts(out, "Subject: bench\r\n\r\n");
	while (out->len < bytes)
		buf_puts(out,
		    "......................................................"
		    "..................\r\n");
}

/* False: none was under way. */
static bool
take_one(struct smtp *smtp)
{
	struct smtp_reply reply;

	if (smtp_next(smtp, &reply) == NULL)
		return false;
	if (reply.verdict != SMTP_ACCEPTED)
		errx(1, "%s", reply.text);
	return true;
}

int
main(int argc, char **argv)
{
	int64_t sessions, count, bytes, began;
	struct buf letter = { 0 };
	struct smtp_message mail = { .from = "a@example.com",
		.to = "b@example.com",
		.timeout_ms = TIMEOUT_MS };
	struct smtp *smtp;

	if (argc != 5 || !text_int(argv[2], &sessions) ||
	    !text_int(argv[3], &count) || !text_int(argv[4], &bytes) ||
	    sessions < 1 || sessions > SMTP_SESSIONS_MAX)
		errx(64, "usage: see the top of tests/bench/smtp.c");
	smtp = smtp_new(&(struct smtp_options){ .url = argv[1],
	    .ca_file = "",
	    .user = "",
	    .password = "",
	    .sessions = (size_t)sessions });
	write_letter(&letter, (size_t)bytes);
	mail.data = letter.data;
	mail.len = letter.len;
	began = clock_mono_us();
	for (int64_t i = 0; i < count; i++) {
		if (!smtp_has_room(smtp))
			take_one(smtp);
		smtp_start(smtp, &mail, &letter);
	}
	while (take_one(smtp))
		continue;
	printf("%lld\n", (long long)(clock_mono_us() - began));
	smtp_free(smtp);
	buf_release(&letter);
	return 0;
}
