/*
 * hosogate ledger check [--json] [-c FILE]
 *
 * Proves that the money balances: every journal and the whole sum to zero,
 * every paid attempt is booked once and pays one request, every request is
 * the sum of its lines.  Exit status 0: it does; 1: it does not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/money.h"
#include "gateway/cli.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/ledger.h"

struct options {
	const char *config;
	bool json;
};

static bool
read_options(int argc, char **argv, struct options *o)
{
	const struct cli_option options[] = {
		{ "json", .flag = &o->json },
		{ .name = NULL },
	};

	return cli_options(argc, argv, options, &o->config) &&
	       optind + 1 == argc && strcmp(argv[optind], "check") == 0;
}

static void
print_accounts(const struct json *accounts)
{
	char balance[MONEY_TEXT_LEN];

	for (size_t i = 0; i < json_count(accounts); i++) {
		const struct json *a = json_at(accounts, i);

		money_text(
		    (struct money){ json_int(a, "balance", 0) }, balance);
		printf("  %-20s %-40s %20s\n", json_text(a, "tenant", ""),
		    json_text(a, "account", ""), balance);
	}
}

static void
print_faults(const struct json *faults)
{
	for (size_t i = 0; i < json_count(faults); i++) {
		const struct json *f = json_at(faults, i);

		printf("! %s: %lld (%s)\n", json_text(f, "rule", ""),
		    (long long)json_int(f, "count", 0),
		    json_text(f, "which", ""));
	}
}

static void
print(const struct json *j)
{
	char sum[MONEY_TEXT_LEN], paid[MONEY_TEXT_LEN];

	money_text((struct money){ json_int(j, "balance", 0) }, sum);
	money_text((struct money){ json_int(j, "paid_amount", 0) }, paid);
	printf("journals %lld, entries %lld, sum %s\n"
	       "attempts paid %lld (%s), surplus %lld, in review %lld, "
	       "unanswered for a day %lld\n"
	       "notices for orders that we do not know: %lld, "
	       "money for nobody: %lld\n",
	    (long long)json_int(j, "journals", 0),
	    (long long)json_int(j, "entries", 0), sum,
	    (long long)json_int(j, "paid", 0), paid,
	    (long long)json_int(j, "surplus", 0),
	    (long long)json_int(j, "review", 0),
	    (long long)json_int(j, "unanswered", 0),
	    (long long)json_int(j, "orphans", 0),
	    (long long)json_int(j, "strays", 0));
	print_accounts(json_find(j, "accounts"));
	print_faults(json_find(j, "faults"));
	puts(json_bool(j, "balances", false)
		 ? "Sổ cái cân bằng. / The ledger balances."
		 : "SỔ CÁI KHÔNG CÂN BẰNG. / THE LEDGER DOES NOT BALANCE.");
}

static void
print_json(const struct json *j)
{
	char *text = json_write(j);

	puts(text);
	free(text);
}

int
cli_ledger(int argc, char **argv)
{
	struct options o = { .config = CONFIG_PATH };
	struct config *config = NULL;
	struct json *figures = NULL;
	struct db *db = NULL;
	struct err e = { 0 };
	bool balances = false;
	int status = CLI_FAILED;

	if (!read_options(argc, argv, &o)) {
		fputs("usage: hosogate ledger check [--json] [-c FILE]\n",
		    stderr);
		return CLI_USAGE;
	}
	if (!config_load(o.config, &config, &e) ||
	    !db_open(config->database, "ledger", &db, &e) ||
	    !ledger_check(db, &figures, &balances, &e)) {
		cli_complain("ledger", &e);
		goto out;
	}
	if (o.json)
		print_json(figures);
	else
		print(figures);
	status = balances ? CLI_OK : CLI_FAILED;

out:
	json_free(figures);
	db_close(db);
	config_free(config);
	return status;
}
