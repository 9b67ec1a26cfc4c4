/* Which line of a statement is whose payout, and for which days. */
#include "gateway/payout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"

static struct json *formats;

static int
load(void **unused)
{
	static const char text[] =
	    "{\"bank\":{\"kind\":\"bank\"},"
	    "\"vnpay\":{\"payout\":{\"content\":["
	    "\"VNPAY {DD}-{DD}/{MM}/{YYYY}\",\"VNPAY {DD}/{MM}/{YYYY}\"],"
	    "\"within_days\":3,\"net_of_fee\":true}},"
	    "\"momo\":{\"payout\":{\"content\":[\"MOMO{YY}{MM}{DD}\","
	    "\"MOMO CHI HO\"],\"within_days\":1,\"net_of_fee\":false}}}";
	struct err e;

	(void)unused;

	return json_parse(text, strlen(text), &formats, &e) ? 0 : -1;
}

static int
unload(void **unused)
{
	(void)unused;

	json_free(formats);
	return 0;
}

static void
a_payout_is_known_by_its_content_wherever_it_stands(void **unused)
{
	static const struct {
		const char *line, *provider, *from, *to;
	} known[] = {
		{ "VNPAY 26/11/2026", "vnpay", "2026-11-26", "2026-11-26" },
		{ "ct den vnpay 01/02/2027 x", "vnpay", "2027-02-01",
		    "2027-02-01" },
		{ "VNPAY VNPAY 20-22/11/2026", "vnpay", "2026-11-20",
		    "2026-11-22" },
		{ "MOMO261126", "momo", "2026-11-26", "2026-11-26" },
		{ "Momo chi ho ma 7", "momo", "", "" },
	};
	struct payout p;

	(void)unused;

	for (size_t i = 0; i < nitems(known); i++) {
		assert_true(payout_find(formats, known[i].line, &p));
		assert_string_equal(p.provider, known[i].provider);
		assert_string_equal(p.from, known[i].from);
		assert_string_equal(p.to, known[i].to);
	}
	assert_int_equal(p.within_days, 1);
}

static void
what_names_no_day_that_there_is_is_no_payout(void **unused)
{
	static const char *const others[] = { "", "VNPAY", "VNPAY 26/11/202",
		"VNPAY 30/02/2026", "VNPAY 00/00/0000", "VNPAY 22-20/11/2026",
		"NGUYEN VAN A 26/11/2026", "MOMO2611" };
	struct payout p;

	(void)unused;

	for (size_t i = 0; i < nitems(others); i++)
		assert_false(payout_find(formats, others[i], &p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_payout_is_known_by_its_content_wherever_it_stands),
		cmocka_unit_test(what_names_no_day_that_there_is_is_no_payout),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
