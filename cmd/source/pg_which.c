#include "pg_which.h"

#include "pg_sql.h"

/* Nobody can read the temporary tables of another session. */
#define ALL PG_TABLE_READABLE " AND c.relpersistence" NE "'t'"
#define OURS ALL " AND n.nspname" NE "ALL " PG_WHICH_SYSTEM
#define LISTED OURS " AND NOT c.relispartition"

/* Ours, since pg_partition_tree() locks what it passes.  Only partitions: a table that inherits is one of its own. */
#define PARTS                                                                                                                  \
	"(WITH RECURSIVE p (oid) AS (SELECT $1::pg_catalog.oid UNION SELECT i.inhrelid FROM p"                                 \
	" JOIN pg_catalog.pg_inherits i ON i.inhparent" EQ "p.oid JOIN pg_catalog.pg_class l ON l.oid" EQ                      \
	"i.inhrelid AND l.relispartition) SELECT p.oid FROM p)"

void
pg_which_with(struct buf *b)
{
	buf_puts(b, "WITH RECURSIVE " PG_BLOCKED);
}

const char *
pg_which(const struct driver_request *q, uint32_t oid)
{
	if (oid != 0)
		return q->leaves ? "c.oid" EQ "ANY (ARRAY" PARTS ")" : "c.oid" EQ "$1::pg_catalog.oid";
	return q->all ? ALL : q->leaves ? OURS : LISTED;
}
