/* predicates: whatever is asked of an SQLite database, by hostile names and values, is one statement that only reads, and is
 * answered or fails with a sentence; rows are those that a comparison without SQL finds, and the file stays as it is.
 *
 * Linked with the helper's other objects.  The database is made once, in a folder of its own. */

#define _GNU_SOURCE /* as sqlite_open.c */

#include <sqlite3.h>

/* sqlite_open.c, with a look at each statement that is prepared. */
#define sqlite3_prepare_v2 checked_prepare
static int checked_prepare(sqlite3 *db, const char *sql, int len, sqlite3_stmt **statement, const char **tail);

#include "sqlite_open.c"

#undef sqlite3_prepare_v2

#include "fuzz.h"
#include "number.h"
#include "sqlite_catalog.h"
#include "sqlite_count.h"
#include "sqlite_sample.h"
#include "sqlite_scan.h"

enum { ROWS = 12, NAMES = 3, TEXT = 24 };

static const char *const schema[] = {
    "CREATE TABLE plain (id INTEGER PRIMARY KEY, n INTEGER, t TEXT)",
    "CREATE TABLE \"a\"\"b; DROP TABLE plain; --\" (\"rowid\" TEXT, \"x\"\"y\" INTEGER, \"'\" TEXT, \"?1\" REAL, \"--\" BLOB)",
    "CREATE TABLE pairs (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID",
    "CREATE VIEW seen AS SELECT n, t, n + 1 AS \"[n]\" FROM plain",
    "CREATE INDEX plain_n ON plain (n)",
    "CREATE UNIQUE INDEX plain_t ON plain (lower(t) DESC, \"none\", n COLLATE nocase) WHERE t NOT NULL -- WHERE",
    "CREATE TABLE children (a REFERENCES plain, b TEXT REFERENCES pairs (b), FOREIGN KEY (a, b) REFERENCES none, CHECK (a > ')'))",
    "INSERT INTO \"a\"\"b; DROP TABLE plain; --\" VALUES ('r', 1, NULL, 1.5, x'00ff'), (NULL, -1, '''', NULL, 'text')",
    "INSERT INTO pairs VALUES ('a', 1), ('a', 2), ('b', 1)",
};

/* The rows of `plain`, whose id is the place from 1. */
static const struct row {
	int null;
	int64_t n;
	const char *t;
} rows[ROWS] = {
    {0, 0, ""},
    {0, 1, "1"},
    {0, -1, "a"},
    {0, 2, "A"},
    {0, 10, "10"},
    {0, 9, "9"},
    {0, INT64_MAX, "\xff"},
    {0, INT64_MIN, "\xc3\xa9"},
    {1, 0, "null"},
    {0, 5, NULL},
    {1, 0, NULL},
    {0, 10, "a'b\"c;--"},
};

static char folder[] = "/tmp/dbm-predicates-XXXXXX", path[sizeof folder + 8];
static struct buf before; /* the file */

static void
read_file(struct buf *b)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	MUST(file != NULL);
	while ((n = fread(buf_room(b, 4096), 1, 4096, file)) > 0)
		b->len += n;
	fclose(file);
}

static void
remove_file(void)
{
	remove(path);
	rmdir(folder);
}

