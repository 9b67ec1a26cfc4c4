#ifndef GATEWAY_STRAY_H
#define GATEWAY_STRAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"

/*
 * Money for nobody: a provider has proved it, and it is for no order of ours,
 * or came under another terminal than its order's.  It credits nothing until
 * one officer has said to which order it belongs and another has confirmed;
 * then it goes through payment_apply() like any other.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such money here
 *	ERR_BAD_FIELD	no such order at this provider
 *	ERR_WRONG_AMOUNT	the order asks for another amount
 *	ERR_WRONG_STATE	proposed already, or not yet
 *	ERR_SAME_PERSON	who proposed does not confirm
 *	ERR_STORAGE	from db.c
 */
struct db;
struct db_rows;
struct err;
struct json;

struct stray_act {
	struct tenant_id tenant;
	int64_t id, by, at_us;
	const char *attempt; /* to propose; NULL: it belongs to none of ours */
	const char *note;
};

/* Each in a transaction of its own. */
bool stray_propose(struct db *db, struct stray_act *a, struct err *e);
bool stray_confirm(struct db *db, struct stray_act *a, struct err *e);
bool stray_reopen(struct db *db, struct stray_act *a, struct err *e);

/* A row of stray_list, as the API shows it. */
struct json *stray_row(const struct db_rows *rows, int i);

#endif /* GATEWAY_STRAY_H */
