#ifndef CRYPTO_PDF_TOKEN_H
#define CRYPTO_PDF_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The words of a PDF (ISO 32000-1, 7.2 and 7.3) with their places in the
 * file, which no library tells: a signature lives from where its own
 * /Contents begins and ends.
 *
 * A cursor only ever moves forward and never past its len.  A function that
 * returns false has found something else and leaves the cursor where it was,
 * or, for pdf_skip_value() and pdf_dict_next(), somewhere in the middle.
 */
#define PDF_DEPTH_MAX 64 /* arrays and dictionaries inside each other */

struct pdf_cursor {
	const uint8_t *data;
	size_t len;
	size_t at;
};

/* [at, end) */
struct pdf_span {
	size_t at, end;
};

enum pdf_step { PDF_MORE, PDF_END, PDF_BAD };

bool pdf_is_white(int c);
bool pdf_is_delimiter(int c);

/* White space and comments; white space alone. */
void pdf_skip_blank(struct pdf_cursor *in);
void pdf_skip_white(struct pdf_cursor *in);

/* A keyword that ends there, after blanks. */
bool pdf_word(struct pdf_cursor *in, const char *word);

/* A decimal integer without sign, after blanks; at most 18 digits. */
bool pdf_uint(struct pdf_cursor *in, uint64_t *n);

/* "12 0 obj" and "12 0 R", after blanks. */
bool pdf_object_head(struct pdf_cursor *in, uint64_t *id, uint64_t *gen);
bool pdf_reference(struct pdf_cursor *in, uint64_t *id, uint64_t *gen);

/* Any value but a stream's body, after blanks. */
bool pdf_skip_value(struct pdf_cursor *in);

/* "<<", then one pair after another until PDF_END, behind ">>". */
bool pdf_dict_begin(struct pdf_cursor *in);
enum pdf_step pdf_dict_next(
    struct pdf_cursor *in, struct pdf_span *name, struct pdf_span *value);

/* How often key stands in the dictionary at the cursor, which does not move;
 * -1 when there is no dictionary.  *value is the last one's. */
int pdf_dict_find(
    const struct pdf_cursor *in, const char *key, struct pdf_span *value);

/* A cursor at a span; its len is the file's, so that offsets stay. */
struct pdf_cursor pdf_at(const struct pdf_cursor *in, size_t at);

/* The span is the name /word; #xx counts as the byte it stands for. */
bool pdf_name_is(
    const struct pdf_cursor *in, struct pdf_span name, const char *word);

/* The value is an integer without sign and nothing else. */
bool pdf_value_uint(
    const struct pdf_cursor *in, struct pdf_span value, uint64_t *n);

#endif /* CRYPTO_PDF_TOKEN_H */
