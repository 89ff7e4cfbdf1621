#include "sqlite_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "serve.h"
#include "threads.h"
#include "trace.h"

enum {
	OPERATIONS = 10000, /* of SQLite's machine between two looks at the clock: less than a millisecond */
	CACHE = 32 << 10,   /* KiB of pages, and of what a thread sorts at a time */
	SPILL = 256 << 20,  /* bytes in memory from which pages are written before the COMMIT */
	/* The bytes that locks are on in rollback mode (os.h): PENDING, RESERVED, 510 for readers.  And the byte of the -shm
	 * that a writer locks (walformat.html, 2.3). */
	PENDING = 0x40000000,
	WRITERS = 2,
	ALL = 512,
	WAL_WRITER = 120,
};

static const int64_t SECOND = INT64_C(1000000000);
static const int64_t LOOK = 20000000;  /* nanoseconds between two looks at who waits for the answer */
static const int64_t NAP = 10000000;   /* between two looks at a lock */
static const int64_t TURN = 200000000; /* for others, between two tries to have the file alone */

static const int signals[SQLITE_WRITE_SIGNALS] = {SIGTERM, SIGINT, SIGHUP, SIGXFSZ};

/* The one that asks for the end. */
static volatile sig_atomic_t signalled;

static void
on_signal(int number)
{
	signalled = number;
}

/* A file that may not grow is an error of write(2), and no end. */
static void
take_signals(struct sqlite_write *w)
{
	struct sigaction act = {.sa_handler = on_signal};

	signalled = 0;
	for (int i = 0; i < SQLITE_WRITE_SIGNALS; i++) {
		act.sa_handler = signals[i] == SIGXFSZ ? SIG_IGN : on_signal;
		sigaction(signals[i], NULL, &w->before[i]);
		if (w->before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &act, NULL);
	}
}

static void
give_signals_back(struct sqlite_write *w)
{
	for (int i = 0; i < SQLITE_WRITE_SIGNALS; i++)
		sigaction(signals[i], &w->before[i], NULL);
	if (signalled != 0)
		raise(signalled);
	signalled = 0;
}

/* True where nothing more is to be done. */
static int
is_over(struct sqlite_write *w, int64_t now)
{
	const struct watch *watch = w->s.watch;

	if (now >= w->look) {
		w->look = now + LOOK;
		w->gone |= serve_gone();
	}
	return signalled != 0 || w->gone || (watch != NULL && watch->deadline != 0 && now >= watch->deadline);
}

/* Whose lock is on those bytes; 0: nobody's, or not known. */
static pid_t
holder(int fd, off_t start, off_t len)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = len};

	if (fd < 0 || fcntl(fd, F_GETLK, &l) < 0 || l.l_type == F_UNLCK || l.l_pid < 0)
		return 0;
	return l.l_pid;
}

/* The descriptor stays open as long as the connection: to close it would drop SQLite's own locks. */
static void
open_shm(struct sqlite_write *w)
{
	struct buf path = {0};
	struct fail unused;

	if (w->shm >= 0)
		return;
	buf_printf(&path, "%s-shm", buf_string(&w->s.file));
	w->shm = file_open_plain(buf_string(&path), &unused);
	buf_free(&path);
}

/* Before a transaction has begun only a writer can be in its way; at its end only a reader. */
static void
say_holder(struct sqlite_write *w, struct buf *detail)
{
	pid_t pid = holder(w->s.lock, PENDING, WRITERS);
	int writes = pid != 0 || !w->alone;

	if (pid == 0 && writes) {
		open_shm(w);
		pid = holder(w->shm, WAL_WRITER, 1);
	} else if (pid == 0) {
		pid = holder(w->s.lock, PENDING, ALL);
	}
	buf_puts(detail, writes ? "a writer is at work" : "a reader is at work");
	if (pid != 0)
		buf_printf(detail, " (process %ld)", (long)pid);
}

static long
pages(const struct sqlite_write *w, int which)
{
	int now = 0, most = 0;

	sqlite3_db_status(w->s.db, which, &now, &most, 0);
	return now;
}

