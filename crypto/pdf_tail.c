#include "crypto/pdf_tail.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "crypto/pdf_revision.h"

struct tail {
	const struct pdf *pdf;
	struct pdf_entry *places; /* all plain objects, sorted by place */
	size_t count;
};

static int
by_place(const void *a, const void *b)
{
	const struct pdf_entry *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Every place that a section gives to an object in the tail. */
static void
tail_init(struct tail *t, const struct pdf *pdf, size_t from)
{
	size_t cap = 0;

	*t = (struct tail){ .pdf = pdf };
	for (size_t i = 0; i < pdf_section_count(pdf); i++)
		cap += pdf_section(pdf, i)->entry_count;
	t->places = blob_calloc(cap + 1, sizeof(*t->places));
	for (size_t i = 0; i < pdf_section_count(pdf); i++) {
		const struct pdf_section *s = pdf_section(pdf, i);

		for (size_t j = 0; j < s->entry_count; j++)
			if (s->entries[j].kind == PDF_PLAIN &&
			    s->entries[j].at >= from)
				t->places[t->count++] = s->entries[j];
	}
	qsort(t->places, t->count, sizeof(*t->places), by_place);
}

/* A section names this object for this place. */
static bool
is_listed(const struct tail *t, size_t at, uint64_t id, uint64_t gen)
{
	struct pdf_entry key = { .at = at };
	const struct pdf_entry *found =
	    bsearch(&key, t->places, t->count, sizeof(key), by_place);

	return found != NULL && found->id == id && found->gen == gen;
}

/* Sections stand where startxref and Prev say they do. */
static const struct pdf_section *
section_at(const struct pdf *pdf, size_t at)
{
	for (size_t i = 0; i < pdf_section_count(pdf); i++)
		if (pdf_section(pdf, i)->at == at)
			return pdf_section(pdf, i);
	return NULL;
}

/* Every startxref, also one in the middle, must mean a section of ours. */
static bool
leads_to_section(const struct pdf *pdf, size_t startxref)
{
	struct pdf_cursor c = pdf_cursor(pdf, startxref);

	pdf_skip_white(&c);
	return section_at(pdf, c.at) != NULL;
}

/* A stream's /Length, itself or by reference to a plain integer. */
static bool
stream_length(const struct pdf *pdf, const struct pdf_cursor *dict, size_t *len)
{
	const struct pdf_entry *entry;
	struct pdf_cursor c;
	struct pdf_span v;
	uint64_t n, gen;

	if (pdf_dict_find(dict, "Length", &v) != 1)
		return false;
	c = pdf_at(dict, v.at);
	if (pdf_reference(&c, &n, &gen)) {
		entry = n > UINT32_MAX ? NULL : pdf_find(pdf, (uint32_t)n);
		if (entry == NULL || !pdf_enter(pdf, entry, &c))
			return false;
	}
	if (!pdf_uint(&c, &n) || n > c.len)
		return false;
	*len = (size_t)n;
	return true;
}

/* The body is as long as it says and ends where it says. */
static bool
skip_stream(
    const struct pdf *pdf, const struct pdf_cursor *dict, struct pdf_cursor *c)
{
	size_t len;

	if (!stream_length(pdf, dict, &len))
		return false;
	/* 7.3.8.1: the line ends with CR LF or LF. */
	if (c->at < c->len && c->data[c->at] == '\r')
		c->at++;
	if (c->at < c->len && c->data[c->at] == '\n')
		c->at++;
	if (c->len - c->at < len)
		return false;
	c->at += len;
	return pdf_word(c, "endstream");
}

/* By our own strict lexer: what is malformed here another reader might
 * read. */
static bool
skip_object(const struct pdf *pdf, struct pdf_cursor *c)
{
	struct pdf_cursor body;

	pdf_skip_blank(c);
	body = *c;
	if (!pdf_skip_value(c))
		return false;
	if (pdf_word(c, "stream") && !skip_stream(pdf, &body, c))
		return false;
	return pdf_word(c, "endobj");
}

/* One thing that may stand in a revision; c is at no blank. */
static bool
skip_one(const struct tail *t, struct pdf_cursor *c, struct err *e)
{
	const struct pdf_section *s = section_at(t->pdf, c->at);
	size_t at = c->at, startxref;
	uint64_t id, gen;

	if (pdf_read_end(c, &startxref)) {
		if (leads_to_section(t->pdf, startxref))
			return true;
		return err_set(e, ERR_UNREADABLE,
		    "pdf: startxref at %zu leads to no revision", at);
	}
	if (s != NULL && !s->is_stream) {
		c->at = s->end;
		return true;
	}
	if (!pdf_object_head(c, &id, &gen))
		return err_set(e, ERR_UNREADABLE, "pdf: no object at %zu", at);
	if (s == NULL && !is_listed(t, at, id, gen))
		return err_set(e, ERR_UNREADABLE,
		    "pdf: object %llu at %zu is in no cross-reference",
		    (unsigned long long)id, at);
	if (!skip_object(t->pdf, c))
		return err_set(e, ERR_UNREADABLE,
		    "pdf: object %llu at %zu is malformed",
		    (unsigned long long)id, at);
	return true;
}

/*
 * "4 1 obj" beside a "4 0 obj" that nobody freed (7.5.4): for a reference to
 * 4 0 some readers go by the number alone and show the new one, others see
 * the old, and qpdf is among these.
 */
static bool
keep_generations(const struct pdf *pdf, size_t from, struct err *e)
{
	for (size_t i = 0; i < pdf_section_count(pdf); i++) {
		const struct pdf_section *s = pdf_section(pdf, i);

		for (size_t j = 0; s->at >= from && j < s->entry_count; j++) {
			const struct pdf_entry *is = &s->entries[j], *was;

			was = is->kind == PDF_FREE
				  ? NULL
				  : pdf_find_from(pdf, i + 1, is->id);
			if (was != NULL && was->gen != is->gen)
				return err_set(e, ERR_UNREADABLE,
				    "pdf: object %u stands in two generations",
				    is->id);
		}
	}
	return true;
}

bool
pdf_tail_explained(
    const struct pdf *pdf, size_t from, size_t *known, struct err *e)
{
	struct pdf_cursor c = pdf_cursor(pdf, from);
	struct tail t;
	bool ok = true;
	size_t first;

	if (!keep_generations(pdf, from, e))
		return false;
	tail_init(&t, pdf, from);
	pdf_skip_blank(&c);
	first = c.at;
	for (; ok && c.at < c.len && c.at != *known; pdf_skip_blank(&c))
		ok = skip_one(&t, &c, e);
	if (ok)
		*known = first;
	free(t.places);
	return ok;
}

size_t
pdf_object_end(const struct pdf *pdf, const struct pdf_entry *entry)
{
	struct pdf_cursor c, value;
	struct pdf_span length;
	uint64_t n, gen;

	if (!pdf_enter(pdf, entry, &c))
		return 0;
	pdf_skip_blank(&c);
	if (pdf_dict_find(&c, "Length", &length) > 0) {
		value = pdf_at(&c, length.at);
		if (pdf_reference(&value, &n, &gen))
			return 0;
	}
	return skip_object(pdf, &c) ? c.at : 0;
}
