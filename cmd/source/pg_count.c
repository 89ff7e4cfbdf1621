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

	buf_puts(&c->sql, text ? "t." : "pg_catalog.format('%s', t.");
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
	buf_puts(&c->sql, "COALESCE(pg_catalog.octet_length(");
	if (add_text(c, i, f) < 0)
		return -1;
	buf_puts(&c->sql, ") OPERATOR(pg_catalog.-) pg_catalog.octet_length(pg_catalog.replace(");
	if (add_text(c, i, f) < 0)
		return -1;
	buf_puts(&c->sql, ", pg_catalog.chr(10), '')), 0)");
	return 0;
}

/* Counts a subquery's rows, of which there are at most as many as were asked for. */
static int
count_rows(struct count *c, struct fail *f)
{
	const struct driver_request *q = c->request;
	int limited = q->at_least > 0 && q->at_least >> 62 == 0;

	buf_puts(&c->sql, "SELECT s.n, s.lines, NULL, ");
	if (limited)
		buf_printf(&c->sql,
		    "CASE WHEN s.n OPERATOR(pg_catalog.<) %" PRIu64 " THEN 'exact' ELSE 'at-least' END, s.n, CASE WHEN s.n" LT
		    "%" PRIu64 " THEN s.n END, NULL",
		    q->at_least, q->at_least);
	else
		buf_puts(&c->sql, "'exact', s.n, s.n, NULL");
	buf_printf(&c->sql, " FROM (SELECT pg_catalog.count(*) n, %s lines FROM ",
	    q->lines_of != NULL ? "COALESCE(pg_catalog.sum(t.lines), 0)" : "NULL");
	if (limited || q->lines_of != NULL) {
		buf_puts(&c->sql, "(SELECT ");
		if (q->lines_of != NULL) {
			if (add_lines(c, f) < 0)
				return -1;
			buf_puts(&c->sql, " lines");
		}
		buf_puts(&c->sql, " FROM ");
	}
	if (pg_table_name(&c->sql, c->connection, c->table, f) < 0)
		return -1;
	buf_puts(&c->sql, " t");
	if (limited)
		buf_printf(&c->sql, " LIMIT %" PRIu64, q->at_least);
	if (limited || q->lines_of != NULL)
		buf_puts(&c->sql, ") t");
	buf_puts(&c->sql, ") s");
	return 0;
}

/* What ANALYZE or VACUUM has last said, of the leaves: a tree of them, or a table. */
static void
add_estimate(struct count *c)
{
	buf_puts(&c->sql, "WITH leaf AS (");
	if (c->table->kind == 'p')
		buf_printf(&c->sql, "SELECT p.relid FROM pg_catalog.pg_partition_tree(%u) p WHERE p.isleaf", c->table->oid);
	else
		buf_printf(&c->sql, "SELECT %u::pg_catalog.regclass relid", c->table->oid);
	buf_puts(&c->sql,
	    "), e AS MATERIALIZED (SELECT pg_catalog.sum(GREATEST(c.reltuples, 0)::pg_catalog.float8) n, pg_catalog.bool_and("
	    "c.reltuples" GT "0 OR c.relkind" NE "'f' AND pg_catalog.pg_relation_size(c.oid)" EQ "0) known, " PG_TIME(
		"pg_catalog.min(GREATEST(s.last_analyze, s.last_autoanalyze, s.last_vacuum, s.last_autovacuum))") " as_of FROM"
														  " leaf l JOIN pg_catalog.pg_class c ON c.oid" EQ
														  "l.relid::pg_catalog.oid LEFT JOIN pg_catalog.pg_stat_all_tables s"
														  " ON s.relid" EQ
														  "c.oid) SELECT COALESCE(e.n, 0)::pg_catalog.int8, NULL, NULL, 'estimate', NULL, NULL, e.as_of FROM e");
}

/* Of a partitioned table, the sum; where one of its leaves was never looked at, and is not empty, the rows are counted. */
static int
estimate_tree(struct count *c, struct fail *f)
{
	add_estimate(c);
	buf_puts(&c->sql, " WHERE e.known UNION ALL SELECT s.n, NULL, NULL, 'exact', s.n, s.n, NULL FROM (SELECT"
			  " pg_catalog.count(*) n FROM ");
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

	if (estimate && t->kind == 'p')
		r = estimate_tree(&c, f);
	else if (estimate && is_estimated(&c))
		add_estimate(&c);
	else
		r = count_rows(&c, f);
	plan->statement.sql = mem_copy(m, c.sql.bytes, c.sql.len);
	buf_free(&c.sql);
	return r;
}

/* Of servers before 13, too. */
#define STAMP                                                                                                                   \
	"pg_catalog.concat_ws(' ', pg_catalog.txid_current_snapshot(), (SELECT s.system_identifier FROM"                        \
	" pg_catalog.pg_control_system() s), pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1," \
	" 8)"
#define NO_RECOVERY "NOT pg_catalog.pg_is_in_recovery()"

/*
 * A snapshot is another one after every transaction that has written, and while one writes.  Timelines part where a server was
 * promoted or restored; a server in recovery has no snapshots of its own.  Not told are the rows of what is not, or not only,
 * kept there: views, foreign tables, and what is empty after a crash; nor which
 * of them a policy shows, which may go by the time.
 */
void
pg_count_stamp(struct mem *m, const struct driver_request *request, struct pg_plan *plan)
{
	plan->statement.sql = "SELECT CASE WHEN " NO_RECOVERY " THEN " STAMP ") END";
	if (request->table == NULL)
		return;
	pg_table_ways(m, request->table, &plan->statement);
	plan->statement
	    .sql = "WITH RECURSIVE " PG_TABLE_FOUND ", t AS (SELECT f.oid FROM found f WHERE f.rank" EQ "(SELECT"
		   " pg_catalog.min(f.rank) FROM found f)), tree AS (SELECT t.oid FROM t UNION SELECT i.inhrelid FROM tree JOIN"
		   " pg_catalog.pg_inherits i ON i.inhparent" EQ "tree.oid)"
		   " SELECT CASE WHEN " NO_RECOVERY " AND (SELECT pg_catalog.count(*) FROM t)" EQ
		   "1 AND NOT EXISTS (SELECT FROM tree"
		   " JOIN pg_catalog.pg_class c ON c.oid" EQ "tree.oid WHERE c.relpersistence" NE "'p' OR NOT"
		   " c.relkind" EQ
		   "ANY ('{r,p,m}'::pg_catalog.\"char\"[]) OR pg_catalog.row_security_active(c.oid)) THEN " STAMP
		   ", (SELECT t.oid FROM t)) END";
}

void
pg_count_identity(struct pg_plan *plan)
{
	plan->statement.sql =
	    "SELECT pg_catalog.concat_ws(' ', (SELECT s.system_identifier FROM pg_catalog.pg_control_system() s), (SELECT d.oid"
	    " FROM pg_catalog.pg_database d WHERE d.datname" EQ "pg_catalog.current_database()),"
	    " pg_catalog.quote_ident(pg_catalog.current_database()), pg_catalog.quote_ident(CURRENT_USER))";
}
