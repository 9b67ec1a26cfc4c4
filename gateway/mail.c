#include "gateway/mail.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/sign.h"
#include "crypto/sign_key.h"
#include "gateway/template.h"

#define SUBJECT     "Subject: "
#define RULE        "---" /* the line between the two languages */
#define ADDRESS_MAX 254   /* RFC 5321, 4.5.3.1.3, less the brackets */
#define WORD_BYTES  39    /* an encoded word and its header's name in 76 */
#define BASE64_LINE 57    /* bytes that make 76 columns, RFC 2045, 6.8 */
#define NAME_COLS   55    /* of a piece of a file's name, RFC 2231, 3 */

/* base64 has no '_', so it can never stand in a body. */
#define BOUNDARY        "=_hosogate"
#define FILES_BOUNDARY  "=_files_hosogate"
#define SIGNED_BOUNDARY "=_signed_hosogate"

bool
mail_address_is_plain(const char *address)
{
	const char *at = strrchr(address, '@');
	size_t len = strlen(address);

	if (at == NULL || at == address || len > ADDRESS_MAX)
		return false;
	for (const char *p = address; *p != '\0'; p++)
		if (!isgraph((unsigned char)*p) ||
		    strchr("<>()[]\\,;:\"", *p) != NULL ||
		    (*p == '@' && p != at))
			return false;
	for (const char *p = at + 1; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-')
			return false;
	return isalnum((unsigned char)at[1]) &&
	       isalnum((unsigned char)address[len - 1]);
}

bool
mail_is_official(const char *address, const char *domains)
{
	const char *at = strrchr(address, '@');

	if (at == NULL || at[1] == '\0')
		return false;
	for (const char *p = domains; *p != '\0';) {
		char domain[ADDRESS_MAX + 1];
		size_t len = strcspn(p, "\n");

		snprintf(domain, sizeof(domain), "%.*s", (int)len, p);
		if (text_ieq(at + 1, domain))
			return true;
		p += len + (p[len] == '\n');
	}
	return false;
}

void
mail_time(int64_t us, char out[MAIL_TIME_LEN])
{
	char s[CLOCK_STAMP_LEN];

	out[0] = '\0';
	if (us == 0)
		return;
	clock_vn_stamp(us, s);
	memcpy(out, "hh:mm dd/mm/yyyy", sizeof("hh:mm dd/mm/yyyy"));
	memcpy(out, s + 8, 2);
	memcpy(out + 3, s + 10, 2);
	memcpy(out + 6, s + 6, 2);
	memcpy(out + 9, s + 4, 2);
	memcpy(out + 12, s, 4);
}

/* Text on the wire ends its lines with CR LF (RFC 2046, 4.1.1). */
static bool
fill(const struct mail *m, const char *text, struct buf *out, struct err *e)
{
	const struct template_fields fields = {
		.field = m->fields,
		.count = m->field_count,
	};

	while (*text != '\0') {
		struct template_span line = { text, strcspn(text, "\n") };
		size_t before = out->len;
		bool empty = false;

		if (!template_fill(&fields, line, out, &empty, e))
			return false;
		if (empty)
			out->len = before;
		else
			buf_puts(out, "\r\n");
		text += line.len + (text[line.len] == '\n');
	}
	buf_put(out, "", 0);
	return true;
}

/* How much of s, at most most bytes, ends between two characters. */
static size_t
whole_characters(const char *s, size_t most)
{
	size_t len = strlen(s);

	if (len <= most)
		return len;
	while (most > 0 && ((unsigned char)s[most] & 0xc0) == 0x80)
		most--;
	return most;
}

/* RFC 2047: encoded words, each of whole characters, folded. */
static void
put_words(struct buf *out, const char *s)
{
	const char *begin = "=?UTF-8?B?";

	do {
		size_t len = whole_characters(s, WORD_BYTES);

		buf_puts(out, begin);
		buf_base64(out, (const uint8_t *)s, len);
		buf_puts(out, "?=");
		begin = "\r\n =?UTF-8?B?";
		s += len;
	} while (*s != '\0');
}

/* RFC 5322, 3.3, in Vietnamese time. */
static void
put_date(struct buf *out, int64_t us)
{
	static const char days[] = "ThuFriSatSunMonTueWed";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t day = clock_vn_day(us);
	int64_t sec = (us - clock_vn_instant(day, 0)) / CLOCK_SEC_US;
	struct clock_date d = clock_date(day);

	buf_printf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0700\r\n",
	    &days[day % 7 * 3], d.day, &months[(d.month - 1) * 3], d.year,
	    (int)(sec / 3600), (int)(sec / 60 % 60), (int)(sec % 60));
}

