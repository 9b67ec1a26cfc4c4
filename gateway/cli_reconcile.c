/*
 * hosogate reconcile [-c FILE] PROVIDER|BANK FILE DAY
 * hosogate reconcile --open [-c FILE]
 * hosogate reconcile --close ID --by LOGIN --note TEXT [-c FILE]
 *
 * Holds a provider's settlement file of a day (YYYY-MM-DD, Vietnam) against
 * the ledger, both ways; and a bank's statement of a day, for what providers
 * paid out, against their files.  A file in doubt is quarantined by its hash,
 * whole; the same file again changes nothing.  Every difference stays in the
 * list until all sides agree, or officers close it with a note: here one
 * closes it, or proposes to where that takes two; the other confirms by the
 * API, with a session of his own.
 *
 * Exit status 0: nothing differs; 1: something is open; 2: in quarantine.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/cli.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/difference.h"
#include "gateway/reconcile.h"

#define QUARANTINED 2
#define FILE_MAX    (256u << 20)
#define FORMATS_MAX 65536

struct options {
	const char *config, *by, *note;
	bool open;
	int64_t close;
};

static bool
read_options(int argc, char **argv, struct options *o)
{
	const struct cli_option options[] = {
		{ "open", .flag = &o->open },
		{ "close", .number = &o->close },
		{ "by", .text = &o->by },
		{ "note", .text = &o->note },
		{ .name = NULL },
	};

	if (!cli_options(argc, argv, options, &o->config))
		return false;
	if (o->close != 0)
		return !o->open && o->by != NULL && o->note != NULL &&
		       optind == argc;
	return argc - optind == (o->open ? 0 : 3);
}

static int
close_one(struct db *db, const struct options *o, struct err *e)
{
	struct auth_named officer;
	struct four_eyes_act a = { .id = o->close, .note = o->note };

	if (!auth_officer(db, o->by, AUTH_MONEY_MATCH, &officer, e) ||
	    !db_now(db, &a.at_us, e))
		return CLI_FAILED;
	a.tenant = officer.tenant;
	a.by = officer.by.n;
	if (!difference_close(db, &a, e))
		return CLI_FAILED;
	puts(strcmp(a.state, "closed") == 0
		 ? "Đã đóng. / Closed."
		 : "Đã đề nghị đóng, chờ cán bộ khác xác nhận. / Proposed; "
		   "another officer has to confirm.");
	return CLI_OK;
}

static int
print_open(struct db *db, struct err *e)
{
	struct db_rows *rows = NULL;
	int n;

	if (!reconcile_open(db, &rows, e))
		return CLI_FAILED;
	n = db_count(rows);
	for (int i = 0; i < n; i++)
		printf("%" PRId64 "  %s  %-8s  %-13s  %s  %s  ours %s  "
		       "theirs %s\n",
		    db_int(rows, i, "id"), db_text(rows, i, "day"),
		    db_text(rows, i, "provider"), db_text(rows, i, "class"),
		    db_text(rows, i, "txn"), db_text(rows, i, "ref"),
		    db_text(rows, i, "ours"), db_text(rows, i, "theirs"));
	printf("Chênh lệch / differences: %d\n", n);
	db_rows_free(rows);
	return n == 0 ? CLI_OK : CLI_FAILED;
}

static bool
load_formats(const struct config *c, struct json **out, struct err *e)
{
	struct blob text = { 0 };
	bool ok;

	if (c->settlement_formats[0] == '\0')
		return err_set(e, ERR_CONFIG, "settlement_formats is not set");
	ok = file_read(c->settlement_formats, FORMATS_MAX, &text, e) &&
	     json_parse((const char *)text.data, text.len, out, e);
	blob_release(&text);
	return ok;
}

static void
warn_of(const struct json *format)
{
	const char *open = json_text(format, "to_be_confirmed", NULL);

	if (open != NULL)
		printf("Định dạng chưa xác nhận / format not confirmed: %s\n",
		    open);
}

static void
print_taken(const struct reconciled *r)
{
	if (r->known)
		puts("Tệp này đã nhận trước đây. / This file was taken "
		     "before.");
	else if (r->why[0] != '\0')
		printf("Tệp bị cách ly. / In quarantine: %s\n", r->why);
	else if (r->bank)
		printf("Khoản chi trả / payouts: %" PRId64 "\n", r->rows);
	else
		printf("Dòng / rows: %" PRId64 ", khớp / matched: %" PRId64
		       ", khác / different: %" PRId64 "\n",
		    r->rows, r->matched, r->different);
}

static int
take(struct db *db, const struct config *c, char **operands, struct err *e)
{
	struct reconciled r = { 0 };
	struct json *formats = NULL;
	struct blob file = { 0 };
	struct reconcile_file f = { .name = operands[0], .day = operands[2] };
	int status = CLI_FAILED;

	if (!load_formats(c, &formats, e) ||
	    !file_read(operands[1], FILE_MAX, &file, e))
		goto out;
	warn_of(json_find(formats, f.name));
	f.formats = formats;
	f.bytes = (const char *)file.data;
	f.len = file.len;
	if (!reconcile_take(db, &f, &r, e))
		goto out;
	print_taken(&r);
	status = r.why[0] != '\0' ? QUARANTINED : print_open(db, e);

out:
	blob_release(&file);
	json_free(formats);
	return status;
}

int
cli_reconcile(int argc, char **argv)
{
	struct options o = { .config = CONFIG_PATH };
	struct config *config = NULL;
	struct db *db = NULL;
	struct err e = { 0 };
	int status = CLI_FAILED;

	if (!read_options(argc, argv, &o)) {
		fputs("usage: hosogate reconcile [-c FILE] PROVIDER|BANK FILE "
		      "DAY\n"
		      "       hosogate reconcile --open [-c FILE]\n"
		      "       hosogate reconcile --close ID --by LOGIN "
		      "--note TEXT [-c FILE]\n",
		    stderr);
		return CLI_USAGE;
	}
	if (!config_load(o.config, &config, &e) ||
	    !db_open(config->database, "reconcile", &db, &e))
		goto out;
	if (o.close != 0)
		status = close_one(db, &o, &e);
	else if (o.open)
		status = print_open(db, &e);
	else
		status = take(db, config, argv + optind, &e);

out:
	if (e.code != ERR_NONE)
		cli_complain("reconcile", &e);
	db_close(db);
	config_free(config);
	return status;
}
