#include "pg_statistics.h"

#include "pg_sql.h"

/* Ours, since pg_partition_tree() locks what it passes.  A partition that is being detached is none any more. */
void
pg_add_tree(struct buf *b, uint32_t oid, int version)
{
	buf_puts(b, "WITH RECURSIVE tree (root, oid) AS (SELECT i.inhparent, i.inhparent FROM pg_catalog.pg_inherits i");
	buf_puts(b, oid != 0 ? " WHERE i.inhparent" EQ "$1::pg_catalog.oid" : "");
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
#define IS(types) "b.oid" EQ "ANY ('{" types "}'::pg_catalog.regtype[]::pg_catalog.oid[])"
#define EXACT_TYPES IS(PG "int2," PG "int4," PG "int8," PG "oid," PG "numeric")
#define BYTES_TYPES IS(PG "bool," PG "uuid," PG "bytea," PG "time")
#define TEXT_TYPES IS(PG "text," PG "varchar," PG "bpchar," PG "name")
#define FLOAT_TYPES IS(PG "float4," PG "float8")
#define DATE_TYPE IS(PG "date")
#define LOCAL_TYPE IS(PG "timestamp")
#define MOMENT_TYPE IS(PG "timestamptz")
#define ORDERED_AS                                                                                                             \
	"SELECT CASE WHEN " EXACT_TYPES " THEN 'numeric' WHEN " FLOAT_TYPES " THEN 'float' WHEN " DATE_TYPE " THEN 'date'"     \
	" WHEN " LOCAL_TYPE " THEN 'local' WHEN " MOMENT_TYPE " THEN 'moment' WHEN " BYTES_TYPES " THEN 'bytes'"               \
	" WHEN " TEXT_TYPES " AND a.attcollation" EQ "100 THEN 'text'"                                                         \
	" WHEN " TEXT_TYPES " AND (a.attcollation" EQ "950 OR a.attcollation" EQ "951) THEN 'bytes' END"                       \
	" FROM (SELECT CASE WHEN y.typtype" EQ "'d' THEN y.typbasetype ELSE y.oid END) b (oid)"
#define KEY(order, value) "CASE WHEN k.ordered" EQ "'" order "' THEN " value " END"
#define NUMERIC KEY("numeric", "e.v::pg_catalog.numeric")
#define FLOAT KEY("float", "e.v::pg_catalog.float8")
#define DATE KEY("date", "e.v::pg_catalog.date")
#define LOCAL KEY("local", "e.v::pg_catalog.timestamp")
#define MOMENT KEY("moment", "e.v::pg_catalog.timestamptz")
#define BYTES KEY("bytes", "e.v") BY_BYTES
#define LETTERS KEY("text", "e.v") " COLLATE pg_catalog.\"default\""
#define LAST " DESC NULLS LAST"
#define UP NUMERIC ", " FLOAT ", " DATE ", " LOCAL ", " MOMENT ", " BYTES ", " LETTERS
#define DOWN NUMERIC LAST ", " FLOAT LAST ", " DATE LAST ", " LOCAL LAST ", " MOMENT LAST ", " BYTES LAST ", " LETTERS LAST

/* Statistics of a table that has parts are about all of them.  The name is known before the view is asked, which then looks at
 * nothing else. */
#define TOTAL                                                                                                                  \
	", parts (oid) AS (SELECT $1::pg_catalog.oid UNION SELECT t.oid FROM tree t)"                                          \
	", total (rows, whole) AS (SELECT " PG "sum(r.rows)" NUMBER ", " PG "count(*)" GT "1 OR " PG "bool_or(r.divided)"      \
	" FROM (SELECT c.relkind" EQ "'p', CASE WHEN c.relkind" NE "'p' THEN "
#define FROM_PARTS                                                                                                             \
	" END FROM parts p JOIN pg_catalog.pg_class c ON c.oid" EQ "p.oid) r (divided, rows))"                                 \
	", named (schema, name) AS (SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"                                    \
	" JOIN pg_catalog.pg_namespace n ON n.oid" EQ "c.relnamespace WHERE c.oid" EQ "$1)"

#define OF_ROWS(share) PG "round(" PG "abs(" share "::pg_catalog.float8)" TIMES "t.rows::pg_catalog.float8)" NUMBER
#define NULLS OF_ROWS("s.null_frac")
#define SHARE OF_ROWS("s.n_distinct")
#define DISTINCT                                                                                                               \
	"CASE WHEN s.null_frac" EQ "1 THEN 0 WHEN s.n_distinct" GT "0 THEN s.n_distinct" NUMBER " WHEN s.n_distinct" LT        \
	"0 THEN " SHARE " END"

/* What text and bytes take is known with what stands before each: one byte, or four before a longer one.  What other types take
 * says nothing of their text. */
#define WIDTH                                                                                                                  \
	"CASE WHEN y.typlen" LT "0 AND (y.typcategory" EQ "'S' OR y.oid" EQ "'pg_catalog.bytea'::pg_catalog.regtype)"          \
	" AND s.null_frac" LT "1 THEN s.avg_width" MINUS "CASE WHEN s.avg_width" GT "127 THEN 4 ELSE 1 END END"

/* The common values are all there is where their shares say so; without ranges behind the others neither end is known. */
#define ENDS                                                                                                                   \
	"v.bounds IS NOT NULL OR (SELECT " PG "sum(u.share::pg_catalog.float8)"                                                \
	" FROM " PG "unnest(s.most_common_freqs) u (share))" PLUS "s.null_frac::pg_catalog.float8" GT "0.99999"
#define END(sorted, bound)                                                                                                     \
	"CASE WHEN k.ordered IS NOT NULL THEN CASE WHEN " ENDS " THEN " sorted                                                 \
	" END WHEN v.common IS NULL THEN v.bounds[" bound "] END"
#define LEAST END("x.least", "1")
#define MOST END("x.most", PG "cardinality(v.bounds)")
#define COMMON                                                                                                                 \
	"(SELECT " PG "json_agg(" PG "json_build_array(u.v, u.f) ORDER BY u.place) FROM ROWS FROM (" PG                        \
	"unnest(v.common), " PG "unnest(s.most_common_freqs)) WITH ORDINALITY u (v, f, place))"
#define LAST_TIME                                                                                                              \
	"GREATEST(" PG "pg_stat_get_last_analyze_time(a.attrelid), " PG "pg_stat_get_last_autoanalyze_time(a.attrelid))"
#define ANALYSED PG_TIME(LAST_TIME)

/* An array of any type becomes one of text by its own text; which has commas between but for a few types, whose values are not
 * told of. */
#define ARRAYS                                                                                                                 \
	"SELECT s.most_common_vals" TEXT "::pg_catalog.text[], s.histogram_bounds" TEXT "::pg_catalog.text[]"                  \
	" WHERE y.typdelim" EQ "','"
#define SORTED                                                                                                                 \
	"SELECT (" PG "array_agg(e.v ORDER BY " UP "))[1], (" PG "array_agg(e.v ORDER BY " DOWN "))[1]"                        \
	" FROM " PG "unnest(v.common" CAT "v.bounds) e (v)"

#define STATISTICS                                                                                                             \
	" SELECT a.attname, " PG "format_type(a.atttypid, a.atttypmod), t.rows, " NULLS ", " DISTINCT ", " WIDTH ", " LEAST    \
	", " MOST ", " COMMON ", " PG "array_to_json(v.bounds), " ANALYSED
#define FROM_STATISTICS                                                                                                        \
	" FROM total t, pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid" EQ "a.atttypid"                          \
	" CROSS JOIN LATERAL (" ORDERED_AS ") k (ordered)"                                                                     \
	" LEFT JOIN pg_catalog.pg_stats s ON s.schemaname" EQ "(SELECT o.schema FROM named o)"                                 \
	" AND s.tablename" EQ "(SELECT o.name FROM named o) AND s.inherited" EQ "(SELECT o.whole FROM total o)"                \
	" AND s.attname" EQ "a.attname"                                                                                        \
	" LEFT JOIN LATERAL (" ARRAYS ") v (common, bounds) ON true LEFT JOIN LATERAL (" SORTED ") x (least, most) ON true"    \
	" WHERE a.attrelid" EQ "$1 AND a.attnum" GT "0 AND NOT a.attisdropped ORDER BY a.attnum"

void
pg_add_statistics(struct buf *b, uint32_t oid, int version)
{
	pg_add_tree(b, oid, version);
	buf_puts(b, TOTAL);
	buf_puts(b, pg_rows(version));
	buf_puts(b, FROM_PARTS STATISTICS);
	buf_puts(b, FROM_STATISTICS);
}
