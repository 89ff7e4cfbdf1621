#include "sqlite_sample.h"

#include <inttypes.h>

#include "buf.h"
#include "hash.h"

enum {
	MOST = 200, /* rows of a sample that are drawn */
	TRIES = 64, /* rowids drawn for each of them */
};

static void
order(sqlite3_context *context, int n, sqlite3_value **values)
{
	const int64_t numbers[2] = {sqlite3_value_int64(values[0]), sqlite3_value_int64(values[1])};

	(void)n;
	sqlite3_result_int64(context, (int64_t)hash_bytes(numbers, sizeof numbers));
}

int
sqlite_add_order(sqlite3 *db)
{
	return sqlite3_create_function(db, "dbm_order", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, order, NULL, NULL);
}

/* A statement about the table: `what` of it, and behind it `condition`. */
static sqlite3_stmt *
prepare(struct sqlite *s, const struct sqlite_table *t, const char *what, const char *condition, struct fail *f)
{
	struct buf *sql = sqlite_sql(s);
	sqlite3_stmt *statement;

	buf_printf(sql, "SELECT %s", what);
	sqlite_from(sql, t, 1);
	buf_puts(sql, condition);
	statement = sqlite_prepare(s, buf_string(sql), f);
	return statement;
}

/* The first and the last rowid: 1; 0 where there are no rows. */
static int
get_range(struct sqlite *s, const struct sqlite_table *t, int64_t range[2], struct fail *f)
{
	char what[64];
	sqlite3_stmt *statement;
	int r = -1;

	sqlite3_snprintf(sizeof what, what, "min(%s), max(%s)", t->rowid, t->rowid);
	statement = prepare(s, t, what, "", f);
	if (statement != NULL && (r = sqlite_step(s, statement, f)) > 0) {
		r = sqlite3_column_type(statement, 0) != SQLITE_NULL;
		range[0] = sqlite3_column_int64(statement, 0);
		range[1] = sqlite3_column_int64(statement, 1);
	}
	sqlite3_finalize(statement);
	return r;
}

static int
is_drawn(const int64_t *rowids, size_t n, int64_t rowid)
{
	for (size_t i = 0; i < n; i++) {
		if (rowids[i] == rowid)
			return 1;
	}
	return 0;
}

static int
has_row(sqlite3_stmt *statement, int64_t rowid)
{
	sqlite3_reset(statement);
	sqlite3_bind_int64(statement, 1, rowid);
	return sqlite3_step(statement) == SQLITE_ROW;
}

/* Draws up to `n` rowids; how many were found. */
static size_t
draw(sqlite3_stmt *statement, const int64_t range[2], int64_t *rowids, size_t n)
{
	uint64_t span = (uint64_t)range[1] - (uint64_t)range[0] + 1;
	size_t found = 0;

	for (size_t i = 0; i < TRIES * n && found < n; i++) {
		uint64_t random;
		int64_t rowid;

		sqlite3_randomness(sizeof random, &random);
		/* A span of all 2^64 rowids is 0. */
		rowid = (int64_t)((uint64_t)range[0] + (span != 0 ? random % span : random));
		if (!is_drawn(rowids, found, rowid) && has_row(statement, rowid))
			rowids[found++] = rowid;
	}
	return found;
}

static const char *
as_json(struct mem *m, const int64_t *rowids, size_t n)
{
	struct buf json = {0};

	for (size_t i = 0; i < n; i++)
		buf_printf(&json, "%c%" PRId64, i == 0 ? '[' : ',', rowids[i]);
	buf_byte(&json, ']');
	return buf_kept(m, &json);
}

int
sqlite_sample(struct mem *m, struct sqlite *s, const struct sqlite_table *t, uint64_t n, const char **rowids, struct fail *f)
{
	int64_t range[2], drawn[MOST];
	char condition[32];
	sqlite3_stmt *statement;
	int r = get_range(s, t, range, f);

	if (r <= 0 || n == 0 || n > MOST)
		return r < 0 ? -1 : 0;
	sqlite3_snprintf(sizeof condition, condition, " WHERE %s = ?1", t->rowid);
	statement = prepare(s, t, "1", condition, f);
	if (statement == NULL)
		return -1;
	if (draw(statement, range, drawn, (size_t)n) == n)
		*rowids = as_json(m, drawn, (size_t)n);
	sqlite3_finalize(statement);
	return 0;
}
