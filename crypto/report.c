#include "crypto/report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/text.h"

/* Bytes of the character that starts at s; 0 when none does. */
static size_t
character(const char *s, size_t len)
{
	for (size_t n = 1; n <= 4 && n <= len; n++)
		if (text_is_utf8(s, n))
			return n;
	return 0;
}

void
report_text(char *out, size_t cap, const char *s, size_t len)
{
	size_t put = 0;

	for (size_t i = 0; i < len;) {
		bool ascii = s[i] >= 0x20 && s[i] < 0x7f;
		size_t n = ascii ? 1 : character(s + i, len - i);
		bool odd = n == 0 || (unsigned char)s[i] < 0x20 || s[i] == 0x7f;

		if (put + (odd ? 1 : n) >= cap)
			break;
		if (odd || n == 1) {
			out[put++] = odd ? '?' : s[i];
			i++;
			continue;
		}
		memcpy(out + put, s + i, n);
		put += n;
		i += n;
	}
	out[put] = '\0';
}

struct report *
report_new(const char *file)
{
	struct report *r = blob_calloc(1, sizeof(*r));

	report_text(r->file, sizeof(r->file), file, strlen(file));
	r->format = FORMAT_NONE;
	r->indication = INDETERMINATE;
	r->subindication = SUB_FORMAT_FAILURE;
	return r;
}

void
report_free(struct report *r)
{
	if (r == NULL)
		return;
	free(r->signatures);
	free(r->path);
	evidence_release(&r->evidence);
	want_release(&r->wants);
	free(r);
}

struct signature_report *
report_add(struct report *r)
{
	struct signature_report *s;

	if (r->signature_count == REPORT_SIGNATURES_MAX) {
		report_find(r, FIND_LIMIT, "%d signatures in a document",
		    REPORT_SIGNATURES_MAX);
		return NULL;
	}
	r->signatures = blob_grow(
	    r->signatures, r->signature_count + 1, sizeof(*r->signatures));
	s = &r->signatures[r->signature_count++];
	memset(s, 0, sizeof(*s));
	s->indication = INDETERMINATE;
	s->subindication = SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE;
	s->level = LEVEL_CMS;
	return s;
}

/* The list that a finding goes to, of a report or of a signature. */
struct finding_list {
	struct finding *at;
	size_t *count;
};

static void find(struct finding_list l, enum finding_code code, const char *fmt,
    va_list ap) __attribute__((format(printf, 3, 0)));

static void
find(struct finding_list l, enum finding_code code, const char *fmt, va_list ap)
{
	char raw[sizeof(l.at->detail)], detail[sizeof(raw)] = "";
	struct finding *f;

	vsnprintf(raw, sizeof(raw), fmt, ap);
	report_text(detail, sizeof(detail), raw, strlen(raw));
	for (size_t i = 0; i < *l.count; i++)
		if (l.at[i].code == code && strcmp(l.at[i].detail, detail) == 0)
			return;
	if (*l.count == REPORT_FINDINGS_MAX)
		return;
	f = &l.at[(*l.count)++];
	f->code = code;
	memcpy(f->detail, detail, sizeof(detail));
}

void
report_find(struct report *r, enum finding_code code, const char *fmt, ...)
{
	struct finding_list l = { r->findings, &r->finding_count };
	va_list ap;

	va_start(ap, fmt);
	find(l, code, fmt, ap);
	va_end(ap);
}

void
signature_find(
    struct signature_report *s, enum finding_code code, const char *fmt, ...)
{
	struct finding_list l = { s->findings, &s->finding_count };
	va_list ap;

	va_start(ap, fmt);
	find(l, code, fmt, ap);
	va_end(ap);
}

bool
signature_has(const struct signature_report *s, enum finding_code code)
{
	for (size_t i = 0; i < s->finding_count; i++)
		if (s->findings[i].code == code)
			return true;
	return false;
}

void
signature_begin(struct signature_report *s)
{
	s->indication = TOTAL_PASSED;
	s->subindication = SUB_NONE;
}

