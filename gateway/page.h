#ifndef GATEWAY_PAGE_H
#define GATEWAY_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/db.h"

/*
 * One page of a list: {"items":[...],"next":"cursor" or null} with a Link
 * header (RFC 8288).  A statement asks for one row more than the limit, and
 * that row is how a page knows that there is a next one.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD	?limit= is not 1 to PAGE_LIMIT_MAX, or ?after= is none
 *			of our cursors
 */
struct err;
struct json;
struct reply;
struct request;

#define PAGE_LIMIT     50
#define PAGE_LIMIT_MAX 200

/* ?limit=, or PAGE_LIMIT, and ?after=: the place in the order of the last item
 * that was seen, both zero at the beginning. */
struct page_place {
	int64_t limit, a, b;
};
bool page_place(
    const struct request *req, struct page_place *out, struct err *e);

struct page {
	const struct request *req;
	struct json *items;
	int64_t limit, count;
	int64_t a, b; /* the cursor of the last item that was taken */
	bool more;
};

struct page page_begin(const struct request *req, int64_t limit);

/* Takes item over; a and b are its place in the order. */
void page_add(struct page *p, struct json *item, int64_t a, int64_t b);

/* The 200; extra, when not NULL, is put beside the items under its own keys
 * and taken over. */
struct reply *page_end(struct page *p, struct json *extra);

/* A list that one statement answers, in the order of two of its columns. */
typedef struct json *page_row_fn(const struct db_rows *rows, int i);

struct page_list {
	enum db_stmt stmt;
	page_row_fn *row;
	const char *instant; /* NULL: in the order of number alone */
	const char *number;
};

/* The statement and the answer; extra as above. */
struct reply *page_answer(const struct request *req, const struct page_list *l,
    int64_t limit, const struct db_arg *args, struct json *extra);

/* A whole list in the order of its ids; stmt takes the tenant, the id after
 * which to begin, and how many. */
struct reply *page_by_id(
    const struct request *req, enum db_stmt stmt, page_row_fn *row);

#endif /* GATEWAY_PAGE_H */
