/* What a statement has returned, read by the names of its columns. */
#include "gateway/db_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/db.h"

#define COLUMNS 300

/* Columns c0, c1 and so on, whose values say row and column, and at the end c7
 * once more. */
static int
open_rows(void **state)
{
	PGresult *res = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[COLUMNS + 1];
	char names[COLUMNS + 1][16];

	memset(columns, 0, sizeof(columns));
	for (int i = 0; i <= COLUMNS; i++) {
		snprintf(
		    names[i], sizeof(names[i]), "c%d", i < COLUMNS ? i : 7);
		columns[i].name = names[i];
	}
	assert_true(PQsetResultAttrs(res, COLUMNS + 1, columns));
	for (int row = 0; row < 2; row++)
		for (int i = 0; i <= COLUMNS; i++) {
			char value[16];
			int len = snprintf(
			    value, sizeof(value), "%d", row * 1000 + i);

			assert_true(PQsetvalue(res, row, i, value, len));
		}
	*state = db_rows_new(res, "a_statement");
	return 0;
}

static int
close_rows(void **state)
{
	db_rows_free(*state);
	return 0;
}

static void
a_name_finds_its_column_wherever_it_stands_in_memory(void **state)
{
	char names[COLUMNS][16];

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < COLUMNS; i++) {
			char *name = names[(i * 7) % COLUMNS];

			snprintf(name, sizeof(names[0]), "c%d", i);
			assert_int_equal(db_int(*state, 0, name), i);
			assert_int_equal(db_int(*state, 1, name), 1000 + i);
		}
}

static void
a_place_that_holds_another_name_finds_the_other_column(void **state)
{
	char name[16] = "c1";

	assert_string_equal(db_text(*state, 0, name), "1");
	for (int i = 2; i < 20; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		assert_int_equal(db_int(*state, 0, name), i);
	}
	memcpy(name, "c1", 3);
	assert_string_equal(db_text(*state, 0, name), "1");
}

static void
of_two_columns_of_one_name_the_first_is_meant(void **state)
{
	assert_string_equal(db_text(*state, 0, "c7"), "7");
	assert_string_equal(db_text(*state, 1, "c7"), "1007");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_name_finds_its_column_wherever_it_stands_in_memory,
		    open_rows, close_rows),
		cmocka_unit_test_setup_teardown(
		    a_place_that_holds_another_name_finds_the_other_column,
		    open_rows, close_rows),
		cmocka_unit_test_setup_teardown(
		    of_two_columns_of_one_name_the_first_is_meant, open_rows,
		    close_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
