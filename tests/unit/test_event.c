/*
 * Links and heads of the record.  The expected hashes come from another
 * program (Python's hashlib over the lines that gateway/event.h writes down),
 * so that a third party who follows that text gets the same.
 */
#include "gateway/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "gateway/merkle.h"

static const struct event_link link = {
	.tenant = 1,
	.dossier = 42,
	.seq = 3,
	.kind = "accept",
	.at_us = INT64_C(1795429753639157),
	.actor = 7,
	.data = "{\"code\":\"H29.20-261123-0001\",\"ý\":\"nghĩa\"}",
};

static void
assert_hex(const uint8_t hash[32], const char *hex)
{
	char got[65];

	text_hex(hash, 32, got);
	assert_string_equal(got, hex);
}

static void
a_link_is_the_hash_that_the_header_describes(void **unused)
{
	uint8_t prev[32] = { 0 }, hash[32];

	(void)unused;

	event_hash(&link, prev, hash);
	assert_hex(hash, "1ee972683b9fc5e37defe24ff8d6219a"
			 "58137e2751a90735b54a0e7e72757cb9");
	for (uint8_t i = 0; i < 32; i++)
		prev[i] = i;
	event_hash(&link, prev, hash);
	assert_hex(hash, "d120acfb7dc522709aec38b49f8ad2a3"
			 "6159224e6f69f48ee6ce37a56eb275ca");
}

static void
every_column_of_a_link_counts(void **unused)
{
	const uint8_t prev[32] = { 0 };
	struct event_link other[7];
	uint8_t hash[32], changed[32];

	(void)unused;

	for (int i = 0; i < 7; i++)
		other[i] = link;
	other[0].tenant++;
	other[1].dossier++;
	other[2].seq++;
	other[3].kind = "refuse";
	other[4].at_us++;
	other[5].actor++;
	other[6].data = "{}";
	event_hash(&link, prev, hash);
	for (int i = 0; i < 7; i++) {
		event_hash(&other[i], prev, changed);
		assert_memory_not_equal(hash, changed, 32);
	}
}

static void
a_head_is_the_hash_that_the_header_describes(void **unused)
{
	struct event_head h = { .from_xact = 0,
		.to_xact = 738,
		.events = 12,
		.made_us = INT64_C(1795429753639157) };
	uint8_t prev[32], hash[32];

	(void)unused;

	memset(h.root, 0xab, sizeof(h.root));
	for (uint8_t i = 0; i < 32; i++)
		prev[i] = i;
	event_head_hash(&h, prev, hash);
	assert_hex(hash, "f96737b0b29f7024b9f1cb06d091af9f"
			 "4965ac78ade444674fbc9b1ad5b417d1");
}

/* RFC 6962, 2.1, word for word: split at the largest power of two below n. */
static void
reference_root(const uint8_t leaves[][32], size_t n, uint8_t out[32])
{
	uint8_t bytes[65] = { 0 };
	size_t k = 1;

	if (n == 1) {
		memcpy(bytes + 1, leaves[0], 32);
		digest_sha256(bytes, 33, out);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	bytes[0] = 1;
	reference_root(leaves, k, bytes + 1);
	reference_root(leaves + k, n - k, bytes + 33);
	digest_sha256(bytes, 65, out);
}

static void
a_root_is_that_of_rfc_6962_for_any_number_of_leaves(void **unused)
{
	static uint8_t leaves[130][32];
	uint8_t got[32], want[32];
	struct merkle tree = { .count = 0 };

	(void)unused;

	for (size_t n = 0; n < 130; n++) {
		digest_sha256(&n, sizeof(n), leaves[n]);
		merkle_add(&tree, leaves[n]);
		merkle_root(&tree, got);
		reference_root((const uint8_t(*)[32])leaves, n + 1, want);
		assert_memory_equal(got, want, 32);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_the_hash_that_the_header_describes),
		cmocka_unit_test(every_column_of_a_link_counts),
		cmocka_unit_test(a_head_is_the_hash_that_the_header_describes),
		cmocka_unit_test(
		    a_root_is_that_of_rfc_6962_for_any_number_of_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
