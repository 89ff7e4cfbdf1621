#include "pg_indexes.h"

#include "pg_sql.h"
#include "pg_which.h"

/* What is not a table has its schema before it, unless that is the system's, which is always searched. */
#define OTHER(schema, name) "CASE WHEN " schema EQ "'pg_catalog' THEN " PG_PART(name) " ELSE " PG_TABLE(schema, name) " END"

/* An index of a partitioned table is the root of those of its partitions. */
#define PARTS                                                                                                                  \
	", part (oid, root) AS (SELECT x.oid, x.oid FROM pg_catalog.pg_class x WHERE x.relkind" EQ                             \
	"'I' AND NOT x.relispartition UNION ALL SELECT i.inhrelid, p.root FROM part p"                                         \
	" JOIN pg_catalog.pg_inherits i ON i.inhparent" EQ "p.oid)"

#define FROM_INDEXES                                                                                                           \
	PG_FROM_TABLES " JOIN pg_catalog.pg_index i ON i.indrelid" EQ "c.oid JOIN pg_catalog.pg_class x ON x.oid" EQ           \
		       "i.indexrelid JOIN pg_catalog.pg_am m ON m.oid" EQ "x.relam"
#define BY_INDEX PG_TABLE_ORDER ", x.relname" BY_BYTES

/* Expressions are NULL; what an index only carries along is not among its columns. */
#define INDEXED                                                                                                                \
	"ARRAY(SELECT a.attname FROM " PG "unnest(i.indkey) WITH ORDINALITY u (attnum, place)"                                 \
	" LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ "c.oid AND a.attnum" EQ "u.attnum AND u.attnum" NE "0"         \
	" WHERE u.place" LE "i.indnkeyatts ORDER BY u.place)"
#define ORIGIN                                                                                                                 \
	"CASE WHEN k.contype" EQ "'p' THEN 'primary key' WHEN k.contype" EQ "'u' THEN 'unique'"                                \
	" WHEN k.contype" EQ "'x' THEN 'exclusion' ELSE 'index' END"
#define PREDICATE "CASE WHEN i.indpred IS NOT NULL AND " PG_OPEN " THEN " PG "pg_get_expr(i.indpred, i.indrelid) END"
#define VALID "(i.indisvalid AND i.indisready AND i.indislive)"
#define REPLICA "CASE WHEN c.relreplident" EQ "'d' THEN i.indisprimary ELSE c.relreplident" EQ "'i' AND i.indisreplident END"

/* Whoever makes an index is seen by all, but what on by few; the locks are seen by all.  When an index is made anew beside the
 * old one, both are invalid at some time. */
#define MAKING                                                                                                                 \
	"p.index_relid" EQ "x.oid OR (p.relid" EQ "c.oid AND p.command" EQ                                                     \
	"'REINDEX CONCURRENTLY') OR (p.relid IS NULL AND EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.pid" EQ             \
	"p.pid AND l.relation" EQ "c.oid AND l.granted AND l.mode" EQ                                                          \
	"ANY ('{ShareUpdateExclusiveLock,ShareLock,AccessExclusiveLock}'::pg_catalog.text[])))"
#define BUILDING                                                                                                               \
	"NOT " VALID " AND EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.datname" EQ PG               \
	"current_database() AND (" MAKING "))"

/* Of a partitioned index they are those of its parts, NULL where one of them is not known. */
#define SUM(value)                                                                                                             \
	"CASE WHEN x.relkind" NE "'I' THEN CASE WHEN " PG_OPEN                                                                 \
	" THEN " value("x.oid") " END ELSE (SELECT CASE WHEN " PG "count(*)" EQ PG "count(v.n) THEN " PG "sum(v.n)" NUMBER     \
				" END FROM (SELECT CASE WHEN " PG_OPEN                                                         \
				" THEN " value("e.oid") " END FROM part e JOIN pg_catalog.pg_class y ON y.oid" EQ              \
							"e.oid AND y.relkind" EQ "'i'"                                         \
							" JOIN pg_catalog.pg_index j ON j.indexrelid" EQ                       \
							"e.oid JOIN pg_catalog.pg_class c ON c.oid" EQ                         \
							"j.indrelid WHERE e.root" EQ "x.oid) v (n)) END"
#define BYTES(oid) PG "pg_relation_size(" oid ")"
#define SCANS(oid) PG "pg_stat_get_numscans(" oid ")"

/* Counters begin when somebody sets them back, and when a server loses them, after a crash: then it sets back those that are of
 * the whole server too, which somebody may have done with one kind of them alone. */
