/* The chains of events and the dossiers that they tell of; see audit.h. */
#include <inttypes.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/audit.h"
#include "gateway/audit_replay.h"
#include "gateway/db.h"
#include "gateway/event.h"

#define CHAINS_PAGE 500
#define EVENTS_PAGE 2000

/* Both lists in the same order, a page of each in memory. */
struct walk {
	struct audit *a;
	struct db_rows *chains, *events;
	int chain, event; /* where we are in the page */
};

/* The links of one chain so far. */
struct link {
	int64_t seq;
	uint8_t hash[32];
	struct audit_replay replay;
};

static int64_t
of_chain(const struct walk *w, const char *column)
{
	return db_int(w->chains, w->chain, column);
}

static int64_t
of_event(const struct walk *w, const char *column)
{
	return db_int(w->events, w->event, column);
}

/* Makes the page hold the next event, if there is one. */
static bool
fill_events(struct walk *w, struct err *e)
{
	int n = w->events == NULL ? 0 : db_count(w->events);
	int64_t tenant = 0, dossier = 0, seq = 0;
	struct db_rows *next;

	if (w->event < n)
		return true;
	if (w->events != NULL && n < EVENTS_PAGE)
		return true; /* that was the last page */
	if (n > 0) {
		tenant = db_int(w->events, n - 1, "tenant_id");
		dossier = db_int(w->events, n - 1, "dossier_id");
		seq = db_int(w->events, n - 1, "seq");
	}
	{
		const struct db_arg args[] = { DB_INT(tenant), DB_INT(dossier),
			DB_INT(seq), DB_INT(EVENTS_PAGE), DB_END };

		if (!db_query(w->a->db, DB_audit_events, args, &next, e))
			return false;
	}
	db_rows_free(w->events);
	w->events = next;
	w->event = 0;
	return true;
}

static bool
fill_chains(struct walk *w, struct err *e)
{
	int n = w->chains == NULL ? 0 : db_count(w->chains);
	int64_t tenant = 0, dossier = -1;
	struct db_rows *next;

	if (w->chain < n)
		return true;
	if (w->chains != NULL && n < CHAINS_PAGE)
		return true;
	if (n > 0) {
		tenant = db_int(w->chains, n - 1, "tenant_id");
		dossier = db_int(w->chains, n - 1, "dossier_id");
	}
	{
		const struct db_arg args[] = { DB_INT(tenant), DB_INT(dossier),
			DB_INT(CHAINS_PAGE), DB_END };

		if (!db_query(w->a->db, DB_audit_chains, args, &next, e))
			return false;
	}
	db_rows_free(w->chains);
	w->chains = next;
	w->chain = 0;
	return true;
}

static bool
has_event(const struct walk *w)
{
	return w->event < db_count(w->events);
}

/* Is the event at hand a link of the chain at hand? */
static bool
belongs(const struct walk *w)
{
	return has_event(w) &&
	       of_event(w, "tenant_id") == of_chain(w, "tenant_id") &&
	       of_event(w, "dossier_id") == of_chain(w, "dossier_id");
}

/* Does the event at hand come before the chain at hand?  Then none has it. */
static bool
is_stray(const struct walk *w)
{
	int64_t tenant = of_chain(w, "tenant_id");

	if (!has_event(w))
		return false;
	if (of_event(w, "tenant_id") != tenant)
		return of_event(w, "tenant_id") < tenant;
	return of_event(w, "dossier_id") < of_chain(w, "dossier_id");
}

static bool
found_stray(struct walk *w)
{
	return audit_found(w->a,
	    "event of tenant %" PRId64 ", dossier %" PRId64 ", seq %" PRId64
	    ": it belongs to no chain",
	    of_event(w, "tenant_id"), of_event(w, "dossier_id"),
	    of_event(w, "seq"));
}

/* Tenant, dossier and, for an event, its number and kind. */
static bool
found_at_event(struct walk *w, const char *what)
{
	return audit_found(w->a,
	    "tenant %s, dossier %s (%" PRId64 "), event seq %" PRId64
	    " (%s): %s",
	    db_text(w->chains, w->chain, "tenant"),
	    db_text(w->chains, w->chain, "code"), of_chain(w, "dossier_id"),
	    of_event(w, "seq"), db_text(w->events, w->event, "kind"), what);
}

