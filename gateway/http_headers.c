#include "gateway/http_headers.h"

#include <stdatomic.h>
#include <string.h>

#include "base/base.h"
#include "gateway/http_exchange.h"

static const struct {
	const char *name, *value;
	bool html; /* with pages alone */
	bool tls;  /* over TLS alone: RFC 6797, 7.2 */
} house[] = {
	/* A document is what its type says, whatever its bytes look like. */
	{ "X-Content-Type-Options", "nosniff", false, false },
	/* Answers are about persons; no proxy on the way keeps them. */
	{ "Cache-Control", "no-store", false, false },
	{ "Strict-Transport-Security", "max-age=31536000", false, true },
	/* An applicant's link is his key, and it stands in the address. */
	{ "Referrer-Policy", "no-referrer", true, false },
	{ "Content-Security-Policy",
	    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
	    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	    true, false },
};

size_t
http_headers(const struct exchange *x, bool tls,
    struct http_header out[HTTP_HEADERS_MAX])
{
	const struct reply *r = x->job.reply;
	bool html = strncmp(reply_type(r), "text/html", 9) == 0;
	size_t n = 0;

	if (reply_type(r)[0] != '\0')
		out[n++] =
		    (struct http_header){ "Content-Type", reply_type(r) };
	for (size_t i = 0; i < reply_header_count(r); i++)
		out[n++] = (struct http_header){ reply_header_name(r, i),
			reply_header_value(r, i) };
	for (size_t i = 0; i < nitems(house); i++)
		if ((html || !house[i].html) && (tls || !house[i].tls) &&
		    reply_find(r, house[i].name) == NULL)
			out[n++] = (struct http_header){ house[i].name,
				house[i].value };
	out[n++] = (struct http_header){ "X-Trace-Id", x->req.trace_id };
	/* Who drains wants no second request on this connection. */
	if (x->must_close || atomic_load(&x->home->draining))
		out[n++] = (struct http_header){ "Connection", "close" };
	return n;
}
