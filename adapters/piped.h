#ifndef ADAPTERS_PIPED_H
#define ADAPTERS_PIPED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Members of a JSON body that a provider signs joined by |, as the National
 * Portal's interfaces do: read by names in the order in which they are signed,
 * each as MACs want it (pay_lexeme).
 */
struct buf;
struct json;

#define PIPED_MAX 512 /* of one value */

/* False: one of them is not single or too long, or holds a | itself, and
 * could so be cut in another way under the same hash. */
bool piped_read(const struct json *obj, const char *const *names, size_t count,
    char (*out)[PIPED_MAX]);

void piped_join(const char (*values)[PIPED_MAX], size_t count, struct buf *out);

#endif /* ADAPTERS_PIPED_H */
