/* Codes of transfers: what is none, what banks make of one, what stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/transfer_code.h"
#include "base/base.h"

#define REF   "P1R0123456789abcdef0123"
#define MARK  "0123456789a"
#define OTHER "P1Rfedcba98765432101234"

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static int
find(const char *content)
{
	char mark[TRANSFER_MARK_LEN] = "";
	int n = transfer_code_find(content, mark);

	if (n == 1)
		assert_string_equal(mark, MARK);
	return n;
}

static void
no_single_wrong_character_leaves_a_code(void **unused)
{
	char code[TRANSFER_CODE_LEN], wrong[TRANSFER_CODE_LEN];

	(void)unused;
	transfer_code_make(REF, code);
	for (size_t i = 0; i < strlen(code); i++)
		for (const char *c = alphabet; *c != '\0'; c++) {
			memcpy(wrong, code, sizeof(wrong));
			wrong[i] = *c;
			assert_int_equal(find(wrong), *c == code[i]);
		}
}

static void
a_code_that_is_cut_or_parted_is_none(void **unused)
{
	char code[TRANSFER_CODE_LEN], text[40];

	(void)unused;
	transfer_code_make(REF, code);
	assert_int_equal(find(""), 0);
	assert_int_equal(find("nop le phi"), 0);
	assert_int_equal(find("DVC"), 0);
	for (int n = 1; n < TRANSFER_CODE_LEN - 1; n++) {
		snprintf(text, sizeof(text), "%.*s", n, code);
		assert_int_equal(find(text), 0);
		snprintf(text, sizeof(text), "%.*s %s", n, code, code + n);
		assert_int_equal(find(text), 0);
	}
}

static void
two_codes_are_told_from_one_that_stands_twice(void **unused)
{
	char a[TRANSFER_CODE_LEN], b[TRANSFER_CODE_LEN], text[60];

	(void)unused;
	transfer_code_make(REF, a);
	transfer_code_make(OTHER, b);
	snprintf(text, sizeof(text), "%s %s", a, b);
	assert_int_equal(find(text), 2);
	snprintf(text, sizeof(text), "%s%s", a, b);
	assert_int_equal(find(text), 2);
	snprintf(text, sizeof(text), "%s va %s", a, a);
	assert_int_equal(find(text), 1);
}

static void
a_code_is_found_in_whatever_banks_put_around_it(void **unused)
{
	static const struct {
		const char *before, *after;
	} words[] = {
		{ "", "" },
		{ "MBVCB.3278907687.", ".CT tu 0123 toi 4567" },
		{ "NGUYEN VAN A chuyen tien ", " le phi" },
		{ "DVC", "DVC" },
		{ "IBFT", "FT24153" },
		{ "Nộp lệ phí hồ sơ đất đai ", " ạ" },
	};
	char code[TRANSFER_CODE_LEN], text[120];

	(void)unused;
	transfer_code_make(REF, code);
	for (size_t i = 0; i < nitems(words); i++) {
		snprintf(text, sizeof(text), "%s%s%s", words[i].before, code,
		    words[i].after);
		assert_int_equal(find(text), 1);
		for (char *c = text; *c != '\0'; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c - 'A' + 'a');
		assert_int_equal(find(text), 1);
	}
}

/* payOS numbers orders: the number leads back to the same mark. */
static void
the_number_of_a_code_is_safe_for_json_and_leads_back(void **unused)
{
	static const char *const refs[] = { REF, OTHER,
		"P1R00000000000000000000", "P99Rffffffffffffffffffff" };
	char code[TRANSFER_CODE_LEN], mark[TRANSFER_MARK_LEN];

	(void)unused;
	for (size_t i = 0; i < nitems(refs); i++) {
		int64_t n;

		transfer_code_make(refs[i], code);
		n = transfer_code_number(code);
		assert_true(n > 123 && n < INT64_C(9007199254740991));
		assert_true(transfer_code_of_number(n, mark));
		assert_memory_equal(mark, strchr(refs[i], 'R') + 1, 11);
		assert_int_equal(strlen(code), TRANSFER_CODE_LEN - 1);
		assert_int_not_equal(code[3], '0');
	}
	assert_false(transfer_code_of_number(123, mark));
	assert_false(transfer_code_of_number(-1, mark));
	assert_false(transfer_code_of_number(INT64_MAX, mark));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_single_wrong_character_leaves_a_code),
		cmocka_unit_test(a_code_that_is_cut_or_parted_is_none),
		cmocka_unit_test(two_codes_are_told_from_one_that_stands_twice),
		cmocka_unit_test(
		    a_code_is_found_in_whatever_banks_put_around_it),
		cmocka_unit_test(
		    the_number_of_a_code_is_safe_for_json_and_leads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
