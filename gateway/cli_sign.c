/*
 * hosogate sign [options] FILE...: signs files with a key from a PKCS#12 file:
 * PAdES into a PDF, or CAdES beside any file.  The originals stay as they
 * are, and nothing that exists is written over.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "crypto/pades.h"
#include "crypto/sign.h"
#include "gateway/cli.h"

static const char usage[] =
    "usage: hosogate sign --pkcs12 FILE [options] FILE...\n"
    "  --pkcs12 FILE         key, certificate and chain\n"
    "  --password-file FILE  its first line opens the PKCS#12 file\n"
    "  --reason TEXT         why it is signed; PDF only\n"
    "  --location TEXT       where; PDF only\n"
    "  --field NAME          the signature field to use or to make; PDF only\n"
    "  --cades               a detached .p7s beside each file\n"
    "  --out FILE            the result, when there is one FILE; default\n"
    "                        NAME.signed.pdf, or FILE.p7s with --cades\n"
    "exit status: 0 all signed, 1 something was not, 64 usage\n";

struct options {
	const char *pkcs12, *password_file, *out;
	struct sign_options sign;
	bool cades;
};

static bool
read_options(int argc, char **argv, struct options *o)
{
	const struct cli_option options[] = {
		{ "pkcs12", .text = &o->pkcs12 },
		{ "password-file", .text = &o->password_file },
		{ "reason", .text = &o->sign.reason },
		{ "location", .text = &o->sign.location },
		{ "field", .text = &o->sign.field },
		{ "cades", .flag = &o->cades },
		{ "out", .text = &o->out },
		{ .name = NULL },
	};

	return cli_options(argc, argv, options, NULL) && o->pkcs12 != NULL &&
	       optind < argc && (o->out == NULL || optind + 1 == argc);
}

/* "a.pdf" gives "a.signed.pdf" or "a.pdf.p7s"; the caller frees. */
static char *
name_result(const struct options *o, const char *file)
{
	size_t len = strlen(file);
	struct buf name = { 0 };

	if (o->out != NULL) {
		buf_puts(&name, o->out);
	} else if (o->cades) {
		buf_printf(&name, "%s.p7s", file);
	} else {
		if (len > 4 && strcmp(file + len - 4, ".pdf") == 0)
			len -= 4;
		buf_put(&name, file, len);
		buf_puts(&name, ".signed.pdf");
	}
	return buf_take(&name);
}

static bool
sign_bytes(const struct signer_key *key, const struct options *o,
    const struct blob *in, struct blob *out, struct err *e)
{
	if (o->cades)
		return sign_cades(key, in, &o->sign, out, e);
	return sign_pdf(key, in, &o->sign, out, e);
}

static bool
sign_file(const struct signer_key *key, const struct options *o,
    const char *file, struct err *e)
{
	char *result = name_result(o, file);
	struct blob in = { 0 }, out = { 0 };
	bool ok = false;

	if (!file_read(file, PADES_FILE_MAX, &in, e))
		goto out;
	if (!sign_bytes(key, o, &in, &out, e))
		goto out;
	if (!file_write_new(result, out.data, out.len, e))
		goto out;
	printf("%s\n", result);
	ok = true;

out:
	blob_release(&in);
	blob_release(&out);
	free(result);
	return ok;
}

int
cli_sign(int argc, char **argv)
{
	struct options o = { .sign.at_us = clock_now_us() };
	struct signer_key *key = NULL;
	struct err e = { 0 };
	int status = CLI_OK;

	if (!read_options(argc, argv, &o)) {
		fputs(usage, stderr);
		return CLI_USAGE;
	}
	if (!sign_open_pkcs12(o.pkcs12, o.password_file, &key, &e)) {
		cli_complain(argv[0], &e);
		return CLI_FAILED;
	}
	for (int i = optind; i < argc; i++) {
		if (sign_file(key, &o, argv[i], &e))
			continue;
		fprintf(stderr, "%s:\n", argv[i]);
		cli_complain(argv[0], &e);
		status = CLI_FAILED;
	}
	sign_close(key);
	return status;
}
