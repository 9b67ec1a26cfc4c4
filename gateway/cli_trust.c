#include "gateway/cli_trust.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/sealed.h"
#include "crypto/pades.h"
#include "crypto/trust.h"

void
cli_trust_open(struct cli_trust *t, const char *command)
{
	t->command = command;
	t->bundle = trust_bundle_new();
	t->job.at_us = clock_now_us();
}

void
cli_trust_close(struct cli_trust *t)
{
	trust_bundle_free(t->bundle);
}

bool
cli_trust_option(
    struct cli_trust *t, int option, const char *word, struct err *e)
{
	static const enum trust_kind kinds[] = {
		[OPT_TRUST] = TRUST_ANCHOR,
		[OPT_UNTRUSTED] = TRUST_UNTRUSTED,
		[OPT_CRL] = TRUST_CRL,
		[OPT_OCSP] = TRUST_OCSP,
		[OPT_POLICY] = TRUST_POLICY,
		[OPT_LIST_SIGNER] = TRUST_LIST_SIGNER,
	};

	switch (option) {
	case OPT_TRUST:
	case OPT_UNTRUSTED:
	case OPT_CRL:
	case OPT_OCSP:
	case OPT_POLICY:
	case OPT_LIST_SIGNER:
		return trust_bundle_add(
		    t->bundle, word, kinds[option], TRUST_ANY, e);
	case OPT_AT:
		return clock_parse_rfc3339(word, &t->job.at_us) ||
		       err_set(e, ERR_BAD_FIELD, "--at: not RFC 3339");
	case OPT_REVOCATION:
		return revocation_mode_find(word, &t->job.revocation) ||
		       err_set(e, ERR_BAD_FIELD, "--revocation: %s", word);
	case OPT_JSON:
		t->json = true;
		return true;
	default:
		return err_set(e, ERR_BAD_FIELD, "unknown option");
	}
}

bool
cli_trust_read(const struct cli_trust_words *w, void *of, int argc, char **argv,
    struct err *e)
{
	int c;

	while ((c = getopt_long(argc, argv, "", w->options, NULL)) != -1)
		if (!w->take(of, c, e))
			return false;
	return optind < argc ||
	       err_set(e, ERR_MISSING_FIELD, "no %s", w->operand);
}

void
cli_trust_seal(struct cli_trust *t)
{
	t->job.trust_fd = trust_bundle_seal(t->bundle, t->job.trust_generation);
}

bool
cli_load(const char *path, int *out, struct err *e)
{
	struct blob bytes = { 0 };
	bool ok;

	if (!file_read(path, PADES_FILE_MAX, &bytes, e))
		return false;
	ok = sealed_new(bytes.data, bytes.len, out, e);
	blob_release(&bytes);
	return ok;
}

struct report *
cli_judge(struct verifier *v, const struct cli_trust *t, const char *path)
{
	struct verifier_job job = t->job;
	struct report *r;
	struct err e = { 0 };

	job.name = path;
	if (cli_load(path, &job.document_fd, &e)) {
		r = verifier_judge(v, &job);
		close(job.document_fd);
		return r;
	}
	r = report_new(path);
	report_find(r, e.code == ERR_TOO_LARGE ? FIND_LIMIT : FIND_FORMAT, "%s",
	    e.detail);
	fprintf(stderr, "hosogate %s: %s\n", t->command, e.detail);
	return r;
}

enum cli_verdict
cli_verdict(enum indication i)
{
	static const enum cli_verdict verdicts[] = {
		[TOTAL_PASSED] = CLI_PASSED,
		[INDETERMINATE] = CLI_INDETERMINATE,
		[TOTAL_FAILED] = CLI_TOTAL_FAILED,
	};

	return verdicts[i];
}

bool
cli_unfinished(const struct report *r)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].code == FIND_VERIFIER)
			return true;
	return false;
}

int
cli_judge_all(
    struct verifier *v, cli_judge_fn *judge, const void *of, char **files)
{
	enum cli_verdict worst = CLI_PASSED, status;

	for (; *files != NULL; files++) {
		status = judge(v, of, *files);
		worst = status > worst ? status : worst;
	}
	return (int)worst;
}
