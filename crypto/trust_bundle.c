/*
 * Collecting a bundle: reads files, parses none of them.  This half of
 * trust.h runs where there are files and sockets, so nothing a stranger wrote
 * is looked into here.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/trust.h"
#include "crypto/trust_wire.h"

struct trust_bundle {
	struct buf bytes;
	size_t file_count;
	int fd; /* -1 until sealed */
};

/* What a file is for, and whether it must hold such a thing. */
struct bundle_file {
	enum trust_kind kind;
	unsigned purpose;
	bool optional;
};

struct trust_bundle *
trust_bundle_new(void)
{
	struct trust_bundle *b = blob_calloc(1, sizeof(*b));

	b->fd = -1;
	buf_put(&b->bytes, TRUST_MAGIC, TRUST_MAGIC_LEN);
	return b;
}

void
trust_bundle_free(struct trust_bundle *b)
{
	if (b == NULL)
		return;
	if (b->fd >= 0)
		close(b->fd);
	buf_release(&b->bytes);
	free(b);
}

static bool
put_file(struct trust_bundle *b, const char *name, const struct bundle_file *f,
    const struct blob *file, struct err *e)
{
	struct trust_wire wire = { f->kind, f->purpose, f->optional,
		(uint32_t)strlen(name), file->len };

	assert(b->fd < 0); /* not sealed yet */
	if (b->file_count == TRUST_FILES_MAX)
		return err_set(
		    e, ERR_TOO_LARGE, "trust: over %d files", TRUST_FILES_MAX);
	buf_put(&b->bytes, &wire, sizeof(wire));
	buf_puts(&b->bytes, name);
	buf_put(&b->bytes, file->data, file->len);
	b->file_count++;
	return true;
}

static bool
add_file(struct trust_bundle *b, const char *path, const struct bundle_file *f,
    struct err *e)
{
	struct blob file = { 0 };
	bool ok = file_read(path, TRUST_FILE_MAX, &file, e) &&
		  put_file(b, path, f, &file, e);

	blob_release(&file);
	return ok;
}

bool
trust_bundle_add_piece(
    struct trust_bundle *b, const struct trust_piece *p, struct err *e)
{
	const struct bundle_file f = { p->kind, p->purpose, true };
	const struct blob file = { (uint8_t *)(uintptr_t)p->data, p->len };

	if (p->len > TRUST_FILE_MAX)
		return err_set(e, ERR_TOO_LARGE, "trust: %s", p->name);
	return put_file(b, p->name, &f, &file, e);
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* In the order of names, so that the same folder gives the same bytes. */
static bool
add_folder(struct trust_bundle *b, const char *path, struct bundle_file f,
    struct err *e)
{
	struct dirent **names = NULL;
	int count = scandir(path, &names, NULL, alphasort);
	bool ok = count >= 0;

	if (!ok)
		err_set(e, ERR_FILE, "trust: %s: %s", path, strerror(errno));
	f.optional = true;
	for (int i = 0; i < count; i++) {
		struct buf file = { 0 };

		buf_printf(&file, "%s/%s", path, names[i]->d_name);
		if (ok && names[i]->d_name[0] != '.' && is_file(file.data))
			ok = add_file(b, file.data, &f, e);
		buf_release(&file);
		free(names[i]);
	}
	free(names);
	return ok;
}

bool
trust_bundle_add(struct trust_bundle *b, const char *path, enum trust_kind kind,
    unsigned purpose, struct err *e)
{
	const struct bundle_file f = { kind, purpose, false };
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(
		    e, ERR_FILE, "trust: %s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return add_folder(b, path, f, e);
	return add_file(b, path, &f, e);
}

/* Over the few files that are added to it, the count begins anew. */
struct trust_bundle *
trust_bundle_from(int fd)
{
	struct trust_bundle *b = trust_bundle_new();
	off_t len = lseek(fd, 0, SEEK_END);
	void *p = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);

	if (len < TRUST_MAGIC_LEN || p == MAP_FAILED)
		fatal("trust: a bundle of ours cannot be read");
	buf_put(&b->bytes, (const char *)p + TRUST_MAGIC_LEN,
	    (size_t)len - TRUST_MAGIC_LEN);
	munmap(p, (size_t)len);
	return b;
}

static void
write_whole(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fatal("trust: memfd");
		data += n;
		len -= (size_t)n;
	}
}

int
trust_bundle_seal(struct trust_bundle *b, uint8_t generation[32])
{
	digest_sha256(b->bytes.data, b->bytes.len, generation);
	if (b->fd >= 0)
		return b->fd;
	b->fd = memfd_create("trust", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (b->fd < 0)
		fatal("trust: memfd_create");
	write_whole(b->fd, b->bytes.data, b->bytes.len);
	if (fcntl(b->fd, F_ADD_SEALS,
		F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
		fatal("trust: seals");
	return b->fd;
}
