#define _GNU_SOURCE /* F_OFD_SETLK */

#include "sqlite_open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "serve.h"
#include "sqlite_calls.h"
#include "trace.h"

enum {
	HEADER = 100,         /* bytes (fileformat2.html, "The Database Header") */
	READ_VERSION = 19,    /* where it says how the file is read: 1 rollback, 2 WAL */
	FORMAT = 47,          /* and the format of the schema: indexes may be descending from 4 on */
	LOCK_WAIT = 1000,     /* milliseconds */
	OPERATIONS = 10000,   /* of SQLite's machine between two looks at the clock: less than a millisecond */
	HEAP = 256 << 20,     /* bytes SQLite may allocate to read */
	PENDING = 0x40000000, /* the bytes that SQLite's locks are on (os.h) */
	SHARED = PENDING + 2,
	SHARED_BYTES = 510,
};

static const int64_t VIEW_TIME = INT64_C(10000000000); /* nanoseconds */
static const int64_t LOOK = 20000000;                  /* nanoseconds between two looks at who waits for the answer */

/* Named as in the URI that opens it; all that read are read only, and none makes a -shm. */
static const char *const parameters[] = {
    [READ_ROLLBACK] = "mode=ro&readonly_shm=1",
    [READ_STILL_WAL] = "mode=ro&immutable=1",
    [READ_LIVE_WAL] = "mode=ro&readonly_shm=1",
    [READ_LONE_WAL] = "mode=ro&vfs=unix-none",
    [WRITE] = "mode=rw",
};

static const char *const suffixes[3] = {"", "-wal", "-shm"};

int
sqlite_fail(struct sqlite *s, struct fail *f)
{
	int code = sqlite3_extended_errcode(s->db);
	const char *text = sqlite3_errmsg(s->db);

	s->busy = (code & 0xff) == SQLITE_BUSY;
	s->unsettled = (code & 0xff) == SQLITE_READONLY || (code & 0xff) == SQLITE_CANTOPEN;
	if (s->watch != NULL && s->watch->deadline != 0 && watch_check(s->watch, 0, 0, f) < 0)
		return -1;
	if (code == SQLITE_INTERRUPT && s->over)
		return fail_set(f, "takes too long: a view has 10 s, or half of --timeout");
	if (code == SQLITE_READONLY_ROLLBACK)
		return fail_set(f, "a writer died half way: open it once for writing (sqlite3), which rolls that back");
	switch (code & 0xff) {
	case SQLITE_BUSY:
		return fail_set(f, "is locked by a writer (waited 1 s)");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return fail_set(f, "is damaged: %.300s", text);
	case SQLITE_NOMEM:
		if (s->bounded)
			return fail_set(f,
			    "is made of too many views or columns: it takes more than %d MiB of memory to look into them",
			    SQLITE_PREPARE_HEAP >> 20);
		return fail_set(f, "needs more than %d MiB of memory", (s->mode == WRITE ? SQLITE_WRITE_HEAP : HEAP) >> 20);
	default:
		return fail_set(f, "%.400s", text);
	}
}

static struct sqlite_stamp
stamp_of(struct sqlite *s, const char *suffix)
{
	struct sqlite_stamp stamp;
	struct buf path = {0};
	struct stat st;

	memset(&stamp, 0, sizeof stamp);
	buf_printf(&path, "%s%s", buf_string(&s->file), suffix);
	if (stat(buf_string(&path), &st) == 0) {
		stamp.device = st.st_dev;
		stamp.inode = st.st_ino;
		stamp.size = st.st_size;
		stamp.modified = st.st_mtim;
		stamp.changed = st.st_ctim;
	}
	buf_free(&path);
	return stamp;
}

int
sqlite_may_move(const struct sqlite *s)
{
	return s->db != NULL && (s->mode == READ_STILL_WAL || s->mode == READ_LONE_WAL);
}

int
sqlite_moved(struct sqlite *s)
{
	for (int i = 0; sqlite_may_move(s) && i < 3; i++) {
		struct sqlite_stamp now = stamp_of(s, suffixes[i]);

		if (memcmp(&now, &s->stamp[i], sizeof now) != 0)
			return 1;
	}
	return 0;
}

/* A lock of this open file alone: closing another descriptor of it, as SQLite does, leaves it. */
static int
lock(int fd, short type, off_t start, off_t len)
{
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};

	return fcntl(fd, F_OFD_SETLK, &l);
}

