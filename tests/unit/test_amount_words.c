/* Amounts in words: a table, since the language has no rule without another. */
#include "gateway/amount_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/text.h"

static const struct {
	int64_t dong;
	const char *words;
} table[] = {
	{ 0, "Không đồng" },
	{ 1, "Một đồng" },
	{ 4, "Bốn đồng" },
	{ 5, "Năm đồng" },
	{ 10, "Mười đồng" },
	{ 11, "Mười một đồng" },
	{ 14, "Mười bốn đồng" },
	{ 15, "Mười lăm đồng" },
	{ 20, "Hai mươi đồng" },
	{ 21, "Hai mươi mốt đồng" },
	{ 24, "Hai mươi tư đồng" },
	{ 25, "Hai mươi lăm đồng" },
	{ 100, "Một trăm đồng" },
	{ 101, "Một trăm linh một đồng" },
	{ 105, "Một trăm linh năm đồng" },
	{ 110, "Một trăm mười đồng" },
	{ 555, "Năm trăm năm mươi lăm đồng" },
	{ 1000, "Một nghìn đồng chẵn" },
	{ 1001, "Một nghìn không trăm linh một đồng" },
	{ 1010, "Một nghìn không trăm mười đồng" },
	{ 21500, "Hai mươi mốt nghìn năm trăm đồng" },
	{ 60000, "Sáu mươi nghìn đồng chẵn" },
	{ 105000, "Một trăm linh năm nghìn đồng chẵn" },
	{ 250000, "Hai trăm năm mươi nghìn đồng chẵn" },
	{ 1000000, "Một triệu đồng chẵn" },
	{ 1000001, "Một triệu không trăm linh một đồng" },
	{ 1050000, "Một triệu không trăm năm mươi nghìn đồng chẵn" },
	{ 15000000, "Mười lăm triệu đồng chẵn" },
	{ 1000000000, "Một tỷ đồng chẵn" },
	{ 1000005000, "Một tỷ không trăm linh năm nghìn đồng chẵn" },
	{ 21004000015,
	    "Hai mươi mốt tỷ không trăm linh bốn triệu không trăm mười lăm"
	    " đồng" },
	{ 1000000000000, "Một nghìn tỷ đồng chẵn" },
	{ 1005000000000, "Một nghìn không trăm linh năm tỷ đồng chẵn" },
	{ MONEY_MAX,
	    "Chín nghìn chín trăm chín mươi chín tỷ chín trăm chín mươi chín"
	    " triệu chín trăm chín mươi chín nghìn chín trăm chín mươi chín"
	    " đồng" },
};

static void
every_amount_of_the_table_is_said_as_it_is_written(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < nitems(table); i++) {
		struct buf out = { 0 };

		amount_words((struct money){ table[i].dong }, &out);
		assert_string_equal(out.data, table[i].words);
		buf_release(&out);
	}
}

static void
words_are_added_behind_what_is_there(void **unused)
{
	struct buf out = { 0 };

	(void)unused;
	buf_puts(&out, "Bằng chữ: ");
	amount_words((struct money){ 60000 }, &out);
	assert_string_equal(out.data, "Bằng chữ: Sáu mươi nghìn đồng chẵn");
	buf_release(&out);
}

/* Which a receipt's line then holds. */
static void
words_of_every_size_are_whole_characters(void **unused)
{
	(void)unused;
	for (int64_t n = 1; n < MONEY_MAX; n = n * 3 + 1) {
		struct buf out = { 0 };

		amount_words((struct money){ n }, &out);
		assert_true(text_is_utf8(out.data, out.len));
		assert_true(out.len < 300);
		buf_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_amount_of_the_table_is_said_as_it_is_written),
		cmocka_unit_test(words_are_added_behind_what_is_there),
		cmocka_unit_test(words_of_every_size_are_whole_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
