/* A .p7m or .p7s file as a whole: which content, every signer, and every
 * counter-signature beneath it. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "crypto/attribute.h"
#include "crypto/cms.h"
#include "crypto/cms_judge.h"
#include "crypto/poe.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/signed_data.h"

/* Counter-signatures of counter-signatures; nobody needs more. */
#define COUNTER_DEPTH_MAX 4

/* "a.pdf" is the content of "a.pdf.p7s". */
static bool
is_content_of(const char *content, const char *file)
{
	const char *base = strrchr(file, '/');
	const char *name = strrchr(content, '/');
	size_t len;

	base = base == NULL ? file : base + 1;
	name = name == NULL ? content : name + 1;
	len = strlen(name);
	return strncmp(base, name, len) == 0 && base[len] == '.';
}

static const struct content *
choose(const struct question *q, const char *file)
{
	for (size_t i = 0; i < q->content_count; i++)
		if (is_content_of(q->contents[i].name, file))
			return &q->contents[i];
	return q->content_count > 0 ? &q->contents[0] : NULL;
}

/* Content inside and content handed over are two documents, unless they are
 * the same: whoever reads the one must not be told of the other. */
static bool
is_mixture(const struct cms *cms, const struct content *given)
{
	return cms->has_content && given != NULL &&
	       !der_is(&cms->content, given->data, given->len);
}

static struct cms_content
content_of(const struct cms *cms, const struct content *given)
{
	if (cms->has_content)
		return (struct cms_content){ .part = { cms->content.body },
			.len = { cms->content.len } };
	if (given == NULL)
		return (struct cms_content){ .absent = true };
	return (struct cms_content){ .part = { given->data },
		.len = { given->len } };
}

static void judge_counters(const struct cms *cms, const struct signer_info *si,
    const struct cms_task *of, int depth, struct report *r);

static void
judge_counter(const struct cms *cms, const struct der_item *value,
    const struct cms_task *task, int depth, struct report *r)
{
	struct signature_report *s = report_add(r);
	struct signer_info counter;

	if (s == NULL)
		return;
	if (!signer_info_read(value, &counter)) {
		s->kind = KIND_COUNTER_SIGNATURE;
		signature_find(s, FIND_FORMAT, "RFC 5652, 11.4");
		signature_sink(s, SUB_FORMAT_FAILURE);
		return;
	}
	s->proven_us =
	    poe_since(task->poe, counter.signature.body, counter.signature.len);
	cms_judge_signer(cms, &counter, task, s);
	judge_counters(cms, &counter, task, depth + 1, r);
}

static void
judge_counters(const struct cms *cms, const struct signer_info *si,
    const struct cms_task *of, int depth, struct report *r)
{
	const struct cms_content confirmed = { .part = { si->signature.body },
		.len = { si->signature.len } };
	const struct cms_task task = { CMS_ALONE, &confirmed, of->q, true,
		of->poe };
	struct der d = der_into(&si->unsigned_attributes);
	struct attribute a;
	struct der_item value;

	if (!si->has_unsigned)
		return;
	while (attribute_next(&d, &a)) {
		if (strcmp(a.type, ATTRIBUTE_COUNTER_SIGNATURE) != 0)
			continue;
		if (depth == COUNTER_DEPTH_MAX) {
			report_find(r, FIND_LIMIT, "%d counter-signatures deep",
			    COUNTER_DEPTH_MAX);
			return;
		}
		while (der_next(&a.values, &value))
			judge_counter(cms, &value, &task, depth, r);
	}
}

static void
judge_signers(const struct cms *cms, const struct question *q, struct poe *poe,
    struct report *r)
{
	const struct content *given = choose(q, r->file);
	const struct cms_content content = content_of(cms, given);
	const struct cms_task task = { CMS_ALONE, &content, q, false, poe };

	for (int i = 0; i < cms->signer_count; i++) {
		struct signature_report *s = report_add(r);

		if (s == NULL)
			return;
		cms_judge_signer(cms, &cms->signers[i], &task, s);
		if (is_mixture(cms, given)) {
			signature_find(
			    s, FIND_CONTENT_TWICE, "%s", given->name);
			signature_sink(s, SUB_FORMAT_FAILURE);
		}
		judge_counters(cms, &cms->signers[i], &task, 0, r);
	}
}

/* What says that it is SignedData and cannot be read is a broken signature,
 * never a file without one. */
void
cms_judge_file(
    const uint8_t *data, size_t len, const struct question *q, struct report *r)
{
	struct signature_report *s;
	struct cms *cms = NULL;
	struct poe *poe;
	struct err e;

	r->format = FORMAT_CADES;
	if (cms_open(data, len, &cms, &e)) {
		poe = poe_new(NULL);
		judge_signers(cms, q, poe, r);
		poe_free(poe);
		cms_free(cms);
		return;
	}
	s = report_add(r);
	if (s == NULL)
		return;
	signature_find(s, e.code == ERR_TOO_LARGE ? FIND_LIMIT : FIND_FORMAT,
	    "%s", e.detail);
	signature_sink(s, SUB_FORMAT_FAILURE);
}
