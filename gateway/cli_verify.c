/*
 * hosogate verify [options] FILE...: judges signatures, without a database or
 * a network.
 *
 * What it writes with --json and its exit status are a contract with strangers
 * (DESIGN 7).  Files are read into sealed memfds here and parsed nowhere but
 * in a verifier child, as the server does it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/pades.h"
#include "crypto/report.h"
#include "crypto/trust.h"
#include "crypto/verifier.h"
#include "gateway/cli.h"
#include "gateway/verdict.h"

/* The worst file decides. */
enum status {
	STATUS_PASSED = 0,
	STATUS_INDETERMINATE = 1,
	STATUS_FAILED = 2,
	STATUS_UNSIGNED = 3,
};

struct options {
	struct trust_bundle *bundle;
	struct verifier_job job; /* without the document */
	int64_t revision;        /* 0: judge */
	bool json;
};

static const char usage[] =
    "usage: hosogate verify [options] FILE...\n"
    "  --trust PATH          trust anchors: a file or a folder; repeatable\n"
    "  --untrusted PATH      certificates that may stand in a path\n"
    "  --list-signer PATH    whose trusted lists (ETSI TS 119 612) among the\n"
    "                        anchors are believed\n"
    "  --crl PATH            revocation lists; repeatable\n"
    "  --ocsp PATH           OCSP answers; repeatable\n"
    "  --at TIME             validation time, RFC 3339; default now\n"
    "  --content FILE        content of a detached signature; repeatable\n"
    "  --extract-revision N  write what signature N covers, judge nothing\n"
    "  --revocation MODE     require (default), prefer or off\n"
    "  --policy FILE         algorithms and key sizes, by date\n"
    "  --json                one JSON object a line for each file\n"
    "exit status: 0 all TOTAL-PASSED, 1 INDETERMINATE, 2 TOTAL-FAILED,\n"
    "             3 without a signature or unreadable, 64 usage\n";

enum verify_option {
	OPT_TRUST = 1,
	OPT_UNTRUSTED,
	OPT_CRL,
	OPT_OCSP,
	OPT_POLICY,
	OPT_LIST_SIGNER,
	OPT_AT,
	OPT_CONTENT,
	OPT_EXTRACT,
	OPT_REVOCATION,
	OPT_JSON,
};

static const struct option longopts[] = {
	{ "trust", required_argument, NULL, OPT_TRUST },
	{ "untrusted", required_argument, NULL, OPT_UNTRUSTED },
	{ "crl", required_argument, NULL, OPT_CRL },
	{ "ocsp", required_argument, NULL, OPT_OCSP },
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "list-signer", required_argument, NULL, OPT_LIST_SIGNER },
	{ "at", required_argument, NULL, OPT_AT },
	{ "content", required_argument, NULL, OPT_CONTENT },
	{ "extract-revision", required_argument, NULL, OPT_EXTRACT },
	{ "revocation", required_argument, NULL, OPT_REVOCATION },
	{ "json", no_argument, NULL, OPT_JSON },
	{ NULL, 0, NULL, 0 },
};

/* The file as a sealed memfd, which the caller closes. */
static bool
load(const char *path, int *out, struct err *e)
{
	struct blob bytes = { 0 };
	int fd = -1;
	bool ok = false;

	if (!file_read(path, PADES_FILE_MAX, &bytes, e))
		goto out;
	fd = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len ||
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
		err_set(e, ERR_FILE, "%s: %s", path, strerror(errno));
		goto out;
	}
	*out = fd;
	fd = -1; /* the caller's now */
	ok = true;

out:
	if (fd >= 0)
		close(fd);
	blob_release(&bytes);
	return ok;
}

static bool
add_content(struct options *o, const char *path, struct err *e)
{
	struct verifier_job *job = &o->job;
	const char *slash = strrchr(path, '/');
	size_t i = job->content_count;

	if (i == VERIFIER_CONTENTS_MAX)
		return err_set(e, ERR_TOO_LARGE, "--content: more than %d",
		    VERIFIER_CONTENTS_MAX);
	if (!load(path, &job->contents[i].fd, e))
		return false;
	job->contents[i].name = slash == NULL ? path : slash + 1;
	job->content_count++;
	return true;
}

static bool
read_revocation(struct options *o, const char *word, struct err *e)
{
	static const char *const words[] = {
		[REVOCATION_REQUIRE] = "require",
		[REVOCATION_PREFER] = "prefer",
		[REVOCATION_OFF] = "off",
	};

	for (size_t i = 0; i < nitems(words); i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		o->job.revocation = (enum revocation_mode)i;
		return true;
	}
	return err_set(e, ERR_BAD_FIELD, "--revocation: %s", word);
}

static bool
read_numbers(struct options *o, int c, const char *word, struct err *e)
{
	if (c == OPT_AT && !clock_parse_rfc3339(word, &o->job.at_us))
		return err_set(e, ERR_BAD_FIELD, "--at: not RFC 3339");
	if (c == OPT_EXTRACT &&
	    (!text_int(word, &o->revision) || o->revision < 1 ||
		o->revision > REPORT_SIGNATURES_MAX))
		return err_set(e, ERR_BAD_FIELD,
		    "--extract-revision: not 1 to %d", REPORT_SIGNATURES_MAX);
	return true;
}

