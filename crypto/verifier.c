/*
 * The gateway's side.  A child belongs to the thread that borrowed it, from
 * borrow() to give_back(); the lock guards who is busy, the nursery and the
 * counts, and is never held while a child thinks.  It is held while a dead
 * child is replaced: that takes a fork and the time to enter the sandbox,
 * and others would only wait for the same nursery.
 */
#include "crypto/verifier.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/chain.h"
#include "crypto/digest.h"
#include "crypto/fdpass.h"
#include "crypto/nursery.h"
#include "crypto/trust.h"
#include "crypto/verifier_wire.h"

/* How often a wait looks at the clock: a socket's own time-out costs less
 * than asking poll() for each answer. */
#define PATIENCE_US 20000

/* Standard streams, the socket, a message's descriptors, and few to spare. */
#define FILES_MAX (4 + VERIFIER_FDS_MAX + 6)

struct child {
	int sock; /* -1: none, to be asked for */
	bool busy;
	bool has_trust; /* of this generation */
	uint8_t generation[32];
};

struct verifier {
	struct nursery *nursery;
	struct child *children;
	size_t count;
	pthread_mutex_t lock; /* of what follows, busy and the nursery */
	pthread_cond_t freed;
	struct verifier_counts counts;
};

/* How a question ended, apart from a report. */
enum outcome { ANSWERED, CRASHED, TIMED_OUT };

/* Without a child, sock stays -1: the next borrower asks again. */
static void
adopt(struct verifier *v, struct child *c)
{
	static const struct timeval patience = { .tv_usec = PATIENCE_US };

	c->has_trust = false;
	c->sock = nursery_child(v->nursery, (size_t)(c - v->children));
	if (c->sock >= 0 && setsockopt(c->sock, SOL_SOCKET, SO_RCVTIMEO,
				&patience, sizeof(patience)) != 0)
		fatal("verifier: SO_RCVTIMEO");
}

struct verifier *
verifier_new(int children)
{
	static const struct nursery_care care = {
		.prepare = verifier_prepare,
		.serve = verifier_serve,
		.memory_max = VERIFIER_MEMORY_MAX,
		.files_max = FILES_MAX,
	};
	struct verifier *v = blob_calloc(1, sizeof(*v));

	assert(children > 0);

	v->count = (size_t)children;
	v->children = blob_calloc(v->count, sizeof(*v->children));
	pthread_mutex_init(&v->lock, NULL);
	pthread_cond_init(&v->freed, NULL);
	v->nursery = nursery_new(&care, v->count);
	for (size_t i = 0; i < v->count; i++) {
		adopt(v, &v->children[i]);
		if (v->children[i].sock < 0)
			fatalx("verifier: child %zu did not start", i);
	}
	return v;
}

void
verifier_free(struct verifier *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; i < v->count; i++) {
		assert(!v->children[i].busy);
		if (v->children[i].sock >= 0)
			close(v->children[i].sock);
	}
	nursery_free(v->nursery);
	pthread_cond_destroy(&v->freed);
	pthread_mutex_destroy(&v->lock);
	free(v->children);
	free(v);
}

/* An idle child has nothing to say: silence is health, and anything else an
 * end or a takeover. */