void
signature_sink(struct signature_report *s, enum subindication sub)
{
	enum indication to = subindication_indication(sub);

	if (to <= s->indication)
		return;
	s->indication = to;
	s->subindication = sub;
}

/* What was left out may be anything, so a report at its limit is no pass. */
static bool
is_cut_short(const struct report *r)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].code == FIND_LIMIT ||
		    r->findings[i].code == FIND_VERIFIER)
			return true;
	return false;
}

void
report_conclude(struct report *r)
{
	if (r->signature_count == 0)
		return;
	r->indication = TOTAL_PASSED;
	r->subindication = SUB_NONE;
	for (size_t i = 0; i < r->signature_count; i++) {
		const struct signature_report *s = &r->signatures[i];

		if (s->indication <= r->indication)
			continue;
		r->indication = s->indication;
		r->subindication = s->subindication;
	}
	if (r->indication != TOTAL_PASSED)
		return;
	if (r->document_modified || is_cut_short(r)) {
		r->indication = INDETERMINATE;
		r->subindication = SUB_SIG_CONSTRAINTS_FAILURE;
	}
}

const char *
indication_name(enum indication i)
{
	static const char *const names[] = {
		[TOTAL_PASSED] = "TOTAL-PASSED",
		[INDETERMINATE] = "INDETERMINATE",
		[TOTAL_FAILED] = "TOTAL-FAILED",
	};

	assert((size_t)i < nitems(names));
	return names[i];
}

/* The words of Circular 15/2025/TT-BKHCN. */
const char *
indication_text_vi(enum indication i)
{
	static const char *const texts[] = {
		[TOTAL_PASSED] = "Hợp lệ",
		[INDETERMINATE] = "Chưa xác định",
		[TOTAL_FAILED] = "Không hợp lệ",
	};

	assert((size_t)i < nitems(texts));
	return texts[i];
}

static const struct {
	const char *name;
	enum indication indication;
} subindications[] = {
	[SUB_NONE] = { NULL, TOTAL_PASSED },
#define SUB(name, indication) [SUB_##name] = { #name, indication },
#include "crypto/subindication.def"
};

const char *
subindication_name(enum subindication s)
{
	assert((size_t)s < nitems(subindications));
	return subindications[s].name;
}

enum indication
subindication_indication(enum subindication s)
{
	assert((size_t)s < nitems(subindications));
	return subindications[s].indication;
}

static const struct {
	const char *name, *en, *vi;
} findings[] = {
#define FINDING(code, name, en, vi) [FIND_##code] = { name, en, vi },
#include "crypto/finding.def"
};

const char *
finding_name(enum finding_code c)
{
	assert(c < FIND_COUNT);
	return findings[c].name;
}

const char *
finding_text(enum finding_code c, bool vietnamese)
{
	assert(c < FIND_COUNT);
	return vietnamese ? findings[c].vi : findings[c].en;
}

const char *
format_name(enum report_format f)
{
	static const char *const names[] = {
		[FORMAT_NONE] = "none",
		[FORMAT_PADES] = "pades",
		[FORMAT_CADES] = "cades",
		[FORMAT_XADES] = "xades",
	};

	assert((size_t)f < nitems(names));
	return names[f];
}

const char *
integrity_name(enum integrity i)
{
	static const char *const names[] = {
		[INTEGRITY_UNKNOWN] = "unknown",
		[INTEGRITY_INTACT] = "intact",
		[INTEGRITY_BROKEN] = "broken",
	};

	assert((size_t)i < nitems(names));
	return names[i];
}

const char *
timestamp_kind_name(enum timestamp_kind k)
{
	static const char *const names[] = {
		[TIMESTAMP_CONTENT] = "content",
		[TIMESTAMP_SIGNATURE] = "signature",
		[TIMESTAMP_REFERENCES] = "references",
		[TIMESTAMP_SIGNATURE_AND_REFERENCES] =
		    "signature-and-references",
		[TIMESTAMP_ARCHIVE] = "archive",
	};

	assert((size_t)k < nitems(names));
	return names[k];
}
