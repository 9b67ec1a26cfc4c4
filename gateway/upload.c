#include "gateway/upload.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "gateway/upload_head.h"

#define BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */

/* What the next byte belongs to. */
enum where {
	IN_BODY,  /* content, or a delimiter that looks like content so far */
	IN_CLOSE, /* just after a delimiter: CRLF, or "--" for the last */
	IN_HEAD,  /* a part's header lines */
	IN_TAIL,  /* after the last delimiter: CRLF or nothing */
};

struct upload {
	enum where where;
	char delimiter[BOUNDARY_MAX + 5]; /* CRLF "--" boundary */
	size_t delimiter_len;
	size_t matched; /* bytes of the delimiter seen so far */
	char close[3];  /* what has come of IN_CLOSE or IN_TAIL */
	size_t close_len;
	char head[UPLOAD_HEADER_MAX + 1];
	size_t head_len;
	size_t part_max, form_max, total;
	size_t count;
	struct upload_part parts[UPLOAD_PARTS_MAX];
	struct digest *digest; /* of the part that is being received */
	bool in_part;
};

bool
upload_new(const char *type, size_t part_max, size_t form_max,
    struct upload **out, struct err *e)
{
	char boundary[BOUNDARY_MAX + 1];
	struct upload *up;

	if (!upload_head_boundary(type, boundary, sizeof(boundary), e))
		return false;

	up = blob_calloc(1, sizeof(*up));
	up->delimiter_len = (size_t)snprintf(
	    up->delimiter, sizeof(up->delimiter), "\r\n--%s", boundary);
	/* The first delimiter has no line before it to end. */
	up->where = IN_BODY;
	up->matched = 2;
	up->part_max = part_max;
	up->form_max = form_max;
	*out = up;
	return true;
}

static bool
write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* Content of the part that is open now. */
static bool
keep(struct upload *up, const char *p, size_t len, struct err *e)
{
	struct upload_part *part;

	if (len == 0)
		return true;
	if (!up->in_part)
		return err_set(
		    e, ERR_BAD_FORM, "form: bytes before the first boundary");
	part = &up->parts[up->count - 1];
	if (len > up->part_max - part->len)
		return err_set(e, ERR_TOO_LARGE, "form: part %s over %zu bytes",
		    part->name, up->part_max);
	if (!write_all(part->memfd, p, len))
		return err_set(e, ERR_BUSY, "form: no memory for part %s: %s",
		    part->name, strerror(errno));
	digest_add(up->digest, p, len);
	part->len += len;
	return true;
}

/* Whoever judges and whoever stores it reads it here. */
static const void *
view(const struct upload_part *p)
{
	void *map;

	if (p->len == 0)
		return "";
	map = mmap(NULL, p->len, PROT_READ, MAP_PRIVATE, p->memfd, 0);
	if (map == MAP_FAILED)
		fatal("form: map part %s", p->name);
	return map;
}

static void
end_view(const struct upload_part *p)
{
	if (p->bytes != NULL && p->len > 0)
		munmap((void *)(uintptr_t)p->bytes, p->len);
}

