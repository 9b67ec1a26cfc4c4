#include "adapters/portal_webhook.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "adapters/http_client.h"
#include "base/base.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/mac.h"

#define SECRET_PREFIX "whsec_"
#define SECRET_MIN    24
#define SECRET_MAX    64
#define ANSWER_MAX    65536

static bool
decode_secret(
    const char *secret, uint8_t key[SECRET_MAX], size_t *len, struct err *e)
{
	size_t skip = strlen(SECRET_PREFIX);

	*len = SECRET_MAX;
	if (strncmp(secret, SECRET_PREFIX, skip) != 0 ||
	    !text_unbase64(secret + skip, key, len) || *len < SECRET_MIN)
		return err_set(e, ERR_CONFIG,
		    "webhook: a secret is not whsec_ and %d to %d bytes",
		    SECRET_MIN, SECRET_MAX);
	return true;
}

bool
portal_webhook_sign(
    const struct portal_webhook *w, struct buf *out, struct err *e)
{
	uint8_t key[SECRET_MAX], mac[MAC_LEN_MAX];
	struct buf text = { 0 };
	bool ok = false;
	size_t len;

	if (w->secret_count == 0) {
		err_set(e, ERR_CONFIG, "webhook: no secret");
		goto out;
	}
	buf_printf(&text, "%s.%" PRId64 ".%s", w->id, w->timestamp, w->body);
	for (size_t i = 0; i < w->secret_count; i++) {
		if (!decode_secret(w->secrets[i], key, &len, e))
			goto out;
		mac_hmac(MAC_SHA256, key, len, text.data, text.len, mac);
		buf_puts(out, i == 0 ? "v1," : " v1,");
		buf_base64(out, mac, MAC_SHA256);
	}
	ok = true;

out:
	explicit_bzero(key, sizeof(key));
	buf_release(&text);
	return ok;
}

bool
portal_webhook_send(struct http_client *c, const struct portal_webhook *w,
    struct http_answer *out, struct err *e)
{
	struct buf signature = { 0 };
	char id[128], timestamp[64];
	const char *headers[] = { "Content-Type: application/json", id,
		timestamp, NULL };
	bool ok = false;

	assert(strlen(w->body) < PORTAL_WEBHOOK_BODY_MAX);

	snprintf(id, sizeof(id), "webhook-id: %s", w->id);
	snprintf(timestamp, sizeof(timestamp), "webhook-timestamp: %" PRId64,
	    w->timestamp);
	buf_puts(&signature, "webhook-signature: ");
	if (!portal_webhook_sign(w, &signature, e))
		goto out;
	headers[nitems(headers) - 1] = signature.data;

	ok = http_client_call(c,
	    &(struct http_call){
		.method = "POST",
		.url = w->url,
		.headers = headers,
		.header_count = nitems(headers),
		.body = w->body,
		.body_len = strlen(w->body),
		.timeout_ms = w->timeout_ms,
		.answer_max = ANSWER_MAX,
	    },
	    out, e);

out:
	buf_release(&signature);
	return ok;
}
