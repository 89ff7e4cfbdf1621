#include "metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "file_at.h"

enum {
	LINE = 100,         /* bytes of a line of one sample but for the name of the database, about */
	LARGEST = 64 << 20, /* bytes of a file that is read: more than all pairs and buckets need that there may be */
	TRIES = 100,        /* to get a lock, each after PAUSE */
};

static const struct timespec PAUSE = {0, 10000000}; /* nanoseconds */

static const char LOG[] = "metrics", TOTALS[] = "metrics.totals", FOLDED[] = "folded ";
static const char *const before[2] = {"metrics.a", "metrics.b"};

/* Samples */

void
metrics_start(struct metrics *m, const char *program)
{
	*m = (struct metrics){.program = program};
}

/* The pair for a database, or for all that there is no room for. */
static struct metrics_pair *
pair_of(struct metrics *m, const char *database)
{
	struct metrics_pair *pair = metrics_totals_find(&m->totals, m->program, database);

	if (pair != NULL)
		return pair;
	if (metrics_totals_nameable(database) && m->bytes < METRICS_COMMAND)
		m->bytes += LINE + strlen(database);
	else
		database = METRICS_OTHER;
	return metrics_totals_pair(&m->mem, &m->totals, m->program, database);
}

void
metrics_add(struct metrics *m, const struct metrics_sample *s)
{
	struct metrics_pair *pair = pair_of(m, s->database);

	histogram_add(&m->mem, &pair->outcomes[s->outcome], s->nanoseconds > 0 ? (uint64_t)s->nanoseconds : 0);
	for (unsigned e = 0; e < METRICS_EVENTS; e++)
		pair->events[e] += s->events >> e & 1;
}

/* Places */

