/*
 * pg_command: a statement outside of any transaction block, for what must not be in one: CREATE INDEX CONCURRENTLY and its
 * like.
 *
 * What it is to hold for is set for the whole session, so that the connection must be one of its own all the way to the
 * server: pg_command_begin() refuses one that a pooler has given out, which might be another one with the next statement.
 */
#ifndef PG_COMMAND_H
#define PG_COMMAND_H

#include <stdint.h>

#include "fail.h"
#include "pg_session.h"
#include "rows.h"

/* What became of a statement. */
struct pg_outcome {
	int failed;
	char state[8]; /* SQLSTATE; "" where the server has said none */
	enum rows_end how;
	struct fail why;
	char value[64]; /* of the first column of its first row; "" where there is none */
};

/* Makes the settings, once: no limits but that of locks, and no schema but pg_catalog in which names are looked up. */
int pg_command_begin(struct pg_session *s, enum rows_end *how, struct fail *f);

/* How long a statement waits for each lock that it needs: milliseconds. */
int pg_command_limit(struct pg_session *s, uint64_t lock_timeout, enum rows_end *how, struct fail *f);

/* Sends one; pg_session_ready() says when it has ended. */
int pg_command_send(struct pg_session *s, const char *sql, int nvalues, const char *const *values, struct fail *f);

/* Waits for what becomes of what was sent. */
void pg_command_end(struct pg_session *s, struct pg_outcome *o);

/* Both: 0 or -1. */
int pg_command_run(struct pg_session *s, const char *sql, int nvalues, const char *const *values, struct pg_outcome *o);

#endif
