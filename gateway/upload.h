#ifndef GATEWAY_UPLOAD_H
#define GATEWAY_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * multipart/form-data (RFC 7578) as it streams in: each part goes to a memfd
 * of its own and is hashed on the way; never a second copy.  When the last
 * boundary has come every memfd is sealed, and mapped to be read.  Strict: CRLF
 *line ends, one name a part and no name twice, nothing after the end.
 *
 * DIAGNOSTICS
 *	ERR_BAD_MEDIA	the Content-Type is another
 *	ERR_BAD_FORM	not such a form
 *	ERR_TOO_LARGE	a part, the form or its parts beyond the limits
 *	ERR_BUSY	no memory or file descriptor for a part
 */
struct err;
struct upload;

#define UPLOAD_PARTS_MAX  32
#define UPLOAD_HEADER_MAX 4096

struct upload_part {
	char name[64];
	char file_name[256]; /* base name alone; "" when none was given */
	char type[128];
	int memfd;
	const void *bytes; /* of the memfd, mapped; no NULL, if it is empty */
	size_t len;
	uint8_t sha256[32];
};

/* type is the Content-Type header; limits are in bytes. */
bool upload_new(const char *type, size_t part_max, size_t form_max,
    struct upload **out, struct err *e);
bool upload_feed(
    struct upload *up, const void *data, size_t len, struct err *e);
bool upload_end(struct upload *up, struct err *e);
void upload_free(struct upload *up); /* NULL is fine */

size_t upload_count(const struct upload *up);
const struct upload_part *upload_part(const struct upload *up, size_t i);
const struct upload_part *upload_find(
    const struct upload *up, const char *name);

#endif /* GATEWAY_UPLOAD_H */
