/* What a form may be, and that the way it is cut into chunks means nothing. */
#include "gateway/upload.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"
#include "crypto/digest.h"

#define TYPE       "multipart/form-data; boundary=XyZ"
#define HEAD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define GOOD                                                                   \
	"--XyZ\r\n" HEAD(                                                      \
	    "dossier") "{}\r\n"                                                \
		       "--XyZ\r\nContent-Disposition: form-data; name=\"a\"; " \
		       "filename=\"C:\\\\x\\\\\xc4\x91\xc6\xa1n.pdf\"\r\n"     \
		       "Content-Type: application/pdf\r\n\r\n"                 \
		       "%PDF\r\n--Xy\r\n\r-\r\n--XyZ--\r\n"

/* Feeds bytes in chunks of that size; what it failed with, if it failed. */
static enum err_code
feed(const char *bytes, size_t len, size_t chunk, struct upload **out)
{
	struct upload *up = NULL;
	struct err e = { 0 };
	bool ok = upload_new(TYPE, 64, 1024, &up, &e);

	assert_true(ok);
	for (size_t i = 0; ok && i < len; i += chunk)
		ok = upload_feed(
		    up, bytes + i, len - i < chunk ? len - i : chunk, &e);
	if (ok)
		ok = upload_end(up, &e);
	if (ok && out != NULL)
		*out = up;
	else
		upload_free(up);
	return ok ? ERR_NONE : e.code;
}

static enum err_code
refusal(const char *text)
{
	return feed(text, strlen(text), 7, NULL);
}

static void
any_chunking_gives_the_same_parts(void **unused)
{
	static const char content[] = "%PDF\r\n--Xy\r\n\r-";
	const struct upload_part *p;
	uint8_t hash[DIGEST_LEN];
	struct upload *up;

	(void)unused;

	digest_sha256(content, strlen(content), hash);
	for (size_t chunk = 1; chunk <= strlen(GOOD); chunk++) {
		up = NULL;
		assert_int_equal(
		    feed(GOOD, strlen(GOOD), chunk, &up), ERR_NONE);
		assert_int_equal(upload_count(up), 2);
		p = upload_find(up, "a");
		assert_non_null(p);
		assert_string_equal(p->file_name, "\xc4\x91\xc6\xa1n.pdf");
		assert_string_equal(p->type, "application/pdf");
		assert_int_equal(p->len, strlen(content));
		assert_memory_equal(p->sha256, hash, sizeof(hash));
		upload_free(up);
	}
}

static void
a_part_is_sealed_when_it_is_complete(void **unused)
{
	const struct upload_part *p;
	struct upload *up = NULL;

	(void)unused;

	assert_int_equal(feed(GOOD, strlen(GOOD), 5, &up), ERR_NONE);
	p = upload_part(up, 0);
	assert_int_equal(write(p->memfd, "x", 1), -1);
	assert_int_equal(ftruncate(p->memfd, 0), -1);
	assert_memory_equal(p->bytes, "{}", 2);
	upload_free(up);
}

static void
a_body_cut_short_anywhere_is_refused(void **unused)
{
	size_t whole = strlen(GOOD) - 2; /* the last CRLF may be missing */

	(void)unused;

	for (size_t len = 0; len < whole; len++)
		assert_int_equal(feed(GOOD, len, 9, NULL), ERR_BAD_FORM);
	assert_int_equal(feed(GOOD, whole, 9, NULL), ERR_NONE);
}

static void
nothing_stands_before_the_first_or_behind_the_last_boundary(void **unused)
{
	(void)unused;

	assert_int_equal(refusal("preamble\r\n" GOOD), ERR_BAD_FORM);
	assert_int_equal(refusal("\r\n" GOOD), ERR_BAD_FORM);
	assert_int_equal(refusal(GOOD "x"), ERR_BAD_FORM);
	assert_int_equal(refusal(GOOD GOOD), ERR_BAD_FORM);
	assert_int_equal(refusal("--XyZ--\r\n"), ERR_BAD_FORM);
}

static void
a_name_stands_once_and_is_needed(void **unused)
{
	static const char *const bad[] = {
		"--XyZ\r\n" HEAD("a") "1\r\n--XyZ\r\n" HEAD("a") "2\r\n--XyZ--",
		"--XyZ\r\n" HEAD("") "1\r\n--XyZ--",
		"--XyZ\r\n\r\n1\r\n--XyZ--",
		"--XyZ\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XyZ--",
		"--XyZ\r\nContent-Disposition: form-data; name=a; name=b\r\n"
		"\r\n1\r\n--XyZ--",
		"--XyZ\r\nContent-Disposition: attachment; name=a\r\n"
		"\r\n1\r\n--XyZ--",
		"--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n"
		"\r\n1\r\n--XyZ--",
		"--XyZ\r\n" HEAD("a\xff") "1\r\n--XyZ--",
		"--XyZ\r\n" HEAD("a\x01") "1\r\n--XyZ--",
	};

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_int_equal(refusal(bad[i]), ERR_BAD_FORM);
}

