#ifndef ADAPTERS_HTTP_GUARD_H
#define ADAPTERS_HTTP_GUARD_H

#include <stdbool.h>

/*
 * Which addresses may be called on a stranger's word.  Pure: a table of the
 * special-purpose address registries (RFC 6890 and IANA's updates), asked
 * when a socket is about to be opened, so that a name that resolves to an
 * inner address is caught whatever it resolved to before (SSRF, DNS
 * rebinding).
 *
 * What is not known to be a public unicast address is refused.
 */
struct sockaddr;

bool http_guard_public(const struct sockaddr *address);

#endif /* ADAPTERS_HTTP_GUARD_H */
