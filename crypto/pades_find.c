#include "crypto/pades_find.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"

static const struct {
	const char *name;
	enum pades_filter filter;
} filters[] = {
	{ "ETSI.CAdES.detached", PADES_CADES },
	{ "adbe.pkcs7.detached", PADES_PKCS7 },
	{ "ETSI.RFC3161", PADES_TIMESTAMP },
	{ "adbe.pkcs7.sha1", PADES_SHA1 },
	{ "adbe.x509.rsa_sha1", PADES_RSA_SHA1 },
};

/* The first sin is the one that is told. */
static void
reject(struct pades_found *f, enum finding_code code, const char *why)
{
	if (f->is_malformed)
		return;
	f->is_malformed = true;
	f->sin = code;
	f->why = why;
}

/* The value is an array of exactly four integers without sign. */
static bool
four_numbers(const struct pdf_cursor *dict, struct pdf_span v, uint64_t n[4])
{
	struct pdf_cursor c = pdf_at(dict, v.at);

	if (c.data[c.at++] != '[')
		return false;
	for (int i = 0; i < 4; i++)
		if (!pdf_uint(&c, &n[i]))
			return false;
	pdf_skip_blank(&c);
	return c.at == v.end - 1;
}

/* ISO 32000-1, 12.8.1: everything but Contents, from the first byte on.  So
 * [0 a b c], and nothing else will do. */
static void
read_range(struct pades_found *f, const struct pdf_cursor *dict)
{
	struct pdf_span v;
	uint64_t n[4];

	if (pdf_dict_find(dict, "ByteRange", &v) != 1 ||
	    !four_numbers(dict, v, n)) {
		reject(f, FIND_BYTE_RANGE, "not one array of four integers");
		return;
	}
	if (n[0] != 0 || n[1] >= n[2] || n[3] == 0) {
		reject(f, FIND_BYTE_RANGE, "not [0 a b c] with a hole");
		return;
	}
	if (n[2] >= dict->len || n[3] > dict->len - n[2]) {
		reject(f, FIND_BYTE_RANGE, "beyond the end of the file");
		return;
	}
	f->hole = (size_t)n[1];
	f->hole_end = (size_t)n[2];
	f->end = (size_t)(n[2] + n[3]);
}

/* The hole is this dictionary's own hex string and not a byte else, or what
 * is shown could stand in the hole. */
static void
check_hole(struct pades_found *f, const struct pdf_cursor *dict)
{
	struct pdf_span v;

	if (f->is_malformed)
		return;
	if (pdf_dict_find(dict, "Contents", &v) != 1)
		reject(f, FIND_HOLE, "not one /Contents");
	else if (dict->data[v.at] != '<' || dict->data[v.at + 1] == '<')
		reject(f, FIND_HOLE, "/Contents is no hex string");
	else if (v.at != f->hole || v.end != f->hole_end)
		reject(f, FIND_HOLE, "the hole is not this /Contents");
}

/* An absent or unknown SubFilter stays PADES_UNKNOWN, and is refused. */
static void
read_filter(struct pades_found *f, const struct pdf_cursor *dict)
{
	struct pdf_span v;

	if (pdf_dict_find(dict, "SubFilter", &v) != 1)
		return;
	for (size_t i = 0; i < nitems(filters); i++)
		if (pdf_name_is(dict, v, filters[i].name))
			f->filter = filters[i].filter;
}

/* A literal string as it stands; with escapes it is no date anyway. */
static void
read_date(struct pades_found *f, const struct pdf_cursor *dict)
{
	struct pdf_span v;
	size_t len;

	if (pdf_dict_find(dict, "M", &v) != 1 || dict->data[v.at] != '(')
		return;
	len = v.end - v.at - 2;
	if (len < sizeof(f->date))
		memcpy(f->date, dict->data + v.at + 1, len);
}

/*
 * By what it holds, since Type is optional (table 252): a ByteRange, or the
 * Type of a signature.  *dict moves into a field's direct /V.
 */
