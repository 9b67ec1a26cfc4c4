/*
 * The desk from both its sides; and from a child in the sandbox, which tries
 * what a document that has taken it over would try.
 */
#include "crypto/desk.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/sealed.h"
#include "crypto/nursery.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define MOMENT_US 1000

/* A desk with somebody at both sides. */
struct room {
	struct desk *desk;
	struct desk_seat seat;
	int pair[2];
};

static void
sit(struct room *r)
{
	assert_true(desk_hand(r->desk, r->pair[0]));
	assert_true(desk_sit(&r->seat, r->pair[1]));
	assert_true(desk_wait(r->desk, MOMENT_US));
}

static struct room
furnish(void)
{
	struct room r = { .desk = desk_new() };

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, r.pair), 0);
	sit(&r);
	return r;
}

static void
clear(struct room *r)
{
	close(r->pair[0]);
	close(r->pair[1]);
	desk_free(r->desk);
}

static uint8_t *
letters(size_t len)
{
	uint8_t *p = blob_calloc(len + 1, 1);

	memset(p, 'A', len);
	return p;
}

/* How many bytes of the whole desk are not zero, as the child sees it. */
static size_t
count_written(const struct room *r)
{
	const struct desk_place all = { DESK_HEAD, DESK_ROOM };
	size_t n = 0;

	(void)desk_document(&r->seat, &all);
	for (size_t i = 0; i < DESK_HEAD + DESK_ROOM; i++)
		n += r->seat.pages[i] != 0;
	return n;
}

static void
a_document_is_read_as_it_was_laid(void **unused)
{
	struct room r = furnish();
	struct desk_place first = { 0 }, second = { 0 };

	(void)unused;

	assert_true(desk_lay(r.desk, "one", 3, &first));
	assert_true(desk_lay(r.desk, "other", 5, &second));
	desk_ask(r.desk, "who?", 5);
	assert_string_equal(desk_listen(&r.seat), "who?");
	assert_int_equal(first.len, 3);
	assert_memory_equal(desk_document(&r.seat, &first), "one", 3);
	assert_memory_equal(desk_document(&r.seat, &second), "other", 5);
	clear(&r);
}

static void
an_answer_is_heard_once_it_is_given(void **unused)
{
	struct room r = furnish();
	char heard[3] = "";

	(void)unused;

	desk_ask(r.desk, "?", 1);
	assert_false(desk_wait(r.desk, MOMENT_US));
	desk_listen(&r.seat);
	desk_answer(&r.seat, "yes", 3);
	assert_true(desk_wait(r.desk, MOMENT_US));
	assert_int_equal(desk_answer_len(r.desk), 3);
	desk_read(r.desk, heard, 3);
	assert_memory_equal(heard, "yes", 3);
	desk_ask(r.desk, "?", 1);
	assert_false(desk_wait(r.desk, MOMENT_US));
	clear(&r);
}

static void
of_a_long_answer_the_length_alone_is_told(void **unused)
{
	struct room r = furnish();
	uint8_t *long_one = letters(DESK_ANSWER_MAX + 1);

	(void)unused;

	desk_ask(r.desk, "?", 1);
	desk_listen(&r.seat);
	desk_answer(&r.seat, long_one, DESK_ANSWER_MAX + 1);
	assert_true(desk_wait(r.desk, MOMENT_US));
	assert_int_equal(desk_answer_len(r.desk), DESK_ANSWER_MAX + 1);
	free(long_one);
	clear(&r);
}

static void
a_document_has_all_the_room_and_no_byte_more(void **unused)
{
	struct room r = furnish();
	uint8_t *bytes = letters(DESK_ROOM + 1);
	struct desk_place place = { 0 };

	(void)unused;

	assert_false(desk_lay(r.desk, bytes, DESK_ROOM + 1, &place));
	assert_int_equal(place.at, 0);
	assert_true(desk_lay(r.desk, bytes, DESK_ROOM, &place));
	assert_false(desk_lay(r.desk, bytes, 1, &place));
	assert_true(desk_lay(r.desk, bytes, 0, &place));
	desk_ask(r.desk, "?", 1);
	assert_true(desk_lay(r.desk, bytes, 1, &place));
	free(bytes);
	clear(&r);
}

