#ifndef TESTS_UNIT_SMTP_STAGE_H
#define TESTS_UNIT_SMTP_STAGE_H

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/smtp.h"
#include "base/base.h"

/*
 * A mail server on loopback that follows a script, and the client it plays
 * with.  The server runs on a thread of its own and complains at the end.
 */
#define TIMEOUT_MS 5000
#define LINKS_MAX  4

/* What the server does on one of its connections, numbered as they come. */
enum verb {
	WELCOME, /* takes a connection; text is its answer to EHLO */
	HEAR,    /* this and no more comes in one piece */
	SAY,
	SPELL, /* says it byte by byte */
	WAIT,  /* for cue() */
	HANG_UP,
	HEAR_END, /* the client hangs up */
};

struct act {
	int link;
	enum verb verb;
	const char *text;
};

struct server {
	const struct act *script;
	size_t length;
	int listener, links[LINKS_MAX];
	unsigned pieces[LINKS_MAX]; /* heard */
	char url[64];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	size_t done; /* acts */
	int cues;
	char complaint[256];
};

/* Escaped, so that a complaint shows what came. */
static void
quote(char out[100], const char *s)
{
	size_t n = 0;

	for (; *s != '\0' && n < 97; s++) {
		if (*s == '\r' || *s == '\n')
			out[n++] = '\\';
		out[n++] = *s == '\r' ? 'r' : *s == '\n' ? 'n' : *s;
	}
	out[n] = '\0';
}

/* How many pieces came; the client does not let small ones grow together. */
static unsigned
pieces(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	return info.tcpi_data_segs_in;
}

static bool
hear(struct server *s, int link, const char *text)
{
	char in[4096], wanted[100], came[100];
	ssize_t n = recv(s->links[link], in, sizeof(in) - 1, 0);
	unsigned count = pieces(s->links[link]) - s->pieces[link];

	in[n > 0 ? n : 0] = '\0';
	s->pieces[link] += count;
	if (strcmp(in, text) == 0 && count == (n > 0))
		return true;
	quote(wanted, text);
	quote(came, in);
	snprintf(s->complaint, sizeof(s->complaint),
	    "act %zu: %s came for %s in %u pieces", s->done, came, wanted,
	    count);
	return false;
}

static bool
say(int fd, const char *text, size_t piece)
{
	size_t len = strlen(text);

	for (size_t at = 0; at < len; at += piece) {
		size_t n = piece < len - at ? piece : len - at;

		if (send(fd, text + at, n, MSG_NOSIGNAL) != (ssize_t)n)
			return false;
	}
	return true;
}

static bool
welcome(struct server *s, int link, const char *text)
{
	const struct timeval bound = { .tv_sec = 10 };
	char in[1024];
	int fd = accept(s->listener, NULL, NULL);

	s->links[link] = fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (!say(fd, "220 here\r\n", 99) || recv(fd, in, sizeof(in), 0) <= 0)
		return false;
	s->pieces[link] = pieces(fd);
	return say(fd, text, strlen(text));
}

static bool
wait_for_cue(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->cues == 0)
		pthread_cond_wait(&s->moved, &s->lock);
	s->cues--;
	pthread_mutex_unlock(&s->lock);
	return true;
}

static void
cue(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	s->cues++;
	pthread_cond_broadcast(&s->moved);
	pthread_mutex_unlock(&s->lock);
}

static bool
perform(struct server *s, const struct act *act)
{
	int fd = s->links[act->link];

	switch (act->verb) {
	case WELCOME:
		return welcome(s, act->link, act->text);
	case HEAR:
		return hear(s, act->link, act->text);
	case SAY:
		return say(fd, act->text, strlen(act->text));
	case SPELL:
		return say(fd, act->text, 1);
	case WAIT:
		return wait_for_cue(s);
	case HANG_UP:
		shutdown(fd, SHUT_RDWR);
		return true;
	case HEAR_END:
		return hear(s, act->link, "");
	}
	return false;
}

static void
move_on(struct server *s, size_t done)
{
	pthread_mutex_lock(&s->lock);
	s->done = done;
	pthread_cond_broadcast(&s->moved);
	pthread_mutex_unlock(&s->lock);
}

