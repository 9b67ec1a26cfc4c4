#include "crypto/pades.h"

#include <stdio.h>
#include <string.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "crypto/cms.h"
#include "crypto/pades_change.h"
#include "crypto/pades_contents.h"
#include "crypto/pades_dss.h"
#include "crypto/pades_find.h"
#include "crypto/pades_graph.h"
#include "crypto/pades_same.h"
#include "crypto/pdf_packed.h"
#include "crypto/pdf_revision.h"
#include "crypto/pdf_tail.h"
#include "crypto/poe.h"
#include "crypto/question.h"
#include "crypto/report.h"

/* One document under judgement. */
struct judging {
	const uint8_t *data;
	size_t len;
	const struct question *q;
	struct report *r;
	struct pdf *pdf;
	struct graph *graph; /* NULL: encrypted, and not for us to read */
	struct pades_list found;
	struct dss dss;
	struct poe *poe;     /* what document timestamps prove */
	struct idset fields; /* that walk_fields() has seen */
	size_t explained;    /* from there on, the tail is */
	bool has_catalog, has_dss;
};

static bool
holds(const uint8_t *data, size_t len, const char *word)
{
	return memmem(data, len, word, strlen(word)) != NULL;
}

bool
pades_is_pdf(const uint8_t *data, size_t len)
{
	size_t part = len < 1024 ? len : 1024;

	if (len == 0)
		return false;

	/* Readers take a header that comes late, and some take a file that
	 * only ends like one (ISO 32000-1, annex H), so it is a PDF, if one
	 * that will be refused. */
	return holds(data, part, "%PDF-") ||
	       (holds(data + len - part, part, "startxref") &&
		   holds(data + len - part, part, "%%EOF"));
}

static void
fail(struct signature_report *s, enum finding_code code, const char *why)
{
	signature_find(s, code, "%s", why);
	signature_sink(s, SUB_FORMAT_FAILURE);
}

/* A document that cannot be read carries no proof that it was not signed. */
static void
refuse(struct report *r, enum finding_code code, const char *why)
{
	struct signature_report *s = report_add(r);

	r->format = FORMAT_PADES;
	if (s == NULL)
		return;
	signature_begin(s);
	s->covers = COVERS_PART;
	s->changes_after = CHANGES_FORBIDDEN;
	r->document_modified = true;
	fail(s, code, why);
}

/* The form: which signatures it shows (ISO 32000-1, 12.7). */

static struct pades_found *
find_object(struct judging *j, int id)
{
	struct pades_found *last = NULL;

	for (size_t i = 0; i < j->found.count; i++)
		if (j->found.items[i].entry.id == (uint32_t)id)
			last = &j->found.items[i];
	return last;
}

/* A signature's dictionary is read by pades_find.c; qpdf need not. */
static void
mark_value(struct judging *j, unsigned field)
{
	unsigned v = graph_key(j->graph, field, "/V");
	int id = graph_id(j->graph, v).number;
	struct pades_found *f;

	if (id == 0)
		id = graph_id(j->graph, field).number;
	f = find_object(j, id);
	if (f != NULL)
		f->in_form = true;
	else if (graph_kind(j->graph, v) != GRAPH_NULL)
		pades_list_add_lost(&j->found, (uint32_t)id,
		    "no signature dictionary in the file itself");
}

/* FT comes down from a parent (12.7.3.1); Kids may lead in a circle. */
static void
walk_fields(struct judging *j, unsigned fields, bool is_signature, int depth)
{
	for (int i = 0; i < graph_count(j->graph, fields); i++) {
		unsigned field = graph_item(j->graph, fields, i);
		unsigned kids = graph_key(j->graph, field, "/Kids");
		unsigned type = graph_key(j->graph, field, "/FT");
		bool is = graph_kind(j->graph, type) == GRAPH_NULL
			      ? is_signature
			      : graph_is_name(j->graph, type, "/Sig");

		int id = graph_id(j->graph, field).number;

		if ((id == 0 || idset_add(&j->fields, id)) &&
		    depth < PDF_DEPTH_MAX) {
			if (is)
				mark_value(j, field);
			walk_fields(j, kids, is, depth + 1);
		}
	}
}

