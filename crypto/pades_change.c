/*
 * Two graphs are walked side by side.  Direct values are compared at once,
 * pairs of references go into a queue, and a pair is looked at only once; so
 * it costs what the signed document's size costs, however it is knotted.
 */
#include "crypto/pades_change.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"

#define QUEUE_STEP 256

void
change_forbid(struct change *c, const char *fmt, ...)
{
	char detail[sizeof(c->out->findings[0].detail)];
	va_list ap;

	/* One reason is enough to judge by, a few are enough to read. */
	if (c->out->finding_count < REPORT_FINDINGS_MAX / 2) {
		va_start(ap, fmt);
		vsnprintf(detail, sizeof(detail), fmt, ap);
		va_end(ap);
		signature_find(c->out, FIND_CHANGED, "%s", detail);
	}
	c->forbidden = true;
}

/* Names the object, so that a person can look at it. */
static void
differs(struct change *c, struct graph_id id, const char *where)
{
	if (id.number == 0)
		change_forbid(c, "%s", where);
	else
		change_forbid(c, "%s (object %d)", where, id.number);
}

bool
change_same_ref(struct change *c, unsigned was, unsigned is)
{
	struct graph_id a = graph_id(c->was, was), b = graph_id(c->is, is);

	return a.number == b.number && a.generation == b.generation;
}

/* After the first forbidden change the verdict stands; no more is needed. */
static void
enqueue(struct change *c, struct change_pair p)
{
	struct pair key = { p.was.number, p.is.number };

	if (c->forbidden || !pairset_add(&c->seen, key))
		return;
	if (c->queue_len % QUEUE_STEP == 0)
		c->queue = blob_grow(
		    c->queue, c->queue_len + QUEUE_STEP, sizeof(*c->queue));
	c->queue[c->queue_len++] = p;
}

static void compare(
    struct change *c, unsigned was, unsigned is, const char *where);

void
change_same(struct change *c, unsigned was, unsigned is, const char *where)
{
	struct graph_id a = graph_id(c->was, was), b = graph_id(c->is, is);

	/* What the recursion meets directly is as deep as a parser lets it
	 * be; references may form a chain of any length. */
	if (a.number != 0 && b.number != 0)
		enqueue(c, (struct change_pair){ a, b, where });
	else
		compare(c, was, is, where);
	if (a.number != b.number && !c->forbidden &&
	    !signature_has(c->out, FIND_REWRITTEN))
		signature_find(c->out, FIND_REWRITTEN, "%s", where);
}

void
change_same_key(struct change *c, unsigned was, unsigned is, const char *key,
    const char *where)
{
	unsigned a = graph_key(c->was, was, key);
	unsigned b = graph_key(c->is, is, key);

	change_same(c, a, b, where);
}

static bool
is_among(const char *key, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(key, *list) == 0)
			return true;
	return false;
}

/* An entry with the value null is as good as absent (7.3.7). */
void
change_same_but(struct change *c, unsigned was, unsigned is,
    const char *const *but, const char *where)
{
	const char **old = graph_keys(c->was, was);
	const char **new = graph_keys(c->is, is);

	for (const char **k = old; *k != NULL && !c->forbidden; k++)
		if (!is_among(*k, but))
			change_same_key(c, was, is, *k, where);
	for (const char **k = new; *k != NULL && !c->forbidden; k++)
		if (!is_among(*k, but) && !graph_has(c->was, was, *k))
			change_forbid(c, "%s: %s added", where, *k);
	free(old);
	free(new);
}

/* As qpdf writes them: 1.0 and 1.00 differ, which is strict but safe. */
static void
compare_scalar(struct change *c, unsigned was, unsigned is, const char *where)
{
	char *a = graph_write(c->was, was, true);
	char *b = graph_write(c->is, is, true);

	if (strcmp(a, b) != 0)
		differs(c, graph_id(c->is, is), where);
	free(a);
	free(b);
}

static void
compare_string(struct change *c, unsigned was, unsigned is, const char *where)
{
	size_t m, n;
	const char *a = graph_string(c->was, was, &m);
	const char *b = graph_string(c->is, is, &n);

	if (m != n || memcmp(a, b, n) != 0)
		differs(c, graph_id(c->is, is), where);
}

static void
compare_array(struct change *c, unsigned was, unsigned is, const char *where)
{
	int n = graph_count(c->was, was);

	if (graph_count(c->is, is) != n) {
		differs(c, graph_id(c->is, is), where);
		return;
	}
	for (int i = 0; i < n && !c->forbidden; i++) {
		unsigned a = graph_item(c->was, was, i);
		unsigned b = graph_item(c->is, is, i);

		change_same(c, a, b, where);
	}
}

static void
compare_stream(struct change *c, unsigned was, unsigned is, const char *where)
{
	/* Its value is compared with the bytes, whichever way it is put. */
	static const char *const but[] = { "/Length", NULL };
	struct blob a = { 0 }, b = { 0 };

	change_same_but(c, was, is, but, where);
	if (graph_is_same(was, is))
		return;
	if (!graph_stream(c->was, was, &a) || !graph_stream(c->is, is, &b) ||
	    a.len != b.len || (a.len > 0 && memcmp(a.data, b.data, a.len) != 0))
		differs(c, graph_id(c->is, is), where);
	blob_release(&a);
	blob_release(&b);
}

