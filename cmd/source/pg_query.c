#include "pg_query.h"

#include <string.h>

#include "buf.h"
#include "pg_catalog.h"
#include "pg_cells.h"
#include "pg_change.h"
#include "pg_count.h"
#include "pg_create.h"
#include "pg_drop.h"
#include "pg_explain.h"
#include "pg_lookup.h"
#include "pg_plan.h"
#include "pg_scan.h"
#include "pg_stamp.h"
#include "pg_transaction.h"

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

static const char other_columns[] = "the server has answered with other columns than were asked for";

static int
send_lookup(struct pg_query *q, struct pg_lookup *l, size_t first, size_t n, enum rows_end *how, struct fail *f)
{
	struct pg_statement st;

	pg_lookup_statement(l, first, n, &st);
	if (pg_transaction_send(&q->session, &st, f) == 0)
		return 0;
	*how = q->session.how;
	return -1;
}

static int
read_lookup(struct pg_query *q, struct pg_lookup *l, enum rows_end *how, struct fail *f)
{
	struct pg_session *s = &q->session;
	PGresult *result;
	int more = pg_transaction_begin(s, how, f) < 0 ? -1 : 1, odd = 0;

	while (more > 0 && (more = pg_transaction_next(s, &result, how, f)) > 0) {
		odd |= pg_lookup_take(l, result, 0) < 0;
		PQclear(result);
	}
	pg_lookup_end(l);
	if (more < 0 || !odd)
		return more;
	*how = ROWS_FAILED;
	return fail_set(f, "%s", other_columns);
}

