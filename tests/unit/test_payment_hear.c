/*
 * What follows from what providers say, without database or network: the rows
 * of the callback table, refusals first, then orders in which news can come.
 */
#include "gateway/payment_hear.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/clock.h"
#include "gateway/dossier.h"

#define FEE    60000
#define MOST   16
#define END_US INT64_C(1000000000)

/* Two attempts, "a" and "b", on one request of a dossier that waits. */
struct bench {
	struct dossier dossier;
	struct payment_try tries[2];
	struct ledger_booked booked[MOST];
	struct ledger_posting postings[MOST];
	struct payment_news news[MOST];
	struct payment_clash clashes[MOST];
	struct payment_batch batch;
};

static void
set_up(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->dossier.at =
	    (struct dossier_place){ DOSSIER_AWAITING_PAYMENT, DOSSIER_WORK };
	for (int i = 0; i < 2; i++) {
		struct payment_try *a = &b->tries[i];

		a->id = i + 1;
		a->request = 7;
		a->dossier = 9;
		a->ref[0] = (char)('a' + i);
		snprintf(a->provider, sizeof(a->provider), "vnpay");
		snprintf(a->terminal, sizeof(a->terminal), "T");
		a->amount.dong = FEE;
		a->expires_us = END_US;
		a->owed = true;
		a->was = a->now = PAYMENT_CREATED;
		a->d = &b->dossier;
	}
	b->batch.tries = b->tries;
	b->batch.try_count = 2;
	b->batch.booked = b->booked;
	b->batch.postings = b->postings;
	b->batch.news = b->news;
	b->batch.clashes = b->clashes;
}

static struct pay_notice
said(const char *ref, enum pay_outcome outcome, const char *txn)
{
	struct pay_notice n = { .outcome = outcome, .amount = { FEE } };

	snprintf(n.ref, sizeof(n.ref), "%s", ref);
	snprintf(n.terminal, sizeof(n.terminal), "T");
	snprintf(n.txn, sizeof(n.txn), "%s", txn);
	return n;
}

static enum pay_answer
hear_at(struct bench *b, const struct pay_notice *n, int64_t at_us)
{
	const struct payment_notice notice = { "vnpay", PAYMENT_VIA_NOTICE, n };
	const struct payment_notice *in[] = { &notice };
	enum pay_answer answer;

	b->batch.in = in;
	b->batch.answers = &answer;
	b->batch.count = 1;
	b->batch.at_us = at_us;
	payment_hear(&b->batch);
	return answer;
}

static enum pay_answer
hear(struct bench *b, const struct pay_notice *n)
{
	return hear_at(b, n, 0);
}