static bool
is_signature(struct pdf_cursor *dict)
{
	struct pdf_cursor c = *dict, inner;
	struct pdf_span name, v;
	bool found = false;

	if (!pdf_dict_begin(&c))
		return false;
	while (pdf_dict_next(&c, &name, &v) == PDF_MORE) {
		if (pdf_name_is(&c, name, "ByteRange") ||
		    (pdf_name_is(&c, name, "Type") &&
			(pdf_name_is(&c, v, "Sig") ||
			    pdf_name_is(&c, v, "DocTimeStamp"))))
			found = true;
		inner = pdf_at(&c, v.at);
		if (pdf_name_is(&c, name, "V") && pdf_dict_begin(&inner)) {
			inner.at = v.at;
			/* A field's value: one level and no further. */
			if (pdf_dict_find(&inner, "ByteRange", &v) > 0) {
				*dict = inner;
				return true;
			}
		}
	}
	return found;
}

static struct pades_found *
add(struct pades_list *l)
{
	l->items = blob_grow(l->items, l->count + 1, sizeof(*l->items));
	l->items[l->count] = (struct pades_found){ 0 };
	return &l->items[l->count++];
}

/* An object that several sections place at one spot is one object. */
static void
look_at(
    const struct pdf *pdf, const struct pdf_entry *entry, struct pades_list *l)
{
	struct pades_found *f;
	struct pdf_cursor dict;

	if (!pdf_enter(pdf, entry, &dict) || !is_signature(&dict))
		return;
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].entry.at == entry->at)
			return;
	if (l->count > REPORT_SIGNATURES_MAX)
		return;
	pdf_skip_blank(&dict);
	f = add(l);
	f->entry = *entry;
	f->dict = dict.at;
	read_range(f, &dict);
	check_hole(f, &dict);
	read_filter(f, &dict);
	read_date(f, &dict);
}

/*
 * One object that stands in several revisions: a later version that claims
 * the same bytes as an earlier one is no signature of its own but a change
 * to the first, which the comparison judges.
 */
static void
merge_versions(struct pades_list *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++) {
		struct pades_found *f = &l->items[i];
		bool drop = false;

		for (size_t j = 0; j < kept && f->sin == FIND_HOLE; j++) {
			struct pades_found *first = &l->items[j];

			if (first->entry.id == f->entry.id &&
			    !first->is_malformed && first->end == f->end &&
			    first->hole == f->hole &&
			    first->hole_end == f->hole_end) {
				first->is_replaced = true;
				drop = true;
			}
		}
		if (!drop)
			l->items[kept++] = *f;
	}
	l->count = kept;
}

/* In the order in which they were made, which is that of their ends. */
static int
by_end(const void *a, const void *b)
{
	const struct pades_found *x = a, *y = b;

	if (x->is_malformed != y->is_malformed)
		return x->is_malformed - y->is_malformed;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return (x->dict > y->dict) - (x->dict < y->dict);
}

/* What looks like a signature anywhere in the bytes, read or not. */
static size_t
count_traces(struct pdf_cursor all)
{
	static const char word[] = "/ByteRange";
	const uint8_t *p = all.data, *end = all.data + all.len;
	size_t n = 0;

	while ((p = memmem(p, (size_t)(end - p), word, sizeof(word) - 1)) !=
	       NULL) {
		p += sizeof(word) - 1;
		n++;
	}
	return n;
}

void
pades_find(const struct pdf *pdf, struct pades_list *out)
{
	*out = (struct pades_list){ 0 };
	/* Oldest first, so that the first version is the one that was signed.
	 */
	for (size_t i = pdf_section_count(pdf); i-- > 0;) {
		const struct pdf_section *s = pdf_section(pdf, i);

		for (size_t j = 0; j < s->entry_count; j++)
			look_at(pdf, &s->entries[j], out);
	}
	merge_versions(out);
	if (out->count > 0)
		qsort(out->items, out->count, sizeof(*out->items), by_end);
	out->traces = count_traces(pdf_cursor(pdf, 0));
}

void
pades_list_release(struct pades_list *l)
{
	free(l->items);
	*l = (struct pades_list){ 0 };
}

void
pades_list_add_lost(struct pades_list *l, uint32_t id, const char *why)
{
	struct pades_found *f = add(l);

	f->entry.id = id;
	f->in_form = true;
	reject(f, FIND_HOLE, why);
}
