#include "pg_replication.h"

#include "pg_sql.h"
#include "pg_statistics.h"

/* Before version 13 nothing was published via the root of its partitions. */
#define PUBLICATIONS                                                                                                           \
	"SELECT p.pubname, (SELECT " PG "count(*) FROM " PG "pg_get_publication_tables(p.pubname" TEXT                         \
	")), p.puballtables, " PG                                                                                              \
	"concat_ws(',', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END"                      \
	", CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END), "
#define FROM_PUBLICATIONS " FROM pg_catalog.pg_publication p ORDER BY p.pubname" BY_BYTES

/* The tables of a publication. */

/* What tells the rows of a table apart once they are changed: all of a row, or an index, if only its columns are `enough`. */
#define IDENTIFIED(whole, enough)                                                                                              \
	"CASE WHEN c.relreplident" EQ "'f' THEN " whole " ELSE EXISTS (SELECT FROM pg_catalog.pg_index i"                      \
	" WHERE i.indrelid" EQ "c.oid AND i.indisvalid AND i.indisunique AND i.indimmediate AND i.indpred IS NULL"             \
	" AND CASE WHEN c.relreplident" EQ "'d' THEN i.indisprimary ELSE c.relreplident" EQ                                    \
	"'i' AND i.indisreplident END AND " enough ") END"

/* From version 15 on columns and rows may be left out.  Then all columns of the index have to be sent, and rows may be filtered
 * by none but them; the tree of the filter is the one place where the server says which those are. */
#define KEY "(i.indkey::pg_catalog.int2[])[0:i.indnkeyatts" MINUS "1]"
#define FILTERED_BY                                                                                                            \
	"ARRAY(SELECT v.numbers[1]::pg_catalog.int2 FROM " PG "regexp_matches(r.prqual" TEXT                                   \
	", ':varattno (\\d+)', 'g') v (numbers))"
#define SENT "(r.prattrs IS NULL OR " KEY PG_OPERATOR("<@") "r.prattrs::pg_catalog.int2[])"

/* Of a table with partitions their rows are published, which its own index says nothing of. */
#define UNIDENTIFIED_PARTS                                                                                                     \
	"EXISTS (SELECT FROM tree t JOIN pg_catalog.pg_class c ON c.oid" EQ "t.oid WHERE t.root" EQ "g.relid AND c.relkind" NE \
	"'p' AND NOT " IDENTIFIED("true", "true") ")"

#define PUBLISHED " SELECT " PG_TABLE_NAME ", $1::pg_catalog.text, "
#define FILTER                                                                                                                 \
	"CASE WHEN r.prqual IS NULL THEN NULL WHEN " PG_OPEN " THEN " PG "pg_get_expr(r.prqual, r.prrelid) ELSE '?' END, "
#define PARTLY                                                                                                                 \
	"CASE WHEN r.prattrs IS NOT NULL THEN ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a"                           \
	" WHERE a.attrelid" EQ "c.oid AND a.attnum" EQ "ANY (r.prattrs) ORDER BY a.attnum) END, " FILTER
#define PART_IDENTIFIED IDENTIFIED("r.prattrs IS NULL", SENT " AND " FILTERED_BY PG_OPERATOR("<@") KEY)
#define PARTLY_IDENTIFIED                                                                                                      \
	"CASE WHEN c.relkind" NE "'p' THEN " PART_IDENTIFIED " WHEN " UNIDENTIFIED_PARTS                                       \
	" THEN false WHEN r.prattrs IS NULL AND r.prqual IS NULL THEN true END"
#define WHOLLY "NULL::pg_catalog.text[], NULL, "
#define WHOLLY_IDENTIFIED "CASE WHEN c.relkind" NE "'p' THEN " IDENTIFIED("true", "true") " ELSE NOT " UNIDENTIFIED_PARTS " END"
#define IDENTITY                                                                                                               \
	"CASE WHEN c.relreplident" EQ "'d' THEN 'default' WHEN c.relreplident" EQ "'f' THEN 'full' WHEN c.relreplident" EQ     \
	"'i' THEN 'index' ELSE 'nothing' END, "
/* Where inserts alone are published nothing has to be told apart. */
#define IF_CHANGES                                                                                                             \
	"CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_publication p WHERE p.pubname" EQ                                         \
	"$1::pg_catalog.text AND (p.pubupdate OR p.pubdelete)) THEN "
