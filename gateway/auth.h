#ifndef GATEWAY_AUTH_H
#define GATEWAY_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"

/*
 * Who is who, and who may what.  The portal comes with a bearer key (stored
 * hashed), an officer with the session that POST /v1/sessions gave him, an
 * applicant with the unguessable link in his receipt, a provider with its MAC
 * alone.
 *
 * DIAGNOSTICS
 *	ERR_UNAUTHENTICATED	no proof, or a wrong one
 *	ERR_FORBIDDEN		proved, and not allowed this
 *	ERR_NOT_FOUND		not allowed to know that it exists
 */
struct db;
struct dossier;
struct err;
struct request;

enum auth_right {
#define RIGHT(right, name) AUTH_##right,
#include "gateway/auth_right.def"
	AUTH_RIGHT_COUNT
};

enum auth_kind {
	AUTH_NOBODY,
	AUTH_CLIENT,
	AUTH_OFFICER,
	AUTH_APPLICANT,
};

/* Actors that have no row: stored in event.actor. */
#define ACTOR_GATEWAY   0
#define ACTOR_APPLICANT (-1)
#define ACTOR_PROVIDER  (-2)

const char *auth_right_name(enum auth_right r);
bool auth_right_find(const char *name, enum auth_right *out);

/*
 * Fills tenant, by, who, rights, principal and now_us of the request from its
 * proof, and refuses a caller without the route's right.
 */
bool auth_request(struct request *req, enum auth_right right, struct err *e);

/*
 * An officer whom the command line names, who must have the right.  That he is
 * the one at the keyboard is the operator's word: what it takes proof for is
 * done by the API.
 */
struct auth_named {
	struct tenant_id tenant;
	struct actor_id by;
};

bool auth_officer(struct db *db, const char *login, enum auth_right right,
    struct auth_named *out, struct err *e);

/* The bearer token or the session cookie, borrowed; NULL without either. */
const char *auth_token(const struct request *req);

/*
 * May this caller touch this very dossier?  If not, it does not exist:
 * ERR_NOT_FOUND.
 */
bool auth_dossier(
    const struct request *req, const struct dossier *d, struct err *e);

/* The key of an applicant's link: of code alone, so that it needs no storage.
 * `GET /v1/dossiers/{code}?key=...` */
#define AUTH_LINK_LEN 44
void auth_link(
    const uint8_t secret[32], const char *code, char out[AUTH_LINK_LEN]);

#endif /* GATEWAY_AUTH_H */
