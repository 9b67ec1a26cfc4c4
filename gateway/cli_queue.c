/*
 * hosogate queue list                  what waits and what was given up
 * hosogate queue list --bounced        mails that were accepted and came back
 * hosogate queue show ID               every attempt to send one message
 * hosogate queue retry ID|--all-dead   again now, under the same id
 * hosogate queue pause CHANNEL         mail, webhook, or webhook:CLIENT
 * hosogate queue resume CHANNEL        also enables a portal that said 410
 *
 * with -c FILE.  All of it is done in the database, so it holds for every
 * gateway there is, from their next batch on; and what changes something
 * stands in the tenant's own chain of events.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/cli.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/event.h"

#define LIST_MAX 1000
#define PORTAL   "webhook:"
#define USAGE                                                                  \
	"usage: hosogate queue [-c FILE] list [--bounced] | show ID | "        \
	"retry ID|--all-dead | pause CHANNEL | resume CHANNEL\n"

struct options {
	const char *config;
	bool all_dead, bounced;
	const char *verb;
	const char *operand; /* NULL: none */
};

static bool
read_options(int argc, char **argv, struct options *o)
{
	const struct cli_option options[] = {
		{ "all-dead", .flag = &o->all_dead },
		{ "bounced", .flag = &o->bounced },
		{ .name = NULL },
	};

	if (!cli_options(argc, argv, options, &o->config))
		return false;
	o->verb = optind < argc ? argv[optind] : NULL;
	o->operand = optind + 1 < argc ? argv[optind + 1] : NULL;
	return o->verb != NULL && optind + 2 >= argc;
}

static bool
print_count(struct db *db, struct err *e)
{
	const struct db_arg none[] = { DB_END };
	struct db_rows *rows = NULL;

	if (!db_one(db, DB_queue_count, none, &rows, e))
		return false;
	printf("%lld chờ gửi, %lld không gửi được. / "
	       "%lld waiting, %lld given up.\n",
	    (long long)db_int(rows, 0, "waiting"),
	    (long long)db_int(rows, 0, "dead"),
	    (long long)db_int(rows, 0, "waiting"),
	    (long long)db_int(rows, 0, "dead"));
	if (db_text(rows, 0, "stopped")[0] != '\0')
		printf(
		    "Đang dừng / stopped: %s\n", db_text(rows, 0, "stopped"));
	db_rows_free(rows);
	return true;
}

static bool
list_bounced(struct db *db, struct err *e)
{
	const struct db_arg args[] = { DB_INT(LIST_MAX), DB_END };
	struct db_rows *rows = NULL;
	char at[CLOCK_RFC3339_LEN];

	if (!db_query(db, DB_bounce_list_all, args, &rows, e))
		return false;
	for (int i = 0; i < db_count(rows); i++) {
		clock_rfc3339(db_time(rows, i, "at"), at);
		printf("bounced %8lld  %.19sZ  %-24s %-9s  %-24s  %s  %s\n",
		    (long long)db_int(rows, i, "id"), at,
		    db_text(rows, i, "code"), db_text(rows, i, "recipient"),
		    db_text(rows, i, "template"), db_text(rows, i, "peer"),
		    db_text(rows, i, "reply"));
	}
	printf("%d thư bị trả lại. / %d bounced.\n", db_count(rows),
	    db_count(rows));
	db_rows_free(rows);
	return true;
}

static bool
list(struct db *db, const struct options *o, struct err *e)
{
	const struct db_arg args[] = { DB_INT(LIST_MAX), DB_END };
	struct db_rows *rows = NULL;
	char at[CLOCK_RFC3339_LEN];

	if (o->bounced)
		return list_bounced(db, e);
	if (!db_query(db, DB_queue_list, args, &rows, e))
		return false;
	for (int i = 0; i < db_count(rows); i++) {
		clock_rfc3339(db_time(rows, i, "at"), at);
		printf("%-7s %8lld  %.19sZ  %-7s  %-24s %-9s  %-24s  %lld  "
		       "%s\n",
		    db_text(rows, i, "state"), (long long)db_int(rows, i, "id"),
		    at, db_text(rows, i, "channel"), db_text(rows, i, "code"),
		    db_text(rows, i, "recipient"), db_text(rows, i, "template"),
		    (long long)db_int(rows, i, "failures"),
		    db_text(rows, i, "reply"));
	}
	db_rows_free(rows);
	return print_count(db, e);
}

static bool
message_id(const struct options *o, int64_t *id, struct err *e)
{
	if (o->operand == NULL || !text_int(o->operand, id))
		return err_set(e, ERR_BAD_REQUEST,
		    "queue: \"%s\" is not the number of a message",
		    o->operand != NULL ? o->operand : "");
	return true;
}

static void
print_attempt(const struct db_rows *rows, int i)
{
	char at[CLOCK_RFC3339_LEN];

	clock_rfc3339(db_time(rows, i, "at"), at);
	printf("%s  %-8s  #%lld  %lld  %s%s  %s  <%s>\n", at,
	    db_text(rows, i, "status"), (long long)db_int(rows, i, "attempt"),
	    (long long)db_int(rows, i, "code"), db_text(rows, i, "peer"),
	    db_bool(rows, i, "tls") ? " TLS" : "", db_text(rows, i, "reply"),
	    db_text(rows, i, "message_id"));
}

