/*
 * hosogate migrate [-c FILE]: brings the database to this program's schema.
 *
 * Forward only.  The files of schemas/db/ are carried in the program; each
 * runs once, in the order of its number and in a transaction of its own, and
 * is registered with the SHA-256 of its text.  A database that knows a number
 * we do not, or another text under one that we know, is left alone.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "crypto/digest.h"
#include "gateway/cli.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/files.h"

static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };

struct migration {
	int number;
	const char *name, *text;
	uint8_t sha256[DIGEST_LEN];
};

static void
migration_init(struct migration *m, const char *name)
{
	*m = (struct migration){
		.number = files_migration(name),
		.name = name,
		.text = files_text(name),
	};
	digest_sha256(m->text, strlen(m->text), m->sha256);
}

/* The name of the file with that number; NULL if we have none. */
static const char *
name_of(int number)
{
	const char *name;

	for (size_t i = 0; (name = files_name(i)) != NULL; i++)
		if (files_migration(name) == number)
			return name;
	return NULL;
}

/* Does row i of what the database has run say what we say? */
static bool
check_one(struct db_rows *applied, int i, struct err *e)
{
	int number = (int)db_int(applied, i, "number");
	struct db_bytes theirs = db_bytes(applied, i, "sha256");
	struct migration m;
	bool same;

	if (number != i + 1)
		return err_set(e, ERR_CONFIG,
		    "migrate: the database has %d and not %d", number, i + 1);
	if (name_of(number) == NULL)
		return err_set(e, ERR_CONFIG,
		    "migrate: the database has %s, which is newer than this "
		    "program",
		    db_text(applied, i, "name"));
	migration_init(&m, name_of(number));
	same = theirs.len == DIGEST_LEN &&
	       memcmp(theirs.data, m.sha256, DIGEST_LEN) == 0;
	if (!same)
		return err_set(e, ERR_CONFIG,
		    "migrate: %s is not the text that the database has run",
		    m.name);
	return true;
}

/* How many have run; that is the number of the last. */
static bool
check_applied(struct db *db, int *last, struct err *e)
{
	struct db_rows *r = NULL;
	bool begun, ok = false;

	if (!db_one(db, DB_migrate_begun, none, &r, e))
		return false;
	begun = db_bool(r, 0, "begun");
	db_rows_free(r);
	*last = 0;
	if (!begun)
		return true;

	if (!db_query(db, DB_migrate_applied, none, &r, e))
		return false;
	for (int i = 0; i < db_count(r); i++)
		if (!check_one(r, i, e))
			goto out;
	*last = db_count(r);
	ok = true;

out:
	db_rows_free(r);
	return ok;
}

static bool
apply(struct db *db, void *arg, struct err *e)
{
	const struct migration *m = arg;
	const struct db_arg args[] = { DB_INT(m->number), DB_TEXT(m->name),
		DB_BYTES(m->sha256, DIGEST_LEN), DB_END };

	return db_script(db, m->text, e) &&
	       db_exec(db, DB_migrate_register, args, NULL, e);
}

static bool
apply_from(struct db *db, int number, struct err *e)
{
	struct migration m;
	const char *name;
	bool ok = true;

	for (; ok && (name = name_of(number)) != NULL; number++) {
		migration_init(&m, name);
		ok = db_tx(db, apply, &m, e);
		if (ok)
			printf("%s\n", name);
	}
	return ok;
}

static bool
migrate(const char *conninfo, struct err *e)
{
	struct db *db = NULL;
	struct db_rows *lock = NULL;
	bool ok = false;
	int last;

	if (!db_open_bare(conninfo, &db, e))
		return false;
	/* Held by the connection: whoever comes second finds it all done. */
	if (!db_one(db, DB_migrate_lock, none, &lock, e))
		goto out;
	if (!check_applied(db, &last, e))
		goto out;
	if (!apply_from(db, last + 1, e))
		goto out;
	printf("schema %d, was %d\n", files_schema_version(), last);
	ok = true;

out:
	db_rows_free(lock);
	db_close(db);
	return ok;
}

int
cli_migrate(int argc, char **argv)
{
	static const char usage[] = "migrate [-c FILE]";
	struct config *config = NULL;
	struct err e = { 0 };
	int status = cli_config(argc, argv, usage, &config);

	if (status != CLI_OK)
		return status;
	if (!migrate(config->database_owner, &e)) {
		cli_complain(argv[0], &e);
		status = CLI_FAILED;
	}
	config_free(config);
	return status;
}
