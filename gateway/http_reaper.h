#ifndef GATEWAY_HTTP_REAPER_H
#define GATEWAY_HTTP_REAPER_H

#include <stdint.h>

/*
 * Ends connections whose deadline has passed.  libmicrohttpd's time-out counts
 * inactivity alone, so a byte every few seconds holds a connection for ever
 * (measured); here a thread on the monotonic clock shuts the socket down, and
 * libmicrohttpd then sees its end and cleans up.
 */
#define HTTP_REAPER_NEVER INT64_MAX

struct http_reaper;
struct http_seat; /* one connection */

struct http_reaper *http_reaper_start(void);
void http_reaper_stop(struct http_reaper *r); /* NULL is fine */

/* Between these two calls fd is open; deadlines are of clock_mono_us(). */
struct http_seat *http_reaper_add(
    struct http_reaper *r, int fd, int64_t deadline_us);
void http_reaper_remove(struct http_reaper *r, struct http_seat *seat);

/* Any thread, without a lock. */
void http_reaper_set(struct http_seat *seat, int64_t deadline_us);

#endif /* GATEWAY_HTTP_REAPER_H */
