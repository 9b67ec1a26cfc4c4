#ifndef GATEWAY_HTTP_SOCKET_H
#define GATEWAY_HTTP_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Listening sockets.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	no such address, in use, or not on loopback
 */
struct err;

/* A socket that a dead gateway left behind is replaced, a living one is not.
 * Owner and group may connect. */
bool http_socket_unix(const char *path, int *fd, struct err *e);

/* "127.0.0.1:8443", "[::1]:8443", ":8443"; port 0 lets the system choose. */
#define HTTP_SOCKET_NAME_LEN 64
bool http_socket_tcp(const char *address, bool loopback_only, int *fd,
    char name[HTTP_SOCKET_NAME_LEN], struct err *e);

/* How many connections of those wanted the process's descriptors allow. */
int64_t http_socket_most(int64_t wanted);

#endif /* GATEWAY_HTTP_SOCKET_H */
