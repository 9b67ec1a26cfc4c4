#include "crypto/sign_update.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "crypto/digest.h"
#include "crypto/pdf_revision.h"
#include "crypto/pdf_token.h"

/* Offsets in a cross-reference stream; 5 bytes hold PADES_FILE_MAX. */
#define OFFSET_BYTES 5
#define ENTRY_BYTES  (1 + OFFSET_BYTES + 2)

/* Numbers begin behind all that any revision ever used. */
bool
update_init(struct update *u, const uint8_t *data, size_t len, struct err *e)
{
	unsigned trailer, size;

	*u = (struct update){ 0 };
	if (!pdf_open(data, len, &u->pdf, e))
		return false;
	if (pdf_is_encrypted(u->pdf))
		return err_set(
		    e, ERR_UNREADABLE, "pdf: encrypted, not to be signed");
	if (!graph_open(data, len, &u->graph, e))
		return false;
	trailer = graph_trailer(u->graph);
	size = graph_key(u->graph, trailer, "/Size");
	u->next = (int)graph_int(u->graph, size, 1);
	if (u->next < (int)pdf_size(u->pdf))
		u->next = (int)pdf_size(u->pdf);
	buf_put(&u->out, data, len);
	if (!pdf_is_white(data[len - 1]))
		buf_puts(&u->out, "\n");
	return true;
}

void
update_release(struct update *u)
{
	graph_free(u->graph);
	pdf_close(u->pdf);
	buf_release(&u->out);
	*u = (struct update){ 0 };
}

struct graph_id
update_new_id(struct update *u)
{
	return (struct graph_id){ u->next++, 0 };
}

void
update_begin(struct update *u, struct graph_id id)
{
	assert(u->place_count < UPDATE_OBJECTS_MAX);

	u->places[u->place_count++] = (struct update_place){ id, u->out.len };
	buf_printf(&u->out, "%d %d obj\n", id.number, id.generation);
}

void
update_end(struct update *u)
{
	buf_puts(&u->out, "\nendobj\n");
}

/* A name with its slash; what is no regular character is written #xx. */
static void
put_name(struct buf *out, const char *name)
{
	buf_puts(out, "/");
	for (const char *p = name + 1; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c <= ' ' || c > '~' || c == '#' || pdf_is_delimiter(c))
			buf_printf(out, "#%02x", c);
		else
			buf_put(out, p, 1);
	}
}

static bool
is_among(const char *key, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(key, *list) == 0)
			return true;
	return false;
}

/* Direct values whole, indirect ones as references. */
static void
put_node(struct update *u, unsigned node)
{
	char *text = graph_write(u->graph, node, false);

	buf_puts(&u->out, text);
	free(text);
}

/* What is not replaced is carried over as it was. */
void
update_copy(struct update *u, unsigned dict, const char *const *but)
{
	const char **keys = graph_keys(u->graph, dict);

	buf_puts(&u->out, "<<");
	for (const char **k = keys; *k != NULL; k++) {
		unsigned value;

		if (is_among(*k, but))
			continue;
		value = graph_key(u->graph, dict, *k);
		buf_puts(&u->out, " ");
		put_name(&u->out, *k);
		buf_puts(&u->out, " ");
		put_node(u, value);
	}
	free(keys);
}

void
update_copy_items(struct update *u, unsigned array)
{
	buf_puts(&u->out, "[");
	for (int i = 0; i < graph_count(u->graph, array); i++) {
		unsigned item = graph_item(u->graph, array, i);

		buf_puts(&u->out, " ");
		put_node(u, item);
	}
}

static int
by_number(const void *a, const void *b)
{
	const struct update_place *x = a, *y = b;

	return (x->id.number > y->id.number) - (x->id.number < y->id.number);
}

/* How many places from i on have numbers that follow one another. */
static size_t
run(const struct update *u, size_t i)
{
	size_t n = 1;

	while (i + n < u->place_count &&
	       u->places[i + n].id.number == u->places[i].id.number + (int)n)
		n++;
	return n;
}

/* 14.4: the first half names the document for ever, the second this state. */
static void
put_id(struct update *u, unsigned trailer)
{
	unsigned id = graph_key(u->graph, trailer, "/ID");
	unsigned first =
	    graph_count(u->graph, id) == 2 ? graph_item(u->graph, id, 0) : 0;
	uint8_t hash[DIGEST_LEN];

	digest_sha256(u->out.data, u->out.len, hash);
	buf_puts(&u->out, " /ID [ ");
	if (first != 0) {
		put_node(u, first);
	} else {
		buf_puts(&u->out, "<");
		buf_hex(&u->out, hash + 16, 16);
		buf_puts(&u->out, ">");
	}
	buf_puts(&u->out, " <");
	buf_hex(&u->out, hash, 16);
	buf_puts(&u->out, "> ]");
}

