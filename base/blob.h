#ifndef BASE_BLOB_H
#define BASE_BLOB_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that someone owns.  A zeroed blob is empty and fine everywhere. */
struct blob {
	uint8_t *data;
	size_t len;
};

/* Copies; running out of memory is fatal. */
struct blob blob_copy(const void *data, size_t len);

/* Gives the bytes back and zeroes *b. */
void blob_release(struct blob *b);

/* calloc, realloc and strdup that end the process rather than return NULL. */
void *blob_calloc(size_t n, size_t size);
void *blob_grow(void *p, size_t n, size_t size);
char *blob_strdup(const char *s);

#endif /* BASE_BLOB_H */