/* A name that the server cannot even read makes the lookup of all fail: so each is looked up alone, in one trip. */
static int
look_up_each(struct pg_query *q, struct pg_lookup *l, enum rows_end *how, struct fail *f)
{
	size_t n = pg_lookup_count(l);
	struct fail why;
	enum rows_end end;
	int r = 0;

	pg_lookup_reset(l);
	for (size_t i = 0; i < n; i++) {
		if (send_lookup(q, l, i, 1, how, f) < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (read_lookup(q, l, &end, &why) == 0)
			continue;
		pg_lookup_fail(l, i, &why);
		if (end == ROWS_FAILED)
			continue;
		r = -1;
		*how = end;
		*f = why;
	}
	return r;
}

/* What the lookup alone answers. */
static int
wants_columns(const struct driver_request *q)
{
	return q->operation == DRIVER_SCAN && q->limit == 0;
}

/* Puts the tables that the requests name on the list: how many of them do. */
static size_t
name_tables(struct pg_query *q, struct pg_lookup *l)
{
	size_t n = 0;

	for (struct pg_asked *a = q->first; a != NULL; a = a->next) {
		if (a->state == ASKED && needs_table(a->request)) {
			a->sought = pg_lookup_add(l, a->request->table);
			n++;
		}
	}
	return n;
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
		pg_stamp_plan(a->m, q, &a->plan);
		return 0;
	case DRIVER_IDENTITY:
		pg_stamp_identity(&a->plan);
		return 0;
	case DRIVER_EXPLAIN:
		return pg_explain_plan(a->m, q, s->version, &a->plan, &a->how, f);
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
	else if (pg_transaction_send(&a->query->session, &a->plan.statement, &why) < 0)
		fail_one(a, a->query->session.how, &why);
	else
		a->state = SENT;
}

/* What of an answer was not read is passed over: the next one is behind it. */
static void
pass_rest(struct pg_asked *a)
{
	struct pg_session *s = &a->query->session;
	PGresult *result;
	struct fail why;
	enum rows_end how;
	int more = a->state == READING;

	if (a->state == SENT)
		more = pg_transaction_begin(s, &how, &why) == 0;
	while (more && (more = pg_transaction_next(s, &result, &how, &why) > 0))
		PQclear(result);
}

/* Where something was known of all tables that are asked about, they are read while they are looked up: one trip less.  1 where
 * they are. */
static int
send_guesses(struct pg_query *q)
{
	for (struct pg_asked *a = q->first; a != NULL; a = a->next) {
		if (a->state == ASKED && needs_table(a->request) && !wants_columns(a->request) &&
		    (a->request->operation != DRIVER_SCAN || !pg_scan_guess(a->m, q->session.connection, a->request, &a->plan)))
			return 0;
	}
	for (struct pg_asked *a = q->first; a != NULL; a = a->next) {
		struct fail why;

		if (wants_columns(a->request))
			continue;
		if (a->state == ASKED && !needs_table(a->request))
			send_one(a, NULL);
		else if (a->state == ASKED && pg_transaction_send(&q->session, &a->plan.statement, &why) < 0)
			fail_one(a, q->session.how, &why);
		else if (a->state == ASKED)
			a->state = SENT;
	}
	return 1;
}

static int
is_right(struct pg_query *q, struct pg_lookup *l)
{
	struct fail ignored;

	for (struct pg_asked *a = q->first; a != NULL; a = a->next) {
		const struct pg_table *t;

		if (a->state != SENT || !needs_table(a->request))
			continue;
		t = pg_lookup_find(l, a->sought, &ignored);
		if (t == NULL || t->way != 0 || plan(a, l, &ignored) < 0 || !pg_scan_guessed(&a->plan, a->request))
			return 0;
	}
	return 1;
}

/* Everything is asked again, with what is known now. */
static void
drop_guesses(struct pg_query *q)
{
	for (struct pg_asked *a = q->first; a != NULL; a = a->next) {
		if (a->state != SENT)
			continue;
		pass_rest(a);
		a->state = ASKED;
	}
}

/* Looks up the tables that are asked about. */
static int
look_up(struct pg_query *q, struct pg_lookup *l, enum rows_end *how, struct fail *f)
{
	int guessed, r;

	if (name_tables(q, l) == 0)
		return 0;
	if (send_lookup(q, l, 0, SIZE_MAX, how, f) < 0)
		return -1;
	guessed = send_guesses(q);
	r = read_lookup(q, l, how, f);
	if (guessed && (r < 0 || !is_right(q, l)))
		drop_guesses(q);
	if (r < 0 && *how == ROWS_FAILED && !q->session.lost && pg_lookup_count(l) > 1)
		r = look_up_each(q, l, how, f);
	if (r == 0 && pg_lookup_again(l))
		r = send_lookup(q, l, 0, SIZE_MAX, how, f) < 0 ? -1 : read_lookup(q, l, how, f);
	return r;
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
	int more = pg_transaction_begin(s, &a->how, &a->why) < 0 ? -1 : pg_transaction_next(s, &a->result, &a->how, &a->why);

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

/* True where there are more rows than were asked for, or it was not asked whether there are any. */
static int
is_cut(const struct pg_asked *a)
{
	return a->plan.statement.sql == NULL || a->given > a->plan.limit;
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
		more = pg_transaction_next(&a->query->session, &a->result, &a->how, f);
	if (more <= 0) {
		a->state = ENDED;
		r->end = more < 0 ? a->how : is_cut(a) ? ROWS_CUT : ROWS_COMPLETE;
		if (a->plan.note != NULL)
			rows_note(r, 0, "%s", a->plan.note);
		return more;
	}
	if (PQnfields(a->result) != (int)a->plan.ncolumns) {
		r->end = ROWS_FAILED;
		return fail_set(f, "%s", other_columns);
	}
	/* The one more shows that there is one, and stays behind. */
	if (a->given++ >= a->plan.limit)
		return asked_next(r, f);
	pg_cells_take(&a->plan, a->result, 0, &a->text, a->cells);
	r->cells = a->cells;
	r->ncells = a->plan.ncolumns;
	return 1;
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
	q->last = NULL;
	for (struct pg_asked **p = &q->first; *p != NULL;) {
		if (*p == a) {
			*p = a->next;
			continue;
		}
		q->last = *p;
		p = &(*p)->next;
	}
}

/* How each change begins. */
static pg_change_step *const changes[DRIVER_OPERATIONS] = {
    [DRIVER_CREATE_INDEX] = pg_create,
    [DRIVER_DROP_INDEX] = pg_drop,
    [DRIVER_ANALYZE] = pg_analyze,
};

struct rows *
pg_query_ask(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	static const struct rows_driver driver = {asked_start, asked_next, asked_close};
	struct pg_query *q = (struct pg_query *)db;
	struct pg_asked *a;
	struct rows *answer;

	if (changes[request->operation] != NULL)
		return pg_change_ask(&q->session, m, request, changes[request->operation]);
	a = mem_alloc(m, sizeof *a);
	*a = (struct pg_asked){.query = q, .m = m, .request = request};
	if (q->last != NULL)
		q->last->next = a;
	else
		q->first = a;
	q->last = a;
	answer = rows_new(m, &driver, a);
	return request->operation == DRIVER_EXPLAIN ? pg_explain_steps(m, answer) : answer;
}
