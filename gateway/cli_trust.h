#ifndef GATEWAY_CLI_TRUST_H
#define GATEWAY_CLI_TRUST_H

#include <getopt.h>
#include <stdbool.h>

#include "crypto/report.h"
#include "crypto/verifier.h"

/*
 * What `hosogate verify` and `hosogate chain` have in common: on whose trust,
 * on what evidence and for which moment they judge.  Files are read into
 * sealed memfds here and parsed nowhere but in a verifier child, as the server
 * does it.
 */
struct err;
struct trust_bundle;

struct cli_trust {
	const char *command;
	struct trust_bundle *bundle;
	struct verifier_job job; /* without the document */
	bool json;
};

/* The exit status; the worst file decides.  A contract (DESIGN 7). */
enum cli_verdict {
	CLI_PASSED = 0,
	CLI_INDETERMINATE = 1,
	CLI_TOTAL_FAILED = 2,
	CLI_UNREADABLE = 3,
};

enum cli_trust_opt {
	OPT_TRUST = 1,
	OPT_UNTRUSTED,
	OPT_CRL,
	OPT_OCSP,
	OPT_POLICY,
	OPT_LIST_SIGNER,
	OPT_AT,
	OPT_REVOCATION,
	OPT_JSON,
	CLI_TRUST_NEXT, /* where a command's own begin */
};

/* clang-format off */
#define CLI_TRUST_OPTIONS                                                      \
	{ "trust", required_argument, NULL, OPT_TRUST },                       \
	{ "untrusted", required_argument, NULL, OPT_UNTRUSTED },               \
	{ "crl", required_argument, NULL, OPT_CRL },                           \
	{ "ocsp", required_argument, NULL, OPT_OCSP },                         \
	{ "policy", required_argument, NULL, OPT_POLICY },                     \
	{ "list-signer", required_argument, NULL, OPT_LIST_SIGNER },           \
	{ "at", required_argument, NULL, OPT_AT },                             \
	{ "revocation", required_argument, NULL, OPT_REVOCATION },             \
	{ "json", no_argument, NULL, OPT_JSON }

#define CLI_TRUST_USAGE                                                        \
    "  --trust PATH          trust anchors: a file or a folder; repeatable\n"  \
    "  --untrusted PATH      certificates that may stand in a path\n"          \
    "  --list-signer PATH    whose trusted lists (ETSI TS 119 612) among the\n"\
    "                        anchors are believed\n"                           \
    "  --crl PATH            revocation lists; repeatable\n"                   \
    "  --ocsp PATH           OCSP answers; repeatable\n"                       \
    "  --at TIME             validation time, RFC 3339; default now\n"         \
    "  --revocation MODE     require (default), prefer or off\n"               \
    "  --policy FILE         algorithms and key sizes, by date\n"              \
    "  --json                one JSON object a line for each file\n"
/* clang-format on */

/* Every moment is now, and nobody is trusted. */
void cli_trust_open(struct cli_trust *t, const char *command);
void cli_trust_close(struct cli_trust *t);

/* Takes one of CLI_TRUST_OPTIONS; ERR_BAD_FIELD for anything else. */
bool cli_trust_option(
    struct cli_trust *t, int option, const char *word, struct err *e);

/* Reads the words before the first file, of which there has to be one.  take
 * gets each option, with its word in optarg. */
struct cli_trust_words {
	const struct option *options;
	const char *operand; /* what a file is called in the usage */
	bool (*take)(void *of, int option, struct err *e);
};
bool cli_trust_read(const struct cli_trust_words *w, void *of, int argc,
    char **argv, struct err *e);

/* After the last option, before the first file. */
void cli_trust_seal(struct cli_trust *t);

/* The file as a sealed memfd, which the caller closes. */
bool cli_load(const char *path, int *out, struct err *e);

/* Has the file judged; one that cannot be read gets a report that says so.
 * The caller frees. */
struct report *cli_judge(
    struct verifier *v, const struct cli_trust *t, const char *path);

enum cli_verdict cli_verdict(enum indication i);

/* Has each file judged; the exit status is that of the worst. */
typedef enum cli_verdict cli_judge_fn(
    struct verifier *v, const void *of, const char *path);
int cli_judge_all(
    struct verifier *v, cli_judge_fn *judge, const void *of, char **files);

/* Whether the child was stopped before it knew. */
bool cli_unfinished(const struct report *r);

#endif /* GATEWAY_CLI_TRUST_H */