/* An address or a message's name: "To: <an@example.vn>". */
static void
put_bracketed(struct buf *out, const char *header, const char *value)
{
	buf_puts(out, header);
	buf_puts(out, "<");
	buf_puts(out, value);
	buf_puts(out, ">\r\n");
}

/* Auto-Submitted keeps vacation programs from answering (RFC 3834, 5). */
static void
put_headers(const struct mail *m, const char *subject, struct buf *out)
{
	put_date(out, m->now_us);
	buf_puts(out, "From: ");
	put_words(out, m->from_name);
	put_bracketed(out, "\r\n ", m->from);
	put_bracketed(out, "To: ", m->to);
	buf_puts(out, "Subject: ");
	put_words(out, subject);
	put_bracketed(out, "\r\nMessage-ID: ", m->message_id);
	put_bracketed(out, "References: ", m->thread_id);
	buf_puts(out, "Auto-Submitted: auto-generated\r\n"
		      "Content-Language: vi, en\r\n"
		      "MIME-Version: 1.0\r\n");
}

static void
put_base64(struct buf *out, const void *data, size_t len)
{
	for (size_t i = 0; i < len; i += BASE64_LINE) {
		size_t left = len - i;

		buf_base64(out, (const uint8_t *)data + i,
		    left < BASE64_LINE ? left : BASE64_LINE);
		buf_puts(out, "\r\n");
	}
}

static void
put_part(struct buf *out, const char *type, const char *text)
{
	buf_puts(out, "--" BOUNDARY "\r\nContent-Type: ");
	buf_puts(out, type);
	buf_puts(out, "; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: base64\r\n"
		      "\r\n");
	put_base64(out, text, strlen(text));
}

/* A word of HTML that begins with https:// becomes a link. */
static void
put_linked(struct buf *out, const char *html)
{
	const char *p = html, *word;

	while ((word = strstr(p, "https://")) != NULL) {
		bool link = word == html || word[-1] == ' ' || word[-1] == '\n';
		size_t len = strcspn(word, " \r");

		buf_put(out, p, (size_t)(word - p));
		if (link) {
			buf_puts(out, "<a href=\"");
			buf_put(out, word, len);
			buf_puts(out, "\">");
		}
		buf_put(out, word, len);
		buf_puts(out, link ? "</a>" : "");
		p = word + len;
	}
	buf_puts(out, p);
}

/* Paragraphs of HTML, of lines that have their links already. */
static void
put_paragraphs(struct buf *out, const char *text)
{
	bool open = false;

	buf_puts(out, "<!DOCTYPE html>\r\n<html lang=\"vi\"><head>"
		      "<meta charset=\"utf-8\"></head><body>\r\n"
		      "<div lang=\"vi\">\r\n");
	while (*text != '\0') {
		size_t len = strcspn(text, "\r");
		bool rule = len == strlen(RULE) && memcmp(text, RULE, len) == 0;

		if (open)
			buf_puts(
			    out, len == 0 || rule ? "</p>\r\n" : "<br>\r\n");
		else if (len > 0 && !rule)
			buf_puts(out, "<p>");
		open = len > 0 && !rule;
		if (rule)
			buf_puts(
			    out, "</div>\r\n<hr>\r\n<div lang=\"en\">\r\n");
		else
			buf_put(out, text, len);
		text += len + strlen("\r\n");
	}
	buf_puts(out, open ? "</p>\r\n" : "");
	buf_puts(out, "</div>\r\n</body></html>\r\n");
}

static void
put_html(struct buf *out, const char *text)
{
	struct buf escaped = { 0 }, linked = { 0 }, html = { 0 };
	size_t room = 2 * strlen(text);

	buf_reserve(&escaped, room);
	buf_reserve(&linked, room);
	buf_reserve(&html, room);
	buf_html(&escaped, text);
	put_linked(&linked, escaped.data);
	put_paragraphs(&html, linked.data);
	put_part(out, "text/html", html.data);
	buf_release(&escaped);
	buf_release(&linked);
	buf_release(&html);
}

/* RFC 2231, 3 and 4: the name's UTF-8, percent-encoded, in pieces that may be
 * folded.  A byte is never cut in two. */
