#include "adapters/smtp_session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/smtp_connection.h"
#include "adapters/smtp_reply.h"
#include "adapters/smtp_step.h"
#include "adapters/smtp_writer.h"
#include "base/blob.h"
#include "base/clock.h"

#define ENVELOPE_MAX 1024

struct smtp_session {
	struct smtp_connection *connection;
	struct smtp_jobs *ended;
	enum smtp_step step;
	struct smtp_job *now, *next;
	int64_t began_us, deadline_us; /* of now */
	bool refused;   /* now: its verdict stands, and is not to be sent */
	bool answered;  /* now: the server has said something about it */
	bool held;      /* now: its text could go, and waits for next */
	bool next_said; /* next: its envelope has been written */
	bool used;      /* the connection: now is not the first on it */
	bool reset;     /* the connection: it remembers one that was refused */
	struct smtp_reader reader;
	struct smtp_writer writer;
};

static bool
is_open(const struct smtp_session *s)
{
	return s->step > SMTP_CONNECTING;
}

static bool
is_pipelining(const struct smtp_session *s)
{
	return smtp_connection_pipelining(s->connection);
}

static void
say(struct smtp_session *s, const struct smtp_job *job, enum smtp_step step)
{
	smtp_step_say(step, &job->message, smtp_connection_size(s->connection),
	    &s->writer);
}

static void
say_envelope(
    struct smtp_session *s, const struct smtp_job *job, enum smtp_step step)
{
	do {
		say(s, job, step);
		step = smtp_step_next(step);
	} while (is_pipelining(s) && step != SMTP_TEXT);
}

static void
set_now(struct smtp_session *s, struct smtp_job *job)
{
	s->now = job;
	s->refused = s->answered = s->held = false;
	s->began_us = clock_mono_us();
	s->deadline_us = s->began_us + INT64_C(1000) * job->message.timeout_ms;
}

static void
begin(struct smtp_session *s)
{
	s->step = s->reset ? SMTP_RSET : SMTP_MAIL;
	s->reset = false;
	say_envelope(s, s->now, s->step);
}

static void
dial(struct smtp_session *s)
{
	int64_t left_ms = (s->deadline_us - clock_mono_us()) / 1000;

	s->step = SMTP_CONNECTING;
	smtp_connection_open(s->connection, left_ms > 0 ? (int)left_ms : 1);
}

/* The message has its verdict; the next one is the one now. */
static void
turn_over(struct smtp_session *s)
{
	struct smtp_job *next = s->next;

	s->now->reply.took_us = clock_mono_us() - s->began_us;
	STAILQ_INSERT_TAIL(s->ended, s->now, link);
	s->now = s->next = NULL;
	if (next != NULL)
		set_now(s, next);
}

static void
hang_up(struct smtp_session *s)
{
	smtp_connection_close(s->connection);
	smtp_writer_reset(&s->writer);
	s->reader.len = s->reader.lines = 0;
	s->used = s->reset = s->held = s->next_said = false;
	s->step = SMTP_CLOSED;
}

/* Nothing more comes from this connection. */
static void
lose(struct smtp_session *s, const struct smtp_answer *why)
{
	bool again = s->now != NULL && s->used && !s->answered &&
		     clock_mono_us() < s->deadline_us;
	struct smtp_answer words = *why; /* the connection's own, perhaps */

	hang_up(s);
	if (s->now != NULL && !again) {
		struct smtp_reply *reply = &s->now->reply;

		if (!s->refused) {
			reply->code =
			    words.code != 0 ? words.code : reply->code;
			memcpy(reply->text, words.text, sizeof(reply->text));
		}
		turn_over(s);
	}
	if (s->now != NULL)
		dial(s);
}

static void
lose_saying(struct smtp_session *s, const char *text)
{
	struct smtp_answer why = { 0 };

	smtp_reply_keep(why.text, text, strlen(text));
	lose(s, &why);
}

static void
finish(struct smtp_session *s)
{
	bool said = s->next_said;

	turn_over(s);
	s->used = true;
	s->next_said = false;
	s->step = SMTP_IDLE;
	if (s->now != NULL && said)
		s->step = SMTP_MAIL;
	else if (s->now != NULL)
		begin(s);
}

static void
send_text(struct smtp_session *s)
{
	const struct smtp_message *m = &s->now->message;

	s->held = false;
	s->now->reply.tls = smtp_connection_tls(s->connection);
	smtp_writer_begin(&s->writer, m->data, m->len);
}