#define FROM_PUBLISHED                                                                                                         \
	" FROM " PG "pg_get_publication_tables($1::pg_catalog.text) g JOIN pg_catalog.pg_class c ON c.oid" EQ "g.relid"        \
	" JOIN pg_catalog.pg_namespace n ON n.oid" EQ "c.relnamespace"
#define PARTS_PUBLISHED                                                                                                        \
	" LEFT JOIN pg_catalog.pg_publication_rel r ON r.prrelid" EQ "g.relid AND r.prpubid" EQ                                \
	"(SELECT p.oid FROM pg_catalog.pg_publication p WHERE p.pubname" EQ "$1::pg_catalog.text)"

static void
add_published(struct buf *b, int version)
{
	int partly = version >= 150000;

	pg_statistics_tree(b, 0, version);
	buf_puts(b, partly ? ", " PG_BLOCKED PUBLISHED : PUBLISHED);
	buf_puts(b, partly ? PARTLY : WHOLLY);
	buf_puts(b, IDENTITY);
	buf_puts(b, IF_CHANGES);
	buf_puts(b, partly ? PARTLY_IDENTIFIED : WHOLLY_IDENTIFIED);
	buf_puts(b, " END" FROM_PUBLISHED);
	buf_puts(b, partly ? PARTS_PUBLISHED : "");
	buf_puts(b, PG_TABLE_ORDER);
}

/* Slots, and standbys: those that take the log as it is, whether a slot keeps it for them or not.  A server in recovery has no
 * log of its own but what it was sent. */

#define BEHIND(lsn) PG "pg_wal_lsn_diff(GREATEST(h.lsn, " lsn "), " lsn ")" NUMBER
#define SLOTS                                                                                                                  \
	"WITH here (lsn) AS (SELECT CASE WHEN " PG "pg_is_in_recovery() THEN GREATEST(" PG "pg_last_wal_receive_lsn(), " PG    \
	"pg_last_wal_replay_lsn()) ELSE " PG "pg_current_wal_lsn() END)"                                                       \
	" SELECT r.name, r.type, r.active, r.state, r.lag, r.retained, r.wal_status, r.safe_bytes"                             \
	" FROM (SELECT s.slot_name, s.slot_type" CAT "' slot', s.active, w.state, " BEHIND(                                    \
	    "CASE WHEN s.slot_type" EQ                                                                                         \
	    "'logical' THEN s.confirmed_flush_lsn ELSE COALESCE(w.flush_lsn, s.restart_lsn) END") ", " BEHIND("s.restart_lsn") ", "
#define FROM_SLOTS                                                                                                                 \
	" FROM here h, pg_catalog.pg_replication_slots s LEFT JOIN pg_catalog.pg_stat_replication w ON w.pid" EQ                   \
	"s.active_pid UNION ALL SELECT w.application_name, 'standby', true, w.state, " BEHIND(                                     \
	    "w.flush_lsn") ", NULL, NULL, NULL FROM here h, pg_catalog.pg_stat_replication w WHERE (w.state IS NULL OR w.state" NE \
			   "'backup') AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s WHERE s.active_pid" EQ         \
			   "w.pid AND s.slot_type" EQ                                                                              \
			   "'logical')) r (name, type, active, state, lag, retained, wal_status, safe_bytes)"                      \
			   " ORDER BY r.name" BY_BYTES ", r.type" BY_BYTES

int
pg_replication_add(struct buf *b, const struct driver_request *q, int version, unsigned *lists, struct fail *f)
{
	switch (q->operation) {
	case DRIVER_PUBLICATIONS:
		buf_puts(b, PUBLICATIONS);
		buf_puts(b, version >= 130000 ? "p.pubviaroot" : "NULL");
		buf_puts(b, FROM_PUBLICATIONS);
		return 0;
	case DRIVER_PUBLISHED:
		if (q->publication == NULL)
			return fail_set(f, "has tables of one publication at a time");
		*lists = 1U << 2;
		add_published(b, version);
		return 0;
	default:
		buf_puts(b, SLOTS);
		buf_puts(b, version >= 130000 ? "s.wal_status, s.safe_wal_size" : "NULL, NULL");
		buf_puts(b, FROM_SLOTS);
		return 0;
	}
}
