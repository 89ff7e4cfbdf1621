#include "pg_statistics.h"

#include "pg_sql.h"

/* Ours, since pg_partition_tree() locks what it passes.  A partition that is being detached is none any more. */
void
pg_add_tree(struct buf *b, uint32_t oid, int version)
{
	buf_puts(
	    b, "WITH RECURSIVE tree (root, oid) AS (SELECT c.oid, c.oid FROM pg_catalog.pg_class c WHERE c.relhassubclass");
	buf_puts(b, oid != 0 ? " AND c.oid" EQ "$1::pg_catalog.oid" : "");
	buf_puts(b, " UNION SELECT t.root, i.inhrelid FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent" EQ "t.oid");
	buf_puts(b, version >= 140000 ? " AND NOT i.inhdetachpending)" : ")");
}

/* Before version 14 only the pages tell a table that was never analysed from an empty one. */
const char *
pg_rows(int version)
{
	return version >= 140000 ? "CASE WHEN c.relkind" NE "'v' AND c.reltuples" GE "0 THEN c.reltuples" NUMBER " END"
				 : "CASE WHEN c.reltuples" GT "0 OR c.relpages" GT "0 THEN c.reltuples" NUMBER " END";
}

/* What the values in statistics are sorted by.  There they are of any type and have to be compared as text, cast again to what
 * is sorted as the type is; a domain is as what it is made of.  Text is in the order of its collation: that of the database
 * (100) or of bytes (950, 951), whose numbers are the same everywhere.  Other types have no order here. */
#define IS(types) "k.base" EQ "ANY ('{" types "}'::pg_catalog.regtype[]::pg_catalog.oid[])"
#define EXACT IS(PG "int2," PG "int4," PG "int8," PG "oid," PG "numeric")
#define FLOAT IS(PG "float4," PG "float8")
#define DATE IS(PG "date")
#define LOCAL IS(PG "timestamp")
#define MOMENT IS(PG "timestamptz")
#define BYTES IS(PG "bool," PG "uuid," PG "bytea," PG "time")
#define LETTERS IS(PG "text," PG "varchar," PG "bpchar," PG "name")
#define COLLATED LETTERS " AND a.attcollation" EQ "100"
#define UNCOLLATED LETTERS " AND (a.attcollation" EQ "950 OR a.attcollation" EQ "951)"
#define SORTABLE EXACT " OR " FLOAT " OR " DATE " OR " LOCAL " OR " MOMENT " OR " BYTES " OR " COLLATED " OR " UNCOLLATED
#define KEY(class, type) "CASE WHEN " class " THEN e.v::pg_catalog." type " END"
#define KEYS(direction)                                                                                                        \
	KEY(EXACT, "numeric")                                                                                                  \
	direction ", " KEY(FLOAT, "float8") direction ", " KEY(DATE, "date") direction ", " KEY(LOCAL, "timestamp") direction  \
	    ", " KEY(MOMENT, "timestamptz") direction ", " KEY(BYTES " OR " UNCOLLATED, "text") BY_BYTES direction             \
	    ", " KEY(COLLATED, "text") " COLLATE pg_catalog.\"default\"" direction

/* An array of any type becomes one of text by its own text; which has commas between but for a few types, whose values are not
 * told of.  Statistics of a table with parts are about all of them. */
#define TOTAL                                                                                                                  \
	", parts (oid) AS (SELECT $1::pg_catalog.oid UNION SELECT t.oid FROM tree t)"                                          \
	", total (rows, whole) AS (SELECT " PG "sum(r.rows)" NUMBER ", " PG "count(*)" GT "1 OR " PG "bool_or(r.divided)"      \
	" FROM (SELECT c.relkind" EQ "'p', CASE WHEN c.relkind" NE "'p' THEN "
#define FROM_PARTS " END FROM parts p JOIN pg_catalog.pg_class c ON c.oid" EQ "p.oid) r (divided, rows))"

/* The common values are all there is where their shares say so; without ranges behind the others neither end is known. */
#define ENDS                                                                                                                   \
	"v.bounds IS NOT NULL OR (SELECT " PG "sum(u.share::pg_catalog.float8) FROM " PG                                       \
	"unnest(s.most_common_freqs) u (share))" PLUS "s.null_frac::pg_catalog.float8" GT "0.99999"
#define END(sorted, bound)                                                                                                     \
	"CASE WHEN " SORTABLE " THEN CASE WHEN " ENDS " THEN " sorted " END WHEN v.common IS NULL THEN v.bounds[" bound "] END"

#define SELECT                                                                                                                 \
	" SELECT a.attname, " PG "format_type(a.atttypid, a.atttypmod), t.rows, " PG                                           \
	"round(s.null_frac::pg_catalog.float8" TIMES "t.rows::pg_catalog.float8)" NUMBER ", CASE WHEN s.null_frac" EQ          \
	"1 THEN 0 WHEN s.n_distinct" GT "0 THEN s.n_distinct" NUMBER " WHEN s.n_distinct" LT "0 THEN " PG "round(" PG          \
	"abs(s.n_distinct::pg_catalog.float8)" TIMES "t.rows::pg_catalog.float8)" NUMBER                                       \
	" END, s.avg_width, " END("x.least", "1") ", " END("x.most",                                                           \
	    PG "cardinality(v.bounds)") ", (SELECT " PG "json_agg(" PG "json_build_array(u.v, u.f) ORDER BY u.place)"          \
					" FROM ROWS FROM (" PG "unnest(v.common), " PG                                         \
					"unnest(s.most_common_freqs)) WITH ORDINALITY u (v, f, place)), " PG                   \
					"array_to_json(v.bounds), " PG_TIME(                                                   \
					    "GREATEST(" PG "pg_stat_get_last_analyze_time(c.oid), " PG                         \
					    "pg_stat_get_last_autoanalyze_time(c.oid))")

#define FROM                                                                                                                   \
	" FROM total t, pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid" EQ "c.relnamespace"                     \
	" JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ "c.oid AND a.attnum" GT "0 AND NOT a.attisdropped"                  \
	" JOIN pg_catalog.pg_type y ON y.oid" EQ "a.atttypid"                                                                  \
	" CROSS JOIN LATERAL (SELECT CASE WHEN y.typtype" EQ "'d' THEN y.typbasetype ELSE y.oid END) k (base)"                 \
	" LEFT JOIN pg_catalog.pg_stats s ON s.schemaname" EQ "n.nspname AND s.tablename" EQ "c.relname AND s.attname" EQ      \
	"a.attname AND s.inherited" EQ "(SELECT o.whole FROM total o)"                                                         \
	" LEFT JOIN LATERAL (SELECT s.most_common_vals" TEXT "::pg_catalog.text[], s.histogram_bounds" TEXT                    \
	"::pg_catalog.text[] WHERE y.typdelim" EQ "',') v (common, bounds) ON true"                                            \
	" LEFT JOIN LATERAL (SELECT (" PG "array_agg(e.v ORDER BY " KEYS("") "))[1], (" PG "array_agg(e.v ORDER BY " KEYS(     \
	    " DESC NULLS LAST") "))[1] FROM " PG "unnest(v.common" CAT "v.bounds) e (v)) x (least, most) ON true"              \
				" WHERE c.oid" EQ "$1 ORDER BY a.attnum"

void
pg_add_statistics(struct buf *b, uint32_t oid, int version)
{
	pg_add_tree(b, oid, version);
	buf_puts(b, TOTAL);
	buf_puts(b, pg_rows(version));
	buf_puts(b, FROM_PARTS SELECT FROM);
}
