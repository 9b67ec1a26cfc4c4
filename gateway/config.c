#include "gateway/config.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/sign.h"
#include "gateway/notice_source.h"

#define SECRET_LEN_MAX 4096

/* libconfuse hands its message to a function without an argument of ours, so
 * the message waits here until the call that caused it returns. */
static _Thread_local char complaint[200];

static void keep_complaint(cfg_t *cfg, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
keep_complaint(cfg_t *cfg, const char *fmt, va_list ap)
{
	int n = 0;

	if (cfg != NULL && cfg->line > 0)
		n = snprintf(
		    complaint, sizeof(complaint), "line %d: ", cfg->line);
	vsnprintf(complaint + n, sizeof(complaint) - (size_t)n, fmt, ap);
}

/* A relative path is relative to the configuration itself, so that the same
 * file works wherever the program is started.  in is NULL for what is none. */
static char *
resolve(const char *in, const char *path)
{
	if (in == NULL || *path == '\0')
		return blob_strdup(path);
	return file_beside(in, path);
}

static char *
take_text(cfg_t *cfg, const char *name, const char *in)
{
	return resolve(in, cfg_getstr(cfg, name));
}

static struct config_list
take_list(cfg_t *cfg, const char *name, const char *in)
{
	size_t count = cfg_size(cfg, name);
	char **item = blob_calloc(count + 1, sizeof(*item));

	for (size_t i = 0; i < count; i++)
		item[i] = resolve(in, cfg_getnstr(cfg, name, (unsigned int)i));
	return (struct config_list){ (const char *const *)item, count };
}

static void
list_release(struct config_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free((char *)l->item[i]);
	free((void *)l->item);
	*l = (struct config_list){ 0 };
}

static void
take(cfg_t *cfg, const char *in, struct config *c)
{
#define STR(n, d, w)         c->n = take_text(cfg, #n, NULL);
#define PATH(n, w)           c->n = take_text(cfg, #n, in);
#define LIST(n, w)           c->n = take_list(cfg, #n, NULL);
#define PATHS(n, w)          c->n = take_list(cfg, #n, in);
#define INT(n, d, lo, hi, w) c->n = cfg_getint(cfg, #n);
#include "gateway/config.def"
}

static bool
check_bounds(const struct config *c, struct err *e)
{
	static const struct {
		const char *name;
		int64_t least, most;
	} bounds[] = {
#define INT(n, d, lo, hi, w) { #n, lo, hi },
#include "gateway/config.def"
	};
	const int64_t values[] = {
#define INT(n, d, lo, hi, w) c->n,
#include "gateway/config.def"
	};

	for (size_t i = 0; i < nitems(bounds); i++)
		if (values[i] < bounds[i].least || values[i] > bounds[i].most)
			return err_set(e, ERR_CONFIG,
			    "config: %s: %lld is not within %lld..%lld",
			    bounds[i].name, (long long)values[i],
			    (long long)bounds[i].least,
			    (long long)bounds[i].most);
	return true;
}

static bool
check_word(const char *name, const char *value, const char *const *among,
    struct err *e)
{
	for (; *among != NULL; among++)
		if (strcmp(value, *among) == 0)
			return true;
	return err_set(e, ERR_CONFIG, "config: %s: \"%s\" is none of its words",
	    name, value);
}

static bool
check_sources(const struct config *c, struct err *e)
{
	const struct {
		const char *option;
		const struct config_list *list;
	} lists[] = {
		{ "vnpay_sources", &c->vnpay_sources },
		{ "momo_sources", &c->momo_sources },
		{ "zalopay_sources", &c->zalopay_sources },
		{ "dvcqg_sources", &c->dvcqg_sources },
		{ "keypay_sources", &c->keypay_sources },
		{ "vietqr_sources", &c->vietqr_sources },
		{ "payos_sources", &c->payos_sources },
	};

	for (size_t i = 0; i < nitems(lists); i++)
		if (!notice_source_check(lists[i].option, lists[i].list, e))
			return false;
	return true;
}

/* What is right alone and wrong together. */
static bool
check_sense(const struct config *c, struct err *e)
{
	static const char *const revocation[] = { "require", "prefer", "off",
		NULL };
	static const char *const tls[] = { "require", "opportunistic", NULL };
	static const char *const sources[] = { "alarm", "strict", NULL };

	if (!check_word("revocation", c->revocation, revocation, e) ||
	    !check_word("smtp_tls", c->smtp_tls, tls, e) ||
	    !check_word("notice_sources", c->notice_sources, sources, e) ||
	    !check_sources(c, e))
		return false;
	if (c->listen_https[0] != '\0' &&
	    (c->tls_certificate[0] == '\0' || c->tls_key[0] == '\0'))
		return err_set(e, ERR_CONFIG,
		    "config: listen_https needs tls_certificate and tls_key");
	if (c->form_max < c->document_max)
		return err_set(e, ERR_CONFIG,
		    "config: form_max is less than document_max");
	return true;
}

static bool
parse(cfg_t *cfg, const char *path, struct config *c, struct err *e)
{
	int rc;

	complaint[0] = '\0';
	cfg_set_error_function(cfg, keep_complaint);
	rc = cfg_parse(cfg, path);
	if (rc == CFG_FILE_ERROR)
		return err_set(e, ERR_CONFIG, "config: cannot read %s", path);
	if (rc != CFG_SUCCESS)
		return err_set(
		    e, ERR_CONFIG, "config: %s: %s", path, complaint);
	take(cfg, path, c);
	return check_bounds(c, e) && check_sense(c, e);
}

bool
config_load(const char *path, struct config **out, struct err *e)
{
	cfg_opt_t options[] = {
/* clang-format off */
#define STR(n, d, w)         CFG_STR(#n, d, CFGF_NONE),
#define PATH(n, w)           CFG_STR(#n, "", CFGF_NONE),
#define LIST(n, w)           CFG_STR_LIST(#n, NULL, CFGF_NONE),
#define PATHS(n, w)          CFG_STR_LIST(#n, NULL, CFGF_NONE),
#define INT(n, d, lo, hi, w) CFG_INT(#n, d, CFGF_NONE),
#include "gateway/config.def"
		/* clang-format on */
		CFG_END(),
	};
	struct config *c = blob_calloc(1, sizeof(*c));
	cfg_t *cfg = cfg_init(options, CFGF_NONE);
	bool ok = false;

	if (!parse(cfg, path, c, e))
		goto out;
	*out = c;
	c = NULL; /* the caller owns it now */
	ok = true;

out:
	cfg_free(cfg);
	config_free(c);
	return ok;
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
#define STR(n, d, w) free((char *)c->n);
#define PATH(n, w)   free((char *)c->n);
#define LIST(n, w)   list_release(&c->n);
#define PATHS(n, w)  list_release(&c->n);
#include "gateway/config.def"
	free(c);
}

/* The file's first line, without the end that an editor leaves there. */
static bool
read_secret(const char *path, char **out, struct err *e)
{
	struct blob file = { 0 };
	char *text;

	if (!file_read(path, SECRET_LEN_MAX, &file, e))
		return false;
	text = (char *)file.data;
	text[strcspn(text, "\r\n")] = '\0';
	if (*text == '\0') {
		blob_release(&file);
		return err_set(e, ERR_CONFIG, "secret: %s is empty", path);
	}
	*out = text;
	return true;
}

static bool
load_link_key(const char *path, struct secrets *s, struct err *e)
{
	char *text = NULL;
	bool ok = false;

	if (*path == '\0')
		return err_set(e, ERR_CONFIG, "config: link_key_file is unset");
	if (!read_secret(path, &text, e))
		goto out;
	if (!text_unhex(text, s->link_key, sizeof(s->link_key))) {
		err_set(e, ERR_CONFIG, "secret: %s: not 64 hex digits", path);
		goto out;
	}
	ok = true;

out:
	free(text);
	return ok;
}

/* Who is configured must have a secret: name says who he is, or "". */
static bool
load_list(const char *name, const struct config_list *paths,
    struct config_list *out, struct err *e)
{
	char **item = blob_calloc(paths->count + 1, sizeof(*item));

	out->item = (const char *const *)item;
	for (size_t i = 0; i < paths->count; i++, out->count++)
		if (!read_secret(paths->item[i], &item[i], e))
			return false;
	if (*name != '\0' && paths->count == 0)
		return err_set(
		    e, ERR_CONFIG, "config: %s has no secret file", name);
	return true;
}

static bool
load_providers(const struct config *c, struct secrets *s, struct err *e)
{
	return load_list(
		   c->vnpay_terminal, &c->vnpay_secret_files, &s->vnpay, e) &&
	       load_list(c->momo_partner, &c->momo_secret_files, &s->momo, e) &&
	       load_list(c->zalopay_app, &c->zalopay_key1_files,
		   &s->zalopay_key1, e) &&
	       load_list(
		   c->zalopay_app, &c->zalopay_key2_files, &s->zalopay_key2, e);
}

static bool
load_portals(const struct config *c, struct secrets *s, struct err *e)
{
	if (c->dvcqg_token_file[0] != '\0' &&
	    !read_secret(c->dvcqg_token_file, &s->dvcqg_token, e))
		return false;
	return load_list(
		   c->dvcqg_partner, &c->dvcqg_secret_files, &s->dvcqg, e) &&
	       load_list(c->keypay_client, &c->keypay_key1_files,
		   &s->keypay_key1, e) &&
	       load_list(
		   c->keypay_client, &c->keypay_key2_files, &s->keypay_key2, e);
}

static bool
load_transfers(const struct config *c, struct secrets *s, struct err *e)
{
	if (c->vietqr_auth[0] != '\0' && strcmp(c->vietqr_auth, "hmac") != 0 &&
	    strcmp(c->vietqr_auth, "apikey") != 0)
		return err_set(e, ERR_CONFIG,
		    "config: vietqr_auth: %s is neither hmac nor apikey",
		    c->vietqr_auth);
	if (c->payos_key_file[0] != '\0' &&
	    !read_secret(c->payos_key_file, &s->payos_key, e))
		return false;
	if (c->payos_client[0] != '\0' && s->payos_key == NULL)
		return err_set(
		    e, ERR_CONFIG, "config: payos_key_file is unset");
	return load_list(
		   c->vietqr_auth, &c->vietqr_secret_files, &s->vietqr, e) &&
	       load_list(
		   c->payos_client, &c->payos_checksum_files, &s->payos, e);
}

/* After the verifier's children were forked: what they never had in memory
 * they cannot lose. */
bool
secrets_load(const struct config *c, struct secrets **out, struct err *e)
{
	struct secrets *s = blob_calloc(1, sizeof(*s));
	bool ok = false;

	if (!load_link_key(c->link_key_file, s, e))
		goto out;
	if (c->head_key_file[0] != '\0' &&
	    !sign_open_own(c->head_key_file, &s->head_key, e))
		goto out;
	if (!load_providers(c, s, e) || !load_portals(c, s, e) ||
	    !load_transfers(c, s, e))
		goto out;
	*out = s;
	s = NULL; /* the caller owns it now */
	ok = true;

out:
	secrets_free(s);
	return ok;
}

void
secrets_free(struct secrets *s)
{
	if (s == NULL)
		return;
	sign_close_own(s->head_key);
	list_release(&s->vnpay);
	list_release(&s->momo);
	list_release(&s->zalopay_key1);
	list_release(&s->zalopay_key2);
	list_release(&s->dvcqg);
	free(s->dvcqg_token);
	list_release(&s->keypay_key1);
	list_release(&s->keypay_key2);
	list_release(&s->vietqr);
	list_release(&s->payos);
	free(s->payos_key);
	explicit_bzero(s->link_key, sizeof(s->link_key));
	free(s);
}
