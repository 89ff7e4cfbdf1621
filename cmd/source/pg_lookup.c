#include "pg_lookup.h"

#include <stdlib.h>
#include <string.h>

#include "pg_name.h"
#include "pg_sql.h"
#include "ref.h"

enum { MOST_KNOWN = 8 }; /* names that a sentence lists; the statement asks for one more */

/* A name, and what the lookup found under it. */
struct pg_sought {
	const char *name;
	struct pg_table *table; /* NULL: none */
	int rank;               /* which way of reading the name it is */
	struct buf same;        /* the tables found in this way, */
	size_t nsame;           /* which is more than one where the schema is not said */
	const char *why;        /* it could not be looked up; NULL: it could */
};

/* The columns of the lookup's result.  There are three kinds of row. */
enum { R_PART, R_SOUGHT, R_RANK, R_NUMBER, R_FIRST };
enum { PART_TABLE, PART_COLUMN, PART_KNOWN };
enum { T_OID = R_FIRST, T_SCHEMA, T_NAME, T_KIND, T_ROWS, T_KEY, T_WIRE, T_PARENT };
enum { C_NAME = R_FIRST, C_TYPE, C_KIND, C_MOD };
enum { K_WIRE = R_FIRST };
enum { R_FIELDS = T_PARENT + 1 };

/* The tables. */
#define KEY                                                                                                                    \
	"(SELECT " PG "array_to_string((x.indkey::pg_catalog.int2[])[0:x.indnkeyatts" MINUS                                    \
	"1], ' ') FROM pg_catalog.pg_index x"                                                                                  \
	" WHERE x.indrelid" EQ "f.oid AND x.indisprimary AND x.indisvalid)"
#define TABLES                                                                                                                 \
	"SELECT 0 part, f.sought, f.rank, 0 number, f.oid" TEXT " a, f.nspname" TEXT ", f.relname" TEXT ", f.relkind" TEXT     \
	", f.reltuples" TEXT ", " KEY ", f.wire, f.relhassubclass" TEXT " FROM found f"

/* Which type a domain is of in the end, through the domains that it is one of. */
#define MADE_OF                                                                                                                \
	"made (domain, oid, mod) AS (SELECT d.oid, d.typbasetype, d.typtypmod FROM pg_catalog.pg_type d WHERE d.typtype" EQ    \
	"'d' UNION ALL SELECT m.domain, d.typbasetype, d.typtypmod FROM made m JOIN pg_catalog.pg_type d ON d.oid" EQ          \
	"m.oid AND d.typtype" EQ "'d')"

/* Their columns, with what a domain is made of. */
#define COLUMNS                                                                                                                \
	"SELECT 1, f.sought, f.rank, a.attnum, a.attname" TEXT ", COALESCE(b.oid, t.oid)" TEXT                                 \
	", COALESCE(b.typtype, t.typtype)" TEXT ", CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE b.mod END" TEXT               \
	", NULL, NULL, NULL, NULL FROM found f"                                                                                \
	" JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ "f.oid AND a.attnum" GT "0 AND NOT a.attisdropped"                  \
	" JOIN pg_catalog.pg_type t ON t.oid" EQ "a.atttypid"                                                                  \
	" LEFT JOIN (SELECT m.domain, m.mod, y.oid, y.typtype FROM made m"                                                     \
	" JOIN pg_catalog.pg_type y ON y.oid" EQ "m.oid AND y.typtype" NE "'d') b ON b.domain" EQ "t.oid"

/* Where something was not found, what there is. */
#define KNOWN                                                                                                                  \
	"SELECT * FROM (SELECT 2, 0, 0, 0, " PG_NAME_WIRE ", NULL, NULL, NULL, NULL, NULL, NULL, NULL" PG_FROM_TABLES          \
	" WHERE " PG_TABLE_READABLE " AND NOT c.relispartition AND " PG_NAME_NO_SYSTEM                                         \
	" AND EXISTS (SELECT FROM w WHERE NOT EXISTS (SELECT FROM found f WHERE f.sought" EQ "w.sought))" PG_TABLE_ORDER       \
	" LIMIT 9) k"

static const char sql[] = "WITH RECURSIVE " PG_NAME_FOUND ", " MADE_OF " " TABLES " UNION ALL " COLUMNS " UNION ALL " KNOWN
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

size_t
pg_lookup_count(const struct pg_lookup *l)
{
	return l->names.len / sizeof(struct pg_sought);
}

