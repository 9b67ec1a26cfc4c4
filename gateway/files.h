#ifndef GATEWAY_FILES_H
#define GATEWAY_FILES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Text files that the program carries with it, so that one binary suffices:
 * the migrations, the API's description, the web pages.  The Makefile says
 * which; embed.awk turns them into tables of lines.
 */
struct buf;

/* Appends the file's bytes; false: there is no file of that name. */
bool files_find(const char *name, struct buf *out);

/* The name of the i-th, each folder's in byte order; NULL past the last.  A
 * migration is a name that files_migration() gives a number above 0. */
const char *files_name(size_t i);
int files_migration(const char *name);

/* The number of the last migration: the schema this program speaks. */
int files_schema_version(void);

#endif /* GATEWAY_FILES_H */
