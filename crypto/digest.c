#include "crypto/digest.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#include "base/base.h"
#include "base/log.h"

/* struct digest is OpenSSL's context; this file alone knows. */
static EVP_MD_CTX *
in(struct digest *d)
{
	return (EVP_MD_CTX *)d;
}

/* EVP_sha256() is looked up by its name at every use (OpenSSL 3), under locks,
 * which takes longer than to hash a certificate. */
static EVP_MD *fetched;

static void
fetch(void)
{
	fetched = EVP_MD_fetch(NULL, "sha256", NULL);
	if (fetched == NULL)
		fatalx("digest: SHA-256 cannot be had");
}

static EVP_MD *
sha256(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	return fetched;
}

struct digest *
digest_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_DigestInit_ex(ctx, sha256(), NULL) != 1)
		fatalx("digest: SHA-256 cannot be had");
	return (struct digest *)ctx;
}

void
digest_add(struct digest *d, const void *data, size_t len)
{
	if (EVP_DigestUpdate(in(d), data, len) != 1)
		fatalx("digest: update");
}

void
digest_end(struct digest *d, uint8_t out[DIGEST_LEN])
{
	if (EVP_DigestFinal_ex(in(d), out, NULL) != 1)
		fatalx("digest: end");
	digest_free(d);
}

void
digest_free(struct digest *d)
{
	EVP_MD_CTX_free(in(d));
}

void
digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_LEN])
{
	if (EVP_Digest(data, len, out, NULL, sha256(), NULL) != 1)
		fatalx("digest: SHA-256 cannot be had");
}

/* Names that may stand in a signature; nothing else reaches OpenSSL's own
 * look-up, which knows many more spellings. */
static bool
is_known(const char *name)
{
	static const char *const names[] = { "md5", "sha1", "ripemd160",
		"sha224", "sha256", "sha384", "sha512", "sha512-224",
		"sha512-256", "sha3-224", "sha3-256", "sha3-384", "sha3-512",
		"shake256" };

	for (size_t i = 0; i < nitems(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* SHAKE256 stands beside Ed448 and gives 512 bits there (RFC 8419, 2.3). */
static bool
end_named(EVP_MD_CTX *ctx, const char *name, uint8_t *out, unsigned *len)
{
	if (strcmp(name, "shake256") != 0)
		return EVP_DigestFinal_ex(ctx, out, len) == 1;
	*len = 64;
	return EVP_DigestFinalXOF(ctx, out, *len) == 1;
}

/* NULL for a name that is not known; the caller frees. */
static EVP_MD *
by_name(const char *name)
{
	if (strcmp(name, "sha256") != 0)
		return is_known(name) ? EVP_MD_fetch(NULL, name, NULL) : NULL;
	EVP_MD_up_ref(sha256());
	return sha256();
}

size_t
digest_pieces(const char *name, const struct digest_piece *pieces, size_t count,
    uint8_t out[DIGEST_LEN_MAX])
{
	EVP_MD *md = by_name(name);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned len = 0;
	bool ok;

	if (ctx == NULL)
		fatalx("out of memory");
	ok = md != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1;
	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].len) == 1;
	if (!ok || !end_named(ctx, name, out, &len))
		len = 0;
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	return len;
}

size_t
digest_named(
    const char *name, const void *data, size_t len, uint8_t out[DIGEST_LEN_MAX])
{
	const struct digest_piece piece = { data, len };

	return digest_pieces(name, &piece, 1, out);
}