static void
run(sqlite3 *db, const char *sql)
{
	MUST(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void
make_file(void)
{
	sqlite3_stmt *insert;
	sqlite3 *db;

	MUST(mkdtemp(folder) != NULL);
	atexit(remove_file);
	snprintf(path, sizeof path, "%s/x.db", folder);
	MUST(sqlite3_open(path, &db) == SQLITE_OK);
	run(db, "BEGIN");
	for (size_t i = 0; i < sizeof schema / sizeof *schema; i++)
		run(db, schema[i]);
	MUST(sqlite3_prepare_v2(db, "INSERT INTO plain VALUES (?1, ?2, ?3)", -1, &insert, NULL) == SQLITE_OK);
	for (int i = 0; i < ROWS; i++) {
		sqlite3_reset(insert);
		sqlite3_clear_bindings(insert);
		sqlite3_bind_int64(insert, 1, i + 1);
		if (!rows[i].null)
			sqlite3_bind_int64(insert, 2, rows[i].n);
		sqlite3_bind_text(insert, 3, rows[i].t, -1, SQLITE_STATIC);
		MUST(sqlite3_step(insert) == SQLITE_DONE);
	}
	sqlite3_finalize(insert);
	run(db, "COMMIT");
	MUST(sqlite3_close(db) == SQLITE_OK);
	read_file(&before);
}

/* What a statement may do: read. */
static int
authorize(void *arg, int action, const char *first, const char *second, const char *schema_name, const char *trigger)
{
	(void)arg, (void)schema_name, (void)trigger;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_FUNCTION:
	case SQLITE_TRANSACTION:
		return SQLITE_OK;
	case SQLITE_PRAGMA:
		/* With a value, these would write. */
		if (strcmp(first, "schema_version") == 0 || strcmp(first, "page_count") == 0)
			MUST(second == NULL);
		else
			MUST(strcmp(first, "encoding") == 0 || strncmp(first, "table_", 6) == 0 ||
			     strncmp(first, "index_", 6) == 0 || strcmp(first, "foreign_key_list") == 0);
		return SQLITE_OK;
	default:
		/* The tables of pragmas are made as they are first named. */
		MUST(action == SQLITE_CREATE_VTABLE || action == SQLITE_UPDATE || action == SQLITE_INSERT);
		return SQLITE_OK;
	}
}

/* A statement only reads, and nothing of its text is left over. */
static int
checked_prepare(sqlite3 *db, const char *sql, int len, sqlite3_stmt **statement, const char **tail)
{
	const char *left;
	int r = sqlite3_prepare_v2(db, sql, len, statement, &left);

	MUST(tail == NULL);
	if (r == SQLITE_OK)
		MUST(*left == '\0' && sqlite3_stmt_readonly(*statement));
	return r;
}

/* What is asked. */

static const char *const texts[] = {"plain", "a\"b; DROP TABLE plain; --", "pairs", "seen", "PLAIN", "sqlite_schema",
    "pragma_table_list", "plain\"", "json_each", "id", "n", "t", "N", "rowid", "_rowid_", "x\"y", "'", "?1", "--", "a", "b",
    "[n]", "1", "2", "", "10", "-1", "9223372036854775807", "-9223372036854775808", "5", "A", "null", "\xff", "\xc3\xa9"};

/* One of those texts, or one of the input's. */
static const char *
some(struct mem *m, struct fuzz *z)
{
	unsigned what = fuzz_byte(z);
	size_t len = what - 128;
	const char *text;

	if (what < 128)
		return texts[what % (sizeof texts / sizeof *texts)];
	len %= TEXT;
	if (len > z->len)
		len = z->len;
	text = mem_copy(m, z->bytes, len);
	z->bytes += len;
	z->len -= len;
	return text;
}

static uint64_t
some_number(struct fuzz *z)
{
	static const uint64_t numbers[] = {
	    0, 1, 2, 5, INT64_MAX - 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX};
	unsigned what = fuzz_byte(z);

	return what < sizeof numbers / sizeof *numbers ? numbers[what] : what;
}

static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">=", "is null", "is not null"};

/* What these modules answer. */
static const enum driver_operation operations[] = {DRIVER_TABLES, DRIVER_COLUMNS, DRIVER_INDEXES, DRIVER_FOREIGN_KEYS,
    DRIVER_SCAN, DRIVER_COUNT, DRIVER_INDEX_KEYS, DRIVER_FOREIGN_KEY_COLUMNS, DRIVER_SCHEMA};

static struct driver_request
make_request(struct mem *m, struct fuzz *z)
{
	struct driver_request r = {.operation = operations[fuzz_byte(z) % (sizeof operations / sizeof *operations)]};
	const char **columns = mem_array(m, NAMES, sizeof *columns);
	struct driver_predicate *where = mem_array(m, NAMES, sizeof *where);
	struct driver_order *order = mem_array(m, NAMES, sizeof *order);
	unsigned what = fuzz_byte(z);

	r.table = what & 1 ? some(m, z) : "plain";
	r.all = (what & 2) != 0;
	r.lines_of = what & 4 ? some(m, z) : NULL;
	r.at_least = what & 8 ? some_number(z) : 0;
	r.limit = what & 16 ? some_number(z) : UINT64_MAX;
	r.offset = what & 32 ? some_number(z) : 0;
	r.width = what & 64 ? (size_t)some_number(z) : 0;
	r.which = what & 128 ? fuzz_byte(z) % 3 : DRIVER_HEAD;
	what = fuzz_byte(z);
	for (r.ncolumns = 0; r.ncolumns < (what & 3); r.ncolumns++)
		columns[r.ncolumns] = some(m, z);
	for (r.nwhere = 0; r.nwhere < (what >> 2 & 3); r.nwhere++) {
		unsigned op = fuzz_byte(z) % 8;

		where[r.nwhere] = (struct driver_predicate){some(m, z), operators[op], NULL};
		where[r.nwhere].value = op < 6 ? some(m, z) : NULL;
	}
	for (r.norder = 0; r.norder < (what >> 4 & 3); r.norder++) {
		order[r.norder] = (struct driver_order){some(m, z), 0};
		order[r.norder].descending = fuzz_byte(z) & 1;
	}
	r.columns = columns;
	r.where = where;
	r.order = order;
	return r;
}

