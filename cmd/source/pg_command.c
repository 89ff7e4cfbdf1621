#include "pg_command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pg_error.h"
#include "pg_sql.h"
#include "pg_transaction.h"

#define SET(setting, value) PG "set_config('" setting "', " value ", false)"

/* Those that not every version has are set where there are some. */
#define OTHERS                                                                                                                 \
	"(SELECT " PG "count(" PG "set_config(s.name, '0', false)) FROM pg_catalog.pg_settings s WHERE s.name" EQ              \
	"ANY ('{idle_session_timeout,idle_in_transaction_session_timeout,transaction_timeout}'::pg_catalog.text[]))"

static const char settings[] = "SELECT " SET("search_path", "''") ", " SET("statement_timeout", "'0'") ", " SET(
    "client_min_messages", "'warning'") ", " SET("standard_conforming_strings", "'on'") ", " SET("client_encoding",
    "$1") ", " OTHERS;
/* A statement whose client has gone is ended by the server, where it can tell. */
static const char noticing[] = "SELECT " PG "set_config(s.name, '500', false) FROM pg_catalog.pg_settings s WHERE s.name" EQ
			       "'client_connection_check_interval'";
static const char lock_limit[] = "SELECT " SET("lock_timeout", "$1");
static const char process[] = "SELECT " PG "pg_backend_pid()";

int
pg_command_send(struct pg_session *s, const char *sql, int nvalues, const char *const *values, struct fail *f)
{
	if (pg_session_send(s, sql, nvalues, values, f) < 0)
		return -1;
	return pg_session_sync(s, f);
}

static void
take(struct pg_outcome *o, const PGresult *result)
{
	const char *state;

	switch (PQresultStatus(result)) {
	case PGRES_FATAL_ERROR:
		state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		o->failed = 1;
		o->how = pg_error_change(result, &o->why);
		snprintf(o->state, sizeof o->state, "%s", state != NULL ? state : "");
		break;
	case PGRES_TUPLES_OK:
		if (PQntuples(result) > 0 && PQnfields(result) > 0)
			snprintf(o->value, sizeof o->value, "%s", PQgetvalue(result, 0, 0));
		break;
	default:
		break;
	}
}

void
pg_command_end(struct pg_session *s, struct pg_outcome *o)
{
	ExecStatusType status = PGRES_EMPTY_QUERY;
	int nothing = 0;

	*o = (struct pg_outcome){.failed = 0};
	while (status != PGRES_PIPELINE_SYNC) {
		PGresult *result;

		if (pg_session_result(s, &result, &o->why) < 0) {
			o->failed = 1;
			o->how = s->how;
			return;
		}
		/* The end of the statement; two of them are no end. */
		if (result == NULL && nothing++ > 0) {
			o->failed = 1;
			o->how = ROWS_FAILED;
			fail_set(&o->why, "the server and libpq are out of step");
			return;
		}
		if (result == NULL)
			continue;
		status = PQresultStatus(result);
		take(o, result);
		PQclear(result);
	}
}

int
pg_command_run(struct pg_session *s, const char *sql, int nvalues, const char *const *values, struct pg_outcome *o)
{
	*o = (struct pg_outcome){.failed = 1};
	if (pg_command_send(s, sql, nvalues, values, &o->why) < 0)
		o->how = s->how;
	else
		pg_command_end(s, o);
	return o->failed ? -1 : 0;
}

static int
run(struct pg_session *s, const char *sql, const char *value, struct pg_outcome *o, enum rows_end *how, struct fail *f)
{
	if (pg_command_run(s, sql, value != NULL, &value, o) == 0)
		return 0;
	*how = o->how;
	*f = o->why;
	return -1;
}

int
pg_command_begin(struct pg_session *s, enum rows_end *how, struct fail *f)
{
	struct pg_outcome o, ignored;

	if (run(s, process, NULL, &o, how, f) < 0)
		return -1;
	/* A pooler tells its clients of processes that are not the server's, so that it can tell whom a cancel request is for.
	 */
	if (strtol(o.value, NULL, 10) != PQbackendPID(s->connection)) {
		*how = ROWS_FAILED;
		return fail_set(
		    f, "there is a pooler in front of the server: indexes are changed over a connection to the server itself");
	}
	pg_command_run(s, noticing, 0, NULL, &ignored);
	return run(s, settings, pg_transaction_encoding(s), &o, how, f);
}

int
pg_command_limit(struct pg_session *s, uint64_t lock_timeout, enum rows_end *how, struct fail *f)
{
	char digits[24];
	struct pg_outcome o;
	/* 0 would be no limit; the server takes no more than this. */
	uint64_t limit = lock_timeout == 0 ? 1 : lock_timeout > INT32_MAX ? INT32_MAX : lock_timeout;

	snprintf(digits, sizeof digits, "%" PRIu64, limit);
	return run(s, lock_limit, digits, &o, how, f);
}
