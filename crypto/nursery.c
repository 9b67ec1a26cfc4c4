/*
 * The nursery and its children are one program image, forked and never
 * executed anew, so a child needs no file to come to life.  It has its
 * parent's memory as of the start: so the nursery is made before the program
 * reads its keys.
 */
#include "crypto/nursery.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/log.h"
#include "crypto/fdpass.h"
#include "crypto/sandbox.h"

/* A child that is not in its sandbox by then is not coming. */
#define READY_MS 30000

struct nursery {
	pid_t pid;
	int control;
};

/* What the nursery itself keeps. */
struct ward {
	const struct nursery_care *care;
	pid_t self;
	pid_t *children; /* by slot; 0: nobody */
	size_t slots;
};

/* The owner's handlers are not ours.  A Ctrl-C or a stop of the whole unit
 * reaches us too, while the owner still drains: only its end is our end. */
static void
reset_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGPIPE, SIGQUIT,
		SIGTERM };
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		fatal("nursery: sigprocmask");
}

static _Noreturn void
live(const struct ward *w, int sock)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		fatal("nursery: prctl");
	/* The death of a parent is signalled to who asked before it. */
	if (getppid() != w->self)
		_exit(1); /* it died before it could be watched */
	sandbox_close_but(sock);
	sandbox_enter(w->care->memory_max, w->care->files_max);
	if (write(SANDBOX_SOCKET, "", 1) != 1)
		_exit(1);
	w->care->serve(SANDBOX_SOCKET);
	_exit(0);
}

/* Until it is reaped its number belongs to it, so the signal meets nobody
 * else.  Which signal ended it, if one did: ours comes too late for one that
 * has died. */
static int
bury(pid_t *child)
{
	int status = 0;

	if (*child == 0)
		return 0;
	kill(*child, SIGKILL);
	while (waitpid(*child, &status, 0) < 0 && errno == EINTR)
		continue;
	*child = 0;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* The customer's end of a new child's socket, or -1. */
static int
bear(struct ward *w, size_t slot)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		log_warn("nursery: socketpair");
		return -1;
	}
	pid = fork();
	if (pid == 0)
		live(w, pair[1]);
	close(pair[1]);
	if (pid < 0) {
		log_warn("nursery: fork");
		close(pair[0]);
		return -1;
	}
	w->children[slot] = pid;
	return pair[0];
}

/* An answer without a descriptor says that there was no process to be had. */
static bool
answer(struct ward *w, uint64_t slot)
{
	bool is_one = slot < w->slots;
	uint64_t ended = is_one ? (uint64_t)bury(&w->children[slot]) : 0;
	int fd = is_one ? bear(w, slot) : -1;
	bool ok =
	    fdpass_send(SANDBOX_SOCKET, &ended, sizeof(ended), &fd, fd >= 0);

	if (fd >= 0)
		close(fd);
	return ok;
}

static _Noreturn void
keep(const struct nursery_care *care, size_t slots, int control)
{
	struct ward w = { care, getpid(), NULL, slots };
	size_t none = 0;
	uint64_t slot;

	w.children = blob_calloc(slots, sizeof(*w.children));
	reset_signals();
	/* What the owner has open is none of the children's business. */
	sandbox_close_but(control);
	care->prepare();
	while (fdpass_receive(SANDBOX_SOCKET, &slot, sizeof(slot), NULL, &none))
		if (!answer(&w, slot))
			break;
	for (size_t i = 0; i < slots; i++)
		bury(&w.children[i]);
	_exit(0);
}

struct nursery *
nursery_new(const struct nursery_care *care, size_t slots)
{
	struct nursery *n = blob_calloc(1, sizeof(*n));
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		fatal("nursery: socketpair");
	n->pid = fork();
	if (n->pid < 0)
		fatal("nursery: fork");
	if (n->pid == 0)
		keep(care, slots, pair[1]);
	close(pair[1]);
	n->control = pair[0];
	return n;
}

void
nursery_free(struct nursery *n)
{
	if (n == NULL)
		return;
	close(n->control);
	while (waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	free(n);
}

/* The child says one byte once nothing can be taken from it any more. */
static bool
is_ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;
	int n;

	do
		n = poll(&p, 1, READY_MS);
	while (n < 0 && errno == EINTR);
	return n == 1 && read(fd, &byte, 1) == 1;
}

int
nursery_child(struct nursery *n, size_t slot, int *ended)
{
	uint64_t wire = slot;
	size_t count = 1;
	int fd = -1;

	if (!fdpass_send(n->control, &wire, sizeof(wire), NULL, 0) ||
	    !fdpass_receive(n->control, &wire, sizeof(wire), &fd, &count))
		fatalx("nursery: it has died");
	*ended = (int)wire;
	if (count == 0)
		return -1;
	if (is_ready(fd))
		return fd;
	close(fd);
	return -1;
}
