#include "sqlite_explain.h"

#include <string.h>
#include <strings.h>

#include "sqlite_copy.h"
#include "sqlite_table.h"
#include "sqltokens.h"

enum { TABLES = 1000 }; /* of a statement are looked at; SQLite joins 64, but views have others */

/* A name that stands in a plan, and the table that it is there. */
struct label {
	const char *name, *table;
};

struct step {
	int id, parent;
	const char *detail;
};

struct explaining {
	struct sqlite *file;
	struct sqlite *s; /* which is explained: the file, or its copy */
	struct mem *m;
	const struct driver_request *request;
	const char **tables; /* that are read or written, with those inside of views */
	size_t ntables;
	struct label *labels;
	size_t nlabels;
	struct step *steps;
	size_t nsteps;
};

/* Doubles an array in the arena each time that it is full. */
static void *
grown(struct mem *m, void *old, size_t n, size_t size)
{
	void *bigger;

	if ((n & (n - 1)) != 0)
		return old;
	bigger = mem_array(m, 2 * n + 1, size);
	if (n > 0)
		memcpy(bigger, old, n * size);
	return bigger;
}

/* Tables. */

static int
reads(const struct explaining *e, const char *table)
{
	for (size_t i = 0; i < e->ntables; i++) {
		if (strcasecmp(e->tables[i], table) == 0)
			return 1;
	}
	return 0;
}

static void
add_table(struct explaining *e, const char *table)
{
	if (table == NULL || e->ntables == TABLES || reads(e, table))
		return;
	e->tables = grown(e->m, e->tables, e->ntables, sizeof *e->tables);
	e->tables[e->ntables++] = mem_string(e->m, table);
}

