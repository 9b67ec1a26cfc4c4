/*
 * The verifier seen from the gateway: documents that kill, hang or hold up a
 * child cost nobody but themselves.
 */
#include "crypto/verifier.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/report.h"
#include "crypto/trust.h"

/* Sanitizers' shadow memory rules a limit out (sandbox.c). */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_IS_LIMITED false
#else
#define MEMORY_IS_LIMITED true
#endif

#define PATIENCE_US  (60 * CLOCK_SEC_US)
#define CHILDREN_MAX 8

static struct trust_bundle *bundle;

static int
memfd(const void *data, size_t len, int seals)
{
	int fd = memfd_create("test", MFD_ALLOW_SEALING | MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int
sealed(const void *data, size_t len)
{
	return memfd(data, len, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

static struct verifier_job
job(int fd)
{
	struct verifier_job j = { .name = "a.xml", .document_fd = fd };

	j.trust_fd = trust_bundle_seal(bundle, j.trust_generation);
	return j;
}

static struct report *
judge(struct verifier *v, const char *text)
{
	int fd = sealed(text, strlen(text));
	struct verifier_job j = job(fd);
	struct report *r = verifier_judge(v, &j);

	close(fd);
	return r;
}

static bool
is_unfinished(const struct report *r)
{
	return r->indication == INDETERMINATE && r->finding_count == 1 &&
	       r->findings[0].code == FIND_VERIFIER;
}

static bool
says(const struct report *r, const char *word)
{
	return strstr(r->findings[0].detail, word) != NULL;
}

static bool
works(struct verifier *v)
{
	struct report *r = judge(v, "<a/>");
	bool ok = !is_unfinished(r) && r->format == FORMAT_NONE;

	report_free(r);
	return ok;
}

/* A document whose signature refers to all of it a hundred times: minutes of
 * canonicalization. */
static int
endless_document(void)
{
	struct buf b = { 0 };
	int fd;

	buf_puts(&b, "<r xmlns:d='http://www.w3.org/2000/09/xmldsig#'>");
	for (int i = 0; i < 400000; i++)
		buf_puts(&b, "<a b='c'>d</a>");
	buf_puts(&b, "<d:Signature><d:SignedInfo><d:CanonicalizationMethod/>"
		     "<d:SignatureMethod/>");
	for (int i = 0; i < 100; i++)
		buf_puts(&b,
		    "<d:Reference URI=''><d:DigestMethod Algorithm="
		    "'http://www.w3.org/2001/04/xmlenc#sha256'/>"
		    "<d:DigestValue>AA==</d:DigestValue></d:Reference>");
	buf_puts(&b, "</d:SignedInfo><d:SignatureValue>AA==</d:SignatureValue>"
		     "</d:Signature></r>");
	fd = sealed(b.data, b.len);
	buf_release(&b);
	return fd;
}

/* The children of a process, as the kernel lists them. */
static size_t
children(pid_t parent, pid_t out[CHILDREN_MAX])
{
	char path[64];
	size_t n = 0;
	FILE *f;

	snprintf(
	    path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	while (n < CHILDREN_MAX && fscanf(f, "%d", &out[n]) == 1)
		n++;
	fclose(f);
	return n;
}

/* Nursery, then its children, of the one verifier that runs. */
static size_t
find_children(pid_t owner, pid_t out[CHILDREN_MAX])
{
	pid_t nursery[CHILDREN_MAX];

	return children(owner, nursery) == 1 ? children(nursery[0], out) : 0;
}

/* User time in clock ticks (proc(5), field 14); -1: it is gone. */
static long
cpu_ticks(pid_t pid)
{
	char path[64];
	long utime = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -1;
	if (fscanf(f,
		"%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld",
		&utime) != 1)
		utime = -1;
	fclose(f);
	return utime;
}

static bool
status_says(pid_t pid, const char *line)
{
	char path[64], have[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (!found && fgets(have, sizeof(have), f) != NULL)
		found = strncmp(have, line, strlen(line)) == 0;
	fclose(f);
	return found;
}

static bool
is_gone(pid_t pid)
{
	return kill(pid, 0) != 0;
}

struct judging {
	struct verifier *v;
	const struct verifier_job *j;
	struct report *r;
};

static void *
judge_in_thread(void *arg)
{
	struct judging *g = arg;

	g->r = verifier_judge(g->v, g->j);
	return NULL;
}

static void
a_document_is_judged_under_its_name(void **unused)
{
	struct verifier *v = verifier_new(1);
	struct report *r = judge(v, "<a/>");

	(void)unused;

	assert_string_equal(r->file, "a.xml");
	assert_int_equal(r->format, FORMAT_NONE);
	assert_int_equal(verifier_count(v).judged, 1);
	assert_int_equal(verifier_count(v).crashed, 0);
	report_free(r);
	verifier_free(v);
}

static void
a_document_that_could_change_is_refused(void **unused)
{
	struct verifier *v = verifier_new(1);
	int fd = memfd("<a/>", 4, F_SEAL_SHRINK);
	struct verifier_job j = job(fd);
	struct report *r = verifier_judge(v, &j);

	(void)unused;

	assert_true(is_unfinished(r));
	assert_int_equal(verifier_count(v).crashed, 0);
	report_free(r);
	close(fd);
	verifier_free(v);
}

static void
an_empty_document_is_no_document(void **unused)
{
	struct verifier *v = verifier_new(1);
	struct report *r = judge(v, "");

	(void)unused;

	assert_int_equal(r->format, FORMAT_NONE);
	assert_int_equal(r->indication, INDETERMINATE);
	report_free(r);
	verifier_free(v);
}

static void
a_child_has_a_filter_and_four_descriptors(void **unused)
{
	struct verifier *v = verifier_new(1);
	pid_t child[CHILDREN_MAX];
	char path[64];

	(void)unused;

	assert_int_equal(find_children(getpid(), child), 1);
	assert_true(status_says(child[0], "Seccomp:\t2"));
	assert_true(status_says(child[0], "NoNewPrivs:\t1"));
	snprintf(path, sizeof(path), "/proc/%d/fd/3", child[0]);
	assert_int_equal(access(path, F_OK), 0);
	for (int fd = 4; fd < 64; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", child[0], fd);
		assert_int_not_equal(access(path, F_OK), 0);
	}
	verifier_free(v);
}

static void
a_document_that_eats_time_is_stopped(void **unused)
{
	struct verifier *v = verifier_new(1);
	int fd = endless_document();
	struct verifier_job j = job(fd);
	int64_t began = clock_mono_us();
	struct report *r;

	(void)unused;

	j.wall_ms = 60000;
	r = verifier_judge(v, &j);

	assert_true(is_unfinished(r));
	assert_true(says(r, "used up its processor time"));
	assert_true(clock_mono_us() - began < 50 * CLOCK_SEC_US);
	assert_int_equal(verifier_count(v).crashed, 1);
	assert_true(works(v));
	report_free(r);
	close(fd);
	verifier_free(v);
}

/* Eleven million elements of four bytes each, some hundred in memory. */
static void
a_document_that_eats_memory_is_stopped(void **unused)
{
	struct verifier *v = verifier_new(1);
	struct verifier_job j;
	struct buf b = { 0 };
	struct report *r;
	int fd;

	(void)unused;

	buf_puts(&b, "<Signature>");
	for (int i = 0; i < 11000000; i++)
		buf_put(&b, "<a/>", 4);
	buf_puts(&b, "</Signature>");
	fd = sealed(b.data, b.len);
	buf_release(&b);
	j = job(fd);
	j.cpu_scale = 10;
	j.wall_ms = 60000;
	r = verifier_judge(v, &j);

	if (MEMORY_IS_LIMITED) {
		assert_true(is_unfinished(r));
		assert_int_equal(verifier_count(v).crashed, 1);
	}
	assert_true(works(v));
	report_free(r);
	close(fd);
	verifier_free(v);
}

static void
a_child_killed_at_work_leaves_its_document_undecided(void **unused)
{
	struct verifier *v = verifier_new(1);
	int fd = endless_document();
	struct verifier_job j = job(fd);
	struct judging g = { v, &j, NULL };
	int64_t until = clock_mono_us() + PATIENCE_US;
	pid_t child[CHILDREN_MAX];
	pthread_t thread;
	long idle;

	(void)unused;

	j.cpu_scale = 100;
	j.wall_ms = 200000;
	assert_int_equal(find_children(getpid(), child), 1);
	idle = cpu_ticks(child[0]);
	pthread_create(&thread, NULL, judge_in_thread, &g);
	while (cpu_ticks(child[0]) < idle + 20 && clock_mono_us() < until)
		sched_yield();
	assert_int_equal(kill(child[0], SIGKILL), 0);
	pthread_join(thread, NULL);

	assert_true(is_unfinished(g.r));
	assert_true(says(g.r, "ended by a fault"));
	assert_int_equal(verifier_count(v).crashed, 1);
	assert_true(is_gone(child[0]));
	assert_true(works(v));
	report_free(g.r);
	close(fd);
	verifier_free(v);
}

static void
a_child_that_hangs_runs_into_the_wall(void **unused)
{
	struct verifier *v = verifier_new(1);
	int fd = sealed("<a/>", 4);
	struct verifier_job j = job(fd);
	pid_t child[CHILDREN_MAX];
	struct report *r;

	(void)unused;

	j.wall_ms = 200;
	assert_int_equal(find_children(getpid(), child), 1);
	assert_int_equal(kill(child[0], SIGSTOP), 0);
	r = verifier_judge(v, &j);

	assert_true(is_unfinished(r));
	assert_int_equal(verifier_count(v).timed_out, 1);
	assert_true(is_gone(child[0]));
	assert_true(works(v));
	report_free(r);
	close(fd);
	verifier_free(v);
}

static void
a_child_killed_while_idle_costs_no_document(void **unused)
{
	struct verifier *v = verifier_new(1);
	int64_t until = clock_mono_us() + PATIENCE_US;
	pid_t child[CHILDREN_MAX];

	(void)unused;

	assert_int_equal(find_children(getpid(), child), 1);
	assert_int_equal(kill(child[0], SIGKILL), 0);
	while (!status_says(child[0], "State:\tZ") && clock_mono_us() < until)
		sched_yield();

	assert_true(works(v));
	assert_int_equal(verifier_count(v).crashed, 0);
	verifier_free(v);
}

static void *
judge_many(void *arg)
{
	struct judging *g = arg;
	size_t good = 0;

	for (int i = 0; i < 25; i++)
		good += works(g->v);
	assert_int_equal(good, 25);
	return NULL;
}

static void
many_threads_share_few_children(void **unused)
{
	struct verifier *v = verifier_new(2);
	struct judging g = { .v = v };
	pthread_t threads[8];

	(void)unused;

	for (size_t i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, judge_many, &g);
	for (size_t i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(verifier_count(v).judged, 200);
	verifier_free(v);
}

static void
nothing_is_left_when_it_ends(void **unused)
{
	struct verifier *v = verifier_new(2);
	pid_t child[CHILDREN_MAX], left[CHILDREN_MAX];

	(void)unused;

	assert_int_equal(find_children(getpid(), child), 2);
	verifier_free(v);
	assert_true(is_gone(child[0]));
	assert_true(is_gone(child[1]));
	assert_int_equal(children(getpid(), left), 0);
}

/* Whether an orphan, which comes to us, ends and can be reaped. */
static bool
ends(pid_t orphan)
{
	int64_t until = clock_mono_us() + PATIENCE_US;

	while (!is_gone(orphan) && clock_mono_us() < until) {
		waitpid(orphan, NULL, WNOHANG); /* no child of ours at first */
		sched_yield();
	}
	return is_gone(orphan);
}

/* Who is orphaned comes to us, so that the end can be waited for. */
static void
the_children_end_with_an_owner_that_was_killed(void **unused)
{
	int64_t until = clock_mono_us() + PATIENCE_US;
	pid_t owner, child[CHILDREN_MAX];

	(void)unused;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	owner = fork();
	if (owner == 0) {
		verifier_new(2);
		for (;;)
			pause();
	}
	while (find_children(owner, child) != 2 && clock_mono_us() < until)
		sched_yield();
	kill(owner, SIGKILL);
	while (clock_mono_us() < until)
		if (waitpid(-1, NULL, WNOHANG) < 0)
			break; /* nobody is left */
	assert_true(is_gone(owner));
	assert_true(is_gone(child[0]));
	assert_true(is_gone(child[1]));
}

static void
the_children_end_with_their_nursery(void **unused)
{
	struct verifier *v = verifier_new(2);
	pid_t nursery[CHILDREN_MAX], child[CHILDREN_MAX];

	(void)unused;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	assert_int_equal(children(getpid(), nursery), 1);
	assert_int_equal(children(nursery[0], child), 2);
	assert_int_equal(kill(nursery[0], SIGKILL), 0);
	assert_true(ends(child[0]));
	assert_true(ends(child[1]));
	verifier_free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_that_could_change_is_refused),
		cmocka_unit_test(an_empty_document_is_no_document),
		cmocka_unit_test(a_document_is_judged_under_its_name),
		cmocka_unit_test(a_child_has_a_filter_and_four_descriptors),
		cmocka_unit_test(a_document_that_eats_time_is_stopped),
		cmocka_unit_test(a_document_that_eats_memory_is_stopped),
		cmocka_unit_test(
		    a_child_killed_at_work_leaves_its_document_undecided),
		cmocka_unit_test(a_child_that_hangs_runs_into_the_wall),
		cmocka_unit_test(a_child_killed_while_idle_costs_no_document),
		cmocka_unit_test(nothing_is_left_when_it_ends),
		cmocka_unit_test(
		    the_children_end_with_an_owner_that_was_killed),
		cmocka_unit_test(the_children_end_with_their_nursery),
		/* Last: what threads leave mapped counts for the children of a
		 * verifier that is made after them. */
		cmocka_unit_test(many_threads_share_few_children),
	};
	int failed;

	bundle = trust_bundle_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	trust_bundle_free(bundle);
	return failed;
}
