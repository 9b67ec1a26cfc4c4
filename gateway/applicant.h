#ifndef GATEWAY_APPLICANT_H
#define GATEWAY_APPLICANT_H

#include <stdbool.h>

/*
 * Who hands a dossier in: a citizen by CCCD or CMND, an enterprise by MST, an
 * agency.  The id binds the applicant to the signer of his documents.
 */
struct err;
struct json;

/* Checks the object at pointer `at`: fields, words, and the id's digits. */
bool applicant_check(const struct json *j, const char *at, struct err *e);

#endif /* GATEWAY_APPLICANT_H */
