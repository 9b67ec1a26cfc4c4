/*
 * hosogate import [-c FILE] FILE...: loads calendars, units, officers, peers,
 * procedures and score sets; import.h says how.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "gateway/cli.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/import.h"
#include "gateway/recount.h"

/* The file stands by then; a run that broke off goes on with the next. */
static bool
recount(
    struct db *db, const char *path, const struct imported *im, struct err *e)
{
	struct recount done;

	if (!im->calendars)
		return true;
	if (!recount_dossiers(db, im->tenant, &done, e)) {
		fprintf(stderr,
		    "%s: imported, but not all due dates are counted anew; "
		    "import it again\n",
		    path);
		return false;
	}
	printf("%s: %zu of %zu open dossiers moved\n", path, done.moved,
	    done.open);
	if (done.beyond > 0)
		fprintf(stderr,
		    "%s: warning: %zu open dossiers are due after their "
		    "calendar's end, and stay as they were\n",
		    path, done.beyond);
	return true;
}

static bool
import(struct db *db, const char *path, struct err *e)
{
	struct imported im;

	if (!import_file(db, path, &im, e)) {
		fprintf(stderr, "%s: not imported\n", path);
		return false;
	}
	return recount(db, path, &im, e);
}

int
cli_import(int argc, char **argv)
{
	static const char usage[] = "import [-c FILE] FILE...";
	struct config *config = NULL;
	struct db *db = NULL;
	struct err e = { 0 };
	int status = cli_config(argc, argv, usage, &config);

	if (status != CLI_OK)
		return status;
	if (!db_open(config->database_owner, "import", &db, &e)) {
		cli_complain(argv[0], &e);
		status = CLI_FAILED;
		goto out;
	}
	for (int i = optind; i < argc; i++) {
		if (import(db, argv[i], &e))
			continue;
		cli_complain(argv[0], &e);
		status = CLI_FAILED;
		break;
	}

out:
	db_close(db);
	config_free(config);
	return status;
}
