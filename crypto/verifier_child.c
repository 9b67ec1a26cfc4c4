/*
 * What runs in the sandbox: one question at a time, to judge_file() and back.
 * Everything is given back after each document but the parsed trust, which
 * is kept until another generation comes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/chain.h"
#include "crypto/fdpass.h"
#include "crypto/judge.h"
#include "crypto/judge_chain.h"
#include "crypto/pades.h"
#include "crypto/trust.h"
#include "crypto/trust_describe.h"
#include "crypto/trust_find.h"
#include "crypto/verifier_wire.h"
#include "crypto/xades.h"

/* Files are copied into an arena while they fit: they are read sooner than
 * their pages are mapped and unmapped.  Longer ones are mapped. */
#define ARENA_LEN (1024 * 1024)

struct mapping {
	const uint8_t *data;
	size_t len;
	bool mapped;
};

/* A question as it came. */
struct asked {
	struct verifier_question q;
	int fds[VERIFIER_FDS_MAX]; /* document, contents, perhaps trust */
	size_t fd_count;
};

/* The trust in use.  Its bytes stay, as parsing may borrow them. */
struct kept {
	uint8_t *arena;
	size_t used; /* by the document in hand */
	uint8_t generation[32];
	struct mapping bytes;
	struct trust *trust; /* NULL: none came, or it was unreadable */
	struct buf answer;   /* its memory is used again */
};

/* A file that could shrink under a mapping would end us with SIGBUS, one that
 * could change would be judged as one thing and kept as another. */
static bool
is_sealed(int fd, struct err *e)
{
	static const int needed = F_SEAL_SHRINK | F_SEAL_WRITE;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals >= 0 && (seals & needed) == needed)
		return true;
	return err_set(e, ERR_FILE, "verifier: not a sealed memfd");
}

static bool
map(int fd, struct mapping *out, struct err *e)
{
	off_t len = lseek(fd, 0, SEEK_END);
	void *p;

	*out = (struct mapping){ (const uint8_t *)"", 0, false };
	if (len == 0)
		return true; /* nothing can be mapped, and nothing need be */
	p = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_set(e, ERR_TOO_LARGE, "verifier: no memory to map");
	*out = (struct mapping){ p, (size_t)len, true };
	return true;
}

/* What fills the rest of the arena may be longer than that. */
static bool
load(struct kept *k, int fd, struct mapping *out, struct err *e)
{
	size_t room = ARENA_LEN - k->used;
	ssize_t n;

	if (!is_sealed(fd, e))
		return false;
	n = pread(fd, k->arena + k->used, room, 0);
	if (n < 0)
		return err_set(e, ERR_FILE, "verifier: cannot be read");
	if ((size_t)n == room)
		return map(fd, out, e);
	*out = (struct mapping){ k->arena + k->used, (size_t)n, false };
	k->used += (size_t)n;
	return true;
}

static void
unload(struct mapping *m)
{
	if (m->mapped)
		munmap((void *)(uintptr_t)m->data, m->len);
	*m = (struct mapping){ 0 };
}

/* Parsing trust takes longer than most verdicts, and it seldom changes: the
 * gateway sends it when it does. */
static bool
keep_trust(struct kept *k, const uint8_t generation[32], int fd, struct err *e)
{
	trust_free(k->trust);
	k->trust = NULL;
	unload(&k->bytes);
	memcpy(k->generation, generation, 32);
	return is_sealed(fd, e) && map(fd, &k->bytes, e) &&
	       trust_open(k->bytes.data, k->bytes.len, &k->trust, e);
}

static bool
find_trust(struct kept *k, const struct asked *a, struct err *e)
{
	if (a->q.has_trust &&
	    !keep_trust(k, a->q.generation, a->fds[a->fd_count - 1], e))
		return false;
	if (k->trust == NULL || memcmp(k->generation, a->q.generation, 32) != 0)
		return err_set(e, ERR_UNREADABLE, "verifier: no trust");
	return true;
}

