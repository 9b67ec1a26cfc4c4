/*
 * How many signatures a second: judges one file over and over, warm, on one
 * core, for the given seconds of wall time, and prints the whole number.
 *
 *	verify in-process|sandbox SECONDS CHILDREN ANCHOR CRLS FILE [CONTENT]
 *
 * With the sandbox there is one thread for each child.  The first verdict must
 * be TOTAL-PASSED, so that nobody measures how fast a refusal is.
 *
 *	verify unknown ANCHOR CRLS FILE...
 *
 * judges each file once, in one process that has just judged the first, and
 * prints the mean and the worst of the others, in microseconds: what it costs
 * when each has a signer never seen before.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/judge.h"
#include "crypto/pades.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/trust.h"
#include "crypto/verifier.h"
#include "crypto/xades.h"

#define CHILDREN_MAX 64

struct bench {
	struct verifier *verifier; /* NULL: in this process */
	struct verifier_job job;
	struct question question;
	struct content content;
	struct blob file, beside;
	int64_t until_us;
};

static void
read_file(const char *path, struct blob *out)
{
	struct err e = { 0 };

	if (!file_read(path, PADES_FILE_MAX, out, &e))
		errx(1, "%s", e.detail);
}

static int
seal(const struct blob *b)
{
	int fd = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, b->data, b->len) != (ssize_t)b->len ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE) != 0)
		err(1, "memfd");
	return fd;
}

/* As the gateway has an upload. */
static struct verifier_bytes
view(int fd, size_t len)
{
	void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return (struct verifier_bytes){ p, len };
}

static struct report *
judge(const struct bench *b)
{
	if (b->verifier != NULL)
		return verifier_judge(b->verifier, &b->job);
	return judge_file(b->job.name, b->file.data, b->file.len, &b->question);
}

/* Returns how many it did, in the pointer's place. */
static void *
run(void *arg)
{
	const struct bench *b = arg;
	uintptr_t n = 0;

	for (; clock_mono_us() < b->until_us; n++)
		report_free(judge(b));
	return (void *)n;
}

static void
add(struct trust_bundle *bundle, const char *path, enum trust_kind kind)
{
	struct err e = { 0 };

	if (!trust_bundle_add(bundle, path, kind, TRUST_ANY, &e))
		errx(1, "%s", e.detail);
}

static const struct trust *
open_trust(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	void *p = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	struct trust *t = NULL;
	struct err e = { 0 };

	if (p == MAP_FAILED || !trust_open(p, (size_t)len, &t, &e))
		errx(1, "%s", e.detail);
	return t;
}

static void
prepare(struct bench *b, char **argv)
{
	struct trust_bundle *bundle = trust_bundle_new();

	add(bundle, argv[4], TRUST_ANCHOR);
	add(bundle, argv[5], TRUST_CRL);
	read_file(argv[6], &b->file);
	b->job.name = argv[6];
	b->job.document_fd = seal(&b->file);
	b->job.document = view(b->job.document_fd, b->file.len);
	b->job.trust_fd = trust_bundle_seal(bundle, b->job.trust_generation);
	b->job.at_us = b->question.at_us = clock_now_us();
	b->job.cpu_scale = 1000;
	b->question.trust = open_trust(b->job.trust_fd);
	b->question.policy = trust_policy(b->question.trust);
	if (argv[7] == NULL)
		return;
	read_file(argv[7], &b->beside);
	b->content = (struct content){ argv[7], b->beside.data, b->beside.len };
	b->question.contents = &b->content;
	b->question.content_count = b->job.content_count = 1;
	b->job.contents[0].name = argv[7];
	b->job.contents[0].fd = seal(&b->beside);
	b->job.contents[0].bytes = view(b->job.contents[0].fd, b->beside.len);
}

static void
warm_up(const struct bench *b)
{
	struct report *r = judge(b);

	if (r->indication != TOTAL_PASSED)
		errx(1, "%s: %s %s", r->file, indication_name(r->indication),
		    subindication_name(r->subindication));
	report_free(r);
}

/* How long the verdict on a file took, in microseconds. */
static int64_t
time_one(struct bench *b, const char *path)
{
	int64_t began_us;

	read_file(path, &b->file);
	b->job.name = path;
	began_us = clock_mono_us();
	warm_up(b);
	began_us = clock_mono_us() - began_us;
	blob_release(&b->file);
	return began_us;
}

static int
unknown(char **argv)
{
	/* As prepare() wants them. */
	char *as_one[] = { NULL, NULL, NULL, NULL, argv[2], argv[3], argv[4],
		NULL };
	struct bench b = { 0 };
	int64_t us, sum = 0, worst = 0, n = 0;

	trust_init();
	xades_init();
	prepare(&b, as_one);
	warm_up(&b);
	blob_release(&b.file);
	for (char **path = argv + 5; *path != NULL; path++, n++) {
		us = time_one(&b, *path);
		sum += us;
		worst = us > worst ? us : worst;
	}
	printf("%" PRId64 " %" PRId64 "\n", sum / n, worst);
	return 0;
}

int
main(int argc, char **argv)
{
	struct bench b = { 0 };
	pthread_t threads[CHILDREN_MAX];
	int64_t seconds, children;
	uintptr_t total = 0;
	void *n;

	if (argc >= 6 && strcmp(argv[1], "unknown") == 0)
		return unknown(argv);
	if (argc < 7 || !text_int(argv[2], &seconds) || seconds < 1 ||
	    !text_int(argv[3], &children) || children < 1 ||
	    children > CHILDREN_MAX)
		errx(64, "usage: see the top of tests/bench/verify.c");
	if (strcmp(argv[1], "sandbox") == 0)
		b.verifier = verifier_new((int)children);
	else
		children = 1;
	trust_init();
	xades_init();
	prepare(&b, argv);
	for (int64_t i = 0; i < children; i++)
		warm_up(&b);
	b.until_us = clock_mono_us() + seconds * CLOCK_SEC_US;
	for (int64_t i = 0; i < children; i++)
		pthread_create(&threads[i], NULL, run, &b);
	for (int64_t i = 0; i < children; i++) {
		pthread_join(threads[i], &n);
		total += (uintptr_t)n;
	}
	printf("%ju\n", (uintmax_t)(total / (uintmax_t)seconds));
	verifier_free(b.verifier);
	return 0;
}
