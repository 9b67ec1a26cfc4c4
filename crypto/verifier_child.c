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

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "crypto/chain.h"
#include "crypto/fdpass.h"
#include "crypto/judge.h"
#include "crypto/judge_chain.h"
#include "crypto/pades.h"
#include "crypto/trust.h"
#include "crypto/verifier_wire.h"
#include "crypto/xades.h"

struct mapping {
	const uint8_t *data;
	size_t len;
};

/* The trust in use.  Its bytes stay mapped, as parsing may borrow them. */
struct kept {
	uint8_t generation[32];
	struct mapping bytes;
	struct trust *trust;
};

/* A file that could shrink under the mapping would end us with SIGBUS, one
 * that could change would be judged as one thing and kept as another. */
static bool
map(int fd, struct mapping *out, struct err *e)
{
	static const int needed = F_SEAL_SHRINK | F_SEAL_WRITE;
	int seals = fcntl(fd, F_GET_SEALS);
	off_t len = lseek(fd, 0, SEEK_END);
	void *p;

	if (seals < 0 || (seals & needed) != needed || len < 0)
		return err_set(e, ERR_FILE, "verifier: not a sealed memfd");
	*out = (struct mapping){ (const uint8_t *)"", 0 };
	if (len == 0)
		return true; /* nothing can be mapped, and nothing need be */
	p = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_set(e, ERR_TOO_LARGE, "verifier: no memory to map");
	*out = (struct mapping){ p, (size_t)len };
	return true;
}

static void
unmap(struct mapping *m)
{
	if (m->len > 0)
		munmap((void *)(uintptr_t)m->data, m->len);
	*m = (struct mapping){ 0 };
}

/* Parsing trust takes longer than most verdicts, and it seldom changes. */
static bool
keep_trust(struct kept *k, const uint8_t generation[32], int fd, struct err *e)
{
	if (k->trust != NULL && memcmp(k->generation, generation, 32) == 0)
		return true;
	trust_free(k->trust);
	k->trust = NULL;
	unmap(&k->bytes);
	if (!map(fd, &k->bytes, e) ||
	    !trust_open(k->bytes.data, k->bytes.len, &k->trust, e))
		return false;
	memcpy(k->generation, generation, 32);
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
judge_as_asked(const struct verifier_question *vq, const struct mapping *file,
    const struct question *q)
{
	const struct verifier_chain *c = &vq->chain;
	const char *oids[VERIFIER_OIDS_MAX];
	const struct chain_policies policies = {
		.oids = oids,
		.oid_count = c->oid_count,
		.explicit_policy = c->explicit_policy != 0,
		.inhibit_map = c->inhibit_map != 0,
		.inhibit_any = c->inhibit_any != 0,
	};

	if (!c->asked)
		return judge_file(vq->name, file->data, file->len, q);
	for (size_t i = 0; i < c->oid_count; i++)
		oids[i] = c->oids[i];
	return judge_chain(&(struct judge_certificate){ vq->name, file->data,
			       file->len, &policies },
	    q);
}

static struct report *
judge(const struct verifier_question *vq, const int *fds, struct kept *k,
    struct err *e)
{
	struct mapping files[VERIFIER_FDS_MAX] = { 0 };
	struct content contents[VERIFIER_CONTENTS_MAX];
	struct question q = {
		.at_us = vq->at_us,
		.revocation = (enum revocation_mode)vq->revocation,
		.contents = contents,
		.content_count = vq->content_count,
	};
	struct report *r = NULL;

	if (!keep_trust(k, vq->generation, fds[1], e))
		goto out;
	if (!map(fds[0], &files[0], e))
		goto out;
	for (size_t i = 0; i < vq->content_count; i++) {
		if (!map(fds[2 + i], &files[2 + i], e))
			goto out;
		contents[i] = (struct content){ vq->content_name[i],
			files[2 + i].data, files[2 + i].len };
	}
	q.trust = k->trust;
	q.policy = trust_policy(k->trust);
	r = judge_as_asked(vq, &files[0], &q);

out:
	for (size_t i = 0; i < VERIFIER_FDS_MAX; i++)
		unmap(&files[i]);
	return r;
}

/* A document that could not be judged has a report that says so. */
static struct report *
judge_or_explain(
    const struct verifier_question *vq, const int *fds, struct kept *k)
{
	struct err e = { 0 };
	struct report *r = judge(vq, fds, k, &e);

	if (r != NULL)
		return r;
	r = report_new(vq->name);
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

/* In one piece, so that the gateway wakes up once. */
static bool
send_framed(int sock, const void *bytes, uint32_t len)
{
	struct buf b = { 0 };
	bool ok;

	buf_put(&b, &len, sizeof(len));
	buf_put(&b, bytes, len);
	ok = send_all(sock, b.data, b.len);
	buf_release(&b);
	return ok;
}

static bool
answer_verdict(int sock, const struct verifier_question *vq, const int *fds,
    struct kept *k)
{
	struct report *r = judge_or_explain(vq, fds, k);
	struct json *j = report_json(r);
	char *bytes = json_write(j);
	bool ok = send_framed(sock, bytes, (uint32_t)strlen(bytes));

	free(bytes);
	json_free(j);
	report_free(r);
	return ok;
}

static bool
answer_revision(int sock, const struct verifier_question *vq, int fd)
{
	struct mapping file = { 0 };
	struct err e = { 0 };
	uint64_t wire;
	size_t end;
	bool found;

	found = map(fd, &file, &e) &&
		pades_revision(file.data, file.len, vq->revision, &end, &e);
	unmap(&file);
	wire = found ? end : 0;
	return send_framed(sock, &wire, found ? sizeof(wire) : 0);
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
	struct verifier_question vq = { 0 };
	struct kept kept = { 0 };
	int fds[VERIFIER_FDS_MAX];
	size_t count;
	bool ok;

	for (;;) {
		count = VERIFIER_FDS_MAX;
		if (!fdpass_receive(sock, &vq, sizeof(vq), fds, &count))
			return;
		/* Our own gateway does not miscount: this is not ours. */
		if (count != 2 + vq.content_count)
			return;
		limit_time(vq.cpu_ms);
		ok = vq.revision == 0 ? answer_verdict(sock, &vq, fds, &kept)
				      : answer_revision(sock, &vq, fds[0]);
		for (size_t i = 0; i < count; i++)
			close(fds[i]);
		if (!ok)
			return;
	}
}
