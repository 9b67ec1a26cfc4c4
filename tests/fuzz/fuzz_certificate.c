/*
 * A certificate as a stranger sends it.  Whoever it names can be shown; issuer
 * and serial lie inside it; what is none leaves nothing behind.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/report.h"
#include "crypto/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
can_be_shown(const char *s, size_t cap)
{
	assert(memchr(s, '\0', cap) != NULL);
	assert(text_is_utf8(s, strlen(s)));
	for (; *s != '\0'; s++)
		assert((unsigned char)*s >= 0x20 && *s != 0x7f);
}

static void
is_sound(const struct signer *s)
{
	can_be_shown(s->subject, sizeof(s->subject));
	can_be_shown(s->issuer, sizeof(s->issuer));
	can_be_shown(s->serial, sizeof(s->serial));
	can_be_shown(s->name, sizeof(s->name));
	can_be_shown(s->organisation, sizeof(s->organisation));
	can_be_shown(s->unit, sizeof(s->unit));
	can_be_shown(s->email, sizeof(s->email));
	assert(strlen(s->certificate_sha256) == 64);
	assert(s->id_count <= REPORT_IDS_MAX);
	for (size_t i = 0; i < s->id_count; i++)
		assert(s->ids[i].kind[0] != '\0' && s->ids[i].value[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct signer nobody;
	struct certificate_issuer_serial place;
	struct certificate_key key;
	struct signer s;

	trust_init();
	if (certificate_describe(data, len, &s, &key)) {
		is_sound(&s);
		assert(key.bits >= 0);
		assert(certificate_excess(data, len) == NULL);
	} else {
		assert(memcmp(&s, &nobody, sizeof(s)) == 0);
		assert(key.bits == 0);
	}
	if (certificate_issuer_serial(data, len, &place)) {
		assert(place.issuer >= data &&
		       place.issuer + place.issuer_len <= data + len);
		assert(place.serial >= data &&
		       place.serial + place.serial_len <= data + len);
	}
	return 0;
}
