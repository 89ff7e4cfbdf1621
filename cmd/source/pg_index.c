#include "pg_index.h"

#include <stdio.h>
#include <string.h>

#include "index_sql.h"
#include "pg_sql.h"
#include "text.h"

#define OID "::pg_catalog.oid"

/* Indexes, and whatever else has a name like one. */
#define DEFINITION "CASE WHEN i.indexrelid IS NULL THEN 'a table, view or sequence' ELSE " PG "pg_get_indexdef(x.oid) END"
#define BACKS                                                                                                                  \
	"(SELECT k.conname" TEXT " FROM pg_catalog.pg_constraint k WHERE k.conindid" EQ "x.oid ORDER BY k.contype" NE          \
	"'f' DESC LIMIT 1)"
#define PART "EXISTS (SELECT FROM pg_catalog.pg_inherits e WHERE e.inhrelid" EQ "x.oid AND e.inhparent" EQ "$3" OID ")"
#define FACTS                                                                                                                  \
	"x.oid" TEXT ", " DEFINITION ", " BACKS ", COALESCE(i.indrelid" EQ "$1" OID ", false), COALESCE(i.indisvalid, false)"  \
	", COALESCE(i.indisreplident, false), x.relkind" EQ "'I', x.relispartition, " PART
#define NAMED                                                                                                                  \
	"SELECT " FACTS " FROM pg_catalog.pg_class x LEFT JOIN pg_catalog.pg_index i ON i.indexrelid" EQ                       \
	"x.oid WHERE x.relname" EQ "$2::pg_catalog.name AND x.relnamespace" EQ                                                 \
	"(SELECT c.relnamespace FROM pg_catalog.pg_class c WHERE c.oid" EQ "$1" OID ")"
#define ATTACHED                                                                                                               \
	"SELECT " FACTS " FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class x ON x.oid" EQ                                \
	"h.inhrelid JOIN pg_catalog.pg_index i ON i.indexrelid" EQ "x.oid WHERE h.inhparent" EQ "$3" OID " AND i.indrelid" EQ  \
	"$1" OID

static const char find[] = "SELECT * FROM (" ATTACHED ") a UNION ALL SELECT * FROM (" NAMED ") n LIMIT 1";

/* Two indexes that differ in nothing but their tables, whose columns have the same names. */
#define NAMES(i)                                                                                                               \
	"ARRAY(SELECT COALESCE(a.attname" TEXT ", '') FROM " PG "unnest(" i ".indkey) WITH ORDINALITY u (attnum, place)"       \
	" LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ i ".indrelid AND a.attnum" EQ "u.attnum AND u.attnum" NE       \
	"0 ORDER BY u.place)"
#define SQL_OF(i, what) "COALESCE(" PG "pg_get_expr(" i "." what ", " i ".indrelid), '')"
#define AS_TEXT(i, what) i "." what TEXT
#define SAME(expression, ...) expression("i", __VA_ARGS__) EQ expression("j", __VA_ARGS__)
static const char same[] = "SELECT i.indisunique" EQ "j.indisunique AND i.indnkeyatts" EQ "j.indnkeyatts AND x.relam" EQ
			   "y.relam"
			   " AND " SAME(AS_TEXT, "indoption") " AND " SAME(AS_TEXT, "indclass") " AND " SAME(
			       AS_TEXT, "indcollation") " AND " SAME(SQL_OF, "indexprs") " AND " SAME(SQL_OF,
			       "indpred") " AND " NAMES("i")
			       EQ NAMES("j") " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid" EQ
					     "i.indexrelid, pg_catalog.pg_index j JOIN pg_catalog.pg_class y ON y.oid" EQ
					     "j.indexrelid WHERE i.indexrelid" EQ "$1" OID " AND y.relname" EQ
					     "$2::pg_catalog.name AND y.relnamespace" EQ PG "pg_my_temp_schema()";

/* Partitions of partitions too.  A name that would be too long ends with what tells it from others. */
#define LONG "c.relname" TEXT CAT "'_'" CAT "$2" TEXT
#define CALLED                                                                                                                 \
	"CASE WHEN t.level" EQ "0 THEN $2" TEXT " WHEN " PG "octet_length(" LONG ")" LE "63 THEN " LONG " ELSE " PG            \
	"left(c.relname" TEXT ", 11)" CAT "'_'" CAT PG "left(" PG "md5(" LONG "), 16) END"
