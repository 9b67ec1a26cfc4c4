/*
 * The form (ISO 32000-1, 12.7): which fields may get a value, which
 * signature fields may come, and that what was signed stays as it was.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/buf.h"
#include "crypto/pades_change.h"
#include "crypto/pdf_token.h"

/* What comes down to a field from its parents. */
struct place {
	const char *name; /* fully qualified, "" above the first T */
	bool is_signature;
	bool is_signed; /* in the signed revision; new ones: at all */
	bool is_filled; /* after it */
	int depth;
};

/* The Lock of the field whose value this signature is. */
static void
read_lock(struct change *c, unsigned field)
{
	unsigned value = graph_key(c->was, field, "/V");
	unsigned lock = graph_key(c->was, field, "/Lock");
	unsigned p = graph_key(c->was, lock, "/P");
	long long level = graph_int(c->was, p, 0);

	if (graph_id(c->was, value).number == c->dict.number) {
		lock_add(&c->locks, c->was, lock);
		/* ISO 32000-2, table 236: as DocMDP's. */
		if (level >= 1 && level <= 3 &&
		    (c->permission == 0 || level < c->permission))
			c->permission = (int)level;
	}
}

/* Fields and widgets alike: Kids holds both. */
static void
collect(struct change *c, struct graph *g, unsigned fields, int depth)
{
	struct idset *ruled = g == c->was ? &c->ruled_was : &c->ruled_is;

	for (int i = 0; i < graph_count(g, fields); i++) {
		unsigned field = graph_item(g, fields, i);

		if (depth < PDF_DEPTH_MAX &&
		    idset_add(ruled, graph_id(g, field).number)) {
			unsigned kids = graph_key(g, field, "/Kids");

			if (g == c->was)
				read_lock(c, field);
			collect(c, g, kids, depth + 1);
		}
	}
}

static void
collect_all(struct change *c, struct graph *g)
{
	unsigned trailer = graph_trailer(g);
	unsigned root = graph_key(g, trailer, "/Root");
	unsigned form = graph_key(g, root, "/AcroForm");
	unsigned fields = graph_key(g, form, "/Fields");

	collect(c, g, fields, 0);
}

void
form_collect(struct change *c)
{
	collect_all(c, c->was);
	collect_all(c, c->is);
}

/* The caller frees. */
static char *
full_name(struct graph *g, unsigned field, const char *above)
{
	unsigned t = graph_key(g, field, "/T");
	char *own = graph_text(g, t);
	struct buf name = { 0 };

	buf_puts(&name, above);
	if (*above != '\0' && *own != '\0')
		buf_puts(&name, ".");
	buf_puts(&name, own);
	free(own);
	return buf_take(&name);
}

/* FT is inherited. */
static bool
is_signature(struct graph *g, unsigned field, bool above)
{
	unsigned type = graph_key(g, field, "/FT");

	return graph_kind(g, type) == GRAPH_NULL
		   ? above
		   : graph_is_name(g, type, "/Sig");
}

/* Document timestamps are allowed at every level (EN 319 142-1, 5.4.3). */
static bool
is_timestamp(struct graph *g, unsigned value)
{
	unsigned filter = graph_key(g, value, "/SubFilter");

	return graph_is_name(g, filter, "/ETSI.RFC3161");
}

/* A later signature: whether its field may be there, signed or not. */
static void
check_signing(struct change *c, unsigned field, const char *name)
{
	unsigned value = graph_key(c->is, field, "/V");
	int id = graph_id(c->is, value).number;

	graph_excuse(c->is, value);
	if (c->permission == 1 && !is_timestamp(c->is, value))
		change_forbid(c, "signed where no change is allowed: %s", name);
	else if (graph_kind(c->is, value) != GRAPH_NULL &&
		 !idset_add(&c->values, id)) {
		signature_find(c->out, FIND_SHARED_VALUE, "%s", name);
		c->forbidden = true;
	}
}

/* A field's own name, and whether it came after signing. */
struct named {
	char *name;
	bool is_new;
};

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Viewers show one of two fields of one name: perhaps the wrong one. */
static void
check_names(struct change *c, unsigned fields)
{
	int n = graph_count(c->is, fields);
	struct named *all = blob_calloc((size_t)n + 1, sizeof(*all));

	for (int i = 0; i < n; i++) {
		unsigned field = graph_item(c->is, fields, i);
		int id = graph_id(c->is, field).number;

		all[i].name = full_name(c->is, field, "");
		all[i].is_new = !idset_has(&c->ruled_was, id);
	}
	qsort(all, (size_t)n, sizeof(*all), by_name);
	for (int i = 1; i < n && !c->forbidden; i++)
		if (*all[i].name != '\0' &&
		    by_name(&all[i - 1], &all[i]) == 0 &&
		    (all[i - 1].is_new || all[i].is_new))
			change_forbid(c,
			    "form field added with a name that "
			    "is taken: %s",
			    all[i].name);
	for (int i = 0; i < n; i++)
		free(all[i].name);
	free(all);
}

