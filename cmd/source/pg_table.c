#include "pg_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg_quote.h"
#include "ref.h"

enum { MOST_KNOWN = 8, WAYS = 16 }; /* names that a sentence lists; in which a name with dots may be read */

/* A name, and what the lookup found under it. */
struct pg_sought {
	const char *name;
	struct pg_table *table; /* NULL: none */
	int rank;               /* which way of reading the name it is */
	struct buf same;        /* the tables found in this way, */
	size_t nsame;           /* which is more than one where the schema is not said */
};

/* The columns of the lookup's result.  There are three kinds of row. */
enum { R_PART, R_SOUGHT, R_RANK, R_NUMBER, R_FIRST };
enum { PART_TABLE, PART_COLUMN, PART_KNOWN };
enum { T_OID = R_FIRST, T_SCHEMA, T_NAME, T_KIND, T_KEEPS, T_ROWS, T_KEY, T_WIRE };
enum { C_NAME = R_FIRST, C_TYPE, C_KIND, C_MOD };
enum { K_WIRE = R_FIRST };

/* The tables; their columns, with what a domain is made of; and, where something was not found, what there is. */
static const char sql[] = "WITH " PG_TABLE_FOUND " SELECT 0 part, f.sought, f.rank, 0 number, f.oid" TEXT " a, f.nspname" TEXT
			  ", f.relname" TEXT ", f.relkind" TEXT ", f.relpersistence" TEXT ", f.reltuples" TEXT
			  ", (SELECT pg_catalog.array_to_string(x.indkey, ' ')"
			  " FROM pg_catalog.pg_index x WHERE x.indrelid" EQ
			  "f.oid AND x.indisprimary AND x.indisvalid), f.wire FROM found f"
			  " UNION ALL SELECT 1, f.sought, f.rank, a.attnum, a.attname" TEXT ", COALESCE(b.oid, t.oid)" TEXT
			  ", COALESCE(b.typtype, t.typtype)" TEXT
			  ", CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END" TEXT
			  ", NULL, NULL, NULL, NULL FROM found f JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ
			  "f.oid AND a.attnum" GT "0 AND NOT a.attisdropped JOIN pg_catalog.pg_type t ON t.oid" EQ
			  "a.atttypid LEFT JOIN pg_catalog.pg_type b ON"
			  " t.typtype" EQ "'d' AND b.oid" EQ "t.typbasetype"
			  " UNION ALL SELECT * FROM (SELECT 2, 0, 0, 0, " PG_TABLE_WIRE
			  ", NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM"
			  " pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid" EQ
			  "c.relnamespace WHERE " PG_TABLE_READABLE " AND NOT"
			  " c.relispartition AND " PG_TABLE_NO_SYSTEM
			  " AND EXISTS (SELECT FROM w WHERE NOT EXISTS (SELECT FROM found f WHERE"
			  " f.sought" EQ "w.sought)) ORDER BY n.nspname" BY_BYTES ", c.relname" BY_BYTES " LIMIT 9) k"
			  " ORDER BY part, sought, rank, number, wire, a";

void
pg_lookup_start(struct pg_lookup *l, struct mem *m)
{
	*l = (struct pg_lookup){.mem = m};
}

static struct pg_sought *
sought(const struct pg_lookup *l)
{
	return (struct pg_sought *)(void *)l->names.bytes;
}

static size_t
count_sought(const struct pg_lookup *l)
{
	return l->names.len / sizeof(struct pg_sought);
}

size_t
pg_lookup_add(struct pg_lookup *l, const char *name)
{
	struct pg_sought s = {.name = name};
	size_t n = count_sought(l);

	for (size_t i = 0; i < n; i++) {
		const char *other = sought(l)[i].name;

		if (other == name || (other != NULL && name != NULL && strcmp(other, name) == 0))
			return i;
	}
	buf_add(&l->names, &s, sizeof s);
	return n;
}

/* The arrays of the lookup, as text that the server reads. */
struct ways {
	struct buf sought, rank, schema, table;
};

static void
add_element(struct buf *array, const char *text, size_t len)
{
	buf_byte(array, array->len == 0 ? '{' : ',');
	if (text == NULL) {
		buf_puts(array, "NULL");
		return;
	}
	buf_byte(array, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			buf_byte(array, '\\');
		buf_byte(array, text[i]);
	}
	buf_byte(array, '"');
}

static void
add_part(struct buf *array, const char *text, size_t len)
{
	struct buf b = {0};

	ref_decode(&b, text, len);
	add_element(array, buf_string(&b), b.len);
	buf_free(&b);
}

static void
add_way(struct ways *w, size_t i, int rank, const char *name, const char *dot)
{
	char number[24];

	snprintf(number, sizeof number, "%zu", i);
	add_element(&w->sought, number, strlen(number));
	snprintf(number, sizeof number, "%d", rank);
	add_element(&w->rank, number, strlen(number));
	if (dot != NULL)
		add_part(&w->schema, name, (size_t)(dot - name));
	else
		add_element(&w->schema, NULL, 0);
	if (name == NULL)
		add_element(&w->table, NULL, 0);
	else
		add_part(&w->table, dot != NULL ? dot + 1 : name, strlen(dot != NULL ? dot + 1 : name));
}

