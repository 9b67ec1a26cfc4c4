#include "gateway/http_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

#define BACKLOG           1024
#define FILES_RESERVED    128 /* for the database, peers and children */
#define CONNECTIONS_LEAST 16

/* A gateway that was killed leaves its socket's file; one that runs answers. */
static bool
is_alive(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool alive;

	alive = fd >= 0 &&
		connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;
	if (fd >= 0)
		close(fd);
	return alive;
}

/* The file's mode is what guards the listener: group members may connect, as
 * the proxy's user is one. */
bool
http_socket_unix(const char *path, int *fd, struct err *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s;

	if (strlen(path) >= sizeof(at.sun_path))
		return err_set(e, ERR_CONFIG, "listen: %s is too long", path);
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (is_alive(&at))
		return err_set(e, ERR_CONFIG, "listen: %s is in use", path);
	unlink(path);

	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    chmod(path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) != 0 ||
	    listen(s, BACKLOG) != 0) {
		err_set(e, ERR_CONFIG, "listen: %s: %s", path, strerror(errno));
		if (s >= 0)
			close(s);
		return false;
	}
	*fd = s;
	return true;
}

/* Cuts "host:port" at its last colon; brackets go (RFC 3986, 3.2.2). */
static bool
split(const char *address, char host[HTTP_SOCKET_NAME_LEN], const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t len;

	if (colon == NULL || (size_t)(colon - address) >= HTTP_SOCKET_NAME_LEN)
		return false;
	len = (size_t)(colon - address);
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	memcpy(host, address, len);
	host[len] = '\0';
	*port = colon + 1;
	return true;
}

/* The operator's listener asks for no proof, so it stays on this machine. */
static bool
is_loopback(const struct sockaddr *at)
{
	const struct sockaddr_in *v4 = (const void *)at;
	const struct sockaddr_in6 *v6 = (const void *)at;

	if (at->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static int
open_at(const struct addrinfo *at)
{
	int on = 1;
	int s = socket(
	    at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0)
		return -1;
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s, at->ai_addr, at->ai_addrlen) == 0 &&
	    listen(s, BACKLOG) == 0)
		return s;
	close(s);
	return -1;
}

/* The address as it came to be, with the port that the system chose. */
static void
name_of(int fd, char name[HTTP_SOCKET_NAME_LEN])
{
	struct sockaddr_storage at = { 0 };
	socklen_t len = sizeof(at);
	char host[48] = "?", port[8] = "?";

	if (getsockname(fd, (struct sockaddr *)&at, &len) == 0)
		getnameinfo((struct sockaddr *)&at, len, host, sizeof(host),
		    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(name, HTTP_SOCKET_NAME_LEN,
	    at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

bool
http_socket_tcp(const char *address, bool loopback_only, int *fd,
    char name[HTTP_SOCKET_NAME_LEN], struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *at = NULL;
	char host[HTTP_SOCKET_NAME_LEN];
	const char *port;
	int s = -1;

	if (!split(address, host, &port) ||
	    getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints, &at) != 0)
		return err_set(
		    e, ERR_CONFIG, "listen: %s is no address:port", address);
	if (loopback_only && !is_loopback(at->ai_addr)) {
		err_set(e, ERR_CONFIG, "listen: %s is not loopback", address);
		goto out;
	}
	s = open_at(at);
	if (s < 0) {
		err_set(
		    e, ERR_CONFIG, "listen: %s: %s", address, strerror(errno));
		goto out;
	}
	name_of(s, name);
	*fd = s;

out:
	freeaddrinfo(at);
	return s >= 0;
}

/* Half of the descriptors that are not ours: the other half are the parts of
 * forms, and connections that are accepted only to hear 503. */
int64_t
http_socket_most(int64_t wanted)
{
	struct rlimit files = { 0 };
	int64_t room;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    files.rlim_cur == RLIM_INFINITY)
		return wanted;
	room = ((int64_t)files.rlim_cur - FILES_RESERVED) / 2;
	if (room >= wanted)
		return wanted;
	if (room < CONNECTIONS_LEAST)
		room = CONNECTIONS_LEAST;
	log_warnx("http: %llu descriptors are enough for %lld connections only",
	    (unsigned long long)files.rlim_cur, (long long)room);
	return room;
}