/* Empty where there is none. */
static bool
open_dss(struct graph *g, struct dss *out)
{
	unsigned trailer = graph_trailer(g);
	unsigned root = graph_key(g, trailer, "/Root");
	unsigned dict = graph_key(g, root, "/DSS");
	bool is = graph_kind(g, dict) == GRAPH_DICT;

	dss_init(out, g, dict);
	return is;
}

static void
walk_form(struct judging *j)
{
	unsigned trailer = graph_trailer(j->graph);
	unsigned root = graph_key(j->graph, trailer, "/Root");
	unsigned form = graph_key(j->graph, root, "/AcroForm");
	unsigned fields = graph_key(j->graph, form, "/Fields");

	walk_fields(j, fields, false, 0);
	j->has_dss = open_dss(j->graph, &j->dss);
	j->dss.hints.poe = j->poe;
	j->has_catalog = graph_kind(j->graph, root) == GRAPH_DICT;
}

/* What came after. */

static bool
only_blanks(const struct judging *j, size_t from)
{
	while (from < j->len && pdf_is_white(j->data[from]))
		from++;
	return from == j->len;
}

static void
unexplained(struct signature_report *s, const char *why)
{
	signature_find(s, FIND_UNEXPLAINED, "%s", why);
	s->changes_after = CHANGES_FORBIDDEN;
}

/* An encrypted document that only its reader can open is judged by its
 * bytes; with later revisions that is not enough. */
static void
compare(struct judging *j, const struct pades_found *f,
    const struct pdf *revision, struct signature_report *s)
{
	struct pades_signed pair = { .is = j->graph,
		.dict = { (int)f->entry.id, (int)f->entry.gen } };
	struct blob part = { (uint8_t *)(uintptr_t)j->data, f->end };
	struct same same;
	struct err e = { 0 };

	if (j->graph == NULL) {
		signature_find(s, FIND_ENCRYPTED, "later revisions");
		s->changes_after = CHANGES_FORBIDDEN;
		return;
	}
	same_init(&same, revision, f->end, j->pdf, j->graph);
	if (graph_open_before(&same, j->graph, part, &pair.was, &e)) {
		pades_compare(&pair, s);
		graph_free(pair.was);
	} else {
		unexplained(s, e.detail);
	}
	same_release(&same);
}

/* EN 319 102-1 leaves this to the application: what is not explained counts
 * as modified. */
static void
judge_changes(struct judging *j, const struct pades_found *f,
    const struct pdf *revision, struct signature_report *s)
{
	struct err e = { 0 };

	s->changes_after = CHANGES_NONE;
	if (only_blanks(j, f->end))
		return;
	if (!pdf_builds_on(j->pdf, pdf_startxref(revision), f->end)) {
		unexplained(s, "later revisions do not build on the signed");
		return;
	}
	if (!pdf_tail_explained(j->pdf, f->end, &j->explained, &e)) {
		unexplained(s, e.detail);
		return;
	}
	compare(j, f, revision, s);
	if (f->is_replaced) {
		signature_find(
		    s, FIND_SIGNATURE_REPLACED, "object %u", f->entry.id);
		s->changes_after = CHANGES_FORBIDDEN;
	}
}

/* A signature covers the file, or exactly one revision of it. */
static void
judge_coverage(
    struct judging *j, const struct pades_found *f, struct signature_report *s)
{
	struct pdf *revision = NULL;
	struct err e = { 0 };

