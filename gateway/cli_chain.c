/*
 * hosogate chain [options] CERT...: judges certificates by their path alone
 * (RFC 5280, 6), without a database or a network.
 *
 * What it writes with --json and its exit status are a contract with strangers
 * (DESIGN 7).  A certificate is untrusted bytes like any document, and is
 * parsed in a verifier child.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/chain.h"
#include "crypto/report.h"
#include "crypto/verifier.h"
#include "gateway/cli.h"
#include "gateway/cli_trust.h"
#include "gateway/verdict.h"

struct options {
	struct cli_trust trust;
	struct chain_policies policies; /* its oids are those below */
	const char *oids[VERIFIER_OIDS_MAX];
};

static const char usage[] =
    "usage: hosogate chain [options] CERT...\n" CLI_TRUST_USAGE
    "  --policy-oid OID      an acceptable certificate policy; repeatable\n"
    "  --explicit-policy     the path must be valid for one of them\n"
    "  --inhibit-map         no policy mapping\n"
    "  --inhibit-any         anyPolicy is not any\n"
    "exit status: 0 all TOTAL-PASSED, 1 INDETERMINATE, 2 TOTAL-FAILED,\n"
    "             3 not a certificate or unreadable, 64 usage\n";

enum chain_option {
	OPT_OID = CLI_TRUST_NEXT,
	OPT_EXPLICIT,
	OPT_INHIBIT_MAP,
	OPT_INHIBIT_ANY,
};

static const struct option longopts[] = {
	CLI_TRUST_OPTIONS,
	{ "policy-oid", required_argument, NULL, OPT_OID },
	{ "explicit-policy", no_argument, NULL, OPT_EXPLICIT },
	{ "inhibit-map", no_argument, NULL, OPT_INHIBIT_MAP },
	{ "inhibit-any", no_argument, NULL, OPT_INHIBIT_ANY },
	{ NULL, 0, NULL, 0 },
};

/* X.660: 0, 1 or 2, under the first two no more than 39, then anything; at
 * least two numbers, each without leading zeros. */
static bool
is_oid(const char *s)
{
	char arc[VERIFIER_OID_LEN];
	int64_t n, first = 0;
	size_t len, count = 0;

	if (strlen(s) >= VERIFIER_OID_LEN)
		return false;
	for (;; s += len + 1, count++) {
		len = strcspn(s, ".");
		memcpy(arc, s, len);
		arc[len] = '\0';
		if (!text_int(arc, &n) || (count == 0 && n > 2) ||
		    (count == 1 && first < 2 && n > 39))
			return false;
		if (count == 0)
			first = n;
		if (s[len] == '\0')
			return count > 0;
	}
}

static bool
add_oid(struct options *o, const char *word, struct err *e)
{
	if (!is_oid(word))
		return err_set(e, ERR_BAD_FIELD, "--policy-oid: not an OID");
	if (o->policies.oid_count == VERIFIER_OIDS_MAX)
		return err_set(e, ERR_TOO_LARGE, "--policy-oid: more than %d",
		    VERIFIER_OIDS_MAX);
	o->oids[o->policies.oid_count++] = word;
	return true;
}

static bool
take_option(void *of, int c, struct err *e)
{
	struct options *o = of;

	switch (c) {
	case OPT_OID:
		return add_oid(o, optarg, e);
	case OPT_EXPLICIT:
		o->policies.explicit_policy = true;
		return true;
	case OPT_INHIBIT_MAP:
		o->policies.inhibit_map = true;
		return true;
	case OPT_INHIBIT_ANY:
		o->policies.inhibit_any = true;
		return true;
	default:
		return cli_trust_option(&o->trust, c, optarg, e);
	}
}

static bool
read_options(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct cli_trust_words words = { longopts, "CERT",
		take_option };

	if (!cli_trust_read(&words, o, argc, argv, e))
		return false;
	o->policies.oids = o->oids;
	o->trust.job.chain = &o->policies;
	return true;
}

static void
add_findings(struct json *list, const struct finding *f, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct json *j = json_new_object();

		json_put_text(j, "code", finding_name(f[i].code));
		json_put_text(j, "detail", f[i].detail);
		json_add(list, j);
	}
}

/* The path's own findings stand with its one signature, the others with the
 * file; who asks about a certificate sees one list. */
static struct json *
findings_json(const struct report *r)
{
	struct json *list = json_new_list();

	add_findings(list, r->findings, r->finding_count);
	for (size_t i = 0; i < r->signature_count; i++)
		add_findings(list, r->signatures[i].findings,
		    r->signatures[i].finding_count);
	return list;
}

static void
print_json(const struct report *r)
{
	struct json *j = json_new_object(), *path = json_new_list();
	char *text;

	json_put_text(j, "file", r->file);
	json_put_text(j, "policy", r->policy);
	json_put_text(j, "indication", indication_name(r->indication));
	json_put_text_or_null(
	    j, "subindication", subindication_name(r->subindication));
	for (size_t i = 0; r->path != NULL && i < r->path->count; i++)
		json_add_text(path, r->path->subjects[i]);
	json_put(j, "path", path);
	json_put(j, "findings", findings_json(r));
	text = json_write(j);
	puts(text);
	free(text);
	json_free(j);
}

static enum cli_verdict
judge(struct verifier *v, const void *of, const char *path)
{
	const struct options *o = of;
	struct report *r = cli_judge(v, &o->trust, path);
	enum cli_verdict status = cli_verdict(r->indication);

	/* A child that did not finish found out nothing, not "unreadable". */
	if (r->signature_count == 0 && !cli_unfinished(r))
		status = CLI_UNREADABLE;
	if (o->trust.json)
		print_json(r);
	else
		verdict_print_path(stdout, r);
	report_free(r);
	return status;
}

int
cli_chain(int argc, char **argv)
{
	struct verifier *v = verifier_new(1);
	struct options o = { 0 };
	struct err e = { 0 };
	int code = CLI_USAGE;

	cli_trust_open(&o.trust, "chain");
	if (!read_options(&o, argc, argv, &e)) {
		fprintf(stderr, "hosogate chain: %s\n%s", e.detail, usage);
		goto out;
	}
	cli_trust_seal(&o.trust);
	code = cli_judge_all(v, judge, &o, argv + optind);

out:
	cli_trust_close(&o.trust);
	verifier_free(v);
	return code;
}