/* The kernel ends a process that used up its time: SIGPROF's default.  The
 * next document sets it anew; waiting for it takes no processor time. */
static void
limit_time(uint32_t ms)
{
	const struct itimerval limit = {
		.it_value = { ms / 1000, ms % 1000 * 1000 },
	};

	if (setitimer(ITIMER_PROF, &limit, NULL) != 0)
		fatal("verifier: setitimer");
}

static struct report *
judge_as_asked(
    const struct asked *a, const struct mapping *file, const struct question *q)
{
	const struct verifier_chain *c = &a->q.more.chain;
	const char *oids[VERIFIER_OIDS_MAX];
	const struct chain_policies policies = {
		.oids = oids,
		.oid_count = c->oid_count,
		.explicit_policy = c->explicit_policy != 0,
		.inhibit_map = c->inhibit_map != 0,
		.inhibit_any = c->inhibit_any != 0,
	};

	if (!c->asked)
		return judge_file(a->q.name, file->data, file->len, q);
	for (size_t i = 0; i < c->oid_count; i++)
		oids[i] = c->oids[i];
	return judge_chain(&(struct judge_certificate){ a->q.name, file->data,
			       file->len, &policies },
	    q);
}

static struct report *
judge(const struct asked *a, struct kept *k, struct err *e)
{
	struct mapping files[1 + VERIFIER_CONTENTS_MAX] = { 0 };
	struct content contents[VERIFIER_CONTENTS_MAX];
	struct question q = {
		.at_us = a->q.at_us,
		.revocation = (enum revocation_mode)a->q.revocation,
		.contents = contents,
		.content_count = a->q.content_count,
	};
	struct report *r = NULL;

	if (!find_trust(k, a, e))
		goto out;
	for (size_t i = 0; i <= q.content_count; i++)
		if (!load(k, a->fds[i], &files[i], e))
			goto out;
	for (size_t i = 0; i < q.content_count; i++)
		contents[i] = (struct content){ a->q.more.content_name[i],
			files[1 + i].data, files[1 + i].len };
	q.trust = k->trust;
	q.policy = trust_policy(k->trust);
	r = judge_as_asked(a, &files[0], &q);

out:
	for (size_t i = 0; i <= a->q.content_count; i++)
		unload(&files[i]);
	return r;
}

/* A document that could not be judged has a report that says so. */
static struct report *
judge_or_explain(const struct asked *a, struct kept *k)
{
	struct err e = { 0 };
	struct report *r = judge(a, k, &e);

	if (r != NULL)
		return r;
	r = report_new(a->q.name);
	report_find(r, FIND_VERIFIER, "%s", e.detail);
	return r;
}

/* Whether the socket still takes what we say. */
static bool
send_all(int sock, const void *data, size_t len)
{
	const char *bytes = data;
	ssize_t n;

	for (; len > 0; bytes += n, len -= (size_t)n) {
		do
			n = write(sock, bytes, len);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return false;
	}
	return true;
}

/* In one piece with its length before it, so that the gateway wakes up once;
 * reserved by begin_answer(). */
static void
begin_answer(struct buf *b)
{
	buf_put(b, &(uint32_t){ 0 }, sizeof(uint32_t));
}

static bool
send_answer(int sock, struct buf *b)
{
	uint32_t len = (uint32_t)(b->len - sizeof(len));

	memcpy(b->data, &len, sizeof(len));
	return send_all(sock, b->data, b->len);
}

static void
write_answer(const struct report *r, struct buf *b)
{
	b->len = 0;
	begin_answer(b);
	report_write(r, b);
}

/* More than the gateway reads is not sent: a document with that much to be
 * said of it is told to be one. */