static bool
read_option(struct options *o, int c, struct err *e)
{
	static const enum trust_kind kinds[] = {
		[OPT_TRUST] = TRUST_ANCHOR,
		[OPT_UNTRUSTED] = TRUST_UNTRUSTED,
		[OPT_CRL] = TRUST_CRL,
		[OPT_OCSP] = TRUST_OCSP,
		[OPT_POLICY] = TRUST_POLICY,
		[OPT_LIST_SIGNER] = TRUST_LIST_SIGNER,
	};

	switch (c) {
	case OPT_TRUST:
	case OPT_UNTRUSTED:
	case OPT_CRL:
	case OPT_OCSP:
	case OPT_POLICY:
	case OPT_LIST_SIGNER:
		return trust_bundle_add(
		    o->bundle, optarg, kinds[c], TRUST_ANY, e);
	case OPT_AT:
	case OPT_EXTRACT:
		return read_numbers(o, c, optarg, e);
	case OPT_CONTENT:
		return add_content(o, optarg, e);
	case OPT_REVOCATION:
		return read_revocation(o, optarg, e);
	case OPT_JSON:
		o->json = true;
		return true;
	default:
		return err_set(e, ERR_BAD_FIELD, "unknown option");
	}
}

static bool
read_options(struct options *o, int argc, char **argv, struct err *e)
{
	int c;

	o->job.at_us = clock_now_us();
	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1)
		if (!read_option(o, c, e))
			return false;
	if (optind == argc)
		return err_set(e, ERR_MISSING_FIELD, "no FILE");
	if (o->revision != 0 && optind + 1 != argc)
		return err_set(
		    e, ERR_BAD_FIELD, "--extract-revision takes one FILE");
	return true;
}

static void
options_release(struct options *o)
{
	for (size_t i = 0; i < o->job.content_count; i++)
		close(o->job.contents[i].fd);
	trust_bundle_free(o->bundle);
}

static void
print(const struct options *o, const struct report *r)
{
	struct json *j;
	char *text;

	if (!o->json) {
		verdict_print(stdout, r);
		return;
	}
	j = report_json(r);
	text = json_write(j);
	puts(text);
	free(text);
	json_free(j);
}

static bool
has_finding(const struct report *r, enum finding_code code)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].code == code)
			return true;
	return false;
}

static enum status
status_of(const struct report *r)
{
	static const enum status statuses[] = {
		[TOTAL_PASSED] = STATUS_PASSED,
		[INDETERMINATE] = STATUS_INDETERMINATE,
		[TOTAL_FAILED] = STATUS_FAILED,
	};

	/* A child that did not finish found out nothing, not "unsigned". */
	if (r->format == FORMAT_NONE && !has_finding(r, FIND_VERIFIER))
		return STATUS_UNSIGNED;
	return statuses[r->indication];
}

static enum status
judge(struct verifier *v, const struct options *o, const char *path)
{
	struct verifier_job job = o->job;
	struct report *r;
	struct err e = { 0 };
	enum status status;

	job.name = path;
	if (load(path, &job.document_fd, &e)) {
		r = verifier_judge(v, &job);
		close(job.document_fd);
	} else {
		r = report_new(path);
		report_find(r,
		    e.code == ERR_TOO_LARGE ? FIND_LIMIT : FIND_FORMAT, "%s",
		    e.detail);
		fprintf(stderr, "hosogate verify: %s\n", e.detail);
	}
	status = status_of(r);
	print(o, r);
	report_free(r);
	return status;
}

static bool
write_prefix(int fd, size_t len)
{
	void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	bool ok;

	if (p == MAP_FAILED)
		return false;
	ok = fwrite(p, 1, len, stdout) == len && fflush(stdout) == 0;
	munmap(p, len);
	return ok;
}

static enum status
extract(struct verifier *v, const struct options *o, const char *path)
{
	size_t n = (size_t)o->revision, end;
	struct err e = { 0 };
	int fd = -1;
	bool ok = false;

	if (!load(path, &fd, &e))
		goto out;
	if (!verifier_revision(v, fd, n, &end)) {
		err_set(&e, ERR_NOT_FOUND, "%s: no signature %zu", path, n);
		goto out;
	}
	if (!write_prefix(fd, end)) {
		err_set(&e, ERR_FILE, "standard output: %s", strerror(errno));
		goto out;
	}
	ok = true;

out:
	if (!ok)
		fprintf(stderr, "hosogate verify: %s\n", e.detail);
	if (fd >= 0)
		close(fd);
	return ok ? STATUS_PASSED : STATUS_UNSIGNED;
}

int
cli_verify(int argc, char **argv)
{
	struct verifier *v = verifier_new(1);
	struct options o = { .bundle = trust_bundle_new() };
	enum status worst = STATUS_PASSED, status;
	struct err e = { 0 };
	int code = CLI_USAGE;

	if (!read_options(&o, argc, argv, &e)) {
		fprintf(stderr, "hosogate verify: %s\n%s", e.detail, usage);
		goto out;
	}
	o.job.trust_fd = trust_bundle_seal(o.bundle, o.job.trust_generation);
	if (o.revision != 0) {
		code = (int)extract(v, &o, argv[optind]);
		goto out;
	}
	for (int i = optind; i < argc; i++) {
		status = judge(v, &o, argv[i]);
		worst = status > worst ? status : worst;
	}
	code = (int)worst;

out:
	options_release(&o);
	verifier_free(v);
	return code;
}
