#include "gateway/paper_sign.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/sealed.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/sign.h"
#include "crypto/verifier.h"
#include "gateway/config.h"
#include "gateway/trust_store.h"

struct paper_signer {
	struct paper_signer_means means;
	struct signer_key *key;
};

bool
paper_signer_new(const struct paper_signer_means *m,
    const struct paper_signer_key *k, struct paper_signer **out, struct err *e)
{
	struct paper_signer *s = blob_calloc(1, sizeof(*s));

	s->means = *m;
	if (!sign_open_pkcs12(k->file,
		k->password_file[0] != '\0' ? k->password_file : NULL, &s->key,
		e)) {
		free(s);
		return false;
	}
	*out = s;
	return true;
}

void
paper_signer_free(struct paper_signer *s)
{
	if (s == NULL)
		return;
	sign_close(s->key);
	free(s);
}

static struct report *
ask(const struct paper_signer *s, struct verifier_job *job)
{
	struct trust_store *store = s->means.trust;
	const struct trust_lease *trust = trust_store_lease(store);
	struct report *report;

	revocation_mode_find(s->means.config->revocation, &job->revocation);
	job->trust_fd = trust->fd;
	memcpy(job->trust_generation, trust->generation,
	    sizeof(job->trust_generation));
	report = verifier_judge(s->means.verifier, job);
	trust_store_return(store, trust);
	return report;
}

static bool
judge(const struct paper_signer *s, const struct paper_signing *what,
    const struct blob *pdf, struct err *e)
{
	struct verifier_job job = { .name = what->name, .at_us = what->at_us };
	struct report *report;
	bool ok;

	if (!sealed_new(pdf->data, pdf->len, &job.document_fd, e))
		return false;
	report = ask(s, &job);
	close(job.document_fd);
	ok = report->indication == TOTAL_PASSED && report->signature_count > 0;
	if (!ok)
		err_set(e, ERR_UNREADABLE,
		    "its own verifier does not pass it: %s",
		    indication_name(report->indication));
	report_free(report);
	return ok;
}

bool
paper_sign(const struct paper_signer *s, const struct paper_signing *what,
    struct blob *out, struct err *e)
{
	const struct sign_options options = {
		.at_us = what->at_us,
		.reason = what->reason,
	};

	return sign_pdf(s->key, what->pdf, &options, out, e) &&
	       judge(s, what, out, e);
}
