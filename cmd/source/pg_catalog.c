#include "pg_catalog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pg_replication.h"
#include "pg_sql.h"
#include "pg_statistics.h"
#include "ref.h"

/* Which tables: $1 is the oid of the one that is wanted.  Nobody can read the temporary tables of another session. */
#define ONE "c.oid" EQ "$1::pg_catalog.oid"
#define ALL "c.relkind" EQ "ANY ('{r,v,m,f,p}'::pg_catalog.\"char\"[]) AND c.relpersistence" NE "'t'"
#define SYSTEM "('{pg_catalog,information_schema}'::pg_catalog.name[])"
#define LISTED ALL " AND NOT c.relispartition AND n.nspname" NE "ALL " SYSTEM
#define TABLE_NAME PG_TABLE("n.nspname", "c.relname")
#define FROM_TABLES " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid" EQ "c.relnamespace"
#define SORTED " ORDER BY n.nspname" BY_BYTES ", c.relname" BY_BYTES

static const char *
which(const struct driver_request *q, uint32_t oid)
{
	return oid != 0 ? ONE : q->all ? ALL : LISTED;
}

/* Tables. */

#define KIND                                                                                                                   \
	"CASE WHEN n.nspname" EQ "ANY " SYSTEM " THEN 'system' WHEN c.relispartition THEN 'partition'"                         \
	" WHEN c.relkind" EQ "'v' THEN 'view' WHEN c.relkind" EQ "'m' THEN 'materialized view'"                                \
	" WHEN c.relkind" EQ "'f' THEN 'foreign table' WHEN c.relkind" EQ "'p' THEN 'partitioned table' ELSE 'table' END"

/* The size of a table takes a lock on it, its indexes and what it keeps outside; whoever holds the one lock that keeps even
 * readers out, or waits for it, would make the whole list wait.  Those tables have no size. */
#define BLOCKED                                                                                                                \
	", busy (oid) AS MATERIALIZED (SELECT l.relation FROM pg_catalog.pg_locks l"                                           \
	" WHERE l.mode" EQ "'AccessExclusiveLock' AND (l.database" EQ "0 OR l.database" EQ                                     \
	"(SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname" EQ PG "current_database())))"                            \
	", held (oid) AS (SELECT b.oid FROM busy b"                                                                            \
	" UNION SELECT i.indrelid FROM busy b JOIN pg_catalog.pg_index i ON i.indexrelid" EQ "b.oid)"                          \
	", blocked (oid) AS (SELECT c.oid FROM held h"                                                                         \
	" JOIN pg_catalog.pg_class c ON c.oid" EQ "h.oid OR c.reltoastrelid" EQ "h.oid)"
#define BYTES                                                                                                                  \
	"CASE WHEN c.relkind" EQ "ANY ('{r,m}'::pg_catalog.\"char\"[])"                                                        \
	" THEN CASE WHEN c.oid" NE "ALL (ARRAY(SELECT b.oid FROM blocked b))"                                                  \
	" THEN COALESCE(" PG "pg_total_relation_size(c.oid), 0) END ELSE 0 END"

#define SUMS                                                                                                                   \
	" FROM tree t JOIN pg_catalog.pg_class c ON c.oid" EQ "t.oid WHERE c.relkind" NE "'p')"                                \
	", sums (root, parts, known, rows, bytes) AS (SELECT p.root, " PG "count(*), " PG "count(p.rows), " PG "sum(p.rows)"   \
	", CASE WHEN " PG "count(p.bytes)" EQ PG "count(*) THEN " PG "sum(p.bytes) END FROM parts p GROUP BY p.root)"
#define COVERAGE                                                                                                               \
	"CASE WHEN c.relkind" EQ "'p' OR s.parts" GT "1"                                                                       \
	" THEN COALESCE(s.known, 0)" TEXT CAT "'/'" CAT "COALESCE(s.parts, 0)" TEXT " END"