/* A shared lock as SQLite takes it.  Where the file system has no locks there is nobody to respect them either. */
static int
lock_shared(int fd, struct fail *f)
{
	const struct timespec nap = {.tv_nsec = 10000000};
	int64_t end = watch_now() + (int64_t)LOCK_WAIT * 1000000;

	for (;;) {
		int r = lock(fd, F_RDLCK, PENDING, 1);

		if (r == 0) {
			r = lock(fd, F_RDLCK, SHARED, SHARED_BYTES);
			lock(fd, F_UNLCK, PENDING, 1);
		}
		if (r == 0 || (errno != EAGAIN && errno != EACCES && errno != EINTR))
			return 0;
		if (watch_now() >= end)
			return fail_set(f, "is locked by a writer (waited 1 s)");
		nanosleep(&nap, NULL);
	}
}

/* Opens the file to see what it is; a FIFO, a device or a folder would keep SQLite waiting or worse. */
static int
open_header(struct sqlite *s, unsigned char header[HEADER], struct fail *f)
{
	struct stat st;
	ssize_t n;
	int fd;

	if (stat(buf_string(&s->file), &st) < 0)
		return fail_errno(f, errno, "cannot open");
	if (file_kind(&st) != FILE_REGULAR)
		return fail_set(f, "is not a file");
	fd = file_open(buf_string(&s->file), &st, NULL, f);
	if (fd < 0)
		return -1;
	n = file_peek(fd, header, HEADER, f);
	if (n == HEADER && memcmp(header, "SQLite format 3", 16) == 0) {
		s->ascends = header[FORMAT] < 4;
		return fd;
	}
	if (n >= 0)
		fail_set(f, "is no SQLite database, or cut short");
	close(fd);
	return -1;
}

static enum sqlite_mode
choose_mode(const struct sqlite *s)
{
	if (s->stamp[1].inode == 0)
		return READ_STILL_WAL;
	/* Even where the -wal is empty: one that was filled, copied and emptied again may look the same to a coarse clock. */
	if (s->stamp[2].inode != 0)
		return READ_LIVE_WAL;
	return s->stamp[1].size == 0 ? READ_STILL_WAL : READ_LONE_WAL;
}

static int
over_time(void *arg)
{
	struct sqlite *s = arg;
	int64_t now = watch_now();

	if (s->watch != NULL && s->watch->deadline != 0 && now >= s->watch->deadline)
		return 1;
	s->over = s->budget != 0 && now >= s->budget;
	if (s->over || now < s->look)
		return s->over;
	s->look = now + LOOK;
	return serve_gone();
}

/* file:PATH?…, with what would end the path percent-encoded, and of several slashes in front one: `//` means a host. */
static void
make_uri(struct buf *uri, struct sqlite *s)
{
	const char *p = buf_string(&s->file);

	while (p[0] == '/' && p[1] == '/')
		p++;
	/* "file::memory:" would not be the file of that name. */
	buf_puts(uri, *p == '/' ? "file:" : "file:./");
	for (; *p != '\0'; p++) {
		if (strchr("%?#", *p) != NULL)
			buf_printf(uri, "%%%02X", (unsigned char)*p);
		else
			buf_byte(uri, *p);
	}
	buf_printf(uri, "?%s", parameters[s->mode]);
}

void
sqlite_bound(struct sqlite *s, int on)
{
	sqlite3_int64 all = s->mode == WRITE ? SQLITE_WRITE_HEAP : HEAP, more = sqlite3_memory_used() + SQLITE_PREPARE_HEAP;

	s->bounded = on && more < all;
	sqlite3_hard_heap_limit64(s->bounded ? more : all);
	/* It went down with the other, and would stay there. */
	sqlite3_soft_heap_limit64(0);
}

/* What is in the file may be hostile: its schema runs nothing that has effects, and names in quotes are names.  A change runs
 * expressions of one table, no view and no trigger; functions of JSON it meets only once it is under way: trusts_json(). */
static void
restrain(struct sqlite *s)
{
	int writes = s->mode == WRITE;

	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, writes, (int *)NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !writes, (int *)NULL);
	sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, ROWS_CELL);
	sqlite_bound(s, 0);
	if (writes) {
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)NULL);
	} else {
		sqlite3_busy_timeout(s->db, LOCK_WAIT);
		sqlite3_progress_handler(s->db, OPERATIONS, over_time, s);
	}
}

