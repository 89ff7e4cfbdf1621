#include "sqlite_cells.h"

#include <string.h>

#include "text.h"

enum {
	COLUMNS = 2000,     /* SQLite's own limit of an answer (limits.html) */
	CHARACTER = 4,      /* bytes of one at most */
	FETCHED = 32 << 20, /* bytes of a row that are fetched together */
};

static int
is_utf8(struct sqlite *s)
{
	struct fail f;
	sqlite3_stmt *statement = sqlite_prepare(s, "PRAGMA encoding", &f);
	int yes = statement != NULL && sqlite_step(s, statement, &f) > 0 &&
		  strcmp((const char *)sqlite3_column_text(statement, 0), "UTF-8") == 0;

	sqlite3_finalize(statement);
	return yes;
}

int
sqlite_cells_can(struct sqlite *s, const struct sqlite_table *t, const size_t *chosen, size_t n)
{
	if (t->rowid == NULL || n >= COLUMNS)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (t->computed[chosen[i]])
			return 0;
	}
	return is_utf8(s);
}

static int
is_stored(const struct rows_cell *cell)
{
	return cell->type == ROWS_TEXT || cell->type == ROWS_BYTES;
}

/* Reads up to `most` bytes of a cell, into c->text; with 0 only its size.  The size goes to the cell's length. */
static int
read_cell(const struct sqlite_cells *c, size_t i, int64_t rowid, size_t most, struct fail *f)
{
	const char *column = c->table->columns[c->chosen[i]].name;
	struct rows_cell *cell = &c->cells[i];
	sqlite3_blob *blob = NULL;
	int r = sqlite3_blob_open(c->s->db, "main", c->table->name, column, rowid, 0, &blob);

	if (r == SQLITE_OK) {
		cell->len = (size_t)sqlite3_blob_bytes(blob);
		if (most > 0 && cell->len > most)
			cell->len = most;
	}
	if (r == SQLITE_OK && most > 0) {
		c->places[i] = c->text->len;
		r = sqlite3_blob_read(blob, buf_room(c->text, cell->len), (int)cell->len, 0);
		c->text->len += cell->len;
	}
	sqlite3_blob_close(blob);
	return r == SQLITE_OK ? 0 : sqlite_fail(c->s, f);
}

/* Bytes of the cells that are no larger than `most`. */
static size_t
sum_of(const struct sqlite_cells *c, size_t most)
{
	size_t sum = 0;

	for (size_t i = 0; i < c->n; i++)
		sum += is_stored(&c->cells[i]) && c->cells[i].len <= most ? c->cells[i].len : 0;
	return sum;
}

/* Asks for the sizes, and reads the fronts of the cells that are too large to be fetched.  A front is found by walking all
 * pages before it, once for each, so as many cells are fetched as may be. */
static int
read_fronts(const struct sqlite_cells *c, int64_t rowid, struct fail *f)
{
	size_t most = FETCHED;

	for (size_t i = 0; i < c->n; i++) {
		if (is_stored(&c->cells[i]) && read_cell(c, i, rowid, 0, f) < 0)
			return -1;
	}
	while (sum_of(c, most) > FETCHED)
		most /= 2;
	sqlite3_limit(c->s->db, SQLITE_LIMIT_LENGTH, (int)most);
	for (size_t i = 0; i < c->n; i++) {
		/* A character that is cut in two at the end is cut off. */
		if (is_stored(&c->cells[i]) && c->cells[i].len > most && read_cell(c, i, rowid, c->width + CHARACTER, f) < 0)
			return -1;
	}
	return 0;
}

static int
is_wanted(const struct sqlite_cells *c, size_t i)
{
	return is_stored(&c->cells[i]) && c->places[i] == SIZE_MAX;
}

/* The statement that fetches the small ones; NULL and no failure where there are none. */
static int
prepare_small(const struct sqlite_cells *c, sqlite3_stmt **statement, struct fail *f)
{
	struct buf *sql = sqlite_sql(c->s);

	*statement = NULL;
	for (size_t i = 0; i < c->n; i++) {
		const struct rows_column *column = &c->table->columns[c->chosen[i]];

		if (!is_wanted(c, i))
			continue;
		buf_puts(sql, sql->len == 0 ? "SELECT " : ", ");
		text_quoted(sql, column->name, column->len);
	}
	if (sql->len == 0)
		return 0;
	sqlite_from(sql, c->table, 1);
	buf_printf(sql, " WHERE %s = ?1", c->table->rowid);
	*statement = sqlite_prepare(c->s, buf_string(sql), f);
	return *statement != NULL ? 0 : -1;
}

static int
take_small(const struct sqlite_cells *c, sqlite3_stmt *statement, struct fail *f)
{
	int at = 0;

	for (size_t i = 0; i < c->n; i++) {
		const void *bytes;

		if (!is_wanted(c, i))
			continue;
		bytes = sqlite3_column_blob(statement, at);
		c->cells[i].len = (size_t)sqlite3_column_bytes(statement, at++);
		if (c->cells[i].len > c->width + CHARACTER)
			c->cells[i].len = c->width + CHARACTER;
		if (bytes == NULL && sqlite3_errcode(c->s->db) == SQLITE_NOMEM)
			return sqlite_fail(c->s, f);
		c->places[i] = c->text->len;
		buf_add(c->text, bytes, c->cells[i].len);
	}
	return 0;
}

int
sqlite_cells_read(const struct sqlite_cells *c, int64_t rowid, struct fail *f)
{
	sqlite3_stmt *statement;
	int r = -1;

	if (read_fronts(c, rowid, f) < 0)
		return -1;
	if (prepare_small(c, &statement, f) < 0)
		return -1;
	if (statement == NULL)
		return 0;
	sqlite3_bind_int64(statement, 1, rowid);
	switch (sqlite_step(c->s, statement, f)) {
	case 1:
		r = take_small(c, statement, f);
		break;
	case 0:
		fail_set(f, "a row has gone while it was read");
		break;
	default:
		break;
	}
	sqlite3_finalize(statement);
	return r;
}
