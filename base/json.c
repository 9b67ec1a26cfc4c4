#include "base/json.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"

/* struct json is jansson's json_t; this file alone knows. */
static json_t *
in(const struct json *j)
{
	return (json_t *)(uintptr_t)j;
}

static struct json *
out_of(json_t *j)
{
	if (j == NULL)
		fatalx("json: out of memory, or text that is not UTF-8");
	return (struct json *)j;
}

/* jansson's own limit is 2048 levels; ours is counted before it runs. */
static bool
too_deep(const char *bytes, size_t len)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (quoted) {
			if (bytes[i] == '\\')
				i++;
			else if (bytes[i] == '"')
				quoted = false;
		} else if (bytes[i] == '"') {
			quoted = true;
		} else if (bytes[i] == '{' || bytes[i] == '[') {
			if (++depth > JSON_DEPTH_MAX)
				return true;
		} else if (bytes[i] == '}' || bytes[i] == ']') {
			depth--;
		}
	}
	return false;
}

bool
json_parse(const char *bytes, size_t len, struct json **out, struct err *e)
{
	json_error_t why;
	json_t *j;

	if (too_deep(bytes, len))
		return err_set(
		    e, ERR_TOO_LARGE, "json: deeper than %d", JSON_DEPTH_MAX);
	j = json_loadb(
	    bytes, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (j == NULL)
		return err_set(
		    e, ERR_BAD_JSON, "json: line %d: %s", why.line, why.text);
	*out = (struct json *)j;
	return true;
}

void
json_free(struct json *j)
{
	if (j != NULL)
		json_decref(in(j));
}

enum json_kind
json_kind(const struct json *j)
{
	static const enum json_kind kinds[] = {
		[JSON_OBJECT] = JSON_KIND_OBJECT,
		[JSON_ARRAY] = JSON_KIND_LIST,
		[JSON_STRING] = JSON_KIND_TEXT,
		[JSON_INTEGER] = JSON_KIND_INT,
		[JSON_REAL] = JSON_KIND_REAL,
		[JSON_TRUE] = JSON_KIND_BOOL,
		[JSON_FALSE] = JSON_KIND_BOOL,
		[JSON_NULL] = JSON_KIND_NULL,
	};

	return kinds[json_typeof(in(j))];
}

static bool
text_fits(const struct json_field *f, const char *s, size_t len)
{
	if ((int64_t)len < f->least || (int64_t)len > f->most)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (f->multiline && (c == '\n' || c == '\t'))
			continue;
		if (c < 0x20 || c == 0x7f)
			return false;
	}
	for (size_t i = 0; f->among != NULL; i++) {
		if (f->among[i] == NULL)
			return false;
		if (strcmp(f->among[i], s) == 0)
			break;
	}
	return true;
}

static bool
value_fits(const struct json_field *f, const json_t *v)
{
	int64_t n;

	if (json_kind((const struct json *)v) != f->kind)
		return false;
	switch (f->kind) {
	case JSON_KIND_TEXT:
		return text_fits(
		    f, json_string_value(v), json_string_length(v));
	case JSON_KIND_INT:
		n = json_integer_value(v);
		return n >= f->least && n <= f->most;
	case JSON_KIND_LIST:
		n = (int64_t)json_array_size(v);
		return n >= f->least && n <= f->most;
	case JSON_KIND_NULL:
	case JSON_KIND_BOOL:
	case JSON_KIND_REAL:
	case JSON_KIND_OBJECT:
		return true;
	}
	return false;
}

