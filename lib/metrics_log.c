#include "metrics_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "file_at.h"

enum { TRIES = 100 }; /* to get a lock, with PAUSE between them */

static const struct timespec PAUSE = {0, 10000000}; /* nanoseconds */

const char metrics_log_name[] = "metrics";

/* The folder in which all programs keep what is not free to lose; -1 where there is no place for it. */
static int
base_path(struct buf *path)
{
	const char *given = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (given != NULL && *given == '/') {
		buf_puts(path, given);
		return 0;
	}
	if (home == NULL || *home != '/')
		return -1;
	buf_puts(path, home);
	buf_puts(path, "/.local/state");
	return 0;
}

/* $HOME/.local may be missing as well. */
static void
make_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf parent = {0};
	struct fail f;
	int fd;

	buf_add(&parent, path, (size_t)(slash - path));
	fd = parent.len > 0 ? file_at_base(buf_string(&parent), 1, &f) : -1;
	if (fd >= 0)
		close(fd);
	buf_free(&parent);
}

int
metrics_log_folder(int make, struct fail *f)
{
	struct buf path = {0};
	int base, fd = -1, error;

	if (base_path(&path) < 0) {
		errno = ENOENT;
		return fail_set(f, "neither XDG_STATE_HOME nor HOME is an absolute path");
	}
	if (make)
		make_parent(buf_string(&path));
	base = file_at_base(buf_string(&path), make, f);
	if (base >= 0) {
		buf_puts(&path, "/dbm");
		fd = file_at_folder(base, "dbm", make, f);
	}
	error = errno;
	if (fd < 0)
		fail_wrap(f, buf_string(&path));
	if (base >= 0)
		close(base);
	buf_free(&path);
	errno = error;
	return fd;
}

int
metrics_log_open(struct stat *st)
{
	struct buf path = {0};
	struct fail f;
	int folder, fd, absent;

	if (base_path(&path) < 0)
		return -1;
	buf_puts(&path, "/dbm/");
	buf_puts(&path, metrics_log_name);
	fd = file_at_append(AT_FDCWD, buf_string(&path), 0, st, &f);
	absent = fd < 0 && errno == ENOENT;
	buf_free(&path);
	if (!absent || (folder = metrics_log_folder(1, &f)) < 0)
		return fd;
	fd = file_at_append(folder, metrics_log_name, 1, st, &f);
	close(folder);
	return fd;
}

int
metrics_log_is(int folder, int fd)
{
	struct stat here, there;

	if (fstat(fd, &here) < 0)
		return -1;
	if (fstatat(folder, metrics_log_name, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	return here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

/* One try: -1 with errno EAGAIN where another process has the lock, or has put by the log meanwhile. */
static int
try_lock(int folder, int how, struct fail *f)
{
	struct stat st;
	int fd = how == LOCK_EX ? file_at_append(folder, metrics_log_name, 0, &st, f)
				: file_at_open(folder, metrics_log_name, &st, f);
	int same = 0, error = EAGAIN;

	if (fd < 0)
		return -1;
	/* A file system without locks will do. */
	if (flock(fd, how | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		same = metrics_log_is(folder, fd);
	if (same > 0)
		return fd;
	if (same < 0) {
		error = errno;
		fail_errno(f, error, "cannot look at");
	}
	close(fd);
	errno = error;
	return -1;
}

int
metrics_log_lock(int folder, int how, struct fail *f)
{
	int fd = try_lock(folder, how, f), error;

	for (int i = 0; fd < 0 && errno == EAGAIN && i < TRIES; i++) {
		nanosleep(&PAUSE, NULL);
		fd = try_lock(folder, how, f);
	}
	if (fd >= 0)
		return fd;
	error = errno;
	if (error == EAGAIN)
		fail_set(f, "another process is at it");
	fail_wrap(f, metrics_log_name);
	errno = error;
	return -1;
}

void
metrics_log_where(struct fail *f)
{
	struct buf path = {0};

	if (base_path(&path) == 0) {
		buf_puts(&path, "/dbm");
		fail_wrap(f, buf_string(&path));
	}
	buf_free(&path);
}
