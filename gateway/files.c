#include "gateway/files.h"

#include <string.h>

#include "base/base.h"
#include "base/buf.h"

struct file {
	const char *name;
	const char *const *lines; /* each with its line feed; NULL ends */
};

static const struct file files[] = {
/* clang-format off */
#define FILE_BEGIN(name) { name, (const char *const[]){
#define LINE(text)       text,
#define FILE_END         NULL } },
#include "files_gen.h"
	/* clang-format on */
	{ NULL, NULL },
};

bool
files_find(const char *name, struct buf *out)
{
	for (const struct file *f = files; f->name != NULL; f++) {
		if (strcmp(f->name, name) != 0)
			continue;
		for (const char *const *l = f->lines; *l != NULL; l++)
			buf_puts(out, *l);
		return true;
	}
	return false;
}

const char *
files_name(size_t i)
{
	return i < nitems(files) ? files[i].name : NULL;
}

/* "0001-base.sql" is 1.  Four digits, so that byte order is their order. */
int
files_migration(const char *name)
{
	size_t len = strlen(name);
	int number = 0;

	if (strspn(name, "0123456789") != 4 || name[4] != '-')
		return 0;
	if (len < 9 || strcmp(name + len - 4, ".sql") != 0)
		return 0;
	for (int i = 0; i < 4; i++)
		number = 10 * number + (name[i] - '0');
	return number;
}

int
files_schema_version(void)
{
	int last = 0;

	for (const struct file *f = files; f->name != NULL; f++) {
		int number = files_migration(f->name);

		if (number > last)
			last = number;
	}
	return last;
}
