#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/*
 * How things fail.
 *
 * A function that can fail returns bool and takes a struct err last.  The
 * place that knows says why, once; every caller above only passes it on:
 *
 *	if (der->len > CMS_LEN_MAX)
 *		return err_set(e, ERR_TOO_LARGE, "cms: %zu bytes", der->len);
 *
 * The code decides the HTTP status, the stable name and the title that a
 * stranger sees; all are in errors.def.  The pointer (RFC 6901) names the
 * field of the body that is at fault and goes out too.  The detail goes to
 * the log only, so it may name tables, hosts and certificates.
 *
 * Running out of memory and a broken invariant are not errors in this sense:
 * they are fatal().  A signature that does not verify is not one either: it
 * is a verdict, and stands in the report.
 */
enum err_code {
	ERR_NONE,
#define ERR(code, http, name, en, vi) ERR_##code,
#include "base/errors.def"
};

enum err_lang { ERR_EN, ERR_VI };

struct err {
	enum err_code code;
	char pointer[160]; /* "" when no field of the body is at fault */
	char detail[256];
};

/* Says why, and returns false so that the caller can return it. */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a field: pointer is RFC 6901, as "/documents/0/name". */
bool err_field(struct err *e, enum err_code code, const char *pointer,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

int err_http(enum err_code code);
const char *err_name(enum err_code code);
const char *err_title(enum err_code code, enum err_lang lang);

#endif /* BASE_ERR_H */
