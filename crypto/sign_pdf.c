/*
 * PAdES-B-B (EN 319 142-1, 6): a revision with a signature field and a
 * placeholder, the hash of all but the placeholder, the CMS put into it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/pades.h"
#include "crypto/pades_find.h"
#include "crypto/pades_lock.h"
#include "crypto/sign.h"
#include "crypto/sign_cades.h"
#include "crypto/sign_key.h"
#include "crypto/sign_update.h"

/* Room for the CMS; more is tried when a chain is long. */
#define PLACEHOLDER     (16 * 1024)
#define PLACEHOLDER_MAX (1024 * 1024)
#define FIELDS_MAX      100000

/* "0 0000000000 0000000000 0000000000": digits for files of 9 GB. */
#define RANGE_LEN 34

/* Nodes of the document, and where the new revision has its parts. */
struct signing {
	const struct sign_options *o;
	const struct blob *pdf;
	size_t placeholder; /* bytes of DER */
	struct update u;
	unsigned trailer, root, form, fields, page;
	unsigned field; /* an empty one to sign, or 0 */
	struct graph_id value_id, field_id;
	char name[32];
	size_t range;          /* where the ByteRange's numbers start */
	size_t hole, hole_end; /* of the hex string, with its brackets */
};

static bool
refuse(struct err *e, const char *why)
{
	return err_set(e, ERR_UNREADABLE, "pdf: %s", why);
}

/* The first leaf of the page tree; 0 without one. */
static unsigned
first_page(struct signing *s)
{
	struct graph *g = s->u.graph;
	unsigned node = graph_key(g, s->root, "/Pages");

	for (int depth = 0; depth < PDF_DEPTH_MAX; depth++) {
		unsigned kids = graph_key(g, node, "/Kids");

		if (graph_kind(g, kids) != GRAPH_ARRAY)
			break;
		node = graph_count(g, kids) > 0 ? graph_item(g, kids, 0) : 0;
	}
	return node;
}

/* The nodes that a signature touches. */
static void
read_document(struct signing *s)
{
	struct graph *g = s->u.graph;

	s->trailer = graph_trailer(g);
	s->root = graph_key(g, s->trailer, "/Root");
	s->form = graph_key(g, s->root, "/AcroForm");
	s->fields = graph_key(g, s->form, "/Fields");
	s->page = first_page(s);
}

static void
release(struct signing *s)
{
	update_release(&s->u);
}

/* The field of this name among the form's own. */
static unsigned
find_field(struct signing *s, const char *name)
{
	struct graph *g = s->u.graph;

	for (int i = 0; i < graph_count(g, s->fields); i++) {
		unsigned field = graph_item(g, s->fields, i);
		unsigned t = graph_key(g, field, "/T");
		char *text = graph_text(g, t);
		bool same = strcmp(text, name) == 0;

		free(text);
		if (same)
			return field;
	}
	return 0;
}

/* It must have a number, or it could not be written anew by itself. */
static bool
is_empty_signature(struct graph *g, unsigned field)
{
	unsigned type = graph_key(g, field, "/FT");
	bool is = graph_is_name(g, type, "/Sig") && !graph_has(g, field, "/V");

	return is && graph_id(g, field).number != 0;
}

/* The one that was asked for, or a new one with a name nobody has. */
static bool
choose_field(struct signing *s, struct err *e)
{
	unsigned taken;

	if (s->o->field != NULL) {
		s->field = find_field(s, s->o->field);
		if (s->field != 0 && !is_empty_signature(s->u.graph, s->field))
			return refuse(e, "that field cannot be signed");
		return true;
	}
	for (int i = 1; i < FIELDS_MAX; i++) {
		snprintf(s->name, sizeof(s->name), "Signature%d", i);
		taken = find_field(s, s->name);
		if (taken == 0)
			return true;
	}
	return refuse(e, "no free field name");
}

/* A certification that allows no change would be broken by ours. */
static bool
check_certified(struct signing *s, struct err *e)
{
	struct graph *g = s->u.graph;
	unsigned perms = graph_key(g, s->root, "/Perms");
	unsigned first = graph_key(g, perms, "/DocMDP");
	int level = lock_level(g, first);

	if (level == 1)
		return refuse(e, "certified: no change is allowed");
	return true;
}

