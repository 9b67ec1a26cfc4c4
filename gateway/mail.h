#ifndef GATEWAY_MAIL_H
#define GATEWAY_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Makes a mail from a template: RFC 5322 with MIME (RFC 2045), in UTF-8, as
 * plain text and the same as simple HTML, Vietnamese first and English after
 * it.  With a signer it is wrapped as S/MIME (RFC 8551, 3.5.3: multipart/signed
 * with a detached signature).  Files ride along as attachments of a
 * multipart/mixed, under the same signature; their names are UTF-8 by RFC
 * 2231.  No clock, no database, no socket.
 *
 * A template is a text file, gateway/web/mail-*.txt:
 *
 *	Subject: Hồ sơ {code} ... / Dossier {code} ...
 *
 *	Paragraphs of Vietnamese, with {fields}.
 *	---
 *	The same in English.
 *
 * A line with a field that is empty is left out; a field that is unknown is
 * an error.  Values are text: none can add a header, a line or a tag; and a
 * number as long as a CMND or a CCCD (9 or 12 digits) shows its last four
 * digits only, whoever wrote it there.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	a template without a subject, or with an unknown field
 *	from crypto/sign.h when it does not sign
 */
struct buf;
struct err;
struct signer_key;
struct template_field;

/* An attachment; type is a literal as "application/pdf". */
struct mail_file {
	const char *name;
	const char *type;
	const void *data;
	size_t len;
};

struct mail {
	const char *template;
	const char
	    *footer; /* appended to the text; a template without subject */
	const struct template_field *fields;
	size_t field_count;
	const struct mail_file *files;
	size_t file_count;
	const char *from_name, *from; /* addresses checked by the caller */
	const char *to;
	const char *message_id; /* without the angle brackets */
	const char
	    *thread_id; /* one a dossier, so that its mails hang together */
	int64_t now_us;
	const struct signer_key *signer; /* NULL: not signed */
};

bool mail_render(const struct mail *m, struct buf *out, struct err *e);

/* One address, local part and domain, that is safe in an envelope and a
 * header: ASCII, without blanks, quotes and brackets. */
bool mail_address_is_plain(const char *address);

/* Is its domain one of these (one a line)?  Exactly, not as a suffix. */
bool mail_is_official(const char *address, const char *domains);

/* "17:24 23/11/2026", in Vietnam; "" for 0. */
#define MAIL_TIME_LEN 64
void mail_time(int64_t us, char out[MAIL_TIME_LEN]);

#endif /* GATEWAY_MAIL_H */
