/*
 * sqlite_write: one transaction that changes an SQLite file: what it waits for, what is told of it, and how it is given up.
 *
 * Locks (lockingv3.html, wal.html).  A writer in the way is waited for before anything is begun.  In rollback mode readers are
 * in the way of the COMMIT alone: whoever waits for them keeps new ones out, so that lasts `lock_timeout` at a time, and
 * between two tries everybody else has a turn.  To write pages before that, because memory is short, would keep readers out for
 * the rest of the transaction: it is done only once SPILL bytes are in memory, and no reader is there at that moment.
 *
 * Whatever ends it early (SIGTERM, SIGINT, SIGHUP, the deadline, nobody who waits for the answer, a failure) rolls it back and
 * closes the file before the process goes its way: nothing is left beside the file.
 */
#ifndef SQLITE_WRITE_H
#define SQLITE_WRITE_H

#include <signal.h>
#include <stdint.h>

#include "driver.h"
#include "fail.h"
#include "sqlite_open.h"

enum { SQLITE_WRITE_SIGNALS = 4 };

struct sqlite_write {
	struct sqlite s; /* its own connection, for all of sqlite_open.h */
	/* private */
	int64_t wait, lock_timeout; /* nanoseconds */
	int64_t began, told, look;  /* on watch_now()'s clock: when it did, when a row was last sent, when to see who waits */
	int64_t until;              /* how long to wait for a lock; 0: not at all */
	const char *phase;
	int shm;     /* a descriptor of the -shm, to see whose locks are on it; -1: none */
	int alone;   /* it waits to have the file for itself, which readers keep it from */
	int gone;    /* nobody waits for the answer */
	int waiting; /* for a lock, as what was told last says */
	struct sigaction before[SQLITE_WRITE_SIGNALS];
};

/* Opens the file that `from` is of, whose own connection is closed for that.  To be closed whatever it returns. */
int sqlite_write_open(struct sqlite_write *w, struct sqlite *from, const struct driver_request *request, struct fail *f);

/* Rolls back what was not committed.  Where a signal has asked for the end of the process, it ends here. */
void sqlite_write_close(struct sqlite_write *w);

/* Begins the transaction, and ends it. */
int sqlite_write_begin(struct sqlite_write *w, struct fail *f);
int sqlite_write_commit(struct sqlite_write *w, struct fail *f);

/* Runs a statement that takes long, in the transaction; `phase` is what is told of it. */
int sqlite_write_run(struct sqlite_write *w, const char *phase, const char *sql, struct fail *f);

/* Runs one that needs the file for itself, outside of a transaction; `text`, if any, is the first column of its first row, for
 * sqlite3_free(). */
int sqlite_write_alone(struct sqlite_write *w, const char *sql, char **text, struct fail *f);

#endif
