#include "pg_transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pg_error.h"
#include "pg_sql.h"

enum { LOCKED = 1000 }; /* milliseconds that a lock is waited for */

/* What is so for one transaction only.  Nothing that is written without a schema is looked for anywhere but in pg_catalog,
 * unless it was written by whoever asks; and texts look the same whatever the server or the role is set to. */
#define LOCAL(setting, value) PG "set_config('" setting "', " value ", true)"
#define PATH "COALESCE($5, " PG "current_setting('search_path'))"
#define SCOPE LOCAL("transaction_read_only", "'on'") ", " LOCAL("search_path", PATH)
#define LIMITS LOCAL("statement_timeout", "$1") ", " LOCAL("lock_timeout", "$2") ", " LOCAL("jit", "'off'")
#define TIMES_AS LOCAL("timezone", "'UTC'") ", " LOCAL("datestyle", "'ISO, YMD'") ", " LOCAL("intervalstyle", "'postgres'")
#define BYTES_AS LOCAL("bytea_output", "'hex'") ", " LOCAL("client_encoding", "$3")
#define FLOATS_AS LOCAL("extra_float_digits", "'1'")
#define NAMES_AS LOCAL("quote_all_identifiers", "'off'") ", " LOCAL("standard_conforming_strings", "'on'")
#define SCANS_AS LOCAL("synchronize_seqscans", "$4")
#define SETTINGS "SELECT " SCOPE ", " LIMITS ", " TIMES_AS ", " BYTES_AS ", " FLOATS_AS ", " NAMES_AS ", " SCANS_AS

/* A database without an encoding holds bytes, of which it would refuse to give those that are not UTF-8. */
const char *
pg_transaction_encoding(const struct pg_session *s)
{
	const char *server = PQparameterStatus(s->connection, "server_encoding");

	return server != NULL && strcmp(server, "SQL_ASCII") == 0 ? server : "UTF8";
}

int
pg_transaction_send(struct pg_session *s, const struct pg_statement *st, struct fail *f)
{
	int64_t left = pg_session_left(s), lock = left > 0 && left < LOCKED ? left : LOCKED;
	char milliseconds[24], locked[24];
	/* A scan may begin where another one is, so that both read the same pages: not for the first rows or the last. */
	const char *const values[] = {
	    milliseconds, locked, pg_transaction_encoding(s), st->in_place ? "off" : "on", st->as_user ? NULL : ""};

	snprintf(milliseconds, sizeof milliseconds, "%" PRId64, left);
	snprintf(locked, sizeof locked, "%" PRId64, lock);
	if (pg_session_send(s, SETTINGS, 5, values, f) < 0 || pg_session_send(s, st->sql, st->nvalues, st->values, f) < 0)
		return -1;
	return pg_session_sync(s, f);
}

/* Behind an error the rest of the transaction is passed over, so that the next one can be read. */
int
pg_transaction_next(struct pg_session *s, PGresult **result, enum rows_end *how, struct fail *f)
{
	int failed = 0, ends = 0, whole = 0;
	struct fail why;

	for (;;) {
		ExecStatusType status;

		if (pg_session_result(s, result, failed ? &why : f) < 0) {
			*how = failed ? *how : s->how;
			return -1;
		}
		/* The end of the statement; behind it is that of the transaction. */
		if (*result == NULL && ends++ == 0)
			continue;
		if (*result == NULL) {
			*how = ROWS_FAILED;
			return fail_set(f, "the server and libpq are out of step");
		}
		status = PQresultStatus(*result);
		if (status == PGRES_SINGLE_TUPLE && !failed)
			return 1;
		if (status == PGRES_FATAL_ERROR && !failed) {
			*how = pg_error_result(*result, f);
			failed = 1;
		} else if (status == PGRES_TUPLES_OK && PQntuples(*result) > 0 && !failed) {
			*how = ROWS_FAILED;
			fail_set(f, "libpq gave rows all at once");
			failed = 1;
		}
		whole |= status == PGRES_TUPLES_OK;
		PQclear(*result);
		*result = NULL;
		if (status != PGRES_PIPELINE_SYNC)
			continue;
		if (!failed && !whole) {
			*how = ROWS_FAILED;
			return fail_set(f, "the server has not said that these are all rows");
		}
		return failed ? -1 : 0;
	}
}

int
pg_transaction_begin(struct pg_session *s, enum rows_end *how, struct fail *f)
{
	enum rows_end ignored;
	PGresult *result;
	struct fail why;
	int failed = 0;

	for (;;) {
		if (pg_session_result(s, &result, f) < 0) {
			*how = s->how;
			return -1;
		}
		if (result == NULL)
			break;
		if (PQresultStatus(result) == PGRES_FATAL_ERROR) {
			*how = pg_error_result(result, f);
			failed = 1;
		}
		PQclear(result);
	}
	if (failed)
		pg_transaction_next(s, &result, &ignored, &why);
	else
		PQsetSingleRowMode(s->connection);
	return failed ? -1 : 0;
}

int
pg_transaction_read(struct pg_session *s, const struct pg_statement *st, void (*take)(void *arg, const PGresult *row),
    void *arg, enum rows_end *how, struct fail *f)
{
	PGresult *result;
	int more = pg_transaction_send(s, st, f) < 0 ? -1 : 1;

	if (more < 0)
		*how = s->how;
	if (more > 0 && pg_transaction_begin(s, how, f) < 0)
		more = -1;
	while (more > 0 && (more = pg_transaction_next(s, &result, how, f)) > 0) {
		take(arg, result);
		PQclear(result);
	}
	return more;
}