static bool
check_document(struct signing *s, struct err *e)
{
	struct graph *g = s->u.graph;

	if (graph_id(g, s->root).number == 0)
		return refuse(e, "no catalog");
	if (graph_kind(g, s->page) != GRAPH_DICT ||
	    graph_id(g, s->page).number == 0)
		return refuse(e, "no page");
	if (s->o->reason != NULL &&
	    !text_is_utf8(s->o->reason, strlen(s->o->reason)))
		return refuse(e, "reason is not UTF-8");
	if (s->o->location != NULL &&
	    !text_is_utf8(s->o->location, strlen(s->o->location)))
		return refuse(e, "location is not UTF-8");
	return check_certified(s, e);
}

static void
put_text_entry(struct buf *out, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(out, " %s ", key);
	update_put_text(out, value);
}

/* Table 252; the numbers and the CMS are patched in later. */
static void
put_value(struct signing *s)
{
	struct buf *out = &s->u.out;
	char stamp[CLOCK_STAMP_LEN];
	char block[1024];

	clock_vn_stamp(s->o->at_us, stamp);
	memset(block, '0', sizeof(block));
	s->value_id = update_new_id(&s->u);
	update_begin(&s->u, s->value_id);
	buf_puts(out, "<< /Type /Sig /Filter /Adobe.PPKLite"
		      " /SubFilter /ETSI.CAdES.detached /ByteRange [");
	s->range = out->len;
	buf_printf(out, "%*s] /Contents ", RANGE_LEN, "");
	s->hole = out->len;
	buf_puts(out, "<");
	for (size_t left = 2 * s->placeholder; left > 0;) {
		size_t n = left < sizeof(block) ? left : sizeof(block);

		buf_put(out, block, n);
		left -= n;
	}
	buf_puts(out, ">");
	s->hole_end = out->len;
	buf_printf(out, " /M (D:%s+07'00')", stamp);
	put_text_entry(out, "/Reason", s->o->reason);
	put_text_entry(out, "/Location", s->o->location);
	buf_puts(out, " >>");
	update_end(&s->u);
}

/* An empty field gets its value; nothing else about it changes. */
static void
fill_field(struct signing *s)
{
	static const char *const but[] = { "/V", NULL };

	s->field_id = graph_id(s->u.graph, s->field);
	update_begin(&s->u, s->field_id);
	update_copy(&s->u, s->field, but);
	buf_printf(&s->u.out, " /V %d 0 R >>", s->value_id.number);
	update_end(&s->u);
}

/* Field and widget in one (12.7.3.1, 12.5.6.19), without extent: it shows
 * nothing.  F: Print and Locked, as PDF/A and readers want it. */
static void
put_field(struct signing *s)
{
	const char *name = s->o->field != NULL ? s->o->field : s->name;
	struct graph_id page = graph_id(s->u.graph, s->page);
	struct buf *out = &s->u.out;

	s->field_id = update_new_id(&s->u);
	update_begin(&s->u, s->field_id);
	buf_puts(out, "<< /Type /Annot /Subtype /Widget /FT /Sig /F 132"
		      " /Rect [ 0 0 0 0 ] /T ");
	update_put_text(out, name);
	buf_printf(out, " /P %d %d R /V %d 0 R >>", page.number,
	    page.generation, s->value_id.number);
	update_end(&s->u);
}

/* 12.5.2: a widget belongs to the annotations of its page. */
static void
put_page(struct signing *s)
{
	static const char *const but[] = { "/Annots", NULL };
	unsigned annots = graph_key(s->u.graph, s->page, "/Annots");

	update_begin(&s->u, graph_id(s->u.graph, s->page));
	update_copy(&s->u, s->page, but);
	buf_puts(&s->u.out, " /Annots ");
	update_copy_items(&s->u, annots);
	buf_printf(&s->u.out, " %d 0 R ] >>", s->field_id.number);
	update_end(&s->u);
}

/* SigFlags (table 219): there are signatures, and only appending is safe. */
static void
put_form(struct signing *s)
{
	static const char *const but[] = { "/Fields", "/SigFlags", NULL };

	update_copy(&s->u, s->form, but);
	buf_puts(&s->u.out, " /SigFlags 3 /Fields ");
	update_copy_items(&s->u, s->fields);
	if (s->field == 0)
		buf_printf(&s->u.out, " %d 0 R", s->field_id.number);
	buf_puts(&s->u.out, " ] >>");
}

