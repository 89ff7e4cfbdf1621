/*
 * pg_error: what PostgreSQL and libpq say is wrong, as one sentence and the way in which an answer ends with it.
 *
 * What may be otherwise in a moment is ROWS_UNAVAILABLE: no connection, a server that starts or stops, too many clients, locks,
 * time that has run out.  All else is ROWS_FAILED.  It is SQLSTATE that decides, where the server has said one.
 */
#ifndef PG_ERROR_H
#define PG_ERROR_H

#include "fail.h"
#include "pg_conninfo.h"
#include "rows.h"

/* A statement that failed. */
enum rows_end pg_error_result(const PGresult *result, struct fail *f);

/* One that changes something: without what helps those that read. */
enum rows_end pg_error_change(const PGresult *result, struct fail *f);

/* True where the server ends the connection with it. */
int pg_error_is_fatal(const PGresult *result);

/* A connection that could not be made, whose verbosity is PQERRORS_VERBOSE: only so does it tell its SQLSTATE. */
enum rows_end pg_error_connecting(PGconn *connection, struct fail *f);

/* One that was lost. */
enum rows_end pg_error_lost(const PGconn *connection, struct fail *f);

#endif