#define SINCE                                                                                                                                                                                                \
	"(SELECT " PG_TIME(                                                                                                                                                                                  \
	    "GREATEST(" PG                                                                                                                                                                                   \
	    "pg_stat_get_db_stat_reset_time(d.oid), LEAST(b.stats_reset, a.stats_reset))") " FROM pg_catalog.pg_database d, pg_catalog.pg_stat_bgwriter b, pg_catalog.pg_stat_archiver a WHERE d.datname" EQ \
	    PG "current_database())"

#define INDEXES                                                                                                                \
	" SELECT " PG_TABLE_NAME ", x.relname, " INDEXED ", i.indisunique, " ORIGIN ", i.indpred IS NOT NULL"                  \
	", CASE WHEN " PG_OPEN " THEN " PG "pg_get_indexdef(x.oid) END, m.amname, " PREDICATE ", " VALID ", " BUILDING         \
	", " REPLICA ", r.name, r.of"
#define FROM_ALL_OF_INDEXES                                                                                                    \
	FROM_INDEXES " LEFT JOIN pg_catalog.pg_constraint k ON k.conindid" EQ "x.oid AND k.conrelid" EQ "c.oid"                \
		     " AND k.contype" EQ "ANY ('{p,u,x}'::pg_catalog.\"char\"[])"                                              \
		     " LEFT JOIN (SELECT p.oid, x.relname, " PG_TABLE_NAME PG_FROM_TABLES                                      \
		     " JOIN pg_catalog.pg_index i ON i.indrelid" EQ "c.oid JOIN part p ON p.root" EQ                           \
		     "i.indexrelid JOIN pg_catalog.pg_class x ON x.oid" EQ "p.root WHERE p.oid" NE                             \
		     "p.root) r (oid, name, of) ON r.oid" EQ "x.oid"

static void
add_indexes(struct buf *b, const struct driver_request *q, const char *which)
{
	buf_puts(b, PARTS INDEXES ", ");
	buf_puts(b, q->sizes ? SUM(BYTES) ", " SUM(SCANS) ", " SINCE : "NULL, NULL, NULL");
	buf_puts(b, ", i.indisclustered" FROM_ALL_OF_INDEXES " WHERE ");
	buf_puts(b, which);
	buf_puts(b, BY_INDEX);
}

/* The keys of indexes. */

#define BIT(bit) "(u.options" PG_OPERATOR("&") bit "::pg_catalog.int2)" NE "0"
/* A class is the usual one if it does what the one does that is marked so, unless that is of a type of which this one is a
 * special case that has its own. */
#define USUAL                                                                                                                  \
	"EXISTS (SELECT FROM pg_catalog.pg_opclass e WHERE e.opcdefault AND e.opcfamily" EQ "o.opcfamily AND e.opcintype" EQ   \
	"o.opcintype AND e.opckeytype" EQ "o.opckeytype) AND (o.opcintype" EQ                                                  \
	"z.base OR NOT EXISTS (SELECT FROM pg_catalog.pg_opclass e WHERE e.opcmethod" EQ                                       \
	"o.opcmethod AND e.opcdefault AND e.opcintype" EQ "z.base))"
#define INDEX_KEYS                                                                                                             \
	" SELECT " PG_TABLE_NAME ", x.relname, u.place, a.attname, CASE WHEN u.attnum" EQ "0 AND " PG_OPEN " THEN " PG         \
	"pg_get_indexdef(x.oid, u.place::pg_catalog.int4, false) END, u.place" GT "i.indnkeyatts, " BIT("1") ", " BIT(         \
	    "2") ", " OTHER("ln.nspname", "l.collname") ", CASE WHEN a.attname IS NOT NULL THEN u.sorting" NE                  \
							"a.attcollation END, " PG_PART("m.amname") CAT                         \
	    "'.'" CAT PG_TABLE("fn.nspname", "f.opfname") ", CASE WHEN NOT (" USUAL                                            \
							  ") THEN " OTHER("tn.nspname", "o.opcname") " END"
