#include "pg_schema.h"

#include "pg_sql.h"
#include "pg_which.h"

#define QUOTED(name) PG "quote_ident(" name ")"
#define NAMED(schema, name) QUOTED(schema) CAT "'.'" CAT QUOTED(name)
/* Options have no order: they are told in that of their text. */
#define OPTIONS(array) "(SELECT " PG "string_agg(o.o, ', ' ORDER BY o.o" BY_BYTES ") FROM " PG "unnest(" array ") o (o))"
#define WHERE_SO(condition, text) "CASE WHEN " condition " THEN " text " ELSE '' END"

/* Of each kind of line: oid of the table, kind, name, position, definition.  `t` is the table, c and n of pg_which(). */
#define TABLES_ASKED_FOR                                                                                                       \
	", t (oid, schema, name, wire, open, kind, relnamespace, persistence) AS MATERIALIZED"                                 \
	" (SELECT c.oid, n.nspname, c.relname, " PG_TABLE_NAME ", " PG_OPEN                                                    \
	", c.relkind, c.relnamespace, c.relpersistence" PG_FROM_TABLES " WHERE "
#define LINES "), line (oid, kind, name, position, definition) AS ("
#define NEXT_KIND " UNION ALL "

/* Tables. */

#define IS_VIEW(kind) kind EQ "ANY ('{v,m}'::pg_catalog.\"char\"[])"
#define PARENTS(separator)                                                                                                     \
	"(SELECT " PG                                                                                                          \
	"string_agg(" NAMED("n.nspname", "c.relname") ", " separator " ORDER BY i.inhseqno)"                                   \
						      " FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid" EQ  \
						      "i.inhparent JOIN pg_catalog.pg_namespace n ON n.oid" EQ                 \
						      "c.relnamespace WHERE i.inhrelid" EQ "t.oid)"
#define KIND                                                                                                                   \
	WHERE_SO("c.relpersistence" EQ "'u'", "'unlogged '")                                                                   \
	CAT "CASE WHEN c.relispartition THEN 'partition of '" CAT PARENTS("''") CAT                                            \
	    "' '" CAT PG "pg_get_expr(c.relpartbound, 0) WHEN c.relkind" EQ "'p' THEN 'partitioned table' WHEN c.relkind" EQ   \
	    "'f' THEN 'foreign table' ELSE 'table' END"
/* How it is divided takes a lock. */
#define DIVIDED WHERE_SO("c.relkind" EQ "'p'", "CASE WHEN t.open THEN ' by '" CAT PG "pg_get_partkeydef(c.oid) END")
#define FOREIGN                                                                                                                \
	"COALESCE((SELECT ' server '" CAT QUOTED("s.srvname") CAT "COALESCE(' options ('" CAT OPTIONS("f.ftoptions") CAT       \
	    "')', '') FROM pg_catalog.pg_foreign_table f"                                                                      \
	    " JOIN pg_catalog.pg_foreign_server s ON s.oid" EQ "f.ftserver WHERE f.ftrelid" EQ "c.oid), '')"
#define INHERITING "COALESCE(CASE WHEN NOT c.relispartition THEN ' inherits ('" CAT PARENTS("', '") CAT "')' END, '')"
#define SECURED                                                                                                                \
	WHERE_SO("c.relrowsecurity", "', row security'")                                                                       \
	CAT WHERE_SO("c.relforcerowsecurity", "', row security forced'")
#define IDENTITY                                                                                                               \
	"CASE WHEN c.relkind" EQ "'f' THEN '' WHEN c.relreplident" EQ                                                          \
	"'f' THEN ', replica identity full' WHEN c.relreplident" EQ                                                            \
	"'n' THEN ', replica identity nothing' WHEN c.relreplident" EQ                                                         \
	"'i' THEN COALESCE((SELECT ', replica identity using '" CAT QUOTED(                                                    \
	    "x.relname") " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid" EQ                                  \
			 "i.indexrelid WHERE i.indrelid" EQ                                                                    \
			 "c.oid AND i.indisreplident), ', replica identity of an index that is gone') ELSE '' END"
