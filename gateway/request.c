#include "gateway/request.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/text.h"
#include "crypto/mac.h"

#define TRACEPARENT_LEN 55 /* W3C Trace Context, 3.2 */
#define TRACE_ID_LEN    16 /* bytes */

/*
 * RFC 3986, 2.1, in place.  What decodes to a control byte would be a second
 * meaning for someone down the road, and a NUL would cut a string short.
 */
static bool
decode(char *s, bool plus_is_space)
{
	char *out = s;

	for (; *s != '\0'; s++) {
		int c = (unsigned char)*s;

		if (c == '%') {
			int high = text_hex_digit(s[1]);
			int low = high < 0 ? -1 : text_hex_digit(s[2]);

			if (low < 0)
				return false;
			c = high << 4 | low;
			s += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		if (c < 0x20 || c == 0x7f)
			return false;
		*out++ = (char)c;
	}
	*out = '\0';
	return true;
}

/* Only what RFC 3986 lets stand unescaped: visible ASCII, and no fragment. */
static bool
is_plain(const char *raw, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)raw[i];

		if (c <= 0x20 || c >= 0x7f || c == '#')
			return false;
	}
	return true;
}

/* One name=value; a name alone has the empty value. */
static bool
add_arg(struct request *req, char *pair, struct err *e)
{
	char *value = strchr(pair, '=');

	if (value != NULL)
		*value++ = '\0';
	else
		value = pair + strlen(pair);
	if (!decode(pair, true) || !decode(value, true) ||
	    !text_is_utf8(pair, strlen(pair)) ||
	    !text_is_utf8(value, strlen(value)))
		return err_set(e, ERR_BAD_REQUEST, "query: badly encoded");
	/* Two values for one name: whoever checks might read the other one. */
	if (request_query(req, pair, NULL) != NULL)
		return err_set(
		    e, ERR_BAD_REQUEST, "query: %.40s stands twice", pair);
	if (req->query_count == REQUEST_ARGS_MAX)
		return err_set(e, ERR_BAD_REQUEST,
		    "query: more than %d parameters", REQUEST_ARGS_MAX);
	req->query[req->query_count].name = pair;
	req->query[req->query_count++].value = value;
	return true;
}

bool
request_split_query(struct request *req, struct err *e)
{
	char *query = req->query_text, *pair;

	if (!is_plain(req->raw_query, strlen(req->raw_query)))
		return err_set(e, ERR_BAD_REQUEST, "query: not escaped");
	while ((pair = strsep(&query, "&")) != NULL)
		if (*pair != '\0' && !add_arg(req, pair, e))
			return false;
	return true;
}

/* RFC 9112, 3.2.2: a server takes the absolute form too. */
static const char *
skip_authority(const char *raw)
{
	size_t scheme = 0;

	if (strncmp(raw, "http://", 7) == 0)
		scheme = 7;
	else if (strncmp(raw, "https://", 8) == 0)
		scheme = 8;
	return scheme == 0 ? raw : raw + scheme + strcspn(raw + scheme, "/?");
}

bool
request_url(struct request *req, const char *raw, char *storage, struct err *e)
{
	size_t path_len;

	raw = skip_authority(raw);
	path_len = strcspn(raw, "?");
	if (*raw != '/' || !is_plain(raw, path_len))
		return err_set(e, ERR_BAD_REQUEST, "url: not a path");
	req->raw_query = raw + path_len + (raw[path_len] == '?');

	memcpy(storage, raw, strlen(raw) + 1);
	storage[path_len] = '\0';
	req->query_text = storage + (req->raw_query - raw);
	if (strcasestr(storage, "%2f") != NULL || !decode(storage, false) ||
	    !text_is_utf8(storage, strlen(storage)))
		return err_set(e, ERR_BAD_REQUEST, "url: path badly encoded");
	req->path = storage;
	return true;
}

/* The q of an item of a list, in thousandths (RFC 9110, 12.4.2). */
static int
quality(const char *item, size_t len)
{
	const char *q = memmem(item, len, "q=", 2), *end = item + len;
	int n = 0;

	if (q == NULL)
		return 1000;
	q += 2;
	if (q == end || *q != '0')
		return q < end && *q == '1' ? 1000 : 0;
	q++;
	if (q == end || *q != '.')
		return 0;
	for (int unit = 100; unit > 0 && ++q < end; unit /= 10) {
		if (*q < '0' || *q > '9')
			break;
		n += unit * (*q - '0');
	}
	return n;
}

/* How much a list such as Accept wants this; a range counts when nothing says
 * it exactly.  "vi" is also wanted by "vi-VN". */
static int
wanted(const char *list, const char *what, const char *range)
{
	size_t what_len = strlen(what);
	int by_range = 0;

	while (*list != '\0') {
		size_t len, name;

		list += strspn(list, " \t,");
		len = strcspn(list, ",");
		name = strcspn(list, ",; \t");
		if (name >= what_len &&
		    strncasecmp(list, what, what_len) == 0 &&
		    (name == what_len || list[what_len] == '-'))
			return quality(list, len);
		if (name == strlen(range) && strncmp(list, range, name) == 0)
			by_range = quality(list, len);
		list += len;
	}
	return by_range;
}

/* RFC 9110, 12.5.4.  Vietnamese where nothing or both are wanted alike. */
static bool
take_language(struct request *req, const char *value, struct err *e)
{
	(void)e;
	req->lang =
	    wanted(value, "en", "") > wanted(value, "vi", "") ? ERR_EN : ERR_VI;
	return true;
}

/* A browser names text/html, a program says anything or application/json. */
static bool
take_accept(struct request *req, const char *value, struct err *e)
{
	(void)e;
	req->html = wanted(value, "text/html", "*/*") >
		    wanted(value, "application/json", "*/*");
	return true;
}

