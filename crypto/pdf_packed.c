#include "crypto/pdf_packed.h"

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/pdf_revision.h"
#include "crypto/pdf_token.h"

/* One name, or an array of names; anything else qpdf refuses. */
bool
pdf_filters_few(const struct pdf_cursor *dict, struct err *e)
{
	struct pdf_cursor c;
	struct pdf_span v;
	int n = 0;

	if (pdf_dict_find(dict, "Filter", &v) < 1)
		return true;
	c = pdf_at(dict, v.at);
	if (c.data[c.at] != '[')
		return true;
	for (c.at++, pdf_skip_blank(&c); c.at < v.end - 1; pdf_skip_blank(&c)) {
		if (!pdf_skip_value(&c))
			break;
		if (++n > PDF_FILTERS_MAX)
			return err_set(e, ERR_TOO_LARGE,
			    "pdf: over %d filters of one stream at %zu",
			    PDF_FILTERS_MAX, dict->at);
	}
	return true;
}

/* One that is gone, or packed itself, is none: its objects read as null. */
static bool
check_container(const struct pdf *pdf, size_t id, struct err *e)
{
	const struct pdf_entry *entry =
	    id > UINT32_MAX ? NULL : pdf_find(pdf, (uint32_t)id);
	struct pdf_cursor dict;

	if (entry == NULL || !pdf_enter(pdf, entry, &dict))
		return true;
	pdf_skip_blank(&dict);
	return pdf_filters_few(&dict, e);
}

/* Objects of one stream mostly follow each other, so the last is kept in
 * mind. */
bool
pdf_packed_check(const struct pdf *pdf, struct err *e)
{
	size_t last = 0;

	for (size_t i = 0; i < pdf_section_count(pdf); i++) {
		const struct pdf_section *s = pdf_section(pdf, i);

		for (size_t j = 0; j < s->entry_count; j++) {
			const struct pdf_entry *entry = &s->entries[j];

			if (entry->kind != PDF_PACKED || entry->at == last)
				continue;
			if (!check_container(pdf, entry->at, e))
				return false;
			last = entry->at;
		}
	}
	return true;
}
