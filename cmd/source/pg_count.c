#include "pg_count.h"

#include <inttypes.h>

#include "buf.h"
#include "header.h"

#define EQ " OPERATOR(pg_catalog.=) "

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
	if (pg_table_quote(&c->sql, c->connection, c->table->columns[i].name, f) < 0)
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
		    "CASE WHEN s.n OPERATOR(pg_catalog.<) %" PRIu64 " THEN 'exact' ELSE 'at-least' END, s.n, CASE WHEN s.n"
		    " OPERATOR(pg_catalog.<) %" PRIu64 " THEN s.n END, NULL",
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

/* What ANALYZE or VACUUM has last said, of a partitioned table the sum of its leaves.  Where one of them has no estimate the
 * result has no row. */
static void
estimate_rows(struct count *c)
{
	buf_printf(&c->sql,
	    "SELECT pg_catalog.sum(c.reltuples::pg_catalog.float8)::pg_catalog.int8, NULL, NULL, 'estimate', NULL, NULL,"
	    " pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.min(GREATEST(s.last_analyze, s.last_autoanalyze,"
	    " s.last_vacuum, s.last_autovacuum))), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM pg_catalog.pg_partition_tree(%u) p JOIN"
	    " pg_catalog.pg_class c ON c.oid" EQ "p.relid::pg_catalog.oid LEFT JOIN pg_catalog.pg_stat_all_tables s ON"
	    " s.relid" EQ "c.oid WHERE p.isleaf",
	    c->table->oid);
}

int
pg_count_plan(struct mem *m, PGconn *connection, const struct driver_request *request, const struct pg_table *t,
    struct pg_plan *plan, enum rows_end *how, struct fail *f)
{
	struct count c = {.connection = connection, .request = request, .table = t};
	int r = 0;

	(void)how;
	if (request->effort == DRIVER_ESTIMATE && request->lines_of == NULL && t->rows >= 0)
		estimate_rows(&c);
	else
		r = count_rows(&c, f);
	plan->statement.sql = mem_copy(m, c.sql.bytes, c.sql.len);
	buf_free(&c.sql);
	return r;
}

int
pg_count_stamp(struct mem *m, const struct driver_request *request, struct pg_plan *plan, struct fail *f)
{
	(void)m, (void)request, (void)plan;
	return fail_set(f, "not yet");
}

int
pg_count_identity(struct pg_plan *plan)
{
	plan->statement = (struct pg_statement){
	    .sql = "SELECT pg_catalog.concat_ws(' ', (SELECT s.system_identifier FROM pg_catalog.pg_control_system() s),"
		   " pg_catalog.quote_ident(pg_catalog.current_database()), pg_catalog.quote_ident(CURRENT_USER))"};
	return 0;
}
