#ifndef GATEWAY_PAYMENT_VIEW_H
#define GATEWAY_PAYMENT_VIEW_H

#include <stdbool.h>

#include "gateway/payment_state.h"

/*
 * What a payer is told, as a page and as JSON: what is owed, how it can be
 * paid, and how it stands.  "No money has been taken" is said only when every
 * attempt has come to nothing; while one has no answer the payer is told not
 * to pay again.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c
 */
struct dossier;
struct err;
struct html_state;
struct json;
struct reply;
struct request;

enum payment_standing {
	STANDING_NOTHING,   /* is owed */
	STANDING_OWED,      /* nobody has tried */
	STANDING_FAILED,    /* tried, and no money has moved */
	STANDING_UNDERPAID, /* by transfer, and not all of it */
	STANDING_WAITING,   /* tried, and no answer yet */
	STANDING_REVIEW,    /* a person has to look */
	STANDING_PAID,
	STANDING_SURPLUS, /* paid by another attempt than this one */
};

/* The words for it, and what it is called in JSON. */
const struct html_state *payment_words(enum payment_standing s);
const char *payment_standing_name(enum payment_standing s);
enum payment_standing payment_standing_find(const char *name);

/* Where one attempt leaves its payer. */
enum payment_standing payment_standing_of(enum payment_state s);

/*
 * {"code","state","message","message_vi","amount","lines","providers",
 *  "receipt","vouchers"} of a dossier: lines and amount of the last request
 * that was not superseded; providers only where one may be chosen; vouchers of
 * every attempt.
 */
bool payment_view(struct request *req, const struct dossier *d,
    struct json **out, struct err *e);

/* A 200 with an ETag over its bytes, so that who looks again gets 304. */
struct reply *payment_view_json(struct json *j);

#endif /* GATEWAY_PAYMENT_VIEW_H */
