/*
 * mac: proofs of a notice's MAC a second, one line an algorithm, counted in CPU
 * time as openssl speed does; payments.js lets that one run beside it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "adapters/adapter.h"
#include "base/buf.h"
#include "base/clock.h"

#define DATA_LEN 350 /* of a notice of VNPay's */
#define ROUNDS   500000

static int64_t
cpu_us(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return used.ru_utime.tv_sec * CLOCK_SEC_US + used.ru_utime.tv_usec;
}

static bool
prove(enum mac_algorithm alg, const char *name)
{
	static const char *const secrets[] = {
		"SECRETKEYFORTESTONLY0123456789AB"
	};
	const struct pay_terms terms = { .secrets = secrets,
		.secret_count = 1 };
	struct buf data = { 0 }, hex = { 0 };
	struct pay_proof proof = { 0 };
	int64_t began;
	bool ok = true;

	for (int i = 0; i < DATA_LEN; i++)
		buf_puts(&data, "x");
	pay_sign(alg, secrets[0], &data, &hex);
	proof.hex = hex.data;
	began = cpu_us();
	for (int i = 0; i < ROUNDS && ok; i++)
		ok = pay_proves(&terms, alg, &data, &proof);
	printf("%s %d %lld\n", name, ROUNDS, (long long)(cpu_us() - began));
	buf_release(&hex);
	buf_release(&data);
	return ok;
}

int
main(void)
{
	return prove(MAC_SHA512, "sha512") && prove(MAC_SHA256, "sha256") ? 0
									  : 1;
}
