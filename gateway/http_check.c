#include "gateway/http_check.h"

#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/text.h"

/* Others reach no route, and CONNECT and TRACE are for proxies. */
static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH",
	"DELETE", "OPTIONS" };

/* Twice would leave open which of the two counts. */
static const char *const singles[] = { "Host", "Content-Length",
	"Transfer-Encoding", "Content-Type", "Authorization", "Idempotency-Key",
	"If-Match", "If-None-Match", "Cookie", "Expect" };

/* The first sin is the one that is told; the others often follow from it. */
static void
blame(struct http_check *c, const char *sin)
{
	if (c->sin == NULL)
		c->sin = sin;
}

/* RFC 9110, 5.6.2: a token; blanks and control bytes above all are none. */
static bool
is_token(const char *s, size_t len)
{
	static const char others[] = "!#$%&'*+-.^_`|~0123456789"
				     "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < len; i++)
		if (s[i] == '\0' || strchr(others, s[i]) == NULL)
			return false;
	return len > 0;
}

/* RFC 9110, 5.5: no control byte but the tab.  Bytes above ASCII are allowed
 * and mean nothing to us. */
static bool
is_clean(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)s[i] < 0x20 && s[i] != '\t') ||
		    s[i] == 0x7f)
			return false;
	return true;
}

static void
check_single(struct http_check *c, const char *name)
{
	for (size_t i = 0; i < nitems(singles); i++) {
		if (!text_ieq(name, singles[i]))
			continue;
		if (c->singles & 1u << i)
			blame(c, "a field stands twice");
		c->singles |= 1u << i;
	}
}

/* Where the body ends (RFC 9112, 6): the numbers that two readers must read
 * alike, or one request becomes two. */
static void
check_framing(struct http_check *c, const char *name, const char *value)
{
	if (text_ieq(name, "Host")) {
		c->hosts++;
	} else if (text_ieq(name, "Content-Length")) {
		c->lengths++;
		if (!text_int(value, &c->content_length))
			blame(c, "content-length is no number");
	} else if (text_ieq(name, "Transfer-Encoding")) {
		c->codings++;
		c->chunked = true;
		if (!text_ieq(value, "chunked"))
			blame(c, "transfer-encoding is not chunked");
	} else if (text_ieq(name, "Expect")) {
		c->expects = true;
	}
}

void
http_check_field(struct http_check *c, const struct http_field *f)
{
	c->fields++;
	c->bytes += f->name_len + f->value_len;
	if (!is_token(f->name, f->name_len)) {
		blame(c, "a field's name is no token");
		return;
	}
	if (f->value == NULL)
		return;
	if (!is_clean(f->value, f->value_len))
		blame(c, "control bytes in a field");
	check_single(c, f->name);
	check_framing(c, f->name, f->value);
}

/*
 * What the head must have been long if it was "Name: value" CRLF throughout;
 * one byte less a field where there was no blank after the colon.  Longer
 * means that something was not shown, shorter that line ends lack their CR.
 */
static bool
is_all_shown(const struct http_check *c, const struct http_check_line *line)
{
	size_t most = strlen(line->method) + 1 + line->url_len + 1 +
		      strlen(line->version) + 2 + c->bytes + 4 * c->fields + 2;

	if (line->head_len == 0)
		return true;
	return line->head_len <= most && line->head_len + c->fields >= most;
}

static const char *
find_sin(const struct http_check *c, const struct http_check_line *line)
{
	bool known = false;

	if (c->sin != NULL)
		return c->sin;
	for (size_t i = 0; i < nitems(methods); i++)
		if (strcmp(line->method, methods[i]) == 0)
			known = true;
	if (!known)
		return "unknown method";
	if (c->lengths + c->codings > 1)
		return "content-length beside transfer-encoding";
	/* RFC 9112, 3.2: Host is required since 1.1; and 6.1: chunked is not
	 * known before it. */
	if (strcmp(line->version, "HTTP/1.1") == 0) {
		if (c->hosts != 1)
			return "no host";
	} else if (strcmp(line->version, "HTTP/1.0") != 0) {
		return "unknown version";
	} else if (c->codings > 0) {
		return "transfer-encoding in HTTP/1.0";
	}
	if (!is_all_shown(c, line))
		return "the head holds more or less than its fields";
	return NULL;
}

bool
http_check_end(const struct http_check *c, const struct http_check_line *line,
    struct err *e)
{
	const char *sin = find_sin(c, line);

	if (c->fields > HTTP_FIELDS_MAX)
		return err_set(
		    e, ERR_HEADERS_TOO_LARGE, "http: %u fields", c->fields);
	if (sin != NULL)
		return err_set(e, ERR_BAD_REQUEST, "http: %s", sin);
	return true;
}
