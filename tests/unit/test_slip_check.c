/* What must stand in the record before a form may be issued. */
#include "gateway/slip_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

/* Facts on which every form may be issued, but 03, which is for intake. */
static struct slip_facts
whole(int number)
{
	return (struct slip_facts){
		.number = number,
		.intake = number == 3,
		.reason = "thiếu bản sao chứng thực",
		.ground = "khoản 2 Điều 17",
		.officer = "Phạm Thị Dung",
		.accepted_us = 1,
		.original_due_us = 100,
		.new_due_us = number == 4 ? 200 : 100,
	};
}

static void
assert_missing(const struct slip_facts *f, const char *what)
{
	const char *missing = slip_missing(f);

	if (missing == NULL || strstr(missing, what) == NULL)
		fail_msg("form 0%d: %s, not %s", f->number,
		    missing == NULL ? "issued" : missing, what);
}

static void
form_01_agrees_with_the_dossier(void **unused)
{
	struct slip_facts f = whole(1);

	(void)unused;
	f.new_due_us = 99;
	assert_missing(&f, "due date");
	f = whole(1);
	f.accepted_us = 0;
	assert_missing(&f, "not accepted");
}

static void
form_02_says_on_what_ground_and_by_whom(void **unused)
{
	struct slip_facts f = whole(2);

	(void)unused;
	f.ground = "";
	assert_missing(&f, "ground");
	f = whole(2);
	f.officer = "";
	assert_missing(&f, "author");
	f = whole(2);
	f.reason = "";
	assert_missing(&f, "content");
}

static void
form_03_never_gives_a_technical_code_as_the_reason(void **unused)
{
	static const char *const codes[] = { "", "ERR_SIGNATURE", "500",
		"HTTP 500 from upstream",
		"java.lang.NullPointerException: at x",
		"SQLSTATE 23505 duplicate", "code 0x80070005 denied" };

	(void)unused;
	for (size_t i = 0; i < nitems(codes); i++) {
		struct slip_facts f = whole(3);

		f.reason = codes[i];
		assert_missing(&f, "technical");
	}
}

static void
form_03_is_for_intake_and_on_a_ground(void **unused)
{
	struct slip_facts f = whole(3);

	(void)unused;
	f.intake = false;
	assert_missing(&f, "accepted already");
	f = whole(3);
	f.ground = "";
	assert_missing(&f, "ground");
}

static void
form_04_has_a_later_date_a_reason_and_a_signer(void **unused)
{
	struct slip_facts f = whole(4);

	(void)unused;
	f.new_due_us = f.original_due_us;
	assert_missing(&f, "new date");
	f = whole(4);
	f.reason = "";
	assert_missing(&f, "reason");
	f = whole(4);
	f.officer = "";
	assert_missing(&f, "signer");
	f = whole(4);
	f.original_due_us = 0;
	assert_missing(&f, "due date");
}

static void
a_draft_of_form_04_waits_for_reason_and_date(void **unused)
{
	struct slip_facts f = whole(4);

	(void)unused;
	f.draft = true;
	f.reason = f.officer = "";
	f.new_due_us = 0;
	assert_null(slip_missing(&f));
}

static void
form_05_is_not_for_what_has_a_result(void **unused)
{
	struct slip_facts f = whole(5);

	(void)unused;
	f.has_result = true;
	assert_missing(&f, "result");
	f = whole(5);
	f.reason = "";
	assert_missing(&f, "reason");
}

static void
whoever_has_all_gets_each_form_and_there_are_no_others(void **unused)
{
	(void)unused;
	for (int number = 1; number <= 5; number++) {
		struct slip_facts f = whole(number);

		assert_null(slip_missing(&f));
	}
	for (int number = 0; number <= 6; number += 6) {
		struct slip_facts f = whole(number);

		assert_missing(&f, "no such form");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form_01_agrees_with_the_dossier),
		cmocka_unit_test(form_02_says_on_what_ground_and_by_whom),
		cmocka_unit_test(
		    form_03_never_gives_a_technical_code_as_the_reason),
		cmocka_unit_test(form_03_is_for_intake_and_on_a_ground),
		cmocka_unit_test(
		    form_04_has_a_later_date_a_reason_and_a_signer),
		cmocka_unit_test(a_draft_of_form_04_waits_for_reason_and_date),
		cmocka_unit_test(form_05_is_not_for_what_has_a_result),
		cmocka_unit_test(
		    whoever_has_all_gets_each_form_and_there_are_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
