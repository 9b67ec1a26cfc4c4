#include "crypto/pades_same.h"

#include "crypto/pdf_revision.h"
#include "crypto/pdf_tail.h"

static void
collect(struct same *s)
{
	for (size_t i = 0; i < pdf_section_count(s->is); i++) {
		const struct pdf_section *section = pdf_section(s->is, i);

		for (size_t j = 0;
		     section->at >= s->end && j < section->entry_count; j++)
			idset_add(&s->touched, (int)section->entries[j].id);
	}
}

/* An object in use that is named again, and is nothing now or not there. */
static bool
is_lost(const struct same *s, const struct pdf *was, struct graph *later,
    uint32_t id)
{
	const struct pdf_entry *old = pdf_find(was, id), *new;
	struct pdf_cursor c;

	if (old == NULL)
		return false;
	new = pdf_find(s->is, id);
	if (new == NULL ||
	    (new->kind == PDF_PLAIN && !pdf_enter(s->is, new, &c)))
		return true;
	return graph_is_null(
	    later, (struct graph_id){ (int)old->id, (int)old->gen });
}

static bool
loses_an_object(
    const struct same *s, const struct pdf *was, struct graph *later)
{
	for (size_t i = 0; i < pdf_section_count(s->is); i++) {
		const struct pdf_section *section = pdf_section(s->is, i);

		for (size_t j = 0;
		     section->at >= s->end && j < section->entry_count; j++)
			if (is_lost(s, was, later, section->entries[j].id))
				return true;
	}
	return false;
}

/* What a stream holds is not named when the stream is. */
static bool
repacks_an_object(const struct same *s, const struct pdf *was)
{
	for (size_t i = 0; i < pdf_section_count(was); i++) {
		const struct pdf_section *section = pdf_section(was, i);

		for (size_t j = 0; j < section->entry_count; j++) {
			const struct pdf_entry *entry = &section->entries[j];

			if (entry->kind == PDF_PACKED &&
			    (entry->at > PDF_NUMBER_MAX ||
				idset_has(&s->touched, (int)entry->at)))
				return true;
		}
	}
	return false;
}

void
same_init(struct same *s, const struct pdf *was, size_t end,
    const struct pdf *is, struct graph *later)
{
	*s = (struct same){ .is = is, .end = end };
	collect(s);
	if (pdf_is_encrypted(was) || pdf_is_encrypted(is) ||
	    repacks_an_object(s, was) || loses_an_object(s, was, later))
		s->end = 0;
}

void
same_release(struct same *s)
{
	idset_release(&s->touched);
}

size_t
same_extent(const struct same *s, struct graph_id id)
{
	const struct pdf_entry *entry;

	if (id.number <= 0 || id.number > PDF_NUMBER_MAX)
		return 0;
	entry = pdf_find(s->is, (uint32_t)id.number);
	if (entry == NULL || entry->gen != (uint32_t)id.generation)
		return 0;
	return pdf_object_end(s->is, entry);
}

bool
same_has(const struct same *s, struct graph_id id, size_t extent)
{
	return extent != 0 && extent <= s->end &&
	       !idset_has(&s->touched, id.number);
}
