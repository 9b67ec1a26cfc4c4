#include "adapters/smtp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/smtp_connection.h"
#include "adapters/smtp_session.h"
#include "base/blob.h"
#include "base/clock.h"

#define QUIT_US     CLOCK_SEC_US
#define ADDRESS_MAX 320

struct smtp {
	struct smtp_dialer *dialer;
	struct smtp_session *session[SMTP_SESSIONS_MAX];
	size_t count, limit, busy;
	struct smtp_jobs free, ended;
	struct smtp_job jobs[2 * SMTP_SESSIONS_MAX];
};

/*
 * 530, 534, 535 and 538 (RFC 4954, 6) are about our log-in, and 421 about the
 * server: none of them is a reason to give a message up.
 */
enum smtp_verdict
smtp_judge(int code, bool about_message)
{
	if (!about_message || code == 421 || code == 530 || code == 534 ||
	    code == 535 || code == 538)
		return SMTP_UNREACHABLE;
	if (code >= 500 && code <= 599)
		return SMTP_PERMANENT;
	if (code >= 400 && code <= 499)
		return SMTP_TEMPORARY;
	return SMTP_UNREACHABLE;
}

struct smtp *
smtp_new(const struct smtp_options *o)
{
	struct smtp *s = blob_calloc(1, sizeof(*s));

	assert(o->sessions > 0 && o->sessions <= SMTP_SESSIONS_MAX);

	STAILQ_INIT(&s->free);
	STAILQ_INIT(&s->ended);
	s->dialer = smtp_dialer_new();
	s->count = s->limit = o->sessions;
	for (size_t i = 0; i < s->count; i++)
		s->session[i] = smtp_session_new(s->dialer, o, &s->ended);
	for (size_t i = 0; i < 2 * s->count; i++)
		STAILQ_INSERT_TAIL(&s->free, &s->jobs[i], link);
	return s;
}

/* Those that wait for the server on an open connection. */
static size_t
collect(struct smtp *s, struct pollfd *fds, struct smtp_session **of)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		if (smtp_session_awaits(s->session[i], &fds[n]))
			of[n++] = s->session[i];
	return n;
}

static int
ms_until(int64_t us)
{
	int64_t left_us = us - clock_mono_us();

	return left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
}

/* Waits for one of them or the time, and works on those that are ready;
 * false: none of them waits for anything. */
static bool
attend(struct smtp *s, int64_t until_us)
{
	struct smtp_session *of[SMTP_SESSIONS_MAX];
	struct pollfd fds[SMTP_SESSIONS_MAX];
	struct smtp_session *dialed;
	size_t n = collect(s, fds, of);

	if (n == 0 && !smtp_dialer_is_busy(s->dialer))
		return false;
	smtp_dialer_wait(s->dialer, fds, n, ms_until(until_us));
	while ((dialed = smtp_dialer_next(s->dialer)) != NULL)
		smtp_session_dialed(dialed);
	for (size_t i = 0; i < n; i++)
		if (fds[i].revents != 0)
			smtp_session_work(of[i]);
	return true;
}

/* Ends all sessions from that one on, and waits for good-byes together. */
static void
hang_up(struct smtp *s, size_t from)
{
	int64_t until_us = clock_mono_us() + QUIT_US;

	for (size_t i = from; i < s->count; i++)
		smtp_session_quit(s->session[i]);
	while (clock_mono_us() < until_us && attend(s, until_us))
		continue;
	for (size_t i = from; i < s->count; i++)
		smtp_session_close(s->session[i]);
}

void
smtp_disconnect(struct smtp *s)
{
	assert(s->busy == 0);

	hang_up(s, 0);
}

void
smtp_limit(struct smtp *s, size_t sessions)
{
	assert(s->busy == 0);
	assert(sessions <= s->count);

	s->limit = sessions;
	hang_up(s, sessions);
}

void
smtp_free(struct smtp *s)
{
	if (s == NULL)
		return;
	hang_up(s, 0);
	for (size_t i = 0; i < s->count; i++)
		smtp_session_free(s->session[i]);
	smtp_dialer_free(s->dialer);
	free(s);
}

bool
smtp_has_room(const struct smtp *s)
{
	return s->busy < 2 * s->limit;
}

static struct smtp_session *
best_room(struct smtp *s)
{
	struct smtp_session *best = s->session[0];

	for (size_t i = 1; i < s->limit; i++)
		if (smtp_session_room(s->session[i]) > smtp_session_room(best))
			best = s->session[i];
	return best;
}

static bool
is_address(const char *s)
{
	return strlen(s) <= ADDRESS_MAX && strpbrk(s, "\r\n<>") == NULL;
}

void
smtp_start(struct smtp *s, const struct smtp_message *m, void *tag)
{
	struct smtp_job *job;

	assert(tag != NULL);
	assert(smtp_has_room(s));
	assert(is_address(m->from));
	assert(is_address(m->to));

	job = STAILQ_FIRST(&s->free);
	STAILQ_REMOVE_HEAD(&s->free, link);
	job->message = *m;
	job->reply = (struct smtp_reply){ .verdict = SMTP_UNREACHABLE };
	job->tag = tag;
	s->busy++;
	smtp_session_give(best_room(s), job);
}

/* What waits for another message goes to a session that has become idle. */
static void
share_out(struct smtp *s)
{
	for (size_t i = 0; i < s->limit; i++) {
		struct smtp_session *idle;
		struct smtp_job *job;

		if (smtp_session_room(s->session[i]) != SMTP_ROOM_NONE)
			continue;
		idle = best_room(s);
		if (smtp_session_room(idle) != SMTP_ROOM_IDLE)
			return;
		job = smtp_session_take_back(s->session[i]);
		if (job != NULL)
			smtp_session_give(idle, job);
	}
}

static int64_t
first_deadline_us(const struct smtp *s)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < s->count; i++)
		if (smtp_session_deadline_us(s->session[i]) < first)
			first = smtp_session_deadline_us(s->session[i]);
	return first;
}

static void
expire(struct smtp *s)
{
	int64_t now_us = clock_mono_us();

	for (size_t i = 0; i < s->count; i++)
		if (smtp_session_deadline_us(s->session[i]) <= now_us)
			smtp_session_expire(s->session[i]);
}

void *
smtp_next(struct smtp *s, struct smtp_reply *out)
{
	struct smtp_job *job;

	if (s->busy == 0)
		return NULL;
	while ((job = STAILQ_FIRST(&s->ended)) == NULL) {
		for (size_t i = 0; i < s->limit; i++)
			smtp_session_release(s->session[i]);
		if (!STAILQ_EMPTY(&s->ended))
			continue;
		attend(s, first_deadline_us(s));
		share_out(s);
		expire(s);
	}
	STAILQ_REMOVE_HEAD(&s->ended, link);
	STAILQ_INSERT_TAIL(&s->free, job, link);
	s->busy--;
	*out = job->reply;
	return job->tag;
}
