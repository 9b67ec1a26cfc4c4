/* Which keys are in work: one caller's key once, and free again afterwards. */
#include "gateway/inflight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/base.h"
#include "gateway/request.h"

static struct request
asking(const char *principal, const char *key)
{
	struct request req = { .idempotency_key = key };

	snprintf(req.principal, sizeof(req.principal), "%s", principal);
	return req;
}

static void
a_key_in_work_is_refused_to_its_own_caller_alone(void **unused)
{
	struct inflight *f = inflight_new();
	struct request a = asking("client:1", "k"), b = asking("client:1", "k");
	struct request c = asking("client:2", "k"), d = asking("client:1", "j");

	(void)unused;

	assert_true(inflight_enter(f, &a));
	assert_false(inflight_enter(f, &b));
	assert_true(inflight_enter(f, &c));
	assert_true(inflight_enter(f, &d));
	inflight_leave(f, &b); /* it never came in */
	assert_false(inflight_enter(f, &b));
	inflight_leave(f, &a);
	assert_true(inflight_enter(f, &b));
	inflight_free(f);
	inflight_free(NULL);
}

static void
as_many_fit_as_there_can_be_workers(void **unused)
{
	static struct request all[64];
	struct inflight *f = inflight_new();
	char keys[nitems(all)][8];

	(void)unused;

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < nitems(all); i++) {
			snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
			all[i] = asking("client:1", keys[i]);
			assert_true(inflight_enter(f, &all[i]));
		}
		for (size_t i = 0; i < nitems(all); i++)
			inflight_leave(f, &all[i]);
	}
	inflight_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_key_in_work_is_refused_to_its_own_caller_alone),
		cmocka_unit_test(as_many_fit_as_there_can_be_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