/* What has been refused ends at once, whatever becomes of that (RFC 2920,
 * 3.1); the rest waits a moment for company. */
static void
begin_text(struct smtp_session *s)
{
	if (s->refused)
		smtp_writer_begin(&s->writer, "", 0);
	else if (is_pipelining(s) && s->next == NULL)
		s->held = true;
	else
		send_text(s);
}

static void
keep_answer(struct smtp_session *s, const struct smtp_answer *a,
    enum smtp_verdict verdict)
{
	struct smtp_reply *reply = &s->now->reply;

	reply->verdict = verdict;
	reply->code = a->code;
	memcpy(reply->text, a->text, sizeof(reply->text));
}

/* After an answer to what was asked; yes: it goes on. */
static void
advance(struct smtp_session *s, const struct smtp_answer *a, bool yes)
{
	enum smtp_step then = smtp_step_next(s->step);

	s->answered = s->step != SMTP_RSET;
	if (s->step == SMTP_TEXT) {
		if (!s->refused)
			keep_answer(s, a, SMTP_ACCEPTED);
		finish(s);
		return;
	}
	if (s->refused && (!is_pipelining(s) || (then == SMTP_TEXT && !yes))) {
		s->reset = true;
		finish(s);
		return;
	}
	s->now->reply.code = s->refused ? s->now->reply.code : a->code;
	s->step = then;
	if (then == SMTP_TEXT)
		begin_text(s);
	else if (!is_pipelining(s))
		say(s, s->now, then);
}

/* Has the server heard all of what it answers? */
static bool
was_asked(const struct smtp_session *s)
{
	size_t left;

	if (s->step == SMTP_TEXT)
		return !s->held && smtp_writer_ended(&s->writer);
	smtp_writer_rest(&s->writer, &left);
	return is_pipelining(s) || left == 0;
}

static void
take_answer(struct smtp_session *s, const struct smtp_answer *a)
{
	enum smtp_verdict no = smtp_judge(a->code, true);
	bool yes;

	if (s->now == NULL) {
		lose(s, a);
		return;
	}
	yes = smtp_step_is_yes(s->step, a->code);
	if (!yes && (no == SMTP_UNREACHABLE || s->step == SMTP_RSET)) {
		lose(s, a);
		return;
	}
	if (!yes && !s->refused)
		keep_answer(s, a, no);
	s->refused = s->refused || !yes;
	if (was_asked(s))
		advance(s, a, yes);
	else
		lose_saying(s, "the server answers before it is asked");
}

static void
take_bytes(struct smtp_session *s, const char *data, size_t len)
{
	struct smtp_answer answer;

	while (len > 0 && is_open(s)) {
		switch (smtp_reply_read(&s->reader, &data, &len, &answer)) {
		case SMTP_READ_MORE:
			return;
		case SMTP_READ_REPLY:
			take_answer(s, &answer);
			break;
		case SMTP_READ_GARBAGE:
			lose_saying(s, "the server's reply makes no sense");
			return;
		}
	}
}

/* Under TLS there may be more than the socket shows, until there is no more. */
static void
receive(struct smtp_session *s)
{
	char in[4096];
	size_t n;

	do {
		switch (
		    smtp_connection_recv(s->connection, in, sizeof(in), &n)) {
		case SMTP_IO_AGAIN:
			return;
		case SMTP_IO_DONE:
			take_bytes(s, in, n);
			break;
		case SMTP_IO_LOST:
			lose(s, smtp_connection_why(s->connection));
			return;
		}
	} while (is_open(s) &&
		 (n == sizeof(in) || smtp_connection_tls(s->connection)));
}

/* What there is to say, as far as there is room. */
static const char *
fill(struct smtp_session *s, size_t *len)
{
	struct smtp_writer *w = &s->writer;

	if (smtp_writer_fill(w) && s->step == SMTP_TEXT && !s->held &&
	    s->next != NULL && !s->next_said && is_pipelining(s) &&
	    smtp_writer_room(w) >= ENVELOPE_MAX) {
		say_envelope(s, s->next, SMTP_MAIL);
		s->next_said = true;
	}
	return smtp_writer_rest(w, len);
}