static void
a_file_has_all_the_room_and_no_byte_more(void **unused)
{
	struct room r = furnish();
	uint8_t *bytes = letters(DESK_ROOM + 1);
	struct desk_place place = { 0 };
	struct err e = { 0 };
	int fits, does_not;

	(void)unused;

	assert_true(sealed_new(bytes, DESK_ROOM, &fits, &e));
	assert_true(sealed_new(bytes, DESK_ROOM + 1, &does_not, &e));
	assert_false(desk_lay_file(r.desk, does_not, &place));
	assert_int_equal(place.at, 0);
	assert_true(desk_lay_file(r.desk, fits, &place));
	desk_ask(r.desk, "?", 1);
	desk_listen(&r.seat);
	assert_memory_equal(desk_document(&r.seat, &place), bytes, DESK_ROOM);
	close(fits);
	close(does_not);
	free(bytes);
	clear(&r);
}

static void
a_file_that_could_change_is_not_laid(void **unused)
{
	struct room r = furnish();
	struct desk_place place = { 0 };
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	(void)unused;

	assert_int_equal(write(fd, "x", 1), 1);
	assert_false(desk_lay_file(r.desk, fd, &place));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	assert_false(desk_lay_file(r.desk, fd, &place));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	assert_true(desk_lay_file(r.desk, fd, &place));
	close(fd);
	clear(&r);
}

static void
nothing_of_an_earlier_question_is_left(void **unused)
{
	struct room r = furnish();
	uint8_t *bytes = letters(DESK_ROOM);
	struct desk_place place;

	(void)unused;

	assert_true(desk_lay(r.desk, bytes, DESK_ROOM, &place));
	desk_ask(r.desk, bytes, DESK_HEAD);
	desk_listen(&r.seat);
	assert_int_equal(count_written(&r), DESK_HEAD + DESK_ROOM);
	assert_true(desk_lay(r.desk, "bb", 2, &place));
	assert_true(desk_lay(r.desk, "ccc", 3, &place));
	desk_ask(r.desk, "?", 1);
	desk_listen(&r.seat);
	assert_int_equal(count_written(&r), 1 + 2 + 3);
	free(bytes);
	clear(&r);
}

static void
a_new_child_finds_an_empty_desk(void **unused)
{
	struct room r = furnish();
	struct desk_place place;

	(void)unused;

	assert_true(desk_lay(r.desk, "secret", 6, &place));
	desk_ask(r.desk, "?", 1);
	desk_listen(&r.seat);
	desk_answer(&r.seat, "yes", 3);
	sit(&r);
	assert_int_equal(count_written(&r), 0);
	assert_int_equal(desk_answer_len(r.desk), 0);
	desk_ask(r.desk, "who?", 5);
	assert_string_equal(desk_listen(&r.seat), "who?");
	clear(&r);
}

