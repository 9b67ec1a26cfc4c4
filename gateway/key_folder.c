#include "gateway/key_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"

#define SUFFIX ".p12"

static int
is_key(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), suffix = strlen(SUFFIX);

	return entry->d_name[0] != '.' && len > suffix &&
	       strcmp(entry->d_name + len - suffix, SUFFIX) == 0;
}

static char *
beside(const char *folder, const char *name, const char *suffix)
{
	struct buf b = { 0 };
	char *path;

	buf_printf(&b, "%s/%s%s", folder, name, suffix);
	path = blob_strdup(b.data);
	buf_release(&b);
	return path;
}

static void
note(const char *folder, const char *entry, struct key_file *out)
{
	out->name = blob_strdup(entry);
	out->name[strlen(entry) - strlen(SUFFIX)] = '\0';
	out->file = beside(folder, out->name, SUFFIX);
	out->password_file = beside(folder, out->name, ".password");
	/* One that is there and cannot be read is for whoever opens it. */
	if (access(out->password_file, F_OK) != 0)
		out->password_file[0] = '\0';
}

bool
key_folder_list(const char *path, struct key_folder *out, struct err *e)
{
	struct dirent **entries;
	int count;

	*out = (struct key_folder){ 0 };
	if (path[0] == '\0')
		return true;
	count = scandir(path, &entries, is_key, alphasort);
	if (count < 0)
		return err_set(e, ERR_FILE, "%s: %s", path, strerror(errno));
	out->keys = blob_calloc((size_t)count + 1, sizeof(*out->keys));
	for (int i = 0; i < count; i++) {
		note(path, entries[i]->d_name, &out->keys[out->count++]);
		free(entries[i]);
	}
	free(entries);
	return true;
}

void
key_folder_release(struct key_folder *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->keys[i].name);
		free(f->keys[i].file);
		free(f->keys[i].password_file);
	}
	free(f->keys);
	*f = (struct key_folder){ 0 };
}
