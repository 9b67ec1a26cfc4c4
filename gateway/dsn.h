#ifndef GATEWAY_DSN_H
#define GATEWAY_DSN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads a delivery status notification (RFC 3464, in a multipart/report of RFC
 * 6522), as a stranger sends it: whatever it is, it is read without a copy,
 * and what is said of the first recipient, since our mails have one each.
 * What comes out is ASCII without control bytes, cut to its room.
 *
 * It believes nothing: whether we ever sent such a mail is for bounce.c.
 */
enum dsn_action { DSN_FAILED, DSN_DELAYED, DSN_OTHER };

struct dsn {
	enum dsn_action action;
	char message_id[301]; /* of the mail it is about, without <> */
	char recipient[255];  /* original where it is told, else final */
	char status[12];      /* RFC 3463, as "5.1.1"; "" when there is none */
	char diagnostic[201];
};

/* False, with *out untouched: it is none, or says too little. */
bool dsn_read(const char *data, size_t len, struct dsn *out);

#endif /* GATEWAY_DSN_H */
