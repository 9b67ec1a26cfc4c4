#include "crypto/question.h"

#include <assert.h>
#include <string.h>

#include "base/base.h"

static const char *const revocations[] = {
	[REVOCATION_REQUIRE] = "require",
	[REVOCATION_PREFER] = "prefer",
	[REVOCATION_OFF] = "off",
};

const char *
revocation_mode_name(enum revocation_mode m)
{
	assert((size_t)m < nitems(revocations));
	return revocations[m];
}

bool
revocation_mode_find(const char *name, enum revocation_mode *out)
{
	for (size_t i = 0; i < nitems(revocations); i++)
		if (strcmp(name, revocations[i]) == 0) {
			*out = (enum revocation_mode)i;
			return true;
		}
	return false;
}
