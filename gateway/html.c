#include "gateway/html.h"

#include <stddef.h>

#include "base/buf.h"
#include "gateway/reply.h"

#define POLICY                                                                 \
	"default-src 'none'; style-src 'self'; script-src 'self'; "            \
	"connect-src 'self'; img-src 'self' data:; "                           \
	"form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'"

void
html_begin(struct buf *b, const struct html_page *p)
{
	buf_puts(b, "<!doctype html>\n<html lang=\"vi\"><head>"
		    "<meta charset=\"utf-8\"><meta name=\"viewport\" "
		    "content=\"width=device-width,initial-scale=1\">"
		    "<link rel=\"icon\" href=\"data:,\">"
		    "<link rel=\"stylesheet\" href=\"/assets/page.css\">"
		    "<title>");
	buf_html(b, p->title);
	buf_puts(b, "</title>");
	if (p->script != NULL)
		buf_printf(b, "<script src=\"%s\" defer></script>", p->script);
	if (p->refresh_sec > 0)
		buf_printf(b,
		    "<noscript><meta http-equiv=\"refresh\" "
		    "content=\"%d\"></noscript>",
		    p->refresh_sec);
	buf_puts(b, "</head>\n<body><main>\n<h1>");
	buf_html(b, p->title);
	buf_puts(b, "</h1>\n");
}

void
html_term(struct buf *b, const char *vi, const char *en, const char *value)
{
	buf_printf(b, "<dt>%s <span lang=\"en\">%s</span></dt><dd>", vi, en);
	buf_html(b, value);
	buf_puts(b, "</dd>\n");
}

void
html_put_state(struct buf *b, const struct html_state *s)
{
	buf_printf(b,
	    "<div class=\"state %s\" role=\"status\"><p><strong>%s</strong> "
	    "<span lang=\"en\">%s</span></p><p>%s</p>"
	    "<p lang=\"en\">%s</p></div>\n",
	    s->look, s->title_vi, s->title_en, s->vi, s->en);
}

struct reply *
html_reply(struct buf *b)
{
	struct reply *reply;

	buf_puts(b, "</main></body></html>\n");
	reply = reply_bytes(200, "text/html; charset=utf-8", b->data, b->len);
	reply_header(reply, "Content-Security-Policy", POLICY);
	reply_header(reply, "Referrer-Policy", "no-referrer");
	reply_header(reply, "Cache-Control", "no-store");
	buf_release(b);
	return reply;
}
