#include "adapters/piped.h"

#include <string.h>

#include "adapters/adapter.h"
#include "base/buf.h"

bool
piped_read(const struct json *obj, const char *const *names, size_t count,
    char (*out)[PIPED_MAX])
{
	for (size_t i = 0; i < count; i++)
		if (!pay_lexeme(obj, names[i], out[i], PIPED_MAX) ||
		    strchr(out[i], '|') != NULL)
			return false;
	return true;
}

void
piped_join(const char (*values)[PIPED_MAX], size_t count, struct buf *out)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : "|", values[i]);
}