#define FROM_INDEX_KEYS                                                                                                        \
	FROM_INDEXES " CROSS JOIN LATERAL ROWS FROM (" PG "unnest(i.indkey), " PG "unnest(i.indclass), " PG                    \
		     "unnest(i.indcollation), " PG "unnest(i.indoption)) WITH ORDINALITY"                                      \
		     " u (attnum, class, sorting, options, place)"                                                             \
		     " JOIN pg_catalog.pg_attribute xa ON xa.attrelid" EQ "x.oid AND xa.attnum" EQ "u.place"                   \
		     " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ "c.oid AND a.attnum" EQ                           \
		     "u.attnum AND u.attnum" NE "0 LEFT JOIN pg_catalog.pg_collation l ON l.oid" EQ "u.sorting"                \
		     " LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid" EQ "l.collnamespace"                                    \
		     " LEFT JOIN pg_catalog.pg_opclass o ON o.oid" EQ "u.class"                                                \
		     " LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid" EQ "o.opcnamespace"                                     \
		     " LEFT JOIN pg_catalog.pg_opfamily f ON f.oid" EQ "o.opcfamily"                                           \
		     " LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid" EQ "f.opfnamespace"                                     \
		     " JOIN LATERAL (SELECT CASE WHEN y.typtype" EQ "'d' THEN y.typbasetype ELSE y.oid END"                    \
		     " FROM pg_catalog.pg_type y WHERE y.oid" EQ "COALESCE(a.atttypid, xa.atttypid)) z (base) ON true"

static void
add_index_keys(struct buf *b, const char *which)
{
	buf_puts(b, INDEX_KEYS FROM_INDEX_KEYS " WHERE ");
	buf_puts(b, which);
	buf_puts(b, BY_INDEX ", u.place");
}

/* Foreign keys. */

#define NAMES(relation, numbers)                                                                                               \
	"ARRAY(SELECT a.attname FROM " PG "unnest(" numbers ") WITH ORDINALITY u (attnum, place)"                              \
	" JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ relation " AND a.attnum" EQ "u.attnum ORDER BY u.place)"
#define ACTION(column)                                                                                                         \
	"CASE WHEN " column EQ "'a' THEN 'NO ACTION' WHEN " column EQ "'r' THEN 'RESTRICT' WHEN " column EQ                    \
	"'c' THEN 'CASCADE' WHEN " column EQ "'n' THEN 'SET NULL' WHEN " column EQ "'d' THEN 'SET DEFAULT' END"

/* A key to a partitioned table has further ones beside it, to each of its partitions, which nobody has written. */
#define FROM_KEYS                                                                                                              \
	PG_FROM_TABLES " JOIN pg_catalog.pg_constraint k ON k.conrelid" EQ "c.oid AND k.contype" EQ "'f'"                      \
		       " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.oid" EQ                                \
		       "k.conparentid AND o.conrelid" EQ "c.oid)"
#define KEY_NUMBER PG "row_number() OVER (PARTITION BY c.oid ORDER BY k.conname" BY_BYTES ")"
#define KEY_PARTS                                                                                                              \
	", tree (oid, root) AS (SELECT k.oid, k.conrelid FROM pg_catalog.pg_constraint k WHERE k.contype" EQ                   \
	"'f' AND k.conparentid" EQ "0 UNION ALL SELECT k.oid, t.root FROM tree t JOIN pg_catalog.pg_constraint k"              \
	" ON k.conparentid" EQ "t.oid)"
#define FOREIGN_KEYS                                                                                                                  \
	" SELECT " PG_TABLE_NAME                                                                                                      \
	", k.conname, " NAMES("k.conrelid", "k.conkey") ", " PG_TABLE("m.nspname", "p.relname") ", " NAMES("k.confrelid",             \
	    "k.confkey") ", " ACTION("k.confupdtype") ", " ACTION("k.confdeltype") ", " KEY_NUMBER                                    \
										   ", true, true, k.convalidated, (SELECT " PG_TABLE( \
										       "n.nspname", "c.relname")                      \
										       PG_FROM_TABLES                                 \
	    " WHERE c.oid" EQ "t.root AND c.oid" NE "k.conrelid)" FROM_KEYS " JOIN pg_catalog.pg_class p ON p.oid" EQ                 \
	    "k.confrelid JOIN pg_catalog.pg_namespace m ON m.oid" EQ "p.relnamespace"                                                 \
	    " LEFT JOIN tree t ON t.oid" EQ "k.oid"

static void
add_foreign_keys(struct buf *b, const char *which)
{
	buf_puts(b, KEY_PARTS FOREIGN_KEYS " WHERE ");
	buf_puts(b, which);
	buf_puts(b, PG_TABLE_ORDER ", k.conname" BY_BYTES);
}

