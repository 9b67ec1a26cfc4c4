#include "adapters/http_guard.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/base.h"

static const struct address_range refused_v4[] = {
	{ { 0 }, 8 },             /* this host, RFC 1122 */
	{ { 10 }, 8 },            /* private, RFC 1918 */
	{ { 100, 64 }, 10 },      /* carrier-grade NAT, RFC 6598 */
	{ { 127 }, 8 },           /* loopback */
	{ { 169, 254 }, 16 },     /* link-local; clouds' metadata too */
	{ { 172, 16 }, 12 },      /* private */
	{ { 192, 0, 0 }, 24 },    /* protocol assignments, RFC 6890 */
	{ { 192, 0, 2 }, 24 },    /* documentation, RFC 5737 */
	{ { 192, 88, 99 }, 24 },  /* 6to4 relays, RFC 7526 */
	{ { 192, 168 }, 16 },     /* private */
	{ { 198, 18 }, 15 },      /* benchmarks, RFC 2544 */
	{ { 198, 51, 100 }, 24 }, /* documentation */
	{ { 203, 0, 113 }, 24 },  /* documentation */
	{ { 224 }, 4 },           /* multicast */
	{ { 240 }, 4 },           /* reserved, and broadcast */
};

/* Within 2000::/3; whatever lies outside it is no global unicast address. */
static const struct address_range refused_v6[] = {
	{ { 0x20, 0x01, 0x00, 0x00 }, 23 }, /* RFC 2928; Teredo among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation, RFC 3849 */
	{ { 0x20, 0x02 }, 16 },             /* 6to4: an inner IPv4 address */
	{ { 0x3f, 0xff, 0x00 }, 20 },       /* documentation, RFC 9637 */
};

static const struct address_range global_v6 = { { 0x20 }, 3 };
static const struct address_range mapped_v6 = {
	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96
};
static const struct address_range nat64_v6 = { { 0x00, 0x64, 0xff, 0x9b }, 96 };

static bool
lies_in_any(const uint8_t *address, const struct address_range *p, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (address_within(address, &p[i]))
			return true;
	return false;
}

static bool
public_v4(const uint8_t address[4])
{
	return !lies_in_any(address, refused_v4, nitems(refused_v4));
}

/* Mapped (RFC 4291, 2.5.5.2) and NAT64 (RFC 6052) addresses are judged by the
 * IPv4 address that they carry. */
static bool
public_v6(const uint8_t address[16])
{
	if (address_within(address, &mapped_v6) ||
	    address_within(address, &nat64_v6))
		return public_v4(address + 12);
	if (!address_within(address, &global_v6))
		return false;
	return !lies_in_any(address, refused_v6, nitems(refused_v6));
}

bool
http_guard_public(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		return public_v4((const uint8_t *)&v4.sin_addr);
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		return public_v6(v6.sin6_addr.s6_addr);
	}
	return false;
}
