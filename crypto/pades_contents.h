#ifndef CRYPTO_PADES_CONTENTS_H
#define CRYPTO_PADES_CONTENTS_H

#include <stdbool.h>

#include "base/blob.h"
#include "crypto/pdf_token.h"

/*
 * The CMS in a /Contents: hex digits and white space, one DER or BER object,
 * then nothing but the zeros that pad it.
 */
enum contents_fault {
	CONTENTS_GOOD,
	CONTENTS_NO_OBJECT,
	CONTENTS_PADDED_WITH_DATA,
};

/* token is the hex string with its brackets.  The caller releases *out, which
 * is set when it is good. */
enum contents_fault contents_read(
    const struct pdf_cursor *in, struct pdf_span token, struct blob *out);

#endif /* CRYPTO_PADES_CONTENTS_H */