/* Sends a row, once a second; and at once where it is another phase. */
static void
tell(struct sqlite_write *w, const char *phase, int64_t now)
{
	struct buf detail = {0};
	struct mem m = {0};
	int lock = phase != w->phase;

	if (lock == w->waiting && now < w->told + SECOND)
		return;
	w->waiting = lock;
	w->told = now;
	if (lock)
		say_holder(w, &detail);
	else
		buf_printf(&detail, "%ld pages read, %ld written", pages(w, SQLITE_DBSTATUS_CACHE_MISS),
		    pages(w, SQLITE_DBSTATUS_CACHE_WRITE));
	const struct rows_cell cells[DRIVER_CHANGE_FIELDS] = {
	    rows_text(phase),
	    rows_integer(&m, (uint64_t)((now - w->began) / SECOND)),
	    rows_null(),
	    rows_text(buf_string(&detail)),
	};
	serve_row(cells, DRIVER_CHANGE_FIELDS);
	buf_free(&detail);
	mem_free(&m);
}

static int
on_progress(void *arg)
{
	struct sqlite_write *w = arg;
	int64_t now = watch_now();

	tell(w, w->phase, now);
	return is_over(w, now);
}

static void
pause_for(int64_t nanoseconds)
{
	const struct timespec nap = {.tv_nsec = nanoseconds};

	nanosleep(&nap, NULL);
}

/* Somebody has a lock that is wanted: whether to try again.  While rows are read it is one that can be done without, to write
 * pages early. */
static int
on_busy(void *arg, int count)
{
	struct sqlite_write *w = arg;
	int64_t now = watch_now();

	(void)count;
	if (now >= w->until || is_over(w, now))
		return 0;
	tell(w, w->alone ? "waiting" : "blocked", now);
	pause_for(NAP);
	return 1;
}

static const char *
sorts_in(void)
{
	static const char *const names[] = {"SQLITE_TMPDIR", "TMPDIR"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *folder = getenv(names[i]);

		if (folder != NULL && *folder != '\0' && access(folder, W_OK | X_OK) == 0)
			return folder;
	}
	return "/var/tmp";
}

static int
fail_full(struct sqlite_write *w, struct fail *f)
{
	/* What is sorted is in files of their own until the first page is written. */
	if (w->until == 0 && pages(w, SQLITE_DBSTATUS_CACHE_WRITE) == 0)
		return fail_set(
		    f, "no space is left where it is sorted, in %.200s (SQLITE_TMPDIR names another place)", sorts_in());
	return fail_set(f, "no space is left for it");
}

static int
fail_busy(struct sqlite_write *w, struct fail *f)
{
	struct buf who = {0};

	say_holder(w, &who);
	fail_set(f, "%s: waited %.3g s", buf_string(&who), (double)w->wait / (double)SECOND);
	buf_free(&who);
	return -1;
}

/* The sentence for the last error.  Always -1. */
static int
fail_write(struct sqlite_write *w, struct fail *f)
{
	/* SQLite keeps the error of some calls only, and resets none. */
	int error = sqlite3_system_errno(w->s.db) != 0 ? sqlite3_system_errno(w->s.db) : errno;
	int code = sqlite3_extended_errcode(w->s.db);

	w->s.busy = (code & 0xff) == SQLITE_BUSY;
	if (signalled != 0)
		return fail_set(f, "was told to stop");
	if (w->gone)
		return fail_set(f, "nobody waits for the answer");
	switch (code & 0xff) {
	case SQLITE_BUSY:
		return fail_busy(w, f);
	case SQLITE_NOMEM:
		return fail_set(f, "needs more than %d MiB of memory, as long as a reader keeps it from being written",
		    SQLITE_WRITE_HEAP >> 20);
	case SQLITE_FULL:
		return fail_full(w, f);
	case SQLITE_IOERR:
		return error != 0 ? fail_errno(f, error, "%.200s", sqlite3_errmsg(w->s.db)) : sqlite_fail(&w->s, f);
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return fail_set(f, "%s",
		    (code & 0xff) == SQLITE_READONLY && code != SQLITE_READONLY_DIRECTORY
			? "is not to be written to"
			: "no file can be made beside it, which takes a -journal or a -wal while it is changed");
	default:
		return sqlite_fail(&w->s, f);
	}
}

