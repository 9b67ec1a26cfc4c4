#ifndef GATEWAY_TEMPLATE_H
#define GATEWAY_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Fills the {fields} of a template's text: mails and papers are made of it.
 * Values are text: a control character in one becomes a blank, so that none
 * can add a line.  Of nine or twelve digits, which is an identity number, only
 * the last four are shown, except in what is exact.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	a field that is unknown, or a brace without its other
 */
struct buf;
struct err;

struct template_field {
	const char *name;
	const char *value;
	bool exact; /* a code or a link: its digits stay as they are */
};

struct template_fields {
	const struct template_field *field;
	size_t count;
	bool exact; /* all of them are */
};

/* Appends text, len bytes without a line's end; *empty is set once a field
 * of it was empty, and else left alone. */
struct template_span {
	const char *text;
	size_t len;
};
bool template_fill(const struct template_fields *f, struct template_span span,
    struct buf *out, bool *empty, struct err *e);

#endif /* GATEWAY_TEMPLATE_H */
