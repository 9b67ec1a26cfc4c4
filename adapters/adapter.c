#include "adapters/adapter.h"

#include <string.h>

#include "base/base.h"

static const struct {
	const char *name;
	const struct pay_adapter *adapter;
} pays[] = {
#define PAY(name, adapter) { name, &adapter },
#include "adapters/adapters.def"
};

const struct pay_adapter *
pay_adapter_find(const char *name)
{
	for (size_t i = 0; i < nitems(pays); i++)
		if (strcmp(pays[i].name, name) == 0)
			return pays[i].adapter;
	return NULL;
}

void
pay_notice_release(struct pay_notice *n)
{
	blob_release(&n->raw);
}
