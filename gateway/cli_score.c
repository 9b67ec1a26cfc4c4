/*
 * hosogate score --set SET --period P [--unit U] [--tenant T] [--cases]
 *                [--json] [-c FILE]
 *
 * A score set over a period, from the record: each figure with numerator,
 * denominator, formula and, with --cases, the dossiers behind it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "gateway/cli.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/score.h"

struct options {
	const char *config, *tenant, *period;
	bool json;
	struct score_question question;
};

static bool
read_options(int argc, char **argv, struct options *o)
{
	const struct cli_option options[] = {
		{ "set", .text = &o->question.set },
		{ "period", .text = &o->period },
		{ "unit", .text = &o->question.unit },
		{ "tenant", .text = &o->tenant },
		{ "cases", .flag = &o->question.cases },
		{ "json", .flag = &o->json },
		{ .name = NULL },
	};

	return cli_options(argc, argv, options, &o->config) && optind == argc &&
	       o->question.set != NULL && o->period != NULL;
}

static void
print_cases(const struct json *cases)
{
	for (size_t i = 0; i < json_count(cases); i++) {
		const struct json *c = json_at(cases, i);

		printf("        %s %s\n",
		    json_bool(c, "good", false) ? "+" : "-",
		    json_text(c, "subject", ""));
	}
}

/* What has no target is counted, and not judged. */
static void
print_target(const struct json *g)
{
	const char *target = json_text(g, "target", NULL);

	if (target != NULL)
		printf("  (≥ %s%%)", target);
	if (json_kind(json_find(g, "met")) == JSON_KIND_BOOL)
		printf("  %s", json_bool(g, "met", false)
				   ? "đạt / met"
				   : "chưa đạt / not met");
	printf("\n");
}

static void
print_group(const struct json *g)
{
	printf("    %-40s %6lld / %-6lld %7s%s", json_text(g, "group", ""),
	    (long long)json_int(g, "numerator", 0),
	    (long long)json_int(g, "denominator", 0), json_text(g, "rate", "-"),
	    json_text(g, "rate", NULL) == NULL ? "" : "%");
	print_target(g);
	print_cases(json_find(g, "cases"));
}

static void
print_set(const struct json *set)
{
	const struct json *criteria = json_find(set, "criteria");

	printf("%s (%s)\n%s, phiên bản / version %lld, kỳ / period %s, "
	       "tính đến / as of %s\n\n",
	    json_text(set, "title", ""), json_text(set, "title_en", ""),
	    json_text(set, "set", ""), (long long)json_int(set, "version", 0),
	    json_text(set, "period", ""), json_text(set, "as_of", ""));
	for (size_t i = 0; i < json_count(criteria); i++) {
		const struct json *c = json_at(criteria, i);
		const struct json *groups = json_find(c, "groups");

		printf("%s. %s\n   %s\n   = %s\n", json_text(c, "code", ""),
		    json_text(c, "title", ""), json_text(c, "title_en", ""),
		    json_text(c, "formula_text", ""));
		for (size_t g = 0; g < json_count(groups); g++)
			print_group(json_at(groups, g));
	}
}

static void
print(const struct options *o, const struct json *set)
{
	char *text;

	if (!o->json) {
		print_set(set);
		return;
	}
	text = json_write(set);
	puts(text);
	free(text);
}

static bool
run(struct db *db, struct options *o, struct err *e)
{
	const struct db_arg args[] = { DB_TEXT(o->tenant), DB_END };
	struct db_rows *tenants = NULL;
	struct json *set = NULL;
	bool ok = true;

	if (!score_period_read(o->period, &o->question.period, e) ||
	    !db_query(db, DB_score_tenants, args, &tenants, e))
		return false;
	if (db_count(tenants) == 0)
		ok = err_set(e, ERR_NOT_FOUND, "no tenant %s", o->tenant);
	for (int i = 0; ok && i < db_count(tenants); i++) {
		o->question.tenant = db_int(tenants, i, "id");
		ok = score_compute(db, &o->question, &set, e);
		if (ok)
			print(o, set);
		json_free(set);
		set = NULL;
	}
	db_rows_free(tenants);
	return ok;
}

int
cli_score(int argc, char **argv)
{
	struct options o = { .tenant = "", .question = { .unit = "" } };
	struct config *config = NULL;
	struct db *db = NULL;
	struct err e = { 0 };
	bool ok;

	if (!read_options(argc, argv, &o)) {
		fprintf(stderr, "usage: hosogate score --set SET --period P "
				"[--unit U] [--tenant T] [--cases] [--json] "
				"[-c FILE]\n");
		return 64;
	}
	ok = config_load(o.config, &config, &e) &&
	     db_open(config->database, "score", &db, &e) && run(db, &o, &e);
	if (!ok)
		cli_complain("score", &e);
	db_close(db);
	config_free(config);
	return ok ? 0 : 1;
}
