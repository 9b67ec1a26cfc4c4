#include "gateway/dsn.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */
#define PARTS_MAX    16
#define BLOCKS_MAX   16 /* of recipients that are looked at */

struct span {
	const char *p, *end;
};

static struct span
line_of(struct span s)
{
	const char *lf =
	    s.p == s.end ? NULL : memchr(s.p, '\n', (size_t)(s.end - s.p));

	return (struct span){ s.p, lf == NULL ? s.end : lf + 1 };
}

static bool
is_blank(struct span line)
{
	for (const char *p = line.p; p < line.end; p++)
		if (*p != '\r' && *p != '\n')
			return false;
	return true;
}

/* Fields up to the blank line; *s goes on after it. */
static struct span
take_block(struct span *s)
{
	struct span block = { s->p, s->p };

	while (s->p < s->end) {
		struct span line = line_of(*s);

		s->p = line.end;
		if (is_blank(line))
			break;
		block.end = line.end;
	}
	return block;
}

/* Is it a line that begins a field, or does it go on with one? */
static bool
is_folded(struct span line)
{
	return line.p < line.end && (*line.p == ' ' || *line.p == '\t');
}

static bool
has_name(struct span line, const char *name)
{
	size_t len = strlen(name);

	return (size_t)(line.end - line.p) > len && line.p[len] == ':' &&
	       strncasecmp(line.p, name, len) == 0;
}

static void
append(struct span from, char *out, size_t cap)
{
	size_t n = strlen(out);

	for (const char *p = from.p; p < from.end && n + 1 < cap; p++) {
		if (*p == '\r' || *p == '\n')
			continue;
		out[n++] = *p == '\t'                   ? ' '
			   : isprint((unsigned char)*p) ? *p
							: '?';
	}
	out[n] = '\0';
}

static void
trim(char *s)
{
	size_t begin = strspn(s, " "), len = strlen(s);

	while (len > begin && s[len - 1] == ' ')
		len--;
	memmove(s, s + begin, len - begin);
	s[len - begin] = '\0';
}

/* The value of the first field of that name, unfolded (RFC 5322, 2.2.3). */
static bool
field(struct span block, const char *name, char *out, size_t cap)
{
	bool found = false;

	out[0] = '\0';
	while (block.p < block.end) {
		struct span line = line_of(block);

		block.p = line.end;
		if (found && !is_folded(line))
			break;
		if (!found && has_name(line, name)) {
			found = true;
			line.p += strlen(name) + 1;
		}
		if (found)
			append(line, out, cap);
	}
	trim(out);
	return found && out[0] != '\0';
}

/* As "rfc822; an@example.vn" (RFC 3464, 2.3.2), or "<an@example.vn>". */
static void
keep_address(const char *value, char *out, size_t cap)
{
	const char *semicolon = strchr(value, ';');
	size_t len;

	value = semicolon == NULL ? value : semicolon + 1;
	value += strspn(value, " \t<");
	len = strcspn(value, " \t>");
	snprintf(out, cap, "%.*s", (int)len, value);
}

static bool
find_boundary(const char *type, char out[BOUNDARY_MAX + 1])
{
	const char *p = strcasestr(type, "boundary=");
	size_t len;

	if (p == NULL)
		return false;
	p += strlen("boundary=");
	len = *p == '"' ? strcspn(++p, "\"") : strcspn(p, "; \t");
	if (len == 0 || len > BOUNDARY_MAX)
		return false;
	memcpy(out, p, len);
	out[len] = '\0';
	return true;
}

/* A line of two hyphens and the boundary. */
static bool
is_boundary(struct span line, const char *boundary)
{
	size_t len = strlen(boundary);

	return (size_t)(line.end - line.p) >= len + 2 && line.p[0] == '-' &&
	       line.p[1] == '-' && memcmp(line.p + 2, boundary, len) == 0;
}

/* What lies before the next boundary; *s goes on after its line. */
static struct span
take_part(struct span *s, const char *boundary)
{
	struct span part = { s->p, s->end };

	while (s->p < s->end) {
		struct span line = line_of(*s);

		s->p = line.end;
		if (is_boundary(line, boundary)) {
			part.end = line.p;
			break;
		}
	}
	return part;
}

static enum dsn_action
action_of(const char *word)
{
	if (strcasecmp(word, "failed") == 0)
		return DSN_FAILED;
	return strcasecmp(word, "delayed") == 0 ? DSN_DELAYED : DSN_OTHER;
}

/* The fields of the message come first, then a block a recipient. */
static bool
read_status(struct span body, struct dsn *d)
{
	char value[512];

	for (int i = 0; i < BLOCKS_MAX && body.p < body.end; i++) {
		struct span block = take_block(&body);

		if (!field(block, "Action", value, sizeof(value)))
			continue;
		d->action = action_of(value);
		if (!field(block, "Original-Recipient", value, sizeof(value)) &&
		    !field(block, "Final-Recipient", value, sizeof(value)))
			return false;
		keep_address(value, d->recipient, sizeof(d->recipient));
		if (field(block, "Status", value, sizeof(value)))
			snprintf(d->status, sizeof(d->status), "%.*s",
			    (int)strspn(value, "0123456789."), value);
		field(block, "Diagnostic-Code", d->diagnostic,
		    sizeof(d->diagnostic));
		return d->recipient[0] != '\0';
	}
	return false;
}

static bool
read_message_id(struct span body, struct dsn *d)
{
	char value[512];

	if (!field(take_block(&body), "Message-ID", value, sizeof(value)))
		return false;
	keep_address(value, d->message_id, sizeof(d->message_id));
	return d->message_id[0] != '\0';
}

bool
dsn_read(const char *data, size_t len, struct dsn *out)
{
	struct span s = { data, data + len };
	struct span head = take_block(&s);
	bool status = false, id = false;
	char type[512], boundary[BOUNDARY_MAX + 1];
	struct dsn d = { 0 };

	if (!field(head, "Content-Type", type, sizeof(type)) ||
	    strncasecmp(type, "multipart/report", 16) != 0 ||
	    strcasestr(type, "delivery-status") == NULL ||
	    !find_boundary(type, boundary))
		return false;

	take_part(&s, boundary);
	for (int i = 0; i < PARTS_MAX && s.p < s.end; i++) {
		struct span part = take_part(&s, boundary);
		struct span fields = take_block(&part);

		if (!field(fields, "Content-Type", type, sizeof(type)))
			continue;
		if (!status &&
		    strncasecmp(type, "message/delivery-status", 23) == 0)
			status = read_status(part, &d);
		else if (!id &&
			 (strncasecmp(type, "message/rfc822", 14) == 0 ||
			     strncasecmp(type, "text/rfc822-headers", 19) == 0))
			id = read_message_id(part, &d);
	}
	if (status && id)
		*out = d;
	return status && id;
}
