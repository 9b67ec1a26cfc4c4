/*
 * What runs in the sandbox: one question at a time, to judge_file() and back.
 * Everything is given back after each document but the parsed trust, which
 * is kept until another generation comes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sealed.h"
#include "crypto/chain.h"
#include "crypto/desk.h"
#include "crypto/fdpass.h"
#include "crypto/judge.h"
#include "crypto/judge_chain.h"
#include "crypto/pades.h"
#include "crypto/trust.h"
#include "crypto/trust_describe.h"
#include "crypto/trust_find.h"
#include "crypto/verifier_wire.h"
#include "crypto/xades.h"

struct mapping {
	const uint8_t *data;
	size_t len;
	bool mapped;
};

/* A question, and what came by the socket: files that have no place on the
 * desk, in their order, then perhaps trust. */
struct asked {
	const struct verifier_question *q;
	int fds[VERIFIER_FDS_MAX];
	size_t fd_count, fds_used;
};

/* The trust in use.  Its bytes stay, as parsing may borrow them. */
struct kept {
	int sock;
	struct desk_seat seat;
	uint8_t generation[32];
	struct mapping bytes;
	struct trust *trust; /* NULL: none came, or it was unreadable */
	struct buf answer;   /* its memory is used again */
};

/* A file that could shrink under a mapping would end us with SIGBUS, one that
 * could change would be judged as one thing and kept as another. */
static bool
map(int fd, struct mapping *out, struct err *e)
{
	off_t len = lseek(fd, 0, SEEK_END);
	void *p;

	*out = (struct mapping){ (const uint8_t *)"", 0, false };
	if (!sealed_is(fd))
		return err_set(e, ERR_FILE, "verifier: not a sealed memfd");
	if (len == 0)
		return true; /* nothing can be mapped, and nothing need be */
	p = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_set(e, ERR_TOO_LARGE, "verifier: no memory to map");
	*out = (struct mapping){ p, (size_t)len, true };
	return true;
}

static bool
load(struct kept *k, struct asked *a, size_t i, struct mapping *out,
    struct err *e)
{
	const struct desk_place *p = &a->q->files[i];

	if (p->at != 0) {
		*out = (struct mapping){ desk_document(&k->seat, p), p->len,
			false };
		return true;
	}
	return map(a->fds[a->fds_used++], out, e);
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
	return map(fd, &k->bytes, e) &&
	       trust_open(k->bytes.data, k->bytes.len, &k->trust, e);
}

static bool
find_trust(struct kept *k, const struct asked *a, struct err *e)
{
	if (a->q->has_trust &&
	    !keep_trust(k, a->q->generation, a->fds[a->fd_count - 1], e))
		return false;
	if (k->trust == NULL ||
	    memcmp(k->generation, a->q->generation, 32) != 0)
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
	const struct verifier_chain *c = &a->q->more.chain;
	const char *oids[VERIFIER_OIDS_MAX];
	const struct chain_policies policies = {
		.oids = oids,
		.oid_count = c->oid_count,
		.explicit_policy = c->explicit_policy != 0,
		.inhibit_map = c->inhibit_map != 0,
		.inhibit_any = c->inhibit_any != 0,
	};

	if (!c->asked)
		return judge_file(a->q->name, file->data, file->len, q);
	for (size_t i = 0; i < c->oid_count; i++)
		oids[i] = c->oids[i];
	return judge_chain(&(struct judge_certificate){ a->q->name, file->data,
			       file->len, &policies },
	    q);
}

static struct report *
judge(struct asked *a, struct kept *k, struct err *e)
{
	struct mapping files[1 + VERIFIER_CONTENTS_MAX] = { 0 };
	struct content contents[VERIFIER_CONTENTS_MAX];
	struct question q = {
		.at_us = a->q->at_us,
		.revocation = (enum revocation_mode)a->q->revocation,
		.contents = contents,
		.content_count = a->q->content_count,
	};
	struct report *r = NULL;

	if (!find_trust(k, a, e))
		goto out;
	for (size_t i = 0; i <= q.content_count; i++)
		if (!load(k, a, i, &files[i], e))
			goto out;
	for (size_t i = 0; i < q.content_count; i++)
		contents[i] = (struct content){ a->q->more.content_name[i],
			files[1 + i].data, files[1 + i].len };
	q.trust = k->trust;
	q.policy = trust_policy(k->trust);
	r = judge_as_asked(a, &files[0], &q);

out:
	for (size_t i = 0; i <= a->q->content_count; i++)
		unload(&files[i]);
	return r;
}

