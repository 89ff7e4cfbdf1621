/*
 * pg_change: a request that changes a database, as an answer whose rows say how far it is.
 *
 * It has two connections of its own, beside that of the reads (pg_query.h): one that makes the change, outside of any
 * transaction block, and one that looks, about once a second, who is in the way and what is done.  It is made by steps, each
 * called when a row is wanted and there is none: what a change consists of is in pg_create.h and pg_drop.h.
 *
 * One change a table at a time: the first connection holds pg_advisory_lock(PG_CHANGE_CLASS << 32 | the table's oid) of the
 * database for as long as it lasts.
 *
 * It is given up where whoever asked has gone, where the deadline or a signal comes, and where `wait` milliseconds were
 * waited for others.  What was begun is then cleaned up first; behind a signal a process of its own does that, since the one
 * that got it may be killed.
 */
#ifndef PG_CHANGE_H
#define PG_CHANGE_H

#include <stdint.h>

#include "buf.h"
#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "pg_command.h"
#include "pg_plan.h"
#include "pg_session.h"
#include "pg_table.h"
#include "rows.h"

/* "dbm", as three bytes: where pg_locks has the class of an advisory lock. */
enum { PG_CHANGE_CLASS = 0x64626d };

struct pg_change;

/* 1: it goes on, with c->step; 0: it is done; -1: it has failed, c->how is how. */
typedef int pg_change_step(struct pg_change *c, struct fail *f);

/* The same, behind a statement. */
typedef int pg_change_then(struct pg_change *c, const struct pg_outcome *o, struct fail *f);

struct pg_change {
	struct mem *m; /* the answer's */
	const struct driver_request *request;
	pg_change_step *step; /* the next one */
	enum rows_end how;
	const struct pg_table *table;
	const char *wire;   /* its name, as on the wire */
	void *state;        /* of who makes the change */
	const char *about;  /* what rows are about that have nothing else to say, or NULL */
	uint32_t seen;      /* the oid of the index that the statement was seen to make; 0: of none */
	int cleaning;       /* what runs cleans up: it is not given up */
	int given_up;       /* what runs was cancelled, */
	struct fail reason; /* for this reason */
	/* Private. */
	struct pg_session *like;
	struct pg_session worker, watcher;
	const char *own, *lock; /* both processes; the number of the advisory lock */
	pg_change_then *then;
	pg_change_step *behind;
	const char *doing, *among;
	uint32_t awaited;
	int anybody;
	char blocker[256];                      /* who was in the way when that was last looked at; "": nobody */
	int64_t deadline, waited, looked, told; /* nanoseconds */
	int detached, ended, failed;
	struct fail why;
	struct mem lines; /* of the rows that were not given yet, */
	struct buf rows;  /* cells of which are here */
	size_t given;
};

/* The answer to a request, in the arena, which begins with the step `first`.  `like` says where to connect to. */
struct rows *pg_change_ask(struct pg_session *like, struct mem *m, const struct driver_request *request, pg_change_step *first);

/* 0; -1 and why where it is to be given up, but for those who are waited for. */
int pg_change_wanted(struct pg_change *c, struct fail *f);

/* A row; texts are copied. */
void pg_change_tell(struct pg_change *c, const char *phase, const char *done, const char *total, const char *detail);

/* What was seen, as rows; and notes it: true where somebody is in the way. */
void pg_change_tell_seen(struct pg_change *c, const struct buf *seen);
int pg_change_note(struct pg_change *c, const struct buf *seen);

/* The last row.  Always 0. */
int pg_change_done(struct pg_change *c, const char *phase, const char *detail);

/* One row of a statement that reads, texts or NULL: 1, 0 where there is none, or -1. */
int pg_change_row(struct pg_change *c, const struct pg_statement *st, const char **fields, int nfields, struct fail *f);

/* All of them, one behind the other. */
int pg_change_rows(struct pg_change *c, const struct pg_statement *st, struct buf *rows, int nfields, struct fail *f);

#endif
