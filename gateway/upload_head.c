#include "gateway/upload_head.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "gateway/request.h"
#include "gateway/upload.h"

static const char *
skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* A token or a quoted string (RFC 9110, 5.6); NULL when it is neither or does
 * not fit.  Returns what follows. */
static const char *
read_value(const char *s, char *out, size_t cap)
{
	static const char ends[] = "()<>@,;:\\\"/[]?={} \t";
	size_t n = 0;

	if (*s != '"') {
		n = strcspn(s, ends);
		if (n == 0 || n >= cap)
			return NULL;
		memcpy(out, s, n);
		out[n] = '\0';
		return s + n;
	}
	for (s++; *s != '"'; s++) {
		/* Browsers write %22 for a quote and leave backslashes be;
		 * curl before 7.81 puts a backslash before both. */
		if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		if (*s == '\0' || n + 1 >= cap)
			return NULL;
		out[n++] = *s;
	}
	out[n] = '\0';
	return s + 1;
}

/* Reads "; name=value" and moves *s behind it. */
static bool
read_parameter(
    const char **s, char *name, size_t name_cap, char *value, size_t cap)
{
	const char *p = skip_blanks(*s);
	size_t len;

	if (*p != ';')
		return false;
	p = skip_blanks(p + 1);
	len = strcspn(p, "=; \t\"");
	if (p[len] != '=' || len == 0 || len >= name_cap)
		return false;
	memcpy(name, p, len);
	name[len] = '\0';
	p = read_value(p + len + 1, value, cap);
	if (p == NULL)
		return false;
	*s = skip_blanks(p);
	return true;
}

/* RFC 2046, 5.1.1: bcharsnospace; a space at the end is not allowed, and one
 * in the middle is more likely an attack than a boundary. */
static bool
is_boundary(const char *s)
{
	static const char chars[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=?";

	return *s != '\0' && s[strspn(s, chars)] == '\0';
}

bool
upload_head_boundary(
    const char *type, char *boundary, size_t cap, struct err *e)
{
	const char *s = type + strcspn(type, "; \t");
	char name[32], value[128];

	if (!request_media(type, "multipart/form-data"))
		return err_set(
		    e, ERR_BAD_MEDIA, "form: content-type is %.80s", type);
	boundary[0] = '\0';
	while (*s != '\0') {
		if (!read_parameter(
			&s, name, sizeof(name), value, sizeof(value)))
			return err_set(
			    e, ERR_BAD_FORM, "form: malformed content-type");
		if (!text_ieq(name, "boundary"))
			continue;
		if (boundary[0] != '\0' || strlen(value) >= cap)
			return err_set(e, ERR_BAD_FORM,
			    "form: a boundary that is long or stands twice");
		snprintf(boundary, cap, "%s", value);
	}
	if (!is_boundary(boundary))
		return err_set(e, ERR_BAD_FORM, "form: no such boundary");
	return true;
}

/* What is stored and shown later holds no control byte and is UTF-8. */
static bool
is_clean(const char *s)
{
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return text_is_utf8(s, strlen(s));
}

/* Some browsers send a whole path; the base name is all that is asked. */
static bool
keep_file_name(struct upload_part *part, const char *value)
{
	const char *base = value;

	for (const char *p = value; *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			base = p + 1;
	if (!is_clean(base) || strlen(base) >= sizeof(part->file_name))
		return false;
	snprintf(part->file_name, sizeof(part->file_name), "%s", base);
	return true;
}

/* RFC 7578, 4.2.  filename* must not be there, and is no parameter we know. */
static bool
read_disposition(const char *s, struct upload_part *part, struct err *e)
{
	char name[32], value[1024];

	if (strncasecmp(s, "form-data", 9) != 0 || part->name[0] != '\0')
		return err_set(e, ERR_BAD_FORM, "form: content-disposition");
	s += 9;
	while (*s != '\0') {
		if (!read_parameter(
			&s, name, sizeof(name), value, sizeof(value)))
			return err_set(
			    e, ERR_BAD_FORM, "form: malformed disposition");
		if (text_ieq(name, "name")) {
			if (part->name[0] != '\0' || !is_clean(value) ||
			    strlen(value) >= sizeof(part->name))
				return err_set(
				    e, ERR_BAD_FORM, "form: a part's name");
			snprintf(part->name, sizeof(part->name), "%s", value);
		} else if (text_ieq(name, "filename")) {
			if (!keep_file_name(part, value))
				return err_set(
				    e, ERR_BAD_FORM, "form: a file's name");
		}
	}
	return true;
}

static bool
read_line(char *line, struct upload_part *part, struct err *e)
{
	char *value = strchr(line, ':');

	/* A line that begins with a blank continues the last one: RFC 9112,
	 * 5.2 calls that obsolete, and two readers read it differently. */
	if (value == NULL || value == line ||
	    strcspn(line, " \t") < (size_t)(value - line))
		return err_set(e, ERR_BAD_FORM, "form: header line");
	*value++ = '\0';
	value += strspn(value, " \t");
	if (text_ieq(line, "Content-Disposition"))
		return read_disposition(value, part, e);
	if (text_ieq(line, "Content-Transfer-Encoding") &&
	    !text_ieq(value, "binary") && !text_ieq(value, "8bit") &&
	    !text_ieq(value, "7bit"))
		return err_set(e, ERR_BAD_FORM, "form: transfer encoding");
	if (!text_ieq(line, "Content-Type"))
		return true;
	if (part->type[0] != '\0' || strlen(value) >= sizeof(part->type) ||
	    !is_clean(value))
		return err_set(e, ERR_BAD_FORM, "form: a part's type");
	snprintf(part->type, sizeof(part->type), "%s", value);
	return true;
}

bool
upload_head_read(char *lines, struct upload_part *part, struct err *e)
{
	part->name[0] = part->file_name[0] = part->type[0] = '\0';
	while (*lines != '\0') {
		char *end = strstr(lines, "\r\n");

		if (end == NULL)
			return err_set(e, ERR_BAD_FORM, "form: header line");
		*end = '\0';
		if (strpbrk(lines, "\r\n") != NULL)
			return err_set(e, ERR_BAD_FORM, "form: line ends");
		if (!read_line(lines, part, e))
			return false;
		lines = end + 2;
	}
	if (part->name[0] == '\0')
		return err_set(e, ERR_BAD_FORM, "form: a part without a name");
	return true;
}
