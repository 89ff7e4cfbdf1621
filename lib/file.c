#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <unistd.h>

#include "trace.h"

static const int64_t WRITER_WAIT = INT64_C(10000000000); /* nanoseconds a FIFO is given to find its writer */

enum file_kind
file_kind(const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return FILE_REGULAR;
	if (S_ISFIFO(st->st_mode))
		return FILE_PIPE;
	return S_ISDIR(st->st_mode) ? FILE_FOLDER : FILE_OTHER;
}

int
file_refuse(const struct stat *st, struct fail *f)
{
	if (file_kind(st) != FILE_OTHER)
		return 0;
	return fail_set(f, S_ISSOCK(st->st_mode) ? "is a socket, not data" : "is a device, not data");
}

static void
on_alarm(int signal)
{
	(void)signal;
}

/* open(2) of a FIFO returns when somebody opens the other end; a timer bounds the wait.  It repeats, so that one tick that
 * comes too early is no harm. */
static int
open_fifo(const char *path, const struct watch *w)
{
	int64_t wait = WRITER_WAIT, left = w != NULL && w->deadline != 0 ? w->deadline - watch_now() : WRITER_WAIT;
	struct sigaction act = {.sa_handler = on_alarm}, before;
	struct itimerval timer = {.it_interval = {0, 100000}}, none = {{0, 0}, {0, 0}};
	sigset_t alarm_signal, blocked;
	int fd, e;

	if (left < wait)
		wait = left > 1000 ? left : 1000;
	timer.it_value.tv_sec = wait / 1000000000;
	timer.it_value.tv_usec = wait % 1000000000 / 1000;
	sigemptyset(&alarm_signal);
	sigaddset(&alarm_signal, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_signal, &blocked);
	sigaction(SIGALRM, &act, &before);
	setitimer(ITIMER_REAL, &timer, NULL);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	e = errno;
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &before, NULL);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	errno = e;
	return fd;
}

/* musl's open() asks for O_CLOEXEC a second time, by fcntl(2). */
static int
open_now(const char *path)
{
	return openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

int
file_open_plain(const char *path, struct fail *f)
{
	int fd = open_now(path);

	return fd < 0 ? fail_errno(f, errno, "cannot open") : fd;
}

int
file_open(const char *path, struct stat *st, struct watch *w, struct fail *f)
{
	int fd = file_kind(st) == FILE_PIPE ? open_fifo(path, w) : open_now(path);

	if (fd < 0 && errno == EINTR)
		return fail_set(f, "is a FIFO that nobody writes to");
	if (fd < 0)
		return fail_errno(f, errno, "cannot open");
	if (fstat(fd, st) < 0) {
		fail_errno(f, errno, "cannot look at");
	} else if (file_kind(st) == FILE_FOLDER) {
		fail_set(f, "is a folder");
	} else if (file_refuse(st, f) == 0) {
		/* A pipe is read without blocking, so that the deadline holds and an end that came early is seen. */
		if (file_kind(st) == FILE_PIPE)
			fcntl(fd, F_SETFL, O_NONBLOCK);
		return fd;
	}
	close(fd);
	return -1;
}

/* A descriptor that blocks is asked first whether it has something, if there is a deadline to keep. */
static int
must_ask(int fd, const struct watch *w)
{
	return w != NULL && w->deadline != 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

static int
wait_for(int fd, short events, struct watch *w, struct fail *f)
{
	struct pollfd p = {.fd = fd, .events = events};

	if (w != NULL && w->deadline != 0)
		return watch_readable(w, fd, f);
	poll(&p, 1, 1000);
	return 0;
}

ssize_t
file_read(int fd, void *bytes, size_t size, struct watch *w, uint64_t done, uint64_t total, struct fail *f)
{
	ssize_t n;

	for (;;) {
		if (watch_check(w, done, total, f) < 0 || (must_ask(fd, w) && watch_readable(w, fd, f) < 0))
			return -1;
		n = read(fd, bytes, size);
		if (n >= 0)
			break;
		if (errno == EAGAIN) {
			if (wait_for(fd, POLLIN, w, f) < 0)
				return -1;
		} else if (errno != EINTR) {
			return fail_errno(f, errno, "cannot read");
		}
	}
	trace_event("read bytes=%zd", n);
	return n;
}

static ssize_t
read_there(int fd, char *to, size_t size, uint64_t at, struct fail *f)
{
	size_t have = 0;
	ssize_t n = 1;

	while (have < size && n != 0) {
		n = pread(fd, to + have, size - have, (off_t)(at + have));
		if (n < 0 && errno != EINTR)
			return fail_errno(f, errno, "cannot read");
		have += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)have;
}

int
file_whole(const char *path, struct buf *b, size_t most, struct watch *w, struct fail *f)
{
	enum { BLOCK = 1 << 16 };
	int fd = STDIN_FILENO;
	struct stat st;
	ssize_t n;

	if (strcmp(path, "-") != 0) {
		if (stat(path, &st) < 0)
			return fail_errno(f, errno, "cannot open");
		fd = file_open(path, &st, w, f);
	}
	if (fd < 0)
		return -1;
	while ((n = file_read(fd, buf_room(b, BLOCK), BLOCK, w, 0, 0, f)) > 0) {
		b->len += (size_t)n;
		if (b->len > most)
			n = fail_set(f, "is larger than %zu MiB", most >> 20);
		if (n < 0)
			break;
	}
	if (fd != STDIN_FILENO)
		close(fd);
	return n < 0 ? -1 : 0;
}

ssize_t
file_read_at(int fd, void *bytes, size_t size, uint64_t at, struct watch *w, uint64_t total, struct fail *f)
{
	ssize_t n;

	if (watch_check(w, at, total, f) < 0)
		return -1;
	n = read_there(fd, bytes, size, at, f);
	if (n >= 0)
		trace_event("read bytes=%zd", n);
	return n;
}

int
file_is_shorter(int fd, uint64_t size)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (uint64_t)st.st_size < size;
}

ssize_t
file_peek(int fd, void *bytes, size_t size, struct fail *f)
{
	return read_there(fd, bytes, size, 0, f);
}

void
file_leave(int fd)
{
	static int left[4];
	static size_t n;

	if (fd < 0 || n == sizeof left / sizeof *left) {
		while (n > 0)
			close(left[--n]);
	}
	if (fd >= 0)
		left[n++] = fd;
}

int
file_write(int fd, const void *bytes, size_t size, struct fail *f)
{
	const char *p = bytes;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n > 0) {
			p += n;
			size -= (size_t)n;
		} else if (n == 0) {
			return fail_errno(f, ENOSPC, "write error");
		} else if (errno == EAGAIN) {
			wait_for(fd, POLLOUT, NULL, f);
		} else if (errno == EPIPE) {
			signal(SIGPIPE, SIG_DFL);
			raise(SIGPIPE);
			return fail_errno(f, EPIPE, "write error");
		} else if (errno != EINTR) {
			return fail_errno(f, errno, "write error");
		}
	}
	return 0;
}

