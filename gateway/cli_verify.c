/*
 * hosogate verify [options] FILE...: judges signatures, without a database or
 * a network.
 *
 * What it writes with --json and its exit status are a contract with strangers
 * (DESIGN 7).  Files are read into sealed memfds here and parsed nowhere but
 * in a verifier child, as the server does it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/report.h"
#include "crypto/verifier.h"
#include "gateway/cli.h"
#include "gateway/cli_trust.h"
#include "gateway/verdict.h"

struct options {
	struct cli_trust trust;
	int64_t revision; /* 0: judge */
};

static const char usage[] =
    "usage: hosogate verify [options] FILE...\n" CLI_TRUST_USAGE
    "  --content FILE        content of a detached signature; repeatable\n"
    "  --extract-revision N  write what signature N covers, judge nothing\n"
    "exit status: 0 all TOTAL-PASSED, 1 INDETERMINATE, 2 TOTAL-FAILED,\n"
    "             3 without a signature or unreadable, 64 usage\n";

enum verify_option {
	OPT_CONTENT = CLI_TRUST_NEXT,
	OPT_EXTRACT,
};

static const struct option longopts[] = {
	CLI_TRUST_OPTIONS,
	{ "content", required_argument, NULL, OPT_CONTENT },
	{ "extract-revision", required_argument, NULL, OPT_EXTRACT },
	{ NULL, 0, NULL, 0 },
};

static bool
add_content(struct options *o, const char *path, struct err *e)
{
	struct verifier_job *job = &o->trust.job;
	const char *slash = strrchr(path, '/');
	size_t i = job->content_count;

	if (i == VERIFIER_CONTENTS_MAX)
		return err_set(e, ERR_TOO_LARGE, "--content: more than %d",
		    VERIFIER_CONTENTS_MAX);
	if (!cli_load(path, &job->contents[i].fd, e))
		return false;
	job->contents[i].name = slash == NULL ? path : slash + 1;
	job->content_count++;
	return true;
}

static bool
read_revision(struct options *o, const char *word, struct err *e)
{
	if (!text_int(word, &o->revision) || o->revision < 1 ||
	    o->revision > REPORT_SIGNATURES_MAX)
		return err_set(e, ERR_BAD_FIELD,
		    "--extract-revision: not 1 to %d", REPORT_SIGNATURES_MAX);
	return true;
}

static bool
take_option(void *of, int c, struct err *e)
{
	struct options *o = of;

	switch (c) {
	case OPT_EXTRACT:
		return read_revision(o, optarg, e);
	case OPT_CONTENT:
		return add_content(o, optarg, e);
	default:
		return cli_trust_option(&o->trust, c, optarg, e);
	}
}

static bool
read_options(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct cli_trust_words words = { longopts, "FILE",
		take_option };

	if (!cli_trust_read(&words, o, argc, argv, e))
		return false;
	if (o->revision != 0 && optind + 1 != argc)
		return err_set(
		    e, ERR_BAD_FIELD, "--extract-revision takes one FILE");
	return true;
}

static void
options_release(struct options *o)
{
	const struct verifier_job *job = &o->trust.job;

	for (size_t i = 0; i < job->content_count; i++)
		close(job->contents[i].fd);
	cli_trust_close(&o->trust);
}

static void
print(const struct options *o, const struct report *r)
{
	struct json *j;
	char *text;

	if (!o->trust.json) {
		verdict_print(stdout, r);
		return;
	}
	j = report_json(r);
	text = json_write(j);
	puts(text);
	free(text);
	json_free(j);
}

static enum cli_verdict
status_of(const struct report *r)
{
	/* A child that did not finish found out nothing, not "unsigned". */
	if (r->format == FORMAT_NONE && !cli_unfinished(r))
		return CLI_UNREADABLE;
	return cli_verdict(r->indication);
}

static enum cli_verdict
judge(struct verifier *v, const void *of, const char *path)
{
	const struct options *o = of;
	struct report *r = cli_judge(v, &o->trust, path);
	enum cli_verdict status = status_of(r);

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

static enum cli_verdict
extract(struct verifier *v, const struct options *o, const char *path)
{
	size_t n = (size_t)o->revision, end;
	struct err e = { 0 };
	int fd = -1;
	bool ok = false;

	if (!cli_load(path, &fd, &e))
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
	return ok ? CLI_PASSED : CLI_UNREADABLE;
}

/* The child is forked before anything is opened or read. */
int
cli_verify(int argc, char **argv)
{
	struct verifier *v = verifier_new(1);
	struct options o = { 0 };
	struct err e = { 0 };
	int code = CLI_USAGE;

	cli_trust_open(&o.trust, "verify");
	if (!read_options(&o, argc, argv, &e)) {
		fprintf(stderr, "hosogate verify: %s\n%s", e.detail, usage);
		goto out;
	}
	cli_trust_seal(&o.trust);
	if (o.revision != 0) {
		code = (int)extract(v, &o, argv[optind]);
		goto out;
	}
	code = cli_judge_all(v, judge, &o, argv + optind);

out:
	options_release(&o);
	verifier_free(v);
	return code;
}
