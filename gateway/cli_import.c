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
		if (import_file(db, argv[i], &e))
			continue;
		fprintf(stderr, "%s: not imported\n", argv[i]);
		cli_complain(argv[0], &e);
		status = CLI_FAILED;
		break;
	}

out:
	db_close(db);
	config_free(config);
	return status;
}
