/*
 * Every document of a set before a verifier child.  Where a verdict lacks
 * what somebody can fetch, it is fetched and the document judged again, in
 * rounds, since an issuer that came may need a CRL of its own; all within
 * fetch_seconds.  What stays unknown is TRY_LATER (ADR 14).
 */
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/report.h"
#include "crypto/trust.h"
#include "crypto/verifier.h"
#include "gateway/config.h"
#include "gateway/document.h"
#include "gateway/fetch.h"
#include "gateway/request.h"
#include "gateway/upload.h"

#define ROUNDS 3 /* signer's issuer, its issuer, their CRLs */

struct document_means
document_means(const struct request *req)
{
	return (struct document_means){ req->db, req->tenant.n, req->now_us,
		req->config, req->verifier, req->fetcher, req->trust };
}

const struct trust_lease *
document_trust(const struct document_means *m, const struct document_set *set)
{
	return set->bundle != NULL ? &set->lease : m->trust;
}

/* With a detached signature, that is the document to judge and the other is
 * its content, known by its file name. */
static void
judge_one(const struct document_means *m, const struct document_set *set,
    struct document *doc)
{
	const struct upload_part *main_part =
	    doc->signature != NULL ? doc->signature : doc->part;
	const struct trust_lease *trust = document_trust(m, set);
	struct verifier_job job = {
		.name = main_part->file_name,
		.document_fd = main_part->memfd,
		.document = { main_part->bytes, main_part->len },
		.trust_fd = trust->fd,
		.at_us = m->now_us,
	};

	revocation_mode_find(m->config->revocation, &job.revocation);
	memcpy(job.trust_generation, trust->generation,
	    sizeof(job.trust_generation));
	if (doc->signature != NULL) {
		job.contents[0].name = doc->part->file_name;
		job.contents[0].fd = doc->part->memfd;
		job.contents[0].bytes =
		    (struct verifier_bytes){ doc->part->bytes, doc->part->len };
		job.content_count = 1;
	}
	report_free(doc->report);
	doc->report = verifier_judge(m->verifier, &job);
}

/* What is asked for and what has come, over all rounds. */
struct hunt {
	const struct document_means *m;
	struct document_set *set;
	int64_t deadline_us;
	struct want_list asked;
	struct trust_bundle *bundle; /* of this round; NULL: nothing came */
};

static bool
is_asked(const struct hunt *h, const struct want *w)
{
	for (size_t i = 0; i < h->asked.count; i++)
		if (h->asked.at[i].kind == w->kind &&
		    strcmp(h->asked.at[i].url, w->url) == 0 &&
		    memcmp(h->asked.at[i].subject, w->subject, DIGEST_LEN) == 0)
			return true;
	return false;
}

static void
add_fetched(struct hunt *h, const char *url, const struct fetched *f)
{
	const struct trust_piece piece = { url, f->kind, 0, f->bytes.data,
		f->bytes.len };
	struct err e = { 0 };

	if (h->bundle == NULL)
		h->bundle = trust_bundle_from(document_trust(h->m, h->set)->fd);
	if (!trust_bundle_add_piece(h->bundle, &piece, &e))
		log_warnx("fetch: %s", e.detail);
}

static void
hunt_for(struct hunt *h, const struct want_list *wants)
{
	size_t most = (size_t)h->m->config->fetch_document_max;

	for (size_t i = 0; i < wants->count; i++) {
		const struct want *w = &wants->at[i];
		struct fetched f = { 0 };

		if (h->asked.count == most || is_asked(h, w))
			continue;
		want_add(&h->asked, w);
		if (fetcher_get(h->m->fetcher, h->m->db, w, h->deadline_us, &f))
			add_fetched(h, w->url, &f);
		blob_release(&f.bytes);
	}
}

static void
judge_again(struct hunt *h)
{
	struct document_set *set = h->set;

	trust_bundle_free(set->bundle);
	set->bundle = h->bundle;
	h->bundle = NULL;
	set->lease.fd = trust_bundle_seal(set->bundle, set->lease.generation);
	for (size_t i = 0; i < set->count; i++)
		if (set->item[i].report->wants.count > 0)
			judge_one(h->m, set, &set->item[i]);
}

static void
fetch_and_judge(const struct document_means *m, struct document_set *set)
{
	struct hunt h = { .m = m,
		.set = set,
		.deadline_us =
		    clock_mono_us() + m->config->fetch_seconds * CLOCK_SEC_US };

	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < set->count; i++)
			hunt_for(&h, &set->item[i].report->wants);
		if (h.bundle == NULL)
			break;
		judge_again(&h);
	}
	want_release(&h.asked);
}

void
document_judge(const struct document_means *m, struct document_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		judge_one(m, set, &set->item[i]);
	if (fetcher_is_on(m->fetcher))
		fetch_and_judge(m, set);
}