static void
add_tables(struct buf *b, const struct driver_request *q, uint32_t oid, int version)
{
	const char *rows = pg_rows(version), *bytes = q->sizes ? BYTES : "NULL" NUMBER;

	pg_add_tree(b, oid, version);
	buf_puts(b, q->sizes ? BLOCKED : "");
	buf_puts(b, ", parts (root, rows, bytes) AS (SELECT t.root, ");
	buf_puts(b, rows);
	buf_puts(b, ", ");
	buf_puts(b, bytes);
	buf_puts(b, SUMS " SELECT " TABLE_NAME ", " KIND ", CASE WHEN s.parts IS NOT NULL THEN s.rows");
	buf_puts(b, " WHEN c.relkind" EQ "'p' THEN 0 ELSE ");
	buf_puts(b, rows);
	buf_puts(b, " END, CASE WHEN s.parts IS NOT NULL THEN s.bytes");
	buf_puts(b, " WHEN c.relkind" NE "ALL ('{v,f}'::pg_catalog.\"char\"[]) THEN ");
	buf_puts(b, bytes);
	buf_puts(b, " END, NULL, 'postgresql', NULL, " COVERAGE FROM_TABLES " LEFT JOIN sums s ON s.root" EQ "c.oid WHERE ");
	buf_puts(b, which(q, oid));
	buf_puts(b, SORTED);
}

/* Columns, indexes, foreign keys. */

/* Nobody knows of a view's columns whether they may be NULL. */
#define NULLABLE "CASE WHEN c.relkind" NE "ALL ('{v,m}'::pg_catalog.\"char\"[]) THEN NOT (a.attnotnull OR t.typnotnull) END"
#define EXPRESSION PG "pg_get_expr(d.adbin, d.adrelid)"
#define DEFAULT                                                                                                                \
	"CASE WHEN a.attidentity" EQ "'a' THEN 'GENERATED ALWAYS AS IDENTITY'"                                                 \
	" WHEN a.attidentity" EQ "'d' THEN 'GENERATED BY DEFAULT AS IDENTITY'"                                                 \
	" WHEN a.attgenerated" NE "'' THEN 'GENERATED ALWAYS AS ('" CAT EXPRESSION CAT "')' ELSE " EXPRESSION " END"
#define COLUMNS                                                                                                                \
	"SELECT " TABLE_NAME ", a.attname, " PG "row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum)"                \
	", " PG "format_type(a.atttypid, a.atttypmod), " NULLABLE ", " DEFAULT ", " PG                                         \
	"array_position(k.conkey, a.attnum), 'declared'" FROM_TABLES " JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ        \
	"c.oid AND a.attnum" GT "0 AND NOT a.attisdropped"                                                                     \
	" JOIN pg_catalog.pg_type t ON t.oid" EQ "a.atttypid"                                                                  \
	" LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid" EQ "c.oid AND d.adnum" EQ "a.attnum"                                 \
	" LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid" EQ "c.oid AND k.contype" EQ "'p'"

/* Expressions are NULL; what an index only carries along is not among its columns. */
#define INDEXED                                                                                                                \
	"ARRAY(SELECT a.attname FROM " PG "unnest(i.indkey) WITH ORDINALITY u (attnum, place)"                                 \
	" LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ "c.oid AND a.attnum" EQ "u.attnum AND u.attnum" NE "0"         \
	" WHERE u.place" LE "i.indnkeyatts ORDER BY u.place)"
#define ORIGIN                                                                                                                 \
	"CASE WHEN k.contype" EQ "'p' THEN 'primary key' WHEN k.contype" EQ "'u' THEN 'unique'"                                \
	" WHEN k.contype" EQ "'x' THEN 'exclusion' ELSE 'index' END"
#define INDEXES                                                                                                                \
	"SELECT " TABLE_NAME ", x.relname, " INDEXED ", i.indisunique, " ORIGIN ", i.indpred IS NOT NULL"                      \
	", " PG "pg_get_indexdef(x.oid)" FROM_TABLES " JOIN pg_catalog.pg_index i ON i.indrelid" EQ                            \
	"c.oid JOIN pg_catalog.pg_class x ON x.oid" EQ "i.indexrelid"                                                          \
	" LEFT JOIN pg_catalog.pg_constraint k ON k.conindid" EQ "x.oid AND k.conrelid" EQ "c.oid"                             \
	" AND k.contype" EQ "ANY ('{p,u,x}'::pg_catalog.\"char\"[])"

#define NAMES(relation, numbers)                                                                                               \
	"ARRAY(SELECT a.attname FROM " PG "unnest(" numbers ") WITH ORDINALITY u (attnum, place)"                              \
	" JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ relation " AND a.attnum" EQ "u.attnum ORDER BY u.place)"
#define REFERRING NAMES("k.conrelid", "k.conkey")
#define REFERRED NAMES("k.confrelid", "k.confkey")
#define PARENT PG_TABLE("m.nspname", "p.relname")
#define ACTION(column)                                                                                                         \
	"CASE WHEN " column EQ "'a' THEN 'NO ACTION' WHEN " column EQ "'r' THEN 'RESTRICT' WHEN " column EQ                    \
	"'c' THEN 'CASCADE' WHEN " column EQ "'n' THEN 'SET NULL' WHEN " column EQ "'d' THEN 'SET DEFAULT' END"
