/* Mails: what a stranger puts into a field stays a text. */
#include "gateway/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "gateway/files.h"
#include "gateway/template.h"

#define AT_US INT64_C(1795429440000000) /* 2026-11-23T10:24:00Z */

/* Every field that a shipped template may name. */
static const struct template_field all_fields[] = {
	{ "code", "H29.20-261123-0001", true },
	{ "procedure", "Chỉnh sửa nội dung văn bằng", false },
	{ "unit", "Sở Giáo dục và Đào tạo", false },
	{ "applicant", "NGUYỄN VĂN AN", false },
	{ "officer", "Phạm Thị Dung", false },
	{ "reason", "thiếu bản sao", false },
	{ "ground", "khoản 2 Điều 17", false },
	{ "received", "17:24 23/11/2026", false },
	{ "intake_due", "09:24 24/11/2026", false },
	{ "due", "17:24 30/11/2026", false },
	{ "ended", "17:24 27/11/2026", false },
	{ "original_due", "17:24 27/11/2026", false },
	{ "new_due", "17:24 04/12/2026", false },
	{ "amount", "60.000 ₫", false },
	{ "link", "https://localhost/v1/dossiers/X?key=a", true },
	{ "pay_link", "https://localhost/v1/pay/X?key=a", true },
};

static bool
render(const char *template, const struct template_field *fields, size_t count,
    struct buf *out, struct err *e)
{
	return mail_render(
	    &(struct mail){
		.template = template,
		.footer = "",
		.fields = fields,
		.field_count = count,
		.from_name = "Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh",
		.from = "so@tphcm.gov.vn",
		.to = "an@example.vn",
		.message_id = "1.2.applicant@tphcm.gov.vn",
		.thread_id = "1.X@tphcm.gov.vn",
		.now_us = AT_US,
	    },
	    out, e);
}

/* The decoded part of a rendered mail; the caller frees. */
static char *
part(const struct buf *mail, const char *type)
{
	struct buf packed = { 0 };
	const char *p = strstr(mail->data, type);
	char *out;
	size_t len;

	assert_non_null(p);
	for (p = strstr(p, "\r\n\r\n") + 4; *p != '-'; p++)
		if (*p != '\r' && *p != '\n')
			buf_put(&packed, p, 1);
	len = packed.len;
	out = blob_calloc(len + 1, 1);
	assert_true(text_unbase64(packed.data, (uint8_t *)out, &len));
	out[len] = '\0';
	buf_release(&packed);
	return out;
}

static void
a_template_with_an_unknown_field_is_refused(void **unused)
{
	struct buf out = { 0 };
	struct err e = { 0 };

	(void)unused;
	assert_false(render("Subject: x\n\n{cccd}\n", all_fields, 1, &out, &e));
	assert_int_equal(e.code, ERR_CONFIG);
	assert_false(render("Subject: x\n\n{code\n", all_fields, 1, &out, &e));
	assert_false(render("no subject\n\nx\n", all_fields, 1, &out, &e));
	assert_false(render("", all_fields, 1, &out, &e));
	buf_release(&out);
}

static void
an_address_that_could_add_a_header_is_refused(void **unused)
{
	static const char *const bad[] = { "", "a", "@b.vn", "a@", "a@b@c.vn",
		"a b@c.vn", "a@c.vn\r\nBcc: d@e.vn", "a@c.vn\n", "<a@c.vn>",
		"a@c.vn,d@e.vn", "\"a\"@c.vn", "a@c.vn>", "a@-c.vn", "a@c.vn.",
		"ă@c.vn", "a@c_d.vn" };

	(void)unused;
	for (size_t i = 0; i < nitems(bad); i++)
		if (mail_address_is_plain(bad[i]))
			fail_msg("%s", bad[i]);
	assert_true(mail_address_is_plain("ptdung.sgddt@tphcm.gov.vn"));
	assert_true(mail_address_is_plain("a+b_c@example.vn"));
}