	if (f->end == j->len) {
		s->covers = COVERS_WHOLE;
		s->changes_after = CHANGES_NONE;
		/* Sound as bytes, and no document that could be shown. */
		if (j->graph != NULL && !j->has_catalog)
			fail(s, FIND_FORMAT, "pdf: no catalog");
		return;
	}
	if (!pdf_open(j->data, f->end, &revision, &e) ||
	    !pdf_packed_check(revision, &e)) {
		pdf_close(revision);
		s->covers = COVERS_PART;
		s->changes_after = CHANGES_FORBIDDEN;
		fail(s, FIND_COVERAGE, e.detail);
		return;
	}
	s->covers = COVERS_REVISION;
	judge_changes(j, f, revision, s);
	pdf_close(revision);
}

/* The signature itself. */

static void
judge_cms(struct judging *j, const struct pades_found *f,
    const struct blob *der, struct signature_report *s)
{
	struct cms_content content = {
		.part = { j->data, j->data + f->hole_end },
		.len = { f->hole, f->end - f->hole_end },
		.hints = &j->dss.hints,
	};
	struct cms *cms = NULL;
	struct err e = { 0 };

	if (!cms_open(der->data, der->len, &cms, &e)) {
		fail(s, FIND_FORMAT, e.detail);
		return;
	}
	if (f->filter == PADES_TIMESTAMP)
		evidence_add_bytes(j->q->evidence, EVIDENCE_TIMESTAMP,
		    EVIDENCE_DOCUMENT, der->data, der->len);
	cms_judge(cms, 0,
	    f->filter == PADES_TIMESTAMP ? CMS_TIMESTAMP : CMS_IN_PDF, &content,
	    j->q, s);
	/* EN 319 142-1, 6.3: exactly one SignerInfo. */
	if (cms_signer_count(cms) != 1)
		fail(s, FIND_FORMAT, "more than one signer in /Contents");
	cms_free(cms);
}

/* Only what the hole holds is taken, never what the form says it is. */
static void
judge_value(
    struct judging *j, const struct pades_found *f, struct signature_report *s)
{
	struct pdf_cursor in = pdf_cursor(j->pdf, 0);
	struct pdf_span hole = { f->hole, f->hole_end };
	struct blob der = { 0 };

	switch (contents_read(&in, hole, &der)) {
	case CONTENTS_NO_OBJECT:
		fail(s, FIND_FORMAT, "no CMS in /Contents");
		break;
	case CONTENTS_PADDED_WITH_DATA:
		fail(s, FIND_PADDING, "/Contents");
		break;
	case CONTENTS_GOOD:
		judge_cms(j, f, &der, s);
		break;
	}
	blob_release(&der);
}

/* Only the detached kinds are judged.  The others wrap a SHA-1 of the bytes
 * (ISO 32000-2, 12.8.3.1 withdraws them): nobody can say what they prove. */
static void
judge_filter(
    struct judging *j, const struct pades_found *f, struct signature_report *s)
{
	switch (f->filter) {
	case PADES_CADES:
	case PADES_PKCS7:
	case PADES_TIMESTAMP:
		judge_value(j, f, s);
		return;
	case PADES_SHA1:
	case PADES_RSA_SHA1:
		signature_find(s, FIND_SUBFILTER, "legacy");
		signature_sink(s, SUB_SIG_CONSTRAINTS_FAILURE);
		return;
	case PADES_UNKNOWN:
	default:
		fail(s, FIND_SUBFILTER, "unknown");
	}
}

/* Whether a later document timestamp holds; over_dss: one over a DSS. */
static bool
is_stamped_later(const struct judging *j, size_t i, bool over_dss)
{
	for (size_t k = i + 1; k < j->found.count; k++) {
		const struct pades_found *f = &j->found.items[k];

		if (f->filter == PADES_TIMESTAMP &&
		    f->end > j->found.items[i].end &&
		    j->r->signatures[k].integrity == INTEGRITY_INTACT &&
		    (f->has_dss || !over_dss))
			return true;
	}
	return false;
}

