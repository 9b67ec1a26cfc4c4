#include "gateway/template.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

#define CMND_DIGITS  9  /* identity numbers, before 2016 */
#define CCCD_DIGITS  12 /* and since */
#define SHOWN_DIGITS 4

static const struct template_field *
find_field(const struct template_fields *f, const char *name, size_t len)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->field[i].name[0] == name[0] &&
		    strncmp(f->field[i].name, name, len) == 0 &&
		    f->field[i].name[len] == '\0')
			return &f->field[i];
	return NULL;
}

/* All but the last digits of an identity number become stars. */
static void
hide_numbers(char *s)
{
	static const char digits[] = "0123456789";

	while (*(s += strcspn(s, digits)) != '\0') {
		size_t len = strspn(s, digits);

		if (len == CMND_DIGITS || len == CCCD_DIGITS)
			memset(s, '*', len - SHOWN_DIGITS);
		s += len;
	}
}

/* A value stays on its line, whatever it holds. */
static void
put_value(struct buf *b, const char *value, bool exact)
{
	size_t start = b->len;

	buf_puts(b, value);
	for (char *p = b->data + start; *p != '\0'; p++)
		if (iscntrl((unsigned char)*p))
			*p = ' ';
	if (!exact)
		hide_numbers(b->data + start);
}

bool
template_fill(const struct template_fields *f, struct template_span span,
    struct buf *out, bool *empty, struct err *e)
{
	const char *p = span.text, *end = span.text + span.len;

	while (p < end) {
		const char *open = memchr(p, '{', (size_t)(end - p));
		const struct template_field *field = NULL;
		const char *close;

		buf_put(out, p, (size_t)((open != NULL ? open : end) - p));
		if (open == NULL)
			break;
		close = memchr(open, '}', (size_t)(end - open));
		if (close != NULL)
			field =
			    find_field(f, open + 1, (size_t)(close - open - 1));
		if (field == NULL)
			return err_set(e, ERR_CONFIG, "template: at \"%.*s\"",
			    (int)(end - open), open);
		if (field->value[0] == '\0')
			*empty = true;
		put_value(out, field->value, f->exact || field->exact);
		p = close + 1;
	}
	return true;
}
