#include "sqlite_plan.h"

#include <string.h>
#include <strings.h>

#include "sqlite_copy.h"
#include "sqlite_table.h"
#include "sqltokens.h"

enum { TABLES = 1000 }; /* of a statement are looked at; SQLite joins 64, but views have others */

/* A name that stands in a plan, and the table that it is there. */
struct sqlite_label {
	const char *name, *table;
};

/* Tables. */

static struct sqlite_read *
find_read(const struct sqlite_plan *p, const char *table)
{
	for (size_t i = 0; i < p->ntables; i++) {
		if (strcasecmp(p->tables[i].table, table) == 0)
			return &p->tables[i];
	}
	return NULL;
}

void
sqlite_plan_reads(struct sqlite_plan *p, const char *table, const char *column)
{
	struct sqlite_read *r = table != NULL ? find_read(p, table) : NULL;

	if (table == NULL || (r == NULL && p->ntables == TABLES))
		return;
	if (r == NULL) {
		p->tables = mem_more(p->m, p->tables, p->ntables, sizeof *p->tables);
		r = &p->tables[p->ntables++];
		*r = (struct sqlite_read){.table = mem_string(p->m, table)};
	}
	if (column == NULL || *column == '\0' || strcasecmp(column, "ROWID") == 0)
		return;
	if (r->column == NULL)
		r->column = mem_string(p->m, column);
	else if (strcasecmp(r->column, column) != 0)
		r->several = 1;
}

/* Names. */

