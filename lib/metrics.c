#include "metrics.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "file.h"
#include "file_at.h"
#include "metrics_log.h"
#include "state.h"

enum {
	LINE = 100,         /* bytes of a line of one sample but for the name of the database, about */
	LARGEST = 64 << 20, /* bytes of a file that is read: more than all pairs and buckets need that there may be */
};

static const int64_t SECOND = 1000000000;
static const char TOTALS[] = "metrics.totals", FOLDED[] = "folded ";
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

	if (s->outcome < METRICS_OUTCOMES)
		histogram_add(&m->mem, &pair->outcomes[s->outcome], s->nanoseconds > 0 ? (uint64_t)s->nanoseconds : 0);
	for (unsigned e = 0; e < METRICS_EVENTS; e++)
		pair->events[e] += s->events >> e & 1;
	pair->seen = s->at / SECOND;
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
	renameat(folder, metrics_log_name, folder, before[turn]);
}

static void
fold(int log)
{
	struct mem m = {0};
	struct fail f;
	int folder;

	if (flock(log, LOCK_EX | LOCK_NB) < 0 || (folder = state_folder(0, &f)) < 0)
		return;
	if (metrics_log_is(folder, log) > 0)
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
	int log = metrics_log_open(&st);

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
	if (m->totals.n > 0)
		append(&m->totals);
	mem_free(&m->mem);
	metrics_start(m, m->program);
}

static int
read_all(struct mem *m, int folder, struct metrics_totals *t, struct fail *f)
{
	int log = metrics_log_lock(folder, LOCK_SH, f), turn;

	if (log < 0 && errno != ENOENT)
		return -1;
	turn = read_totals(m, folder, t, f);
	if (turn >= 0 && (read_lines(m, folder, before[turn], t, f) < 0 || read_lines(m, folder, metrics_log_name, t, f) < 0))
		turn = -1;
	if (log >= 0)
		close(log);
	metrics_totals_sort(t);
	return turn < 0 ? -1 : 0;
}

int
metrics_read(struct mem *m, struct metrics_totals *t, struct fail *f)
{
	int folder = state_folder(0, f), r;

	*t = (struct metrics_totals){0};
	if (folder < 0)
		return errno == ENOENT ? 0 : -1;
	r = read_all(m, folder, t, f);
	if (r < 0)
		metrics_log_where(f);
	close(folder);
	return r;
}

static int
remove_all(int folder, struct fail *f)
{
	const char *const names[] = {metrics_log_name, before[0], before[1], TOTALS};
	int log = metrics_log_lock(folder, LOCK_EX, f), r = 0;

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
	int folder = state_folder(0, f), r;

	if (folder < 0)
		return errno == ENOENT ? 0 : -1;
	r = remove_all(folder, f);
	if (r < 0)
		metrics_log_where(f);
	close(folder);
	return r;
}
