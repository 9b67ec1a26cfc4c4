#include "crypto/poe.h"

#include "tests/unit/fixture.h"

static void
what_was_not_proved_has_no_proof(void **unused)
{
	struct poe *p = poe_new(NULL);

	(void)unused;

	assert_int_equal(poe_since(NULL, "a", 1), 0);
	assert_int_equal(poe_since(p, "a", 1), 0);
	assert_true(poe_is_empty(p));
	poe_add(p, "a", 1, 7);
	assert_int_equal(poe_since(p, "ab", 2), 0);
	assert_false(poe_is_empty(p));
	poe_free(p);
}

static void
the_earliest_proof_counts_wherever_it_stands(void **unused)
{
	struct poe *above = poe_new(NULL), *p = poe_new(above);

	(void)unused;

	poe_add(p, "a", 1, 7);
	poe_add(p, "a", 1, 9);
	assert_int_equal(poe_since(p, "a", 1), 7);
	poe_add(above, "a", 1, 5);
	poe_add(above, "b", 1, 8);
	assert_int_equal(poe_since(p, "a", 1), 5);
	assert_int_equal(poe_since(p, "b", 1), 8);
	assert_int_equal(poe_since(above, "a", 1), 5);
	poe_free(p);
	poe_free(above);
}

static void
no_proof_is_not_an_early_one(void **unused)
{
	(void)unused;

	assert_int_equal(poe_earlier(0, 0), 0);
	assert_int_equal(poe_earlier(0, 3), 3);
	assert_int_equal(poe_earlier(3, 0), 3);
	assert_int_equal(poe_earlier(3, 2), 2);
}

static void
what_is_beyond_the_limit_is_not_proved(void **unused)
{
	struct poe *p = poe_new(NULL);

	(void)unused;

	for (int i = 0; i <= POE_OBJECTS_MAX; i++)
		poe_add(p, &i, sizeof(i), 1);
	for (int i = POE_OBJECTS_MAX - 1; i <= POE_OBJECTS_MAX; i++)
		assert_int_equal(
		    poe_since(p, &i, sizeof(i)), i < POE_OBJECTS_MAX);
	poe_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_not_proved_has_no_proof),
		cmocka_unit_test(no_proof_is_not_an_early_one),
		cmocka_unit_test(what_is_beyond_the_limit_is_not_proved),
		cmocka_unit_test(the_earliest_proof_counts_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
