/*
 * A report between a verifier child and the gateway, as bytes.  Numbers stand
 * in host order and texts after their length, since both ends are one build;
 * JSON would cost a third of the time that a small signature takes.
 *
 * One walk goes both ways, so what is written is also read and in the same
 * order.  What comes back is the word of a stranger: every number must be
 * within its bounds, every text fit its place and be fit to be shown, every
 * verdict agree with its subindication.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/report.h"
#include "crypto/trust.h"

#define KEY_BITS_MAX (1U << 20)
#define TEXT_MAX     1024

struct wire {
	struct buf *out;         /* NULL: reading */
	const uint8_t *at, *end; /* what is left to be read */
	bool bad;
};

static void
pass(struct wire *w, void *p, size_t len)
{
	if (w->out != NULL) {
		buf_put(w->out, p, len);
	} else if ((size_t)(w->end - w->at) < len) {
		w->bad = true;
	} else {
		memcpy(p, w->at, len);
		w->at += len;
	}
}

/* A count or an enum from 0 to most; 0 for what was not to be believed. */
static unsigned
pass_number(struct wire *w, unsigned value, unsigned most)
{
	uint32_t n = value;

	pass(w, &n, sizeof(n));
	if (n <= most && !w->bad)
		return n;
	w->bad = true;
	return 0;
}

/* The years 0 to 9999, which DER and RFC 3339 can spell. */
static void
pass_time(struct wire *w, int64_t *us)
{
	static const struct clock_date first = { 0, 1, 1 },
				       end = { 10000, 1, 1 };
	const int64_t day_us = CLOCK_DAY_SEC * CLOCK_SEC_US;

	pass(w, us, sizeof(*us));
	if (*us >= clock_days(first) * day_us && *us < clock_days(end) * day_us)
		return;
	w->bad = true;
	*us = 0;
}

/* Cleaned on the way out, as a cut may have split a character. */
static void
write_text(struct wire *w, const char *s, size_t cap)
{
	char clean[TEXT_MAX];
	uint32_t len;

	assert(cap <= sizeof(clean));

	report_text(clean, cap, s, strlen(s));
	len = (uint32_t)strlen(clean);
	pass(w, &len, sizeof(len));
	pass(w, clean, len);
}

static bool
is_clean(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	return text_is_utf8(s, len);
}

static void
pass_text(struct wire *w, char *s, size_t cap)
{
	unsigned len;

	if (w->out != NULL) {
		write_text(w, s, cap);
		return;
	}
	len = pass_number(w, 0, (unsigned)cap - 1);
	pass(w, s, len);
	if (w->bad)
		len = 0;
	s[len] = '\0';
	w->bad |= !is_clean(s, len);
}

#define PASS_TEXT(w, s) pass_text(w, s, sizeof(s))

static void
pass_findings(struct wire *w, struct finding *list, size_t *count)
{
	*count = pass_number(w, (unsigned)*count, REPORT_FINDINGS_MAX);
	for (size_t i = 0; i < *count && !w->bad; i++) {
		list[i].code = pass_number(w, list[i].code, FIND_COUNT - 1);
		PASS_TEXT(w, list[i].detail);
	}
}

static void
pass_signer(struct wire *w, struct signer *s)
{
	PASS_TEXT(w, s->subject);
	PASS_TEXT(w, s->issuer);
	PASS_TEXT(w, s->serial);
	PASS_TEXT(w, s->name);
	PASS_TEXT(w, s->organisation);
	PASS_TEXT(w, s->unit);
	PASS_TEXT(w, s->email);
	PASS_TEXT(w, s->certificate_sha256);
	s->id_count = pass_number(w, (unsigned)s->id_count, REPORT_IDS_MAX);
	for (size_t i = 0; i < s->id_count && !w->bad; i++) {
		PASS_TEXT(w, s->ids[i].kind);
		PASS_TEXT(w, s->ids[i].value);
	}
}

static void
pass_verdict(struct wire *w, enum indication *i, enum subindication *s)
{
	*i = pass_number(w, *i, TOTAL_FAILED);
	*s = pass_number(w, *s, SUB_SIGNED_DATA_NOT_FOUND);
}

static void
pass_timestamps(struct wire *w, struct signature_report *s)
{
	s->timestamp_count =
	    pass_number(w, (unsigned)s->timestamp_count, REPORT_TIMESTAMPS_MAX);
	for (size_t i = 0; i < s->timestamp_count && !w->bad; i++) {
		struct timestamp_report *t = &s->timestamps[i];

		t->kind = pass_number(w, t->kind, TIMESTAMP_ARCHIVE);
		t->integrity = pass_number(w, t->integrity, INTEGRITY_BROKEN);
		pass_verdict(w, &t->indication, &t->subindication);
		if (w->out == NULL)
			w->bad |= t->indication !=
				  subindication_indication(t->subindication);
		pass_time(w, &t->time_us);
	}
}

/* A pass without integrity, or with a reason against it, is a lie. */
static bool
agrees(const struct signature_report *s)
{
	if (subindication_indication(s->subindication) != s->indication)
		return false;
	return s->indication != TOTAL_PASSED ||
	       s->integrity == INTEGRITY_INTACT;
}