size_t
pg_lookup_add(struct pg_lookup *l, const char *name)
{
	struct pg_sought s = {.name = name};
	size_t n = pg_lookup_count(l);

	for (size_t i = 0; i < n; i++) {
		const char *other = sought(l)[i].name;

		if (other == name || (other != NULL && name != NULL && strcmp(other, name) == 0))
			return i;
	}
	buf_add(&l->names, &s, sizeof s);
	return n;
}

void
pg_lookup_statement(struct pg_lookup *l, size_t first, size_t n, struct pg_statement *st)
{
	struct pg_names names = {{0}, {0}, {0}, {0}};

	for (size_t i = first; i < pg_lookup_count(l) && i - first < n; i++) {
		if (sought(l)[i].table == NULL)
			pg_name_add(&names, l->mem, i, sought(l)[i].name);
	}
	*st = (struct pg_statement){.sql = sql};
	pg_name_values(&names, l->mem, st);
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
	    .way = rank,
	    .schema = field(l->mem, r, row, T_SCHEMA),
	    .name = field(l->mem, r, row, T_NAME),
	    .kind = PQgetvalue(r, row, T_KIND)[0],
	    .rows = strtod(PQgetvalue(r, row, T_ROWS), NULL),
	    .key = field(l->mem, r, row, T_KEY),
	    .parent = PQgetvalue(r, row, T_PARENT)[0] == 't',
	};
	s->rank = rank;
	s->table = t;
}

static void
take_column(struct pg_lookup *l, struct pg_sought *s, const PGresult *r, int row)
{
	struct pg_table *t = s->table;
	struct pg_column c = {.type = (Oid)strtoul(PQgetvalue(r, row, C_TYPE), NULL, 10)};
	enum rows_type type = pg_table_type(&c, PQgetvalue(r, row, C_KIND)[0], strtol(PQgetvalue(r, row, C_MOD), NULL, 10));

	if (t == NULL || s->rank != atoi(PQgetvalue(r, row, R_RANK)))
		return;
	t->columns = mem_more(l->mem, t->columns, t->n, sizeof *t->columns);
	t->types = mem_more(l->mem, t->types, t->n, sizeof *t->types);
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
	if (l->told)
		return;
	if (l->nknown == 0)
		l->only = field(l->mem, r, row, K_WIRE);
	list_name(&l->known, l->nknown++, PQgetvalue(r, row, K_WIRE));
}

int
pg_lookup_take(struct pg_lookup *l, const PGresult *r, int row)
{
	size_t i;
	int part;

	if (PQnfields(r) != R_FIELDS)
		return -1;
	i = strtoul(PQgetvalue(r, row, R_SOUGHT), NULL, 10);
	part = atoi(PQgetvalue(r, row, R_PART));
	if (part == PART_KNOWN)
		take_known(l, r, row);
	else if (i < pg_lookup_count(l) && part == PART_TABLE)
		take_table(l, &sought(l)[i], r, row);
	else if (i < pg_lookup_count(l))
		take_column(l, &sought(l)[i], r, row);
	return 0;
}

void
pg_lookup_end(struct pg_lookup *l)
{
	l->told = l->nknown > 0;
}

void
pg_lookup_reset(struct pg_lookup *l)
{
	for (size_t i = 0; i < pg_lookup_count(l); i++) {
		sought(l)[i].table = NULL;
		sought(l)[i].same.len = sought(l)[i].nsame = 0;
	}
	l->nknown = l->known.len = 0;
	l->told = 0;
}

void
pg_lookup_fail(struct pg_lookup *l, size_t i, const struct fail *why)
{
	sought(l)[i].why = mem_string(l->mem, why->text);
}

int
pg_lookup_again(struct pg_lookup *l)
{
	int again = 0;

	for (size_t i = 0; i < pg_lookup_count(l) && l->nknown == 1; i++) {
		if (sought(l)[i].name != NULL)
			continue;
		sought(l)[i].name = l->only;
		again = 1;
	}
	if (again)
		l->told = l->nknown = l->known.len = 0;
	return again;
}

struct pg_table *
pg_lookup_find(struct pg_lookup *l, size_t i, struct fail *f)
{
	struct pg_sought *s = &sought(l)[i];

	if (s->why != NULL)
		fail_set(f, "%s", s->why);
	else if (s->table == NULL)
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
	for (size_t i = 0; i < pg_lookup_count(l); i++)
		buf_free(&sought(l)[i].same);
	buf_free(&l->names);
	buf_free(&l->known);
}
