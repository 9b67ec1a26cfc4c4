/*
 * hosogate audit verify [-c FILE]
 *	recomputes every chain, head and signature, the hashes of documents,
 *	forms and receipts, and the dossiers from their events; exit status 1
 *and the first row that lies, or 0 hosogate audit export [-c FILE] CODE
 *[FOLDER] a dossier's evidence as a new folder, called as its code hosogate
 *audit rejudge FOLDER draws the verdicts of an exported dossier again from its
 *folder alone; exit status 1 when one is not as recorded
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/err.h"
#include "crypto/sign.h"
#include "crypto/verifier.h"
#include "gateway/audit.h"
#include "gateway/cli.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/rejudge.h"

static bool
verify_all(struct db *db, void *arg, struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	struct audit *a = arg;

	a->db = db;
	return db_exec(db, DB_audit_snapshot, none, NULL, e) &&
	       audit_chains(a, e) && audit_heads(a, e) &&
	       audit_documents(a, e) && audit_papers(a, e);
}

static void
report(const struct audit *a)
{
	printf("chuỗi / chains      %8" PRId64 "  nguyên vẹn / sound\n"
	       "sự kiện / events    %8" PRId64 "  nguyên vẹn / sound\n"
	       "tài liệu / documents%8" PRId64 "  nguyên vẹn / sound\n"
	       "giấy tờ / papers    %8" PRId64 "  nguyên vẹn / sound\n"
	       "mốc / heads         %8" PRId64 "  nguyên vẹn / sound\n",
	    a->chains, a->events, a->documents, a->papers, a->heads);
	if (a->key == NULL)
		printf("chữ ký / signatures       -  không kiểm tra / not "
		       "checked: head_key_file is unset\n");
	else
		printf("chữ ký / signatures %8" PRId64 "  hợp lệ / valid\n",
		    a->signatures);
	printf("chưa ký / unsigned  %8" PRId64 "  events since the last head\n",
	    a->unsigned_events);
}

static int
verify(const struct config *config, struct db *db)
{
	struct own_key *key = NULL;
	struct audit a = { .db = db };
	struct err e = { 0 };
	int status = CLI_FAILED;

	if (config->head_key_file[0] != '\0' &&
	    !sign_open_own(config->head_key_file, &key, &e)) {
		cli_complain("audit", &e);
		return CLI_FAILED;
	}
	a.key = key;
	if (db_tx(db, verify_all, &a, &e)) {
		report(&a);
		status = CLI_OK;
	} else if (a.lie[0] != '\0') {
		printf("SAI LỆCH / LIE: %s\n", a.lie);
	} else {
		cli_complain("audit", &e);
	}
	sign_close_own(key);
	return status;
}

static int export(struct db *db, const char *code, const char *folder)
{
	struct err e = { 0 };

	if (!audit_export(db, code, folder, &e)) {
		cli_complain("audit", &e);
		return CLI_FAILED;
	}
	printf("%s\n", folder);
	return CLI_OK;
}

static int
rejudge(const char *folder)
{
	struct verifier *v = verifier_new(1);
	struct rejudge_counts counts = { 0 };
	struct err e = { 0 };
	bool ok = rejudge_folder(v, folder, &counts, &e);

	if (!ok)
		cli_complain("audit", &e);
	else
		printf("như đã ghi / as recorded %4zu\n"
		       "khác biệt / different    %4zu\n",
		    counts.same, counts.different);
	verifier_free(v);
	return ok && counts.different == 0 ? CLI_OK : CLI_FAILED;
}

/* argv begins with verify or export. */
static int
run(const struct config *config, int argc, char **argv)
{
	struct db *db = NULL;
	struct err e = { 0 };
	int status;

	/* Bare: without the limits on time that guard the gateway's own. */
	if (!db_open_bare(config->database, &db, &e)) {
		cli_complain("audit", &e);
		return CLI_FAILED;
	}
	status = strcmp(argv[0], "verify") == 0
		     ? verify(config, db)
		     : export(db, argv[optind], argv[argc - 1]);
	db_close(db);
	return status;
}

int
cli_audit(int argc, char **argv)
{
	static const char verify_usage[] = "audit verify [-c FILE]";
	static const char export_usage[] =
	    "audit export [-c FILE] CODE [FOLDER]";
	bool exports = argc > 1 && strcmp(argv[1], "export") == 0;
	struct config *config = NULL;
	int status;

	if (argc == 3 && strcmp(argv[1], "rejudge") == 0)
		return rejudge(argv[2]);
	if (!exports && (argc < 2 || strcmp(argv[1], "verify") != 0)) {
		fprintf(stderr,
		    "usage: hosogate %s\n"
		    "       hosogate %s\n"
		    "       hosogate audit rejudge FOLDER\n",
		    verify_usage, export_usage);
		return CLI_USAGE;
	}
	status = cli_config(
	    argc - 1, argv + 1, exports ? export_usage : verify_usage, &config);
	if (status == CLI_OK)
		status = run(config, argc - 1, argv + 1);
	config_free(config);
	return status;
}