static void
put_file_name(struct buf *out, const char *name)
{
	size_t start = out->len;
	int piece = 0;

	buf_puts(out, ";\r\n filename*0*=UTF-8''");
	for (const char *p = name; *p != '\0'; p++) {
		if (out->len - start > NAME_COLS) {
			start = out->len;
			buf_printf(out, ";\r\n filename*%d*=", ++piece);
		}
		if (isalnum((unsigned char)*p) || strchr("._-", *p) != NULL)
			buf_put(out, p, 1);
		else
			buf_printf(out, "%%%02X", (unsigned char)*p);
	}
	buf_puts(out, "\r\n");
}

static void
put_file(struct buf *out, const struct mail_file *f)
{
	buf_printf(out,
	    "--" FILES_BOUNDARY "\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment",
	    f->type);
	put_file_name(out, f->name);
	buf_puts(out, "\r\n");
	put_base64(out, f->data, f->len);
}

/* The text twice, from its Content-Type on. */
static void
put_text(struct buf *out, const char *body)
{
	buf_puts(out,
	    "Content-Type: multipart/alternative; boundary=\"" BOUNDARY "\"\r\n"
	    "\r\n");
	put_part(out, "text/plain", body);
	put_html(out, body);
	buf_puts(out, "--" BOUNDARY "--\r\n");
}

/* All that a signature covers. */
static void
put_entity(const struct mail *m, struct buf *out, const char *body)
{
	if (m->file_count == 0) {
		put_text(out, body);
		return;
	}
	buf_puts(out,
	    "Content-Type: multipart/mixed; boundary=\"" FILES_BOUNDARY "\"\r\n"
	    "\r\n"
	    "--" FILES_BOUNDARY "\r\n");
	put_text(out, body);
	for (size_t i = 0; i < m->file_count; i++)
		put_file(out, &m->files[i]);
	buf_puts(out, "--" FILES_BOUNDARY "--\r\n");
}

/* micalg (RFC 8551, 3.5.3.2): the signer's digest, known by its length. */
static const char *
digest_name(const struct signer_key *signer)
{
	static const struct sign_content nothing;
	uint8_t hash[SIGN_HASH_MAX];
	size_t len = signer_hash(signer, &nothing, hash);

	return len == 64 ? "sha-512" : len == 48 ? "sha-384" : "sha-256";
}

static bool
put_signed(const struct mail *m, const struct buf *entity, struct buf *out,
    struct err *e)
{
	const struct blob content = { (uint8_t *)entity->data, entity->len };
	const struct sign_options options = { .at_us = m->now_us };
	struct blob signature = { 0 };

	if (!sign_cades(m->signer, &content, &options, &signature, e))
		return false;
	buf_printf(out,
	    "Content-Type: multipart/signed; micalg=%s;\r\n"
	    " protocol=\"application/pkcs7-signature\";\r\n"
	    " boundary=\"" SIGNED_BOUNDARY "\"\r\n"
	    "\r\n"
	    "--" SIGNED_BOUNDARY "\r\n",
	    digest_name(m->signer));
	buf_put(out, entity->data, entity->len);
	buf_puts(out,
	    "\r\n--" SIGNED_BOUNDARY "\r\n"
	    "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n"
	    "\r\n");
	put_base64(out, signature.data, signature.len);
	buf_puts(out, "--" SIGNED_BOUNDARY "--\r\n");
	blob_release(&signature);
	return true;
}

bool
mail_render(const struct mail *m, struct buf *out, struct err *e)
{
	struct buf text = { 0 }, entity = { 0 };
	char *subject, *body;
	bool ok = false;

	buf_reserve(&text, 2 * strlen(m->template));
	if (!fill(m, m->template, &text, e) || !fill(m, m->footer, &text, e))
		goto out;
	body = strchr(text.data, '\r');
	if (strncmp(text.data, SUBJECT, strlen(SUBJECT)) != 0 || body == NULL) {
		err_set(e, ERR_CONFIG, "template: no subject");
		goto out;
	}
	*body = '\0';
	subject = text.data + strlen(SUBJECT);
	body += strspn(body + 1, "\r\n") + 1;

	put_headers(m, subject, out);
	put_entity(m, m->signer == NULL ? out : &entity, body);
	ok = m->signer == NULL || put_signed(m, &entity, out, e);

out:
	buf_release(&text);
	buf_release(&entity);
	return ok;
}