static void
an_official_domain_is_matched_whole(void **unused)
{
	const char *domains = "tphcm.gov.vn\nsgddt.tphcm.gov.vn";

	(void)unused;
	assert_false(mail_is_official("a@gmail.com", domains));
	assert_false(mail_is_official("a@eviltphcm.gov.vn", domains));
	assert_false(mail_is_official("a@tphcm.gov.vn.evil.vn", domains));
	assert_false(mail_is_official("a@x.tphcm.gov.vn", domains));
	assert_false(mail_is_official("a@", domains));
	assert_false(mail_is_official("a@tphcm.gov.vn", ""));
	assert_true(mail_is_official("a@tphcm.gov.vn", domains));
	assert_true(mail_is_official("a@SGDDT.TPHCM.gov.vn", domains));
}

static void
a_value_adds_no_header_no_line_and_no_tag(void **unused)
{
	const struct template_field fields[] = {
		{ "name", "A\r\nBcc: e@evil.vn\r\n\r\n<script>x</script>",
		    false },
	};
	struct buf out = { 0 };
	struct err e = { 0 };
	char *plain, *html;

	(void)unused;
	assert_true(
	    render("Subject: {name}\n\nHello {name}.\n", fields, 1, &out, &e));
	assert_null(strstr(out.data, "Bcc:"));
	plain = part(&out, "text/plain");
	assert_non_null(strstr(plain, "Hello A  Bcc: e@evil.vn    <script>"));
	html = part(&out, "text/html");
	assert_null(strstr(html, "<script>"));
	assert_non_null(strstr(html, "&lt;script&gt;"));
	free(plain);
	free(html);
	buf_release(&out);
}

static void
a_whole_identity_number_never_leaves(void **unused)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "CCCD 079201001234.", "CCCD ********1234." },
		{ "CMND 123456789", "CMND *****6789" },
		{ "079201001234 và 123456789", "********1234 và *****6789" },
		{ "tel 0281234567", "tel 0281234567" },
		{ "1234567890123", "1234567890123" },
		{ "a1 b22", "a1 b22" },
	};

	(void)unused;
	for (size_t i = 0; i < nitems(cases); i++) {
		const struct template_field field = { "x", cases[i].in, false };
		struct buf out = { 0 };
		struct err e = { 0 };
		char *plain;

		assert_true(render("Subject: s\n\n{x}\n", &field, 1, &out, &e));
		plain = part(&out, "text/plain");
		plain[strcspn(plain, "\r")] = '\0';
		assert_string_equal(plain, cases[i].out);
		free(plain);
		buf_release(&out);
	}
}

static void
no_shipped_template_lets_an_identity_number_through(void **unused)
{
	struct template_field fields[nitems(all_fields)];

	(void)unused;
	memcpy(fields, all_fields, sizeof(fields));
	for (size_t i = 0; i < nitems(fields); i++)
		if (!fields[i].exact)
			fields[i].value = "a 079201001234 b";
	for (size_t i = 0; files_name(i) != NULL; i++) {
		const char *text = files_text(files_name(i));
		struct buf out = { 0 };
		struct err e = { 0 };
		char *plain;

		if (strncmp(files_name(i), "mail-", 5) != 0 ||
		    strcmp(files_name(i), "mail-footer.txt") == 0)
			continue;
		assert_true(render(text, fields, nitems(fields), &out, &e));
		plain = part(&out, "text/plain");
		assert_null(strstr(plain, "079201001234"));
		assert_non_null(strstr(plain, "********1234"));
		free(plain);
		buf_release(&out);
	}
}

