#include "gateway/rejudge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/evidence_json.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/trust.h"
#include "crypto/verifier.h"
#include "gateway/cli_trust.h"

#define VERDICTS_MAX (64 * 1024 * 1024)

/* By the names of evidence_kind_name(). */
static const struct place {
	const char *role, *folder, *ending;
	enum trust_kind kind;
} places[] = {
	{ "anchor", "trust", "crt", TRUST_ANCHOR },
	{ "certificate", "untrusted", "crt", TRUST_UNTRUSTED },
	{ "crl", "crl", "crl", TRUST_CRL },
	{ "ocsp", "ocsp", "ocsp", TRUST_OCSP },
	{ "policy", "policy", "json", TRUST_POLICY },
};

static const struct place *
place_of(const char *role)
{
	for (size_t i = 0; i < nitems(places); i++)
		if (strcmp(places[i].role, role) == 0)
			return &places[i];
	return NULL;
}

bool
rejudge_name(const char *role, const uint8_t sha256[DIGEST_LEN],
    char out[REJUDGE_NAME_LEN])
{
	const struct place *p = place_of(role);
	char hex[2 * DIGEST_LEN + 1];

	if (p == NULL)
		return false;
	text_hex(sha256, DIGEST_LEN, hex);
	snprintf(out, REJUDGE_NAME_LEN, "evidence/%s/%s.%s", p->folder, hex,
	    p->ending);
	return true;
}

/* One document with what it is judged on. */
struct again {
	struct verifier *verifier;
	const char *folder;
	const struct json *recorded; /* the report */
	struct trust_bundle *bundle;
	struct verifier_job job;
	int fds[1 + VERIFIER_CONTENTS_MAX];
	size_t fd_count;
};

static bool
open_file(struct again *a, const char *name, int *fd, struct err *e)
{
	struct buf path = { 0 };
	bool ok;

	if (name[0] == '\0' || strchr(name, '/') != NULL)
		return err_set(e, ERR_UNREADABLE, REJUDGE_FILE ": %s", name);
	buf_printf(&path, "%s/%s", a->folder, name);
	ok = cli_load(path.data, fd, e);
	if (ok)
		a->fds[a->fd_count++] = *fd;
	buf_release(&path);
	return ok;
}