/* A document that could not be judged has a report that says so. */
static struct report *
judge_or_explain(struct asked *a, struct kept *k)
{
	struct err e = { 0 };
	struct report *r = judge(a, k, &e);

	if (r != NULL)
		return r;
	r = report_new(a->q->name);
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

static bool
send_answer(struct kept *k, const struct buf *b)
{
	desk_answer(&k->seat, b->data, b->len);
	return b->len <= DESK_ANSWER_MAX || send_all(k->sock, b->data, b->len);
}

/* More than the gateway reads is not sent: a document with that much to be
 * said of it is told to be one. */
static bool
answer_verdict(struct asked *a, struct kept *k)
{
	struct report *r = judge_or_explain(a, k);
	bool ok;

	report_write(r, &k->answer);
	if (k->answer.len > REPORT_BYTES_MAX) {
		report_free(r);
		r = report_new(a->q->name);
		report_find(
		    r, FIND_LIMIT, "a report over %d bytes", REPORT_BYTES_MAX);
		k->answer.len = 0;
		report_write(r, &k->answer);
	}
	ok = send_answer(k, &k->answer);
	report_free(r);
	return ok;
}

static bool
answer_revision(struct asked *a, struct kept *k)
{
	struct mapping file = { 0 };
	struct err e = { 0 };
	uint64_t wire;
	size_t end;

	if (load(k, a, 0, &file, &e) &&
	    pades_revision(file.data, file.len, a->q->revision, &end, &e)) {
		wire = end;
		buf_put(&k->answer, &wire, sizeof(wire));
	}
	unload(&file);
	return send_answer(k, &k->answer);
}

/* What may be long does not stay in memory. */
static bool
answer_evidence(const struct asked *a, struct kept *k)
{
	struct buf b = { 0 };
	struct blob piece = { 0 };
	struct err e = { 0 };
	bool ok;

	if (find_trust(k, a, &e) && trust_find(k->trust, a->q->sha256, &piece))
		buf_put(&b, piece.data, piece.len);
	ok = send_answer(k, &b);
	blob_release(&piece);
	buf_release(&b);
	return ok;
}

static bool
answer_term(struct asked *a, struct kept *k)
{
	struct mapping file = { 0 };
	struct trust_term term;
	struct err e = { 0 };

	if (load(k, a, 0, &file, &e) &&
	    trust_describe(a->q->kind, file.data, file.len, &term))
		buf_put(&k->answer, &term, sizeof(term));
	unload(&file);
	return send_answer(k, &k->answer);
}

static bool
answer(struct asked *a, struct kept *k)
{
	k->answer.len = 0;
	if (a->q->task == VERIFIER_EVIDENCE)
		return answer_evidence(a, k);
	if (a->q->task == VERIFIER_DESCRIBE)
		return answer_term(a, k);
	if (a->q->revision != 0)
		return answer_revision(a, k);
	return answer_verdict(a, k);
}

/* Our own gateway does not miscount: what does is not ours. */
static bool
receive(struct kept *k, struct asked *a)
{
	char byte;

	a->q = desk_listen(&k->seat);
	a->fd_count = VERIFIER_FDS_MAX;
	a->fds_used = 0;
	if (a->q->fd_count == 0)
		a->fd_count = 0;
	else if (!fdpass_receive(k->sock, &byte, 1, a->fds, &a->fd_count))
		return false;
	return a->fd_count == a->q->fd_count;
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
	struct kept kept = { .sock = sock };
	bool ok = desk_sit(&kept.seat, sock);

	while (ok && receive(&kept, &a)) {
		limit_time(a.q->cpu_ms);
		ok = answer(&a, &kept);
		for (size_t i = 0; i < a.fd_count; i++)
			close(a.fds[i]);
	}
}
