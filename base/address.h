#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Addresses of the Internet, and ranges of them.  Pure; no name is resolved.
 *
 * All are 16 bytes: an IPv4 address is the IPv6 address that maps it
 * (RFC 4291, 2.5.5.2), so that a listener of both kinds and one of IPv4 name a
 * caller alike.
 */
#define ADDRESS_LEN 16

/* Every address whose first bits are these. */
struct address_range {
	uint8_t bytes[ADDRESS_LEN];
	unsigned bits;
};

/* "192.0.2.1" or "2001:db8::1".  False, with out untouched: anything else. */
bool address_parse(const char *text, uint8_t out[ADDRESS_LEN]);

/* The same, or with "/bits" behind it; bits that it leaves open may be set. */
bool address_range_parse(const char *text, struct address_range *out);

/* address has as many bytes as the range's bits reach into. */
bool address_within(const uint8_t *address, const struct address_range *r);

#endif /* BASE_ADDRESS_H */
