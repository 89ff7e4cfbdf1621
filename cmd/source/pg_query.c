#include "pg_query.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "pg_cells.h"
#include "pg_count.h"
#include "pg_error.h"
#include "pg_scan.h"
#include "pg_table.h"
#include "serve.h"

enum { LOCKED = 1000 }; /* milliseconds that a lock is waited for */

enum state { ASKED, FAILED, SENT, READING, ENDED };

struct pg_asked {
	struct pg_query *query;
	struct mem *m;
	const struct driver_request *request;
	struct pg_asked *next;
	enum state state;
	size_t sought; /* its table, in the lookup */
	struct pg_plan plan;
	PGresult *result; /* the row that was given last, or is to be given first */
	int ahead;        /* it is that */
	struct buf text;  /* cells of it */
	struct rows_cell *cells;
	uint64_t given;
	struct fail why; /* FAILED: for this reason, */
	enum rows_end how;
};

/* What is so for one transaction only.  Nothing that is written without a schema is looked for anywhere but in pg_catalog, and
 * texts look the same whatever the server or the role is set to. */
static const char settings
    [] = "SELECT pg_catalog.set_config('transaction_read_only', 'on', true), pg_catalog.set_config('search_path', '', true),"
	 " pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $2, true),"
	 " pg_catalog.set_config('timezone', 'UTC', true), pg_catalog.set_config('datestyle', 'ISO, YMD', true),"
	 " pg_catalog.set_config('intervalstyle', 'postgres', true), pg_catalog.set_config('bytea_output', 'hex', true),"
	 " pg_catalog.set_config('extra_float_digits', '1', true), pg_catalog.set_config('jit', 'off', true)";

/* One transaction: the settings, a statement, the end. */
static int
send(struct pg_session *s, const struct pg_statement *st, struct fail *f)
{
	int64_t left = pg_session_left(s), lock = left > 0 && left < LOCKED ? left : LOCKED;
	char milliseconds[24], locked[24];
	const char *const values[] = {milliseconds, locked};

	snprintf(milliseconds, sizeof milliseconds, "%" PRId64, left);
	snprintf(locked, sizeof locked, "%" PRId64, lock);
	if (pg_session_send(s, settings, 2, values, f) < 0 || pg_session_send(s, st->sql, st->nvalues, st->values, f) < 0)
		return -1;
	return pg_session_sync(s, f);
}

/* The next row of the statement of a transaction: 1 and the result it is in, 0 at the end of the transaction, -1.  Behind an
 * error the rest of the transaction is passed over, so that the next one can be read. */
static int
next_result(struct pg_session *s, PGresult **result, enum rows_end *how, struct fail *f)
{
	int failed = 0;
	struct fail why;

	for (;;) {
		ExecStatusType status;

		if (pg_session_result(s, result, failed ? &why : f) < 0) {
			*how = failed ? *how : s->how;
			return -1;
		}
		if (*result == NULL)
			continue;
		status = PQresultStatus(*result);
		if (status == PGRES_SINGLE_TUPLE && !failed)
			return 1;
		if (status == PGRES_FATAL_ERROR && !failed) {
			*how = pg_error_result(*result, f);
			failed = 1;
		}
		PQclear(*result);
		*result = NULL;
		if (status == PGRES_PIPELINE_SYNC)
			return failed ? -1 : 0;
	}
}

/* Reads up to where the rows of a transaction's statement come: behind the settings. */
static int
pass_settings(struct pg_session *s, enum rows_end *how, struct fail *f)
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
		/* (PQresultStatus(NULL) is an error, too.) */
		if (PQresultStatus(result) == PGRES_FATAL_ERROR) {
			*how = pg_error_result(result, f);
			failed = 1;
		}
		PQclear(result);
	}
	if (failed)
		next_result(s, &result, &ignored, &why);
	else
		PQsetSingleRowMode(s->connection);
	return failed ? -1 : 0;
}

static void
fail_one(struct pg_asked *a, enum rows_end how, const struct fail *why)
{
	a->state = FAILED;
	a->how = how;
	a->why = *why;
}

/* Which answers are about one table whose columns or number have to be known. */
static int
needs_table(const struct driver_request *q)
{
	return q->operation == DRIVER_SCAN || q->operation == DRIVER_COUNT ||
	       (q->table != NULL && q->operation != DRIVER_STAMP && q->operation != DRIVER_IDENTITY);
}

static int
read_lookup(struct pg_session *s, struct pg_lookup *l, enum rows_end *how, struct fail *f)
{
	PGresult *result;
	int more = pass_settings(s, how, f) < 0 ? -1 : 1;

	while (more > 0 && (more = next_result(s, &result, how, f)) > 0) {
		pg_lookup_take(l, result, 0);
		PQclear(result);
	}
	return more;
}

/* Looks up the tables that the requests name. */
static int
look_up(struct pg_query *q, struct pg_lookup *l, enum rows_end *how, struct fail *f)
{
	struct pg_statement st;
	int n = 0;

	for (struct pg_asked *a = q->first; a != NULL; a = a->next) {
		if (a->state == ASKED && needs_table(a->request)) {
			a->sought = pg_lookup_add(l, a->request->table);
			n++;
		}
	}
	if (n == 0)
		return 0;
	pg_lookup_statement(l, &st);
	if (send(&q->session, &st, f) < 0) {
		*how = q->session.how;
		return -1;
	}
	return read_lookup(&q->session, l, how, f);
}

