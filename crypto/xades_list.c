#include "crypto/xades_list.h"

#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/xades.h"
#include "crypto/xades_dom.h"
#include "crypto/xades_properties.h"

#define NS_LIST "http://uri.etsi.org/02231/v2#"
#define SERVICE "http://uri.etsi.org/TrstSvc/Svctype/"
#define STATUS  "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"

/* 5.5.4 and annex D.5: the statuses in which a service may be relied on. */
static const char *const good_statuses[] = {
	STATUS "granted",
	STATUS "recognisedatnationallevel",
	STATUS "accredited",
	STATUS "undersupervision",
};

/* 5.5.1: what issues certificates to people, and what issues timestamps. */
static const struct {
	const char *type;
	bool stamps;
} services[] = {
	{ SERVICE "CA/QC", false },
	{ SERVICE "CA/PKC", false },
	{ SERVICE "TSA", true },
	{ SERVICE "TSA/QTST", true },
	{ SERVICE "TSA/TSS-QC", true },
};

/* By the whole certificate: a name or a key alone could be had again. */
static bool
is_named(const struct xades_list *list, const struct signature_report *s)
{
	for (size_t i = 0; i < list->signer_count; i++)
		if (strcmp(list->signers[i], s->signer.certificate_sha256) == 0)
			return true;
	return false;
}

static bool
check_signature(const struct xades_list *list, struct err *e)
{
	const struct question q = {
		.revocation = REVOCATION_OFF,
		.trust = list->trust,
		.policy = list->policy,
	};
	struct report *r = report_new("trusted list");
	const struct signature_report *s;
	bool ok = false;

	xades_judge_file(list->data, list->len, &q, r);
	s = r->signatures;
	if (r->signature_count != 1 || s->kind != KIND_SIGNATURE)
		err_set(e, ERR_UNREADABLE, "trusted list: not one signature");
	else if (s->integrity != INTEGRITY_INTACT)
		err_set(e, ERR_UNREADABLE, "trusted list: not intact");
	else if (s->covers != COVERS_WHOLE)
		err_set(e, ERR_UNREADABLE, "trusted list: signed in part");
	else if (!is_named(list, s))
		err_set(e, ERR_UNREADABLE,
		    "trusted list: signed by another: %.100s",
		    s->signer.subject);
	else
		ok = true;
	report_free(r);
	return ok;
}

static bool
text_is_one_of(const xmlNode *n, const char *const *words, size_t count)
{
	char *text = xades_text(n);
	bool found = false;

	for (size_t i = 0; text != NULL && i < count; i++)
		found |= strcmp(text, words[i]) == 0;
	free(text);
	return found;
}

/* What kind of service it is; false for one that is none of ours. */
static bool
read_type(const xmlNode *information, bool *stamps)
{
	const xmlNode *n =
	    xades_child(information, NS_LIST, "ServiceTypeIdentifier");

	for (size_t i = 0; i < nitems(services); i++) {
		if (!text_is_one_of(n, &services[i].type, 1))
			continue;
		*stamps = services[i].stamps;
		return true;
	}
	return false;
}

/* 0 where there is none, as in the last list of a scheme that is closed; a
 * moment that cannot be read has passed. */
static int64_t
next_update(const xmlNode *root)
{
	const xmlNode *scheme = xades_child(root, NS_LIST, "SchemeInformation");
	const xmlNode *next =
	    scheme == NULL ? NULL : xades_child(scheme, NS_LIST, "NextUpdate");
	const xmlNode *when =
	    next == NULL ? NULL : xades_child(next, NS_LIST, "dateTime");
	char *text = when == NULL ? NULL : xades_text(when);
	int64_t us = 0;

	if (text != NULL && !clock_parse_rfc3339(text, &us))
		us = 1;
	free(text);
	return us;
}

/* Certificates alone: an X509SubjectName or a key identifier among the digital
 * identities names what a path could not begin with. */
static void
read_service(const xmlNode *information, int64_t until_us,
    void (*take)(void *arg, const struct xades_list_service *s), void *arg)
{
	const xmlNode *status =
	    xades_child(information, NS_LIST, "ServiceStatus");
	const xmlNode *identity =
	    xades_child(information, NS_LIST, "ServiceDigitalIdentity");
	struct xades_list_service s = { .until_us = until_us };
	struct xades_pile pile = { 0 };

	if (!read_type(information, &s.stamps) || identity == NULL ||
	    !text_is_one_of(status, good_statuses, nitems(good_statuses)))
		return;
	xades_pile_collect(&pile, identity, "X509Certificate");
	for (size_t i = 0; i < pile.count; i++) {
		s.certificate = pile.item[i].data;
		s.len = pile.item[i].len;
		take(arg, &s);
	}
	xades_pile_release(&pile);
}

bool
xades_list_read(const struct xades_list *list,
    void (*take)(void *arg, const struct xades_list_service *s), void *arg,
    struct err *e)
{
	struct xades_dom *dom = NULL;
	const xmlNode *root;
	xmlNode *n;

	if (!xades_dom_open(list->data, list->len, &dom, e))
		return false;
	root = xades_dom_root(dom);
	if (!xades_is(root, NS_LIST, "TrustServiceStatusList")) {
		xades_dom_free(dom);
		return err_set(e, ERR_UNREADABLE, "trusted list: not one");
	}
	if (!check_signature(list, e)) {
		xades_dom_free(dom);
		return false;
	}
	n = xades_dom_root(dom);
	while (n != NULL) {
		/* What lies in the signature itself is not signed by it. */
		if (xades_is(n, NS_DSIG, "Signature")) {
			n = xades_dom_skip(root, n);
			continue;
		}
		if (xades_is(n, NS_LIST, "ServiceInformation"))
			read_service(n, next_update(root), take, arg);
		n = xades_dom_walk(root, n);
	}
	xades_dom_free(dom);
	return true;
}
