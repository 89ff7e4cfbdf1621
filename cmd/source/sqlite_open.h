/*
 * sqlite_open: an SQLite file, opened so that reading it creates nothing, changes nothing and leaves nothing beside it.
 *
 * What a plain read-only open does wrong, and what is done instead (SQLite's documentation: wal.html, "Read-Only Databases",
 * uri.html; lockingv3.html for the locks):
 *
 *     rollback mode                  mode=ro; a hot journal is an error, since only a writer may roll it back
 *     WAL mode, -wal and -shm        mode=ro, the -shm opened for reading
 *     WAL mode, nothing in the -wal  immutable=1: a plain open would make -wal and -shm
 *     WAL mode, -wal alone           its writer died: no locks and no -shm, the index of the -wal in memory
 *
 * Who changes it opens it another way: for writing, as any writer does, with all that SQLite then puts beside it.
 *
 * In WAL mode a shared lock is held on the file for as long as it is open: no writer can remove the -wal then, so that what
 * was seen of it before holds behind an answer too, or shows that it does not (sqlite_moved()).
 */
#ifndef SQLITE_OPEN_H
#define SQLITE_OPEN_H

#include <sqlite3.h>
#include <stdint.h>
#include <sys/stat.h>

#include "buf.h"
#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "watch.h"

/* Bytes that SQLite may allocate: to write; and to prepare a statement, beside what it has then. */
enum { SQLITE_WRITE_HEAP = 1 << 30, SQLITE_PREPARE_HEAP = 16 << 20 };

/* How the file is read; or that it is written to. */
enum sqlite_mode { READ_ROLLBACK, READ_STILL_WAL, READ_LIVE_WAL, READ_LONE_WAL, WRITE };

/* What of a file tells that it has changed. */
struct sqlite_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified, changed;
};

struct sqlite_objects;

struct sqlite {
	struct driver_database base;
	sqlite3 *db;      /* NULL: not open */
	const char *path; /* as it was given, which may be a link */
	struct buf file;  /* the path of the file itself: -wal, -shm and -journal are beside that */
	struct watch *watch;
	struct buf sql; /* of the statement that is being made: sqlite_sql() */
	enum sqlite_mode mode;
	int lock;                     /* the descriptor that holds the shared lock, or of what is written to; -1: none */
	struct sqlite_stamp stamp[3]; /* of the file, its -wal and its -shm; WAL mode without SQLite's own locks */
	int64_t budget;               /* when a statement must have ended, on watch_now()'s clock; 0: the deadline alone */
	int over;                     /* it had not */
	int64_t look;                 /* when to see whether anybody still waits */
	int unsettled;                /* the last failure may come of a writer at work */
	int busy;                     /* it is that one has it locked */
	void *kept;                   /* what was made of the open file; see sqlite_keep() */
	void (*drop)(void *kept);
	sqlite3_stmt *version;          /* asks for the version of the schema */
	struct sqlite_objects *objects; /* what is in it (sqlite_objects.h); NULL: not read */
	void (*drop_objects)(struct sqlite_objects *objects);
	int bounded; /* sqlite_bound() */
	int ascends; /* it is of a format in which DESC means nothing in an index (fileformat2.html, 1.3.9) */
};

/* Opens it.  Waits for a lock at most 1 s. */
int sqlite_open_file(struct sqlite *s, struct fail *f);
void sqlite_close_file(struct sqlite *s);

/* A database in memory, with the same limits; without a file nothing is locked and nothing moves.  It is closed by
 * sqlite3_close_v2(). */
int sqlite_open_memory(struct sqlite *s, struct fail *f);

/* Keeps something until the file is closed, or something else kept; `drop` gives it back. */
void sqlite_keep(struct sqlite *s, void *kept, void (*drop)(void *kept));

/* Opens it for writing; nothing is waited for, and no file is made.  No other connection of this process may be open then: what
 * SQLite may do with files is set for all of them.  The caller has a busy handler and a progress handler of his own. */
int sqlite_open_to_write(struct sqlite *s, struct fail *f);

/* True where it is read without SQLite's locks; and where what was read since it was opened may therefore be half of the old
 * and half of the new. */
int sqlite_may_move(const struct sqlite *s);
int sqlite_moved(struct sqlite *s);

/* An empty buffer for the text of a statement, until the next one is made. */
struct buf *sqlite_sql(struct sqlite *s);

/* Prepares a statement: NULL and a sentence where it is wrong. */
sqlite3_stmt *sqlite_prepare(struct sqlite *s, const char *sql, struct fail *f);

/* From here on SQLite may allocate SQLITE_PREPARE_HEAP more, or again all that it may (`on` false).  It is for what looks into
 * views: those that name views twice, and these again, come to more than can be waited for, and nothing else stops that.
 * sqlite_prepare() does so by itself once the schema has been read. */
void sqlite_bound(struct sqlite *s, int on);

/* A number that is another one where the schema is. */
int sqlite_schema_version(struct sqlite *s, sqlite3_int64 *version, struct fail *f);

/* sqlite3_step(): 1 a row, 0 the end, -1. */
int sqlite_step(struct sqlite *s, sqlite3_stmt *statement, struct fail *f);

/* The sentence for the last error of SQLite.  Always -1. */
int sqlite_fail(struct sqlite *s, struct fail *f);

/* Begins and ends an answer, all of which sees the file in one state. */
int sqlite_begin(struct sqlite *s, struct fail *f);
void sqlite_end(struct sqlite *s);

/* The rest of the answer computes: a view may do so for ever, and has 10 s or half of what the deadline leaves, so that it
 * fails alone. */
void sqlite_computes(struct sqlite *s);

/* Runs a statement that gives no rows. */
int sqlite_run(struct sqlite *s, const char *sql, struct fail *f);

#endif