#define TABLES                                                                                                                 \
	"SELECT t.oid, 'table', NULL::pg_catalog.name, NULL" NUMBER                                                            \
	", " KIND CAT DIVIDED CAT FOREIGN CAT INHERITING CAT SECURED CAT IDENTITY                                              \
	" FROM t JOIN pg_catalog.pg_class c ON c.oid" EQ "t.oid WHERE NOT " IS_VIEW("t.kind")

/* The text of a view takes locks on the tables that it speaks of. */
#define SEEN_IS_BLOCKED                                                                                                        \
	"EXISTS (SELECT FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid" EQ "r.oid AND d.classid" EQ       \
	"'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.refclassid" EQ                                                     \
	"'pg_catalog.pg_class'::pg_catalog.regclass JOIN blocked b ON b.oid" EQ "d.refobjid WHERE r.ev_class" EQ "t.oid)"
/* Its lines are joined, but for those of a string or of a name. */
#define VIEW_PIECES                                                                                                            \
	PG "regexp_matches(" PG "pg_get_viewdef(t.oid), '''[^'']*''|\"[^\"]*\"|[^''\"]+', 'g') WITH ORDINALITY p (piece, place)"
#define VIEW_PIECE                                                                                                             \
	"CASE WHEN p.piece[1]" PG_OPERATOR("~") "'^[''\"]' THEN p.piece[1]"                                                    \
						" ELSE " PG "regexp_replace(p.piece[1], '\\s*\\n\\s*', ' ', 'g') END"
#define VIEW_TEXT                                                                                                              \
	PG "rtrim(" PG "ltrim((SELECT " PG "string_agg(" VIEW_PIECE ", '' ORDER BY p.place) FROM " VIEW_PIECES ")), ';')"
#define VIEWS                                                                                                                  \
	"SELECT t.oid, CASE WHEN t.kind" EQ                                                                                    \
	"'v' THEN 'view' ELSE 'materialized view' END, NULL, NULL, COALESCE('with ('" CAT OPTIONS("c.reloptions") CAT          \
	    "') ', '')" CAT "CASE WHEN t.open AND NOT " SEEN_IS_BLOCKED " THEN " VIEW_TEXT " END"                              \
	    " FROM t JOIN pg_catalog.pg_class c ON c.oid" EQ "t.oid WHERE " IS_VIEW("t.kind")

/* Columns.  Their numbers have no gaps.  A default speaks of no column, so that no table is looked at. */

#define SORTED                                                                                                                 \
	"COALESCE((SELECT ' COLLATE '" CAT WHERE_SO("n.nspname" NE "'pg_catalog'", QUOTED("n.nspname") CAT "'.'")              \
	    CAT QUOTED("l.collname") " FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid" EQ              \
				     "l.collnamespace WHERE l.oid" EQ "a.attcollation AND l.oid" NE "y.typcollation), '')"
#define FILLED                                                                                                                 \
	"CASE WHEN a.attidentity" EQ "'a' THEN ' GENERATED ALWAYS AS IDENTITY' WHEN a.attidentity" EQ                          \
	"'d' THEN ' GENERATED BY DEFAULT AS IDENTITY' WHEN d.oid IS NULL THEN '' WHEN a.attgenerated" EQ                       \
	"'' THEN ' DEFAULT '" CAT PG "pg_get_expr(d.adbin, 0) WHEN t.open THEN ' GENERATED ALWAYS AS ('" CAT PG                \
	"pg_get_expr(d.adbin, d.adrelid)" CAT "CASE WHEN a.attgenerated" EQ "'s' THEN ') STORED' ELSE ') VIRTUAL' END END"
/* What the column of a foreign table is there. */
#define FAR "COALESCE(' options ('" CAT OPTIONS("a.attfdwoptions") CAT "')', '')"
#define COLUMNS                                                                                                                \
	"SELECT t.oid, 'column', a.attname, " PG "row_number() OVER (PARTITION BY t.oid ORDER BY a.attnum), " PG               \
	"format_type(a.atttypid, a.atttypmod)" CAT SORTED CAT WHERE_SO("a.attnotnull", "' NOT NULL'") CAT FILLED CAT FAR       \
	    " FROM t JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ "t.oid AND a.attnum" GT                                  \
	    "0 AND NOT a.attisdropped JOIN pg_catalog.pg_type y ON y.oid" EQ "a.atttypid"                                      \
	    " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid" EQ "t.oid AND d.adnum" EQ "a.attnum"

