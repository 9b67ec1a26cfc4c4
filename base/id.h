#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdint.h>

/*
 * Keys of rows.  Each is a struct of its own, so that a payment's key where
 * a dossier's is meant does not compile.
 */
struct tenant_id {
	int64_t n;
};

struct unit_id {
	int64_t n;
};

struct dossier_id {
	int64_t n;
};

struct document_id {
	int64_t n;
};

struct attempt_id {
	int64_t n;
};

/* Who did it: a person, a peer system, or the gateway itself (0). */
struct actor_id {
	int64_t n;
};

#endif /* BASE_ID_H */