/* Split at each dot, and as it stands. */
static void
add_ways(struct ways *w, size_t i, const char *name)
{
	int rank = 0;

	for (const char *dot = name; name != NULL && rank < WAYS && (dot = strchr(dot, '.')) != NULL; dot++)
		add_way(w, i, rank++, name, dot);
	add_way(w, i, rank, name, NULL);
}

static const char *
array(struct mem *m, struct buf *b)
{
	const char *text;

	buf_puts(b, b->len == 0 ? "{}" : "}");
	text = mem_copy(m, b->bytes, b->len);
	buf_free(b);
	return text;
}

static void
take_ways(struct mem *m, struct ways *w, struct pg_statement *st)
{
	const char **values = mem_array(m, 4, sizeof *values);

	values[0] = array(m, &w->sought);
	values[1] = array(m, &w->rank);
	values[2] = array(m, &w->schema);
	values[3] = array(m, &w->table);
	st->values = values;
	st->nvalues = 4;
}

void
pg_table_ways(struct mem *m, const char *name, struct pg_statement *st)
{
	struct ways w = {{0}, {0}, {0}, {0}};

	add_ways(&w, 0, name);
	take_ways(m, &w, st);
}

void
pg_lookup_statement(struct pg_lookup *l, struct pg_statement *st)
{
	struct ways w = {{0}, {0}, {0}, {0}};

	for (size_t i = 0; i < count_sought(l); i++) {
		if (sought(l)[i].table == NULL)
			add_ways(&w, i, sought(l)[i].name);
	}
	*st = (struct pg_statement){.sql = sql};
	take_ways(l->mem, &w, st);
}

/* The types that are more than text or of bounded size (pg_type.dat). */
static const struct {
	Oid oid;
	enum rows_type type;
	enum pg_form form;
} types[] = {
    {16, ROWS_BOOLEAN, PG_BOUNDED},     /* bool */
    {17, ROWS_BYTES, PG_BYTES},         /* bytea */
    {18, ROWS_TEXT, PG_BOUNDED},        /* "char" */
    {19, ROWS_TEXT, PG_BOUNDED},        /* name */
    {20, ROWS_INTEGER, PG_BOUNDED},     /* int8 */
    {21, ROWS_INTEGER, PG_BOUNDED},     /* int2 */
    {23, ROWS_INTEGER, PG_BOUNDED},     /* int4 */
    {25, ROWS_TEXT, PG_TEXT},           /* text */
    {26, ROWS_INTEGER, PG_BOUNDED},     /* oid */
    {700, ROWS_REAL, PG_BOUNDED},       /* float4 */
    {701, ROWS_REAL, PG_BOUNDED},       /* float8 */
    {790, ROWS_TEXT, PG_BOUNDED},       /* money */
    {829, ROWS_TEXT, PG_BOUNDED},       /* macaddr */
    {869, ROWS_TEXT, PG_BOUNDED},       /* inet */
    {650, ROWS_TEXT, PG_BOUNDED},       /* cidr */
    {1043, ROWS_TEXT, PG_TEXT},         /* varchar */
    {1082, ROWS_DATE, PG_BOUNDED},      /* date */
    {1083, ROWS_TEXT, PG_BOUNDED},      /* time */
    {1114, ROWS_TIMESTAMP, PG_BOUNDED}, /* timestamp */
    {1184, ROWS_TIMESTAMP, PG_BOUNDED}, /* timestamptz */
    {1186, ROWS_TEXT, PG_BOUNDED},      /* interval */
    {1266, ROWS_TEXT, PG_BOUNDED},      /* timetz */
    {1700, ROWS_REAL, PG_OTHER},        /* numeric: it may have 147,455 digits */
    {2950, ROWS_TEXT, PG_BOUNDED},      /* uuid */
};

enum { TYPES = sizeof types / sizeof *types, NUMERIC = 1700 };

static enum rows_type
type_of(struct pg_column *c, char kind, long mod)
{
	c->form = kind == 'e' ? PG_BOUNDED : PG_OTHER;
	for (size_t i = 0; i < TYPES; i++) {
		if (types[i].oid != c->type)
			continue;
		/* With a precision, it has at most a thousand digits. */
		c->form = c->type == NUMERIC && mod > 0 ? PG_BOUNDED : types[i].form;
		return types[i].type;
	}
	return ROWS_TEXT;
}

static const char *
field(struct mem *m, const PGresult *r, int row, int column)
{
	if (PQgetisnull(r, row, column))
		return NULL;
	return mem_copy(m, PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column));
}

/* The next of `n` names so far, as a reference has it behind its `#`. */
static void
list_name(struct buf *b, size_t n, const char *name)
{
	if (n < MOST_KNOWN) {
		buf_puts(b, n > 0 ? ", " : "");
		ref_qualified(b, name, strlen(name));
	} else if (n == MOST_KNOWN) {
		buf_puts(b, " …");
	}
}