/* Constraints.  Those with expressions take a lock.  A key to a partitioned table has further ones beside it, which have it as
 * their parent, too. */
#define CONSTRAINTS                                                                                                            \
	"SELECT t.oid, CASE WHEN k.contype" EQ "'p' THEN 'primary key' WHEN k.contype" EQ                                      \
	"'u' THEN 'unique' WHEN k.contype" EQ "'f' THEN 'foreign key' WHEN k.contype" EQ                                       \
	"'x' THEN 'exclusion' ELSE 'check' END, k.conname, NULL, CASE WHEN t.open OR k.contype" EQ                             \
	"ANY ('{p,u,f}'::pg_catalog.\"char\"[]) THEN " PG "pg_get_constraintdef(k.oid) END"                                    \
	" FROM t JOIN pg_catalog.pg_constraint k ON k.conrelid" EQ "t.oid AND k.conparentid" EQ "0 AND CASE WHEN k.contype" EQ \
	"'c' THEN k.conislocal ELSE k.contype" EQ "ANY ('{p,u,f,x}'::pg_catalog.\"char\"[]) END"

/* Indexes: what the statement that makes one says behind its name and that of its table. */
#define BEFORE(kind, name, behind)                                                                                             \
	"'CREATE '" CAT kind CAT QUOTED(name)                                                                                  \
	CAT behind
#define BEHIND(text, before) PG "substr(" text ", " PG "length(" before ")" PLUS "1)"
#define IS_UNIQUE WHERE_SO("i.indisunique", "'UNIQUE '")
#define ON_TABLE "' ON '" CAT WHERE_SO("x.relkind" EQ "'I'", "'ONLY '") CAT NAMED("t.schema", "t.name") CAT "' USING '"
#define INDEXES                                                                                                                                 \
	"SELECT t.oid, 'index', x.relname, NULL, CASE WHEN t.open THEN " WHERE_SO("i.indisunique", "'unique '") CAT BEHIND(PG                   \
	    "pg_get_indexdef(x.oid)",                                                                                                           \
	    BEFORE(IS_UNIQUE CAT "'INDEX '", "x.relname", ON_TABLE)) CAT WHERE_SO("NOT i.indisvalid",                                           \
	    "', invalid'") " END FROM t JOIN pg_catalog.pg_index i ON i.indrelid" EQ                                                            \
			   "t.oid JOIN pg_catalog.pg_class x ON x.oid" EQ                                                                       \
			   "i.indexrelid AND NOT x.relispartition WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid" EQ \
			   "x.oid AND k.conrelid" EQ "t.oid AND k.contype" EQ "ANY ('{p,u,x}'::pg_catalog.\"char\"[]))"

/* Triggers that somebody has made, and on this table. */
#define IS_CONSTRAINT WHERE_SO("g.tgconstraint" NE "0", "'CONSTRAINT '")
#define ENABLED                                                                                                                \
	"CASE WHEN g.tgenabled" EQ "'D' THEN ', disabled' WHEN g.tgenabled" EQ                                                 \
	"'R' THEN ', enabled replica' WHEN g.tgenabled" EQ "'A' THEN ', enabled always' ELSE '' END"
#define TRIGGERS                                                                                                               \
	"SELECT t.oid, 'trigger', g.tgname, NULL, CASE WHEN t.open THEN " BEHIND(                                              \
	    PG "pg_get_triggerdef(g.oid)", BEFORE(IS_CONSTRAINT CAT "'TRIGGER '", "g.tgname", "' '")) CAT ENABLED              \
	    " END FROM t JOIN pg_catalog.pg_trigger g ON g.tgrelid" EQ "t.oid AND NOT g.tgisinternal"