static void *
serve(void *arg)
{
	struct server *s = arg;
	bool ok = true;

	for (size_t i = 0; ok && i < s->length; i++) {
		ok = perform(s, &s->script[i]);
		if (ok)
			move_on(s, i + 1);
		else if (s->complaint[0] == '\0')
			snprintf(s->complaint, sizeof(s->complaint),
			    "act %zu failed", i);
	}
	for (int i = 0; i < LINKS_MAX; i++)
		if (s->links[i] >= 0)
			close(s->links[i]);
	close(s->listener);
	return NULL;
}

static void
start_server(struct server *s, const struct act *script, size_t length)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	const struct timeval bound = { .tv_sec = 10 };
	socklen_t len = sizeof(at);

	*s = (struct server){ .script = script, .length = length };
	for (int i = 0; i < LINKS_MAX; i++)
		s->links[i] = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->moved, NULL);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s->listener, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
	assert_int_equal(
	    bind(s->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(s->listener, 8), 0);
	assert_int_equal(
	    getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
	snprintf(
	    s->url, sizeof(s->url), "smtp://127.0.0.1:%d", ntohs(at.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

/* Until it has done so many acts. */
static void
await(struct server *s, size_t acts)
{
	struct timespec until;

	timespec_get(&until, TIME_UTC);
	until.tv_sec += 10;
	pthread_mutex_lock(&s->lock);
	while (s->done < acts)
		if (pthread_cond_timedwait(&s->moved, &s->lock, &until) != 0)
			break;
	pthread_mutex_unlock(&s->lock);
	assert_true(s->done >= acts);
}

/* All of the script was played. */
static void
end_server(struct server *s)
{
	pthread_join(s->thread, NULL);
	assert_string_equal(s->complaint, "");
	assert_int_equal(s->done, s->length);
	pthread_cond_destroy(&s->moved);
	pthread_mutex_destroy(&s->lock);
}

/* A server, its client, and what became of messages 0 to 9. */
struct stage {
	struct server server;
	struct smtp *smtp;
	char to[10][32];
	struct smtp_reply reply[10];
};

static void
open_stage(
    struct stage *g, const struct act *script, size_t length, size_t sessions)
{
	start_server(&g->server, script, length);
	g->smtp = smtp_new(&(struct smtp_options){
	    .url = g->server.url,
	    .ca_file = "",
	    .user = "",
	    .password = "",
	    .sessions = sessions,
	});
}

#define OPEN(g, script, sessions)                                              \
	open_stage(g, script, nitems(script), sessions)

static void
post_within(struct stage *g, int n, const char *text, int timeout_ms)
{
	snprintf(g->to[n], sizeof(g->to[n]), "%d@b.vn", n);
	smtp_start(g->smtp,
	    &(struct smtp_message){
		.from = "a@b.vn",
		.to = g->to[n],
		.data = text,
		.len = strlen(text),
		.timeout_ms = timeout_ms,
	    },
	    &g->reply[n]);
}

static void
post(struct stage *g, int n, const char *text)
{
	post_within(g, n, text, TIMEOUT_MS);
}

/* Which of them has ended. */
static int
next(struct stage *g)
{
	struct smtp_reply reply;
	struct smtp_reply *tag = smtp_next(g->smtp, &reply);

	if (tag == NULL)
		return -1;
	*tag = reply;
	return (int)(tag - g->reply);
}

static void
end_all(struct stage *g)
{
	while (next(g) >= 0)
		continue;
}

static void
close_stage(struct stage *g)
{
	smtp_free(g->smtp);
	end_server(&g->server);
}

#define assert_verdict(g, n, want) assert_int_equal((g)->reply[n].verdict, want)

#define BARE                       "250 here\r\n"
#define PIPELINED                  "250-here\r\n250-size\r\n250 Pipelining\r\n"

#define MAIL4                      "MAIL FROM:<a@b.vn> SIZE=4\r\n"
#define RCPT(n)                    "RCPT TO:<" #n "@b.vn>\r\n"
#define ENVELOPE(n)                MAIL4 RCPT(n) "DATA\r\n"
#define GO                         "250 ok\r\n250 ok\r\n354 go\r\n"
#define END                        ".\r\n"

#endif /* TESTS_UNIT_SMTP_STAGE_H */
