#ifndef GATEWAY_CONFIG_H
#define GATEWAY_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The configuration: one file, read once at start, handed down in parts.
 * Relative paths are relative to the file.  What is wrong stops the start
 * with the option's name.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	unknown option, value out of bounds, unreadable file
 */
struct err;
struct own_key;

#define CONFIG_PATH "/etc/hosogate/hosogate.conf" /* without -c */

struct config_list {
	const char *const *item;
	size_t count;
};

struct config {
#define STR(name, value, what)              const char *name;
#define INT(name, value, least, most, what) int64_t name;
#define LIST(name, what)                    struct config_list name;
#define PATH(name, what)                    const char *name;
#define PATHS(name, what)                   struct config_list name;
#include "gateway/config.def"
};

bool config_load(const char *path, struct config **out, struct err *e);
void config_free(struct config *c);

/* What the files that the configuration names hold; never logged. */
struct secrets {
	uint8_t link_key[32];
	struct own_key *head_key; /* NULL without head_key_file */
	struct config_list vnpay; /* hash secrets, newest first, as all here */
	struct config_list momo;
	struct config_list zalopay_key1, zalopay_key2;
	struct config_list dvcqg;
	char *dvcqg_token; /* NULL: none */
	struct config_list keypay_key1, keypay_key2;
	struct config_list vietqr, payos;
	char *payos_key; /* NULL: none */
};

bool secrets_load(const struct config *c, struct secrets **out, struct err *e);
void secrets_free(struct secrets *s);

#endif /* GATEWAY_CONFIG_H */