/* Carried over where the base has it. */
static void
put_entry_of(struct update *u, unsigned trailer, const char *key)
{
	unsigned value = graph_key(u->graph, trailer, key);

	if (graph_kind(u->graph, value) != GRAPH_NULL) {
		buf_printf(&u->out, " %s ", key);
		put_node(u, value);
	}
}

/* What a trailer says in a table and in a stream alike (table 15). */
static void
put_trailer_entries(struct update *u)
{
	unsigned trailer = graph_trailer(u->graph);

	buf_printf(
	    &u->out, " /Size %d /Prev %zu", u->next, pdf_startxref(u->pdf));
	put_entry_of(u, trailer, "/Root");
	put_entry_of(u, trailer, "/Info");
	put_id(u, trailer);
}

/* 7.5.4: every entry is exactly 20 bytes long. */
static void
put_table(struct update *u)
{
	buf_puts(&u->out, "xref\n");
	for (size_t i = 0, n; i < u->place_count; i += n) {
		n = run(u, i);
		buf_printf(&u->out, "%d %zu\n", u->places[i].id.number, n);
		for (size_t j = i; j < i + n; j++)
			buf_printf(&u->out, "%010zu %05d n \n", u->places[j].at,
			    u->places[j].id.generation);
	}
	buf_puts(&u->out, "trailer\n<<");
	put_trailer_entries(u);
	buf_puts(&u->out, " >>\n");
}

/* Type 1: offset and generation (table 18). */
static void
put_stream_entry(struct update *u, const struct update_place *p)
{
	uint8_t entry[ENTRY_BYTES] = { 1 };

	for (size_t i = 0; i < OFFSET_BYTES; i++)
		entry[1 + i] = (uint8_t)(p->at >> (8 * (OFFSET_BYTES - 1 - i)));
	entry[ENTRY_BYTES - 2] = (uint8_t)(p->id.generation >> 8);
	entry[ENTRY_BYTES - 1] = (uint8_t)p->id.generation;
	buf_put(&u->out, entry, sizeof(entry));
}

/* 7.5.8.  Not compressed: it is a hundred bytes. */
static void
put_stream(struct update *u)
{
	buf_printf(&u->out, "<< /Type /XRef /W [ 1 %d 2 ] /Length %zu",
	    OFFSET_BYTES, u->place_count * ENTRY_BYTES);
	buf_puts(&u->out, " /Index [");
	for (size_t i = 0, n; i < u->place_count; i += n) {
		n = run(u, i);
		buf_printf(&u->out, " %d %zu", u->places[i].id.number, n);
	}
	buf_puts(&u->out, " ]");
	put_trailer_entries(u);
	buf_puts(&u->out, " >>\nstream\n");
	for (size_t i = 0; i < u->place_count; i++)
		put_stream_entry(u, &u->places[i]);
	buf_puts(&u->out, "\nendstream");
}

void
update_finish(struct update *u)
{
	bool stream = pdf_section(u->pdf, 0)->is_stream;
	size_t at = u->out.len;

	/* A cross-reference stream lists itself and has the last number. */
	if (stream)
		update_begin(u, update_new_id(u));
	qsort(u->places, u->place_count, sizeof(*u->places), by_number);
	if (stream) {
		put_stream(u);
		update_end(u);
	} else {
		put_table(u);
	}
	buf_printf(&u->out, "startxref\n%zu\n%%%%EOF\n", at);
}

/* The next character of valid UTF-8. */
static uint32_t
decode(const unsigned char **p)
{
	uint32_t c = *(*p)++;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

	if (more > 0)
		c &= 0x3fu >> more;
	while (more-- > 0)
		c = c << 6 | (*(*p)++ & 0x3fu);
	return c;
}

void
update_put_text(struct buf *out, const char *utf8)
{
	const unsigned char *p = (const unsigned char *)utf8;

	buf_puts(out, "<feff");
	while (*p != '\0') {
		uint32_t c = decode(&p);

		if (c >= 0x10000)
			buf_printf(out, "%04x%04x", 0xd7c0 + (c >> 10),
			    0xdc00 + (c & 0x3ff));
		else
			buf_printf(out, "%04x", c);
	}
	buf_puts(out, ">");
}
