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
		if (strlen(f->field[i].name) == len &&
		    memcmp(f->field[i].name, name, len) == 0)
			return &f->field[i];
	return NULL;
}

/* How many digits at s are hidden: all but four of an identity number. */
static size_t
hidden_digits(const char *s)
{
	size_t len = strspn(s, "0123456789");

	return len == CMND_DIGITS || len == CCCD_DIGITS ? len - SHOWN_DIGITS
							: 0;
}

/* A value stays on its line, whatever it holds. */
static void
put_value(struct buf *b, const char *value, bool exact)
{
	size_t hidden = 0;
	char before = ' ';

	for (const char *p = value; *p != '\0'; before = *p++) {
		if (!exact && isdigit((unsigned char)*p) &&
		    !isdigit((unsigned char)before))
			hidden = hidden_digits(p);
		if (hidden > 0)
			buf_puts(b, "*");
		else
			buf_put(b, iscntrl((unsigned char)*p) ? " " : p, 1);
		hidden -= hidden > 0;
	}
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