static void add_field(struct change *c, unsigned field, struct place at);

static void
add_kids(struct change *c, unsigned field, struct place at)
{
	unsigned kids = graph_key(c->is, field, "/Kids");

	at.depth++;
	for (int i = 0; i < graph_count(c->is, kids) && !c->forbidden; i++) {
		unsigned kid = graph_item(c->is, kids, i);

		add_field(c, kid, at);
	}
	check_names(c, kids);
}

/* A field that nobody has signed needs no key to be made, so it shows nothing
 * at all; viewers draw an MK by themselves. */
static bool
shows_too_much(struct change *c, unsigned widget, bool is_signed)
{
	bool has_look =
	    graph_has(c->is, widget, "/AP") || graph_has(c->is, widget, "/MK");

	return cover_hides_page(c, widget) ||
	       (!is_signed && has_look && cover_area(c->is, widget) > 0);
}

/* Only signature fields may come: the next signer's, with their widgets.
 * A widget is a kid without a name; it may not act. */
static void
add_field(struct change *c, unsigned field, struct place at)
{
	char *name = full_name(c->is, field, at.name);
	int id = graph_id(c->is, field).number;

	at.is_signature = is_signature(c->is, field, at.is_signature);
	if (at.depth > PDF_DEPTH_MAX || idset_has(&c->ruled_was, id) ||
	    !at.is_signature || graph_has(c->is, field, "/A") ||
	    graph_has(c->is, field, "/AA") || !idset_add(&c->new_widgets, id)) {
		change_forbid(c, "form field added: %s (object %d)", name, id);
	} else {
		if (at.depth == 0 || graph_has(c->is, field, "/T"))
			check_signing(c, field, name);
		if (graph_has(c->is, field, "/V"))
			at.is_signed = true;
		if (shows_too_much(c, field, at.is_signed))
			change_forbid(
			    c, "signature field hides the page: %s", name);
		at.name = name;
		add_kids(c, field, at);
	}
	free(name);
}

/* Whether V is put otherwise; another object is another value.  A signature
 * is a dictionary that was one object before and is so after, or is new. */
static bool
value_differs(struct change *c, unsigned was, unsigned is)
{
	unsigned a = graph_key(c->was, was, "/V");
	unsigned b = graph_key(c->is, is, "/V");
	bool differs = !change_same_ref(c, a, b);

	if (graph_kind(c->was, a) != GRAPH_DICT ||
	    graph_kind(c->is, b) != GRAPH_DICT) {
		char *x = graph_write(c->was, a, true);
		char *y = graph_write(c->is, b, true);

		differs = strcmp(x, y) != 0;
		free(x);
		free(y);
	}
	return differs;
}

/* An appearance dictionary that something else shares is not this field's to
 * give up. */
static void
give_up_look(struct change *c, unsigned was, unsigned is)
{
	unsigned a = graph_key(c->was, was, "/AP");
	unsigned b = graph_key(c->is, is, "/AP");

	if (!change_same_ref(c, a, b))
		idset_add(&c->given_up, graph_id(c->was, a).number);
}

/* A signature's dictionary was read strictly before; what qpdf minds about
 * it, like a key that stands twice, has been judged there. */
static void
excuse_value(struct change *c, unsigned field)
{
	unsigned value = graph_key(c->is, field, "/V");

	graph_excuse(c->is, value);
}

/* What was filled in is told; it may not be what was hidden, nor hide. */
static void
check_filling(struct change *c, unsigned was, unsigned is, const char *name)
{
	signature_find(c->out, FIND_FORM_FILLED, "%s", name);
	if (cover_comes_into_sight(c, was, is))
		change_forbid(c, "form field comes into sight: %s", name);
	else if (cover_area(c->is, is) > COVER_PAGE_MAX)
		change_forbid(c, "form field hides the page: %s", name);
}