/* How a request is to be answered: 0, or -1 and it is refused or fails. */
static int
plan(struct pg_asked *a, struct pg_lookup *l, struct fail *f)
{
	const struct driver_request *q = a->request;
	struct pg_session *s = &a->query->session;
	struct pg_table *t = NULL;

	a->how = ROWS_FAILED;
	if (needs_table(q) && (t = pg_lookup_find(l, a->sought, f)) == NULL)
		return -1;
	a->plan = (struct pg_plan){
	    .columns = driver_fields[q->operation].columns, .ncolumns = driver_fields[q->operation].n, .limit = UINT64_MAX};
	switch (q->operation) {
	case DRIVER_SCAN:
		return pg_scan_plan(a->m, s->connection, q, t, &a->plan, &a->how, f);
	case DRIVER_COUNT:
		return pg_count_plan(a->m, s->connection, q, t, &a->plan, f);
	case DRIVER_STAMP:
		pg_count_stamp(a->m, q, &a->plan);
		return 0;
	case DRIVER_IDENTITY:
		pg_count_identity(&a->plan);
		return 0;
	default:
		a->how = ROWS_REFUSED;
		return pg_catalog_statement(a->m, q, t != NULL ? t->oid : 0, s->version, &a->plan.statement, f);
	}
}

static void
send_one(struct pg_asked *a, struct pg_lookup *l)
{
	struct fail why;

	if (plan(a, l, &why) < 0)
		fail_one(a, a->how, &why);
	else if (a->plan.statement.sql == NULL)
		a->state = ENDED;
	else if (send(&a->query->session, &a->plan.statement, &why) < 0)
		fail_one(a, a->query->session.how, &why);
	else
		a->state = SENT;
}

/* Sends all that was asked. */
static void
send_all(struct pg_query *q)
{
	struct mem m = {0};
	struct pg_lookup l;
	struct fail why;
	enum rows_end how = ROWS_FAILED;
	int ok;

	pg_lookup_start(&l, &m);
	pg_session_expect(&q->session);
	ok = pg_session_connect(&q->session, &why) == 0;
	if (!ok)
		how = q->session.how;
	ok = ok && look_up(q, &l, &how, &why) == 0;
	for (struct pg_asked *a = q->first; a != NULL; a = a->next) {
		if (a->state == ASKED && !ok)
			fail_one(a, how, &why);
		else if (a->state == ASKED)
			send_one(a, &l);
	}
	pg_lookup_free(&l);
	mem_free(&m);
}

/* Waits for the first row: a statement that fails at once is an answer without columns. */
static void
begin(struct pg_asked *a)
{
	struct pg_session *s = &a->query->session;
	int more = pass_settings(s, &a->how, &a->why) < 0 ? -1 : next_result(s, &a->result, &a->how, &a->why);

	a->ahead = more > 0;
	a->state = more < 0 ? FAILED : more > 0 ? READING : ENDED;
}

static int
asked_start(struct rows *r, struct fail *f)
{
	struct pg_asked *a = r->state;

	if (a->state == ASKED)
		send_all(a->query);
	else
		pg_session_expect(&a->query->session);
	if (a->state == SENT)
		begin(a);
	if (a->state == FAILED) {
		r->end = a->how;
		*f = a->why;
		return -1;
	}
	a->cells = mem_array(a->m, a->plan.ncolumns, sizeof *a->cells);
	r->columns = a->plan.columns;
	r->ncolumns = a->plan.ncolumns;
	return 0;
}

static int
asked_next(struct rows *r, struct fail *f)
{
	struct pg_asked *a = r->state;
	int more = a->ahead;

	a->ahead = 0;
	if (!more) {
		PQclear(a->result);
		a->result = NULL;
	}
	if (!more && a->state == READING)
		more = next_result(&a->query->session, &a->result, &a->how, f);
	if (more <= 0) {
		a->state = ENDED;
		r->end = more < 0                                                    ? a->how
			 : a->plan.statement.sql == NULL || a->given > a->plan.limit ? ROWS_CUT
										     : ROWS_COMPLETE;
		if (a->plan.note != NULL)
			rows_note(r, 0, "%s", a->plan.note);
		return more;
	}
	/* The one more shows that there is one, and stays behind. */
	if (a->given++ >= a->plan.limit)
		return asked_next(r, f);
	pg_cells_take(&a->plan, a->result, 0, &a->text, a->cells);
	r->cells = a->cells;
	r->ncells = a->plan.ncolumns;
	return 1;
}

/* What of the answer was not read is passed over: the next one is behind it. */
static void
pass_rest(struct pg_asked *a)
{
	struct pg_session *s = &a->query->session;
	PGresult *result;
	struct fail why;
	enum rows_end how;

	if (a->state == SENT && pass_settings(s, &how, &why) == 0)
		a->state = READING;
	while (a->state == READING && next_result(s, &result, &how, &why) > 0)
		PQclear(result);
}

static void
asked_close(struct rows *r)
{
	struct pg_asked *a = r->state;
	struct pg_query *q = a->query;

	PQclear(a->result);
	if (a->state == SENT || a->state == READING)
		pass_rest(a);
	buf_free(&a->text);
	for (struct pg_asked **p = &q->first; *p != NULL; p = &(*p)->next) {
		if (*p == a) {
			*p = a->next;
			break;
		}
	}
	if (q->first == NULL)
		q->last = NULL;
}

struct rows *
pg_query_ask(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	static const struct rows_driver driver = {asked_start, asked_next, asked_close};
	struct pg_query *q = (struct pg_query *)db;
	struct pg_asked *a = mem_alloc(m, sizeof *a);

	*a = (struct pg_asked){.query = q, .m = m, .request = request};
	if (q->last != NULL)
		q->last->next = a;
	else
		q->first = a;
	q->last = a;
	return rows_new(m, &driver, a);
}
