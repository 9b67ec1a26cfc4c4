/* What stops the start, and with which words. */
#include "gateway/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"

static char folder[] = "/tmp/hosogate-config-XXXXXX";
static char file[64];

static int
make_folder(void **unused)
{
	(void)unused;

	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/hosogate.conf", folder);
	return 0;
}

static int
remove_folder(void **unused)
{
	char path[64];

	(void)unused;

	snprintf(path, sizeof(path), "%s/secret", folder);
	unlink(path);
	unlink(file);
	return rmdir(folder);
}

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool
load(const char *text, struct config **c, struct err *e)
{
	*e = (struct err){ 0 };
	put(file, text);
	return config_load(file, c, e);
}

static void
what_is_wrong_is_refused_by_its_name(void **unused)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "no_such_option = \"x\"\n", "no_such_option" },
		{ "workers = 0\n", "workers" },
		{ "workers = 65\n", "workers" },
		{ "workers = many\n", "workers" },
		{ "body_max = 99999999999\n", "body_max" },
		{ "revocation = \"maybe\"\n", "revocation" },
		{ "smtp_tls = \"off\"\n", "smtp_tls" },
		{ "notice_sources = \"on\"\n", "notice_sources" },
		{ "momo_sources = {\"10.0.0.0/33\"}\n", "momo_sources" },
		{ "bad_mac_burst = 0\n", "bad_mac_burst" },
		{ "database = \"x\n", "line" },
		{ "crls = {\"a\"\n", "" },
		{ "listen_https = \"127.0.0.1:1\"\n", "tls_certificate" },
		{ "form_max = 2000000\ndocument_max = 20000000\n", "form_max" },
	};
	struct config *c = NULL;
	struct err e;

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		assert_false(load(rows[i].text, &c, &e));
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.detail, rows[i].says));
		assert_null(c);
	}
}

static void
a_file_that_is_not_there_is_named(void **unused)
{
	struct config *c = NULL;
	struct err e = { 0 };

	(void)unused;

	assert_false(config_load("/nonexistent/hosogate.conf", &c, &e));
	assert_int_equal(e.code, ERR_CONFIG);
	assert_non_null(strstr(e.detail, "/nonexistent/hosogate.conf"));
}

static void
what_is_left_out_has_its_default(void **unused)
{
	struct config *c = NULL;
	struct err e;

	(void)unused;

	assert_true(load("", &c, &e));
	assert_int_equal(c->workers, 8);
	assert_int_equal(c->document_max, 20 * 1024 * 1024);
	assert_string_equal(c->revocation, "require");
	assert_string_equal(c->listen_unix, "");
	assert_int_equal(c->crls.count, 0);
	config_free(c);
	config_free(NULL);
}

static void
paths_are_relative_to_the_file_and_addresses_to_nothing(void **unused)
{
	struct config *c = NULL;
	struct err e;
	char expected[96];

	(void)unused;

	assert_true(load("listen_unix = \"run/http\"\n"
			 "crls = {\"crl\", \"/srv/crl\"}\n"
			 "operator_address = \"127.0.0.1:9\"\n"
			 "http_allow_private = {\"h:1\"}\n",
	    &c, &e));
	snprintf(expected, sizeof(expected), "%s/run/http", folder);
	assert_string_equal(c->listen_unix, expected);
	assert_int_equal(c->crls.count, 2);
	snprintf(expected, sizeof(expected), "%s/crl", folder);
	assert_string_equal(c->crls.item[0], expected);
	assert_string_equal(c->crls.item[1], "/srv/crl");
	assert_string_equal(c->operator_address, "127.0.0.1:9");
	assert_string_equal(c->http_allow_private.item[0], "h:1");
	config_free(c);
}

static enum err_code
secrets_of(const char *text, uint8_t key[32])
{
	struct secrets *s = NULL;
	struct config *c = NULL;
	struct err e;
	char path[64];
	bool ok;

	snprintf(path, sizeof(path), "%s/secret", folder);
	put(path, text);
	assert_true(load("link_key_file = \"secret\"\n", &c, &e));
	ok = secrets_load(c, &s, &e);
	if (ok)
		memcpy(key, s->link_key, 32);
	secrets_free(s);
	config_free(c);
	return ok ? ERR_NONE : e.code;
}

static void
a_link_key_is_64_hex_digits(void **unused)
{
#define HEX "00112233445566778899aabbccddeeff"
	uint8_t key[32] = { 0 };

	(void)unused;

	assert_int_equal(secrets_of("", key), ERR_CONFIG);
	assert_int_equal(secrets_of(HEX "\n", key), ERR_CONFIG);
	assert_int_equal(secrets_of(HEX HEX "00\n", key), ERR_CONFIG);
	assert_int_equal(
	    secrets_of("x0112233445566778899aabbccddeeff" HEX, key),
	    ERR_CONFIG);
	assert_int_equal(secrets_of(HEX HEX "\r\n", key), ERR_NONE);
	assert_int_equal(key[1], 0x11);
	assert_int_equal(key[31], 0xff);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_refused_by_its_name),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(
		    paths_are_relative_to_the_file_and_addresses_to_nothing),
		cmocka_unit_test(a_link_key_is_64_hex_digits),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
