#ifndef GATEWAY_RELIEF_H
#define GATEWAY_RELIEF_H

#include <stdbool.h>

/*
 * Relieves a dossier of its fee, wholly or in part, by a relief of its tariff
 * and with the officer's ground.  What is asked for already is given up and
 * asked for anew; when nothing is left a dossier that waited for its fee goes
 * on without a payment.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD	the dossier's tariff has no such relief
 *	ERR_WRONG_STATE	it was paid, has ended, or has this relief already
 *	ERR_STORAGE	from db.c
 */
struct db;
struct dossier;
struct err;
struct request;

/* Texts are borrowed. */
struct relief {
	const char *code;
	const char *ground;
};

/* In the caller's transaction. */
bool relief_give(struct request *req, const struct dossier *d,
    const struct relief *r, struct err *e);

#endif /* GATEWAY_RELIEF_H */