static void
pass_signature(struct wire *w, struct signature_report *s)
{
	pass_verdict(w, &s->indication, &s->subindication);
	s->integrity = pass_number(w, s->integrity, INTEGRITY_BROKEN);
	if (w->out == NULL)
		w->bad |= !agrees(s);
	s->kind = pass_number(w, s->kind, KIND_COUNTER_SIGNATURE);
	s->level = pass_number(w, s->level, LEVEL_PKCS7);
	s->covers = pass_number(w, s->covers, COVERS_PART);
	s->changes_after = pass_number(w, s->changes_after, CHANGES_FORBIDDEN);
	PASS_TEXT(w, s->digest);
	PASS_TEXT(w, s->algorithm);
	s->key_bits = (int)pass_number(w, (unsigned)s->key_bits, KEY_BITS_MAX);
	pass_signer(w, &s->signer);
	pass_time(w, &s->claimed_us);
	pass_time(w, &s->proven_us);
	pass_timestamps(w, s);
	s->anchor = pass_number(w, s->anchor, TRUST_ANY);
	pass_findings(w, s->findings, &s->finding_count);
}

static void
pass_signatures(struct wire *w, struct report *r)
{
	unsigned count =
	    pass_number(w, (unsigned)r->signature_count, REPORT_SIGNATURES_MAX);

	for (unsigned i = 0; i < count && !w->bad; i++)
		pass_signature(
		    w, w->out != NULL ? &r->signatures[i] : report_add(r));
}

/* Stands there for a certificate alone. */
static void
pass_path(struct wire *w, struct report *r)
{
	if (pass_number(w, r->path != NULL, 1) == 0)
		return;
	if (w->out == NULL)
		r->path = blob_calloc(1, sizeof(*r->path));
	r->path->count =
	    pass_number(w, (unsigned)r->path->count, REPORT_PATH_MAX);
	for (size_t i = 0; i < r->path->count && !w->bad; i++)
		PASS_TEXT(w, r->path->subjects[i]);
}

/* Nothing that a document brings along is an anchor. */
static bool
is_placed(const struct evidence *e)
{
	return (e->kind == EVIDENCE_ANCHOR) == (e->purpose != 0) &&
	       (e->kind != EVIDENCE_ANCHOR || e->place == EVIDENCE_BUNDLE);
}

static void
pass_one_evidence(struct wire *w, struct evidence *e)
{
	e->kind = pass_number(w, e->kind, EVIDENCE_KIND_COUNT - 1);
	e->place = pass_number(w, e->place, EVIDENCE_PLACE_COUNT - 1);
	e->purpose = pass_number(w, e->purpose, TRUST_ANY);
	pass(w, e->sha256, sizeof(e->sha256));
	if (w->out == NULL)
		w->bad |= !is_placed(e);
}

static void
pass_evidence(struct wire *w, struct evidence_list *l)
{
	size_t count = pass_number(w, (unsigned)l->count, EVIDENCE_MAX);

	for (size_t i = 0; i < count && !w->bad; i++) {
		struct evidence e = { 0 };

		if (w->out != NULL)
			e = l->at[i];
		pass_one_evidence(w, &e);
		if (w->out == NULL && !w->bad)
			evidence_add(l, &e);
	}
}

static void
pass_one_want(struct wire *w, struct want *want)
{
	want->kind = pass_number(w, want->kind, WANT_KIND_COUNT - 1);
	PASS_TEXT(w, want->url);
	pass(w, want->subject, sizeof(want->subject));
	want->request_len =
	    pass_number(w, (unsigned)want->request_len, WANT_REQUEST_MAX);
	pass(w, want->request, want->request_len);
	if (w->out == NULL)
		w->bad |= !want_is_url(want->url, strlen(want->url));
}

static void
pass_wants(struct wire *w, struct want_list *l)
{
	size_t count = pass_number(w, (unsigned)l->count, WANT_MAX);

	for (size_t i = 0; i < count && !w->bad; i++) {
		struct want want = { 0 };

		if (w->out != NULL)
			want = l->at[i];
		pass_one_want(w, &want);
		if (w->out == NULL && !w->bad)
			want_add(l, &want);
	}
}

/* The file's verdict is not believed but drawn again from the parts. */
static void
pass_file_verdict(struct wire *w, struct report *r)
{
	enum indication said = r->indication;
	enum subindication why = r->subindication;

	pass_verdict(w, &said, &why);
	if (w->out != NULL || w->bad)
		return;
	report_conclude(r);
	w->bad |= r->indication != said || r->subindication != why;
}

static void
pass_report(struct wire *w, struct report *r)
{
	PASS_TEXT(w, r->file);
	PASS_TEXT(w, r->policy);
	PASS_TEXT(w, r->policy_version);
	PASS_TEXT(w, r->revocation);
	pass_time(w, &r->at_us);
	r->format = pass_number(w, r->format, FORMAT_XADES);
	r->document_modified = pass_number(w, r->document_modified, 1) == 1;
	pass_findings(w, r->findings, &r->finding_count);
	pass_signatures(w, r);
	pass_path(w, r);
	pass_evidence(w, &r->evidence);
	pass_wants(w, &r->wants);
	pass_file_verdict(w, r);
}

void
report_write(const struct report *r, struct buf *out)
{
	struct wire w = { .out = out };

	/* Writing reads the report, through the walk that could also fill it.
	 */
	pass_report(&w, (struct report *)(uintptr_t)r);
}

bool
report_read(
    const uint8_t *bytes, size_t len, struct report **out, struct err *e)
{
	struct wire w = { .at = bytes, .end = bytes + len };
	struct report *r;

	if (len > REPORT_BYTES_MAX)
		return err_set(e, ERR_TOO_LARGE, "report: %zu bytes", len);
	r = report_new("");
	pass_report(&w, r);
	if (w.bad || w.at != w.end) {
		report_free(r);
		return err_set(
		    e, ERR_UNREADABLE, "report: not as it is written");
	}
	*out = r;
	return true;
}