static bool
found_at_dossier(struct walk *w, const char *table, const char *what)
{
	return audit_found(w->a,
	    "tenant %s, %s of dossier %s (%" PRId64 "): %s",
	    db_text(w->chains, w->chain, "tenant"), table,
	    db_text(w->chains, w->chain, "code"), of_chain(w, "dossier_id"),
	    what);
}

static bool
equal(struct db_bytes a, const uint8_t b[32])
{
	return a.len == 32 && memcmp(a.data, b, 32) == 0;
}

static void
hash_event(const struct walk *w, const uint8_t prev[32], uint8_t out[32])
{
	const struct event_link l = {
		.tenant = of_event(w, "tenant_id"),
		.dossier = of_event(w, "dossier_id"),
		.seq = of_event(w, "seq"),
		.at_us = db_time(w->events, w->event, "at"),
		.actor = of_event(w, "actor"),
		.kind = db_text(w->events, w->event, "kind"),
		.data = db_text(w->events, w->event, "data"),
	};

	event_hash(&l, prev, out);
}

/* What the next link, or else the chain's row, says this one's hash is;
 * empty when neither is at hand. */
static struct db_bytes
successor(struct walk *w)
{
	int next = w->event + 1;

	if (of_event(w, "seq") == of_chain(w, "seq"))
		return db_bytes(w->chains, w->chain, "head");
	if (next < db_count(w->events))
		return db_bytes(w->events, next, "prev");
	return (struct db_bytes){ NULL, 0 };
}

/*
 * Which column it was.  The hash that the row should have is known; whoever
 * agrees with it tells which of the others was touched.
 */
static bool
name_column(struct walk *w, const struct link *l, const uint8_t should[32])
{
	struct db_bytes hash = db_bytes(w->events, w->event, "hash");
	struct db_bytes prev = db_bytes(w->events, w->event, "prev");
	uint8_t as_it_says[32];

	if (equal(hash, should))
		return found_at_event(w, "column prev was changed");
	if (equal(successor(w), should))
		return found_at_event(w, "column hash was changed");
	if (equal(prev, l->hash))
		return found_at_event(
		    w, "one of kind, at, actor, data was changed");
	if (prev.len == 32) {
		hash_event(w, prev.data, as_it_says);
		if (equal(hash, as_it_says))
			return found_at_event(w, "it follows another row than "
						 "the one before it");
	}
	return found_at_event(w, "several of its columns were changed");
}

static bool
check_link(struct walk *w, struct link *l)
{
	uint8_t should[32];

	if (of_event(w, "seq") != l->seq + 1)
		return found_at_event(w, "the event before it is missing");
	hash_event(w, l->hash, should);
	if (!equal(db_bytes(w->events, w->event, "hash"), should) ||
	    !equal(db_bytes(w->events, w->event, "prev"), l->hash))
		return name_column(w, l, should);
	memcpy(l->hash, should, 32);
	l->seq++;
	return true;
}

static bool
check_document(struct walk *w, const struct json *doc, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(of_event(w, "tenant_id")),
		DB_INT(of_event(w, "dossier_id")),
		DB_TEXT(json_text(doc, "name", "")),
		DB_TEXT(json_text(doc, "sha256", "")),
		DB_END,
	};
	struct db_rows *r;
	bool there;

	if (!db_one(w->a->db, DB_audit_told, args, &r, e))
		return false;
	there = db_bool(r, 0, "there");
	db_rows_free(r);
	return there || found_at_event(w, "a document that it tells of is "
					  "not there, or is another");
}

/* Events that tell of a paper, and of which kind. */
static const char *
paper_of(const char *kind)
{
	static const struct {
		const char *kind, *what;
	} told[] = {
		{ "form", "form" },
		{ "receipt", "receipt" },
		{ "receipt-correct", "receipt" },
		{ "payment-voucher", "voucher" },
	};

	for (size_t i = 0; i < nitems(told); i++)
		if (strcmp(told[i].kind, kind) == 0)
			return told[i].what;
	return NULL;
}

