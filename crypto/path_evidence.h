#ifndef CRYPTO_PATH_EVIDENCE_H
#define CRYPTO_PATH_EVIDENCE_H

/*
 * Which certificates and CRLs a path rested on, by hash and place.  Taken
 * once when the path is found, so that a path that is remembered has it too.
 */
struct evidence_list;
struct path;
struct trust;

/* Fills p->used from what was looked at, and forgets that. */
void path_evidence_take(const struct trust *t, struct path *p);

void path_evidence_tell(const struct path *p, struct evidence_list *out);

#endif /* CRYPTO_PATH_EVIDENCE_H */