/* The form by itself where it has a number, else inside the catalog. */
static void
put_form_or_catalog(struct signing *s)
{
	static const char *const but[] = { "/AcroForm", NULL };
	struct graph_id id = graph_id(s->u.graph, s->form);

	if (id.number != 0 && graph_kind(s->u.graph, s->form) == GRAPH_DICT) {
		update_begin(&s->u, id);
		put_form(s);
	} else {
		update_begin(&s->u, graph_id(s->u.graph, s->root));
		update_copy(&s->u, s->root, but);
		buf_puts(&s->u.out, " /AcroForm ");
		put_form(s);
		buf_puts(&s->u.out, " >>");
	}
	update_end(&s->u);
}

/* Everything is in its place before the first byte is hashed. */
static void
put_revision(struct signing *s)
{
	char range[RANGE_LEN + 1];

	put_value(s);
	if (s->field != 0) {
		fill_field(s);
	} else {
		put_field(s);
		put_page(s);
	}
	put_form_or_catalog(s);
	update_finish(&s->u);
	snprintf(range, sizeof(range), "0 %010zu %010zu %010zu", s->hole,
	    s->hole_end, s->u.out.len - s->hole_end);
	memcpy(s->u.out.data + s->range, range, strlen(range));
}

/* The CMS over all but the hole, put into the hole.  *fits is false when the
 * placeholder was too small. */
static bool
put_signature(
    struct signing *s, const struct signer_key *k, bool *fits, struct err *e)
{
	const uint8_t *data = (const uint8_t *)s->u.out.data;
	struct sign_content content = { { data, data + s->hole_end },
		{ s->hole, s->u.out.len - s->hole_end } };
	struct buf hex = { 0 };
	struct blob der = { 0 };

	if (!cades_make(k, &content, 0, &der, e))
		return false;
	*fits = 2 * der.len <= s->hole_end - s->hole - 2;
	if (*fits) {
		buf_hex(&hex, der.data, der.len);
		memcpy(s->u.out.data + s->hole + 1, hex.data, hex.len);
		buf_release(&hex);
	}
	blob_release(&der);
	return true;
}

/* What we hand out must be what we ourselves would take for a signature. */
static void
check_own(const struct signing *s)
{
	const uint8_t *data = (const uint8_t *)s->u.out.data;
	struct pades_list found;
	struct pdf *pdf = NULL;
	struct err e = { 0 };
	bool whole = false;

	if (!pdf_open(data, s->u.out.len, &pdf, &e))
		fatalx("sign: own output: %s", e.detail);
	pades_find(pdf, &found);
	for (size_t i = 0; i < found.count; i++)
		if (!found.items[i].is_malformed &&
		    found.items[i].end == s->u.out.len)
			whole = true;
	if (!whole)
		fatalx("sign: own output holds no signature of it all");
	pades_list_release(&found);
	pdf_close(pdf);
}

/* *fits false: done right, but the placeholder was too small. */
static bool
attempt(struct signing *s, const struct signer_key *k, bool *fits,
    struct blob *out, struct err *e)
{
	if (!update_init(&s->u, s->pdf->data, s->pdf->len, e))
		return false;
	read_document(s);
	if (!check_document(s, e) || !choose_field(s, e))
		return false;
	put_revision(s);
	if (!put_signature(s, k, fits, e))
		return false;
	if (!*fits)
		return true;
	check_own(s);
	out->len = s->u.out.len;
	out->data = (uint8_t *)buf_take(&s->u.out);
	return true;
}

bool
sign_pdf(const struct signer_key *k, const struct blob *pdf,
    const struct sign_options *o, struct blob *out, struct err *e)
{
	bool fits = false;

	for (size_t size = PLACEHOLDER; size <= PLACEHOLDER_MAX; size *= 4) {
		struct signing s = { .o = o, .pdf = pdf, .placeholder = size };
		bool ok = attempt(&s, k, &fits, out, e);

		release(&s);
		if (!ok || fits)
			return ok;
	}
	return refuse(e, "the certificate chain is too long");
}