/*
 * A parent's row looks for those that refer to it by `$1 = column`: with the key's operator, turned round an operator of the
 * index (ri_GenerateQual() in ri_triggers.c, match_opclause_to_indexcol() in indxpath.c).  A value of another type is cast; if
 * that makes another value of it, no index of the column finds it.  The collation is that of the column; that of the parent's
 * where it is another one for which different texts may be equal (ri_GenerateQualCollation()).
 */
#define COLLATION                                                                                                              \
	"CASE WHEN a.attcollation" NE "0 AND EXISTS (SELECT FROM pg_catalog.pg_collation d WHERE d.oid" EQ                     \
	"b.attcollation AND NOT d.collisdeterministic) THEN b.attcollation ELSE a.attcollation END"
#define COLLATION_NAME                                                                                                         \
	"(SELECT " OTHER("n.nspname", "l.collname") " FROM pg_catalog.pg_collation l"                                          \
						    " JOIN pg_catalog.pg_namespace n ON n.oid" EQ                              \
						    "l.collnamespace WHERE l.oid" EQ COLLATION ")"
#define IS_CONVERTED                                                                                                           \
	"EXISTS (SELECT FROM pg_catalog.pg_cast w JOIN pg_catalog.pg_type y ON y.oid" EQ "a.atttypid WHERE w.castmethod" NE    \
	"'b' AND w.casttarget" EQ "o.oprright AND w.castsource" NE "w.casttarget AND w.castsource" EQ "CASE WHEN y.typtype" EQ \
	"'d' THEN y.typbasetype ELSE y.oid END)"
#define FAMILIES                                                                                                               \
	"ARRAY(SELECT (" PG_PART("m.amname") CAT "'.'" CAT PG_TABLE("n.nspname",                                               \
	    "f.opfname") ")" BY_BYTES " FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_amop s ON s.amopopr" EQ               \
			 "o.oprcom AND s.amoppurpose" EQ "'s' JOIN pg_catalog.pg_am m ON m.oid" EQ                             \
			 "s.amopmethod AND CASE WHEN m.amname" EQ "'btree' THEN s.amopstrategy" EQ "3 ELSE m.amname" EQ        \
			 "'hash' AND s.amopstrategy" EQ "1 END JOIN pg_catalog.pg_opfamily f ON f.oid" EQ                      \
			 "s.amopfamily JOIN pg_catalog.pg_namespace n ON n.oid" EQ "f.opfnamespace WHERE o.oid" EQ             \
			 "u.operator AND NOT " IS_CONVERTED " GROUP BY 1 ORDER BY 1)"
#define KEY_COLUMNS                                                                                                            \
	" SELECT k.name, k.number, u.place, a.attname, b.attname, " COLLATION_NAME ", " FAMILIES ", " COLLATION NE             \
	"a.attcollation FROM (SELECT " PG_TABLE_NAME ", " KEY_NUMBER                                                           \
	", n.nspname, c.relname, k.conrelid, k.confrelid, k.conkey, k.confkey, k.conpfeqop" FROM_KEYS
#define FROM_KEY_COLUMNS                                                                                                       \
	") k (name, number, nspname, relname, child, parent, columns, parent_columns, operators) CROSS JOIN LATERAL"           \
	" ROWS FROM (" PG "unnest(k.columns), " PG "unnest(k.parent_columns), " PG "unnest(k.operators)) WITH ORDINALITY"      \
	" u (attnum, parent_attnum, operator, place) JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ                          \
	"k.child AND a.attnum" EQ "u.attnum JOIN pg_catalog.pg_attribute b ON b.attrelid" EQ "k.parent AND b.attnum" EQ        \
	"u.parent_attnum ORDER BY k.nspname" BY_BYTES ", k.relname" BY_BYTES ", k.number, u.place"

static void
add_key_columns(struct buf *b, const char *which)
{
	buf_puts(b, KEY_COLUMNS " WHERE ");
	buf_puts(b, which);
	buf_puts(b, FROM_KEY_COLUMNS);
}

void
pg_indexes_add(struct buf *b, const struct driver_request *q, uint32_t oid, unsigned *lists)
{
	const char *which = pg_which(q, oid);

	pg_which_with(b);
	switch (q->operation) {
	case DRIVER_INDEXES:
		*lists = 1U << 2;
		add_indexes(b, q, which);
		return;
	case DRIVER_INDEX_KEYS:
		add_index_keys(b, which);
		return;
	case DRIVER_FOREIGN_KEYS:
		*lists = 1U << 2 | 1U << 4;
		add_foreign_keys(b, which);
		return;
	default:
		*lists = 1U << 6;
		add_key_columns(b, which);
	}
}