/* EN 319 142-1, 6.1: what surrounds the signature raises its level. */
static void
set_level(struct judging *j, size_t i, struct signature_report *s)
{
	bool inside = s->level == LEVEL_B_LT; /* its own revocation values */
	bool kept = j->dss.hints.crl_count + j->dss.hints.ocsp_count > 0;

	if (j->found.items[i].filter == PADES_PKCS7)
		s->level = LEVEL_PKCS7;
	if (s->level == LEVEL_B_B && is_stamped_later(j, i, false))
		s->level = LEVEL_B_T;
	if (s->level == LEVEL_B_T && kept)
		s->level = LEVEL_B_LT;
	if (s->level == LEVEL_B_LT && is_stamped_later(j, i, !inside))
		s->level = LEVEL_B_LTA;
}

static int
two_digits(const char *s)
{
	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return -1;
	return (s[0] - '0') * 10 + s[1] - '0';
}

/* D:YYYYMMDDHHmmSS with Z, +HH'mm or -HH'mm (7.9.4); 0 for anything else,
 * also for less, since half a time is no claim worth showing. */
static int64_t
read_date(const char *s)
{
	int n[7], sign, hours = 0, minutes = 0;
	struct clock_date day;

	if (strlen(s) < 16 || strncmp(s, "D:", 2) != 0)
		return 0;
	for (int i = 0; i < 7; i++) {
		n[i] = two_digits(s + 2 + 2 * i);
		if (n[i] < 0)
			return 0;
	}
	sign = s[16] == '+' ? 1 : s[16] == '-' ? -1 : 0;
	if (sign != 0 && strlen(s) >= 19)
		hours = two_digits(s + 17);
	if (sign != 0 && strlen(s) >= 22 && s[19] == '\'')
		minutes = two_digits(s + 20);
	if (n[2] < 1 || n[2] > 12 || n[3] < 1 || n[3] > 31 || n[4] > 23 ||
	    n[5] > 59 || n[6] > 59 || hours < 0 || hours > 23 || minutes < 0 ||
	    minutes > 59)
		return 0;
	day = (struct clock_date){ n[0] * 100 + n[1], n[2], n[3] };
	return (clock_days(day) * CLOCK_DAY_SEC +
		   (n[4] - sign * hours) * INT64_C(3600) +
		   (n[5] - sign * minutes) * INT64_C(60) + n[6]) *
	       CLOCK_SEC_US;
}

/* The earliest moment at which a later document timestamp shows that these
 * bytes existed (EN 319 102-1, 5.6.2.3); 0: none does. */
static int64_t
proven_after(const struct judging *j, size_t i)
{
	int64_t proven = 0;

	for (size_t k = i + 1; k < j->r->signature_count; k++) {
		const struct signature_report *s = &j->r->signatures[k];

		if (s->kind == KIND_DOCUMENT_TIMESTAMP &&
		    s->indication == TOTAL_PASSED &&
		    j->found.items[k].end > j->found.items[i].end &&
		    s->proven_us != 0 && (proven == 0 || s->proven_us < proven))
			proven = s->proven_us;
	}
	return proven;
}

/* The DSS of the revision that a timestamp covers: what it proves, besides
 * the bytes themselves. */
static void
read_stamped(
    struct judging *j, struct pades_found *f, const struct signature_report *s)
{
	struct graph *was = NULL;
	struct err e = { 0 };
	struct dss dss;

	if (!j->has_dss || s->integrity != INTEGRITY_INTACT ||
	    !graph_open(j->data, f->end, &was, &e))
		return;
	f->has_dss = open_dss(was, &dss);
	for (size_t i = 0; s->indication == TOTAL_PASSED && i < dss.blob_count;
	     i++)
		poe_add(
		    j->poe, dss.blobs[i].data, dss.blobs[i].len, s->proven_us);
	dss_release(&dss);
	graph_free(was);
}

