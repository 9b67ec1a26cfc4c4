#ifndef GATEWAY_HTML_H
#define GATEWAY_HTML_H

#include <stdbool.h>

/*
 * The frame of the pages that citizens see: Vietnamese with English beside
 * it, our own style sheet, no script within the page (Content-Security-Policy
 * holds that).  What goes into a page is written with buf_html().
 */
struct buf;
struct reply;

/* A verdict in a box; look is "good", "wait", "bad" or "todo". */
struct html_state {
	const char *look, *title_vi, *title_en, *vi, *en;
};

struct html_page {
	const char *title;  /* Vietnamese; escaped here */
	const char *script; /* the address of a script of ours, or NULL */
	int refresh_sec; /* without scripts, look again after so long; 0: no */
};

/* All up to the main part, which begins with the title as its heading. */
void html_begin(struct buf *b, const struct html_page *p);

/* "<dt>vi · en</dt><dd>value</dd>", value escaped. */
void html_term(
    struct buf *b, const char *vi, const char *en, const char *value);

/* It is announced when it changes.  The words are ours, not escaped. */
void html_put_state(struct buf *b, const struct html_state *s);

/* Ends the page and makes it a 200 that is not stored; empties b. */
struct reply *html_reply(struct buf *b);

#endif /* GATEWAY_HTML_H */