static void
line_ends_are_crlf_and_lines_are_not_folded(void **unused)
{
	static const char *const bad[] = {
		"--XyZ\nContent-Disposition: form-data; name=a\n\n1\n--XyZ--\n",
		"--XyZ\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1"
		"\r\n--XyZ--",
		"--XyZ\r\nContent-Disposition: form-data; name=a\nX: y\r\n\r\n"
		"1\r\n--XyZ--",
		"--XyZ\r\nContent-Disposition : form-data; name=a\r\n\r\n1\r\n"
		"--XyZ--",
		"--XyZ\r\nX-A: b\nc\r\n" HEAD("a") "1\r\n--XyZ--",
		"--XyZ \r\n" HEAD("a") "1\r\n--XyZ--",
	};

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_int_equal(refusal(bad[i]), ERR_BAD_FORM);
}

static void
a_transfer_encoding_is_refused(void **unused)
{
	(void)unused;

	assert_int_equal(refusal("--XyZ\r\nContent-Disposition: form-data; "
				 "name=a\r\nContent-Transfer-Encoding: base64"
				 "\r\n\r\nMQ==\r\n--XyZ--"),
	    ERR_BAD_FORM);
}

static void
what_is_larger_than_allowed_is_refused(void **unused)
{
	char form[4096];
	int len;

	(void)unused;

	/* 64 bytes a part */
	len = snprintf(
	    form, sizeof(form), "--XyZ\r\n" HEAD("a") "%064d\r\n--XyZ--", 0);
	assert_int_equal(feed(form, (size_t)len, 11, NULL), ERR_NONE);
	len = snprintf(
	    form, sizeof(form), "--XyZ\r\n" HEAD("a") "%065d\r\n--XyZ--", 0);
	assert_int_equal(feed(form, (size_t)len, 11, NULL), ERR_TOO_LARGE);
	/* 1024 bytes a form */
	memset(form, 'x', sizeof(form));
	assert_int_equal(feed(form, 1025, 1025, NULL), ERR_TOO_LARGE);
}

static void
more_parts_than_allowed_are_refused(void **unused)
{
	struct upload *up = NULL;
	struct err e = { 0 };
	char part[128];
	bool ok;

	(void)unused;

	assert_true(upload_new(TYPE, 64, 1 << 20, &up, &e));
	for (int i = 0; i < UPLOAD_PARTS_MAX; i++) {
		int len = snprintf(part, sizeof(part),
		    "%s--XyZ\r\nContent-Disposition: form-data; "
		    "name=p%d\r\n\r\n",
		    i > 0 ? "\r\n" : "", i);

		assert_true(upload_feed(up, part, (size_t)len, &e));
	}
	snprintf(part, sizeof(part), "\r\n--XyZ\r\n" HEAD("last"));
	ok = upload_feed(up, part, strlen(part), &e);
	assert_false(ok);
	assert_int_equal(e.code, ERR_TOO_LARGE);
	upload_free(up);
}

static void
a_header_without_end_is_refused(void **unused)
{
	static char form[UPLOAD_HEADER_MAX + 64];
	struct upload *up = NULL;
	struct err e = { 0 };

	(void)unused;

	memset(form, 'x', sizeof(form));
	memcpy(form, "--XyZ\r\n", 7);
	assert_true(upload_new(TYPE, 64, sizeof(form), &up, &e));
	assert_false(upload_feed(up, form, sizeof(form), &e));
	assert_int_equal(e.code, ERR_BAD_FORM);
	upload_free(up);
}

static void
another_type_or_a_bad_boundary_is_refused(void **unused)
{
	static const struct {
		const char *type;
		enum err_code code;
	} rows[] = {
		{ "application/json", ERR_BAD_MEDIA },
		{ "", ERR_BAD_MEDIA },
		{ "multipart/form-datax; boundary=a", ERR_BAD_MEDIA },
		{ "multipart/form-data", ERR_BAD_FORM },
		{ "multipart/form-data; boundary=", ERR_BAD_FORM },
		{ "multipart/form-data; boundary=\"a b\"", ERR_BAD_FORM },
		{ "multipart/form-data; boundary=a; boundary=b", ERR_BAD_FORM },
		{ "multipart/form-data; boundary=\"a\\\r\nb\"", ERR_BAD_FORM },
		{ "multipart/form-data; boundary=0123456789012345678901234567"
		  "8901234567890123456789012345678901234567890",
		    ERR_BAD_FORM },
		{ "Multipart/Form-Data; charset=utf-8; Boundary=\"a\"",
		    ERR_NONE },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		struct upload *up = NULL;
		struct err e = { 0 };
		bool ok = upload_new(rows[i].type, 64, 64, &up, &e);

		assert_int_equal(ok ? ERR_NONE : e.code, rows[i].code);
		upload_free(up);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_cut_short_anywhere_is_refused),
		cmocka_unit_test(
		    nothing_stands_before_the_first_or_behind_the_last_boundary),
		cmocka_unit_test(a_name_stands_once_and_is_needed),
		cmocka_unit_test(line_ends_are_crlf_and_lines_are_not_folded),
		cmocka_unit_test(a_transfer_encoding_is_refused),
		cmocka_unit_test(what_is_larger_than_allowed_is_refused),
		cmocka_unit_test(more_parts_than_allowed_are_refused),
		cmocka_unit_test(a_header_without_end_is_refused),
		cmocka_unit_test(another_type_or_a_bad_boundary_is_refused),
		cmocka_unit_test(any_chunking_gives_the_same_parts),
		cmocka_unit_test(a_part_is_sealed_when_it_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
