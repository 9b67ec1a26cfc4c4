/* Addresses, ranges and the buckets of those whose MACs are wrong. */
#include "gateway/notice_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "gateway/config.h"

static const struct notice_rate three = { .burst = 3, .per_minute = 60 };

static struct notice_flood *
flood_new(void)
{
	struct notice_flood *f = blob_calloc(1, sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	return f;
}

static void
flood_free(struct notice_flood *f)
{
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* How many of ten it lets through at once. */
static int
ten(struct notice_flood *f, const char *peer, int64_t now_us)
{
	int taken = 0;

	for (int i = 0; i < 10; i++)
		taken += notice_flood_take(f, &three, peer, now_us);
	return taken;
}

static bool
is_on(const char *entry, const char *peer)
{
	const struct config_list list = { &entry, 1 };

	return notice_source_listed(&list, peer);
}

static void
what_is_no_range_is_refused_by_its_option(void **unused)
{
	static const char *const bad[] = { "", "localhost", "192.0.2", "/8",
		"192.0.2.1/33", "192.0.2.1/", "192.0.2.1/-1", "192.0.2.1/08",
		"192.0.2.1/24/24", "192.0.2.1:443", "2001:db8::/129",
		"2001:db8::1::2", "2001:db8::%eth0",
		"0000:0000:0000:0000:0000:0000:255.255.255.255.255.255" };

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		const struct config_list list = { &bad[i], 1 };
		struct err e = { 0 };

		if (notice_source_check("momo_sources", &list, &e))
			fail_msg("%s", bad[i]);
		assert_non_null(strstr(e.detail, "momo_sources"));
	}
}

static void
who_lies_in_no_range_is_not_listed(void **unused)
{
	(void)unused;

	assert_false(is_on("192.0.2.0/24", "192.0.3.1"));
	assert_false(is_on("192.0.2.128/25", "192.0.2.127"));
	assert_false(is_on("192.0.2.1", "192.0.2.2"));
	assert_false(is_on("::/96", "192.0.2.1"));
	assert_false(is_on("2001:db8::/32", "2001:db9::1"));
	assert_false(is_on("192.0.2.0/24", ""));
	assert_false(is_on("0.0.0.0/0", "no address"));
	assert_false(is_on("0.0.0.0/0", "2001:db8::1"));
}

static void
who_lies_in_a_range_is_listed(void **unused)
{
	static const struct config_list none = { NULL, 0 };

	(void)unused;

	assert_true(notice_source_listed(&none, ""));
	assert_true(is_on("192.0.2.77/24", "192.0.2.1"));
	assert_true(is_on("192.0.2.128/25", "192.0.2.128"));
	assert_true(is_on("192.0.2.1", "::ffff:192.0.2.1"));
	assert_true(is_on("0.0.0.0/0", "8.8.8.8"));
	assert_true(is_on("2001:db8::/33", "2001:db8:7fff::1"));
	assert_true(is_on("2001:DB8::1", "2001:db8:0::1"));
}

static void
a_source_gets_its_burst_and_then_its_rate(void **unused)
{
	struct notice_flood *f = flood_new();

	(void)unused;

	assert_int_equal(ten(f, "192.0.2.1", CLOCK_SEC_US), 3);
	assert_int_equal(ten(f, "192.0.2.1", 2 * CLOCK_SEC_US), 1);
	assert_int_equal(ten(f, "192.0.2.1", 2 * CLOCK_SEC_US), 0);
	assert_int_equal(ten(f, "192.0.2.1", 99 * CLOCK_SEC_US), 3);
	flood_free(f);
}

static void
sources_do_not_share_a_bucket(void **unused)
{
	struct notice_flood *f = flood_new();

	(void)unused;

	assert_int_equal(ten(f, "192.0.2.1", 1), 3);
	assert_int_equal(ten(f, "192.0.2.2", 1), 3);
	assert_int_equal(ten(f, "2001:db8::1", 1), 3);
	assert_int_equal(ten(f, "2001:db8:0:1::1", 1), 3);
	flood_free(f);
}

static void
the_addresses_of_one_subscriber_are_one_source(void **unused)
{
	struct notice_flood *f = flood_new();

	(void)unused;

	assert_int_equal(ten(f, "2001:db8::1", 1), 3);
	assert_int_equal(ten(f, "2001:db8::ffff:0:0:2", 1), 0);
	assert_int_equal(ten(f, "", 1), 3);
	assert_int_equal(ten(f, "no address", 1), 0);
	flood_free(f);
}

static void
a_full_table_forgets_who_was_quiet_the_longest(void **unused)
{
	struct notice_flood *f = flood_new();
	char peer[32];

	(void)unused;

	for (int i = 0; i < NOTICE_SOURCES_MAX; i++) {
		snprintf(peer, sizeof(peer), "10.0.%d.%d", i / 256, i % 256);
		assert_int_equal(ten(f, peer, i + 1), 3);
	}
	assert_int_equal(ten(f, "192.0.2.1", NOTICE_SOURCES_MAX + 1), 3);
	assert_int_equal(f->count, NOTICE_SOURCES_MAX);
	assert_int_equal(ten(f, "10.0.0.1", NOTICE_SOURCES_MAX + 1), 0);
	assert_int_equal(ten(f, "10.0.0.0", NOTICE_SOURCES_MAX + 1), 3);
	flood_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_range_is_refused_by_its_option),
		cmocka_unit_test(who_lies_in_no_range_is_not_listed),
		cmocka_unit_test(who_lies_in_a_range_is_listed),
		cmocka_unit_test(a_source_gets_its_burst_and_then_its_rate),
		cmocka_unit_test(sources_do_not_share_a_bucket),
		cmocka_unit_test(
		    the_addresses_of_one_subscriber_are_one_source),
		cmocka_unit_test(
		    a_full_table_forgets_who_was_quiet_the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
