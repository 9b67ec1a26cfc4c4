#ifndef ADAPTERS_SMTP_CONNECTION_H
#define ADAPTERS_SMTP_CONNECTION_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Connections to a mail server as libcurl makes them: its name looked up, TCP,
 * TLS from the start or by STARTTLS with the certificate verified, EHLO and
 * log-in.  After that libcurl carries bytes and knows nothing of mail.
 *
 * Those that are being made belong to a dialer and block nobody.
 */
struct smtp_answer;
struct smtp_connection;
struct smtp_dialer;
struct smtp_options;

struct smtp_dialer *smtp_dialer_new(void);
void smtp_dialer_free(struct smtp_dialer *d); /* after its connections */

bool smtp_dialer_is_busy(const struct smtp_dialer *d);

/* Waits like poll(), for the connections that are being made as well. */
void smtp_dialer_wait(
    struct smtp_dialer *d, struct pollfd *fds, size_t count, int timeout_ms);

/* The owner of one that is made, or failed; NULL: of none. */
void *smtp_dialer_next(struct smtp_dialer *d);

/* Closed at first. */
struct smtp_connection *smtp_connection_new(
    struct smtp_dialer *d, const struct smtp_options *o, void *owner);
void smtp_connection_free(struct smtp_connection *c);

void smtp_connection_open(struct smtp_connection *c, int timeout_ms);
bool smtp_connection_is_open(const struct smtp_connection *c);
void smtp_connection_close(struct smtp_connection *c); /* at once */

/* Of one that is open. */
int smtp_connection_fd(const struct smtp_connection *c);
bool smtp_connection_tls(const struct smtp_connection *c);
bool smtp_connection_pipelining(const struct smtp_connection *c);
bool smtp_connection_size(const struct smtp_connection *c);

enum smtp_io { SMTP_IO_DONE, SMTP_IO_AGAIN, SMTP_IO_LOST };

enum smtp_io smtp_connection_send(
    struct smtp_connection *c, const char *data, size_t len, size_t *n);
enum smtp_io smtp_connection_recv(
    struct smtp_connection *c, char *out, size_t cap, size_t *n);

/* Why it is not open or was lost; the code may be 0. */
const struct smtp_answer *smtp_connection_why(const struct smtp_connection *c);

#endif /* ADAPTERS_SMTP_CONNECTION_H */