static const char units[] = "WITH RECURSIVE tree (oid, parent, level) AS (SELECT $1" OID ", 0" OID ", 0 UNION ALL"
			    " SELECT h.inhrelid, h.inhparent, t.level" PLUS "1 FROM tree t JOIN pg_catalog.pg_inherits h"
			    " ON h.inhparent" EQ "t.oid JOIN pg_catalog.pg_class p ON p.oid" EQ
			    "h.inhrelid AND p.relispartition)"
			    " SELECT t.oid" TEXT ", t.parent" TEXT ", c.relkind" TEXT ", " PG_TABLE_NAME ", n.nspname" TEXT
			    ", " CALLED " FROM tree t JOIN pg_catalog.pg_class c ON c.oid" EQ
			    "t.oid JOIN pg_catalog.pg_namespace n ON n.oid" EQ
			    "c.relnamespace ORDER BY t.level, n.nspname" BY_BYTES ", c.relname" BY_BYTES;

static int
is_true(const char *text)
{
	return text != NULL && *text == 't';
}

int
pg_index_find(struct pg_change *c, const char *table, const char *name, const char *whole, struct pg_index *x, struct fail *f)
{
	enum { OID_, DEFINITION_, BACKS_, HERE_, VALID_, IDENTIFIES_, WHOLE_, PART_, ATTACHED_, FIELDS };
	const char *v[FIELDS] = {NULL}, *const values[] = {table, name, whole != NULL ? whole : "0"};
	struct pg_statement st = {.sql = find, .values = values, .nvalues = 3};

	if (pg_change_row(c, &st, v, FIELDS, f) < 0)
		return -1;
	*x = (struct pg_index){
	    .oid = v[OID_],
	    .definition = v[DEFINITION_] != NULL ? v[DEFINITION_] : "",
	    .backs = v[BACKS_],
	    .here = is_true(v[HERE_]),
	    .valid = is_true(v[VALID_]),
	    .identifies = is_true(v[IDENTIFIES_]),
	    .whole = is_true(v[WHOLE_]),
	    .part = is_true(v[PART_]),
	    .attached = is_true(v[ATTACHED_]),
	};
	return 0;
}

static int
compare(struct pg_change *c, const char *wire, const struct driver_index *x, const char *oid, struct pg_outcome *o)
{
	static const char table[] = "pg_temp.dbm_index";
	const char *const values[] = {oid, x->name};
	struct buf sql = {0};
	int r;

	buf_printf(&sql, "CREATE TEMPORARY TABLE %s (LIKE ", table);
	index_sql_table(&sql, INDEX_SQL_POSTGRESQL, wire);
	buf_puts(&sql, ") ON COMMIT DROP");
	r = pg_command_run(&c->worker, buf_string(&sql), 0, NULL, o);
	sql.len = 0;
	index_sql_create_only(&sql, table, x);
	if (r == 0)
		r = pg_command_run(&c->worker, buf_string(&sql), 0, NULL, o);
	if (r == 0)
		r = pg_command_run(&c->worker, same, 2, values, o);
	buf_free(&sql);
	return r;
}

int
pg_index_same(struct pg_change *c, const char *wire, const struct driver_index *x, const char *oid, struct fail *f)
{
	struct pg_outcome o, end;
	int r = pg_command_run(&c->worker, "BEGIN", 0, NULL, &o);

	if (r == 0) {
		r = compare(c, wire, x, oid, &o);
		pg_command_run(&c->worker, "ROLLBACK", 0, NULL, &end);
	}
	if (r == 0)
		return is_true(o.value);
	c->how = o.how;
	return fail_set(
	    f, "there is an index %.64s, which could not be compared with what it is to be: %.300s", x->name, o.why.text);
}

int
pg_index_units(struct pg_change *c, const char *name, struct buf *rows, struct fail *f)
{
	char digits[16];
	const char *const values[] = {digits, name};
	struct pg_statement st = {.sql = units, .values = values, .nvalues = 2};

	snprintf(digits, sizeof digits, "%u", c->table->oid);
	return pg_change_rows(c, &st, rows, PG_INDEX_UNIT_FIELDS, f);
}

void
pg_index_name(struct buf *b, const char *schema, const char *name)
{
	text_quoted(b, schema, strlen(schema));
	buf_byte(b, '.');
	text_quoted(b, name, strlen(name));
}