static void
an_order_that_we_do_not_know_changes_nothing(void **unused)
{
	struct pay_notice n = said("c", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	assert_int_equal(hear(&b, &n), PAY_ANSWER_UNKNOWN);
	assert_int_equal(b.batch.posting_count, 0);
}

static void
a_notice_of_another_terminal_credits_nothing(void **unused)
{
	struct pay_notice n = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	snprintf(n.terminal, sizeof(n.terminal), "U");
	assert_int_equal(hear(&b, &n), PAY_ANSWER_UNKNOWN);
	snprintf(n.terminal, sizeof(n.terminal), "T");
	n.foreign = true;
	assert_int_equal(hear(&b, &n), PAY_ANSWER_UNKNOWN);
	assert_false(b.tries[0].moved);
	assert_int_equal(b.batch.posting_count, 0);
}

static void
another_amount_goes_to_suspense_and_review(void **unused)
{
	struct pay_notice n = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	n.amount.dong = FEE + 1;
	assert_int_equal(hear(&b, &n), PAY_ANSWER_OTHER_AMOUNT);
	assert_int_equal(b.tries[0].now, PAYMENT_REVIEW);
	assert_false(b.tries[0].pays);
	assert_int_equal(b.batch.posting_count, 1);
	assert_int_equal(b.postings[0].kind, LEDGER_SUSPENSE);
	assert_int_equal(b.postings[0].amount.dong, FEE + 1);
	assert_int_equal(b.batch.news_count, 1);

	/* VNPay calls again, since 04 does not let it rest. */
	assert_int_equal(hear(&b, &n), PAY_ANSWER_OTHER_AMOUNT);
	assert_int_equal(b.batch.posting_count, 1);
	assert_int_equal(b.batch.news_count, 1);
}

static void
an_amount_that_cannot_be_read_is_booked_nowhere(void **unused)
{
	struct pay_notice n = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	n.amount.dong = -1;
	assert_int_equal(hear(&b, &n), PAY_ANSWER_OTHER_AMOUNT);
	assert_int_equal(b.tries[0].now, PAYMENT_REVIEW);
	assert_int_equal(b.batch.posting_count, 0);
}

static void
the_right_amount_then_takes_the_suspense_back(void **unused)
{
	struct pay_notice wrong = said("a", PAY_PAID, "1");
	struct pay_notice right = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	wrong.amount.dong = 1;
	hear(&b, &wrong);
	assert_int_equal(hear(&b, &right), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_PAID);
	assert_int_equal(b.batch.posting_count, 2);
	assert_int_equal(b.postings[1].kind, LEDGER_PAYMENT);
	assert_true(b.postings[1].reverses);

	/* The wrong one once more: the money is known by now. */
	assert_int_equal(hear(&b, &wrong), PAY_ANSWER_OTHER_AMOUNT);
	assert_int_equal(b.batch.posting_count, 2);
	assert_int_equal(b.tries[0].now, PAYMENT_PAID);
}

static void
a_success_pays_once_however_often_it_is_told(void **unused)
{
	struct pay_notice n = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	assert_int_equal(hear(&b, &n), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_PAID);
	assert_true(b.tries[0].pays);
	for (int i = 0; i < 10; i++)
		assert_int_equal(hear(&b, &n), PAY_ANSWER_ALREADY);
	assert_int_equal(b.batch.posting_count, 1);
	assert_int_equal(b.batch.paid, 1);
	assert_false(b.postings[0].reverses);
}

static void
a_failure_is_answered_as_heard_and_leaves_the_fee_owed(void **unused)
{
	struct pay_notice n = said("a", PAY_FAILED, "");
	struct bench b;

	(void)unused;

	set_up(&b);
	assert_int_equal(hear(&b, &n), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_FAILED);
	assert_true(b.tries[0].owed);
	assert_int_equal(hear(&b, &n), PAY_ANSWER_ALREADY);
}

static void
a_success_after_a_failure_is_credited(void **unused)
{
	struct pay_notice failed = said("a", PAY_FAILED, "");
	struct pay_notice paid = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	hear(&b, &failed);
	assert_int_equal(hear(&b, &paid), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_PAID_LATE);
}

static void
a_failure_after_a_success_changes_nothing(void **unused)
{
	struct pay_notice failed = said("a", PAY_FAILED, "");
	struct pay_notice paid = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	hear(&b, &paid);
	assert_int_equal(hear(&b, &failed), PAY_ANSWER_ALREADY);
	assert_int_equal(b.tries[0].now, PAYMENT_PAID);
}

static void
doubt_is_neither_paid_nor_failed_and_can_still_be_settled(void **unused)
{
	struct pay_notice doubt = said("a", PAY_DOUBT, "1");
	struct pay_notice paid = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	assert_int_equal(hear(&b, &doubt), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_REVIEW);
	assert_int_equal(b.batch.posting_count, 0);
	assert_int_equal(hear(&b, &doubt), PAY_ANSWER_ALREADY);
	assert_int_equal(hear(&b, &paid), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_PAID);
}

static void
pending_keeps_the_provider_content_and_the_attempt_open(void **unused)
{
	struct pay_notice n = said("a", PAY_PENDING, "");
	struct bench b;

	(void)unused;

	set_up(&b);
	assert_int_equal(hear(&b, &n), PAY_ANSWER_DONE);
	assert_int_equal(hear(&b, &n), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_PENDING);
}

static void
a_second_attempt_that_is_paid_too_is_surplus(void **unused)
{
	struct pay_notice first = said("a", PAY_PAID, "1");
	struct pay_notice second = said("b", PAY_PAID, "2");
	struct bench b;

	(void)unused;

	set_up(&b);
	hear(&b, &first);
	assert_int_equal(b.tries[1].now, PAYMENT_SUPERSEDED);
	assert_int_equal(hear(&b, &second), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[1].now, PAYMENT_SURPLUS);
	assert_int_equal(b.postings[1].kind, LEDGER_SURPLUS);
	assert_int_equal(b.batch.paid, 1);
	assert_int_equal(b.batch.news_count, 1);
}

static void
a_second_charge_on_a_paid_attempt_is_surplus(void **unused)
{
	struct pay_notice first = said("a", PAY_PAID, "1");
	struct pay_notice second = said("a", PAY_PAID, "2");
	struct bench b;

	(void)unused;

	set_up(&b);
	hear(&b, &first);
	assert_int_equal(hear(&b, &second), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_PAID);
	assert_int_equal(b.batch.posting_count, 2);
	assert_int_equal(b.postings[1].kind, LEDGER_SURPLUS);
	assert_int_equal(hear(&b, &second), PAY_ANSWER_ALREADY);
	assert_int_equal(b.batch.posting_count, 2);
}

static void
one_transaction_for_two_orders_pays_only_the_first(void **unused)
{
	struct pay_notice first = said("a", PAY_PAID, "1");
	struct pay_notice second = said("b", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	b.tries[1].request = 8;
	hear(&b, &first);
	assert_int_equal(hear(&b, &second), PAY_ANSWER_CLASH);
	assert_int_equal(b.tries[1].now, PAYMENT_REVIEW);
	assert_int_equal(b.batch.posting_count, 1);
	assert_int_equal(b.batch.clash_count, 1);
	assert_int_equal(b.clashes[0].attempt, b.tries[0].id);

	/* The provider insists: nothing moves, both are named. */
	assert_int_equal(hear(&b, &second), PAY_ANSWER_CLASH);
	assert_int_equal(b.batch.clash_count, 3);
	assert_int_equal(b.clashes[2].attempt, b.tries[1].id);

	/* Whatever amount the second is told with. */
	second.amount.dong = FEE - 1;
	assert_int_equal(hear(&b, &second), PAY_ANSWER_OTHER_AMOUNT);
	assert_int_equal(b.batch.clash_count, 5);
	assert_int_equal(b.batch.posting_count, 1);
}

static void
money_for_a_dossier_that_no_longer_waits_is_surplus(void **unused)
{
	struct pay_notice n = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	b.dossier.at.state = DOSSIER_WITHDRAWN;
	assert_int_equal(hear(&b, &n), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_SURPLUS);
	assert_int_equal(b.batch.paid, 0);
	assert_int_equal(b.postings[0].kind, LEDGER_SURPLUS);
}

static void
money_that_is_in_the_ledger_is_not_booked_again(void **unused)
{
	struct pay_notice n = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	b.tries[0].was = b.tries[0].now = PAYMENT_PAID;
	b.tries[0].owed = false;
	b.booked[0] =
	    (struct ledger_booked){ LEDGER_PAYMENT, 1, "vnpay", "1", 0 };
	b.batch.booked_count = 1;
	assert_int_equal(hear(&b, &n), PAY_ANSWER_ALREADY);
	assert_int_equal(b.batch.posting_count, 0);
}

static void
money_of_another_tenant_is_no_news_of_ours(void **unused)
{
	struct pay_notice n = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	b.booked[0] =
	    (struct ledger_booked){ LEDGER_PAYMENT, 1, "vnpay", "1", 5 };
	b.batch.booked_count = 1;
	assert_int_equal(hear(&b, &n), PAY_ANSWER_CLASH);
	assert_int_equal(b.batch.posting_count, 0);
	assert_int_equal(b.tries[0].now, PAYMENT_REVIEW);
	assert_int_equal(b.batch.clash_count, 1);
	assert_int_equal(b.clashes[0].tenant, 5);
	assert_int_equal(b.clashes[0].attempt, 1);
}

static void
what_stands_in_suspense_is_no_payment(void **unused)
{
	struct pay_notice n = said("a", PAY_PAID, "1");
	struct bench b;

	(void)unused;

	set_up(&b);
	b.booked[0] =
	    (struct ledger_booked){ LEDGER_REVERSAL, 1, "vnpay", "1", 0 };
	b.booked[1] =
	    (struct ledger_booked){ LEDGER_SUSPENSE, 1, "vnpay", "1", 0 };
	b.batch.booked_count = 2;
	assert_int_equal(hear(&b, &n), PAY_ANSWER_DONE);
	assert_int_equal(b.postings[0].kind, LEDGER_PAYMENT);
	assert_true(b.postings[0].reverses);
}

static void
an_absent_order_expires_only_past_its_end_and_grace(void **unused)
{
	struct pay_notice n = said("a", PAY_ABSENT, "");
	struct bench b;

	(void)unused;

	set_up(&b);
	n.amount.dong = 0;
	assert_int_equal(
	    hear_at(&b, &n, END_US + 900 * CLOCK_SEC_US), PAY_ANSWER_ALREADY);
	assert_int_equal(b.tries[0].now, PAYMENT_CREATED);
	assert_int_equal(
	    hear_at(&b, &n, END_US + 901 * CLOCK_SEC_US), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_EXPIRED);
}

static void
silence_is_a_persons_and_takes_nothing_back(void **unused)
{
	struct pay_notice n = said("a", PAY_PENDING, ""), late;
	const struct payment_notice silence = { "vnpay", PAYMENT_VIA_SILENCE,
		&n };
	const struct payment_notice *in[] = { &silence };
	enum pay_answer answer;
	struct bench b;

	(void)unused;

	set_up(&b);
	b.batch.in = in;
	b.batch.answers = &answer;
	b.batch.count = 1;
	payment_hear(&b.batch);
	assert_int_equal(b.tries[0].now, PAYMENT_REVIEW);
	assert_true(b.tries[0].silent);
	assert_null(b.tries[0].code);
	assert_string_equal(b.news[0].kind, "payment-review");

	late = said("a", PAY_PAID, "1");
	assert_int_equal(hear(&b, &late), PAY_ANSWER_DONE);
	assert_int_equal(b.tries[0].now, PAYMENT_PAID);
	b.batch.in = in;
	b.batch.answers = &answer;
	payment_hear(&b.batch);
	assert_int_equal(b.tries[0].now, PAYMENT_PAID);
	assert_int_equal(b.batch.news_count, 1);
}

/* Every sequence of five news on two attempts: money that was told is booked,
 * each transaction once, and the request is paid once if at all. */
static void
no_order_of_news_loses_or_doubles_money(void **unused)
{
	static const struct {
		const char *ref, *txn;
		enum pay_outcome outcome;
	} rows[] = {
		{ "a", "1", PAY_PAID },
		{ "a", "2", PAY_PAID },
		{ "b", "3", PAY_PAID },
		{ "a", "", PAY_FAILED },
		{ "b", "", PAY_FAILED },
		{ "a", "1", PAY_DOUBT },
		{ "b", "", PAY_PENDING },
	};
	struct pay_notice n[nitems(rows)]; /* postings borrow from them */
	size_t total = 1;

	(void)unused;

	for (size_t r = 0; r < nitems(rows); r++)
		n[r] = said(rows[r].ref, rows[r].outcome, rows[r].txn);
	for (int i = 0; i < 5; i++)
		total *= nitems(rows);
	for (size_t seq = 0; seq < total; seq++) {
		bool told[4] = { false };
		size_t money = 0, payments = 0, left = seq;
		struct bench b;

		set_up(&b);
		for (int i = 0; i < 5; i++, left /= nitems(rows)) {
			size_t r = left % nitems(rows);

			hear(&b, &n[r]);
			if (rows[r].outcome == PAY_PAID)
				told[rows[r].txn[0] - '0'] = true;
		}
		for (int i = 1; i < 4; i++)
			money += told[i];
		for (size_t i = 0; i < b.batch.posting_count; i++)
			payments += b.postings[i].kind == LEDGER_PAYMENT;
		assert_int_equal(b.batch.posting_count, money);
		assert_int_equal(payments, money > 0);
		assert_int_equal(b.tries[0].pays + b.tries[1].pays, money > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_that_we_do_not_know_changes_nothing),
		cmocka_unit_test(a_notice_of_another_terminal_credits_nothing),
		cmocka_unit_test(another_amount_goes_to_suspense_and_review),
		cmocka_unit_test(
		    an_amount_that_cannot_be_read_is_booked_nowhere),
		cmocka_unit_test(the_right_amount_then_takes_the_suspense_back),
		cmocka_unit_test(a_success_pays_once_however_often_it_is_told),
		cmocka_unit_test(
		    a_failure_is_answered_as_heard_and_leaves_the_fee_owed),
		cmocka_unit_test(a_success_after_a_failure_is_credited),
		cmocka_unit_test(a_failure_after_a_success_changes_nothing),
		cmocka_unit_test(
		    doubt_is_neither_paid_nor_failed_and_can_still_be_settled),
		cmocka_unit_test(
		    pending_keeps_the_provider_content_and_the_attempt_open),
		cmocka_unit_test(a_second_attempt_that_is_paid_too_is_surplus),
		cmocka_unit_test(a_second_charge_on_a_paid_attempt_is_surplus),
		cmocka_unit_test(
		    one_transaction_for_two_orders_pays_only_the_first),
		cmocka_unit_test(
		    money_for_a_dossier_that_no_longer_waits_is_surplus),
		cmocka_unit_test(
		    money_that_is_in_the_ledger_is_not_booked_again),
		cmocka_unit_test(money_of_another_tenant_is_no_news_of_ours),
		cmocka_unit_test(what_stands_in_suspense_is_no_payment),
		cmocka_unit_test(
		    an_absent_order_expires_only_past_its_end_and_grace),
		cmocka_unit_test(silence_is_a_persons_and_takes_nothing_back),
		cmocka_unit_test(no_order_of_news_loses_or_doubles_money),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