#define ON_UPDATE ACTION("k.confupdtype")
#define ON_DELETE ACTION("k.confdeltype")

/* A key to a partitioned table has further ones beside it, to each of its partitions, which nobody has written. */
#define FOREIGN_KEYS                                                                                                           \
	"SELECT " TABLE_NAME ", k.conname, " REFERRING ", " PARENT ", " REFERRED ", " ON_UPDATE ", " ON_DELETE FROM_TABLES     \
	" JOIN pg_catalog.pg_constraint k ON k.conrelid" EQ "c.oid AND k.contype" EQ "'f'"                                     \
	" AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.oid" EQ "k.conparentid AND o.conrelid" EQ "c.oid)"    \
	" JOIN pg_catalog.pg_class p ON p.oid" EQ "k.confrelid JOIN pg_catalog.pg_namespace m ON m.oid" EQ "p.relnamespace"

static const struct part {
	const char *sql, *last; /* what sorts the parts of a table */
	unsigned lists;
} parts[DRIVER_OPERATIONS] = {
    [DRIVER_COLUMNS] = {COLUMNS, ", a.attnum", 0},
    [DRIVER_INDEXES] = {INDEXES, ", x.relname" BY_BYTES, 1U << 2},
    [DRIVER_FOREIGN_KEYS] = {FOREIGN_KEYS, ", k.conname" BY_BYTES, 1U << 2 | 1U << 4},
};

static void
add_parts(struct buf *b, const struct driver_request *q, uint32_t oid)
{
	const struct part *part = &parts[q->operation];

	buf_puts(b, part->sql);
	buf_puts(b, " WHERE ");
	buf_puts(b, which(q, oid));
	buf_puts(b, SORTED);
	buf_puts(b, part->last);
}

static int
add(struct buf *b, const struct driver_request *q, uint32_t oid, int version, struct pg_statement *st, struct fail *f)
{
	switch (q->operation) {
	case DRIVER_TABLES:
		add_tables(b, q, oid, version);
		return 0;
	case DRIVER_COLUMNS:
	case DRIVER_INDEXES:
	case DRIVER_FOREIGN_KEYS:
		st->lists = parts[q->operation].lists;
		add_parts(b, q, oid);
		return 0;
	case DRIVER_STATISTICS:
		if (oid == 0)
			return fail_set(f, "has statistics of one table at a time");
		pg_add_statistics(b, oid, version);
		return 0;
	case DRIVER_PUBLICATIONS:
	case DRIVER_PUBLISHED:
	case DRIVER_SLOTS:
		return pg_add_replication(b, q, version, &st->lists, f);
	default:
		return fail_set(f, "is nothing that the catalog knows");
	}
}

int
pg_catalog_statement(
    struct mem *m, const struct driver_request *request, uint32_t oid, int version, struct pg_statement *st, struct fail *f)
{
	const char **value = mem_array(m, 1, sizeof *value);
	char digits[16];
	struct buf b = {0};
	int status;

	*st = (struct pg_statement){.values = value};
	snprintf(digits, sizeof digits, "%" PRIu32, oid);
	*value = request->operation == DRIVER_PUBLISHED ? request->publication : oid != 0 ? mem_string(m, digits) : NULL;
	st->nvalues = *value != NULL;
	status = add(&b, request, oid, version, st, f);
	st->sql = mem_copy(m, b.bytes, b.len);
	buf_free(&b);
	return status;
}

/* One element of an array as the server writes it, decoded; *p moves behind it.  False where it is NULL. */
static int
element(struct buf *b, const char **p)
{
	const char *s = *p;
	int quoted = *s == '"';

	b->len = 0;
	for (s += quoted; *s != '\0' && (quoted ? *s != '"' : *s != ',' && *s != '}'); s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		buf_byte(b, *s);
	}
	*p = s + (quoted && *s == '"');
	return quoted || b->len != 4 || memcmp(b->bytes, "NULL", 4) != 0;
}

void
pg_catalog_list(struct buf *b, const char *array)
{
	struct buf name = {0};
	const char *p = array + (*array == '{');

	while (*p != '\0' && *p != '}') {
		if (element(&name, &p))
			ref_name(b, name.bytes, name.len);
		else
			buf_puts(b, "()");
		if (*p == ',')
			buf_byte(b, *p++);
		else if (*p != '}')
			break;
	}
	buf_free(&name);
}