static void
take_table(struct pg_lookup *l, struct pg_sought *s, const PGresult *r, int row)
{
	int rank = atoi(PQgetvalue(r, row, R_RANK));
	struct pg_table *t;

	if (s->table != NULL && rank != s->rank)
		return;
	list_name(&s->same, s->nsame++, PQgetvalue(r, row, T_WIRE));
	if (s->table != NULL)
		return;
	t = mem_alloc(l->mem, sizeof *t);
	*t = (struct pg_table){
	    .oid = (Oid)strtoul(PQgetvalue(r, row, T_OID), NULL, 10),
	    .schema = field(l->mem, r, row, T_SCHEMA),
	    .name = field(l->mem, r, row, T_NAME),
	    .kind = PQgetvalue(r, row, T_KIND)[0],
	    .keeps = PQgetvalue(r, row, T_KEEPS)[0],
	    .rows = strtod(PQgetvalue(r, row, T_ROWS), NULL),
	    .key = field(l->mem, r, row, T_KEY),
	};
	s->rank = rank;
	s->table = t;
}

static void
make_room(struct mem *m, struct pg_table *t)
{
	struct rows_column *columns;
	struct pg_column *column_types;

	/* A power of two is full. */
	if ((t->n & (t->n - 1)) != 0)
		return;
	columns = mem_array(m, t->n > 0 ? 2 * t->n : 1, sizeof *columns);
	column_types = mem_array(m, t->n > 0 ? 2 * t->n : 1, sizeof *column_types);
	if (t->n > 0) {
		memcpy(columns, t->columns, t->n * sizeof *columns);
		memcpy(column_types, t->types, t->n * sizeof *column_types);
	}
	t->columns = columns;
	t->types = column_types;
}

static void
take_column(struct pg_lookup *l, struct pg_sought *s, const PGresult *r, int row)
{
	struct pg_table *t = s->table;
	struct pg_column c = {.type = (Oid)strtoul(PQgetvalue(r, row, C_TYPE), NULL, 10)};
	enum rows_type type = type_of(&c, PQgetvalue(r, row, C_KIND)[0], strtol(PQgetvalue(r, row, C_MOD), NULL, 10));

	if (t == NULL || s->rank != atoi(PQgetvalue(r, row, R_RANK)))
		return;
	make_room(l->mem, t);
	c.number = atoi(PQgetvalue(r, row, R_NUMBER));
	t->types[t->n] = c;
	t->columns[t->n++] = (struct rows_column){.name = field(l->mem, r, row, C_NAME),
	    .len = (size_t)PQgetlength(r, row, C_NAME),
	    .type = type,
	    .origin = "declared"};
}

static void
take_known(struct pg_lookup *l, const PGresult *r, int row)
{
	if (l->nknown == 0)
		l->only = field(l->mem, r, row, K_WIRE);
	list_name(&l->known, l->nknown++, PQgetvalue(r, row, K_WIRE));
}

void
pg_lookup_take(struct pg_lookup *l, const PGresult *r, int row)
{
	size_t i = strtoul(PQgetvalue(r, row, R_SOUGHT), NULL, 10);
	int part = atoi(PQgetvalue(r, row, R_PART));

	if (part == PART_KNOWN)
		take_known(l, r, row);
	else if (i < count_sought(l) && part == PART_TABLE)
		take_table(l, &sought(l)[i], r, row);
	else if (i < count_sought(l))
		take_column(l, &sought(l)[i], r, row);
}

int
pg_lookup_again(struct pg_lookup *l)
{
	int again = 0;

	for (size_t i = 0; i < count_sought(l) && l->nknown == 1; i++) {
		if (sought(l)[i].name != NULL)
			continue;
		sought(l)[i].name = l->only;
		again = 1;
	}
	if (again)
		l->nknown = l->known.len = 0;
	return again;
}

struct pg_table *
pg_lookup_find(struct pg_lookup *l, size_t i, struct fail *f)
{
	struct pg_sought *s = &sought(l)[i];

	if (s->table == NULL)
		fail_set(f, "%s: it has %.400s", s->name != NULL ? "no such table" : "is a database, name one of its tables",
		    l->known.len > 0 ? buf_string(&l->known) : "none");
	else if (s->nsame == 1)
		return s->table;
	else
		fail_set(f, "is in more than one schema: %.400s", buf_string(&s->same));
	return NULL;
}

void
pg_lookup_free(struct pg_lookup *l)
{
	for (size_t i = 0; i < count_sought(l); i++)
		buf_free(&sought(l)[i].same);
	buf_free(&l->names);
	buf_free(&l->known);
}

int
pg_table_name(struct buf *b, PGconn *connection, const struct pg_table *t, struct fail *f)
{
	if (pg_quote(b, connection, t->schema, f) < 0)
		return -1;
	buf_byte(b, '.');
	return pg_quote(b, connection, t->name, f);
}
