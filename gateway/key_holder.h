#ifndef GATEWAY_KEY_HOLDER_H
#define GATEWAY_KEY_HOLDER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Holds a key to whoever it is named for in a folder of keys (key_folder.h).
 * Where his certificates are known, the key's is one of them; where none is,
 * its subject has to name him: a body by its tax code (UID MST), and either by
 * the name that he is registered under, as CN, O or OU.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	the key is somebody else's, or nobody has that name
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;
struct signer_key;

enum key_holder { KEY_HOLDER_UNIT, KEY_HOLDER_BODY };

struct key_held {
	int64_t tenant; /* 0: in every tenant that has him */
	enum key_holder holder;
	const char *code; /* the unit's, or the body's tax code */
};

bool key_holder_check(struct db *db, const struct key_held *h,
    const struct signer_key *key, struct err *e);

#endif /* GATEWAY_KEY_HOLDER_H */