static bool
take_type(struct request *req, const char *value, struct err *e)
{
	(void)e;
	req->content_type = value;
	return true;
}

static bool
take_authorization(struct request *req, const char *value, struct err *e)
{
	(void)e;
	req->authorization = value;
	return true;
}

static bool
take_none_match(struct request *req, const char *value, struct err *e)
{
	(void)e;
	req->if_none_match = value;
	return true;
}

/* RFC 6265, 4.2.1.  A cookie of ours that is too long is none of ours. */
static bool
take_cookie(struct request *req, const char *value, struct err *e)
{
	static const char ours[] = REQUEST_COOKIE "=";

	(void)e;
	while (*value != '\0') {
		size_t len = strcspn(value, ";");

		if (strncmp(value, ours, sizeof(ours) - 1) == 0) {
			size_t n = len - (sizeof(ours) - 1);

			if (n == 0 || n >= sizeof(req->session_text))
				return true;
			memcpy(req->session_text, value + len - n, n);
			req->session_text[n] = '\0';
			req->session = req->session_text;
			return true;
		}
		value += len;
		value += strspn(value, "; ");
	}
	return true;
}

/* A string of RFC 8941, 3.3.3; bare is taken too, since many send it so. */
static bool
take_key(struct request *req, const char *value, struct err *e)
{
	size_t len = strlen(value);

	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	if (len == 0 || len > REQUEST_KEY_MAX)
		return err_set(
		    e, ERR_BAD_REQUEST, "idempotency-key: %zu bytes", len);
	for (size_t i = 0; i < len; i++)
		if (value[i] <= 0x20 || value[i] >= 0x7f || value[i] == '"')
			return err_set(e, ERR_BAD_REQUEST,
			    "idempotency-key: not visible ASCII");
	memcpy(req->key_text, value, len);
	req->key_text[len] = '\0';
	req->idempotency_key = req->key_text;
	return true;
}

/*
 * Our tags are "v<version>".  Another tag, or a weak one, matches no version
 * (RFC 9110, 13.1.1), so the caller hears 412.  "*" names no version: as if
 * there were none.
 */
static bool
take_match(struct request *req, const char *value, struct err *e)
{
	char digits[16];
	int64_t version;
	int used = 0;

	(void)e;
	if (strcmp(value, "*") == 0)
		return true;
	req->if_match = -1;
	if (sscanf(value, "\"v%9[0-9]\"%n", digits, &used) == 1 && used > 0 &&
	    value[used] == '\0' && text_int(digits, &version) && version > 0)
		req->if_match = (int)version;
	return true;
}

/* W3C Trace Context, 3.2.2: lower case, not all zeros; of a version to come
 * the first 55 bytes still mean the same.  What is malformed is ignored. */
static bool
take_trace(struct request *req, const char *value, struct err *e)
{
	static const char zeros[] = "00000000000000000000000000000000";
	static const char hex[] = "0123456789abcdef";

	(void)e;
	if (strlen(value) < TRACEPARENT_LEN || strspn(value, hex) != 2 ||
	    strncmp(value, "ff", 2) == 0 || value[2] != '-' ||
	    strspn(value + 3, hex) != 32 || value[35] != '-' ||
	    strspn(value + 36, hex) != 16 || value[52] != '-' ||
	    strspn(value + 53, hex) < 2)
		return true;
	if (strncmp(value + 3, zeros, 32) == 0 ||
	    strncmp(value + 36, zeros, 16) == 0)
		return true;
	memcpy(req->trace_id, value + 3, 32);
	req->trace_id[32] = '\0';
	return true;
}

static bool
take_notice_mac(struct request *req, const char *value, struct err *e)
{
	(void)e;
	req->notice_mac = value;
	return true;
}

static bool
take_notice_stamp(struct request *req, const char *value, struct err *e)
{
	(void)e;
	req->notice_stamp = value;
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct request *req, const char *value, struct err *e);
} headers[] = {
	{ "Accept", take_accept },
	{ "Accept-Language", take_language },
	{ "Authorization", take_authorization },
	{ "Content-Type", take_type },
	{ "Cookie", take_cookie },
	{ "Idempotency-Key", take_key },
	{ "If-Match", take_match },
	{ "If-None-Match", take_none_match },
	{ "traceparent", take_trace },
	{ "X-SePay-Signature", take_notice_mac },
	{ "X-SePay-Timestamp", take_notice_stamp },
};

bool
request_header(
    struct request *req, const char *name, const char *value, struct err *e)
{
	for (size_t i = 0; i < nitems(headers); i++)
		if (text_ieq(headers[i].name, name))
			return headers[i].take(req, value, e);
	return true;
}

/* Randomness for 32 requests at a time: asked for singly it would cost more
 * than the rest of a probe's answer. */
void
request_trace(struct request *req)
{
	static _Thread_local uint8_t pool[32 * TRACE_ID_LEN];
	static _Thread_local size_t left;

	if (left == 0) {
		mac_random(pool, sizeof(pool));
		left = sizeof(pool);
	}
	left -= TRACE_ID_LEN;
	text_hex(pool + left, TRACE_ID_LEN, req->trace_id);
}

bool
request_media(const char *type, const char *media)
{
	size_t len = strlen(media);

	return strncasecmp(type, media, len) == 0 &&
	       (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

bool
request_has_proof(const struct request *req)
{
	return req->authorization != NULL || req->session != NULL ||
	       request_query(req, "key", NULL) != NULL;
}

const char *
request_query(const struct request *req, const char *name, const char *fallback)
{
	for (size_t i = 0; i < req->query_count; i++)
		if (strcmp(req->query[i].name, name) == 0)
			return req->query[i].value;
	return fallback;
}
