#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/file.h"
#include "crypto/trust.h"

/*
 * A folder of fixtures that a script makes for one test program, and trust
 * read out of it.  Each test is one file, so this is all inline.
 */
extern char **environ;

static char fixture_folder[] = "/tmp/hosogate-test.XXXXXX";

static inline void
fixture_run(const char *const argv[])
{
	int status = -1;
	pid_t pid;

	assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL,
			     (char *const *)(uintptr_t)argv, environ),
	    0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Runs a program and gives its status; what it prints goes to the file out. */
static inline int
fixture_run_to(const char *const argv[], const char *out)
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
	    &actions, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(
	    &actions, STDOUT_FILENO, STDERR_FILENO);
	assert_int_equal(posix_spawnp(&pid, argv[0], &actions, NULL,
			     (char *const *)(uintptr_t)argv, environ),
	    0);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static inline void
fixture_make(const char *script)
{
	const char *const argv[] = { script, fixture_folder, NULL };

	assert_non_null(mkdtemp(fixture_folder));
	fixture_run(argv);
}

static inline void
fixture_remove(void)
{
	const char *const argv[] = { "rm", "-rf", fixture_folder, NULL };

	fixture_run(argv);
}

static inline struct blob
fixture_load(const char *name)
{
	struct blob b = { 0 };
	struct err e = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", fixture_folder, name);
	assert_true(file_read(path, 1 << 26, &b, &e));
	/* A mark for fixture_all_loaded(). */
	chmod(path, 0400);
	return b;
}

/* Whether every file of a folder was loaded by some test; names the first
 * that was not, as it would prove nothing. */
static inline bool
fixture_all_loaded(const char *folder)
{
	char path[320];
	struct dirent *d;
	struct stat st;
	bool all = true;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", fixture_folder, folder);
	dir = opendir(path);
	assert_non_null(dir);
	while (all && (d = readdir(dir)) != NULL) {
		assert_int_equal(fstatat(dirfd(dir), d->d_name, &st, 0), 0);
		all = !S_ISREG(st.st_mode) || (st.st_mode & 0777) == 0400;
		if (!all)
			print_message("%s was judged by no test\n", d->d_name);
	}
	closedir(dir);
	return all;
}

static inline void
fixture_add(struct trust_bundle *b, const char *name, enum trust_kind kind,
    unsigned purpose)
{
	struct err e = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", fixture_folder, name);
	assert_true(trust_bundle_add(b, path, kind, purpose, &e));
}

/* Seals the bundle, opens what was sealed, and frees the bundle. */
static inline struct trust *
fixture_open(struct trust_bundle *b)
{
	uint8_t generation[32];
	struct trust *t = NULL;
	struct err e = { 0 };
	int fd = trust_bundle_seal(b, generation);
	off_t len = lseek(fd, 0, SEEK_END);
	void *p = mmap(NULL, (size_t)len, PROT_READ, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_true(trust_open(p, (size_t)len, &t, &e));
	munmap(p, (size_t)len);
	trust_bundle_free(b);
	return t;
}

#endif /* TESTS_UNIT_FIXTURE_H */
