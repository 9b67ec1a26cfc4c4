#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define V4_AT   12 /* where a mapped address holds the IPv4 one */
#define V4_BITS (8 * V4_AT)

static bool
is_v4(const char *text)
{
	return strchr(text, ':') == NULL;
}

bool
address_parse(const char *text, uint8_t out[ADDRESS_LEN])
{
	uint8_t bytes[ADDRESS_LEN] = { [10] = 0xff, [11] = 0xff };

	if (is_v4(text) ? inet_pton(AF_INET, text, bytes + V4_AT) != 1
			: inet_pton(AF_INET6, text, bytes) != 1)
		return false;
	memcpy(out, bytes, sizeof(bytes));
	return true;
}

bool
address_range_parse(const char *text, struct address_range *out)
{
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
	struct address_range r = { .bits = 8 * ADDRESS_LEN };
	char address[INET6_ADDRSTRLEN];
	int64_t bits = 0;

	if (len >= sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)len, text);
	if (!address_parse(address, r.bytes))
		return false;
	if (slash != NULL) {
		if (!text_int(slash + 1, &bits) ||
		    bits > (is_v4(address) ? 32 : 128))
			return false;
		r.bits = (unsigned)bits + (is_v4(address) ? V4_BITS : 0);
	}
	*out = r;
	return true;
}

bool
address_within(const uint8_t *address, const struct address_range *r)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;
	uint8_t mask = (uint8_t)(0xff << (8 - rest));

	if (memcmp(address, r->bytes, whole) != 0)
		return false;
	return rest == 0 || (address[whole] & mask) == (r->bytes[whole] & mask);
}
