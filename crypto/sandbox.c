#include "crypto/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/log.h"

/* Address and thread sanitizers map terabytes of shadow; their builds go
 * without the limit on the address space, and with everything else. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHADOW_MEMORY 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHADOW_MEMORY 1
#endif
#ifndef SHADOW_MEMORY
#define SHADOW_MEMORY 0
#endif

void
sandbox_close_but(int fd)
{
	int null;

	if (fd != SANDBOX_SOCKET) {
		if (dup2(fd, SANDBOX_SOCKET) < 0)
			fatal("sandbox: dup2");
	}
	if (close_range(SANDBOX_SOCKET + 1, ~0U, 0) != 0)
		fatal("sandbox: close_range");
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || close(null) != 0)
		fatal("sandbox: /dev/null");
}

static void
limit(unsigned resource, rlim_t most)
{
	const struct rlimit r = { most, most };

	if (setrlimit(resource, &r) != 0)
		fatal("sandbox: setrlimit %u", resource);
}

/*
 * Landlock (kernel 5.13 on).  Debian 12's headers know its first version
 * only, so the numbers of the kernel's ABI stand here; a right that the
 * running kernel does not know must not be named.
 */
struct landlock_rights {
	uint64_t files, network, scope;
};

static struct landlock_rights
landlock_rights(long abi)
{
	struct landlock_rights r = { 0x1fff, 0, 0 };

	if (abi >= 2)
		r.files |= 1 << 13; /* move between folders */
	if (abi >= 3)
		r.files |= 1 << 14; /* truncate */
	if (abi >= 5)
		r.files |= 1 << 15; /* ioctl on devices */
	if (abi >= 4)
		r.network = 3; /* bind, connect by TCP */
	if (abi >= 6)
		r.scope = 3; /* abstract sockets, signals */
	return r;
}

/* Handles every right and grants none, as no rule is added. */
static void
deny_by_landlock(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	struct landlock_rights r;
	long ruleset;

	if (abi < 1) {
		log_debug("sandbox: this kernel has no Landlock");
		return;
	}
	r = landlock_rights(abi);
	ruleset = syscall(SYS_landlock_create_ruleset, &r,
	    abi >= 6   ? sizeof(r)
	    : abi >= 4 ? 16
		       : 8,
	    0);
	if (ruleset < 0)
		fatal("sandbox: landlock_create_ruleset");
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		fatal("sandbox: landlock_restrict_self");
	close((int)ruleset);
}

/* Memory, time, the end of the process, and what the C library asks by
 * itself: qsort() for the size of memory, malloc() for processors. */
static const int allowed[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(close),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(lseek),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(setitimer),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sysinfo),
};

/* What a library may try and must do without: it is told no and goes on,
 * where anything else ends the process. */
static const int refused[] = {
	SCMP_SYS(access),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fstat),
	SCMP_SYS(ioctl),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(prlimit64),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(stat),
};

/* One argument of a call must have a value. */
static const struct {
	int call;
	struct scmp_arg_cmp must;
} bounded[] = {
	{ SCMP_SYS(fcntl), { 1, SCMP_CMP_EQ, F_GET_SEALS, 0 } },
	{ SCMP_SYS(mmap), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
	{ SCMP_SYS(mprotect), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
	{ SCMP_SYS(recvmsg), { 0, SCMP_CMP_EQ, SANDBOX_SOCKET, 0 } },
	{ SCMP_SYS(write), { 0, SCMP_CMP_EQ, SANDBOX_SOCKET, 0 } },
	{ SCMP_SYS(write), { 0, SCMP_CMP_EQ, STDERR_FILENO, 0 } },
	{ SCMP_SYS(writev), { 0, SCMP_CMP_EQ, STDERR_FILENO, 0 } },
};

static void
filter_system_calls(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool ok = ctx != NULL;

	for (size_t i = 0; ok && i < nitems(allowed); i++)
		ok = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	for (size_t i = 0; ok && i < nitems(refused); i++)
		ok = seccomp_rule_add(
			 ctx, SCMP_ACT_ERRNO(EACCES), refused[i], 0) == 0;
	for (size_t i = 0; ok && i < nitems(bounded); i++)
		ok = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, bounded[i].call, 1,
			 bounded[i].must) == 0;
	if (!ok || seccomp_load(ctx) != 0)
		fatalx("sandbox: seccomp filter");
	seccomp_release(ctx);
}

void
sandbox_enter(long memory_max, int files_max)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		fatal("sandbox: prctl");
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NOFILE, (rlim_t)files_max);
	if (!SHADOW_MEMORY)
		limit(RLIMIT_AS, (rlim_t)memory_max);
	deny_by_landlock();
	filter_system_calls();
}
