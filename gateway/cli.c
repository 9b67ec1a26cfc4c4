#include "gateway/cli.h"

#include <assert.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "gateway/config.h"

#define OPTION_C  " [-c FILE]"

#define LONGS_MAX 16
#define LONGS     256 /* beyond every letter */

static bool
put_value(const struct cli_option *o)
{
	if (o->flag != NULL)
		*o->flag = true;
	else if (o->text != NULL)
		*o->text = optarg;
	else
		return text_int(optarg, o->number) && *o->number > 0;
	return true;
}

bool
cli_options(int argc, char **argv, const struct cli_option *options,
    const char **config)
{
	struct option longs[LONGS_MAX + 1] = { 0 };
	int c;

	for (int i = 0; options[i].name != NULL; i++) {
		assert(i < LONGS_MAX);
		longs[i] = (struct option){ options[i].name,
			options[i].flag != NULL ? no_argument
						: required_argument,
			NULL, LONGS + i };
	}
	while ((c = getopt_long(argc, argv, config != NULL ? "c:" : "", longs,
		    NULL)) != -1) {
		if (c == 'c')
			*config = optarg;
		else if (c < LONGS || !put_value(&options[c - LONGS]))
			return false;
	}
	return true;
}

/* Are there as many operands as the usage has words after the option? */
static bool
operands_fit(const char *usage, int count)
{
	const char *p = strstr(usage, OPTION_C);
	int least = 0, most = 0;

	assert(p != NULL);
	for (p += strlen(OPTION_C); *p != '\0'; p += strcspn(p + 1, " ") + 1) {
		size_t len = strcspn(p + 1, " ");

		least += p[1] != '[';
		most = len > 3 && strncmp(p + len - 2, "...", 3) == 0
			   ? INT_MAX
			   : most + 1;
	}
	return count >= least && count <= most;
}

static int
usage_error(const char *usage)
{
	fprintf(stderr, "usage: hosogate %s\n", usage);
	return CLI_USAGE;
}

int
cli_config(int argc, char **argv, const char *usage, struct config **out)
{
	const char *path = CONFIG_PATH;
	struct err e = { 0 };
	char command[40];
	int c;

	/* "+": what follows the first operand is the operand's. */
	while ((c = getopt(argc, argv, "+c:")) != -1) {
		if (c != 'c')
			return usage_error(usage);
		path = optarg;
	}
	if (!operands_fit(usage, argc - optind))
		return usage_error(usage);
	if (!config_load(path, out, &e)) {
		snprintf(command, sizeof(command), "%.*s",
		    (int)(strstr(usage, OPTION_C) - usage), usage);
		cli_complain(command, &e);
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
