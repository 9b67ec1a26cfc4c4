/*
 * What a verifier child that was taken over may answer.  A refusal leaves
 * *out alone; what is accepted is written as it was read, and can be shown.
 * With SEEDS in the environment a report to begin with is left in that folder.
 */
#include <assert.h>
#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "crypto/report.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* One of everything. */
static struct report *
whole(void)
{
	struct report *r = report_new("seed.pdf");
	struct signature_report *s = report_add(r);

	r->format = FORMAT_PADES;
	signature_begin(s);
	s->integrity = INTEGRITY_INTACT;
	s->timestamp_count = 1;
	s->signer.id_count = 1;
	s->signer.ids[0] = (struct signer_id){ "CCCD", "001099000123" };
	signature_find(s, FIND_CHAIN, "seed");
	report_find(r, FIND_FORMAT, "seed");
	signature_sink(report_add(r), SUB_HASH_FAILURE);
	report_conclude(r);
	return r;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *folder = getenv("SEEDS");
	struct report *r = whole();
	struct buf b = { 0 }, path = { 0 };
	FILE *f;

	(void)argc;
	(void)argv;
	report_write(r, &b);
	buf_printf(&path, "%s/report", folder == NULL ? "/nowhere" : folder);
	f = folder == NULL ? NULL : fopen(path.data, "w");
	if (folder != NULL && (f == NULL || fwrite(b.data, b.len, 1, f) != 1))
		err(1, "%s", path.data);
	if (f != NULL)
		fclose(f);
	buf_release(&b);
	buf_release(&path);
	report_free(r);
	return 0;
}

static void
show(const struct report *r)
{
	struct json *j = report_json(r);

	free(json_write(j));
	json_free(j);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct report untouched, *r = &untouched;
	struct buf b = { 0 };
	struct err e = { 0 };

	if (!report_read(data, len, &r, &e)) {
		assert(r == &untouched);
		return 0;
	}
	assert(r->signature_count <= REPORT_SIGNATURES_MAX);
	report_write(r, &b);
	assert(b.len == len && memcmp(b.data, data, len) == 0);
	show(r);
	buf_release(&b);
	report_free(r);
	return 0;
}
