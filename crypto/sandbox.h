#ifndef CRYPTO_SANDBOX_H
#define CRYPTO_SANDBOX_H

/*
 * Takes from this process, for ever, what a judge of documents does not need:
 * new files, sockets, processes, privileges, core dumps, executable memory.
 * What stays is memory, arithmetic, standard error and one socket.
 *
 * There is no half of it: what the kernel refuses is fatal, so that nothing
 * hostile is ever parsed unprotected.  Landlock alone may be missing, since
 * seccomp already refuses whatever it would.
 *
 * DIAGNOSTICS
 *	fatal	a part of the sandbox cannot be had
 */

/* The one socket that stays; standard error stays too. */
#define SANDBOX_SOCKET 3

/* Everything is closed but standard error and fd, which becomes
 * SANDBOX_SOCKET.  Needed before sandbox_enter(). */
void sandbox_close_but(int fd);

/* memory_max bounds the address space, files_max the descriptors.  Libraries
 * that open files or load code must have done so before. */
void sandbox_enter(long memory_max, int files_max);

#endif /* CRYPTO_SANDBOX_H */
