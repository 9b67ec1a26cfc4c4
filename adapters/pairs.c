#include "adapters/pairs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/text.h"

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static bool
is_name(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (!is_name_byte(*s))
			return false;
	return true;
}

/* Decodes into out, which holds as many bytes as raw; false for an escape
 * that is none, a NUL, or what is not UTF-8. */
static bool
decode(const char *raw, char *out)
{
	char hex[3] = { 0 };
	char *w = out;
	uint8_t byte;

	for (const char *r = raw; *r != '\0'; r++) {
		byte = (uint8_t)(*r == '+' ? ' ' : *r);
		if (*r == '%') {
			memcpy(hex, r + 1, strnlen(r + 1, 2));
			hex[strnlen(r + 1, 2)] = '\0';
			if (!text_unhex(hex, &byte, 1) || byte == 0)
				return false;
			r += 2;
		}
		*w++ = (char)byte;
	}
	*w = '\0';
	return text_is_utf8(out, (size_t)(w - out));
}

static int
by_name(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* One "name=value", cut out of storage; its decoded value goes to *w. */
static bool
read_pair(char *item, char **w, struct pair *out)
{
	char *eq = strchr(item, '=');

	if (eq != NULL)
		*eq = '\0';
	out->name = item;
	out->raw = eq == NULL ? "" : eq + 1;
	out->value = *w;
	if (!is_name(item) || !decode(out->raw, *w))
		return false;
	*w += strlen(*w) + 1;
	return true;
}

static bool
split(char *query, char *values, struct pairs *out, struct err *e)
{
	char *item, *next;

	for (item = query; item != NULL; item = next) {
		next = strchr(item, '&');
		if (next != NULL)
			*next++ = '\0';
		if (out->count == PAIRS_MAX)
			return err_set(e, ERR_BAD_REQUEST, "query: too long");
		if (!read_pair(item, &values, &out->item[out->count]))
			return err_set(
			    e, ERR_BAD_REQUEST, "query: pair %zu", out->count);
		out->count++;
	}
	return true;
}

/* Nor in another case: somebody else's reader may take them for one. */
static bool
no_name_twice(const struct pairs *p, struct err *e)
{
	for (size_t i = 1; i < p->count; i++)
		for (size_t k = 0; k < i; k++)
			if (text_ieq(p->item[k].name, p->item[i].name))
				return err_set(e, ERR_BAD_REQUEST,
				    "query: %s twice", p->item[i].name);
	return true;
}

bool
pairs_read(const char *query, struct pairs *out, struct err *e)
{
	size_t len = strlen(query);
	bool ok = false;

	out->storage = NULL;
	out->count = 0;
	if (len > PAIRS_LEN_MAX)
		return err_set(e, ERR_BAD_REQUEST, "query: %zu bytes", len);
	if (len == 0)
		return true;

	/* The query as it came, then its values decoded: never longer. */
	out->storage = blob_calloc(2 * len + 2, 1);
	memcpy(out->storage, query, len);
	if (!split(out->storage, out->storage + len + 1, out, e))
		goto out;
	qsort(out->item, out->count, sizeof(out->item[0]), by_name);
	if (!no_name_twice(out, e))
		goto out;
	ok = true;

out:
	if (!ok)
		pairs_release(out);
	return ok;
}

void
pairs_release(struct pairs *p)
{
	free(p->storage);
	p->storage = NULL;
	p->count = 0;
}

const char *
pairs_find(const struct pairs *p, const char *name)
{
	const struct pair key = { .name = name };
	const struct pair *found;

	found = bsearch(&key, p->item, p->count, sizeof(p->item[0]), by_name);
	return found == NULL ? "" : found->value;
}

void
pairs_encode(struct buf *out, const char *value)
{
	static const char keep[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789-_.";

	for (const char *s = value; *s != '\0'; s++) {
		if (*s == ' ')
			buf_puts(out, "+");
		else if (strchr(keep, *s) != NULL)
			buf_put(out, s, 1);
		else
			buf_printf(out, "%%%02X", (unsigned)(uint8_t)*s);
	}
}