/* Values that are no references, by kind. */
static void
compare(struct change *c, unsigned was, unsigned is, const char *where)
{
	static const char *const nothing[] = { NULL };
	enum graph_kind kind = graph_kind(c->was, was);

	if (kind != graph_kind(c->is, is))
		differs(c, graph_id(c->is, is), where);
	else if (kind == GRAPH_ARRAY)
		compare_array(c, was, is, where);
	else if (kind == GRAPH_DICT)
		change_same_but(c, was, is, nothing, where);
	else if (kind == GRAPH_STREAM)
		compare_stream(c, was, is, where);
	else if (kind == GRAPH_STRING)
		compare_string(c, was, is, where);
	else
		compare_scalar(c, was, is, where);
}

/* Works the queue off.  What has a rule of its own is compared there, and
 * here must only be the very same object. */
static void
drain(struct change *c)
{
	for (size_t i = 0; i < c->queue_len && !c->forbidden; i++) {
		struct change_pair p = c->queue[i];
		bool ruled = idset_has(&c->ruled_was, p.was.number);
		unsigned was, is;

		if (ruled != idset_has(&c->ruled_is, p.is.number) ||
		    (ruled && p.was.number != p.is.number) ||
		    idset_has(&c->given_up, p.was.number)) {
			differs(c, p.is, p.where);
			continue;
		}
		if (ruled)
			continue;
		was = graph_object(c->was, p.was);
		is = graph_object(c->is, p.is);
		compare(c, was, is, p.where);
	}
}

/*
 * ISO 32000-1, 12.8.4: which signature certifies, and who has usage rights.
 * A certification must come first (12.8.2.2), so none may be added.
 */
static void
compare_perms(struct change *c, unsigned was, unsigned is)
{
	if (!graph_has(c->was, was, "/DocMDP") &&
	    graph_has(c->is, is, "/DocMDP")) {
		signature_find(c->out, FIND_CERTIFIED_LATER, "catalog /Perms");
		c->forbidden = true;
		return;
	}
	change_same(c, was, is, "catalog /Perms");
}

static void
compare_with(struct change *c, unsigned was, unsigned is, const char *key,
    void (*rule)(struct change *, unsigned, unsigned))
{
	unsigned a = graph_key(c->was, was, key);
	unsigned b = graph_key(c->is, is, key);

	rule(c, a, b);
}

/* 7.7.2: whatever is not listed, from OpenAction to OCProperties, shows or
 * does something. */
static void
compare_catalog(struct change *c, unsigned was, unsigned is)
{
	/* DSS: EN 319 142-1, 5.4.2.  Extensions and Version only say what
	 * else the file uses; Metadata is text about it. */
	static const char *const but[] = { "/AcroForm", "/DSS", "/Extensions",
		"/Metadata", "/Pages", "/Perms", "/StructTreeRoot", "/Version",
		NULL };

	if (!change_same_ref(c, was, is)) {
		change_forbid(c, "another catalog");
		return;
	}
	change_same_but(c, was, is, but, "catalog");
	compare_with(c, was, is, "/Perms", compare_perms);
	compare_with(c, was, is, "/AcroForm", form_compare);
	compare_with(c, was, is, "/Pages", page_compare);
	compare_with(c, was, is, "/StructTreeRoot", struct_compare);
}

/* Info, ID and Size may change: they describe, and show nothing. */
static void
compare_trailer(struct change *c)
{
	unsigned was = graph_trailer(c->was), is = graph_trailer(c->is);

	change_same_key(c, was, is, "/Encrypt", "encryption");
	compare_with(c, was, is, "/Root", compare_catalog);
}

/* The strictest of all levels that apply. */
static void
restrict_to(struct change *c, int p)
{
	if (p != 0 && (c->permission == 0 || p < c->permission))
		c->permission = p;
}

/* By the certification of the signed revision, and by this signature. */
static void
read_permission(struct change *c)
{
	unsigned trailer = graph_trailer(c->was);
	unsigned root = graph_key(c->was, trailer, "/Root");
	unsigned perms = graph_key(c->was, root, "/Perms");
	unsigned first = graph_key(c->was, perms, "/DocMDP");
	unsigned own = graph_object(c->was, c->dict);
	unsigned lock = lock_transform(c->was, own, "/FieldMDP");

	restrict_to(c, lock_level(c->was, first));
	restrict_to(c, lock_level(c->was, own));
	lock_add(&c->locks, c->was, lock);
}

static void
release(struct change *c)
{
	lock_release(&c->locks);
	idset_release(&c->ruled_was);
	idset_release(&c->ruled_is);
	idset_release(&c->new_widgets);
	idset_release(&c->values);
	idset_release(&c->given_up);
	idset_release(&c->compared);
	idset_release(&c->fields);
	pairset_release(&c->seen);
	free(c->queue);
}

void
pades_compare(const struct pades_signed *s, struct signature_report *out)
{
	struct change c = {
		.was = s->was, .is = s->is, .dict = s->dict, .out = out
	};

	read_permission(&c);
	form_collect(&c);
	page_collect(&c);
	struct_collect(&c);
	compare_trailer(&c);
	drain(&c);
	if (!c.forbidden && graph_is_damaged(c.is))
		change_forbid(&c, "an object cannot be read");
	out->changes_after =
	    c.forbidden ? CHANGES_FORBIDDEN : CHANGES_PERMITTED;
	release(&c);
}