static void
add_label(struct sqlite_plan *p, const char *name, const char *table)
{
	p->labels = mem_more(p->m, p->labels, p->nlabels, sizeof *p->labels);
	p->labels[p->nlabels++] = (struct sqlite_label){name, table};
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
label_at(struct sqlite_plan *p, const struct sqltoken *t)
{
	const char *table = sqltoken_name(p->m, t, SQLTOKENS_SQLITE), *name;

	if (table == NULL || find_read(p, table) == NULL || !sqlite_has_table(p->s, table))
		return;
	t += sqltoken_is(t + 1, "as") ? 2 : 1;
	if (ends_table(t))
		return;
	name = sqltoken_name(p->m, t, SQLTOKENS_SQLITE);
	if (name == NULL)
		name = sqltoken_string(p->m, t);
	if (name != NULL)
		add_label(p, name, table);
}

static void
label_in(struct sqlite_plan *p, const char *sql)
{
	size_t n;
	const struct sqltoken *t = sqltokens_read(p->m, sql, strlen(sql), SQLTOKENS_SQLITE, &n);

	for (size_t i = 1; i < n; i++) {
		static const char *const before[] = {"from", "join", ",", "(", ".", "update", "into"};
		int follows = 0;

		for (size_t k = 0; k < sizeof before / sizeof *before; k++)
			follows |= sqltoken_is(&t[i - 1], before[k]);
		if (follows)
			label_at(p, &t[i]);
	}
}

/* Other names come first: one may be that of a table, too. */
int
sqlite_plan_names(struct sqlite_plan *p, const char *sql, struct fail *f)
{
	sqlite3_stmt *view = sqlite_prepare(
	    p->s, "SELECT sql FROM main.sqlite_schema WHERE type = 'view' AND name = ?1 COLLATE NOCASE", f);
	int r = view != NULL ? 0 : -1;

	label_in(p, sql);
	for (size_t i = 0; r >= 0 && i < p->ntables; i++) {
		sqlite3_bind_text(view, 1, p->tables[i].table, -1, SQLITE_STATIC);
		r = sqlite_step(p->s, view, f);
		if (r > 0)
			label_in(p, sqlite_string(p->m, view, 0));
		sqlite3_reset(view);
	}
	sqlite3_finalize(view);
	for (size_t i = 0; i < p->ntables; i++) {
		/* What is scanned of a view are other steps. */
		if (!sqlite_has_table(p->s, p->tables[i].table))
			continue;
		add_label(p, p->tables[i].table, p->tables[i].table);
		add_label(p, mem_join(p->m, "main.", p->tables[i].table), p->tables[i].table);
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
static const struct sqlite_label *
find_label(const struct sqlite_plan *p, const char *text)
{
	const struct sqlite_label *best = NULL;

	for (size_t i = 0; i < p->nlabels; i++) {
		const struct sqlite_label *l = &p->labels[i];
		size_t n = strlen(l->name);

		if (strncasecmp(text, l->name, n) == 0 && (text[n] == '\0' || text[n] == ' ') &&
		    (best == NULL || n > strlen(best->name)))
			best = l;
	}
	return best;
}

/* The index whose name a text begins with, and its table. */
static int
find_index(struct sqlite_plan *p, const char *text, const char **index, const char **table, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(p->s,
	    "SELECT name, tbl_name FROM main.sqlite_schema WHERE type = 'index' AND substr(?1, 1, length(name)) = name"
	    " AND substr(?1, length(name) + 1, 1) IN ('', ' ') ORDER BY length(name) DESC",
	    f);
	int more = -1;

	if (statement != NULL) {
		sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
		more = sqlite_step(p->s, statement, f);
	}
	if (more > 0) {
		*index = sqlite_string(p->m, statement, 0);
		*table = sqlite_string(p->m, statement, 1);
	}
	sqlite3_finalize(statement);
	return more;
}

/* True where no more is read of a table than the key that it is sorted by. */
static int
reads_key(const struct sqlite_plan *p, const char *table)
{
	const struct sqlite_read *r = find_read(p, table);
	int key = 0;

	if (r->column != NULL)
		sqlite3_table_column_metadata(p->s->db, "main", table, r->column, NULL, NULL, NULL, &key, NULL);
	return !r->several && (r->column == NULL || key);
}

/* A virtual table tells by a number and a text of its own what it was given; nothing of both is to read all. */
static void
virtual_table(struct sqlite_meaning *w, const char *plan)
{
	w->access = strcmp(plan, "0:") == 0 ? "scan" : "search";
	w->index = strcmp(plan, "0:") == 0 ? NULL : "virtual table";
}

/* True where the index begins with the only column of its table that is read, and sorts it as the column itself is compared:
 * by another collation it has no first or last value for max(), although SQLite calls it a search all the same. */
static int
begins_with_read(struct sqlite_plan *p, const struct sqlite_meaning *w, struct fail *f)
{
	const struct sqlite_read *r = find_read(p, w->table);
	sqlite3_stmt *statement =
	    r != NULL && r->column != NULL && !r->several
		? sqlite_prepare(
		      p->s, "SELECT name = ?2 COLLATE NOCASE, coll FROM temp.pragma_index_xinfo(?1, 'main') WHERE seqno = 0", f)
		: NULL;
	const char *collation = "BINARY";
	int begins = 0;

	if (statement != NULL) {
		sqlite3_table_column_metadata(p->s->db, "main", w->table, r->column, NULL, &collation, NULL, NULL, NULL);
		sqlite3_bind_text(statement, 1, w->index, -1, SQLITE_STATIC);
		sqlite3_bind_text(statement, 2, r->column, -1, SQLITE_STATIC);
		begins = sqlite_step(p->s, statement, f) > 0 && sqlite3_column_int(statement, 0) &&
			 sqlite3_stricmp((const char *)sqlite3_column_text(statement, 1), collation) == 0;
	}
	sqlite3_finalize(statement);
	return begins;
}

/* An index whose name stands there, and what is found by it in parentheses.  Without that it is min() or max(), which is the
 * first or the last value where the index begins with that column, and else looks at all of it. */
static int
by_index(struct sqlite_plan *p, struct sqlite_meaning *w, const char *name, struct fail *f)
{
	int found = find_index(p, name, &w->index, &w->table, f);

	if (found > 0 && strcmp(w->access, "search") == 0 && behind(name + strlen(w->index), " (") == NULL &&
	    !begins_with_read(p, w, f))
		w->access = "scan";
	return found;
}

/* What follows the table: " USING …", or nothing. */
static int
how(struct sqlite_plan *p, struct sqlite_meaning *w, const char *rest, struct fail *f)
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
	} else if (*rest == '\0' && strcmp(w->access, "search") == 0) {
		/* min() or max(): of the key it is the first or the last one, of another column all of them are read. */
		if (reads_key(p, w->table))
			w->index = "rowid";
		else
			w->access = "scan";
	} else if (behind(rest, " USING AUTOMATIC ") != NULL) {
		/* It is made for this statement, of all rows. */
		w->access = "scan";
	} else if ((index = behind(rest, " USING COVERING INDEX ")) != NULL) {
		w->covering = 1;
		return by_index(p, w, index, f);
	} else if ((index = behind(rest, " USING INDEX ")) != NULL) {
		return by_index(p, w, index, f);
	}
	return 0;
}

int
sqlite_plan_step(struct sqlite_plan *p, struct sqlite_meaning *w, const char *detail, struct fail *f)
{
	const char *scan = behind(detail, "SCAN "), *name = scan != NULL ? scan : behind(detail, "SEARCH ");
	const struct sqlite_label *l = name != NULL ? find_label(p, name) : NULL;

	*w = (struct sqlite_meaning){.access = "other", .covering = -1};
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
	return how(p, w, name + strlen(l->name), f);
}
