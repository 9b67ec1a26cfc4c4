#include "gateway/trust_store.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sealed.h"
#include "crypto/digest.h"
#include "crypto/report.h"
#include "crypto/trust.h"
#include "crypto/verifier.h"
#include "gateway/config.h"
#include "gateway/db.h"

struct version {
	struct trust_lease lease; /* first, so that a lease names its version */
	struct trust_bundle *bundle;
	int leases; /* under the store's lock; the store itself holds one */
};

struct trust_store {
	const struct config *config;
	struct verifier *verifier;
	pthread_mutex_t lock;
	struct version *now;
	uint8_t seen[DIGEST_LEN]; /* what folders and rows looked like */
};

/* Name, length and time of change of a file, whatever it holds. */
static void
look_at_file(struct digest *d, const char *path)
{
	struct stat st;
	struct buf b = { 0 };

	if (stat(path, &st) != 0)
		memset(&st, 0, sizeof(st));
	buf_printf(&b, "%s %lld %lld.%09ld %llu\n", path, (long long)st.st_size,
	    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    (unsigned long long)st.st_ino);
	digest_add(d, b.data, b.len);
	buf_release(&b);
}

/* A folder and what lies in it, in a fixed order; or the one file. */
static void
look_at(struct digest *d, const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);

	look_at_file(d, path);
	for (int i = 0; i < count; i++) {
		struct buf b = { 0 };

		buf_printf(&b, "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			look_at_file(d, b.data);
		buf_release(&b);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

struct source {
	struct config_list paths;
	enum trust_kind kind;
	unsigned purpose;
};

/* What each list of the configuration is trusted for. */
#define SOURCES 7

static void
sources(const struct config *c, struct source out[SOURCES])
{
	const struct config_list policy = { &c->policy_file,
		c->policy_file[0] != '\0' };
	const struct source all[SOURCES] = {
		{ c->trust_public, TRUST_ANCHOR, TRUST_PUBLIC },
		{ c->trust_government, TRUST_ANCHOR, TRUST_GOVERNMENT },
		{ c->trust_timestamp, TRUST_ANCHOR, TRUST_TIMESTAMP },
		{ c->trust_list_signers, TRUST_LIST_SIGNER, 0 },
		{ c->untrusted, TRUST_UNTRUSTED, TRUST_ANY },
		{ c->crls, TRUST_CRL, TRUST_ANY },
		{ policy, TRUST_POLICY, 0 },
	};

	memcpy(out, all, sizeof(all));
}

static bool
look_at_rows(struct digest *d, struct db *db, struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	struct db_rows *r = NULL;
	const char *version;

	if (!db_one(db, DB_trust_version, none, &r, e))
		return false;
	version = db_text(r, 0, "version");
	digest_add(d, version, strlen(version));
	db_rows_free(r);
	return true;
}

static void
look_at_files(struct digest *d, const struct config *c)
{
	struct source from[SOURCES];

	sources(c, from);
	for (size_t i = 0; i < SOURCES; i++)
		for (size_t k = 0; k < from[i].paths.count; k++)
			look_at(d, from[i].paths.item[k]);
}

static bool
look(const struct config *c, struct db *db, uint8_t seen[DIGEST_LEN],
    struct err *e)
{
	struct digest *d = digest_new();

	look_at_files(d, c);
	if (!look_at_rows(d, db, e)) {
		digest_free(d);
		return false;
	}
	digest_end(d, seen);
	return true;
}

/* By the names of trust_rows. */
static const struct {
	const char *name;
	enum trust_kind kind;
	unsigned purpose;
} row_kinds[] = {
	{ "public", TRUST_ANCHOR, TRUST_PUBLIC },
	{ "government", TRUST_ANCHOR, TRUST_GOVERNMENT },
	{ "timestamp", TRUST_ANCHOR, TRUST_TIMESTAMP },
	{ "issuer", TRUST_UNTRUSTED, 0 },
	{ "crl", TRUST_CRL, 0 },
};

static bool
add_row(struct trust_bundle *b, struct db_rows *r, int i, struct err *e)
{
	struct db_bytes bytes = db_bytes(r, i, "bytes");
	const char *kind = db_text(r, i, "kind");
	size_t k = 0;

	while (strcmp(row_kinds[k].name, kind) != 0)
		k++;
	return trust_bundle_add_piece(b,
	    &(struct trust_piece){ db_text(r, i, "name"), row_kinds[k].kind,
		row_kinds[k].purpose, bytes.data, bytes.len },
	    e);
}

static bool
add_rows(struct trust_bundle *b, struct db *db, struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	struct db_rows *r = NULL;
	bool ok = db_query(db, DB_trust_rows, none, &r, e);

	for (int i = 0; ok && i < db_count(r); i++)
		ok = add_row(b, r, i, e);
	db_rows_free(r);
	return ok;
}

/* The files are parsed in a child alone, so it is asked: about a document that
 * is none, which it can say under any trust that it can open. */
static bool
try_bundle(struct verifier *v, const struct trust_lease *lease, struct err *e)
{
	struct verifier_job job = { .name = "trust", .trust_fd = lease->fd };
	struct report *r;
	bool ok = true;

	if (!sealed_new("none", 4, &job.document_fd, e))
		return false;
	memcpy(job.trust_generation, lease->generation,
	    sizeof(job.trust_generation));
	r = verifier_try(v, &job);
	for (size_t i = 0; ok && i < r->finding_count; i++)
		if (r->findings[i].code == FIND_VERIFIER)
			ok = err_set(
			    e, ERR_UNREADABLE, "%s", r->findings[i].detail);
	report_free(r);
	close(job.document_fd);
	return ok;
}

/* All or nothing: half of the anchors would refuse good signatures.  Without
 * a database the files alone. */
static bool
read_all(const struct trust_store *s, struct db *db, struct version **out,
    struct err *e)
{
	const struct config *c = s->config;
	struct version *v = blob_calloc(1, sizeof(*v));
	struct source from[SOURCES];

	v->leases = 1;
	v->bundle = trust_bundle_new();
	sources(c, from);
	for (size_t i = 0; i < SOURCES; i++)
		for (size_t k = 0; k < from[i].paths.count; k++)
			if (!trust_bundle_add(v->bundle, from[i].paths.item[k],
				from[i].kind, from[i].purpose, e))
				goto fail;
	if (db != NULL && !add_rows(v->bundle, db, e))
		goto fail;
	v->lease.fd = trust_bundle_seal(v->bundle, v->lease.generation);
	if (!try_bundle(s->verifier, &v->lease, e))
		goto fail;
	*out = v;
	return true;

fail:
	trust_bundle_free(v->bundle);
	free(v);
	return false;
}

bool
trust_store_open(const struct config *c, struct verifier *v,
    struct trust_store **out, struct err *e)
{
	struct trust_store *s = blob_calloc(1, sizeof(*s));

	s->config = c;
	s->verifier = v;
	pthread_mutex_init(&s->lock, NULL);
	if (!read_all(s, NULL, &s->now, e)) {
		trust_store_free(s);
		return false;
	}
	*out = s;
	return true;
}

/* Under the lock, but for the last lease of all. */
static void
give_back(struct version *v)
{
	if (v == NULL || --v->leases > 0)
		return;
	trust_bundle_free(v->bundle);
	free(v);
}

void
trust_store_free(struct trust_store *s)
{
	if (s == NULL)
		return;
	give_back(s->now);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

bool
trust_store_refresh(struct trust_store *s, struct db *db, struct err *e)
{
	uint8_t seen[DIGEST_LEN];
	struct version *fresh = NULL;

	if (!look(s->config, db, seen, e))
		return false;
	if (memcmp(seen, s->seen, sizeof(seen)) == 0)
		return true;
	/* What has failed once is tried again when it changes again. */
	memcpy(s->seen, seen, sizeof(seen));
	if (!read_all(s, db, &fresh, e))
		return false;

	pthread_mutex_lock(&s->lock);
	give_back(s->now);
	s->now = fresh;
	pthread_mutex_unlock(&s->lock);
	log_info("trust: read anew");
	return true;
}

/* What failed is logged here: the ticker would tell of an outage once, and a
 * file that is wrong is news each time. */
bool
trust_store_tick(struct db *db, void *arg, bool *more, struct err *e)
{
	(void)more;
	if (trust_store_refresh(arg, db, e) || e->code == ERR_STORAGE)
		return e->code != ERR_STORAGE;
	log_warnx("trust: the old one stays: %s", e->detail);
	return true;
}

const struct trust_lease *
trust_store_lease(struct trust_store *s)
{
	struct version *v;

	pthread_mutex_lock(&s->lock);
	v = s->now;
	v->leases++;
	pthread_mutex_unlock(&s->lock);
	return &v->lease;
}

void
trust_store_return(struct trust_store *s, const struct trust_lease *lease)
{
	pthread_mutex_lock(&s->lock);
	give_back((struct version *)lease);
	pthread_mutex_unlock(&s->lock);
}
