#include "crypto/pdf_revision.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "crypto/pades.h"
#include "crypto/pades_graph.h"
#include "crypto/pdf_packed.h"

/* ISO 32000-1, annex H: readers look for %%EOF in the last 1024 bytes. */
#define TAIL_LEN 1024

struct pdf {
	struct pdf_cursor file;
	struct pdf_section *sections;
	size_t section_count;
	size_t entry_count; /* in all sections */
	size_t startxref;
};

static bool
bad(struct err *e, const char *what, size_t at)
{
	return err_set(e, ERR_UNREADABLE, "pdf: %s at %zu", what, at);
}

struct pdf_cursor
pdf_cursor(const struct pdf *pdf, size_t at)
{
	return pdf_at(&pdf->file, at);
}

size_t
pdf_section_count(const struct pdf *pdf)
{
	return pdf->section_count;
}

const struct pdf_section *
pdf_section(const struct pdf *pdf, size_t i)
{
	return &pdf->sections[i];
}

size_t
pdf_startxref(const struct pdf *pdf)
{
	return pdf->startxref;
}

bool
pdf_read_end(struct pdf_cursor *in, size_t *startxref)
{
	struct pdf_cursor c = *in;
	uint64_t n;

	if (!pdf_word(&c, "startxref"))
		return false;
	/* Some readers take a comment here for the number. */
	pdf_skip_white(&c);
	if (c.at == c.len || c.data[c.at] == '%' || !pdf_uint(&c, &n) ||
	    n > SIZE_MAX)
		return false;
	/* A comment of its own, so white space alone may come first. */
	pdf_skip_white(&c);
	if (c.len - c.at < 5 || memcmp(c.data + c.at, "%%EOF", 5) != 0)
		return false;
	c.at += 5;
	*startxref = (size_t)n;
	*in = c;
	return true;
}

/* Writers' offsets often point at the line end before what they mean. */
static size_t
settle(const struct pdf *pdf, size_t at)
{
	struct pdf_cursor c = pdf_at(&pdf->file, at);

	pdf_skip_white(&c);
	return c.at;
}

/* From the end, the first that reads as one; and nothing may follow it, or
 * readers would differ in where the file ends. */
static bool
find_startxref(struct pdf *pdf, struct err *e)
{
	size_t len = pdf->file.len;
	size_t least = len > TAIL_LEN ? len - TAIL_LEN : 0;

	for (size_t at = len; at-- > least;) {
		struct pdf_cursor c = pdf_at(&pdf->file, at);

		if (c.data[at] != 's' || !pdf_read_end(&c, &pdf->startxref))
			continue;
		pdf_skip_white(&c);
		if (c.at != len)
			return bad(e, "bytes after %%EOF", c.at);
		/* A linearized file's first half says 0, never the last. */
		if (pdf->startxref == 0 || pdf->startxref >= at)
			return bad(e, "startxref leads nowhere", at);
		pdf->startxref = settle(pdf, pdf->startxref);
		return true;
	}
	return bad(e, "no startxref and %%EOF", len);
}

static struct pdf_section *
add_section(struct pdf *pdf, size_t at)
{
	struct pdf_section *s;

	pdf->sections = blob_grow(
	    pdf->sections, pdf->section_count + 1, sizeof(*pdf->sections));
	s = &pdf->sections[pdf->section_count++];
	*s = (struct pdf_section){ .at = at };
	return s;
}

/* blob_grow() by doubling; entry_count is a power of two when it is full. */
static bool
add_entry(struct pdf *pdf, struct pdf_section *s, struct pdf_entry entry,
    struct err *e)
{
	size_t n = s->entry_count;

	if (pdf->entry_count++ >= PDF_OBJECTS_MAX)
		return err_set(
		    e, ERR_TOO_LARGE, "pdf: over %d objects", PDF_OBJECTS_MAX);
	/* Sets of numbers (pades_set.h) end there. */
	if (entry.kind != PDF_FREE && entry.id > PDF_NUMBER_MAX)
		return err_set(e, ERR_TOO_LARGE, "pdf: object %u, over %d",
		    entry.id, PDF_NUMBER_MAX);
	if ((n & (n - 1)) == 0)
		s->entries = blob_grow(
		    s->entries, n == 0 ? 1 : 2 * n, sizeof(*s->entries));
	if (entry.kind == PDF_PLAIN)
		entry.at = settle(pdf, entry.at);
	s->entries[s->entry_count++] = entry;
	return true;
}

