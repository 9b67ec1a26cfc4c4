#include "crypto/evidence_json.h"

#include <string.h>

#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/evidence.h"
#include "crypto/trust.h"

static const struct {
	const char *name;
	unsigned bit;
} purposes[] = {
	{ "public", TRUST_PUBLIC },
	{ "government", TRUST_GOVERNMENT },
	{ "timestamp", TRUST_TIMESTAMP },
};

struct json *
purposes_json(unsigned bits)
{
	struct json *list = json_new_list();

	for (size_t i = 0; i < nitems(purposes); i++)
		if ((bits & purposes[i].bit) != 0)
			json_add_text(list, purposes[i].name);
	return list;
}

bool
purposes_read(const struct json *list, unsigned *out)
{
	*out = 0;
	if (list == NULL || json_kind(list) != JSON_KIND_LIST ||
	    json_count(list) > nitems(purposes))
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		const char *s = json_text_value(json_at(list, i));
		size_t k = 0;

		while (k < nitems(purposes) && strcmp(s, purposes[k].name) != 0)
			k++;
		if (k == nitems(purposes))
			return false;
		*out |= purposes[k].bit;
	}
	return true;
}

struct json *
evidence_json(const struct evidence_list *l)
{
	struct json *list = json_new_list();
	char hex[2 * DIGEST_LEN + 1];

	for (size_t i = 0; i < l->count; i++) {
		const struct evidence *e = &l->at[i];
		struct json *j = json_new_object();

		text_hex(e->sha256, DIGEST_LEN, hex);
		json_put_text(j, "kind", evidence_kind_name(e->kind));
		json_put_text(j, "place", evidence_place_name(e->place));
		json_put_text(j, "sha256", hex);
		if (e->kind == EVIDENCE_ANCHOR)
			json_put(j, "purposes", purposes_json(e->purpose));
		json_add(list, j);
	}
	return list;
}

static bool
read_kind(const struct json *j, enum evidence_kind *out)
{
	const char *word = json_text(j, "kind", "");

	for (unsigned i = 0; i < EVIDENCE_KIND_COUNT; i++)
		if (strcmp(word, evidence_kind_name(i)) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static bool
read_place(const struct json *j, enum evidence_place *out)
{
	const char *word = json_text(j, "place", "");

	for (unsigned i = 0; i < EVIDENCE_PLACE_COUNT; i++)
		if (strcmp(word, evidence_place_name(i)) == 0) {
			*out = i;
			return true;
		}
	return false;
}

/* Nothing that a document brings along is an anchor. */
static bool
read_purposes(const struct json *j, struct evidence *e)
{
	const struct json *list = json_find(j, "purposes");

	if (e->kind != EVIDENCE_ANCHOR)
		return list == NULL;
	return e->place == EVIDENCE_BUNDLE && purposes_read(list, &e->purpose);
}

static bool
read_one(const struct json *j, struct evidence *e)
{
	return j != NULL && json_kind(j) == JSON_KIND_OBJECT &&
	       read_kind(j, &e->kind) && read_place(j, &e->place) &&
	       text_unhex(json_text(j, "sha256", ""), e->sha256, DIGEST_LEN) &&
	       read_purposes(j, e);
}

bool
evidence_read(const struct json *list, struct evidence_list *out)
{
	if (list == NULL || json_kind(list) != JSON_KIND_LIST ||
	    json_count(list) > EVIDENCE_MAX)
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		struct evidence e = { 0 };

		if (!read_one(json_at(list, i), &e))
			return false;
		evidence_add(out, &e);
	}
	return out->count == json_count(list);
}