/* Publications: of all tables, of those of a schema, of this one. */
#define OPERATIONS(via_root)                                                                                                   \
	PG "concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END"                  \
	   ", CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END" via_root ")"
#define PUBLISHED(whose) "SELECT t.oid, 'publication', p.pubname, NULL, " whose CAT
#define IS_KEPT " AND t.kind" EQ "ANY ('{r,p}'::pg_catalog.\"char\"[]) AND t.persistence" EQ "'p'"
#define OF_ALL " FROM t JOIN pg_catalog.pg_publication p ON p.puballtables AND t.schema" NE "ALL " PG_WHICH_SYSTEM IS_KEPT
#define OF_SCHEMA                                                                                                              \
	" FROM t JOIN pg_catalog.pg_publication_namespace s ON s.pnnspid" EQ                                                   \
	"t.relnamespace JOIN pg_catalog.pg_publication p ON p.oid" EQ "s.pnpubid" IS_KEPT                                      \
	" WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_publication_rel r WHERE r.prpubid" EQ "p.oid AND r.prrelid" EQ "t.oid)"
#define SOME_COLUMNS                                                                                                           \
	"COALESCE(' ('" CAT "(SELECT " PG                                                                                      \
	"string_agg(" QUOTED("a.attname") ", ', ' ORDER BY a.attnum)"                                                          \
					  " FROM pg_catalog.pg_attribute a WHERE a.attrelid" EQ "t.oid AND a.attnum" EQ        \
					  "ANY (r.prattrs))" CAT "')', '')"
#define SOME_ROWS "CASE WHEN r.prqual IS NULL THEN '' WHEN t.open THEN ' where '" CAT PG "pg_get_expr(r.prqual, r.prrelid) END"
#define OF_TABLE                                                                                                               \
	" FROM t JOIN pg_catalog.pg_publication_rel r ON r.prrelid" EQ "t.oid JOIN pg_catalog.pg_publication p ON p.oid" EQ    \
	"r.prpubid"

static void
add_publications(struct buf *b, int version)
{
	const char *operations = version >= 130000 ? OPERATIONS(", CASE WHEN p.pubviaroot THEN 'via root' END")
						   : OPERATIONS("");

	buf_puts(b, NEXT_KIND PUBLISHED("'all tables: '"));
	buf_puts(b, operations);
	buf_puts(b, OF_ALL NEXT_KIND PUBLISHED("'table: '"));
	buf_puts(b, operations);
	/* From version 15 on columns and rows may be left out. */
	buf_puts(b, version >= 150000 ? CAT SOME_COLUMNS CAT SOME_ROWS OF_TABLE NEXT_KIND PUBLISHED("'schema: '") : OF_TABLE);
	if (version < 150000)
		return;
	buf_puts(b, operations);
	buf_puts(b, OF_SCHEMA);
}

/* A definition is one line. */
#define ONE_LINE PG "replace(" PG "replace(l.definition, " PG "chr(10), '\\n'), " PG "chr(13), '\\r')"

void
pg_schema_add(struct buf *b, const struct driver_request *q, uint32_t oid, int version)
{
	static const char *const kinds[] = {
	    LINES TABLES, NEXT_KIND VIEWS, NEXT_KIND COLUMNS, NEXT_KIND CONSTRAINTS, NEXT_KIND INDEXES, NEXT_KIND TRIGGERS};
	struct driver_request all = *q;

	/* Partitions are tables, too. */
	all.leaves = oid == 0;
	pg_which_with(b);
	buf_puts(b, TABLES_ASKED_FOR);
	buf_puts(b, pg_which(&all, oid));
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		buf_puts(b, kinds[i]);
	buf_puts(b, version >= 130000 ? " AND g.tgparentid" EQ "0" : "");
	add_publications(b, version);
	buf_puts(b, ") SELECT t.wire, l.kind, l.name, l.position, " ONE_LINE " FROM line l JOIN t ON t.oid" EQ
		    "l.oid ORDER BY t.schema" BY_BYTES ", t.name" BY_BYTES ", l.kind" BY_BYTES ", l.name" BY_BYTES);
}
