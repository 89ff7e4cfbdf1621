/*
 * inject: makes calls of a dynamic program fail.  For LD_PRELOAD, with glibc; tests/fault/loop drives it.
 *
 *   INJECT_PROGRAM=NAME         touch only the program of this name, not the ones it starts
 *   INJECT_FORKED=1             in that program, touch only the processes that fork() makes of it, one at a time
 *   INJECT_REPORT=FILE          a struct report, kept up to date in this file, so that it outlives any death
 *   INJECT=CLASS:N:ERRNO[+]     the N-th call of the class fails; with +, and all behind it
 *   INJECT_SHORT=K              read, pread, write and pwrite do at most K bytes at a time
 *   INJECT_EINTR=K              every K-th call that a signal may interrupt is interrupted
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum group { MEMORY, OPEN, READ, WRITE, CLOSE, STAT, FOLDER, SPAWN, PIPE, FCNTL, POLL, WAIT, MMAP, SOCKET, CHANGE, GROUPS };

static const char *const names[] = {"memory", "open", "read", "write", "close", "stat", "folder", "spawn", "pipe", "fcntl",
    "poll", "wait", "mmap", "socket", "change"};

/* What the loop reads: 64-bit numbers in this order. */
struct report {
	uint64_t active;   /* the program was reached */
	uint64_t injected; /* calls that were made to fail, to do less, or interrupted */
	uint64_t left;     /* descriptors above 2 that were open when it exited by itself, but for those that may be */
	uint64_t calls[GROUPS];
};

static struct report *report;
static pid_t owner;
static int chosen = -1, error, sticky;
static uint64_t at, eintr, interruptible;
static size_t most;

/* The function that `name` is without this library. */
#define REAL(name)                                                                                                             \
	static __typeof__(name) *real;                                                                                         \
	if (real == NULL)                                                                                                      \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

static int
ours(void)
{
	return report != NULL && getpid() == owner;
}

/* Counts a call: true, with errno set, where it is to fail. */
static int
fails(enum group group)
{
	uint64_t n;

	if (!ours())
		return 0;
	n = ++report->calls[group];
	if ((int)group != chosen || n < at || (n > at && !sticky))
		return 0;
	report->injected++;
	errno = error;
	return 1;
}

static int
interrupted(void)
{
	if (!ours() || eintr == 0 || ++interruptible % eintr != 0)
		return 0;
	report->injected++;
	errno = EINTR;
	return 1;
}

static size_t
shortened(size_t size)
{
	if (!ours() || most == 0 || size <= most)
		return size;
	report->injected++;
	return most;
}

static uint64_t
number(const char *name)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static void
choose(const char *text)
{
	char name[16], plus = 0;
	unsigned long n;

	if (sscanf(text, "%15[a-z]:%lu:%d%c", name, &n, &error, &plus) < 3)
		return;
	at = n;
	sticky = plus == '+';
	for (int i = 0; i < GROUPS; i++) {
		if (strcmp(name, names[i]) == 0)
			chosen = i;
	}
}

__attribute__((constructor)) static void
start(void)
{
	const char *program = getenv("INJECT_PROGRAM"), *path = getenv("INJECT_REPORT"), *what = getenv("INJECT");
	void *shared;
	int fd;

	if (program == NULL || path == NULL || strcmp(program, program_invocation_short_name) != 0)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	shared = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (shared == MAP_FAILED)
		return;
	if (what != NULL)
		choose(what);
	most = number("INJECT_SHORT");
	eintr = number("INJECT_EINTR");
	owner = getenv("INJECT_FORKED") != NULL ? 0 : getpid();
	report = shared;
	report->active = 1;
}

static int
ends_with(const char *path, const char *end)
{
	size_t len = strlen(path), n = strlen(end);

	return len > n && strcmp(path + len - n, end) == 0;
}

/* The folder of the cache and the log of the metrics are left for the end of the process to close: a hit is to make few system
 * calls. */
static int
is_left(const char *path)
{
	return ends_with(path, "/cache/dbm") || ends_with(path, "/state/dbm/metrics");
}