/* True: something went out.  A server that hangs up may have said why. */
static bool
transmit(struct smtp_session *s)
{
	bool any = false;
	const char *data;
	size_t len, n;

	while ((data = fill(s, &len)) != NULL && len > 0) {
		switch (smtp_connection_send(s->connection, data, len, &n)) {
		case SMTP_IO_AGAIN:
			return any;
		case SMTP_IO_DONE:
			smtp_writer_sent(&s->writer, n);
			any = true;
			break;
		case SMTP_IO_LOST:
			receive(s);
			if (is_open(s))
				lose(s, smtp_connection_why(s->connection));
			return false;
		}
	}
	return any;
}

void
smtp_session_work(struct smtp_session *s)
{
	while (is_open(s)) {
		receive(s);
		if (!is_open(s) || !transmit(s) ||
		    !smtp_connection_tls(s->connection))
			return;
	}
}

/* What can be said is said now. */
static void
speak(struct smtp_session *s)
{
	if (is_open(s) && transmit(s) && smtp_connection_tls(s->connection))
		smtp_session_work(s);
}

struct smtp_session *
smtp_session_new(struct smtp_dialer *d, const struct smtp_options *o,
    struct smtp_jobs *ended)
{
	struct smtp_session *s = blob_calloc(1, sizeof(*s));

	s->connection = smtp_connection_new(d, o, s);
	s->ended = ended;
	return s;
}

void
smtp_session_free(struct smtp_session *s)
{
	smtp_connection_free(s->connection);
	free(s);
}

enum smtp_room
smtp_session_room(const struct smtp_session *s)
{
	if (s->next != NULL)
		return SMTP_ROOM_NONE;
	if (s->held)
		return SMTP_ROOM_HELD;
	if (s->now != NULL)
		return SMTP_ROOM_BEHIND;
	return s->step == SMTP_IDLE ? SMTP_ROOM_IDLE : SMTP_ROOM_CLOSED;
}

/* A server that has something to say to one that is idle says good-bye. */
static bool
is_quiet(struct smtp_session *s)
{
	char in;
	size_t n;

	return smtp_connection_recv(s->connection, &in, 1, &n) == SMTP_IO_AGAIN;
}

void
smtp_session_give(struct smtp_session *s, struct smtp_job *job)
{
	assert(s->next == NULL);

	if (s->now != NULL) {
		s->next = job;
		if (s->held)
			send_text(s);
	} else {
		set_now(s, job);
		if (s->step == SMTP_IDLE && is_quiet(s)) {
			begin(s);
		} else {
			hang_up(s);
			dial(s);
		}
	}
	speak(s);
}

struct smtp_job *
smtp_session_take_back(struct smtp_session *s)
{
	struct smtp_job *job = s->next_said ? NULL : s->next;

	if (job != NULL)
		s->next = NULL;
	return job;
}

void
smtp_session_release(struct smtp_session *s)
{
	if (!s->held)
		return;
	send_text(s);
	speak(s);
}

void
smtp_session_dialed(struct smtp_session *s)
{
	if (!smtp_connection_is_open(s->connection)) {
		lose(s, smtp_connection_why(s->connection));
		return;
	}
	begin(s);
	speak(s);
}

bool
smtp_session_awaits(const struct smtp_session *s, struct pollfd *out)
{
	size_t left;

	if (!is_open(s) || (s->now == NULL && s->step != SMTP_QUIT))
		return false;
	smtp_writer_rest(&s->writer, &left);
	out->fd = smtp_connection_fd(s->connection);
	out->events = left > 0 ? POLLIN | POLLOUT : POLLIN;
	out->revents = 0;
	return true;
}

int64_t
smtp_session_deadline_us(const struct smtp_session *s)
{
	return s->now != NULL ? s->deadline_us : INT64_MAX;
}

void
smtp_session_expire(struct smtp_session *s)
{
	char text[64];

	snprintf(text, sizeof(text), "no answer within %d ms",
	    s->now->message.timeout_ms);
	lose_saying(s, text);
}

void
smtp_session_quit(struct smtp_session *s)
{
	if (s->step != SMTP_IDLE) {
		smtp_session_close(s);
		return;
	}
	s->step = SMTP_QUIT;
	smtp_writer_say(&s->writer, "QUIT\r\n");
	transmit(s);
}

void
smtp_session_close(struct smtp_session *s)
{
	hang_up(s);
	s->now = s->next = NULL;
}