/* The value of a field and the look of its widget, which go together. */
static void
compare_value(struct change *c, unsigned was, unsigned is, struct place *at)
{
	static const char *const keys[] = { "/V", "/AP", "/AS", "/F", "/M",
		"/I", "/DA", "/Q", "/MK", "/RV", NULL };
	bool may = at->is_signature ? !at->is_signed : c->permission != 1;

	if (value_differs(c, was, is))
		at->is_filled = true;
	if (!may || !at->is_filled || lock_holds(&c->locks, at->name)) {
		/* Also where a field looks otherwise than before and still
		 * has the same value, which is how shadows are cast. */
		for (const char *const *k = keys; *k != NULL; k++)
			change_same_key(c, was, is, *k, "form field");
		return;
	}
	give_up_look(c, was, is);
	if (!at->is_signature)
		check_filling(c, was, is, at->name);
	else if (graph_has(c->is, is, "/V"))
		check_signing(c, is, at->name);
	if (at->is_signature && cover_hides_page(c, is))
		change_forbid(
		    c, "signature field hides the page: %s", at->name);
}

static void compare_fields(
    struct change *c, unsigned was, unsigned is, struct place at);

static void
compare_field(struct change *c, unsigned was, unsigned is, struct place at)
{
	static const char *const but[] = { "/V", "/AP", "/AS", "/F", "/M", "/I",
		"/DA", "/Q", "/MK", "/RV", "/Kids", NULL };
	unsigned a = graph_key(c->was, was, "/Kids");
	unsigned b = graph_key(c->is, is, "/Kids");
	unsigned value = graph_key(c->was, was, "/V");
	char *name = full_name(c->was, was, at.name);
	int id = graph_id(c->is, is).number;

	/* Kids may lead in a circle; once is enough. */
	if (id != 0 && !idset_add(&c->fields, id))
		goto out;
	at.name = name;
	at.is_signature = is_signature(c->was, was, at.is_signature);
	if (at.is_signature)
		excuse_value(c, is);
	if (graph_kind(c->was, value) != GRAPH_NULL) {
		at.is_signed = true;
		if (at.is_signature &&
		    !idset_add(&c->values, graph_id(c->was, value).number))
			signature_find(c->out, FIND_SHARED_VALUE, "%s", name);
	}
	change_same_but(c, was, is, but, "form field");
	compare_value(c, was, is, &at);
	at.depth++;
	compare_fields(c, a, b, at);

out:
	free(name);
}

/* The old fields in their order, new ones that may be there among them. */
static void
compare_fields(struct change *c, unsigned was, unsigned is, struct place at)
{
	int i = 0, n = graph_count(c->was, was), m = graph_count(c->is, is);

	if (at.depth > PDF_DEPTH_MAX)
		change_forbid(c, "form fields too deep");
	for (int j = 0; j < m && !c->forbidden; j++) {
		unsigned b = graph_item(c->is, is, j);
		unsigned a = i < n ? graph_item(c->was, was, i) : 0;

		if (i < n && change_same_ref(c, a, b)) {
			compare_field(c, a, b, at);
			i++;
		} else {
			add_field(c, b, at);
		}
	}
	if (i < n && !c->forbidden)
		change_forbid(c, "form field removed or moved");
	if (m > n)
		check_names(c, is);
}

/* Resources that a new appearance uses may come; none may change. */
static void
compare_resources(struct change *c, unsigned was, unsigned is)
{
	unsigned a = graph_key(c->was, was, "/DR");
	unsigned b = graph_key(c->is, is, "/DR");
	const char **kinds = graph_keys(c->was, a);

	for (const char **k = kinds; *k != NULL && !c->forbidden; k++) {
		unsigned x = graph_key(c->was, a, *k);
		unsigned y = graph_key(c->is, b, *k);
		const char **names = graph_keys(c->was, x);

		for (const char **n = names; *n != NULL; n++)
			change_same_key(c, x, y, *n, "form resources");
		free(names);
	}
	free(kinds);
}

/* Where a viewer is told to draw every field anew (table 218), what a field
 * showed when it was signed need not be what its value says. */
static bool
wants_new_looks(struct graph *g, unsigned form)
{
	unsigned wants = graph_key(g, form, "/NeedAppearances");
	char *text = graph_write(g, wants, true);
	bool is = strcmp(text, "true") == 0;

	free(text);
	return is;
}

void
form_compare(struct change *c, unsigned was, unsigned is)
{
	static const char *const but[] = { "/Fields", "/SigFlags", "/DR",
		"/NeedAppearances", "/DA", NULL };
	unsigned a = graph_key(c->was, was, "/Fields");
	unsigned b = graph_key(c->is, is, "/Fields");
	struct place top = { .name = "" };

	if (graph_has(c->was, was, "/DA"))
		change_same_key(c, was, is, "/DA", "form");
	if (!wants_new_looks(c->was, was) && wants_new_looks(c->is, is))
		change_forbid(c, "form /NeedAppearances");
	change_same_but(c, was, is, but, "form");
	compare_resources(c, was, is);
	compare_fields(c, a, b, top);
}
