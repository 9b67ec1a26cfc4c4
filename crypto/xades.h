#ifndef CRYPTO_XADES_H
#define CRYPTO_XADES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * XML signatures (XMLDSig core 1.1, XAdES EN 319 132-1) with an X.509
 * certificate.  Enveloped, enveloping, detached.  Allow-lists for transforms,
 * references and keys; no DTD, no network; the report names what was signed,
 * and only that counts.
 *
 * Nothing here evaluates an XPath or a style sheet, fetches what a URI names,
 * or takes a key that no certificate comes with.  The bytes are borrowed for
 * the call; what cannot be parsed is a report that says so, so no function
 * fails.  Out of memory is fatal.
 */
struct question;
struct report;

#define XADES_FILE_MAX       (50 * 1024 * 1024) /* bytes */
#define XADES_REFERENCES_MAX 100 /* of a signature, manifests' too */
#define XADES_TRANSFORMS_MAX 4   /* of a reference */
#define XADES_DEPTH_MAX      256 /* levels below the root element */

/* Once a process, before any other call; the sandbox may close afterwards. */
void xades_init(void);

bool xades_is_xml(const uint8_t *data, size_t len);

void xades_judge_file(const uint8_t *data, size_t len, const struct question *q,
    struct report *r);

#endif /* CRYPTO_XADES_H */