static bool
is_silent(int sock)
{
	char byte;

	return sock >= 0 && recv(sock, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 &&
	       (errno == EAGAIN || errno == EWOULDBLOCK);
}

static void
replace(struct verifier *v, struct child *c)
{
	if (c->sock >= 0)
		close(c->sock);
	adopt(v, c);
}

static struct child *
find_free(struct verifier *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (!v->children[i].busy)
			return &v->children[i];
	return NULL;
}

static struct child *
borrow(struct verifier *v)
{
	struct child *c;

	pthread_mutex_lock(&v->lock);
	while ((c = find_free(v)) == NULL)
		pthread_cond_wait(&v->freed, &v->lock);
	c->busy = true;
	if (!is_silent(c->sock))
		replace(v, c);
	pthread_mutex_unlock(&v->lock);
	return c;
}

static void
give_back(struct verifier *v, struct child *c, enum outcome outcome)
{
	pthread_mutex_lock(&v->lock);
	v->counts.crashed += outcome == CRASHED;
	v->counts.timed_out += outcome == TIMED_OUT;
	if (outcome != ANSWERED)
		replace(v, c);
	c->busy = false;
	pthread_cond_signal(&v->freed);
	pthread_mutex_unlock(&v->lock);
}

static uint32_t
cpu_ms(const struct verifier_job *job)
{
	size_t scale = job->cpu_scale == 0 ? 1 : job->cpu_scale;

	return (uint32_t)(VERIFIER_CPU_MS * scale);
}

static void
copy_name(char out[VERIFIER_NAME_LEN], const char *name)
{
	report_text(out, VERIFIER_NAME_LEN, name, strlen(name));
}

static void
copy_chain(struct verifier_chain *out, const struct chain_policies *p)
{
	assert(p->oid_count <= VERIFIER_OIDS_MAX);

	out->asked = true;
	out->explicit_policy = p->explicit_policy;
	out->inhibit_map = p->inhibit_map;
	out->inhibit_any = p->inhibit_any;
	out->oid_count = (uint32_t)p->oid_count;
	for (size_t i = 0; i < p->oid_count; i++) {
		assert(strlen(p->oids[i]) < VERIFIER_OID_LEN);
		memcpy(out->oids[i], p->oids[i], strlen(p->oids[i]));
	}
}

static uint32_t
more_len(const struct verifier_job *job)
{
	if (job->chain != NULL)
		return sizeof(struct verifier_more);
	return (uint32_t)job->content_count * VERIFIER_NAME_LEN;
}

static void
put_more(struct verifier_question *q, const struct verifier_job *job)
{
	q->more_len = more_len(job);
	memset(&q->more, 0, q->more_len);
	if (job->chain != NULL)
		copy_chain(&q->more.chain, job->chain);
	for (size_t i = 0; i < job->content_count; i++)
		copy_name(q->more.content_name[i], job->contents[i].name);
}

static void
count_verdict(struct verifier *v)
{
	pthread_mutex_lock(&v->lock);
	v->counts.judged++;
	pthread_mutex_unlock(&v->lock);
}

/* The bundle goes along when the child knows another one, or none. */
static bool
needs_trust(struct child *c, const struct verifier_job *job)
{
	if (c->has_trust &&
	    memcmp(c->generation, job->trust_generation, 32) == 0)
		return false;
	memcpy(c->generation, job->trust_generation, sizeof(c->generation));
	c->has_trust = true;
	return true;
}

/* With a hash the trust's piece of that name is asked for, else a verdict. */
static bool
ask(struct child *c, const struct verifier_job *job, const uint8_t *sha256)
{
	struct verifier_question q;
	int fds[VERIFIER_FDS_MAX] = { job->document_fd };
	size_t count = 1;

	memset(&q, 0, VERIFIER_QUESTION_LEN);
	q.at_us = job->at_us;
	q.revocation = (uint32_t)job->revocation;
	q.content_count = (uint32_t)job->content_count;
	q.cpu_ms = cpu_ms(job);
	if (sha256 != NULL) {
		q.task = VERIFIER_EVIDENCE;
		memcpy(q.sha256, sha256, sizeof(q.sha256));
	}
	memcpy(q.generation, job->trust_generation, sizeof(q.generation));
	copy_name(q.name, job->name);
	put_more(&q, job);
	for (size_t i = 0; i < job->content_count; i++)
		fds[count++] = job->contents[i].fd;
	q.has_trust = needs_trust(c, job);
	if (q.has_trust)
		fds[count++] = job->trust_fd;
	return fdpass_send(
	    c->sock, &q, VERIFIER_QUESTION_LEN + q.more_len, fds, count);
}

/* A child that was asked, and until when it is listened to. */
struct ear {
	int sock;
	int64_t deadline_us;
};

/* Reads at least least and at most most bytes before the deadline; *len is
 * what was there and then what is. */
static enum outcome
read_some(
    const struct ear *ear, void *data, size_t least, size_t most, size_t *len)
{
	ssize_t n;

	while (*len < least) {
		if (clock_mono_us() >= ear->deadline_us)
			return TIMED_OUT;
		n = recv(ear->sock, (char *)data + *len, most - *len, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return CRASHED;
		if (n > 0)
			*len += (size_t)n;
	}
	return ANSWERED;
}

/* One framed answer of at most most bytes; the caller frees *out.  Most are
 * short and come in one piece with their length. */
static enum outcome
hear(const struct ear *ear, uint32_t most, struct blob *out)
{
	struct {
		uint32_t len;
		char bytes[8192];
	} first;
	size_t have = 0;
	enum outcome outcome;

	outcome =
	    read_some(ear, &first, sizeof(first.len), sizeof(first), &have);
	if (outcome != ANSWERED)
		return outcome;
	have -= sizeof(first.len);
	if (first.len > most || have > first.len)
		return CRASHED;
	out->data = blob_calloc(first.len + 1, 1);
	out->len = first.len;
	memcpy(out->data, first.bytes, have);
	return read_some(ear, out->data, out->len, out->len, &have);
}

/* A child that says more than it may, or what is no report, has been taken
 * over or is broken: that is a crash. */
static enum outcome
hear_report(const struct ear *ear, struct report **out)
{
	struct blob bytes = { 0 };
	struct err e = { 0 };
	enum outcome outcome;

	outcome = hear(ear, REPORT_BYTES_MAX, &bytes);
	if (outcome == ANSWERED &&
	    !report_read(bytes.data, bytes.len, out, &e)) {
		log_warnx("verifier: not a report: %s", e.detail);
		outcome = CRASHED;
	}
	blob_release(&bytes);
	return outcome;
}

static struct ear
listen_to(const struct child *c, int wall_ms)
{
	if (wall_ms == 0)
		wall_ms = VERIFIER_WALL_MS;
	return (
	    struct ear){ c->sock, clock_mono_us() + wall_ms * INT64_C(1000) };
}

/* What a document gets whose child did not answer: doubt, in a word that the
 * caller can tell from a verdict. */
static struct report *
unfinished(const struct verifier_job *job, enum outcome outcome)
{
	struct report *r = report_new(job->name);

	if (outcome == TIMED_OUT)
		report_find(r, FIND_VERIFIER, "no answer in time (%d s)",
		    VERIFIER_WALL_MS / 1000);
	else
		report_find(r, FIND_VERIFIER,
		    "ended by a fault or a limit: %d ms of processor time, "
		    "%ld MiB of memory",
		    VERIFIER_CPU_MS, VERIFIER_MEMORY_MAX >> 20);
	log_warnx("verifier: %s: %s", job->name, r->findings[0].detail);
	return r;
}

struct report *
verifier_try(struct verifier *v, const struct verifier_job *job)
{
	struct child *c = borrow(v);
	enum outcome outcome = CRASHED;
	struct ear ear = listen_to(c, job->wall_ms);
	struct report *r = NULL;

	assert(job->content_count <= VERIFIER_CONTENTS_MAX);

	if (c->sock >= 0 && ask(c, job, NULL))
		outcome = hear_report(&ear, &r);
	give_back(v, c, outcome);
	if (r == NULL)
		return unfinished(job, outcome);
	copy_name(r->file, job->name);
	return r;
}

struct report *
verifier_judge(struct verifier *v, const struct verifier_job *job)
{
	struct report *r = verifier_try(v, job);

	count_verdict(v);
	return r;
}

/* The child's word for a length is believed only as far as it can be. */
static bool
read_length(const struct blob *b, int document_fd, size_t *end)
{
	off_t len = lseek(document_fd, 0, SEEK_END);
	uint64_t wire;

	if (b->len != sizeof(wire))
		return false;
	memcpy(&wire, b->data, sizeof(wire));
	if (len < 0 || wire > (uint64_t)len)
		return false;
	*end = (size_t)wire;
	return true;
}

bool
verifier_revision(struct verifier *v, int document_fd, size_t n, size_t *end)
{
	const struct verifier_question q = {
		.cpu_ms = VERIFIER_CPU_MS,
		.revision = (uint32_t)n,
	};
	struct child *c = borrow(v);
	struct ear ear = listen_to(c, 0);
	enum outcome outcome = CRASHED;
	struct blob answer = { 0 };
	bool ok;

	assert(n > 0 && n <= REPORT_SIGNATURES_MAX);

	if (c->sock >= 0 &&
	    fdpass_send(c->sock, &q, VERIFIER_QUESTION_LEN, &document_fd, 1))
		outcome = hear(&ear, sizeof(uint64_t), &answer);
	give_back(v, c, outcome);
	ok = outcome == ANSWERED && read_length(&answer, document_fd, end);
	blob_release(&answer);
	return ok;
}

bool
verifier_evidence(struct verifier *v, const struct verifier_job *job,
    const uint8_t sha256[32], struct blob *out)
{
	struct verifier_job q = {
		.name = "",
		.document_fd = job->trust_fd,
		.trust_fd = job->trust_fd,
	};
	struct child *c = borrow(v);
	struct ear ear = listen_to(c, 0);
	enum outcome outcome = CRASHED;
	struct blob answer = { 0 };
	uint8_t own[DIGEST_LEN];

	memcpy(q.trust_generation, job->trust_generation,
	    sizeof(q.trust_generation));
	if (c->sock >= 0 && ask(c, &q, sha256))
		outcome = hear(&ear, TRUST_FILE_MAX, &answer);
	give_back(v, c, outcome);
	digest_sha256(answer.data, answer.len, own);
	if (outcome != ANSWERED || memcmp(own, sha256, sizeof(own)) != 0) {
		blob_release(&answer);
		return false;
	}
	*out = answer;
	return true;
}

bool
verifier_describe(
    struct verifier *v, int fd, enum trust_kind kind, struct trust_term *out)
{
	const struct verifier_question q = {
		.cpu_ms = VERIFIER_CPU_MS,
		.task = VERIFIER_DESCRIBE,
		.kind = kind,
	};
	struct child *c = borrow(v);
	struct ear ear = listen_to(c, 0);
	enum outcome outcome = CRASHED;
	struct blob answer = { 0 };
	bool ok;

	if (c->sock >= 0 &&
	    fdpass_send(c->sock, &q, VERIFIER_QUESTION_LEN, &fd, 1))
		outcome = hear(&ear, sizeof(*out), &answer);
	give_back(v, c, outcome);
	ok = outcome == ANSWERED && answer.len == sizeof(*out);
	if (ok)
		memcpy(out, answer.data, sizeof(*out));
	blob_release(&answer);
	return ok;
}

struct verifier_counts
verifier_count(struct verifier *v)
{
	struct verifier_counts counts;

	pthread_mutex_lock(&v->lock);
	counts = v->counts;
	pthread_mutex_unlock(&v->lock);
	return counts;
}
