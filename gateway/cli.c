#include "gateway/cli.h"

#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "gateway/config.h"

int
cli_config(int argc, char **argv, const char *usage, struct config **out)
{
	const char *path = CONFIG_PATH;
	struct err e = { 0 };
	int c;

	/* "+": what follows the first operand is the operand's. */
	while ((c = getopt(argc, argv, "+c:")) != -1) {
		if (c != 'c') {
			fprintf(stderr, "usage: hosogate %s\n", usage);
			return CLI_USAGE;
		}
		path = optarg;
	}
	if (!config_load(path, out, &e)) {
		cli_complain(argv[0], &e);
		return CLI_FAILED;
	}
	return CLI_OK;
}

void
cli_complain(const char *command, const struct err *e)
{
	fprintf(stderr, "hosogate %s: %s / %s\n", command,
	    err_title(e->code, ERR_VI), err_title(e->code, ERR_EN));
	if (e->pointer[0] != '\0')
		fprintf(stderr, "  %s\n", e->pointer);
	fprintf(stderr, "  %s\n", e->detail);
}
