/*
 * VietQR: refusals first, with the broken texts that are in circulation under
 * a true CRC; then NAPAS's examples, read and written back byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/vietqr.h"
#include "base/base.h"
#include "base/err.h"

#define CARD_38                                                                \
	"38600010A00000072701300006970403011697040311012345670208QRIBFTTC"
#define ACCOUNT_38                                                             \
	"38570010A00000072701270006970403011300110123456780208QRIBFTTA"
#define STATIC  "000201010211"
#define DYNAMIC "000201010212"

/* NAPAS's examples; the last is of our own kind. */
static const struct {
	const char *text;
	struct vietqr q;
} examples[] = {
	{ STATIC CARD_38 "53037045802VN63044F52",
	    { .card = true, .bin = "970403", .account = "9704031101234567" } },
	{ DYNAMIC ACCOUNT_38 "530370454061800005802VN62340107NPS6869"
			     "0819thanh toan don hang63042E2E",
	    { .bin = "970403",
		.account = "0011012345678",
		.amount = { 180000 },
		.bill = "NPS6869",
		.purpose = "thanh toan don hang" } },
	{ DYNAMIC CARD_38 "530370454061800005802VN62340107NPS6869"
			  "0819thanh toan don hang6304A203",
	    { .card = true,
		.bin = "970403",
		.account = "9704031101234567",
		.amount = { 180000 },
		.bill = "NPS6869",
		.purpose = "thanh toan don hang" } },
	{ STATIC ACCOUNT_38 "53037045802VN63049E6F",
	    { .bin = "970403", .account = "0011012345678" } },
	{ DYNAMIC
	    "38570010A00000072701270006970415011300110019324180208QRIBFTTA"
	    "530370454061200005802VN62170813ung ho lu lut6304C15C",
	    { .bin = "970415",
		.account = "0011001932418",
		.amount = { 120000 },
		.purpose = "ung ho lu lut" } },
	{ STATIC "38540010A00000072701240006970423011000999999990208QRIBFTTA"
		 "53037045802VN6304CBB4",
	    { .bin = "970423", .account = "0099999999" } },
	{ DYNAMIC "38540010A00000072701240006970436011012345678900208QRIBFTTA"
		  "530370454062500005802VN62240820DVC7A1 le phi H29.12"
		  "63046D0F",
	    { .bin = "970436",
		.account = "1234567890",
		.amount = { 250000 },
		.purpose = "DVC7A1 le phi H29.12" } },
};

/* The CRC of the specification, made here by its polynomial, bit by bit. */
static void
close_text(const char *open, char *out, size_t cap)
{
	unsigned crc = 0xFFFF;

	snprintf(out, cap, "%s6304", open);
	for (const char *s = out; *s != '\0'; s++)
		for (int bit = 7; bit >= 0; bit--) {
			unsigned top = crc >> 15 ^ ((unsigned)*s >> bit & 1);

			crc = (crc << 1 ^ (top & 1) * 0x1021) & 0xFFFF;
		}
	snprintf(out + strlen(out), cap - strlen(out), "%04X", crc);
}

static void
is_refused(const char *text, const char *why)
{
	struct vietqr q, untouched;
	struct err e = { 0 };

	memset(&q, 0x5A, sizeof(q));
	memset(&untouched, 0x5A, sizeof(untouched));
	if (vietqr_read(text, strlen(text), &q, &e))
		fail_msg("taken: %s (%s)", text, why);
	assert_int_equal(e.code, ERR_UNREADABLE);
	assert_memory_equal(&q, &untouched, sizeof(q));
}

/* Both stand in print: the length 12 for an account of 13 characters, and an
 * account that overruns its template. */
static void
a_true_crc_over_broken_nesting_is_refused(void **unused)
{
	char text[VIETQR_LEN_MAX];

	(void)unused;
	is_refused(STATIC "38570010A00000072701270006970403011200110123456780"
			  "208QRIBFTTA53037045802VN6304F4E5",
	    "the specification's own");
	close_text("00020101021138570010A000000727"
		   "013900069704220113VQRQ000000002XXXX0208QRIBFTTA"
		   "53037045802VN",
	    text, sizeof(text));
	is_refused(text, "an inner length over its template");
}

static void
what_is_not_closed_by_its_crc_is_refused(void **unused)
{
	static const char *const texts[] = {
		"",
		"6304",
		"63041D0F",
		STATIC ACCOUNT_38 "53037045802VN",
		STATIC ACCOUNT_38 "53037045802VN63049e6f",
		STATIC ACCOUNT_38 "53037045802VN63049E6E",
		STATIC ACCOUNT_38 "53037045802VN63049E6F0",
		STATIC ACCOUNT_38 "53037045802VN63049E6F9E6F",
		STATIC ACCOUNT_38 "53037045802VN 63049E6F",
		STATIC ACCOUNT_38 "53037045802VN63049E6F\n",
	};

	(void)unused;
	for (size_t i = 0; i < nitems(texts); i++)
		is_refused(texts[i], "CRC");
}