const char *
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* Adds the parts of a path to one that has no slash at its end. */
static void
add_parts(struct buf *b, const char *path)
{
	size_t n;

	for (; *path != '\0'; path += n) {
		n = strcspn(path, "/");
		if (n == 2 && memcmp(path, "..", 2) == 0) {
			while (b->len > 0 && b->bytes[--b->len] != '/')
				continue;
		} else if (n > 0 && (n != 1 || *path != '.')) {
			buf_byte(b, '/');
			buf_add(b, path, n);
		}
		n += path[n] == '/';
	}
}

/* The current folder, into a buffer that is small for as long as its path is. */
static int
add_current(struct buf *b)
{
	struct buf path = {0};
	size_t room = 1024;
	const char *current;
	int there;

	while ((current = getcwd(buf_room(&path, room), room)) == NULL && errno == ERANGE)
		room *= 2;
	there = current != NULL && *current == '/';
	if (there)
		add_parts(b, current);
	buf_free(&path);
	return there ? 0 : -1;
}

const char *
file_absolute(struct mem *m, const char *path)
{
	struct buf b = {0};

	if (*path != '/' && add_current(&b) < 0)
		return NULL;
	add_parts(&b, path);
	if (b.len == 0)
		buf_byte(&b, '/');
	return buf_kept(m, &b);
}

void
file_follow(struct buf *b, const char *path)
{
	char real[PATH_MAX], byte;

	/* Most are no links, and realpath(3) asks of every part. */
	if (readlink(path, &byte, 1) > 0 && realpath(path, real) != NULL)
		path = real;
	buf_puts(b, path);
}

int
file_runs(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

const char *
file_self(struct mem *m, int real)
{
	const char *started = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	char path[4096];
	ssize_t n;

	if (!real)
		return started != NULL ? mem_string(m, started) : NULL;
	n = readlink("/proc/self/exe", path, sizeof path);

	return n > 0 && (size_t)n < sizeof path ? mem_copy(m, path, (size_t)n) : NULL;
}

static int
by_name(const void *a, const void *b)
{
	const struct file_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
look_at(int folder, struct file_entry *e)
{
	struct stat st;

	if (fstatat(folder, e->name, &st, 0) < 0) {
		e->error = errno;
		return;
	}
	e->mode = st.st_mode;
	e->size = (uint64_t)st.st_size;
	e->modified = (int64_t)st.st_mtim.tv_sec;
}

int
file_list(struct mem *m, const char *path, int (*want)(const char *name), int look, struct file_entry **entries, size_t *count,
    struct fail *f)
{
	struct file_entry *list = NULL;
	size_t n = 0, size = 0;
	struct dirent *d;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL) {
		fail_errno(f, errno, "cannot read the folder");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (errno = 0, (d = readdir(dir)) != NULL) {
		if (!want(d->d_name))
			continue;
		if (n == size) {
			size = size ? 2 * size : 64;
			list = mem_resize(list, size * sizeof *list);
		}
		list[n] = (struct file_entry){.name = mem_string(m, d->d_name)};
		if (look)
			look_at(fd, &list[n]);
		n++;
	}
	if (errno != 0) {
		fail_errno(f, errno, "cannot read the folder");
	} else {
		if (n > 0)
			qsort(list, n, sizeof *list, by_name);
		*entries = mem_array(m, n, sizeof *list);
		if (n > 0)
			memcpy(*entries, list, n * sizeof *list);
		*count = n;
		f = NULL;
	}
	free(list);
	closedir(dir);
	return f == NULL ? 0 : -1;
}
