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

void
pg_add_statistics(struct buf *b, uint32_t oid, int version)
{
	(void)b;
	(void)oid;
	(void)version;
}
