#include "pg_count.h"

#include <inttypes.h>

#include "buf.h"
#include "header.h"
#include "pg_quote.h"
#include "pg_sql.h"

struct count {
	PGconn *connection;
	const struct driver_request *request;
	const struct pg_table *table;
	struct buf sql;
};

/* The text of a column, by its output function where it is no text. */
static int
add_text(struct count *c, long i, struct fail *f)
{
	int text = c->table->types[i].form == PG_TEXT;

	buf_puts(&c->sql, text ? "t." : PG "format('%s', t.");
	if (pg_quote(&c->sql, c->connection, c->table->columns[i].name, f) < 0)
		return -1;
	buf_puts(&c->sql, text ? "" : ")");
	return 0;
}

/* How many line feeds there are in a value: as many bytes as it is shorter without them.  NULL has none. */
static int
add_lines(struct count *c, struct fail *f)
{
	long i = header_find(c->table->columns, c->table->n, c->request->lines_of, f);

	if (i < 0)
		return -1;
	if (c->table->types[i].form == PG_BYTES)
		return fail_set(f, "%s: the line feeds of bytes are not counted", c->request->lines_of);
	buf_puts(&c->sql, "COALESCE(" PG "octet_length(");
	if (add_text(c, i, f) < 0)
		return -1;
	buf_puts(&c->sql, ")" MINUS PG "octet_length(" PG "replace(");
	if (add_text(c, i, f) < 0)
		return -1;
	buf_puts(&c->sql, ", " PG "chr(10), '')), 0)");
	return 0;
}

/* Counts a subquery's rows, of which there are at most as many as were asked for; the planner sees through it. */
static int
count_rows(struct count *c, struct fail *f)
{
	const struct driver_request *q = c->request;
	int limited = q->at_least > 0 && q->at_least >> 62 == 0;

	buf_puts(&c->sql, "SELECT s.n, s.lines, NULL, ");
	if (limited)
		buf_printf(&c->sql,
		    "CASE WHEN s.n" LT "%" PRIu64 " THEN 'exact' ELSE 'at-least' END, s.n, CASE WHEN s.n" LT "%" PRIu64
		    " THEN s.n END, NULL",
		    q->at_least, q->at_least);
	else
		buf_puts(&c->sql, "'exact', s.n, s.n, NULL");
	buf_printf(&c->sql, " FROM (SELECT " PG "count(*) n, %s lines FROM (SELECT ",
	    q->lines_of != NULL ? "COALESCE(" PG "sum(t.lines), 0)" : "NULL");
	if (q->lines_of != NULL) {
		if (add_lines(c, f) < 0)
			return -1;
		buf_puts(&c->sql, " lines");
	}
	buf_puts(&c->sql, " FROM ");
	if (pg_table_name(&c->sql, c->connection, c->table, f) < 0)
		return -1;
	buf_puts(&c->sql, " t");
	if (limited)
		buf_printf(&c->sql, " LIMIT %" PRIu64, q->at_least);
	buf_puts(&c->sql, ") t) s");
	return 0;
}

/* What ANALYZE or VACUUM has last said of the leaves, and whether it has said something of each that is not empty. */
#define ROWS PG "sum(GREATEST(c.reltuples, 0)::pg_catalog.float8)"
#define IS_KNOWN PG "bool_and(c.reltuples" GT "0 OR c.relkind" NE "'f' AND " PG "pg_relation_size(c.oid)" EQ "0)"
#define OLDEST PG_TIME(PG "min(GREATEST(s.last_analyze, s.last_autoanalyze, s.last_vacuum, s.last_autovacuum))")
#define ESTIMATE                                                                                                               \
	"), e AS MATERIALIZED (SELECT " ROWS " n, " IS_KNOWN " known, " OLDEST " as_of"                                        \
	" FROM leaf l JOIN pg_catalog.pg_class c ON c.oid" EQ "l.oid AND c.relkind" NE "'p'"                                   \
	" LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid" EQ "c.oid)"                                                    \
	" SELECT COALESCE(e.n, 0)" NUMBER ", NULL, NULL, 'estimate', NULL, NULL, e.as_of FROM e"

/* The leaves are the table itself and all that are below it; a partitioned one has no rows.  Ours, since pg_partition_tree()
 * locks what it passes, and passes no table that inherits. */
static void
add_estimate(struct count *c)
{
	buf_printf(&c->sql,
	    "WITH RECURSIVE leaf (oid) AS (SELECT %u::pg_catalog.oid UNION SELECT i.inhrelid FROM leaf l"
	    " JOIN pg_catalog.pg_inherits i ON i.inhparent" EQ "l.oid%s" ESTIMATE,
	    c->table->oid, PQserverVersion(c->connection) >= 140000 ? " AND NOT i.inhdetachpending" : "");
}

/* Of a table that has others below it, the sum; where one of the leaves was never looked at, and is not empty, the rows are
 * counted. */
static int
estimate_tree(struct count *c, struct fail *f)
{
	add_estimate(c);
	buf_puts(&c->sql, " WHERE e.known UNION ALL SELECT s.n, NULL, NULL, 'exact', s.n, s.n, NULL FROM"
			  " (SELECT " PG "count(*) n FROM ");
	if (pg_table_name(&c->sql, c->connection, c->table, f) < 0)
		return -1;
	buf_puts(&c->sql, ") s WHERE NOT EXISTS (SELECT FROM e WHERE e.known)");
	return 0;
}

/* True where the catalog knows about how many rows there are.  Before version 14, 0 may also say that nobody knows. */
static int
is_estimated(const struct count *c)
{
	const struct pg_table *t = c->table;

	return t->kind != 'v' && t->rows >= 0 && (t->rows > 0 || PQserverVersion(c->connection) >= 140000);
}

int
pg_count_plan(struct mem *m, PGconn *connection, const struct driver_request *request, const struct pg_table *t,
    struct pg_plan *plan, struct fail *f)
{
	struct count c = {.connection = connection, .request = request, .table = t};
	int estimate = request->effort == DRIVER_ESTIMATE && request->lines_of == NULL, r = 0;

	if (estimate && t->parent)
		r = estimate_tree(&c, f);
	else if (estimate && is_estimated(&c))
		add_estimate(&c);
	else
		r = count_rows(&c, f);
	plan->statement.sql = buf_kept(m, &c.sql);
	return r;
}
