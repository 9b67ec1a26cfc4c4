/* Callbacks are signed as Standard Webhooks 1.0.0 says. */
#include "adapters/portal_webhook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

/* The example of the specification's own libraries. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNED "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static const struct portal_webhook example = {
	.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
	.timestamp = 1614265330,
	.body = "{\"test\": 2432232314}",
};

static bool
sign(const struct portal_webhook *like, const char *const *secrets,
    size_t count, struct buf *out, struct err *e)
{
	struct portal_webhook w = *like;

	w.secrets = secrets;
	w.secret_count = count;
	return portal_webhook_sign(&w, out, e);
}

static void
refuse(const char *secret)
{
	struct buf out = { 0 };
	struct err e = { 0 };

	assert_false(sign(&example, &secret, 1, &out, &e));
	assert_int_equal(e.code, ERR_CONFIG);
	assert_null(strstr(e.detail, secret + 6));
	buf_release(&out);
}

static void
a_secret_of_another_form_is_refused_and_not_told(void **unused)
{
	(void)unused;
	refuse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
	refuse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw!");
	refuse("whsec_dG9vIHNob3J0");
	refuse("whsec_"
	       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

static void
without_a_secret_nothing_is_sent(void **unused)
{
	struct buf out = { 0 };
	struct err e = { 0 };

	(void)unused;
	assert_false(sign(&example, NULL, 0, &out, &e));
	assert_int_equal(e.code, ERR_CONFIG);
	buf_release(&out);
}

static void
the_published_vector_comes_out(void **unused)
{
	const char *secret = SECRET;
	struct buf out = { 0 };
	struct err e = { 0 };

	(void)unused;
	assert_true(sign(&example, &secret, 1, &out, &e));
	assert_string_equal(out.data, SIGNED);
	buf_release(&out);
}

static void
while_a_secret_is_rotated_there_are_two_signatures(void **unused)
{
	const char *secrets[] = { "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
		SECRET };
	struct buf out = { 0 };
	struct err e = { 0 };
	const char *second;

	(void)unused;
	assert_true(sign(&example, secrets, 2, &out, &e));
	second = strchr(out.data, ' ');
	assert_non_null(second);
	assert_string_equal(second + 1, SIGNED);
	assert_string_not_equal(out.data, SIGNED);
	buf_release(&out);
}

static void
id_time_and_body_are_all_signed(void **unused)
{
	struct portal_webhook other[] = { example, example, example };
	const char *secret = SECRET;

	(void)unused;
	other[0].id = "msg_other";
	other[1].timestamp++;
	other[2].body = "{\"test\": 2432232315}";
	for (size_t i = 0; i < 3; i++) {
		struct buf out = { 0 };
		struct err e = { 0 };

		assert_true(sign(&other[i], &secret, 1, &out, &e));
		assert_string_not_equal(out.data, SIGNED);
		buf_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_secret_of_another_form_is_refused_and_not_told),
		cmocka_unit_test(without_a_secret_nothing_is_sent),
		cmocka_unit_test(the_published_vector_comes_out),
		cmocka_unit_test(
		    while_a_secret_is_rotated_there_are_two_signatures),
		cmocka_unit_test(id_time_and_body_are_all_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
