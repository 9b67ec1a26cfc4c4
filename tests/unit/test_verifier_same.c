/*
 * The sandbox changes nothing but what can happen: every fixture is judged in
 * a child as it is in this process, to the last byte of the report.
 */
#include "crypto/verifier.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/sealed.h"
#include "crypto/judge.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/xades.h"
#include "tests/unit/fixture.h"

static struct verifier *verifier;
static struct trust_bundle *bundle;
static struct trust *trust;
static int64_t now_us;

static int
seal(const struct blob *b)
{
	struct err e = { 0 };
	int fd = -1;

	assert_true(sealed_new(b->data, b->len, &fd, &e));
	return fd;
}

static struct report *
judge_here(const struct blob *file, const struct blob *content)
{
	const struct content c = { "content", content->data, content->len };
	const struct question q = { .at_us = now_us,
		.trust = trust,
		.policy = trust_policy(trust),
		.contents = &c,
		.content_count = 1 };

	return judge_file("fixture", file->data, file->len, &q);
}

static struct report *
judge_there(const struct blob *file, int content)
{
	struct verifier_job j = { .name = "fixture",
		.document_fd = seal(file),
		.at_us = now_us,
		.contents = { { "content", content } },
		.content_count = 1,
		.cpu_scale = 100,
		.wall_ms = 120000 };
	struct report *r;

	j.trust_fd = trust_bundle_seal(bundle, j.trust_generation);
	r = verifier_judge(verifier, &j);
	close(j.document_fd);
	return r;
}

static void
is_same(const char *name, const struct blob *content, int content_fd)
{
	struct blob file = fixture_load(name);
	struct report *here = judge_here(&file, content);
	struct report *there = judge_there(&file, content_fd);
	struct buf a = { 0 }, b = { 0 };

	report_write(here, &a);
	report_write(there, &b);
	if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
		fail_msg("%s is judged otherwise in a child", name);
	buf_release(&a);
	buf_release(&b);
	report_free(here);
	report_free(there);
	blob_release(&file);
}

static void
every_fixture_is_judged_in_a_child_as_it_is_here(void **unused)
{
	static const char *const folders[] = { "good", "bad" };
	struct blob content = fixture_load("content");
	int fd = seal(&content);
	char path[320], name[128];
	struct dirent *d;
	size_t count = 0;
	DIR *dir;

	(void)unused;

	for (size_t i = 0; i < 2; i++) {
		snprintf(
		    path, sizeof(path), "%s/%s", fixture_folder, folders[i]);
		dir = opendir(path);
		assert_non_null(dir);
		while ((d = readdir(dir)) != NULL) {
			if (d->d_name[0] == '.')
				continue;
			snprintf(name, sizeof(name), "%s/%.100s", folders[i],
			    d->d_name);
			is_same(name, &content, fd);
			count++;
		}
		closedir(dir);
	}
	assert_true(count > 80);
	close(fd);
	blob_release(&content);
}

static struct trust_bundle *
collect(void)
{
	struct trust_bundle *b = trust_bundle_new();

	fixture_add(b, "pki/root/cert.pem", TRUST_ANCHOR, TRUST_ANY);
	fixture_add(b, "pki/root.crl", TRUST_CRL, 0);
	fixture_add(b, "pki/ca.crl", TRUST_CRL, 0);
	return b;
}

/* The children are forked before anything else, as in the gateway. */
static int
make(void **unused)
{
	(void)unused;

	verifier = verifier_new(1);
	fixture_make("tests/fixtures/make-cms.sh");
	trust_init();
	xades_init();
	now_us = clock_now_us();
	bundle = collect();
	trust = fixture_open(collect());
	return 0;
}

static int
unmake(void **unused)
{
	(void)unused;

	trust_free(trust);
	trust_bundle_free(bundle);
	verifier_free(verifier);
	fixture_remove();
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_fixture_is_judged_in_a_child_as_it_is_here),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