/* The delimiter has come, so the part is what it will be. */
static void
end_part(struct upload *up)
{
	struct upload_part *part;

	if (!up->in_part)
		return;
	part = &up->parts[up->count - 1];
	digest_end(up->digest, part->sha256);
	up->digest = NULL;
	up->in_part = false;
	/* From here on nobody, the verifier's child least of all, can change
	 * what was hashed. */
	if (fcntl(part->memfd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
		fatal("form: seal");
	part->bytes = view(part);
}

/* Its memfd holds the only copy: the verifier reads it, the database gets it.
 */
static bool
begin_part(struct upload *up, struct err *e)
{
	struct upload_part *part = &up->parts[up->count];

	if (up->count == UPLOAD_PARTS_MAX)
		return err_set(e, ERR_TOO_LARGE, "form: more than %d parts",
		    UPLOAD_PARTS_MAX);
	if (!upload_head_read(up->head, part, e))
		return false;
	if (upload_find(up, part->name) != NULL)
		return err_set(
		    e, ERR_BAD_FORM, "form: part %s stands twice", part->name);
	part->len = 0;
	part->bytes = NULL;
	part->memfd = memfd_create("part", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (part->memfd < 0)
		return err_set(e, ERR_BUSY, "form: memfd: %s", strerror(errno));
	up->digest = digest_new();
	up->count++;
	up->in_part = true;
	up->where = IN_BODY;
	up->matched = 0;
	return true;
}

/*
 * Takes content up to the next delimiter or the end of the chunk; returns how
 * many bytes it used.  CR stands in a delimiter at its start alone, so after a
 * mismatch only the byte at hand can begin another one.
 */
static size_t
take_body(struct upload *up, const char *p, size_t len, bool *ok, struct err *e)
{
	size_t used = 0;

	while (used < len && up->matched < up->delimiter_len) {
		const char *cr;

		if (up->matched > 0 && p[used] == up->delimiter[up->matched]) {
			up->matched++;
			used++;
			continue;
		}
		*ok = keep(up, up->delimiter, up->matched, e);
		up->matched = 0;
		if (!*ok)
			return used;
		cr = memchr(p + used, '\r', len - used);
		if (cr == NULL)
			cr = p + len;
		*ok = keep(up, p + used, (size_t)(cr - (p + used)), e);
		if (!*ok)
			return used;
		used = (size_t)(cr - p);
		if (used < len) {
			up->matched = 1;
			used++;
		}
	}
	if (up->matched == up->delimiter_len) {
		end_part(up);
		up->where = IN_CLOSE;
		up->close_len = 0;
	}
	return used;
}

/* RFC 2046, 5.1.1: CRLF after a delimiter begins a part, "--" ends all. */
static bool
take_close(struct upload *up, char c, struct err *e)
{
	up->close[up->close_len++] = c;
	if (up->close_len < 2)
		return true;
	if (memcmp(up->close, "\r\n", 2) == 0) {
		up->where = IN_HEAD;
		up->head_len = 0;
		return true;
	}
	if (memcmp(up->close, "--", 2) != 0)
		return err_set(
		    e, ERR_BAD_FORM, "form: a boundary ends in neither");
	up->where = IN_TAIL;
	up->close_len = 0;
	return true;
}

/* Byte by byte; headers are short, and content does not come this way. */
static bool
take_head(struct upload *up, char c, struct err *e)
{
	if (up->head_len == UPLOAD_HEADER_MAX)
		return err_set(e, ERR_BAD_FORM, "form: header over %d bytes",
		    UPLOAD_HEADER_MAX);
	up->head[up->head_len++] = c;
	if (up->head_len < 4 ||
	    memcmp(up->head + up->head_len - 4, "\r\n\r\n", 4) != 0)
		return true;
	/* Each line keeps its end; the empty one that ends them all goes. */
	up->head_len -= 2;
	up->head[up->head_len] = '\0';
	if (strlen(up->head) != up->head_len)
		return err_set(e, ERR_BAD_FORM, "form: NUL in a header");
	return begin_part(up, e);
}

/* RFC 2046 lets an epilogue follow; here nothing hides behind the end. */
static bool
take_tail(struct upload *up, char c, struct err *e)
{
	if (up->close_len == 2 || c != "\r\n"[up->close_len])
		return err_set(e, ERR_BAD_FORM, "form: bytes after the end");
	up->close_len++;
	return true;
}

bool
upload_feed(struct upload *up, const void *data, size_t len, struct err *e)
{
	const char *p = data;
	bool ok = true;

	if (len > up->form_max - up->total)
		return err_set(
		    e, ERR_TOO_LARGE, "form: over %zu bytes", up->form_max);
	up->total += len;
	for (size_t i = 0; ok && i < len;) {
		switch (up->where) {
		case IN_BODY:
			i += take_body(up, p + i, len - i, &ok, e);
			break;
		case IN_CLOSE:
			ok = take_close(up, p[i++], e);
			break;
		case IN_HEAD:
			ok = take_head(up, p[i++], e);
			break;
		case IN_TAIL:
			ok = take_tail(up, p[i++], e);
			break;
		}
	}
	return ok;
}

bool
upload_end(struct upload *up, struct err *e)
{
	if (up->where != IN_TAIL || up->close_len == 1)
		return err_set(
		    e, ERR_BAD_FORM, "form: the last boundary is missing");
	if (up->count == 0)
		return err_set(e, ERR_BAD_FORM, "form: no part");
	return true;
}

void
upload_free(struct upload *up)
{
	if (up == NULL)
		return;
	for (size_t i = 0; i < up->count; i++) {
		end_view(&up->parts[i]);
		close(up->parts[i].memfd);
	}
	digest_free(up->digest);
	free(up);
}

size_t
upload_count(const struct upload *up)
{
	return up->count;
}

const struct upload_part *
upload_part(const struct upload *up, size_t i)
{
	assert(i < up->count);
	return &up->parts[i];
}

const struct upload_part *
upload_find(const struct upload *up, const char *name)
{
	for (size_t i = 0; i < up->count; i++)
		if (strcmp(up->parts[i].name, name) == 0)
			return &up->parts[i];
	return NULL;
}
