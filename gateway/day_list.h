#ifndef GATEWAY_DAY_LIST_H
#define GATEWAY_DAY_LIST_H

#include "gateway/db.h"

/*
 * What was recorded on a day, ?day=YYYY-MM-DD (Vietnam), whole: as JSON, or as
 * a table with ?format=csv.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD	?day= is none
 *	ERR_STORAGE	from db.c
 */
struct buf;
struct json;
struct reply;
struct request;

struct day_list {
	enum db_stmt stmt; /* of tenant and day */
	void (*csv)(struct db_rows *rows, struct buf *out);
	void (*json)(const struct db_rows *rows, struct json *out); /* beside
								     * "day" */
};

struct reply *day_list_answer(
    const struct request *req, const struct day_list *list);

#endif /* GATEWAY_DAY_LIST_H */