static bool
show(struct db *db, const struct options *o, struct err *e)
{
	struct db_rows *rows = NULL;
	int64_t id;

	if (!message_id(o, &id, e))
		return false;

	const struct db_arg args[] = { DB_INT(id), DB_END };
	if (!db_query(db, DB_queue_show, args, &rows, e))
		return false;
	if (db_count(rows) == 0)
		puts("Chưa gửi lần nào. / Not tried yet.");
	else
		printf("%s  %s  %s  %s\n", db_text(rows, 0, "dossier"),
		    db_text(rows, 0, "channel"), db_text(rows, 0, "recipient"),
		    db_text(rows, 0, "template"));
	for (int i = 0; i < db_count(rows); i++)
		print_attempt(rows, i);
	db_rows_free(rows);
	return true;
}

/* What an operator does to the queue, in one transaction with its record. */
struct deed {
	const char *kind; /* of the event */
	enum db_stmt stmt;
	struct db_arg args[3];
	const char *what; /* "mail", "webhook:portal", "4711", "--all-dead" */
	int count;        /* rows that it touched */
};

/* Into the tenant's own chain, for the first row of each tenant. */
static bool
record(struct db *db, const struct deed *d, int64_t tenant, struct err *e)
{
	struct event event = { .tenant = tenant, .kind = d->kind };
	struct json *data = json_new_object();
	char *text;
	bool ok;

	json_put_text(data, "what", d->what);
	json_put_int(data, "uid", getuid());
	text = json_write_sorted(data);
	event.data = text;
	ok = db_now(db, &event.at_us, e) && event_append(db, &event, 1, e);
	free(text);
	json_free(data);
	return ok;
}

static bool
is_first_of_tenant(const struct db_rows *rows, int row)
{
	for (int i = 0; i < row; i++)
		if (db_int(rows, i, "tenant_id") ==
		    db_int(rows, row, "tenant_id"))
			return false;
	return true;
}

static bool
perform(struct db *db, void *arg, struct err *e)
{
	struct deed *d = arg;
	struct db_rows *rows = NULL;
	bool ok;

	if (!db_query(db, d->stmt, d->args, &rows, e))
		return false;
	d->count = db_count(rows);
	ok = true;
	for (int i = 0; ok && i < d->count; i++)
		if (is_first_of_tenant(rows, i))
			ok = record(db, d, db_int(rows, i, "tenant_id"), e);
	db_rows_free(rows);
	return ok;
}

static bool
retry(struct db *db, const struct options *o, struct err *e)
{
	struct deed d = {
		.kind = "queue-retry",
		.stmt = DB_queue_revive,
		.what = o->all_dead ? "--all-dead" : o->operand,
	};
	int64_t id = 0;

	if (!o->all_dead && !message_id(o, &id, e))
		return false;
	d.args[0] = o->all_dead ? DB_NULL : DB_INT(id);
	d.args[1] = DB_END;
	if (!db_tx(db, perform, &d, e))
		return false;
	if (!o->all_dead && d.count == 0) {
		d.stmt = DB_queue_hurry;
		if (!db_tx(db, perform, &d, e))
			return false;
	}
	if (!o->all_dead && d.count == 0)
		return err_set(e, ERR_NOT_FOUND,
		    "queue: %lld neither waits nor was given up",
		    (long long)id);
	printf("Gửi lại %d. / %d will be sent again.\n", d.count, d.count);
	return true;
}

static bool
set_paused(struct db *db, const struct options *o, bool paused, struct err *e)
{
	const char *channel = o->operand != NULL ? o->operand : "";
	bool portal = strncmp(channel, PORTAL, strlen(PORTAL)) == 0;
	struct deed d = {
		.kind = paused ? "queue-pause" : "queue-resume",
		.stmt = portal ? DB_queue_pause_portal : DB_queue_pause,
		.args = {
			DB_TEXT(portal ? channel + strlen(PORTAL) : channel),
			DB_BOOL(paused),
			DB_END,
		},
		.what = channel,
	};

	if (!db_tx(db, perform, &d, e))
		return false;
	if (d.count == 0)
		return err_set(e, ERR_NOT_FOUND,
		    "queue: no channel \"%s\" (mail, webhook, webhook:CLIENT "
		    "once something was queued for it)",
		    channel);
	printf(
	    paused ? "%s: tạm dừng. / paused.\n" : "%s: tiếp tục. / resumed.\n",
	    channel);
	return true;
}

static bool
pause_channel(struct db *db, const struct options *o, struct err *e)
{
	return set_paused(db, o, true, e);
}

static bool
resume_channel(struct db *db, const struct options *o, struct err *e)
{
	return set_paused(db, o, false, e);
}

static const struct {
	const char *name;
	bool (*run)(struct db *db, const struct options *o, struct err *e);
} verbs[] = {
	{ "list", list },
	{ "show", show },
	{ "retry", retry },
	{ "pause", pause_channel },
	{ "resume", resume_channel },
};

static bool
run(struct db *db, const struct options *o, struct err *e)
{
	for (size_t i = 0; i < nitems(verbs); i++)
		if (strcmp(verbs[i].name, o->verb) == 0)
			return verbs[i].run(db, o, e);
	return err_set(e, ERR_BAD_REQUEST, "queue: no command \"%s\"", o->verb);
}

int
cli_queue(int argc, char **argv)
{
	struct options o = { .config = CONFIG_PATH };
	struct config *config = NULL;
	struct db *db = NULL;
	struct err e = { 0 };
	int status = CLI_FAILED;

	if (!read_options(argc, argv, &o)) {
		fputs(USAGE, stderr);
		return CLI_USAGE;
	}
	if (config_load(o.config, &config, &e) &&
	    db_open(config->database, "hosogate queue", &db, &e) &&
	    run(db, &o, &e))
		status = CLI_OK;
	else
		cli_complain(argv[0], &e);
	db_close(db);
	config_free(config);
	return status;
}