static bool
answer_verdict(int sock, const struct asked *a, struct kept *k)
{
	struct report *r = judge_or_explain(a, k);
	bool ok;

	write_answer(r, &k->answer);
	if (k->answer.len - sizeof(uint32_t) > REPORT_BYTES_MAX) {
		report_free(r);
		r = report_new(a->q.name);
		report_find(
		    r, FIND_LIMIT, "a report over %d bytes", REPORT_BYTES_MAX);
		write_answer(r, &k->answer);
	}
	ok = send_answer(sock, &k->answer);
	report_free(r);
	return ok;
}

static bool
answer_revision(int sock, const struct asked *a, struct kept *k)
{
	struct mapping file = { 0 };
	struct err e = { 0 };
	uint64_t wire;
	size_t end;

	k->answer.len = 0;
	begin_answer(&k->answer);
	if (load(k, a->fds[0], &file, &e) &&
	    pades_revision(file.data, file.len, a->q.revision, &end, &e)) {
		wire = end;
		buf_put(&k->answer, &wire, sizeof(wire));
	}
	unload(&file);
	return send_answer(sock, &k->answer);
}

/* What may be long does not stay in memory. */
static bool
answer_evidence(int sock, const struct asked *a, struct kept *k)
{
	struct buf b = { 0 };
	struct blob piece = { 0 };
	struct err e = { 0 };
	bool ok;

	begin_answer(&b);
	if (find_trust(k, a, &e) && trust_find(k->trust, a->q.sha256, &piece))
		buf_put(&b, piece.data, piece.len);
	ok = send_answer(sock, &b);
	blob_release(&piece);
	buf_release(&b);
	return ok;
}

static bool
answer_term(int sock, const struct asked *a, struct kept *k)
{
	struct mapping file = { 0 };
	struct trust_term term;
	struct err e = { 0 };

	k->answer.len = 0;
	begin_answer(&k->answer);
	if (load(k, a->fds[0], &file, &e) &&
	    trust_describe(a->q.kind, file.data, file.len, &term))
		buf_put(&k->answer, &term, sizeof(term));
	unload(&file);
	return send_answer(sock, &k->answer);
}

static bool
answer(int sock, const struct asked *a, struct kept *k)
{
	if (a->q.task == VERIFIER_EVIDENCE)
		return answer_evidence(sock, a, k);
	if (a->q.task == VERIFIER_DESCRIBE)
		return answer_term(sock, a, k);
	if (a->q.revision != 0)
		return answer_revision(sock, a, k);
	return answer_verdict(sock, a, k);
}

/* Our own gateway does not miscount: what does is not ours. */
static bool
is_sound(const struct asked *a, size_t len)
{
	return a->q.content_count <= VERIFIER_CONTENTS_MAX &&
	       a->fd_count == 1 + a->q.content_count + a->q.has_trust &&
	       len == VERIFIER_QUESTION_LEN + a->q.more_len;
}

static bool
receive(int sock, struct asked *a)
{
	struct fdpass_message m = {
		.data = &a->q,
		.least = VERIFIER_QUESTION_LEN,
		.most = sizeof(a->q),
		.fds = a->fds,
		.count = VERIFIER_FDS_MAX,
	};

	a->q.more.chain.asked = 0;
	if (!fdpass_take(sock, &m))
		return false;
	a->fd_count = m.count;
	/* Of a stream; but whoever asks waits for the answer, so what is still
	 * missing is the rest of this question. */
	m.least = VERIFIER_QUESTION_LEN + a->q.more_len;
	return m.least <= m.most && fdpass_rest(sock, &m) && is_sound(a, m.len);
}

void
verifier_prepare(void)
{
	trust_init();
	xades_init();
}

void
verifier_serve(int sock)
{
	struct asked a = { 0 };
	struct kept kept = { 0 };
	bool ok = true;

	kept.arena = blob_calloc(ARENA_LEN, 1);
	while (ok && receive(sock, &a)) {
		limit_time(a.q.cpu_ms);
		kept.used = 0;
		ok = answer(sock, &a, &kept);
		for (size_t i = 0; i < a.fd_count; i++)
			close(a.fds[i]);
	}
}
