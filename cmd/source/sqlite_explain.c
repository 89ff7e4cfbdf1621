#include "sqlite_explain.h"

#include <string.h>

#include "sqlite_copy.h"
#include "sqlite_plan.h"
#include "sqlite_table.h"
#include "sqltokens.h"

struct step {
	int id, parent;
	const char *detail;
};

struct explaining {
	struct sqlite *file;
	struct sqlite *s; /* which is explained: the file, or its copy */
	struct mem *m;
	const struct driver_request *request;
	struct sqlite_plan plan;
	struct step *steps;
	size_t nsteps;
};

static const char no_query[] = "is no query: SELECT, INSERT, UPDATE and DELETE are explained, nothing else";

/* What is explained reads or changes rows and does nothing else: a PRAGMA may do its work as soon as it is prepared. */
static int
allow_query(void *arg, int action, const char *first, const char *second, const char *database, const char *trigger)
{
	struct explaining *e = arg;

	(void)trigger;
	switch (action) {
	case SQLITE_READ:
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		if (database == NULL || strcmp(database, "main") == 0)
			sqlite_plan_reads(&e->plan, first, second);
		return SQLITE_OK;
	case SQLITE_SELECT:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	default:
		return sqlite_asks_only(action, first, second) ? SQLITE_OK : SQLITE_DENY;
	}
}

static int
allow_index(void *arg, int action, const char *first, const char *second, const char *database, const char *trigger)
{
	(void)arg, (void)first, (void)second, (void)database, (void)trigger;
	switch (action) {
	case SQLITE_CREATE_INDEX:
	case SQLITE_REINDEX:
	case SQLITE_INSERT: /* into the schema */
	case SQLITE_UPDATE:
	case SQLITE_READ:
	case SQLITE_SELECT:
	case SQLITE_FUNCTION:
		return SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

/* Preparing. */

static int
is_one(const char *sql)
{
	const char *end = sql + strlen(sql), *behind;
	size_t len;

	return sqltokens_statement(sql, end, SQLTOKENS_SQLITE, &behind, &len) == NULL ||
	       sqltokens_statement(behind, end, SQLTOKENS_SQLITE, &behind, &len) == NULL;
}

/* A statement of somebody else's, under its authorizer; `denied` is what is wrong with one that does other things. */
static sqlite3_stmt *
prepare(struct explaining *e, const char *sql,
    int (*allow)(void *, int, const char *, const char *, const char *, const char *), const char *denied, struct fail *f)
{
	sqlite3_stmt *statement;

	sqlite3_set_authorizer(e->s->db, allow, e);
	statement = sqlite_prepare(e->s, sql, f);
	if (statement == NULL && sqlite3_errcode(e->s->db) == SQLITE_AUTH)
		fail_set(f, "%s", denied);
	return statement;
}

/* What SQLite does with an index that is there besides. */
static int
make_index(struct explaining *e, const char *sql, struct fail *f)
{
	sqlite3_stmt *statement;
	int r;

	if (!is_one(sql))
		return fail_set(f, "several statements, where an index is to be made");
	statement = prepare(e, sql, allow_index, "makes no index", f);
	r = statement != NULL ? sqlite_step(e->s, statement, f) : -1;
	sqlite3_finalize(statement);
	sqlite3_set_authorizer(e->s->db, NULL, NULL);
	return r < 0 ? -1 : 0;
}

/* The one statement that no authorizer is asked about. */
static int
is_vacuum(const char *sql)
{
	struct sqltoken first;

	sqltokens_next(&first, sql, sql + strlen(sql), SQLTOKENS_SQLITE);
	return sqltoken_is(&first, "vacuum");
}

/* The plan, as SQLite tells it. */
static int
read_plan(struct explaining *e, struct fail *f)
{
	struct buf *sql = sqlite_sql(e->s);
	sqlite3_stmt *statement;
	int more;

	buf_puts(sql, "EXPLAIN QUERY PLAN ");
	buf_puts(sql, e->request->sql);
	statement = prepare(e, buf_string(sql), allow_query, no_query, f);
	more = statement != NULL ? 1 : -1;
	while (more > 0 && (more = sqlite_step(e->s, statement, f)) > 0) {
		e->steps = mem_more(e->m, e->steps, e->nsteps, sizeof *e->steps);
		e->steps[e->nsteps++] = (struct step){
		    sqlite3_column_int(statement, 0), sqlite3_column_int(statement, 1), sqlite_string(e->m, statement, 3)};
	}
	sqlite3_finalize(statement);
	sqlite3_set_authorizer(e->s->db, NULL, NULL);
	return more;
}

/* The numbers of steps are any; here they are counted. */
static uint64_t
number_of(const struct explaining *e, int id)
{
	for (size_t i = 0; i < e->nsteps; i++) {
		if (e->steps[i].id == id)
			return i + 1;
	}
	return 0;
}

static int
add_steps(struct rows *r, struct explaining *e, struct fail *f)
{
	for (size_t i = 0; i < e->nsteps; i++) {
		const struct step *p = &e->steps[i];
		struct sqlite_meaning w;

		if (sqlite_plan_step(&e->plan, &w, p->detail, f) < 0)
			return -1;
		rows_made_add(r, (const struct rows_cell[DRIVER_EXPLAIN_FIELDS]){
				     rows_integer(e->m, i + 1),
				     rows_integer(e->m, number_of(e, p->parent)),
				     rows_text(w.access),
				     rows_text_or_null(w.table),
				     rows_text_or_null(w.index),
				     w.covering < 0 ? rows_null() : rows_boolean(w.covering),
				     rows_text(p->detail),
				     rows_null(),
				 });
	}
	return 0;
}

static int
explain(struct rows *r, struct explaining *e, struct fail *f)
{
	sqlite_computes(e->s);
	e->plan = (struct sqlite_plan){.s = e->s, .m = e->m};
	if (!is_one(e->request->sql))
		return fail_set(f, "several statements, where one is to be explained");
	if (is_vacuum(e->request->sql))
		return fail_set(f, "%s", no_query);
	return read_plan(e, f) < 0 || sqlite_plan_names(&e->plan, e->request->sql, f) < 0 ? -1 : add_steps(r, e, f);
}

static int
explain_with(struct rows *r, struct explaining *e, struct fail *f)
{
	struct sqlite_copy *c = sqlite_copy_of(e->file, e->m, f);
	int status = c != NULL ? 0 : -1;

	if (status < 0)
		return -1;
	e->s = &c->s;
	buf_add(&r->notes, c->notes.bytes, c->notes.len);
	if (!c->has_statistics)
		rows_note(r, 0, "has no statistics (ANALYZE): what would be done with an index is SQLite's guess");
	/* The indexes go with the transaction. */
	status = sqlite_begin(e->s, f);
	for (size_t i = 0; status == 0 && i < e->request->nwith; i++)
		status = make_index(e, e->request->with[i], f);
	if (status == 0)
		status = explain(r, e, f);
	sqlite_end(e->s);
	return status;
}

static int
fill(struct rows *r, void *arg, struct fail *f)
{
	struct explaining *e = arg;
	int status = sqlite_begin(e->file, f);

	e->s = e->file;
	if (status == 0)
		status = e->request->nwith > 0 ? explain_with(r, e, f) : explain(r, e, f);
	sqlite_end(e->file);
	return status;
}

struct rows *
sqlite_explain(struct mem *m, struct sqlite *s, const struct driver_request *request)
{
	struct explaining *e = mem_alloc(m, sizeof *e);

	*e = (struct explaining){.file = s, .m = m, .request = request};
	return driver_made(m, DRIVER_EXPLAIN, fill, e);
}