/* Among the mappings of this process (proc(5)). */
static bool
has_desk(void)
{
	char line[512];
	bool found = false;
	FILE *f = fopen("/proc/self/maps", "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		found |= strstr(line, "/memfd:desk") != NULL;
	if (f != NULL)
		fclose(f);
	return found;
}

static int
status_of(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
a_process_forked_later_has_none_of_it(void **unused)
{
	struct desk *d = desk_new();
	pid_t pid;

	(void)unused;

	assert_true(has_desk());
	pid = fork();
	if (pid == 0)
		_exit(has_desk() ? 1 : 0);
	assert_int_equal(status_of(pid), 0);
	desk_free(d);
}

/* Without its report, which is expected. */
static void
read_too_far(const struct room *r, const struct desk_place *place)
{
	const volatile uint8_t *bytes = desk_document(&r->seat, place);

	close(STDERR_FILENO);
	_exit(bytes[place->len] == 0 ? 0 : 1);
}

static void
a_sanitizer_sees_who_reads_beyond_the_end(void **unused)
{
	struct room r = furnish();
	struct desk_place place;
	pid_t pid;

	(void)unused;

	assert_true(desk_lay(r.desk, "12345", 5, &place));
	desk_ask(r.desk, "?", 1);
	desk_listen(&r.seat);
	pid = fork();
	if (pid == 0)
		read_too_far(&r, &place);
	assert_int_equal(status_of(pid) != 0, SANITIZED);
	clear(&r);
}

/* Each tries one thing and says with what errno it came back; 0: it worked. */
static int
read_it(const struct desk_seat *s)
{
	return memcmp(s->pages, "?", 2) == 0 ? 0 : EIO;
}

static int
write_to_it(const struct desk_seat *s)
{
	*(volatile uint8_t *)(uintptr_t)s->pages = '!';
	return 0;
}

static int
make_it_writable(const struct desk_seat *s)
{
	return mprotect((void *)(uintptr_t)s->pages, DESK_HEAD,
		   PROT_READ | PROT_WRITE) != 0
		   ? errno
		   : 0;
}

static int
punch_a_hole(const struct desk_seat *s)
{
	return madvise((void *)(uintptr_t)s->pages, DESK_HEAD, MADV_REMOVE) != 0
		   ? errno
		   : 0;
}

static int (*const attempts[])(const struct desk_seat *s) = {
	read_it,
	write_to_it,
	make_it_writable,
	punch_a_hole,
};

static void
prepare(void)
{
}

/* Each question is what all attempts see; the attempt's number comes by the
 * socket. */
static void
serve(int sock)
{
	struct desk_seat seat;
	struct iovec iov;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	uint8_t which;
	int why;

	iov = (struct iovec){ &which, 1 };
	if (!desk_sit(&seat, sock))
		return;
	desk_listen(&seat);
	if (recvmsg(sock, &msg, 0) == 1) {
		why = attempts[which](&seat);
		desk_answer(&seat, &why, sizeof(why));
	}
}

/* The errno with which it came back; -1: the attempt was the child's end. */
static int
try(uint8_t which)
{
	static const struct nursery_care care = { prepare, serve,
		256L * 1024 * 1024, 8 };
	struct nursery *n = nursery_new(&care, 1);
	struct desk *d = desk_new();
	int ended, sock = nursery_child(n, 0, &ended), why = -1;
	char byte;

	assert_true(sock >= 0);
	assert_true(desk_hand(d, sock));
	desk_ask(d, "?", 2);
	assert_int_equal(write(sock, &which, 1), 1);
	assert_int_equal(read(sock, &byte, 1), 0); /* until it has ended */
	if (desk_wait(d, MOMENT_US))
		desk_read(d, &why, sizeof(why));
	close(sock);
	nursery_free(n);
	desk_free(d);
	return why;
}

static void
a_child_reads_the_pages_and_never_writes_them(void **unused)
{
	(void)unused;

	assert_int_equal(try(0), 0);
	assert_int_equal(try(1), -1);
	assert_int_equal(try(2), EACCES);
	assert_int_equal(try(3), EACCES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: a seat of ours would be inherited. */
		cmocka_unit_test(a_process_forked_later_has_none_of_it),
		cmocka_unit_test(a_document_is_read_as_it_was_laid),
		cmocka_unit_test(an_answer_is_heard_once_it_is_given),
		cmocka_unit_test(of_a_long_answer_the_length_alone_is_told),
		cmocka_unit_test(a_document_has_all_the_room_and_no_byte_more),
		cmocka_unit_test(a_file_has_all_the_room_and_no_byte_more),
		cmocka_unit_test(a_file_that_could_change_is_not_laid),
		cmocka_unit_test(nothing_of_an_earlier_question_is_left),
		cmocka_unit_test(a_new_child_finds_an_empty_desk),
		cmocka_unit_test(a_sanitizer_sees_who_reads_beyond_the_end),
		cmocka_unit_test(a_child_reads_the_pages_and_never_writes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
