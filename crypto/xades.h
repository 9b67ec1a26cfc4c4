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
 */
struct question;
struct report;

#define XADES_FILE_MAX       (50 * 1024 * 1024)
#define XADES_REFERENCES_MAX 100
#define XADES_TRANSFORMS_MAX 4
#define XADES_DEPTH_MAX      256 /* levels below the root element */

/* Once a process, before any other call; the sandbox may close afterwards. */
void xades_init(void);

bool xades_is_xml(const uint8_t *data, size_t len);

void xades_judge_file(const uint8_t *data, size_t len, const struct question *q,
    struct report *r);

#endif /* CRYPTO_XADES_H */
