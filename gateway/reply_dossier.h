#ifndef GATEWAY_REPLY_DOSSIER_H
#define GATEWAY_REPLY_DOSSIER_H

#include <stdbool.h>

/*
 * A dossier as an answer: its body and its ETag, read on the request's
 * connection, inside the transaction that changed it where there is one.
 *
 * DIAGNOSTICS: those of dossier_load() and dossier_json()
 */
struct err;
struct reply;
struct request;

bool reply_dossier(struct request *req, int status, const char *code,
    struct reply **out, struct err *e);

#endif /* GATEWAY_REPLY_DOSSIER_H */
