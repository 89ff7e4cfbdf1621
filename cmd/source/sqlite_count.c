#include "sqlite_count.h"

#include <inttypes.h>
#include <string.h>

#include "buf.h"
#include "header.h"
#include "sqlite_table.h"
#include "text.h"

struct asked {
	struct sqlite *s;
	struct mem *m;
	const struct driver_request *request;
};

static void
count_lines(sqlite3_context *context, int n, sqlite3_value **values)
{
	/* Text may be stored as UTF-16, where other characters have the byte of a line feed, too. */
	int text = sqlite3_value_type(values[0]) == SQLITE_TEXT;
	const char *p = text ? (const char *)sqlite3_value_text(values[0]) : sqlite3_value_blob(values[0]), *end;
	int64_t lines = 0;

	(void)n;
	if (p == NULL)
		return;
	for (end = p + sqlite3_value_bytes(values[0]); (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		lines++;
	sqlite3_result_int64(context, lines);
}

int
sqlite_add_lines(sqlite3 *db)
{
	return sqlite3_create_function(db, "dbm_lines", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, count_lines, NULL, NULL);
}

/* SELECT count(*), the newlines or NULL, of all rows or of as many as are enough. */
static int
put_count(struct buf *sql, const struct sqlite_table *t, const struct driver_request *q, int stored, struct fail *f)
{
	long column = q->lines_of != NULL ? header_find(t->columns, t->n, q->lines_of, f) : 0;

	if (column < 0)
		return -1;
	buf_puts(sql, "SELECT count(*), ");
	if (q->lines_of != NULL) {
		buf_puts(sql, "coalesce(sum(dbm_lines(");
		text_quoted(sql, t->columns[column].name, t->columns[column].len);
		buf_puts(sql, ")), 0)");
	} else {
		buf_puts(sql, "NULL");
	}
	if (q->at_least == 0) {
		sqlite_from(sql, t, stored);
		return 0;
	}
	buf_puts(sql, " FROM (SELECT ");
	text_quoted(sql, t->columns[column].name, t->columns[column].len);
	sqlite_from(sql, t, 1);
	buf_printf(sql, " LIMIT %" PRIu64 ")", q->at_least < INT64_MAX ? q->at_least : INT64_MAX);
	return 0;
}

static sqlite3_stmt *
prepare_count(struct sqlite *s, const struct sqlite_table *t, const struct driver_request *q, int stored, struct fail *f)
{
	sqlite3_stmt *statement = NULL;
	struct buf *sql = sqlite_sql(s);

	if (put_count(sql, t, q, stored, f) == 0)
		statement = sqlite_prepare(s, buf_string(sql), f);
	return statement;
}

static int
fill_count(struct rows *r, void *arg, struct fail *f)
{
	const struct asked *a = arg;
	const struct driver_request *q = a->request;
	sqlite3_stmt *statement;
	struct sqlite_table t;
	uint64_t n;
	int all;

	if (sqlite_table_find(a->s, a->m, q->table, &t, f) < 0)
		return -1;
	if (t.view)
		sqlite_computes(a->s);
	/* The smallest index tells the count soonest; one that needs a collation which is not there tells nothing. */
	statement = prepare_count(a->s, &t, q, 0, f);
	if (statement == NULL && !t.view)
		statement = prepare_count(a->s, &t, q, 1, f);
	if (statement == NULL)
		return -1;
	if (sqlite_step(a->s, statement, f) <= 0) {
		sqlite3_finalize(statement);
		return -1;
	}
	n = (uint64_t)sqlite3_column_int64(statement, 0);
	all = q->at_least == 0 || n < q->at_least;
	const struct rows_cell cells[DRIVER_COUNT_FIELDS] = {
	    rows_integer(a->m, n),
	    q->lines_of != NULL ? rows_integer(a->m, (uint64_t)sqlite3_column_int64(statement, 1)) : rows_null(),
	    rows_null(),
	    rows_text(all ? "exact" : "at-least"),
	    rows_integer(a->m, n),
	    all ? rows_integer(a->m, n) : rows_null(),
	    rows_null(),
	};
	rows_made_add(r, cells);
	sqlite3_finalize(statement);
	return 0;
}

/* The table is looked up and counted in one state of the file. */
static int
make_count(struct rows *r, void *arg, struct fail *f)
{
	const struct asked *a = arg;
	int status = sqlite_begin(a->s, f);

	if (status == 0)
		status = fill_count(r, arg, f);
	sqlite_end(a->s);
	return status;
}

struct rows *
sqlite_count(struct mem *m, struct sqlite *s, const struct driver_request *request)
{
	struct asked *a = mem_alloc(m, sizeof *a);

	*a = (struct asked){s, m, request};
	return driver_made(m, DRIVER_COUNT, make_count, a);
}
