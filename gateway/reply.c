#include "gateway/reply.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/request.h"

struct reply {
	int status;
	char *type;
	void *body;
	size_t len;
	size_t header_count;
	struct {
		const char *name;
		char *value;
	} headers[REPLY_HEADERS_MAX];
};

/* Takes body over. */
static struct reply *
make(int status, const char *type, void *body, size_t len)
{
	struct reply *r = blob_calloc(1, sizeof(*r));

	assert(status >= 200 && status <= 599);

	r->status = status;
	r->type = blob_strdup(type);
	r->body = body;
	r->len = len;
	return r;
}

static struct reply *
make_json(int status, const char *type, struct json *j)
{
	char *text = json_write(j);

	json_free(j);
	return make(status, type, text, strlen(text));
}

struct reply *
reply_json(int status, struct json *j)
{
	return make_json(status, "application/json", j);
}

struct reply *
reply_bytes(int status, const char *type, const void *data, size_t len)
{
	return make(status, type, blob_copy(data, len).data, len);
}

/* RFC 6266: a plain name as it is, any other percent-encoded. */
static void
put_name(struct buf *b, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	if (name[strspn(name, plain)] == '\0') {
		buf_printf(b, "filename=\"%s\"", name);
		return;
	}
	buf_puts(b, "filename*=UTF-8''");
	for (; *name != '\0'; name++)
		if (strchr(plain, *name) != NULL)
			buf_printf(b, "%c", *name);
		else
			buf_printf(b, "%%%02X", (unsigned char)*name);
}

struct reply *
reply_attachment(
    const char *type, const void *data, size_t len, const char *name)
{
	struct reply *r = reply_bytes(200, type, data, len);
	struct buf value = { 0 };

	buf_puts(&value, "attachment; ");
	put_name(&value, name);
	reply_header(r, "Content-Disposition", value.data);
	buf_release(&value);
	return r;
}

struct reply *
reply_redirect(const char *url)
{
	struct reply *r = make(303, "", NULL, 0);

	reply_header(r, "Location", url);
	return r;
}

/* Whose fault it is decides how loud the log is; a stranger's mistakes, which
 * he can make all day, are not worth waking anyone. */
static void
tell(const struct request *req, const struct err *e)
{
	const char *who = req->principal[0] != '\0' ? req->principal : "nobody";

	if (err_http(e->code) >= 500)
		log_warnx("%s %s: %s for %s: %s", req->method, req->path,
		    err_name(e->code), who, e->detail);
	else
		log_info("%s %s: %s for %s: %s%s%s", req->method, req->path,
		    err_name(e->code), who, e->pointer,
		    e->pointer[0] != '\0' ? ": " : "", e->detail);
}

/* RFC 9457, 3.2: members of our own.  One fault is told at a time. */
static struct json *
faults(const struct request *req, const struct err *e)
{
	struct json *list = json_new_list(), *fault = json_new_object();

	json_put_text(fault, "pointer", e->pointer);
	json_put_text(fault, "code", err_name(e->code));
	json_put_text(fault, "detail", err_title(e->code, req->lang));
	json_add(list, fault);
	return list;
}

/* Both languages always, so that a clerk and the portal's programmer can read
 * the same answer; title is the one that was asked for. */
static void
put_problem(struct json *j, const struct request *req, const struct err *e)
{
	struct json *titles = json_new_object();
	char type[96];

	snprintf(
	    type, sizeof(type), "urn:hosogate:error:%s", err_name(e->code));
	json_put_text(titles, "vi", err_title(e->code, ERR_VI));
	json_put_text(titles, "en", err_title(e->code, ERR_EN));
	json_put_text(j, "type", type);
	json_put_text(j, "title", err_title(e->code, req->lang));
	json_put_int(j, "status", err_http(e->code));
	json_put_text(j, "code", err_name(e->code));
	json_put(j, "titles", titles);
	if (e->pointer[0] != '\0')
		json_put(j, "errors", faults(req, e));
	json_put_text(j, "trace_id", req->trace_id);
}

/* RFC 9110, 10.2.3: what passes by itself says when to come again. */
static const char *
retry_after(const struct err *e)
{
	switch (err_http(e->code)) {
	case 429:
		return "10";
	case 500:
	case 502:
		return "30";
	case 503:
		return "5";
	default:
		return e->code == ERR_KEY_IN_FLIGHT ? "1" : NULL;
	}
}

struct reply *
reply_err_with(
    const struct request *req, const struct err *e, struct json *extra)
{
	struct reply *r;

	assert(e->code != ERR_NONE);

	tell(req, e);
	put_problem(extra, req, e);
	r = make_json(err_http(e->code), "application/problem+json", extra);
	reply_header(r, "Content-Language", req->lang == ERR_EN ? "en" : "vi");
	if (retry_after(e) != NULL)
		reply_header(r, "Retry-After", retry_after(e));
	if (err_http(e->code) == 401)
		reply_header(r, "WWW-Authenticate", "Bearer");
	return r;
}

struct reply *
reply_err(const struct request *req, const struct err *e)
{
	return reply_err_with(req, e, json_new_object());
}

void
reply_header(struct reply *r, const char *name, const char *value)
{
	assert(r->header_count < REPLY_HEADERS_MAX);
	/* A line end in a value would begin a header of someone else's. */
	assert(strpbrk(value, "\r\n") == NULL);

	r->headers[r->header_count].name = name;
	r->headers[r->header_count++].value = blob_strdup(value);
}

void
reply_etag(struct reply *r, int version)
{
	char tag[24];

	snprintf(tag, sizeof(tag), "\"v%d\"", version);
	reply_header(r, "ETag", tag);
}

/* RFC 9110, 13.1.2, by weak comparison: a W/ before a tag counts for nothing.
 * A tag of ours holds neither comma nor quote, so finding it whole suffices. */
struct reply *
reply_fresh(struct reply *r, const char *if_none_match)
{
	const char *tag = reply_find(r, "ETag");
	struct reply *fresh;

	if (if_none_match == NULL || r->status != 200 || tag == NULL)
		return r;
	if (strcmp(if_none_match, "*") != 0 &&
	    strstr(if_none_match, tag) == NULL)
		return r;
	fresh = make(304, "", NULL, 0);
	reply_header(fresh, "ETag", tag);
	reply_free(r);
	return fresh;
}

int
reply_status(const struct reply *r)
{
	return r->status;
}

const char *
reply_type(const struct reply *r)
{
	return r->type;
}

const void *
reply_body(const struct reply *r, size_t *len)
{
	*len = r->len;
	return r->body;
}

size_t
reply_header_count(const struct reply *r)
{
	return r->header_count;
}

const char *
reply_header_name(const struct reply *r, size_t i)
{
	assert(i < r->header_count);
	return r->headers[i].name;
}

const char *
reply_header_value(const struct reply *r, size_t i)
{
	assert(i < r->header_count);
	return r->headers[i].value;
}

const char *
reply_find(const struct reply *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (strcmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	return NULL;
}

void
reply_free(struct reply *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->header_count; i++)
		free(r->headers[i].value);
	free(r->type);
	free(r->body);
	free(r);
}