static void
judge_timestamp(
    struct judging *j, struct pades_found *f, struct signature_report *s)
{
	s->kind = KIND_DOCUMENT_TIMESTAMP;
	/* EN 319 102-1, 5.5.4: a later one says that it was there before. */
	if (s->indication == TOTAL_PASSED && s->proven_us < s->claimed_us) {
		signature_find(s, FIND_TIMESTAMP_ORDER, "EN 319 102-1, 5.5.4");
		signature_sink(s, SUB_TIMESTAMP_ORDER_FAILURE);
	}
	read_stamped(j, f, s);
}

static void
judge_one(struct judging *j, size_t i, struct signature_report *s)
{
	struct pades_found *f = &j->found.items[i];

	signature_begin(s);
	if (f->is_malformed) {
		s->covers = COVERS_PART;
		s->changes_after = CHANGES_FORBIDDEN;
		fail(s, f->sin, f->why);
	} else {
		judge_filter(j, f, s);
		set_level(j, i, s);
		if (s->claimed_us == 0)
			s->claimed_us = read_date(f->date);
		judge_coverage(j, f, s);
	}
	s->kind = KIND_SIGNATURE;
	if (f->filter == PADES_TIMESTAMP)
		judge_timestamp(j, f, s);
	if (j->graph != NULL && !f->in_form)
		signature_find(s, FIND_NOT_IN_FORM, "object %u", f->entry.id);
	if (s->changes_after == CHANGES_FORBIDDEN)
		j->r->document_modified = true;
}

static void
judge_all(struct judging *j)
{
	struct err e = { 0 };

	pades_find(j->pdf, &j->found);
	if (graph_open(j->data, j->len, &j->graph, &e)) {
		walk_form(j);
	} else if (!pdf_is_encrypted(j->pdf)) {
		refuse(j->r, FIND_FORMAT, e.detail);
		return;
	}
	for (size_t i = 0; i < j->found.count; i++)
		report_add(j->r);
	/* The last first, since a timestamp proves when what it covers was
	 * there already. */
	for (size_t i = j->r->signature_count; i-- > 0;) {
		struct signature_report *s = &j->r->signatures[i];

		s->proven_us = proven_after(j, i);
		judge_one(j, i, s);
	}
	if (j->found.count > 0)
		j->r->format = FORMAT_PADES;
	else if (j->found.traces > 0)
		refuse(j->r, FIND_SIGNATURE_COUNT, "no signature is left");
	if (j->found.traces > j->found.count)
		report_find(j->r, FIND_SIGNATURE_COUNT, "%zu of %zu",
		    j->found.count, j->found.traces);
}

void
pades_judge_file(
    const uint8_t *data, size_t len, const struct question *q, struct report *r)
{
	struct judging j = { .data = data,
		.len = len,
		.q = q,
		.r = r,
		.poe = poe_new(NULL),
		.explained = len };
	struct err e = { 0 };

	if (pdf_open(data, len, &j.pdf, &e) && pdf_packed_check(j.pdf, &e))
		judge_all(&j);
	else
		refuse(r, e.code == ERR_TOO_LARGE ? FIND_LIMIT : FIND_FORMAT,
		    e.detail);
	pades_list_release(&j.found);
	dss_release(&j.dss);
	poe_free(j.poe);
	idset_release(&j.fields);
	graph_free(j.graph);
	pdf_close(j.pdf);
}

bool
pades_revision(
    const uint8_t *data, size_t len, size_t n, size_t *end, struct err *e)
{
	struct pades_list found = { 0 };
	struct pdf *pdf = NULL;
	bool ok = false;

	if (!pdf_open(data, len, &pdf, e))
		return false;
	pades_find(pdf, &found);
	if (n < 1 || n > found.count || found.items[n - 1].is_malformed) {
		err_set(e, ERR_NOT_FOUND, "pdf: no signed revision %zu", n);
		goto out;
	}
	*end = found.items[n - 1].end;
	ok = true;

out:
	pades_list_release(&found);
	pdf_close(pdf);
	return ok;
}