/* What is explained reads or changes rows and does nothing else: a PRAGMA may do its work as soon as it is prepared. */
static int
allow_query(void *arg, int action, const char *first, const char *second, const char *database, const char *trigger)
{
	struct explaining *e = arg;

	(void)second, (void)trigger;
	switch (action) {
	case SQLITE_READ:
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		if (database == NULL || strcmp(database, "main") == 0)
			add_table(e, first);
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

/* The plan, as SQLite tells it. */
static int
read_plan(struct explaining *e, struct fail *f)
{
	struct buf *sql = sqlite_sql(e->s);
	sqlite3_stmt *statement;
	int more;

	buf_puts(sql, "EXPLAIN QUERY PLAN ");
	buf_puts(sql, e->request->sql);
	statement = prepare(
	    e, buf_string(sql), allow_query, "is no query: SELECT, INSERT, UPDATE and DELETE are explained, nothing else", f);
	more = statement != NULL ? 1 : -1;
	while (more > 0 && (more = sqlite_step(e->s, statement, f)) > 0) {
		e->steps = grown(e->m, e->steps, e->nsteps, sizeof *e->steps);
		e->steps[e->nsteps++] = (struct step){
		    sqlite3_column_int(statement, 0), sqlite3_column_int(statement, 1), sqlite_string(e->m, statement, 3)};
	}
	sqlite3_finalize(statement);
	sqlite3_set_authorizer(e->s->db, NULL, NULL);
	return more;
}

/* Names. */

static void
add_label(struct explaining *e, const char *name, const char *table)
{
	e->labels = grown(e->m, e->labels, e->nlabels, sizeof *e->labels);
	e->labels[e->nlabels++] = (struct label){name, table};
}

/* Words that follow a table in a statement and are no name for it. */
static int
ends_table(const struct sqltoken *t)
{
	static const char *const words[] = {"on", "using", "where", "join", "left", "right", "full", "inner", "outer", "cross",
	    "natural", "group", "order", "having", "limit", "window", "set", "indexed", "not", "union", "intersect", "except",
	    "values", "select", "default", "returning", "do", "from"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (sqltoken_is(t, words[i]))
			return 1;
	}
	return t->kind != SQLTOKEN_WORD && t->kind != SQLTOKEN_NAME && t->kind != SQLTOKEN_STRING;
}

/* Where a token names a table that is read: the name that the statement gives it. */
static void
label_at(struct explaining *e, const struct sqltoken *t)
{
	const char *table = sqltoken_name(e->m, t, SQLTOKENS_SQLITE), *name;

	if (table == NULL || !reads(e, table) || !sqlite_has_table(e->s, table))
		return;
	t += sqltoken_is(t + 1, "as") ? 2 : 1;
	if (ends_table(t))
		return;
	name = sqltoken_name(e->m, t, SQLTOKENS_SQLITE);
	if (name == NULL)
		name = sqltoken_string(e->m, t);
	if (name != NULL)
		add_label(e, name, table);
}

static void
label_in(struct explaining *e, const char *sql)
{
	size_t n;
	const struct sqltoken *t = sqltokens_read(e->m, sql, strlen(sql), SQLTOKENS_SQLITE, &n);

	for (size_t i = 1; i < n; i++) {
		static const char *const before[] = {"from", "join", ",", "(", ".", "update", "into"};
		int follows = 0;

		for (size_t k = 0; k < sizeof before / sizeof *before; k++)
			follows |= sqltoken_is(&t[i - 1], before[k]);
		if (follows)
			label_at(e, &t[i]);
	}
}

/* Other names come first: one may be that of a table, too. */
static int
find_labels(struct explaining *e, struct fail *f)
{
	sqlite3_stmt *view = sqlite_prepare(
	    e->s, "SELECT sql FROM main.sqlite_schema WHERE type = 'view' AND name = ?1 COLLATE NOCASE", f);
	int r = view != NULL ? 0 : -1;

	label_in(e, e->request->sql);
	for (size_t i = 0; r >= 0 && i < e->ntables; i++) {
		sqlite3_bind_text(view, 1, e->tables[i], -1, SQLITE_STATIC);
		r = sqlite_step(e->s, view, f);
		if (r > 0)
			label_in(e, sqlite_string(e->m, view, 0));
		sqlite3_reset(view);
	}
	sqlite3_finalize(view);
	for (size_t i = 0; i < e->ntables; i++) {
		/* What is scanned of a view are other steps. */
		if (!sqlite_has_table(e->s, e->tables[i]))
			continue;
		add_label(e, e->tables[i], e->tables[i]);
		add_label(e, mem_join(e->m, "main.", e->tables[i]), e->tables[i]);
	}
	return r < 0 ? -1 : 0;
}

/* Steps. */

static const char *
behind(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

/* The longest name that the text begins with, as a whole; NULL. */
static const struct label *
find_label(const struct explaining *e, const char *text)
{
	const struct label *best = NULL;

	for (size_t i = 0; i < e->nlabels; i++) {
		const struct label *l = &e->labels[i];
		size_t n = strlen(l->name);

		if (strncasecmp(text, l->name, n) == 0 && (text[n] == '\0' || text[n] == ' ') &&
		    (best == NULL || n > strlen(best->name)))
			best = l;
	}
	return best;
}

/* The index whose name a text begins with, and its table. */
static int
find_index(struct explaining *e, const char *text, const char **index, const char **table, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(e->s,
	    "SELECT name, tbl_name FROM main.sqlite_schema WHERE type = 'index' AND substr(?1, 1, length(name)) = name"
	    " AND substr(?1, length(name) + 1, 1) IN ('', ' ') ORDER BY length(name) DESC",
	    f);
	int more = -1;

	if (statement != NULL) {
		sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
		more = sqlite_step(e->s, statement, f);
	}
	if (more > 0) {
		*index = sqlite_string(e->m, statement, 0);
		*table = sqlite_string(e->m, statement, 1);
	}
	sqlite3_finalize(statement);
	return more;
}

struct meaning {
	const char *access, *table, *index;
	int covering; /* -1: that is no question */
};

/* A virtual table tells by a number and a text of its own what it was given; nothing of both is to read all. */
static void
virtual_table(struct meaning *w, const char *plan)
{
	w->access = strcmp(plan, "0:") == 0 ? "scan" : "search";
	w->index = strcmp(plan, "0:") == 0 ? NULL : "virtual table";
}

/* What follows the table: " USING …", or nothing. */
static int
how(struct explaining *e, struct meaning *w, const char *rest, struct fail *f)
{
	static const struct {
		const char *words, *index;
	} ways[] = {{" USING INTEGER PRIMARY KEY", "rowid"}, {" USING PRIMARY KEY", "PRIMARY KEY"}};
	const char *index;

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (behind(rest, ways[i].words) != NULL) {
			w->index = ways[i].index;
			return 0;
		}
	}
	if ((index = behind(rest, " VIRTUAL TABLE INDEX ")) != NULL) {
		virtual_table(w, index);
	} else if (behind(rest, " USING AUTOMATIC ") != NULL) {
		/* It is made for this statement, of all rows. */
		w->access = "scan";
	} else if ((index = behind(rest, " USING COVERING INDEX ")) != NULL) {
		w->covering = 1;
		return find_index(e, index, &w->index, &w->table, f);
	} else if ((index = behind(rest, " USING INDEX ")) != NULL) {
		return find_index(e, index, &w->index, &w->table, f);
	}
	return 0;
}

static int
read_step(struct explaining *e, struct meaning *w, const char *detail, struct fail *f)
{
	const char *scan = behind(detail, "SCAN "), *name = scan != NULL ? scan : behind(detail, "SEARCH ");
	const struct label *l = name != NULL ? find_label(e, name) : NULL;

	*w = (struct meaning){.access = "other", .covering = -1};
	if (behind(detail, "USE TEMP B-TREE FOR ") != NULL)
		w->access = "sort";
	if (name == NULL || behind(detail, "SCAN CONSTANT ROW") != NULL)
		return 0;
	w->access = scan != NULL ? "scan" : "search";
	/* What is no table of the file is a result of other steps. */
	if (l == NULL)
		return 0;
	w->table = l->table;
	w->covering = 0;
	return how(e, w, name + strlen(l->name), f);
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

static struct rows_cell
text(const char *string)
{
	return string != NULL ? rows_text(string) : rows_null();
}

static int
add_steps(struct rows *r, struct explaining *e, struct fail *f)
{
	for (size_t i = 0; i < e->nsteps; i++) {
		const struct step *p = &e->steps[i];
		struct meaning w;

		if (read_step(e, &w, p->detail, f) < 0)
			return -1;
		rows_made_add(r, (const struct rows_cell[DRIVER_EXPLAIN_FIELDS]){
				     rows_integer(e->m, i + 1),
				     rows_integer(e->m, number_of(e, p->parent)),
				     rows_text(w.access),
				     text(w.table),
				     text(w.index),
				     w.covering < 0 ? rows_null()
						    : (struct rows_cell){.bytes = w.covering ? "true" : "false",
							  .len = w.covering ? 4 : 5,
							  .type = ROWS_BOOLEAN},
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
	if (!is_one(e->request->sql))
		return fail_set(f, "several statements, where one is to be explained");
	return read_plan(e, f) < 0 || find_labels(e, f) < 0 ? -1 : add_steps(r, e, f);
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
