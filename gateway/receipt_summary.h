#ifndef GATEWAY_RECEIPT_SUMMARY_H
#define GATEWAY_RECEIPT_SUMMARY_H

#include "gateway/ticker.h"

/*
 * The table of receipt data that the tax authority is to get on the day of
 * issue (form 01/TH-BLĐT; Decree 254/2026/NĐ-CP, art. 29(3)(b)).  Once the
 * hour has come each book's receipts of the day become a CSV that is archived
 * in `content`; what is issued later that day becomes another part.  Where
 * receipt_summary_url is set a part is posted there until it is taken; one
 * that is not while the day nearly ends is reported once.
 *
 * The authority's own XML schema is not public: whoever stands behind the URL
 * translates.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c; a URL that does not take it is no error
 */
struct config;
struct receipt_summarizer;

struct receipt_summarizer *receipt_summarizer_new(const struct config *c);
void receipt_summarizer_free(struct receipt_summarizer *s); /* NULL is fine */

ticker_fn receipt_summarize; /* its arg is the summarizer */

#endif /* GATEWAY_RECEIPT_SUMMARY_H */
