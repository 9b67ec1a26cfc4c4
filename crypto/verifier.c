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
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
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
#include "crypto/desk.h"
#include "crypto/digest.h"
#include "crypto/fdpass.h"
#include "crypto/nursery.h"
#include "crypto/trust.h"
#include "crypto/verifier_wire.h"

/* How often a wait looks at the clock, and whether the child still lives: no
 * bell rings for either. */
#define PATIENCE_US 20000

/* Sanitizers make the same work five times as dear. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DEARER 5
#else
#define DEARER 1
#endif

/* Standard streams, the socket, a message's descriptors, and few to spare. */
#define FILES_MAX (4 + VERIFIER_FDS_MAX + 6)

struct child {
	int sock; /* -1: none, to be asked for */
	struct desk *desk;
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
enum outcome { ANSWERED, CRASHED, TIMED_OUT, USED_UP };

static int64_t
deadline(int wall_ms)
{
	if (wall_ms == 0)
		wall_ms = VERIFIER_WALL_MS * DEARER;
	return clock_mono_us() + wall_ms * INT64_C(1000);
}

static bool
is_gone(int sock)
{
	char byte;
	ssize_t n = recv(sock, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static enum outcome
await(const struct child *c, int64_t deadline_us)
{
	while (!desk_wait(c->desk, PATIENCE_US)) {
		if (is_gone(c->sock))
			return CRASHED;
		if (clock_mono_us() >= deadline_us)
			return TIMED_OUT;
	}
	return ANSWERED;
}

/* Without a child, sock stays -1: the next borrower asks again.  Returns the
 * signal that ended the one before. */
static int
adopt(struct verifier *v, struct child *c)
{
	static const struct timeval patience = { .tv_usec = PATIENCE_US };
	int ended;

	c->has_trust = false;
	c->sock = nursery_child(v->nursery, (size_t)(c - v->children), &ended);
	if (c->sock < 0)
		return ended;
	if (setsockopt(c->sock, SOL_SOCKET, SO_RCVTIMEO, &patience,
		sizeof(patience)) != 0)
		fatal("verifier: SO_RCVTIMEO");
	if (desk_hand(c->desk, c->sock) && await(c, deadline(0)) == ANSWERED)
		return ended;
	close(c->sock);
	c->sock = -1;
	return ended;
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
		v->children[i].desk = desk_new();
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
		desk_free(v->children[i].desk);
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

static int
replace(struct verifier *v, struct child *c)
{
	if (c->sock >= 0)
		close(c->sock);
	return adopt(v, c);
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

/* Tells a child that used up its processor time, which SIGPROF ends, from one
 * that died otherwise. */
static enum outcome
give_back(struct verifier *v, struct child *c, enum outcome outcome)
{
	pthread_mutex_lock(&v->lock);
	v->counts.crashed += outcome == CRASHED;
	v->counts.timed_out += outcome == TIMED_OUT;
	if (outcome != ANSWERED && replace(v, c) == SIGPROF &&
	    outcome == CRASHED)
		outcome = USED_UP;
	c->busy = false;
	pthread_cond_signal(&v->freed);
	pthread_mutex_unlock(&v->lock);
	return outcome;
}

static uint32_t
cpu_ms(const struct verifier_job *job)
{
	size_t scale = job->cpu_scale == 0 ? 1 : job->cpu_scale;

	return (uint32_t)(VERIFIER_CPU_MS * scale * DEARER);
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

/* A question to a child, what goes beside the desk, and until when the answer
 * is waited for. */
struct talk {
	struct child *child;
	int64_t deadline_us;
	struct verifier_question q;
	int fds[VERIFIER_FDS_MAX];
	size_t fd_count;
};

/* Of the question only what will be written is cleared. */
static void
begin(struct talk *t, struct verifier *v, int wall_ms)
{
	t->child = borrow(v);
	t->deadline_us = deadline(wall_ms);
	memset(&t->q, 0, VERIFIER_QUESTION_LEN);
	t->q.cpu_ms = VERIFIER_CPU_MS;
	t->fd_count = 0;
}

/* File 0 is the document, then come its contents. */
static void
put_file(struct talk *t, size_t i, int fd, const struct verifier_bytes *b)
{
	struct desk *desk = t->child->desk;
	struct desk_place *place = &t->q.files[i];
	bool ok = b->data != NULL ? desk_lay(desk, b->data, b->len, place)
				  : desk_lay_file(desk, fd, place);

	if (!ok)
		t->fds[t->fd_count++] = fd;
}

/* The bundle goes along when the child knows another one, or none. */
static void
put_trust(struct talk *t, const struct verifier_job *job)
{
	struct child *c = t->child;

	memcpy(t->q.generation, job->trust_generation, sizeof(c->generation));
	if (c->has_trust &&
	    memcmp(c->generation, job->trust_generation, 32) == 0)
		return;
	memcpy(c->generation, job->trust_generation, sizeof(c->generation));
	c->has_trust = true;
	t->q.has_trust = true;
	t->fds[t->fd_count++] = job->trust_fd;
}

static void
put_job(struct talk *t, const struct verifier_job *job)
{
	struct verifier_question *q = &t->q;

	q->at_us = job->at_us;
	q->revocation = (uint32_t)job->revocation;
	q->content_count = (uint32_t)job->content_count;
	q->cpu_ms = cpu_ms(job);
	copy_name(q->name, job->name);
	put_more(q, job);
	put_file(t, 0, job->document_fd, &job->document);
	for (size_t i = 0; i < job->content_count; i++)
		put_file(
		    t, 1 + i, job->contents[i].fd, &job->contents[i].bytes);
	put_trust(t, job);
}

static bool
ask(struct talk *t)
{
	const struct child *c = t->child;

	t->q.fd_count = (uint32_t)t->fd_count;
	if (c->sock < 0 || (t->fd_count > 0 && !fdpass_send(c->sock, "", 1,
						   t->fds, t->fd_count)))
		return false;
	desk_ask(c->desk, &t->q, VERIFIER_QUESTION_LEN + t->q.more_len);
	return true;
}

/* What did not fit on the desk. */
static enum outcome
read_on(const struct talk *t, struct blob *out)
{
	size_t have = 0;
	ssize_t n;

	while (have < out->len) {
		if (clock_mono_us() >= t->deadline_us)
			return TIMED_OUT;
		n = recv(t->child->sock, out->data + have, out->len - have, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return CRASHED;
		if (n > 0)
			have += (size_t)n;
	}
	return ANSWERED;
}

/* An answer of at most most bytes; the caller frees *out. */
static enum outcome
hear(const struct talk *t, uint32_t most, struct blob *out)
{
	struct desk *desk = t->child->desk;
	enum outcome outcome = await(t->child, t->deadline_us);
	uint32_t len;

	if (outcome != ANSWERED)
		return outcome;
	len = desk_answer_len(desk);
	if (len > most)
		return CRASHED;
	*out = (struct blob){ blob_calloc(len + 1, 1), len };
	if (len > DESK_ANSWER_MAX)
		return read_on(t, out);
	desk_read(desk, out->data, len);
	return ANSWERED;
}

/* The same for what is no verdict, at the end of which the child is free. */
static bool
consult(struct verifier *v, struct talk *t, uint32_t most, struct blob *out)
{
	enum outcome outcome = ask(t) ? hear(t, most, out) : CRASHED;

	give_back(v, t->child, outcome);
	return outcome == ANSWERED;
}

/* A child that says more than it may, or what is no report, has been taken
 * over or is broken: that is a crash. */
static enum outcome
hear_report(const struct talk *t, struct report **out)
{
	struct blob bytes = { 0 };
	struct err e = { 0 };
	enum outcome outcome;

	outcome = hear(t, REPORT_BYTES_MAX, &bytes);
	if (outcome == ANSWERED &&
	    !report_read(bytes.data, bytes.len, out, &e)) {
		log_warnx("verifier: not a report: %s", e.detail);
		outcome = CRASHED;
	}
	blob_release(&bytes);
	return outcome;
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
	else if (outcome == USED_UP)
		report_find(r, FIND_VERIFIER,
		    "used up its processor time (%" PRIu32 " ms)", cpu_ms(job));
	else
		report_find(r, FIND_VERIFIER,
		    "ended by a fault, or over %ld MiB of memory",
		    VERIFIER_MEMORY_MAX >> 20);
	log_warnx("verifier: %s: %s", job->name, r->findings[0].detail);
	return r;
}

struct report *
verifier_try(struct verifier *v, const struct verifier_job *job)
{
	struct report *r = NULL;
	enum outcome outcome;
	struct talk t;

	assert(job->content_count <= VERIFIER_CONTENTS_MAX);

	begin(&t, v, job->wall_ms);
	put_job(&t, job);
	outcome = ask(&t) ? hear_report(&t, &r) : CRASHED;
	outcome = give_back(v, t.child, outcome);
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
	struct blob answer = { 0 };
	struct talk t;
	bool ok;

	assert(n > 0 && n <= REPORT_SIGNATURES_MAX);

	begin(&t, v, 0);
	t.q.revision = (uint32_t)n;
	put_file(&t, 0, document_fd, &(struct verifier_bytes){ 0 });
	ok = consult(v, &t, sizeof(uint64_t), &answer) &&
	     read_length(&answer, document_fd, end);
	blob_release(&answer);
	return ok;
}

bool
verifier_evidence(struct verifier *v, const struct verifier_job *job,
    const uint8_t sha256[32], struct blob *out)
{
	struct blob answer = { 0 };
	uint8_t own[DIGEST_LEN];
	struct talk t;
	bool ok;

	begin(&t, v, 0);
	t.q.task = VERIFIER_EVIDENCE;
	memcpy(t.q.sha256, sha256, sizeof(t.q.sha256));
	put_trust(&t, job);
	ok = consult(v, &t, TRUST_FILE_MAX, &answer);
	digest_sha256(answer.data, answer.len, own);
	if (!ok || memcmp(own, sha256, sizeof(own)) != 0) {
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
	struct blob answer = { 0 };
	struct talk t;
	bool ok;

	begin(&t, v, 0);
	t.q.task = VERIFIER_DESCRIBE;
	t.q.kind = kind;
	put_file(&t, 0, fd, &(struct verifier_bytes){ 0 });
	ok =
	    consult(v, &t, sizeof(*out), &answer) && answer.len == sizeof(*out);
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
