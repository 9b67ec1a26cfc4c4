#include "adapters/transfer_code.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PREFIX     "DVC"
#define PREFIX_LEN 3
#define BODY_LEN   9
#define CODE_LEN   (PREFIX_LEN + BODY_LEN + 1)
#define BASE       36

/* 36^8: added to a mark, so that no code begins with a 0 that somebody might
 * leave away. */
#define LEAST INT64_C(2821109907456)
#define MARKS (INT64_C(1) << 44) /* 11 hex digits */

static const char signs[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* -1: none of ours. */
static int
sign_value(char c)
{
	const char *at = c == '\0' ? NULL : strchr(signs, c);

	return at == NULL ? -1 : (int)(at - signs);
}

/* ISO/IEC 7064, 8 (hybrid systems). */
static char
check_sign(const char *body)
{
	int p = BASE;

	for (int i = 0; i < BODY_LEN; i++) {
		int s = (p + sign_value(body[i])) % BASE;

		p = (s == 0 ? BASE : s) * 2 % (BASE + 1);
	}
	return signs[(BASE + 1 - p) % BASE];
}

static int64_t
body_number(const char *body)
{
	int64_t n = 0;

	for (int i = 0; i < BODY_LEN; i++)
		n = n * BASE + sign_value(body[i]);
	return n;
}

void
transfer_code_make(const char *ref, char out[TRANSFER_CODE_LEN])
{
	const char *hex = strchr(ref, 'R');
	int64_t n = LEAST;
	char *body = out + PREFIX_LEN;

	assert(hex != NULL);
	assert(strlen(hex) >= TRANSFER_MARK_LEN);

	for (int i = TRANSFER_MARK_LEN - 2; i >= 0; i--)
		n += (int64_t)text_hex_digit(hex[TRANSFER_MARK_LEN - 1 - i])
		     << 4 * i;
	memcpy(out, PREFIX, PREFIX_LEN);
	for (int i = BODY_LEN - 1; i >= 0; i--, n /= BASE)
		body[i] = signs[n % BASE];
	body[BODY_LEN] = check_sign(body);
	body[BODY_LEN + 1] = '\0';
}

bool
transfer_code_of_number(int64_t number, char mark[TRANSFER_MARK_LEN])
{
	if (number < LEAST || number >= LEAST + MARKS)
		return false;
	snprintf(
	    mark, TRANSFER_MARK_LEN, "%011" PRIx64, (uint64_t)(number - LEAST));
	return true;
}

int64_t
transfer_code_number(const char code[TRANSFER_CODE_LEN])
{
	return body_number(code + PREFIX_LEN);
}

static bool
is_code(const char *s, char mark[TRANSFER_MARK_LEN])
{
	const char *body = s + PREFIX_LEN;

	if (strncmp(s, PREFIX, PREFIX_LEN) != 0 ||
	    strspn(body, signs) < BODY_LEN + 1 ||
	    body[BODY_LEN] != check_sign(body))
		return false;
	return transfer_code_of_number(body_number(body), mark);
}

/* What is no ASCII after the marks are gone is no sign of a code's either. */
static char *
as_banks_write(const char *content)
{
	char *s = text_unaccent(content);

	for (char *c = s; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return s;
}

int
transfer_code_find(const char *content, char mark[TRANSFER_MARK_LEN])
{
	char *s = as_banks_write(content);
	char found[TRANSFER_MARK_LEN];
	int n = 0;

	for (const char *at = s; n < 2 && (at = strstr(at, PREFIX)) != NULL;
	     at++) {
		if (!is_code(at, found))
			continue;
		if (n == 0 || strcmp(found, mark) != 0)
			n++;
		memcpy(mark, found, TRANSFER_MARK_LEN);
	}
	free(s);
	return n;
}
