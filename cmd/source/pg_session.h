/*
 * pg_session: one connection to a server, never waited for without a limit.
 *
 * Statements are sent without waiting (pipeline mode).  Their results are taken in the same order; whoever takes one waits for
 * all that was sent, which is one trip to the server and is traced as `exchange`.  Waiting ends with the deadline and where
 * nobody wants answers any more (serve_gone()).
 *
 * Once the connection is lost every call fails with the sentence it was lost with: nothing is ever tried again on another
 * one, since half of an answer may have been given.  SIGTERM and SIGINT cancel what runs on the server.
 *
 * A session that is `alone` goes on when nobody wants answers any more: who changes something has to clean up behind itself.
 * As long as signals are held, they are only told.
 */
#ifndef PG_SESSION_H
#define PG_SESSION_H

#include <stdint.h>

#include "fail.h"
#include "mem.h"
#include "pg_conninfo.h"
#include "rows.h"
#include "watch.h"

struct pg_session {
	struct pg_conninfo info;
	struct watch *watch;
	PGconn *connection; /* NULL: there was none yet */
	int version;        /* of the server: 150004 */
	int64_t deadline;   /* of what is waited for, on watch_now()'s clock; 0: none */
	int waited;         /* for something, once */
	unsigned unsent;    /* statements that the server was not yet waited for with */
	int alone;          /* see above */
	int lost;
	struct fail why; /* it was lost, */
	enum rows_end how;
};

/* Connects, unless that was done: 0 or -1. */
int pg_session_connect(struct pg_session *s, struct fail *f);

/* The clock of an answer starts: it has as long as the other side said. */
void pg_session_expect(struct pg_session *s);

/* How long a statement sent now may take: milliseconds; 0: no limit.  A little less than the answer has, so that it is the
 * server that says why. */
int64_t pg_session_left(const struct pg_session *s);

/* A statement, with text as its values; and the end of a transaction. */
int pg_session_send(struct pg_session *s, const char *sql, int nvalues, const char *const *values, struct fail *f);
int pg_session_sync(struct pg_session *s, struct fail *f);

/* The next result of what was sent, as PQgetResult() gives it, NULL too; the caller clears it.  -1 where it is lost. */
int pg_session_result(struct pg_session *s, PGresult **result, struct fail *f);

/* Sends what was to be sent, and waits until there is a result, but not beyond `until` (watch_now()) and not behind a signal
 * that is held: 1 where there is one, 0, or -1 and the session is lost. */
int pg_session_ready(struct pg_session *s, int64_t until, struct fail *f);

/* Holds signals from now on, or no more; the one that has come since, or 0. */
void pg_session_hold(int held);
int pg_session_signal(void);

/* Cancels what runs, unless it is alone, and lets go. */
void pg_session_close(struct pg_session *s);

#endif
