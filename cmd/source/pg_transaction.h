/*
 * pg_transaction: a statement in a transaction of its own, which reads only.
 *
 * It is an implicit one: settings that last as long as it does, the statement, and PQpipelineSync().  So one that fails fails
 * alone, nothing is written, and nothing is left behind in a pooler's connection.  Many are sent ahead; their results are read
 * in the same order, each to its end.
 */
#ifndef PG_TRANSACTION_H
#define PG_TRANSACTION_H

#include "fail.h"
#include "pg_plan.h"
#include "pg_session.h"
#include "rows.h"

/* Sends one: 0, or -1 and the session is lost. */
int pg_transaction_send(struct pg_session *s, const struct pg_statement *st, struct fail *f);

/* Waits for the next one's settings.  -1 and how the answer ends: it has failed, and was read to its end. */
int pg_transaction_begin(struct pg_session *s, enum rows_end *how, struct fail *f);

/* The next row of its statement: 1 and the result that holds it, which the caller clears; 0 at the end of the transaction; -1,
 * at its end too, or the session is lost. */
int pg_transaction_next(struct pg_session *s, PGresult **result, enum rows_end *how, struct fail *f);

/* Sends one and has each row of it taken: 0 or -1. */
int pg_transaction_read(struct pg_session *s, const struct pg_statement *st, void (*take)(void *arg, const PGresult *row),
    void *arg, enum rows_end *how, struct fail *f);

/* The encoding in which statements and their results are: UTF-8, but for a database that has none. */
const char *pg_transaction_encoding(const struct pg_session *s);

#endif