static bool
open_documents(struct again *a, const struct json *entry, struct err *e)
{
	const struct json *contents = json_find(entry, "contents");
	size_t count = contents == NULL ? 0 : json_count(contents);

	a->job.name = json_text(a->recorded, "file", "");
	if (count > VERIFIER_CONTENTS_MAX)
		return err_set(e, ERR_UNREADABLE, REJUDGE_FILE ": contents");
	if (!open_file(
		a, json_text(entry, "document", ""), &a->job.document_fd, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct json *c = json_at(contents, i);

		a->job.contents[i].name = json_text(c, "name", "");
		if (!open_file(
			a, json_text(c, "file", ""), &a->job.contents[i].fd, e))
			return false;
		a->job.content_count++;
	}
	return true;
}

static bool
is_what_it_says(const char *path, const struct evidence *piece, struct err *e)
{
	struct blob b = { 0 };
	uint8_t sha256[DIGEST_LEN];

	if (!file_read(path, TRUST_FILE_MAX, &b, e))
		return false;
	digest_sha256(b.data, b.len, sha256);
	blob_release(&b);
	return memcmp(sha256, piece->sha256, DIGEST_LEN) == 0 ||
	       err_set(e, ERR_UNREADABLE, "%s: has another hash", path);
}

/* An anchor of one purpose may stand in a path of another. */
static bool
add_piece(struct again *a, const struct evidence *piece, struct err *e)
{
	const char *role = evidence_kind_name(piece->kind);
	const struct place *p = place_of(role);
	char name[REJUDGE_NAME_LEN];
	struct buf path = { 0 };
	bool ok;

	if (piece->place == EVIDENCE_DOCUMENT ||
	    !rejudge_name(role, piece->sha256, name))
		return true;
	buf_printf(&path, "%s/%s", a->folder, name);
	ok = is_what_it_says(path.data, piece, e) &&
	     trust_bundle_add(
		 a->bundle, path.data, p->kind, piece->purpose, e) &&
	     (piece->kind != EVIDENCE_ANCHOR ||
		 trust_bundle_add(a->bundle, path.data, TRUST_UNTRUSTED, 0, e));
	buf_release(&path);
	return ok;
}

static bool
add_evidence(struct again *a, struct err *e)
{
	struct evidence_list l = { 0 };
	bool ok = evidence_read(json_find(a->recorded, "evidence"), &l);

	if (!ok)
		err_set(e, ERR_UNREADABLE, REJUDGE_FILE ": evidence");
	for (size_t i = 0; ok && i < l.count; i++)
		ok = add_piece(a, &l.at[i], e);
	evidence_release(&l);
	return ok;
}

static bool
read_question(struct again *a, struct err *e)
{
	const char *mode = json_text(a->recorded, "revocation", "");
	const char *at = json_text(a->recorded, "validation_time", "");

	return (revocation_mode_find(mode, &a->job.revocation) &&
		   clock_parse_rfc3339(at, &a->job.at_us)) ||
	       err_set(e, ERR_UNREADABLE, REJUDGE_FILE ": %s, %s", mode, at);
}

static bool
same_text(const struct json *a, const struct json *b, const char *key)
{
	return strcmp(json_text(a, key, ""), json_text(b, key, "")) == 0;
}

static bool
same_verdict(const struct json *a, const struct json *b)
{
	return same_text(a, b, "indication") &&
	       same_text(a, b, "subindication") && same_text(a, b, "integrity");
}

static bool
same_report(const struct json *was, const struct json *is)
{
	const struct json *old = json_find(was, "signatures");
	const struct json *new = json_find(is, "signatures");

	if (!same_verdict(was, is) || old == NULL ||
	    json_count(old) != json_count(new))
		return false;
	for (size_t i = 0; i < json_count(old); i++)
		if (!same_verdict(json_at(old, i), json_at(new, i)))
			return false;
	return true;
}

static void
compare(struct again *a, const char *file, struct rejudge_counts *out)
{
	struct report *r = verifier_judge(a->verifier, &a->job);
	struct json *is = report_json(r);
	bool same = same_report(a->recorded, is);

	out->same += same;
	out->different += !same;
	printf("%s: %s%s%s: %s\n", file, json_text(is, "indication", ""),
	    r->subindication != SUB_NONE ? " / " : "",
	    json_text(is, "subindication", ""),
	    same ? "như đã ghi / as recorded" : "KHÁC BIỆT / DIFFERS");
	json_free(is);
	report_free(r);
}

static bool
rejudge(struct again *a, const struct json *entry, struct rejudge_counts *out,
    struct err *e)
{
	bool ok;

	a->recorded = json_find(entry, "report");
	if (a->recorded == NULL)
		return err_set(e, ERR_UNREADABLE, REJUDGE_FILE ": no report");
	if (json_text(a->recorded, "validation_time", NULL) == NULL) {
		printf("%s: chưa từng được xét / never judged\n",
		    json_text(entry, "document", ""));
		return true;
	}
	a->bundle = trust_bundle_new();
	ok = open_documents(a, entry, e) && read_question(a, e) &&
	     add_evidence(a, e);
	if (ok) {
		a->job.trust_fd =
		    trust_bundle_seal(a->bundle, a->job.trust_generation);
		compare(a, json_text(entry, "document", ""), out);
	}
	for (size_t i = 0; i < a->fd_count; i++)
		close(a->fds[i]);
	trust_bundle_free(a->bundle);
	return ok;
}

bool
rejudge_folder(struct verifier *v, const char *folder,
    struct rejudge_counts *out, struct err *e)
{
	struct json *list = NULL;
	struct blob text = { 0 };
	struct buf path = { 0 };
	bool ok;

	buf_printf(&path, "%s/" REJUDGE_FILE, folder);
	ok = file_read(path.data, VERDICTS_MAX, &text, e) &&
	     json_parse((const char *)text.data, text.len, &list, e);
	if (ok && json_kind(list) != JSON_KIND_LIST)
		ok = err_set(e, ERR_UNREADABLE, REJUDGE_FILE ": not a list");
	for (size_t i = 0; ok && i < json_count(list); i++) {
		struct again a = { .verifier = v, .folder = folder };

		ok = rejudge(&a, json_at(list, i), out, e);
	}
	json_free(list);
	blob_release(&text);
	buf_release(&path);
	return ok;
}
