#include "crypto/desk.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/log.h"
#include "base/sealed.h"
#include "crypto/fdpass.h"

/* Whole pages: a copy is twenty times slower on some processors when source
 * and target are unlike in their last bits (Zen 3 and 4, "rep movsb"). */
#define PAGE      4096
#define PAGES_LEN (DESK_HEAD + DESK_ROOM)

/* The first question, which is whether there is anybody. */
#define SITTING 1

/* Numbers of questions: who rings writes the next one. */
struct desk_board {
	_Atomic uint32_t asked, answered;
	_Atomic uint32_t len;
	uint8_t bytes[DESK_ANSWER_MAX];
};

struct desk {
	int pages_fd, board_fd;
	uint8_t *pages;
	struct desk_board *board;
	uint32_t asked;
	size_t head;        /* bytes of the last question */
	size_t used, dirty; /* bytes of the room: by this question, the last */
};

static void
ring(_Atomic uint32_t *bell, uint32_t number)
{
	atomic_store(bell, number);
	syscall(SYS_futex, bell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Returns early whenever it likes. */
static void
sleep_on(_Atomic uint32_t *bell, uint32_t number, const struct timespec *most)
{
	syscall(SYS_futex, bell, FUTEX_WAIT, number, most, NULL, 0);
}

/* Pages of a memfd that stay as long as they are. */
static int
make(size_t len)
{
	int fd = memfd_create("desk", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, (off_t)len) != 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)
		fatal("desk: memfd");
	return fd;
}

/* Another verifier's nursery may be forked later; it gets none of this. */
static void *
map(int fd, size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED || madvise(p, len, MADV_DONTFORK) != 0)
		fatal("desk: mmap");
	return p;
}

struct desk *
desk_new(void)
{
	struct desk *d = blob_calloc(1, sizeof(*d));

	d->pages_fd = make(PAGES_LEN);
	d->board_fd = make(sizeof(*d->board));
	d->pages = map(d->pages_fd, PAGES_LEN);
	d->board = map(d->board_fd, sizeof(*d->board));
	/* Our own mapping stays as it is. */
	if (fcntl(d->pages_fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) != 0)
		fatal("desk: seal");
	return d;
}

void
desk_free(struct desk *d)
{
	if (d == NULL)
		return;
	munmap(d->pages, PAGES_LEN);
	munmap(d->board, sizeof(*d->board));
	close(d->pages_fd);
	close(d->board_fd);
	free(d);
}

bool
desk_hand(struct desk *d, int sock)
{
	const int fds[] = { d->pages_fd, d->board_fd };

	memset(d->pages, 0, PAGES_LEN);
	memset(d->board, 0, sizeof(*d->board));
	d->asked = SITTING;
	atomic_store(&d->board->asked, SITTING);
	d->head = d->used = d->dirty = 0;
	return fdpass_send(sock, "", 1, fds, 2);
}

/* Room for that many bytes, with none of another file's behind them in the
 * last page; NULL: there is none. */
static uint8_t *
clear_room(struct desk *d, size_t len, struct desk_place *out)
{
	uint8_t *at = d->pages + DESK_HEAD + d->used;
	size_t whole;

	if (len > DESK_ROOM - d->used)
		return NULL;
	whole = (len + PAGE - 1) / PAGE * PAGE;
	memset(at + len, 0, whole - len);
	d->used += whole;
	*out = (struct desk_place){ (uint32_t)(at - d->pages), (uint32_t)len };
	return at;
}

bool
desk_lay(struct desk *d, const void *bytes, size_t len, struct desk_place *out)
{
	uint8_t *at = clear_room(d, len, out);

	if (at != NULL && len > 0)
		memcpy(at, bytes, len);
	return at != NULL;
}

bool
desk_lay_file(struct desk *d, int fd, struct desk_place *out)
{
	struct desk_place place;
	struct stat st;
	uint8_t *at;

	if (!sealed_is(fd) || fstat(fd, &st) != 0)
		return false;
	at = clear_room(d, (size_t)st.st_size, &place);
	if (at == NULL || pread(fd, at, place.len, 0) != (ssize_t)place.len)
		return false;
	*out = place;
	return true;
}

/* Of earlier questions nothing is left behind the new one's ends. */
static void
wipe(struct desk *d, size_t head)
{
	uint8_t *room = d->pages + DESK_HEAD;

	if (d->head > head)
		memset(d->pages + head, 0, d->head - head);
	if (d->dirty > d->used)
		memset(room + d->used, 0, d->dirty - d->used);
	d->head = head;
	d->dirty = d->used;
	d->used = 0;
}

void
desk_ask(struct desk *d, const void *question, size_t len)
{
	assert(len <= DESK_HEAD);

	memcpy(d->pages, question, len);
	wipe(d, len);
	ring(&d->board->asked, ++d->asked);
}

bool
desk_wait(struct desk *d, long patience_us)
{
	const struct timespec most = { 0, patience_us * 1000 };
	uint32_t have = atomic_load(&d->board->answered);

	if (have != d->asked) {
		sleep_on(&d->board->answered, have, &most);
		have = atomic_load(&d->board->answered);
	}
	return have == d->asked;
}

uint32_t
desk_answer_len(struct desk *d)
{
	return atomic_load(&d->board->len);
}

void
desk_read(const struct desk *d, void *out, size_t len)
{
	assert(len <= DESK_ANSWER_MAX);

	memcpy(out, d->board->bytes, len);
}

bool
desk_sit(struct desk_seat *s, int sock)
{
	int fds[2];
	size_t count = 2;
	char byte;
	void *pages, *board;

	if (!fdpass_receive(sock, &byte, 1, fds, &count) || count != 2)
		return false;
	pages = mmap(NULL, PAGES_LEN, PROT_READ, MAP_SHARED, fds[0], 0);
	board = mmap(NULL, sizeof(*s->board), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fds[1], 0);
	close(fds[0]);
	close(fds[1]);
	if (pages == MAP_FAILED || board == MAP_FAILED)
		return false;
	*s = (struct desk_seat){ pages, board, SITTING };
	ring(&s->board->answered, SITTING);
	return true;
}

/* Under a sanitizer all that is not of this question is out of bounds. */
const void *
desk_listen(struct desk_seat *s)
{
	ASAN_POISON_MEMORY_REGION(s->pages + DESK_HEAD, DESK_ROOM);
	while (atomic_load(&s->board->asked) == s->heard)
		sleep_on(&s->board->asked, s->heard, NULL);
	s->heard++;
	return s->pages;
}

const uint8_t *
desk_document(const struct desk_seat *s, const struct desk_place *p)
{
	ASAN_UNPOISON_MEMORY_REGION(s->pages + p->at, p->len);
	return s->pages + p->at;
}

void
desk_answer(struct desk_seat *s, const void *bytes, size_t len)
{
	if (len <= DESK_ANSWER_MAX)
		memcpy(s->board->bytes, bytes, len);
	atomic_store(&s->board->len, (uint32_t)len);
	ring(&s->board->answered, s->heard);
}
