/*
 * pg_progress: what a second connection sees of a change and of whoever is in its way.
 *
 * Of others it is told which process they are, under which user and application, what state they are in and for how long their
 * transaction has lasted: never their statements.
 */
#ifndef PG_PROGRESS_H
#define PG_PROGRESS_H

#include <stdint.h>

#include "buf.h"
#include "fail.h"
#include "mem.h"
#include "pg_session.h"

/* Something seen.  Texts are in an arena. */
struct pg_seen {
	const char *phase; /* "blocked", or that of the statement that is looked at */
	const char *done, *total;
	const char *detail;
	uint32_t index;  /* its oid, once there is one */
	const char *who; /* of pg_progress_in_the_way(): the transaction */
};

/* Who keeps the statement of the process `pid` waiting, and how far it is: adds struct pg_seen to `seen`. */
int pg_progress_look(struct pg_session *s, struct mem *m, int pid, struct buf *seen, struct fail *f);

/* Transactions for which CREATE INDEX CONCURRENTLY on the table would have to wait in the end: those that hold a lock on it as
 * writers do, and those that see the database as it was.  With `anybody` those for which DROP INDEX CONCURRENTLY would: all
 * that hold a lock on it.  Left out are the processes `own` ({1,2}), vacuuming, other indexes that are made, which wait for
 * nothing, and, where `among` is not NULL, all transactions but those ({3/4,5/6}). */
int pg_progress_in_the_way(struct pg_session *s, struct mem *m, uint32_t table, int anybody, const char *own, const char *among,
    struct buf *seen, struct fail *f);

/* Who has the advisory lock of this number. */
int pg_progress_holder(struct pg_session *s, struct mem *m, const char *number, struct buf *seen, struct fail *f);

/* Has the server cancel what the process does. */
int pg_progress_cancel(struct pg_session *s, int pid, struct fail *f);

#endif
