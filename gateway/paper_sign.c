#include "gateway/paper_sign.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "base/sealed.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/sign.h"
#include "crypto/verifier.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/key_folder.h"
#include "gateway/trust_store.h"

struct named_key {
	char *who; /* NULL: the gateway's, for whoever has none */
	struct signer_key *key;
};

struct paper_signer {
	struct paper_signer_means means;
	enum key_holder holders;
	struct named_key *keys; /* the gateway's comes last */
	size_t count;
};

static bool
open_key(struct paper_signer *s, const char *who, const char *file,
    const char *password_file, struct err *e)
{
	struct signer_key *key;

	if (!sign_open_pkcs12(
		file, password_file[0] != '\0' ? password_file : NULL, &key, e))
		return false;
	s->keys[s->count++] =
	    (struct named_key){ who == NULL ? NULL : blob_strdup(who), key };
	return true;
}

static bool
open_all(struct paper_signer *s, const struct paper_signer_keys *k,
    const struct key_folder *folder, struct err *e)
{
	s->keys = blob_calloc(folder->count + 1, sizeof(*s->keys));
	for (size_t i = 0; i < folder->count; i++) {
		const struct key_file *f = &folder->keys[i];

		if (!open_key(s, f->name, f->file, f->password_file, e))
			return false;
	}
	return k->file[0] == '\0' ||
	       open_key(s, NULL, k->file, k->password_file, e);
}

bool
paper_signer_new(const struct paper_signer_means *m,
    const struct paper_signer_keys *k, struct paper_signer **out, struct err *e)
{
	struct key_folder folder;
	struct paper_signer *s;
	bool ok;

	*out = NULL;
	if (!key_folder_list(k->folder, &folder, e))
		return false;
	s = blob_calloc(1, sizeof(*s));
	s->means = *m;
	s->holders = k->holders;
	ok = open_all(s, k, &folder, e);
	if (ok && s->count > 0) {
		*out = s;
		s = NULL; /* the caller owns it now */
	}
	paper_signer_free(s);
	key_folder_release(&folder);
	return ok;
}

void
paper_signer_free(struct paper_signer *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++) {
		free(s->keys[i].who);
		sign_close(s->keys[i].key);
	}
	free(s->keys);
	free(s);
}

static const struct named_key *
key_of(const struct paper_signer *s, const char *who)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->keys[i].who == NULL || strcmp(s->keys[i].who, who) == 0)
			return &s->keys[i];
	return NULL;
}

bool
paper_signer_has(const struct paper_signer *s, const char *who)
{
	return s != NULL && key_of(s, who) != NULL;
}

static struct report *
ask(const struct paper_signer *s, const struct trust_lease *trust,
    struct verifier_job *job)
{
	revocation_mode_find(s->means.config->revocation, &job->revocation);
	job->trust_fd = trust->fd;
	memcpy(job->trust_generation, trust->generation,
	    sizeof(job->trust_generation));
	return verifier_judge(s->means.verifier, job);
}

static void
note_report(const struct report *r, struct paper_made *out)
{
	struct json *j = report_json(r);

	out->report = json_write(j);
	json_free(j);
	evidence_pieces_note(&out->evidence, r);
}

static bool
judge(const struct paper_signer *s, const struct trust_lease *trust,
    const struct paper_signing *what, struct paper_made *out, struct err *e)
{
	struct verifier_job job = { .name = what->name, .at_us = what->at_us };
	struct report *report;
	bool ok;

	if (!sealed_new(out->pdf.data, out->pdf.len, &job.document_fd, e))
		return false;
	report = ask(s, trust, &job);
	close(job.document_fd);
	ok = report->indication == TOTAL_PASSED && report->signature_count > 0;
	if (ok)
		note_report(report, out);
	else
		err_set(e, ERR_UNREADABLE,
		    "its own verifier does not pass it: %s",
		    indication_name(report->indication));
	report_free(report);
	return ok;
}

/* One lease for both: the pieces lie in the bundle that was judged on. */
static bool
prove(const struct paper_signer *s, struct db *db,
    const struct paper_signing *what, struct paper_made *out, struct err *e)
{
	struct trust_store *store = s->means.trust;
	const struct trust_lease *trust = trust_store_lease(store);
	const struct evidence_source from = { db, what->tenant,
		s->means.verifier, trust };
	bool ok = judge(s, trust, what, out, e) &&
		  evidence_pieces_gather(&from, &out->evidence, e);

	trust_store_return(store, trust);
	return ok;
}

bool
paper_sign(const struct paper_signer *s, struct db *db,
    const struct paper_signing *what, struct paper_made *out, struct err *e)
{
	const struct sign_options options = {
		.at_us = what->at_us,
		.reason = what->reason,
	};
	const struct key_held held = { what->tenant, s->holders, what->who };
	const struct named_key *key = key_of(s, what->who);

	if (key == NULL)
		return err_set(e, ERR_CONFIG, "no key of %s", what->who);
	if (key->who != NULL && !key_holder_check(db, &held, key->key, e))
		return false;
	if (!sign_pdf(key->key, what->pdf, &options, &out->pdf, e))
		return false;
	digest_sha256(out->pdf.data, out->pdf.len, out->sha256);
	return prove(s, db, what, out, e);
}

bool
paper_keep(struct db *db, int64_t tenant, int64_t at_us,
    const struct paper_made *p, struct err *e)
{
	const struct db_arg content[] = { DB_INT(tenant),
		DB_BYTES(p->sha256, DIGEST_LEN),
		DB_BYTES(p->pdf.data, p->pdf.len), DB_END };
	const struct db_arg verdict[] = { DB_INT(tenant),
		DB_BYTES(p->sha256, DIGEST_LEN), DB_TEXT(p->report),
		DB_TIME(at_us), DB_END };

	if (!db_exec(db, DB_content_add, content, NULL, e))
		return false;
	return p->report == NULL ||
	       (evidence_pieces_store(db, tenant, at_us, &p->evidence, e) &&
		   db_exec(db, DB_evidence_paper, verdict, NULL, e));
}

void
paper_made_release(struct paper_made *p)
{
	blob_release(&p->pdf);
	free(p->report);
	evidence_pieces_release(&p->evidence);
	*p = (struct paper_made){ 0 };
}