static int
open_sqlite(struct sqlite *s, struct fail *f)
{
	struct buf uri = {0};
	int r, how = s->mode == WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;

	sqlite_calls(s->mode == WRITE);
	make_uri(&uri, s);
	r = sqlite3_open_v2(buf_string(&uri), &s->db, how | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	buf_free(&uri);
	trace_event("connect");
	if (s->db == NULL)
		return fail_set(f, "needs more than %d MiB of memory", HEAP >> 20);
	if (r != SQLITE_OK)
		return sqlite_fail(s, f);
	restrain(s);
	if (s->mode == READ_LONE_WAL && sqlite_run(s, "PRAGMA locking_mode = EXCLUSIVE", f) < 0)
		return -1;
	return sqlite_run(s, "PRAGMA cell_size_check = ON", f);
}

int
sqlite_open_file(struct sqlite *s, struct fail *f)
{
	unsigned char header[HEADER] = {0};
	int fd;

	s->file.len = 0;
	file_follow(&s->file, s->path);
	fd = open_header(s, header, f);
	if (fd < 0)
		return -1;
	s->mode = READ_ROLLBACK;
	s->lock = -1;
	if (header[READ_VERSION] != 2) {
		close(fd);
		return open_sqlite(s, f);
	}
	s->lock = fd;
	s->busy = lock_shared(fd, f) < 0;
	if (s->busy)
		return -1;
	for (int i = 0; i < 3; i++)
		s->stamp[i] = stamp_of(s, suffixes[i]);
	s->mode = choose_mode(s);
	return open_sqlite(s, f);
}

int
sqlite_open_memory(struct sqlite *s, struct fail *f)
{
	if (sqlite3_open_v2(":memory:", &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		return s->db != NULL ? sqlite_fail(s, f) : fail_set(f, "needs more than %d MiB of memory", HEAP >> 20);
	restrain(s);
	return 0;
}

void
sqlite_keep(struct sqlite *s, void *kept, void (*drop)(void *kept))
{
	if (s->kept != NULL)
		s->drop(s->kept);
	s->kept = kept;
	s->drop = drop;
}

int
sqlite_open_to_write(struct sqlite *s, struct fail *f)
{
	unsigned char header[HEADER] = {0};

	s->file.len = 0;
	file_follow(&s->file, s->path);
	s->mode = WRITE;
	s->lock = open_header(s, header, f);
	return s->lock < 0 ? -1 : open_sqlite(s, f);
}

void
sqlite_close_file(struct sqlite *s)
{
	sqlite_keep(s, NULL, NULL);
	if (s->objects != NULL)
		s->drop_objects(s->objects);
	s->objects = NULL;
	sqlite3_finalize(s->version);
	s->version = NULL;
	sqlite3_close_v2(s->db);
	s->db = NULL;
	buf_free(&s->sql);
	buf_free(&s->file);
	if (s->lock >= 0)
		close(s->lock);
	s->lock = -1;
}

struct buf *
sqlite_sql(struct sqlite *s)
{
	s->sql.len = 0;
	return &s->sql;
}

/* Some versions (3.40.1) do not have their own functions of JSON among those without effects, and schemas use them: such a
 * schema is trusted after all.  What has effects is refused even then, or is not there: no extension is loaded. */
static int
trusts_json(struct sqlite *s)
{
	const char *text = sqlite3_errmsg(s->db);

	return (strstr(text, "unsafe use of json") != NULL || strstr(text, "unsafe use of ->") != NULL) &&
	       sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, (int *)NULL) == SQLITE_OK;
}

sqlite3_stmt *
sqlite_prepare(struct sqlite *s, const char *sql, struct fail *f)
{
	sqlite3_stmt *statement = NULL;

	trace_event("statement");
	/* To read the schema takes what it takes. */
	sqlite_bound(s, s->objects != NULL);
	if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) != SQLITE_OK &&
	    (!trusts_json(s) || sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) != SQLITE_OK))
		sqlite_fail(s, f);
	sqlite_bound(s, 0);
	return statement;
}

int
sqlite_schema_version(struct sqlite *s, sqlite3_int64 *version, struct fail *f)
{
	int r;

	if (s->version == NULL)
		s->version = sqlite_prepare(s, "PRAGMA main.schema_version", f);
	r = s->version != NULL ? sqlite_step(s, s->version, f) : -1;
	if (r > 0)
		*version = sqlite3_column_int64(s->version, 0);
	sqlite3_reset(s->version);
	return r < 0 ? -1 : 0;
}

int
sqlite_step(struct sqlite *s, sqlite3_stmt *statement, struct fail *f)
{
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sqlite_fail(s, f);
	}
}

int
sqlite_run(struct sqlite *s, const char *sql, struct fail *f)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : sqlite_fail(s, f);
}

int
sqlite_begin(struct sqlite *s, struct fail *f)
{
	s->budget = 0;
	s->over = 0;
	s->look = watch_now() + LOOK;
	return sqlite_run(s, "BEGIN", f);
}

void
sqlite_computes(struct sqlite *s)
{
	int64_t now = watch_now();

	s->budget = now + VIEW_TIME;
	if (s->watch != NULL && s->watch->deadline != 0)
		s->budget = now + (s->watch->deadline - now) / 2;
}

void
sqlite_end(struct sqlite *s)
{
	/* A failed statement may have ended it already. */
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->budget = 0;
}