/* The folder in which all programs keep what is not free to lose; -1 where there is no place for it. */
static int
base_path(struct buf *path)
{
	const char *given = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (given != NULL && *given == '/')
		buf_puts(path, given);
	else if (home != NULL && *home == '/')
		buf_printf(path, "%s/.local/state", home);
	else
		return -1;
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

/* -1 with errno ENOENT where there is none. */
static int
open_folder(int make, struct fail *f)
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

/* The log by its path, which is one call where it is there.  The folder is not looked at then: whatever stands in its place,
 * the file is this user's and has no other name. */
static int
open_log(struct stat *st)
{
	struct buf path = {0};
	struct fail f;
	int folder, fd;

	if (base_path(&path) < 0)
		return -1;
	buf_printf(&path, "/dbm/%s", LOG);
	fd = file_at_append(AT_FDCWD, buf_string(&path), 0, st, &f);
	buf_free(&path);
	if (fd >= 0 || errno != ENOENT || (folder = open_folder(1, &f)) < 0)
		return fd;
	fd = file_at_append(folder, LOG, 1, st, &f);
	close(folder);
	return fd;
}

/* True where an open file is still the log. */
static int
is_log(int folder, int fd)
{
	struct stat here, there;

	return fstat(fd, &here) == 0 && fstatat(folder, LOG, &there, AT_SYMLINK_NOFOLLOW) == 0 && here.st_ino == there.st_ino &&
	       here.st_dev == there.st_dev;
}

/* Opens the log and waits for its lock, LOCK_SH or LOCK_EX (for which NFS wants it open for writing), so that nobody folds or
 * zeroes until it is closed.  A file system without locks will do.  -1, with errno ENOENT where there is no log. */
static int
lock_log(int folder, int how, struct fail *f)
{
	struct stat st;

	for (int i = 0; i < TRIES; i++) {
		int fd = how == LOCK_EX ? file_at_append(folder, LOG, 0, &st, f) : file_at_open(folder, LOG, &st, f);

		if (fd < 0)
			return -1;
		if ((flock(fd, how | LOCK_NB) == 0 || errno != EWOULDBLOCK) && is_log(folder, fd))
			return fd;
		close(fd);
		nanosleep(&PAUSE, NULL);
	}
	errno = EAGAIN;
	return fail_set(f, "another process is at the metrics");
}

/* Reading and folding */

/* A file's bytes, in the arena: 1, or 0 where there is none; one that is too large is empty. */
static int
read_file(struct mem *m, int folder, const char *name, const char **bytes, size_t *len, struct fail *f)
{
	struct stat st;
	int fd = file_at_open(folder, name, &st, f);
	char *room;
	ssize_t n;

	*bytes = "";
	*len = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : fail_wrap(f, name);
	*len = st.st_size <= LARGEST ? (size_t)st.st_size : 0;
	room = mem_alloc(m, *len + 1);
	n = file_peek(fd, room, *len, f);
	close(fd);
	if (n < 0)
		return fail_wrap(f, name);
	*bytes = room;
	*len = (size_t)n;
	return 1;
}

/* Adds the lines of a file: 1, or 0 where there is none. */
static int
read_lines(struct mem *m, int folder, const char *name, struct metrics_totals *t, struct fail *f)
{
	const char *bytes;
	size_t len;
	int there = read_file(m, folder, name, &bytes, &len, f);

	if (there == 1)
		metrics_totals_decode(m, t, bytes, len);
	return there;
}

/* Reads the totals: which of the two names is that of a log that is not in them. */
static int
read_totals(struct mem *m, int folder, struct metrics_totals *t, struct fail *f)
{
	const char *bytes;
	size_t len, head = sizeof FOLDED - 1 + strlen(before[0]);
	int there = read_file(m, folder, TOTALS, &bytes, &len, f);

	if (there <= 0)
		return there;
	metrics_totals_decode(m, t, bytes, len);
	return len > head && memcmp(bytes, FOLDED, sizeof FOLDED - 1) == 0 && bytes[head] == '\n' && bytes[head - 1] == 'a';
}

static int
write_totals(int folder, const struct metrics_totals *t, const char *folded, struct fail *f)
{
	struct buf b = {0};
	struct iovec part;
	int done;

	buf_printf(&b, "%s%s\n", FOLDED, folded);
	metrics_totals_encode(&b, t);
	part = (struct iovec){b.bytes, b.len};
	done = file_at_replace(folder, TOTALS, &part, 1, f);
	buf_free(&b);
	return done;
}

/* What metrics.h says, step by step. */
static void
fold_steps(struct mem *m, int folder)
{
	struct metrics_totals t = {0};
	struct fail f;
	int turn = read_totals(m, folder, &t, &f), there;

	if (turn < 0)
		return;
	unlinkat(folder, before[!turn], 0);
	there = read_lines(m, folder, before[turn], &t, &f);
	if (there < 0)
		return;
	if (there == 1) {
		metrics_totals_limit(m, &t, METRICS_PAIRS);
		if (write_totals(folder, &t, before[turn], &f) < 0)
			return;
		unlinkat(folder, before[turn], 0);
		turn = !turn;
	}
	renameat(folder, LOG, folder, before[turn]);
}

static void
fold(int log)
{
	struct mem m = {0};
	struct fail f;
	int folder;

	if (flock(log, LOCK_EX | LOCK_NB) < 0 || (folder = open_folder(0, &f)) < 0)
		return;
	if (is_log(folder, log))
		fold_steps(&m, folder);
	close(folder);
	mem_free(&m);
}

static void
append(const struct metrics_totals *t)
{
	struct stat st;
	struct buf b = {0};
	struct iovec part;
	struct fail f;
	int log = open_log(&st);

	if (log < 0)
		return;
	metrics_totals_encode(&b, t);
	part = (struct iovec){b.bytes, b.len};
	if (st.st_size <= METRICS_LOG_MOST)
		file_at_write(log, &part, 1, &f);
	/* The end of the process closes it, which is near. */
	if (st.st_size > METRICS_LOG) {
		fold(log);
		close(log);
	}
	buf_free(&b);
}

void
metrics_write(struct metrics *m)
{
	int64_t now = (int64_t)time(NULL);

	for (size_t i = 0; i < m->totals.n; i++)
		m->totals.pairs[i]->seen = now;
	if (m->totals.n > 0)
		append(&m->totals);
	mem_free(&m->mem);
	metrics_start(m, m->program);
}

static int
read_all(struct mem *m, int folder, struct metrics_totals *t, struct fail *f)
{
	int log = lock_log(folder, LOCK_SH, f), turn;

	if (log < 0 && errno != ENOENT)
		return -1;
	turn = read_totals(m, folder, t, f);
	if (turn >= 0 && (read_lines(m, folder, before[turn], t, f) < 0 || read_lines(m, folder, LOG, t, f) < 0))
		turn = -1;
	if (log >= 0)
		close(log);
	metrics_totals_sort(t);
	return turn < 0 ? -1 : 0;
}

int
metrics_read(struct mem *m, struct metrics_totals *t, struct fail *f)
{
	int folder = open_folder(0, f), r;

	*t = (struct metrics_totals){0};
	if (folder < 0)
		return errno == ENOENT ? 0 : -1;
	r = read_all(m, folder, t, f);
	close(folder);
	return r;
}

static int
remove_all(int folder, struct fail *f)
{
	const char *const names[] = {LOG, before[0], before[1], TOTALS};
	int log = lock_log(folder, LOCK_EX, f), r = 0;

	if (log < 0 && errno != ENOENT)
		return -1;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (unlinkat(folder, names[i], 0) < 0 && errno != ENOENT)
			r = fail_errno(f, errno, "cannot remove %s", names[i]);
	}
	if (log >= 0)
		close(log);
	return r;
}

int
metrics_zero(struct fail *f)
{
	int folder = open_folder(0, f), r;

	if (folder < 0)
		return errno == ENOENT ? 0 : -1;
	r = remove_all(folder, f);
	close(folder);
	return r;
}
