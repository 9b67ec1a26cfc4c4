/*
 * What a verifier child that was taken over may answer.  A refusal leaves
 * *out alone; what is accepted says the same when it is written and read
 * again, and never more than the limits allow.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "crypto/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char *
write_report(const struct report *r)
{
	struct json *j = report_json(r);
	char *text = json_write(j);

	json_free(j);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct report untouched, *r = &untouched, *again = NULL;
	struct err e = { 0 };
	char *first, *second;

	if (!report_read((const char *)data, len, &r, &e)) {
		assert(r == &untouched);
		return 0;
	}
	assert(r->signature_count <= REPORT_SIGNATURES_MAX);
	first = write_report(r);
	if (!report_read(first, strlen(first), &again, &e))
		abort();
	second = write_report(again);
	assert(strcmp(first, second) == 0);
	free(first);
	free(second);
	report_free(r);
	report_free(again);
	return 0;
}
