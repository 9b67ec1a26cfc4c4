/*
 * POST /v1/pay/{code}?provider=
 *
 * What a button of the payer's page does: starts an attempt as
 * POST /v1/dossiers/{code}/payments does, and sends the browser on to the
 * provider.  A provider that does not open sends it back to the page.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

/* Back to the page, which knows how things stand. */
static struct reply *
back(const struct request *req, bool trouble)
{
	struct buf url = { 0 };
	struct reply *reply;

	buf_printf(&url, "/v1/pay/%s?key=%s%s", req->arg.code,
	    request_query(req, "key", ""), trouble ? "&trouble=1" : "");
	reply = reply_redirect(url.data);
	buf_release(&url);
	return reply;
}

static struct reply *
onward(const struct request *req, const struct reply *started)
{
	struct reply *reply = NULL;
	struct json *j = NULL;
	struct err e = { 0 };
	const void *body;
	const char *url;
	size_t len;

	body = reply_body(started, &len);
	if (reply_status(started) == 201 && json_parse(body, len, &j, &e)) {
		url = json_text(j, "pay_url", "");
		reply = *url != '\0' ? reply_redirect(url) : back(req, false);
		json_free(j);
	}
	return reply != NULL ? reply : back(req, true);
}

struct reply *
api_pay_start(struct request *req)
{
	struct json *body = json_new_object();
	struct request asked = *req;
	struct reply *started, *reply;

	json_put_text(body, "provider", request_query(req, "provider", ""));
	asked.json = body;
	started = api_payment_start(&asked);
	reply = onward(req, started);
	reply_free(started);
	json_free(body);
	return reply;
}
