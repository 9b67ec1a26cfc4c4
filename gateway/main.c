/*
 * hosogate: looks its command up and calls it.
 */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "gateway/cli.h"
#include "gateway/files.h"

#define VERSION "0.1.0"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "serve", cli_serve, "run the gateway" },
	{ "migrate", cli_migrate, "bring the database to this schema" },
	{ "verify", cli_verify, "judge signatures in files" },
	{ "chain", cli_chain, "judge the path of certificates" },
	{ "sign", cli_sign, "sign files" },
	{ "ledger", cli_ledger, "prove that the money balances" },
	{ "queue", cli_queue, "what is to be sent" },
	{ "audit", cli_audit, "check the record's chain" },
	{ "reconcile", cli_reconcile, "settle against a provider's file" },
	{ "score", cli_score, "compute a set of scores" },
	{ "import", cli_import, "load procedures, calendar, people" },
	{ "doctor", cli_doctor, "what is wrong here, and how to mend it" },
};

static int
usage(void)
{
	fprintf(stderr, "usage: hosogate COMMAND [ARGUMENTS]\n"
			"       hosogate --version\n\n");
	for (size_t i = 0; i < nitems(commands); i++)
		fprintf(
		    stderr, "  %-8s %s\n", commands[i].name, commands[i].what);
	return CLI_USAGE;
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		return usage();
	if (strcmp(argv[1], "--version") == 0) {
		printf("hosogate %s, schema %d\n", VERSION,
		    files_schema_version());
		return CLI_OK;
	}
	for (size_t i = 0; i < nitems(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "hosogate: no such command: %s\n", argv[1]);
	return usage();
}
