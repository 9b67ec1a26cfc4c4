#include "gateway/files.h"

#include <string.h>

#include "base/base.h"

/* ISO C asks compilers for 4,095 characters in a literal; ours take more. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

struct file {
	const char *name, *text;
};

static const struct file files[] = {
/* clang-format off */
#define FILE_BEGIN(name) { name, ""
#define LINE(text)       text
#define FILE_END         },
#include "files_gen.h"
	/* clang-format on */
	{ NULL, NULL },
};

/* Backwards: what is asked for with every mail stands last. */
const char *
files_text(const char *name)
{
	for (size_t i = nitems(files) - 1; i > 0; i--)
		if (strcmp(files[i - 1].name, name) == 0)
			return files[i - 1].text;
	return NULL;
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