static int
by_id(const void *a, const void *b)
{
	const struct pdf_entry *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* "7 2" and then two lines of twenty bytes (7.5.4); blanks are taken freely,
 * as writers do. */
static bool
read_subsection(
    struct pdf *pdf, struct pdf_section *s, struct pdf_cursor *c, struct err *e)
{
	uint64_t id, count, at, gen;

	if (!pdf_uint(c, &id) || !pdf_uint(c, &count))
		return bad(e, "no cross-reference table", c->at);
	for (; count > 0; count--, id++) {
		struct pdf_entry entry = { .kind = PDF_FREE };

		if (id > UINT32_MAX || !pdf_uint(c, &at) ||
		    !pdf_uint(c, &gen) || gen > UINT16_MAX)
			return bad(e, "no cross-reference", c->at);
		if (pdf_word(c, "n"))
			entry.kind = PDF_PLAIN;
		else if (!pdf_word(c, "f"))
			return bad(e, "no cross-reference", c->at);
		entry.id = (uint32_t)id;
		entry.gen = (uint32_t)gen;
		entry.at = (size_t)at;
		if (!add_entry(pdf, s, entry, e))
			return false;
	}
	return true;
}

/* An optional offset of the trailer; 0 where the key is absent. */
static bool
read_offset(struct pdf *pdf, size_t trailer, const char *key, size_t *out)
{
	struct pdf_cursor c = pdf_at(&pdf->file, trailer);
	struct pdf_span value;
	uint64_t n = 0;
	int found = pdf_dict_find(&c, key, &value);

	if (found == 0)
		return true;
	if (found != 1 || !pdf_value_uint(&c, value, &n) || n == 0 ||
	    n >= pdf->file.len)
		return false;
	*out = settle(pdf, (size_t)n);
	return true;
}

/* 7.5.4, 7.5.5: subsections, then the trailer. */
static bool
read_table(
    struct pdf *pdf, struct pdf_section *s, struct pdf_cursor c, struct err *e)
{
	while (!pdf_word(&c, "trailer"))
		if (!read_subsection(pdf, s, &c, e))
			return false;
	pdf_skip_blank(&c);
	s->trailer = c.at;
	if (!pdf_skip_value(&c))
		return bad(e, "no trailer", c.at);
	s->end = c.at;
	if (!read_offset(pdf, s->trailer, "XRefStm", &s->xref_stm))
		return bad(e, "bad XRefStm", s->trailer);
	return true;
}

/* The text of a value, for qpdf; NULL where the key is absent. */
static char *
value_text(const struct pdf_cursor *dict, const char *key)
{
	struct pdf_span v;

	if (pdf_dict_find(dict, key, &v) != 1)
		return NULL;
	return (char *)blob_copy(dict->data + v.at, v.end - v.at).data;
}

/* Cuts the body of the stream whose dictionary ends at the cursor. */
static bool
stream_body(struct pdf_cursor c, size_t len, struct blob *out)
{
	if (!pdf_word(&c, "stream"))
		return false;
	/* 7.3.8.1: CR LF or LF; a lone CR is not allowed. */
	if (c.at < c.len && c.data[c.at] == '\r')
		c.at++;
	if (c.at >= c.len || c.data[c.at++] != '\n' || c.len - c.at < len)
		return false;
	*out = (struct blob){ (uint8_t *)(uintptr_t)c.data + c.at, len };
	c.at += len;
	return pdf_word(&c, "endstream");
}

/* Most are compressed with a predictor, which qpdf undoes. */
static bool
inflate(const struct pdf_cursor *dict, struct blob body, struct blob *out,
    struct err *e)
{
	char *filter = value_text(dict, "Filter");
	char *params = value_text(dict, "DecodeParms");
	bool ok = true;

	if (filter == NULL)
		*out = blob_copy(body.data, body.len);
	else if (!graph_inflate(filter, params, body, out))
		ok = bad(e, "cross-reference stream", dict->at);
	else if (out->len > PDF_STREAM_MAX)
		ok = err_set(e, ERR_TOO_LARGE,
		    "pdf: a cross-reference stream over %d bytes",
		    PDF_STREAM_MAX);
	free(filter);
	free(params);
	return ok;
}

/* At most cap numbers of an array of integers. */
static bool
read_array(const struct pdf_cursor *dict, const char *key, uint64_t *out,
    size_t *count, size_t cap)
{
	struct pdf_cursor c;
	struct pdf_span v;

	if (pdf_dict_find(dict, key, &v) != 1)
		return false;
	c = pdf_at(dict, v.at);
	if (c.data[c.at++] != '[')
		return false;
	for (*count = 0; *count < cap && pdf_uint(&c, &out[*count]);)
		++*count;
	pdf_skip_blank(&c);
	return c.at == v.end - 1;
}

/* A field of a cross-reference stream: width bytes, big-endian. */
static uint64_t
field(const uint8_t **p, uint64_t width, uint64_t absent)
{
	uint64_t n = 0;

	if (width == 0)
		return absent;
	for (; width > 0; width--)
		n = n << 8 | *(*p)++;
	return n;
}

/* 7.5.8.3, table 18; types above 2 are references to the null object. */
static bool
read_stream_entries(struct pdf *pdf, struct pdf_section *s,
    const struct pdf_cursor *dict, struct blob body, struct err *e)
{
	uint64_t w[3], index[2 * PDF_SUBSECTIONS_MAX], size;
	const uint8_t *p = body.data, *end = body.data + body.len;
	size_t wn, n = 2;
	struct pdf_span v;

	if (!read_array(dict, "W", w, &wn, 3) || wn != 3 || w[0] > 2 ||
	    w[1] > 8 || w[2] > 4 || w[1] == 0 ||
	    pdf_dict_find(dict, "Size", &v) != 1 ||
	    !pdf_value_uint(dict, v, &size))
		return bad(e, "bad cross-reference stream", s->at);
	index[0] = 0;
	index[1] = size;
	if (pdf_dict_find(dict, "Index", &v) != 0 &&
	    (!read_array(dict, "Index", index, &n, nitems(index)) ||
		n % 2 != 0))
		return bad(e, "bad Index", s->at);
	for (size_t i = 0; i < n; i += 2) {
		for (uint64_t id = index[i]; index[i + 1] > 0;
		     id++, index[i + 1]--) {
			struct pdf_entry entry;
			uint64_t type, at, third;

			if ((uint64_t)(end - p) < w[0] + w[1] + w[2] ||
			    id > UINT32_MAX)
				return bad(e, "short Index", s->at);
			type = field(&p, w[0], 1);
			at = field(&p, w[1], 0);
			third = field(&p, w[2], 0);
			entry = (struct pdf_entry){ (uint32_t)id,
				type == 1 ? (uint32_t)third : 0,
				type == 1   ? PDF_PLAIN
				: type == 2 ? PDF_PACKED
					    : PDF_FREE,
				(size_t)at };
			if (!add_entry(pdf, s, entry, e))
				return false;
		}
	}
	return true;
}

/* 7.5.8.2.  Its Length must be direct: a reference could only be followed
 * with the table that is being read. */
static bool
read_stream(
    struct pdf *pdf, struct pdf_section *s, struct pdf_cursor c, struct err *e)
{
	struct blob body, plain = { 0 };
	struct pdf_cursor dict;
	struct pdf_span v;
	uint64_t len;
	bool ok;

	pdf_skip_blank(&c);
	dict = c;
	s->is_stream = true;
	s->trailer = c.at;
	if (!pdf_skip_value(&c) || pdf_dict_find(&dict, "Type", &v) != 1 ||
	    !pdf_name_is(&dict, v, "XRef") ||
	    pdf_dict_find(&dict, "Length", &v) != 1 ||
	    !pdf_value_uint(&dict, v, &len) ||
	    !stream_body(c, (size_t)len, &body))
		return bad(e, "no cross-reference section", s->at);
	s->end = c.at;
	ok = pdf_filters_few(&dict, e) && inflate(&dict, body, &plain, e) &&
	     read_stream_entries(pdf, s, &dict, plain, e);
	blob_release(&plain);
	return ok;
}

/* At most PADES_REVISIONS_MAX of them, so looking is cheap. */
static bool
is_known(const struct pdf *pdf, size_t at)
{
	for (size_t i = 0; i < pdf->section_count; i++)
		if (pdf->sections[i].at == at)
			return true;
	return false;
}

static bool
is_same(const struct pdf_entry *a, const struct pdf_entry *b)
{
	return a->gen == b->gen && a->kind == b->kind && a->at == b->at;
}

/* Readers differ in which of two entries for one object they take. */
static bool
sort_entries(struct pdf_section *s, struct err *e)
{
	const struct pdf_entry *all = s->entries;

	if (s->entry_count > 0)
		qsort(s->entries, s->entry_count, sizeof(*s->entries), by_id);
	for (size_t i = 1; i < s->entry_count; i++)
		if (all[i - 1].id == all[i].id &&
		    !is_same(&all[i - 1], &all[i]))
			return bad(e, "two places for one object", s->at);
	return true;
}

/* Either kind, told apart by how it begins. */
static bool
read_section(struct pdf *pdf, size_t at, struct err *e)
{
	struct pdf_cursor c = pdf_at(&pdf->file, at);
	struct pdf_section *s;
	uint64_t id, gen;

	if (is_known(pdf, at))
		return bad(e, "cross-references lead in a circle", at);
	if (pdf->section_count >= PADES_REVISIONS_MAX)
		return err_set(e, ERR_TOO_LARGE, "pdf: over %d revisions",
		    PADES_REVISIONS_MAX);
	s = add_section(pdf, at);
	if (pdf_word(&c, "xref")) {
		if (!read_table(pdf, s, c, e))
			return false;
	} else if (pdf_object_head(&c, &id, &gen)) {
		if (!read_stream(pdf, s, c, e))
			return false;
	} else {
		return bad(e, "no cross-reference section", at);
	}
	if (!read_offset(pdf, s->trailer, "Prev", &s->prev))
		return bad(e, "bad Prev", s->trailer);
	return sort_entries(s, e);
}

/* 7.5.8.4: a table's XRefStm comes after it and before its Prev. */
static bool
read_chain(struct pdf *pdf, struct err *e)
{
	size_t at = pdf->startxref;

	while (at != 0) {
		size_t i = pdf->section_count, hybrid;

		if (!read_section(pdf, at, e))
			return false;
		at = pdf->sections[i].prev;
		hybrid = pdf->sections[i].xref_stm;
		if (hybrid == 0)
			continue;
		if (!read_section(pdf, hybrid, e))
			return false;
		pdf->sections[i + 1].is_hybrid = true;
	}
	return true;
}

/* Nothing is read but the cross-references; objects are when asked for. */
bool
pdf_open(const uint8_t *data, size_t len, struct pdf **out, struct err *e)
{
	struct pdf *pdf;
	bool ok = false;

	if (len > PADES_FILE_MAX)
		return err_set(e, ERR_TOO_LARGE, "pdf: %zu bytes", len);
	if (len < 8 || memcmp(data, "%PDF-", 5) != 0)
		return bad(e, "no %PDF- at the start", 0);
	pdf = blob_calloc(1, sizeof(*pdf));
	pdf->file = (struct pdf_cursor){ data, len, 0 };
	if (!find_startxref(pdf, e))
		goto out;
	if (!read_chain(pdf, e))
		goto out;

	*out = pdf;
	pdf = NULL; /* the caller owns it now */
	ok = true;

out:
	pdf_close(pdf);
	return ok;
}

void
pdf_close(struct pdf *pdf)
{
	if (pdf == NULL)
		return;
	for (size_t i = 0; i < pdf->section_count; i++)
		free(pdf->sections[i].entries);
	free(pdf->sections);
	free(pdf);
}

/* The entries are sorted once, then searched. */
static const struct pdf_entry *
section_find(const struct pdf_section *s, uint32_t id)
{
	struct pdf_entry key = { .id = id };

	if (s->entry_count == 0)
		return NULL;
	return bsearch(&key, s->entries, s->entry_count, sizeof(key), by_id);
}

const struct pdf_entry *
pdf_find_from(const struct pdf *pdf, size_t first, uint32_t id)
{
	for (size_t i = first; i < pdf->section_count; i++) {
		const struct pdf_section *s = &pdf->sections[i];
		const struct pdf_entry *found = section_find(s, id);

		if (found == NULL)
			continue;
		if (found->kind != PDF_FREE)
			return found;
		/* 7.5.8.4: what is in the hybrid stream is free in its
		 * table, for readers that know tables only. */
		if (s->xref_stm == 0)
			return NULL;
	}
	return NULL;
}

const struct pdf_entry *
pdf_find(const struct pdf *pdf, uint32_t id)
{
	return pdf_find_from(pdf, 0, id);
}

/* The entry must not lie about what stands there. */
bool
pdf_enter(const struct pdf *pdf, const struct pdf_entry *entry,
    struct pdf_cursor *out)
{
	struct pdf_cursor c = pdf_at(&pdf->file, entry->at);
	uint64_t id, gen;

	if (entry->kind != PDF_PLAIN || entry->at >= pdf->file.len ||
	    !pdf_object_head(&c, &id, &gen) || id != entry->id ||
	    gen != entry->gen)
		return false;
	*out = c;
	return true;
}

/* The chain leaves the appended part only into the signed revision's own
 * newest section: an update cannot step around what was signed. */
bool
pdf_builds_on(const struct pdf *pdf, size_t startxref, size_t end)
{
	for (size_t i = 0; i < pdf->section_count; i++)
		if (pdf->sections[i].at < end)
			return pdf->sections[i].at == startxref;
	return false;
}

bool
pdf_is_encrypted(const struct pdf *pdf)
{
	struct pdf_cursor trailer = pdf_cursor(pdf, pdf->sections[0].trailer);
	struct pdf_span v;

	return pdf_dict_find(&trailer, "Encrypt", &v) != 0;
}

uint32_t
pdf_size(const struct pdf *pdf)
{
	uint32_t size = 1;

	for (size_t i = 0; i < pdf->section_count; i++) {
		const struct pdf_section *s = &pdf->sections[i];

		if (s->entry_count > 0 &&
		    s->entries[s->entry_count - 1].id >= size)
			size = s->entries[s->entry_count - 1].id + 1;
	}
	return size;
}