/* And so are a few of what was only read: databases, whose head it was, and answers (file_leave()). */
static int
is_left_late(const char *path)
{
	return ends_with(path, ".db") || (strstr(path, "/cache/dbm/v1/") != NULL && strstr(path, "/locks/") == NULL);
}

enum { LATE = 4 };

__attribute__((destructor)) static void
end(void)
{
	struct report *r = report;
	int late = 0;

	if (!ours())
		return;
	report = NULL;
	for (int fd = STDERR_FILENO + 1; fd < 256; fd++) {
		char name[32], path[4096] = "";
		ssize_t n;

		snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
		n = readlink(name, path, sizeof path - 1);
		late += n > 0 && is_left_late(path);
		r->left += n > 0 && !is_left(path) && !is_left_late(path);
	}
	r->left += late > LATE ? late - LATE : 0;
}

/* Memory.  By glibc's other names: dlsym() allocates, too. */

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

void *
malloc(size_t size)
{
	return fails(MEMORY) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails(MEMORY) ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails(MEMORY) ? NULL : __libc_realloc(old, size);
}

void *
mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	REAL(mmap);

	return fails(MMAP) ? MAP_FAILED : real(address, size, protection, flags, fd, offset);
}

/* Descriptors. */

/* The optional argument of open(2) and its like is there only with O_CREAT or O_TMPFILE. */
#define MODE(flags)                                                                                                            \
	mode_t mode = 0;                                                                                                       \
	if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {                                                                \
		va_list args;                                                                                                  \
		va_start(args, flags);                                                                                         \
		mode = va_arg(args, mode_t);                                                                                   \
		va_end(args);                                                                                                  \
	}

int
open(const char *path, int flags, ...)
{
	REAL(open);
	MODE(flags)

	return fails(OPEN) ? -1 : real(path, flags, mode);
}

int
openat(int folder, const char *path, int flags, ...)
{
	REAL(openat);
	MODE(flags)

	return fails(OPEN) ? -1 : real(folder, path, flags, mode);
}

ssize_t
read(int fd, void *bytes, size_t size)
{
	REAL(read);

	return fails(READ) || interrupted() ? -1 : real(fd, bytes, shortened(size));
}

ssize_t
pread(int fd, void *bytes, size_t size, off_t offset)
{
	REAL(pread);

	return fails(READ) || interrupted() ? -1 : real(fd, bytes, shortened(size), offset);
}

ssize_t
write(int fd, const void *bytes, size_t size)
{
	REAL(write);

	return fails(WRITE) || interrupted() ? -1 : real(fd, bytes, shortened(size));
}

/* Linux closes the descriptor, whatever it says then. */
int
close(int fd)
{
	REAL(close);
	int r = real(fd);

	return fails(CLOSE) ? -1 : r;
}

int
fcntl(int fd, int command, ...)
{
	REAL(fcntl);
	va_list args;
	void *argument;

	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	return fails(FCNTL) ? -1 : real(fd, command, argument);
}

int
pipe(int ends[2])
{
	REAL(pipe);

	return fails(PIPE) ? -1 : real(ends);
}

int
pipe2(int ends[2], int flags)
{
	REAL(pipe2);

	return fails(PIPE) ? -1 : real(ends, flags);
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	REAL(poll);

	return fails(POLL) || interrupted() ? -1 : real(fds, n, timeout);
}

int
socket(int domain, int type, int protocol)
{
	REAL(socket);

	return fails(SOCKET) ? -1 : real(domain, type, protocol);
}

int
connect(int fd, const struct sockaddr *address, socklen_t size)
{
	REAL(connect);

	return fails(SOCKET) ? -1 : real(fd, address, size);
}

/* A connection that fails is gone for whatever else is done with it: nothing would come any more, nor would its end. */
static int
breaks(int fd)
{
	int failed = fails(SOCKET), why = errno;

	if (failed)
		shutdown(fd, SHUT_RDWR);
	errno = why;
	return failed;
}

ssize_t
send(int fd, const void *bytes, size_t size, int flags)
{
	REAL(send);

	return breaks(fd) || interrupted() ? -1 : real(fd, bytes, shortened(size), flags);
}

