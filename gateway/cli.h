#ifndef GATEWAY_CLI_H
#define GATEWAY_CLI_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The commands, one a file cli_<command>.c.  Each gets its own name in
 * argv[0], parses its options with getopt(3), writes its result to standard
 * output and what went wrong to standard error, and returns the exit status.
 */
#define CLI_OK     0
#define CLI_FAILED 1
#define CLI_USAGE  64 /* EX_USAGE of sysexits(3) */

struct config;
struct err;

/* A long option and where its value goes: one of the three. */
struct cli_option {
	const char *name;
	const char **text;
	bool *flag;
	int64_t *number; /* from 1 */
};

/* Reads the options, up to one without a name, and -c FILE where config is not
 * NULL; the operands begin at optind.  False: the usage is to be shown. */
bool cli_options(int argc, char **argv, const struct cli_option *options,
    const char **config);

/*
 * For a command whose only option is -c FILE: reads it and loads the
 * configuration; the operands begin at optind.  CLI_OK, or the status to exit
 * with, after saying why.
 *
 * usage declares the operands: in "import [-c FILE] FILE..." there is at least
 * one; in "audit export [-c FILE] CODE [FOLDER]" there are one or two.
 */
int cli_config(int argc, char **argv, const char *usage, struct config **out);

/* Says why a command failed: the title in both languages, the field, the
 * detail.  A person reads it, and may be the one who has to mend it. */
void cli_complain(const char *command, const struct err *e);

int cli_audit(int argc, char **argv);
int cli_chain(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_import(int argc, char **argv);
int cli_ledger(int argc, char **argv);
int cli_migrate(int argc, char **argv);
int cli_queue(int argc, char **argv);
int cli_reconcile(int argc, char **argv);
int cli_score(int argc, char **argv);
int cli_serve(int argc, char **argv);
int cli_sign(int argc, char **argv);
int cli_verify(int argc, char **argv);

#endif /* GATEWAY_CLI_H */
