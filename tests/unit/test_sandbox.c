/*
 * The sandbox, seen from inside: children of a nursery try what a document
 * that has taken them over would try.
 */
#include "crypto/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "crypto/nursery.h"

/* Sanitizers' shadow memory rules a limit out (sandbox.c). */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_IS_LIMITED false
#else
#define MEMORY_IS_LIMITED true
#endif

#define MEMORY_MAX (256L * 1024 * 1024)

/* Each tries one thing and says with what errno it came back; 0: it worked. */
static int
open_a_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int
take_much_memory(void)
{
	void *p = malloc((size_t)MEMORY_MAX + 1);
	int why = p == NULL ? ENOMEM : 0;

	free(p);
	return why;
}

static int
take_little_memory(void)
{
	void *p = malloc(1024 * 1024);
	int why = p == NULL ? ENOMEM : 0;

	free(p);
	return why;
}

static int
make_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int
fork_a_process(void)
{
	return fork() < 0 ? errno : 0;
}

static int
run_a_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int
kill_the_parent(void)
{
	return kill(getppid(), SIGKILL) < 0 ? errno : 0;
}

static int
trace_the_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? errno : 0;
}

static int
write_elsewhere(void)
{
	return write(STDOUT_FILENO, "x", 1) < 0 ? errno : 0;
}

static int
make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int (*const attempts[])(void) = {
	open_a_file,
	take_much_memory,
	take_little_memory,
	make_a_socket,
	fork_a_process,
	run_a_program,
	kill_the_parent,
	trace_the_parent,
	write_elsewhere,
	make_code,
};

static void
prepare(void)
{
}

/* Takes the number of an attempt, answers its errno. */
static void
serve(int sock)
{
	struct iovec iov;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	uint8_t which;
	int why;

	iov = (struct iovec){ &which, 1 };
	while (recvmsg(sock, &msg, 0) == 1) {
		why = attempts[which]();
		if (write(sock, &why, sizeof(why)) != sizeof(why))
			return;
	}
}

static const struct nursery_care care = { prepare, serve, MEMORY_MAX, 8 };

/* The errno with which it came back; -1: the attempt was the child's end. */
static int
try(int (*attempt)(void))
{
	struct nursery *n = nursery_new(&care, 1);
	int ended, sock = nursery_child(n, 0, &ended), why = -1;
	uint8_t which = 0;

	assert_true(sock >= 0);
	while (attempts[which] != attempt)
		which++;
	assert_int_equal(write(sock, &which, 1), 1);
	if (read(sock, &why, sizeof(why)) != sizeof(why))
		why = -1;
	close(sock);
	nursery_free(n);
	return why;
}

static void
files_cannot_be_opened_and_the_child_goes_on(void **unused)
{
	(void)unused;

	assert_int_equal(try(open_a_file), EACCES);
}

static void
memory_is_to_be_had_up_to_the_limit(void **unused)
{
	(void)unused;

	assert_int_equal(try(take_little_memory), 0);
	if (MEMORY_IS_LIMITED)
		assert_int_equal(try(take_much_memory), ENOMEM);
}

static void
sockets_are_the_end(void **unused)
{
	(void)unused;

	assert_int_equal(try(make_a_socket), -1);
}

static void
processes_and_programs_are_the_end(void **unused)
{
	(void)unused;

	assert_int_equal(try(fork_a_process), -1);
	assert_int_equal(try(run_a_program), -1);
}

static void
other_processes_are_out_of_reach(void **unused)
{
	(void)unused;

	assert_int_equal(try(kill_the_parent), -1);
	assert_int_equal(try(trace_the_parent), -1);
}

static void
nothing_is_written_but_to_the_socket(void **unused)
{
	(void)unused;

	assert_int_equal(try(write_elsewhere), -1);
}

static void
memory_never_becomes_code(void **unused)
{
	(void)unused;

	assert_int_equal(try(make_code), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_cannot_be_opened_and_the_child_goes_on),
		cmocka_unit_test(memory_is_to_be_had_up_to_the_limit),
		cmocka_unit_test(sockets_are_the_end),
		cmocka_unit_test(processes_and_programs_are_the_end),
		cmocka_unit_test(other_processes_are_out_of_reach),
		cmocka_unit_test(nothing_is_written_but_to_the_socket),
		cmocka_unit_test(memory_never_becomes_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