ssize_t
recv(int fd, void *bytes, size_t size, int flags)
{
	REAL(recv);

	return breaks(fd) || interrupted() ? -1 : real(fd, bytes, shortened(size), flags);
}

/* What changes a file for good. */

ssize_t
pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	REAL(pwrite);

	return fails(WRITE) || interrupted() ? -1 : real(fd, bytes, shortened(size), offset);
}

int
fsync(int fd)
{
	REAL(fsync);

	return fails(CHANGE) ? -1 : real(fd);
}

int
fdatasync(int fd)
{
	REAL(fdatasync);

	return fails(CHANGE) ? -1 : real(fd);
}

int
unlink(const char *path)
{
	REAL(unlink);

	return fails(CHANGE) ? -1 : real(path);
}

/* SQLite's library was compiled for large files, by the other names that glibc has for the same. */

int
open64(const char *path, int flags, ...)
{
	MODE(flags)

	return open(path, flags, mode);
}

int
fcntl64(int fd, int command, ...)
{
	va_list args;
	void *argument;

	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	return fcntl(fd, command, argument);
}

ssize_t
pread64(int fd, void *bytes, size_t size, off64_t offset)
{
	return pread(fd, bytes, size, offset);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
	return pwrite(fd, bytes, size, offset);
}

int
ftruncate64(int fd, off64_t size)
{
	REAL(ftruncate64);

	return fails(CHANGE) ? -1 : real(fd, size);
}

int
stat64(const char *path, struct stat64 *st)
{
	REAL(stat64);

	return fails(STAT) ? -1 : real(path, st);
}

int
lstat64(const char *path, struct stat64 *st)
{
	REAL(lstat64);

	return fails(STAT) ? -1 : real(path, st);
}

int
fstat64(int fd, struct stat64 *st)
{
	REAL(fstat64);

	return fails(STAT) ? -1 : real(fd, st);
}

/* Files and folders. */

int
stat(const char *path, struct stat *st)
{
	REAL(stat);

	return fails(STAT) ? -1 : real(path, st);
}

int
lstat(const char *path, struct stat *st)
{
	REAL(lstat);

	return fails(STAT) ? -1 : real(path, st);
}

int
fstat(int fd, struct stat *st)
{
	REAL(fstat);

	return fails(STAT) ? -1 : real(fd, st);
}

int
fstatat(int folder, const char *path, struct stat *st, int flags)
{
	REAL(fstatat);

	return fails(STAT) ? -1 : real(folder, path, st, flags);
}

DIR *
opendir(const char *path)
{
	REAL(opendir);

	return fails(FOLDER) ? NULL : real(path);
}

DIR *
fdopendir(int fd)
{
	REAL(fdopendir);

	return fails(FOLDER) ? NULL : real(fd);
}

struct dirent *
readdir(DIR *folder)
{
	REAL(readdir);

	return fails(FOLDER) ? NULL : real(folder);
}

/* Programs. */

pid_t
fork(void)
{
	REAL(fork);

	pid_t pid = fails(SPAWN) ? -1 : real();

	if (pid == 0 && getenv("INJECT_FORKED") != NULL)
		owner = getpid();
	return pid;
}

int
posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
    char *const argv[], char *const environment[])
{
	REAL(posix_spawn);

	return fails(SPAWN) ? errno : real(pid, path, actions, attributes, argv, environment);
}

int
posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
    char *const argv[], char *const environment[])
{
	REAL(posix_spawnp);

	return fails(SPAWN) ? errno : real(pid, file, actions, attributes, argv, environment);
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	REAL(waitpid);

	return fails(WAIT) || interrupted() ? -1 : real(pid, status, options);
}

/* The names for large files, which are the same functions where every file is large. */
#define SAME(large, name) __asm__(".globl " #large "\n.set " #large ", " #name)

SAME(open64, open);
SAME(openat64, openat);
SAME(pread64, pread);
SAME(fcntl64, fcntl);
SAME(mmap64, mmap);
SAME(stat64, stat);
SAME(lstat64, lstat);
SAME(fstat64, fstat);
SAME(fstatat64, fstatat);
SAME(readdir64, readdir);