/* The same without SQL. */

enum column { C_ID, C_N, C_T, C_NONE };

static enum column
column_of(const char *name)
{
	static const char *const names[] = {"id", "n", "t", "1", "2", "3"};

	for (unsigned i = 0; i < 6; i++) {
		if (strcmp(name, names[i]) == 0)
			return i % 3;
	}
	return C_NONE;
}

/* 1 for an integer as it is usually written; 0 where the text is surely no number; -1 where SQLite has its own mind. */
static int
is_number(const char *text, int64_t *n)
{
	uint64_t digits;
	struct fail f;
	int minus = *text == '-';

	if (*text == '\0' || strchr("+-. \t\n\v\f\r0123456789", *text) == NULL)
		return 0;
	if (number_integer(text + minus, 0, INT64_MAX, &digits, &f) < 0)
		return -1;
	*n = minus ? -(int64_t)digits : (int64_t)digits;
	return 1;
}

/* How the row's value stands to the text: -1, 0, 1; 2 where it is NULL; 3 where that is not for us to say. */
static int
compare(int i, enum column c, const char *text)
{
	int64_t n = 0, mine = c == C_ID ? i + 1 : rows[i].n;
	int number, order;

	if (c == C_T) {
		order = rows[i].t != NULL ? strcmp(rows[i].t, text) : 0;
		return rows[i].t == NULL ? 2 : (order > 0) - (order < 0);
	}
	if (c == C_N && rows[i].null)
		return 2;
	number = is_number(text, &n);
	if (number < 0)
		return 3;
	/* Every number comes before every text. */
	return number == 0 ? -1 : (mine > n) - (mine < n);
}

/* Whether the row holds the predicate; -1 where we do not say. */
static int
holds(int i, const struct driver_predicate *p)
{
	enum column c = column_of(p->column);
	int null = c == C_N ? rows[i].null : c == C_T && rows[i].t == NULL, order;

	if (p->value == NULL)
		return strcmp(p->op, "is null") == 0 ? null : !null;
	order = compare(i, c, p->value);
	if (order == 3)
		return -1;
	if (order == 2)
		return 0;
	if (strcmp(p->op, "=") == 0)
		return order == 0;
	if (strcmp(p->op, "<>") == 0)
		return order != 0;
	if (p->op[0] == '<')
		return order < 0 || (order == 0 && p->op[1] == '=');
	return order > 0 || (order == 0 && p->op[1] == '=');
}

/* Whether the answer can be told without SQL. */
static int
is_simple(const struct driver_request *r)
{
	if (r->operation != DRIVER_SCAN || strcmp(r->table, "plain") != 0 || r->which != DRIVER_HEAD || r->ncolumns > 0 ||
	    r->width != 0)
		return 0;
	for (size_t i = 0; i < r->nwhere; i++) {
		if (column_of(r->where[i].column) == C_NONE)
			return 0;
	}
	for (size_t i = 0; i < r->norder; i++) {
		if (column_of(r->order[i].column) == C_NONE)
			return 0;
	}
	return 1;
}

struct expected {
	int wanted[ROWS + 1]; /* by id */
	size_t n;
};

static int
expect(const struct driver_request *r, struct expected *e)
{
	*e = (struct expected){.n = 0};
	for (int i = 0; i < ROWS; i++) {
		int all = 1;

		for (size_t k = 0; k < r->nwhere && all; k++) {
			int one = holds(i, &r->where[k]);

			if (one < 0)
				return 0;
			all = one;
		}
		e->wanted[i + 1] = all;
		e->n += (size_t)all;
	}
	return 1;
}

/* The place of the row among those of its request, by what its first column says. */
static int
id_of(const struct rows_cell *cell)
{
	int64_t id = 0;

	for (size_t i = 0; i < cell->len; i++)
		id = id * 10 + cell->bytes[i] - '0';
	MUST(cell->type == ROWS_INTEGER && id >= 1 && id <= ROWS);
	return (int)id;
}

static int
compare_rows(int a, int b, enum column c)
{
	const struct row *x = &rows[a - 1], *y = &rows[b - 1];

	if (c == C_ID)
		return (a > b) - (a < b);
	if (c == C_N)
		return x->null || y->null ? y->null - x->null : (x->n > y->n) - (x->n < y->n);
	if (x->t == NULL || y->t == NULL)
		return (y->t == NULL) - (x->t == NULL);
	return strcmp(x->t, y->t) > 0 ? 1 : strcmp(x->t, y->t) < 0 ? -1 : 0;
}