static const struct json_field *
field_of(const struct json_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

bool
json_check_value(const struct json *value, const char *at,
    const struct json_field *field, struct err *e)
{
	if (value_fits(field, in(value)))
		return true;
	return err_field(e, ERR_BAD_FIELD, at, "wrong type, length or value");
}

/* A name as a step of a pointer: ~ and / have a meaning there (RFC 6901, 3).
 * One that is too long for the pointer is cut. */
static void
point(char *out, size_t cap, const char *at, const char *name)
{
	size_t n = (size_t)snprintf(out, cap, "%s/", at);

	for (; *name != '\0' && n + 3 < cap; name++) {
		if (*name == '~' || *name == '/') {
			out[n++] = '~';
			out[n++] = *name == '~' ? '0' : '1';
		} else {
			out[n++] = *name;
		}
	}
	if (n < cap)
		out[n] = '\0';
}

bool
json_check(const struct json *obj, const char *at,
    const struct json_field *fields, size_t count, struct err *e)
{
	const struct json_field *f;
	char pointer[160];
	const char *key;
	json_t *v;

	if (!json_is_object(in(obj)))
		return err_field(e, ERR_BAD_FIELD, at, "not an object");
	for (size_t i = 0; i < count; i++) {
		if (!fields[i].required ||
		    json_object_get(in(obj), fields[i].name) != NULL)
			continue;
		point(pointer, sizeof(pointer), at, fields[i].name);
		return err_field(e, ERR_MISSING_FIELD, pointer, "missing");
	}
	json_object_foreach(in(obj), key, v)
	{
		point(pointer, sizeof(pointer), at, key);
		f = field_of(fields, count, key);
		if (f == NULL)
			return err_field(
			    e, ERR_UNKNOWN_FIELD, pointer, "unknown");
		if (!json_check_value((const struct json *)v, pointer, f, e))
			return false;
	}
	return true;
}

const struct json *
json_find(const struct json *obj, const char *key)
{
	return (const struct json *)json_object_get(in(obj), key);
}

size_t
json_count(const struct json *list)
{
	return list == NULL ? 0 : json_array_size(in(list));
}

const struct json *
json_at(const struct json *list, size_t i)
{
	return (const struct json *)json_array_get(in(list), i);
}

const char *
json_text(const struct json *obj, const char *key, const char *fallback)
{
	const json_t *v = json_object_get(in(obj), key);

	return json_is_string(v) ? json_string_value(v) : fallback;
}

int64_t
json_int(const struct json *obj, const char *key, int64_t fallback)
{
	const json_t *v = json_object_get(in(obj), key);

	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

bool
json_bool(const struct json *obj, const char *key, bool fallback)
{
	const json_t *v = json_object_get(in(obj), key);

	return json_is_boolean(v) ? json_is_true(v) : fallback;
}

const char *
json_text_value(const struct json *j)
{
	const char *s = json_string_value(in(j));

	return s == NULL ? "" : s;
}

int64_t
json_int_value(const struct json *j)
{
	return json_integer_value(in(j));
}

const char *
json_key_next(const struct json *obj, const char *key)
{
	json_t *o = in(obj);
	void *it;

	it = key == NULL
		 ? json_object_iter(o)
		 : json_object_iter_next(o, json_object_iter_at(o, key));
	return it == NULL ? NULL : json_object_iter_key(it);
}

struct json *
json_new_object(void)
{
	return out_of(json_object());
}

struct json *
json_new_list(void)
{
	return out_of(json_array());
}

struct json *
json_clone(const struct json *j)
{
	return out_of(json_deep_copy(in(j)));
}

void
json_put(struct json *obj, const char *key, struct json *value)
{
	if (json_object_set_new(in(obj), key, in(value)) != 0)
		fatalx("json: cannot put %s", key);
}

void
json_put_text(struct json *obj, const char *key, const char *s)
{
	json_put(obj, key, out_of(json_string(s)));
}

void
json_put_text_or_null(struct json *obj, const char *key, const char *s)
{
	json_put(obj, key, out_of(s == NULL ? json_null() : json_string(s)));
}

void
json_put_int(struct json *obj, const char *key, int64_t n)
{
	json_put(obj, key, out_of(json_integer(n)));
}

void
json_put_bool(struct json *obj, const char *key, bool b)
{
	json_put(obj, key, out_of(json_boolean(b)));
}

void
json_put_null(struct json *obj, const char *key)
{
	json_put(obj, key, out_of(json_null()));
}

void
json_put_time(struct json *obj, const char *key, int64_t us)
{
	char stamp[CLOCK_RFC3339_LEN];

	if (us == 0) {
		json_put_null(obj, key);
		return;
	}
	clock_rfc3339(us, stamp);
	json_put_text(obj, key, stamp);
}

void
json_add(struct json *list, struct json *value)
{
	if (json_array_append_new(in(list), in(value)) != 0)
		fatalx("json: cannot add");
}

void
json_add_text(struct json *list, const char *s)
{
	json_add(list, out_of(json_string(s)));
}

static char *
dump(const struct json *j, size_t how)
{
	char *s = json_dumps(in(j), JSON_COMPACT | JSON_ENCODE_ANY | how);

	if (s == NULL)
		fatalx("json: cannot write");
	return s;
}

char *
json_write(const struct json *j)
{
	return dump(j, 0);
}

char *
json_write_sorted(const struct json *j)
{
	return dump(j, JSON_SORT_KEYS);
}