static void
an_attachment_comes_out_as_it_went_in(void **unused)
{
	static const char bytes[] = "%PDF-1.7\n\0\xff binary";
	const struct mail_file files[] = {
		{ "Giấy tiếp nhận hồ sơ và hẹn trả kết quả \"mẫu 01\".pdf",
		    "application/pdf", bytes, sizeof(bytes) },
		{ "b.pdf", "application/pdf", "b", 1 },
	};
	struct buf out = { 0 }, name = { 0 };
	struct err e = { 0 };
	const char *head;
	char *body;

	(void)unused;
	assert_true(mail_render(&(struct mail){ .template = "Subject: s\n\nx\n",
				    .footer = "",
				    .files = files,
				    .file_count = nitems(files),
				    .from_name = "S",
				    .from = "so@tphcm.gov.vn",
				    .to = "an@example.vn",
				    .message_id = "1@tphcm.gov.vn",
				    .thread_id = "1.X@tphcm.gov.vn",
				    .now_us = AT_US },
	    &out, &e));

	assert_non_null(strstr(out.data, "multipart/mixed; boundary="));
	body = part(&out, "application/pdf");
	assert_memory_equal(body, bytes, sizeof(bytes));
	free(body);
	head = strstr(out.data, "Content-Disposition: attachment");
	for (int i = 0; i < 10; i++) {
		char piece[32];
		const char *p;

		snprintf(piece, sizeof(piece), "filename*%d*=", i);
		p = strstr(head, piece);
		if (p == NULL)
			break;
		p += strlen(piece) + (i == 0 ? strlen("UTF-8''") : 0);
		for (; *p != ';' && *p != '\r'; p++) {
			uint8_t c = (uint8_t)*p;

			if (*p == '%') {
				char hex[] = { p[1], p[2], '\0' };

				assert_true(text_unhex(hex, &c, 1));
				p += 2;
			}
			buf_put(&name, &c, 1);
		}
		if (*p == '\r')
			break;
	}
	assert_string_equal(name.data, files[0].name);
	for (const char *p = out.data; *p != '\0';) {
		size_t len = strcspn(p, "\r");

		assert_true(len <= 78);
		p += len + 2;
	}
	assert_non_null(
	    strstr(out.data, "filename*0*=UTF-8''b.pdf\r\n\r\nYg==\r\n"
			     "--=_files_hosogate--\r\n"));
	buf_release(&name);
	buf_release(&out);
}

static void
a_line_with_an_empty_field_is_left_out(void **unused)
{
	const struct template_field fields[] = { { "due", "", false },
		{ "code", "X", true } };
	struct buf out = { 0 };
	struct err e = { 0 };
	char *plain;

	(void)unused;
	assert_true(render("Subject: s\n\nOne {code}\nDue: {due}\nTwo\n",
	    fields, 2, &out, &e));
	plain = part(&out, "text/plain");
	assert_string_equal(plain, "One X\r\nTwo\r\n");
	free(plain);
	buf_release(&out);
}

static void
no_line_is_longer_than_a_mail_may_have(void **unused)
{
	struct buf out = { 0 };
	struct err e = { 0 };

	(void)unused;
	assert_true(render(
	    "Subject: Đề nghị bổ sung hồ sơ {code} rất dài rất dài rất dài\n\n"
	    "{unit} {procedure} {link}\n",
	    all_fields, nitems(all_fields), &out, &e));
	for (const char *p = out.data; *p != '\0';) {
		size_t len = strcspn(p, "\r");

		assert_true(len <= 78);
		assert_memory_equal(p + len, "\r\n", 2);
		for (size_t i = 0; i < len; i++)
			assert_true((unsigned char)p[i] < 0x80);
		p += len + 2;
	}
	buf_release(&out);
}

static void
no_encoded_word_cuts_a_character(void **unused)
{
	struct buf out = { 0 };
	struct err e = { 0 };
	size_t words = 0;

	(void)unused;
	assert_true(render("Subject: aắằẳẵặấầẩẫậếềểễệốồổỗộớờởỡợứừửữựđĐ\n\nx\n",
	    all_fields, 0, &out, &e));
	for (const char *p = out.data; (p = strstr(p, "=?UTF-8?B?")); words++) {
		char word[80] = "";
		uint8_t bytes[80];
		size_t len = sizeof(bytes);

		p += 10;
		memcpy(word, p, strcspn(p, "?"));
		assert_true(text_unbase64(word, bytes, &len));
		assert_true(text_is_utf8((const char *)bytes, len));
	}
	assert_true(words > 2);
	buf_release(&out);
}

static void
the_headers_are_those_of_an_automatic_mail(void **unused)
{
	static const char *const lines[] = {
		"Date: Mon, 23 Nov 2026 17:24:00 +0700\r\n",
		"\r\n <so@tphcm.gov.vn>\r\n",
		"To: <an@example.vn>\r\n",
		"Message-ID: <1.2.applicant@tphcm.gov.vn>\r\n",
		"Auto-Submitted: auto-generated\r\n",
		"MIME-Version: 1.0\r\n",
	};
	struct buf out = { 0 };
	struct err e = { 0 };

	(void)unused;
	assert_true(render("Subject: s\n\nx\n", all_fields, 0, &out, &e));
	for (size_t i = 0; i < nitems(lines); i++)
		assert_non_null(strstr(out.data, lines[i]));
	buf_release(&out);
}