/* Rows that come one after another are in the order that was asked for. */
static void
check_order(const struct driver_request *r, int a, int b)
{
	int order = 0;

	for (size_t i = 0; i < r->norder && order == 0; i++) {
		order = compare_rows(a, b, column_of(r->order[i].column));
		order = r->order[i].descending ? -order : order;
	}
	MUST(order <= 0);
	if (r->norder == 0 && r->nwhere == 0)
		MUST(a < b);
}

static void
check_row(const struct rows *stream, struct expected *e, const struct driver_request *r, int *last)
{
	int id = id_of(&stream->cells[0]);
	const struct row *row = &rows[id - 1];
	const struct rows_cell *n = &stream->cells[1], *t = &stream->cells[2];
	char digits[32];

	MUST(stream->ncells == 3 && e->wanted[id]);
	e->wanted[id] = 0;
	snprintf(digits, sizeof digits, "%lld", (long long)row->n);
	MUST(row->null ? n->type == ROWS_NULL : n->len == strlen(digits) && memcmp(n->bytes, digits, n->len) == 0);
	MUST(row->t == NULL ? t->type == ROWS_NULL : t->len == strlen(row->t) && memcmp(t->bytes, row->t, t->len) == 0);
	if (*last > 0)
		check_order(r, *last, id);
	*last = id;
}

/* A sentence, and where it is SQLite's own, none about what we made of the request. */
static void
check_sentence(sqlite3 *db, const char *text)
{
	MUST(*text != '\0');
	if (strcmp(text, sqlite3_errmsg(db)) == 0)
		MUST(sqlite3_errcode(db) != SQLITE_MISMATCH && strstr(text, "syntax error") == NULL &&
		     strstr(text, "no such column") == NULL);
}

/* Asks, and reads to the end: the rows, or -1. */
static int64_t
read_answer(sqlite3 *db, struct rows *stream, struct expected *e, const struct driver_request *r)
{
	struct fail f = {""};
	int64_t n = 0;
	int more = rows_columns(stream, &f), last = 0;

	while (more >= 0 && (more = rows_next(stream, &f)) > 0) {
		for (size_t i = 0; i < stream->ncells; i++)
			MUST(stream->cells[i].type < ROWS_TYPES &&
			     (stream->cells[i].len == 0 || stream->cells[i].bytes != NULL));
		if (e != NULL)
			check_row(stream, e, r, &last);
		n++;
	}
	if (more < 0)
		check_sentence(db, f.text);
	else
		MUST(stream->end == ROWS_COMPLETE || stream->end == ROWS_CUT);
	return more < 0 ? -1 : n;
}

static struct rows *
ask(struct sqlite *s, struct mem *m, const struct driver_request *r)
{
	if (r->operation == DRIVER_SCAN)
		return sqlite_scan(m, s, r);
	if (r->operation == DRIVER_COUNT)
		return sqlite_count(m, s, r);
	return r->operation == DRIVER_TABLES ? sqlite_tables(m, s, r) : sqlite_parts(m, s, r);
}

static void
check_unchanged(void)
{
	struct buf now = {0};

	read_file(&now);
	MUST(now.len == before.len && memcmp(now.bytes, before.bytes, now.len) == 0);
	buf_free(&now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sqlite s = {.lock = -1};
	struct fuzz z = {(const char *)data, size};
	struct driver_request r;
	struct expected e;
	struct mem m = {0};
	struct rows *stream;
	struct fail f;
	int simple;
	int64_t n;

	if (s.db == NULL) {
		make_file();
		s.path = path;
		MUST(sqlite_open_file(&s, &f) == 0 && sqlite_add_lines(s.db) == SQLITE_OK &&
		     sqlite_add_order(s.db) == SQLITE_OK);
		sqlite3_set_authorizer(s.db, authorize, NULL);
	}
	r = make_request(&m, &z);
	simple = is_simple(&r) && expect(&r, &e);
	stream = ask(&s, &m, &r);
	n = read_answer(s.db, stream, simple ? &e : NULL, &r);
	if (simple) {
		uint64_t left = r.offset < e.n ? e.n - r.offset : 0;

		MUST(n >= 0 && (uint64_t)n == (left < r.limit ? left : r.limit));
	}
	if (r.operation == DRIVER_SCAN && n > 0)
		MUST((uint64_t)n <= r.limit);
	rows_close(stream);
	/* One statement is kept, at rest. */
	MUST(sqlite3_next_stmt(s.db, NULL) == s.version && (s.version == NULL || !sqlite3_stmt_busy(s.version)));
	MUST(s.version == NULL || sqlite3_next_stmt(s.db, s.version) == NULL);
	MUST(sqlite3_get_autocommit(s.db));
	check_unchanged();
	mem_free(&m);
	return 0;
}