static int
run(struct sqlite_write *w, const char *sql, struct fail *f)
{
	trace_event("statement");
	errno = 0;
	return sqlite3_exec(w->s.db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail_write(w, f);
}

/* Memory and threads for what is sorted; statistics are of all rows. */
static int
prepare(struct sqlite_write *w, struct fail *f)
{
	unsigned processors = threads_processors();
	struct buf sql = {0};
	int r;

	/* Even this reads the schema. */
	w->until = watch_now() + w->wait;
	buf_printf(&sql, "PRAGMA cache_size = -%d; PRAGMA cache_spill = -%d; PRAGMA threads = %u; PRAGMA analysis_limit = 0",
	    CACHE, SPILL >> 10, processors > 1 ? processors - 1 : 0);
	r = run(w, buf_string(&sql), f);
	buf_free(&sql);
	return r;
}

int
sqlite_write_open(struct sqlite_write *w, struct sqlite *from, const struct driver_request *request, struct fail *f)
{
	const uint64_t most = INT64_MAX / 4 / 1000000;

	sqlite_close_file(from);
	*w = (struct sqlite_write){.s = {.path = from->path, .watch = from->watch, .lock = -1}, .shm = -1, .phase = "building"};
	w->wait = (int64_t)(request->wait < most ? request->wait : most) * 1000000;
	w->lock_timeout = (int64_t)(request->lock_timeout < most ? request->lock_timeout : most) * 1000000;
	w->began = w->told = watch_now();
	take_signals(w);
	if (sqlite_open_to_write(&w->s, f) < 0)
		return -1;
	sqlite3_busy_handler(w->s.db, on_busy, w);
	sqlite3_progress_handler(w->s.db, OPERATIONS, on_progress, w);
	return prepare(w, f);
}

void
sqlite_write_close(struct sqlite_write *w)
{
	/* No failure of it can be told, and what cannot be rolled back now is by whoever opens the file next. */
	if (w->s.db != NULL) {
		sqlite3_progress_handler(w->s.db, 0, NULL, NULL);
		if (!sqlite3_get_autocommit(w->s.db))
			sqlite3_exec(w->s.db, "ROLLBACK", NULL, NULL, NULL);
	}
	sqlite_close_file(&w->s);
	if (w->shm >= 0)
		close(w->shm);
	give_signals_back(w);
}

int
sqlite_write_begin(struct sqlite_write *w, struct fail *f)
{
	int r;

	w->until = watch_now() + w->wait;
	r = run(w, "BEGIN IMMEDIATE", f);
	w->until = 0;
	return r;
}

/* Tries until nobody is in the way: each time as long as others may have to wait behind it. */
static int
alone(struct sqlite_write *w, sqlite3_stmt *statement)
{
	int64_t now = watch_now(), end = now + w->wait;
	int r;

	w->alone = 1;
	for (;;) {
		w->until = now + w->lock_timeout < end ? now + w->lock_timeout : end;
		errno = 0;
		r = sqlite3_step(statement);
		now = watch_now();
		if ((r & 0xff) != SQLITE_BUSY || now >= end || is_over(w, now))
			return r;
		sqlite3_reset(statement);
		tell(w, "waiting", now);
		pause_for(TURN);
		now = watch_now();
	}
}

int
sqlite_write_alone(struct sqlite_write *w, const char *sql, char **text, struct fail *f)
{
	sqlite3_stmt *statement = NULL;
	int r;

	trace_event("statement");
	if (sqlite3_prepare_v2(w->s.db, sql, -1, &statement, NULL) != SQLITE_OK)
		return fail_write(w, f);
	r = alone(w, statement);
	if (r == SQLITE_ROW && text != NULL)
		*text = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(statement, 0));
	if (r != SQLITE_ROW && r != SQLITE_DONE)
		fail_write(w, f);
	w->until = 0;
	w->alone = 0;
	sqlite3_finalize(statement);
	return r == SQLITE_ROW || r == SQLITE_DONE ? 0 : -1;
}

int
sqlite_write_commit(struct sqlite_write *w, struct fail *f)
{
	return sqlite_write_alone(w, "COMMIT", NULL, f);
}

int
sqlite_write_run(struct sqlite_write *w, const char *phase, const char *sql, struct fail *f)
{
	w->phase = phase;
	w->told = watch_now();
	return run(w, sql, f);
}
