#ifndef GATEWAY_SCORE_H
#define GATEWAY_SCORE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reform scores: criteria are rows, formulas are statements that list cases
 * (score_formula.def), and a figure is counted from that list.  Arithmetic is
 * in whole numbers; a rate is rounded once, when it is written.
 *
 * A criterion with nothing to measure has no rate: null, never 0 or 100 %.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such set
 *	ERR_BAD_FIELD	a period that is none
 */
struct db;
struct err;
struct json;

struct score_period {
	int64_t from_us, to_us; /* [from, to) */
	char name[24];          /* as it was asked for */
};

/* "2026", "2026-Q4", "2026-11", "2026-11-23", in Vietnamese time. */
bool score_period_read(
    const char *text, struct score_period *out, struct err *e);

/* The same, or the current year where text is NULL. */
bool score_period_or_year(
    const char *text, int64_t now_us, struct score_period *out, struct err *e);

struct score_question {
	int64_t tenant;
	const char *set;
	struct score_period period;
	const char *unit; /* code, or "" for all */
	bool cases;       /* list what is behind each figure */
};

/* {"set","version","period","unit","as_of","criteria":[{"code","title",
 * "formula","groups":[{"group","numerator","denominator","rate","target",
 * "met","cases":[...]}]}]} */
bool score_compute(struct db *db, const struct score_question *q,
    struct json **out, struct err *e);

/* The published on-time rates alone; q->set is not read.  Puts into j, each by
 * both rules: "fields" and "units" by the national one, "fields_by_date" and
 * "units_by_date". */
bool score_on_time(struct db *db, const struct score_question *q,
    struct json *j, struct err *e);

/* num / den as per cent with two decimals, half up: "98.25"; "" for den 0. */
#define SCORE_RATE_LEN 16
void score_rate(int64_t num, int64_t den, char out[SCORE_RATE_LEN]);

bool score_formula_exists(const char *name);

#endif /* GATEWAY_SCORE_H */
