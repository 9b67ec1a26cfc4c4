#ifndef GATEWAY_FILES_H
#define GATEWAY_FILES_H

#include <stddef.h>

/*
 * Text files that the program carries with it, so that one binary suffices:
 * the migrations, the API's description, the web pages.  The Makefile says
 * which; embed.awk turns them into literals.
 */

/* The file's text; NULL: there is no file of that name. */
const char *files_text(const char *name);

/* The name of the i-th, each folder's in byte order; NULL past the last.  A
 * migration is a name that files_migration() gives a number above 0. */
const char *files_name(size_t i);
int files_migration(const char *name);

/* The number of the last migration: the schema this program speaks. */
int files_schema_version(void);

#endif /* GATEWAY_FILES_H */
