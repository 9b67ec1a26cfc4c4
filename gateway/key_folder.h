#ifndef GATEWAY_KEY_FOLDER_H
#define GATEWAY_KEY_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A folder of keys, one for each who signs: NAME.p12, and NAME.password beside
 * it where it has one.  What else lies there is not looked at.  Opens no key.
 *
 * DIAGNOSTICS
 *	ERR_FILE	the folder cannot be read
 */
struct err;

struct key_file {
	char *name;
	char *file, *password_file; /* "" without a password */
};

struct key_folder {
	struct key_file *keys; /* by name */
	size_t count;
};

/* The path "" has none. */
bool key_folder_list(const char *path, struct key_folder *out, struct err *e);
void key_folder_release(struct key_folder *f);

#endif /* GATEWAY_KEY_FOLDER_H */