static bool
check_paper(struct walk *w, const struct json *data, struct err *e)
{
	const char *what = paper_of(db_text(w->events, w->event, "kind"));
	const struct db_arg args[] = { DB_INT(of_event(w, "tenant_id")),
		DB_INT(of_event(w, "dossier_id")), DB_TEXT(what),
		DB_TEXT(json_text(data, "sha256", "")), DB_END };
	struct db_rows *r;
	bool there;

	if (what == NULL)
		return true;
	if (!db_one(w->a->db, DB_audit_paper_told, args, &r, e))
		return false;
	there = db_bool(r, 0, "there");
	db_rows_free(r);
	return there ||
	       found_at_event(w, "the form, receipt or voucher that it tells "
				 "of is not there, or is another");
}

/* Documents that the event says were handed in must be there, and what it says
 * was made. */
static bool
check_told(struct walk *w, struct err *e)
{
	const char *data = db_text(w->events, w->event, "data");
	const struct json *list;
	struct json *j = NULL;
	struct err unused;
	bool ok = true;

	if (!json_parse(data, strlen(data), &j, &unused))
		return found_at_event(w, "its data is no JSON");
	list = json_find(j, "documents");
	for (size_t i = 0; ok && i < json_count(list); i++)
		ok = check_document(w, json_at(list, i), e);
	ok = ok && check_paper(w, j, e);
	json_free(j);
	return ok;
}

static bool
check_events(struct walk *w, struct link *l, struct err *e)
{
	const char *wrong;

	while (belongs(w)) {
		if (!check_link(w, l) || !check_told(w, e))
			return false;
		wrong = audit_replay_event(&l->replay,
		    db_text(w->events, w->event, "kind"),
		    db_time(w->events, w->event, "at"),
		    db_text(w->events, w->event, "data"));
		if (wrong != NULL && of_chain(w, "dossier_id") != 0)
			return found_at_event(w, wrong);
		w->a->events++;
		w->event++;
		if (!fill_events(w, e))
			return false;
	}
	return true;
}

static bool
check_dossier(struct walk *w, const struct link *l)
{
	const char *column;

	if (of_chain(w, "dossier_id") == 0)
		return true; /* the tenant's own chain */
	if (of_chain(w, "state") == 0)
		return found_at_dossier(w, "dossier", "the row is gone");
	column = audit_replay_column(&l->replay, w->chains, w->chain);
	if (column == NULL)
		return true;
	return audit_found(w->a,
	    "tenant %s, dossier %s (%" PRId64
	    "): column %s is not what its events say",
	    db_text(w->chains, w->chain, "tenant"),
	    db_text(w->chains, w->chain, "code"), of_chain(w, "dossier_id"),
	    column);
}

static bool
check_chain(struct walk *w, struct err *e)
{
	struct link l = { .seq = 0 };

	if (is_stray(w))
		return found_stray(w);
	if (of_chain(w, "seq") == 0 && !belongs(w))
		return found_at_dossier(w, "event", "no event tells of it");
	if (!check_events(w, &l, e))
		return false;
	if (of_chain(w, "seq") != l.seq)
		return found_at_dossier(w, "event_chain",
		    of_chain(w, "seq") > l.seq ? "its last events are missing"
					       : "column seq was changed");
	if (!equal(db_bytes(w->chains, w->chain, "head"), l.hash))
		return found_at_dossier(
		    w, "event_chain", "column head was changed");
	w->a->chains++;
	return check_dossier(w, &l);
}

static bool
walk(struct walk *w, struct err *e)
{
	if (!fill_events(w, e))
		return false;
	for (; fill_chains(w, e); w->chain++) {
		if (w->chain == db_count(w->chains))
			return true;
		if (!check_chain(w, e))
			return false;
	}
	return false;
}

bool
audit_chains(struct audit *a, struct err *e)
{
	struct walk w = { .a = a };
	bool ok = walk(&w, e);

	/* What no chain has claimed is nobody's. */
	if (ok && has_event(&w))
		ok = found_stray(&w);
	db_rows_free(w.chains);
	db_rows_free(w.events);
	return ok;
}
