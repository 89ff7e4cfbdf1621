#include "metrics_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "file_at.h"
#include "state.h"

enum { TRIES = 100 }; /* to get a lock, with PAUSE between them */

static const struct timespec PAUSE = {0, 10000000}; /* nanoseconds */

const char metrics_log_name[] = "metrics";

int
metrics_log_open(struct stat *st)
{
	struct buf path = {0};
	struct fail f;
	int folder, fd, absent;

	if (state_path(&path) < 0)
		return -1;
	buf_byte(&path, '/');
	buf_puts(&path, metrics_log_name);
	fd = file_at_append(AT_FDCWD, buf_string(&path), 0, st, &f);
	absent = fd < 0 && errno == ENOENT;
	buf_free(&path);
	if (!absent || (folder = state_folder(1, &f)) < 0)
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

	if (state_path(&path) == 0)
		fail_wrap(f, buf_string(&path));
	buf_free(&path);
}
