#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

/* What grows while it is read is cut off at the size that it had. */
static bool
read_all(int fd, const char *path, struct blob *out, struct err *e)
{
	size_t len = 0;
	ssize_t n;

	while (len < out->len) {
		n = read(fd, out->data + len, out->len - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(
			    e, ERR_FILE, "%s: %s", path, strerror(errno));
		if (n == 0)
			break;
		len += (size_t)n;
	}
	out->len = len;
	return true;
}

bool
file_read(const char *path, size_t max, struct blob *out, struct err *e)
{
	struct blob b = { 0 };
	struct stat st;
	bool ok = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) != 0) {
		err_set(e, ERR_FILE, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(e, ERR_FILE, "%s: not a regular file", path);
		goto out;
	}
	if ((size_t)st.st_size > max) {
		err_set(e, ERR_TOO_LARGE, "%s: over %zu bytes", path, max);
		goto out;
	}
	b.len = (size_t)st.st_size;
	b.data = blob_calloc(b.len + 1, 1);
	if (!read_all(fd, path, &b, e))
		goto out;
	*out = b;
	b = (struct blob){ 0 };
	ok = true;

out:
	if (fd >= 0)
		close(fd);
	blob_release(&b);
	return ok;
}

static bool
write_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0;
}

bool
file_write_new(const char *path, const void *data, size_t len, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	bool ok;

	if (fd < 0)
		return err_set(e, ERR_FILE, "%s: %s", path, strerror(errno));
	ok = write_all(fd, data, len);
	if (!ok)
		err_set(e, ERR_FILE, "%s: %s", path, strerror(errno));
	close(fd);
	return ok;
}

char *
file_beside(const char *in, const char *path)
{
	const char *slash = strrchr(in, '/');
	struct buf b = { 0 };

	if (*path != '/' && slash != NULL)
		buf_put(&b, in, (size_t)(slash - in) + 1);
	buf_puts(&b, path);
	return buf_take(&b);
}
