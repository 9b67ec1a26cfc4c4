#ifndef GATEWAY_FORM_H
#define GATEWAY_FORM_H

#include <stdbool.h>

/*
 * The JSON part of a multipart form.
 *
 * DIAGNOSTICS
 *	ERR_MISSING_FIELD	no such part
 *	ERR_TOO_LARGE		more than FORM_JSON_MAX bytes
 *	ERR_BAD_JSON		from json.c
 */
struct err;
struct json;
struct upload;

#define FORM_JSON_MAX 65536

bool form_json(const struct upload *up, const char *name, struct json **out,
    struct err *e);

#endif /* GATEWAY_FORM_H */