static void
objects_that_are_not_as_they_must_be_are_refused(void **unused)
{
	static const char *const open[] = {
		"000200010211" ACCOUNT_38 "53037045802VN", /* format "00" */
		"010211" ACCOUNT_38 "53037045802VN",       /* no format */
		"000201" ACCOUNT_38 "53037045802VN",       /* no method */
		"000201010213" ACCOUNT_38 "53037045802VN",
		STATIC "53037045802VN",
		STATIC ACCOUNT_38 "5802VN",
		STATIC ACCOUNT_38 "53038405802VN", /* dollars */
		STATIC ACCOUNT_38 "5303704",
		STATIC ACCOUNT_38 "53037045802US",
		STATIC "5303704" ACCOUNT_38 "5802VN",         /* out of order */
		STATIC ACCOUNT_38 ACCOUNT_38 "53037045802VN", /* twice */
		STATIC ACCOUNT_38 "53037045402105802VN", /* static, amount */
		DYNAMIC ACCOUNT_38 "53037045802VN",
		DYNAMIC ACCOUNT_38 "5303704540105802VN",
		DYNAMIC ACCOUNT_38 "53037045403+105802VN",
		DYNAMIC ACCOUNT_38 "5303704540401.55802VN",
		DYNAMIC ACCOUNT_38 "53037045403 105802VN",
		DYNAMIC ACCOUNT_38 "53037045402015802VN",
		DYNAMIC ACCOUNT_38 "5303704541412345678901234"
				   "5802VN",     /* over 13 digits */
		STATIC ACCOUNT_38 "53037045800", /* an empty value */
		STATIC ACCOUNT_38 "53037045802VN5",
		STATIC ACCOUNT_38 "5303704 802VN",
		STATIC ACCOUNT_38 "53037045802VN6403ABC", /* after the CRC's */
		STATIC "38540010A00000072601240006970423011000999999990208"
		       "QRIBFTTA53037045802VN", /* another's GUID */
		STATIC "38540010A00000072701240006123423011000999999990208"
		       "QRIBFTTA53037045802VN", /* no bank's number */
		STATIC "38540010A00000072701240006970423011000999-99990208"
		       "QRIBFTTA53037045802VN",
		STATIC "38420010A000000727012400069704230110009999999953037045"
		       "802VN", /* no service */
		STATIC "38280010A0000007270210QRIBFTTA 153037045802VN",
		DYNAMIC ACCOUNT_38 "53037045802VN62300826"
				   "abcdefghijklmnopqrstuvwxyz",
	};
	char text[VIETQR_LEN_MAX];

	(void)unused;
	for (size_t i = 0; i < nitems(open); i++) {
		close_text(open[i], text, sizeof(text));
		is_refused(text, open[i]);
	}
}

static void
a_text_that_is_too_long_or_not_ascii_is_refused(void **unused)
{
	char text[VIETQR_LEN_MAX + 110] = STATIC ACCOUNT_38 "53037045802VN";

	(void)unused;
	for (int id = 65; strlen(text) < VIETQR_LEN_MAX; id++)
		snprintf(text + strlen(text), 110, "%02d90%090d", id, 0);
	is_refused(text, "length");
	close_text(STATIC ACCOUNT_38 "53037045802VN5904\xc4\x90ng", text,
	    sizeof(text));
	is_refused(text, "not ASCII");
}

static void
the_examples_of_napas_read_and_write_back(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < nitems(examples); i++) {
		const char *text = examples[i].text;
		struct buf back = { 0 };
		struct vietqr q = { 0 };
		struct err e = { 0 };

		assert_true(vietqr_read(text, strlen(text), &q, &e));
		assert_memory_equal(&q, &examples[i].q, sizeof(q));
		assert_true(vietqr_write(&q, &back, &e));
		assert_string_equal(back.data, text);
		buf_release(&back);
	}
}

/* 59, 60 and 05 within 62 mean nothing to a transfer. */
static void
objects_without_a_meaning_here_are_passed_over(void **unused)
{
	char text[VIETQR_LEN_MAX];
	struct vietqr q = { 0 };
	struct err e = { 0 };

	(void)unused;
	close_text(DYNAMIC ACCOUNT_38 "530370454031005802VN5903ABC6002HN"
				      "62120502AB0802CD",
	    text, sizeof(text));
	assert_true(vietqr_read(text, strlen(text), &q, &e));
	assert_int_equal(q.amount.dong, 100);
	assert_string_equal(q.purpose, "CD");
}

static void
what_cannot_stand_in_a_code_is_not_written(void **unused)
{
	static const struct vietqr good = { .bin = "970436", .account = "1" };
	struct vietqr bad[] = { good, good, good, good, good, good };
	struct buf out = { 0 };
	struct err e = { 0 };

	(void)unused;
	memcpy(bad[0].bin, "123456", 7);
	memcpy(bad[1].account, "1 2", 4);
	bad[2].account[0] = '\0';
	bad[3].amount.dong = -1;
	bad[4].amount.dong = MONEY_MAX + 1;
	memcpy(bad[5].purpose, "ph\xc3\xad", 5);
	for (size_t i = 0; i < nitems(bad); i++) {
		assert_false(vietqr_write(&bad[i], &out, &e));
		assert_int_equal(e.code, ERR_BAD_FIELD);
		assert_int_equal(out.len, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_true_crc_over_broken_nesting_is_refused),
		cmocka_unit_test(what_is_not_closed_by_its_crc_is_refused),
		cmocka_unit_test(
		    objects_that_are_not_as_they_must_be_are_refused),
		cmocka_unit_test(
		    a_text_that_is_too_long_or_not_ascii_is_refused),
		cmocka_unit_test(the_examples_of_napas_read_and_write_back),
		cmocka_unit_test(
		    objects_without_a_meaning_here_are_passed_over),
		cmocka_unit_test(what_cannot_stand_in_a_code_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
