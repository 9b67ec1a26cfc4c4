#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8, hex and base64 as strangers send them: strict, or refused. */

bool text_is_utf8(const char *s, size_t len);

/* Cuts what snprintf() or a limit has left of a character at the end. */
void text_cut(char *s);

/* In Unicode's NFC, so that equal words are equal bytes; the caller frees. */
char *text_nfc(const char *s);

/* Letters without their marks and đ as d, for what takes ASCII only. */
char *text_unaccent(const char *s);

/* The value of a hex digit of either case; -1: it is none. */
int text_hex_digit(int c);

/* Exactly 2 * len hex digits of either case. */
bool text_unhex(const char *s, uint8_t *out, size_t len);

/* As many pairs of hex digits as stand at the beginning; returns how many. */
size_t text_unhex_run(const uint8_t *s, size_t len, uint8_t *out);
void text_hex(const uint8_t *data, size_t len, char *out); /* 2 * len + 1 */

/* RFC 4648 with padding and nothing else; *len is capacity, then length. */
bool text_unbase64(const char *s, uint8_t *out, size_t *len);

/* RFC 4648, 5 without padding; out holds (len * 4 + 2) / 3 + 1. */
void text_base64url(const uint8_t *data, size_t len, char *out);

/* A decimal integer without sign, blank or leading zero. */
bool text_int(const char *s, int64_t *out);

/* ASCII only, whatever the locale. */
bool text_ieq(const char *a, const char *b);

/* All but the last keep characters as '*': "********0123". */
void text_mask(const char *s, size_t keep, char *out, size_t cap);

#endif /* BASE_TEXT_H */