static void
a_link_can_be_clicked_and_english_is_marked_as_such(void **unused)
{
	struct buf out = { 0 };
	struct err e = { 0 };
	char *html;

	(void)unused;
	assert_true(render("Subject: s\n\nXem: {link}\n---\nSee: {link}\n",
	    all_fields, nitems(all_fields), &out, &e));
	html = part(&out, "text/html");
	assert_non_null(
	    strstr(html, "<a href=\"https://localhost/v1/dossiers/X?key=a\">"));
	assert_non_null(strstr(html, "<div lang=\"en\">\r\n<p>See: "));
	free(html);
	buf_release(&out);
}

static void
only_a_whole_word_becomes_a_link(void **unused)
{
	static const struct template_field fields[] = {
		{ "x", "(https://a.vn ahttps://b.vn https://c.vn/?d=1&e=\"2",
		    true },
	};
	struct buf out = { 0 };
	struct err e = { 0 };
	char *html;

	(void)unused;
	assert_true(render("Subject: s\n\n{x}\nhttps://f.vn\nhttps://g.vn\n",
	    fields, 1, &out, &e));
	html = part(&out, "text/html");
	assert_non_null(
	    strstr(html, "<p>(https://a.vn ahttps://b.vn "
			 "<a href=\"https://c.vn/?d=1&amp;e=&quot;2\">"
			 "https://c.vn/?d=1&amp;e=&quot;2</a><br>\r\n"
			 "<a href=\"https://f.vn\">https://f.vn</a><br>\r\n"
			 "<a href=\"https://g.vn\">https://g.vn</a></p>\r\n"));
	free(html);
	buf_release(&out);
}

static void
a_time_is_said_as_vietnam_has_it(void **unused)
{
	char s[MAIL_TIME_LEN];

	(void)unused;
	mail_time(AT_US, s);
	assert_string_equal(s, "17:24 23/11/2026");
	mail_time(INT64_C(946659600000000), s); /* 1999-12-31T17:00:00Z */
	assert_string_equal(s, "00:00 01/01/2000");
	mail_time(0, s);
	assert_string_equal(s, "");
}

static void
every_shipped_template_renders_in_both_languages(void **unused)
{
	size_t count = 0;

	(void)unused;
	for (size_t i = 0; files_name(i) != NULL; i++) {
		const char *text = files_text(files_name(i));
		struct buf out = { 0 };
		struct err e = { 0 };

		if (strncmp(files_name(i), "mail-", 5) != 0 ||
		    strcmp(files_name(i), "mail-footer.txt") == 0)
			continue;
		if (!render(text, all_fields, nitems(all_fields), &out, &e))
			fail_msg("%s: %s", files_name(i), e.detail);
		assert_non_null(strstr(text, " / "));
		assert_non_null(strstr(text, "\n---\n"));
		buf_release(&out);
		count++;
	}
	assert_true(count >= 18);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_template_with_an_unknown_field_is_refused),
		cmocka_unit_test(an_address_that_could_add_a_header_is_refused),
		cmocka_unit_test(an_official_domain_is_matched_whole),
		cmocka_unit_test(a_value_adds_no_header_no_line_and_no_tag),
		cmocka_unit_test(a_whole_identity_number_never_leaves),
		cmocka_unit_test(
		    no_shipped_template_lets_an_identity_number_through),
		cmocka_unit_test(an_attachment_comes_out_as_it_went_in),
		cmocka_unit_test(a_line_with_an_empty_field_is_left_out),
		cmocka_unit_test(no_line_is_longer_than_a_mail_may_have),
		cmocka_unit_test(no_encoded_word_cuts_a_character),
		cmocka_unit_test(the_headers_are_those_of_an_automatic_mail),
		cmocka_unit_test(
		    a_link_can_be_clicked_and_english_is_marked_as_such),
		cmocka_unit_test(only_a_whole_word_becomes_a_link),
		cmocka_unit_test(a_time_is_said_as_vietnam_has_it),
		cmocka_unit_test(
		    every_shipped_template_renders_in_both_languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
