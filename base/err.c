#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/base.h"
#include "base/text.h"

static const struct {
	int http;
	const char *name;
	const char *title[2];
} errors[] = {
	[ERR_NONE] = { 200, "none", { "", "" } },
#define ERR(code, http, name, en, vi) [ERR_##code] = { http, name, { en, vi } },
#include "base/errors.def"
};

bool
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	assert(code > ERR_NONE && code < nitems(errors));

	e->code = code;
	e->pointer[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(e->detail, sizeof(e->detail), fmt, ap);
	va_end(ap);
	return false;
}

bool
err_field(struct err *e, enum err_code code, const char *pointer,
    const char *fmt, ...)
{
	va_list ap;

	assert(code > ERR_NONE && code < nitems(errors));

	e->code = code;
	/* It goes out as JSON, whose text is UTF-8. */
	snprintf(e->pointer, sizeof(e->pointer), "%s", pointer);
	text_cut(e->pointer);
	va_start(ap, fmt);
	vsnprintf(e->detail, sizeof(e->detail), fmt, ap);
	va_end(ap);
	return false;
}

int
err_http(enum err_code code)
{
	assert(code < nitems(errors));
	return errors[code].http;
}

const char *
err_name(enum err_code code)
{
	assert(code < nitems(errors));
	return errors[code].name;
}

const char *
err_title(enum err_code code, enum err_lang lang)
{
	assert(code < nitems(errors));
	return errors[code].title[lang];
}
