#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * JSON (RFC 8259), strict: UTF-8, no duplicate keys, nothing after the value,
 * JSON_DEPTH_MAX levels.  What a body may hold is declared in a table, and
 * json_check() refuses the first thing that is not so, with its pointer.
 *
 * A value is owned by whoever made or parsed it; putting it into another
 * hands it over.  What json_find() and json_at() return is borrowed.
 *
 * DIAGNOSTICS
 *	ERR_BAD_JSON		not JSON, or a key stands twice
 *	ERR_TOO_LARGE		deeper than JSON_DEPTH_MAX
 *	ERR_MISSING_FIELD, ERR_UNKNOWN_FIELD, ERR_BAD_FIELD
 *				with the pointer of the field
 *	fatal			out of memory
 */
struct err;
struct json;

#define JSON_DEPTH_MAX 32

enum json_kind {
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_INT,
	JSON_KIND_REAL,
	JSON_KIND_TEXT,
	JSON_KIND_LIST,
	JSON_KIND_OBJECT,
};

/*
 * One field of a body.  For a text least and most count bytes, for an int
 * they bound the value, for a list they count items.  A text must be NFC-able
 * UTF-8 without control bytes (line feed and tab may stand where multiline).
 */
struct json_field {
	const char *name;
	enum json_kind kind;
	bool required;
	int64_t least, most;
	bool multiline;
	const char *const *among; /* NULL-terminated words, or NULL for any */
};

bool json_parse(
    const char *bytes, size_t len, struct json **out, struct err *e);
void json_free(struct json *j);

/* at is the pointer of obj itself, "" for the root. */
bool json_check(const struct json *obj, const char *at,
    const struct json_field *fields, size_t count, struct err *e);

/* The same for one value, as of a list; the field's name does not count. */
bool json_check_value(const struct json *value, const char *at,
    const struct json_field *field, struct err *e);

enum json_kind json_kind(const struct json *j);
const struct json *json_find(const struct json *obj, const char *key);
size_t json_count(const struct json *list);
const struct json *json_at(const struct json *list, size_t i);

/* The fallback when the key is absent or of another kind. */
const char *json_text(
    const struct json *obj, const char *key, const char *fallback);
int64_t json_int(const struct json *obj, const char *key, int64_t fallback);
bool json_bool(const struct json *obj, const char *key, bool fallback);

/* The value itself, which must be a text; "" otherwise. */
const char *json_text_value(const struct json *j);
int64_t json_int_value(const struct json *j);

/* Walks an object: NULL before the first and after the last. */
const char *json_key_next(const struct json *obj, const char *key);

/* Makers. */
struct json *json_new_object(void);
struct json *json_new_list(void);
struct json *json_clone(const struct json *j); /* deep */
void json_put(struct json *obj, const char *key, struct json *value);
void json_put_text(struct json *obj, const char *key, const char *s);
void json_put_text_or_null(struct json *obj, const char *key, const char *s);
void json_put_int(struct json *obj, const char *key, int64_t n);
void json_put_bool(struct json *obj, const char *key, bool b);
void json_put_null(struct json *obj, const char *key);
void json_put_time(struct json *obj, const char *key, int64_t us); /* RFC 3339,
								    * 0: null */
void json_add(struct json *list, struct json *value);
void json_add_text(struct json *list, const char *s);

/* Compact; the caller frees.  Sorted: keys in byte order, for hashing. */
char *json_write(const struct json *j);
char *json_write_sorted(const struct json *j);

#endif /* BASE_JSON_H */
