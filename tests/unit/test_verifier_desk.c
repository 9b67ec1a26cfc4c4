/*
 * What has no place on a child's desk comes to it and from it all the same.
 */
#include "crypto/verifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sealed.h"
#include "crypto/desk.h"
#include "crypto/digest.h"
#include "crypto/policy.h"
#include "crypto/report.h"
#include "crypto/trust.h"

static int
sealed(const struct buf *b)
{
	struct err e = { 0 };
	int fd = -1;

	assert_true(sealed_new(b->data, b->len, &fd, &e));
	return fd;
}

static bool
is_judged(struct verifier *v, const struct verifier_job *j)
{
	struct report *r = verifier_judge(v, j);
	bool ok = r->finding_count == 0 || r->findings[0].code != FIND_VERIFIER;

	report_free(r);
	return ok;
}

/* As long as the desk, shorter and longer; as a file, and mapped. */
static void
a_document_of_any_length_is_judged(void **unused)
{
	struct trust_bundle *none = trust_bundle_new();
	struct verifier *v = verifier_new(1);
	struct verifier_job j = { .name = "a.xml" };
	struct buf b = { 0 };

	(void)unused;

	j.trust_fd = trust_bundle_seal(none, j.trust_generation);
	buf_puts(&b, "<a/>");
	while (b.len < DESK_ROOM - 1)
		buf_puts(&b, " ");
	for (int i = 0; i < 3; i++) {
		j.document_fd = sealed(&b);
		j.document = (struct verifier_bytes){ 0 };
		assert_true(is_judged(v, &j));
		j.document = (struct verifier_bytes){ b.data, b.len };
		assert_true(is_judged(v, &j));
		close(j.document_fd);
		buf_puts(&b, " ");
	}
	assert_int_equal(verifier_count(v).crashed, 0);
	buf_release(&b);
	trust_bundle_free(none);
	verifier_free(v);
}

/* A policy with blanks behind it. */
static void
a_piece_of_evidence_longer_than_an_answer_comes_whole(void **unused)
{
	const struct blob *policy = policy_bytes(policy_default());
	struct trust_bundle *own = trust_bundle_new();
	struct verifier *v = verifier_new(1);
	struct verifier_job j = { .name = "a.xml" };
	struct trust_piece piece = { .name = "policy", .kind = TRUST_POLICY };
	struct buf b = { 0 };
	struct blob out = { 0 };
	struct err e = { 0 };
	uint8_t sha256[DIGEST_LEN];

	(void)unused;

	buf_put(&b, policy->data, policy->len);
	while (b.len <= DESK_ANSWER_MAX)
		buf_puts(&b, " ");
	piece.data = (const uint8_t *)b.data;
	piece.len = b.len;
	assert_true(trust_bundle_add_piece(own, &piece, &e));
	j.trust_fd = trust_bundle_seal(own, j.trust_generation);
	digest_sha256(b.data, b.len, sha256);
	assert_true(verifier_evidence(v, &j, sha256, &out));
	assert_int_equal(out.len, b.len);
	assert_memory_equal(out.data, b.data, b.len);
	blob_release(&out);
	buf_release(&b);
	trust_bundle_free(own);
	verifier_free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_of_any_length_is_judged),
		cmocka_unit_test(
		    a_piece_of_evidence_longer_than_an_answer_comes_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
