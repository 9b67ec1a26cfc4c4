/*
 * What signatures mean for a dossier: is each one that the procedure demands
 * proved, and is it the right person's?  The verdict came from the verifier;
 * here it meets the applicant and the staff register.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/text.h"
#include "crypto/report.h"
#include "gateway/document.h"

/* Which signatures count: proved ones, or for the while those as well that
 * would be, were the evidence at hand. */
enum wanted { PROVED, PERHAPS };

static bool
lacks_evidence(const struct signature_report *s)
{
	return s->indication == INDETERMINATE &&
	       s->subindication == SUB_TRY_LATER &&
	       s->integrity == INTEGRITY_INTACT;
}

/* A person's signature that was proved, over all that is read; a timestamp is
 * nobody's, and an element signed beside unsigned ones proves no document. */
static bool
counts(const struct signature_report *s, enum wanted wanted)
{
	return s->kind == KIND_SIGNATURE && s->covers != COVERS_PART &&
	       (s->indication == TOTAL_PASSED ||
		   (wanted == PERHAPS && lacks_evidence(s)));
}

static bool
any_counts(const struct report *r, enum wanted wanted)
{
	for (size_t i = 0; i < r->signature_count; i++)
		if (counts(&r->signatures[i], wanted))
			return true;
	return false;
}

static bool
is_applicants(const struct report *r, const struct document_signer *who,
    enum wanted wanted)
{
	for (size_t i = 0; i < r->signature_count; i++) {
		const struct signature_report *s = &r->signatures[i];

		for (size_t j = 0; counts(s, wanted) && j < s->signer.id_count;
		     j++)
			if (strcmp(s->signer.ids[j].kind, who->id_kind) == 0 &&
			    strcmp(s->signer.ids[j].value, who->id) == 0)
				return true;
	}
	return false;
}

bool
document_signed_by_applicant(
    const struct report *r, const char *id_kind, const char *id)
{
	const struct document_signer who = { .id_kind = id_kind, .id = id };

	return is_applicants(r, &who, PROVED);
}

static bool
among(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; len > 0 && *p != '\0';) {
		size_t n = strcspn(p, " ");

		if (n == len && strncasecmp(p, word, n) == 0)
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}

/* A registered certificate decides; where none is registered the official
 * address in the certificate does (domain: the e-mail is the key). */
bool
document_signed_by_officer(
    const struct report *r, const char *email, const char *certificates)
{
	for (size_t i = 0; i < r->signature_count; i++) {
		const struct signature_report *s = &r->signatures[i];

		if (!counts(s, PROVED))
			continue;
		if (certificates[0] != '\0') {
			if (among(certificates, s->signer.certificate_sha256))
				return true;
		} else if (s->signer.email[0] != '\0' &&
			   text_ieq(s->signer.email, email)) {
			return true;
		}
	}
	return false;
}

static bool
is_the_signer(const struct document *doc, const struct document_signer *who,
    enum wanted wanted)
{
	switch (doc->rule->signer) {
	case SIGNER_NONE:
	case SIGNER_ANYONE:
		return true;
	case SIGNER_APPLICANT:
		return is_applicants(doc->report, who, wanted);
	case SIGNER_OFFICER:
		return document_signed_by_officer(
		    doc->report, who->email, who->certificates);
	}
	return false;
}

/* Evidence that is not at hand may come: neither pass nor fail, so the sender
 * is asked to try again (EN 319 102-1, TRY_LATER). */
static bool
refuse_verdict(const struct report *r, const char *pointer, struct err *e)
{
	const char *sub = subindication_name(r->subindication);

	if (r->subindication == SUB_TRY_LATER)
		return err_field(e, ERR_TRY_LATER, pointer, "%s", sub);
	return err_field(e, ERR_BAD_SIGNATURE, pointer, "%s / %s%s",
	    indication_name(r->indication), sub == NULL ? "-" : sub,
	    r->document_modified ? ", modified" : "");
}

static bool
may_wait(const struct report *r)
{
	return r->indication == INDETERMINATE &&
	       r->subindication == SUB_TRY_LATER && !r->document_modified;
}

static bool
accept_one(const struct document *doc, const struct document_signer *who,
    bool *waits, const char *pointer, struct err *e)
{
	enum wanted wanted =
	    waits != NULL && may_wait(doc->report) ? PERHAPS : PROVED;

	if (doc->rule->signer == SIGNER_NONE)
		return true;
	if (doc->report->format == FORMAT_NONE ||
	    doc->report->signature_count == 0)
		return err_field(e, ERR_UNSIGNED, pointer, "%s: %s",
		    doc->rule->name, format_name(doc->report->format));
	if (!among(doc->rule->formats, format_name(doc->report->format)))
		return err_field(e, ERR_BAD_SIGNATURE, pointer,
		    "%s: %s is not among %s", doc->rule->name,
		    format_name(doc->report->format), doc->rule->formats);
	if (doc->report->indication != TOTAL_PASSED && wanted == PROVED)
		return refuse_verdict(doc->report, pointer, e);
	if (!any_counts(doc->report, wanted))
		return err_field(e, ERR_BAD_SIGNATURE, pointer,
		    "%s: no signature of a person over the whole",
		    doc->rule->name);
	if (!is_the_signer(doc, who, wanted))
		return err_field(
		    e, ERR_WRONG_SIGNER, pointer, "%s", doc->rule->name);
	if (wanted == PERHAPS)
		*waits = true;
	return true;
}

bool
document_accept(const struct document_set *set,
    const struct document_signer *who, bool *waits, struct err *e)
{
	char pointer[40];

	for (size_t i = 0; i < set->count; i++) {
		snprintf(pointer, sizeof(pointer), "/documents/%zu", i);
		if (!accept_one(&set->item[i], who, waits, pointer, e))
			return false;
	}
	return true;
}
