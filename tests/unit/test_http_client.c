/* Whom a stranger's URL may make us call: nobody inside. */
#include "adapters/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "adapters/http_guard.h"
#include "base/base.h"
#include "base/err.h"

/* The first and the last address of each range that is not public. */
static const char *const inner_v4[] = {
	"0.0.0.0",
	"0.255.255.255",
	"10.0.0.0",
	"10.255.255.255",
	"100.64.0.0",
	"100.127.255.255",
	"127.0.0.1",
	"127.255.255.255",
	"169.254.0.0",
	"169.254.169.254",
	"172.16.0.0",
	"172.31.255.255",
	"192.0.0.0",
	"192.0.2.255",
	"192.88.99.1",
	"192.168.0.0",
	"192.168.255.255",
	"198.18.0.0",
	"198.19.255.255",
	"198.51.100.7",
	"203.0.113.7",
	"224.0.0.1",
	"239.255.255.255",
	"240.0.0.0",
	"255.255.255.255",
};

/* Their neighbours. */
static const char *const outer_v4[] = {
	"1.0.0.0",
	"9.255.255.255",
	"11.0.0.0",
	"100.63.255.255",
	"100.128.0.0",
	"126.255.255.255",
	"128.0.0.0",
	"169.253.255.255",
	"169.255.0.0",
	"172.15.255.255",
	"172.32.0.0",
	"192.167.255.255",
	"192.169.0.0",
	"198.17.255.255",
	"198.20.0.0",
	"223.255.255.255",
};

static const char *const inner_v6[] = {
	"::",
	"::1",
	"::7f00:1",
	"::ffff:127.0.0.1",
	"::ffff:10.1.2.3",
	"::ffff:169.254.169.254",
	"64:ff9b::7f00:1",
	"64:ff9b:1::1",
	"100::1",
	"2001::1",
	"2001:db8::1",
	"2002:7f00:1::",
	"3fff::1",
	"5f00::1",
	"fc00::1",
	"fdff::1",
	"fe80::1",
	"fec0::1",
	"ff02::1",
};

static const char *const outer_v6[] = {
	"2001:4860:4860::8888",
	"2400:cb00::1",
	"3ffe::1",
	"::ffff:8.8.8.8",
	"64:ff9b::808:808",
};

static bool
is_public(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return http_guard_public((const struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return http_guard_public((const struct sockaddr *)&v6);
}

static void
each_is(bool wanted, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_public(list[i]) != wanted)
			fail_msg("%s", list[i]);
}

static void
no_inner_address_is_public(void **unused)
{
	(void)unused;
	each_is(false, inner_v4, nitems(inner_v4));
	each_is(false, inner_v6, nitems(inner_v6));
}

static void
their_neighbours_are_public(void **unused)
{
	(void)unused;
	each_is(true, outer_v4, nitems(outer_v4));
	each_is(true, outer_v6, nitems(outer_v6));
}

static void
a_local_socket_is_not_public(void **unused)
{
	struct sockaddr local = { .sa_family = AF_UNIX };

	(void)unused;
	assert_false(http_guard_public(&local));
}

static bool
call(const char *url, const char *allowed, struct err *e)
{
	const struct http_client_options o = {
		.ca_file = "",
		.allow_private = &allowed,
		.allow_private_count = allowed != NULL,
	};
	struct http_client *c = http_client_new(&o);
	struct http_answer answer = { 0 };
	bool ok = http_client_call(c,
	    &(struct http_call){
		.method = "POST",
		.url = url,
		.body = "{}",
		.body_len = 2,
		.timeout_ms = 2000,
		.answer_max = 64,
	    },
	    &answer, e);

	http_client_free(c);
	buf_release(&answer.body);
	return ok;
}

static void
nothing_but_https_is_spoken(void **unused)
{
	struct err e = { 0 };

	(void)unused;
	assert_false(call("http://127.0.0.1:9/", "127.0.0.1:9", &e));
	assert_int_equal(e.code, ERR_PROVIDER);
	assert_non_null(strstr(e.detail, "not supported"));
	assert_false(call("file:///etc/passwd", NULL, &e));
	assert_int_equal(e.code, ERR_PROVIDER);
}

static void
loopback_is_refused_before_a_connection(void **unused)
{
	struct err e = { 0 };

	(void)unused;
	assert_false(call("https://127.0.0.1:9/?secret=1", NULL, &e));
	assert_non_null(strstr(e.detail, "not public"));
	assert_false(call("https://localhost:9/", "localhost:10", &e));
	assert_non_null(strstr(e.detail, "not public"));
	assert_false(call("https://[::ffff:7f00:1]:9/", NULL, &e));
	assert_non_null(strstr(e.detail, "not public"));
}

static void
the_operator_s_pair_is_let_through(void **unused)
{
	struct err e = { 0 };

	(void)unused;
	assert_false(call("https://127.0.0.1:9/", "127.0.0.1:9", &e));
	assert_null(strstr(e.detail, "not public"));
}

static void
a_query_never_stands_in_the_error(void **unused)
{
	struct err e = { 0 };

	(void)unused;
	assert_false(call("https://127.0.0.1:9/?hash=abc", NULL, &e));
	assert_null(strstr(e.detail, "abc"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_inner_address_is_public),
		cmocka_unit_test(their_neighbours_are_public),
		cmocka_unit_test(a_local_socket_is_not_public),
		cmocka_unit_test(nothing_but_https_is_spoken),
		cmocka_unit_test(loopback_is_refused_before_a_connection),
		cmocka_unit_test(the_operator_s_pair_is_let_through),
		cmocka_unit_test(a_query_never_stands_in_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
