#include "pg_stamp.h"

#include "pg_name.h"
#include "pg_sql.h"

#define SYSTEM "(SELECT s.system_identifier FROM " PG "pg_control_system() s)"
#define TIMELINE PG "substr(" PG "pg_walfile_name(" PG "pg_current_wal_lsn()), 1, 8)"
/* Of servers before 13, too. */
#define SNAPSHOT PG "txid_current_snapshot()"
#define STAMP SNAPSHOT ", " SYSTEM ", " TIMELINE
#define NO_RECOVERY "NOT " PG "pg_is_in_recovery()"

/* The table that is meant, and all that is read where it is. */
#define TREE                                                                                                                   \
	"WITH RECURSIVE " PG_NAME_FOUND ", t AS (SELECT f.oid FROM found f WHERE f.rank" EQ "(SELECT " PG                      \
	"min(f.rank) FROM found f))"                                                                                           \
	", tree AS (SELECT t.oid FROM t UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i"                       \
	" ON i.inhparent" EQ "tree.oid)"
#define IS_ONE "(SELECT " PG "count(*) FROM t)" EQ "1"
#define IS_KEPT_HERE                                                                                                           \
	"NOT EXISTS (SELECT FROM tree JOIN pg_catalog.pg_class c ON c.oid" EQ "tree.oid WHERE c.relpersistence" NE             \
	"'p' OR NOT c.relkind" EQ "ANY ('{r,p,m}'::pg_catalog.\"char\"[]) OR " PG "row_security_active(c.oid))"

/*
 * A snapshot is another one after every transaction that has written, and while one writes.  Timelines part where a server was
 * promoted or restored; a server in recovery has no snapshots of its own.  Not told are the rows of what is not, or not only,
 * kept there: views, foreign tables, and what is empty after a crash; nor which of them a policy shows, which may go by the
 * time.
 */
void
pg_stamp_plan(struct mem *m, const struct driver_request *request, struct pg_plan *plan)
{
	struct pg_names names = {{0}, {0}, {0}, {0}};

	plan->statement.sql = "SELECT CASE WHEN " NO_RECOVERY " THEN " PG "concat_ws(' ', " STAMP ") END";
	if (request->table == NULL)
		return;
	plan->statement.sql = TREE " SELECT CASE WHEN " NO_RECOVERY " AND " IS_ONE " AND " IS_KEPT_HERE " THEN " PG
				   "concat_ws(' ', " STAMP ", (SELECT t.oid FROM t)) END";
	pg_name_add(&names, m, 0, request->table);
	pg_name_values(&names, m, &plan->statement);
}

#define DATABASE "(SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname" EQ PG "current_database())"

void
pg_stamp_identity(struct pg_plan *plan)
{
	plan->statement.sql = "SELECT " PG "concat_ws(' ', " SYSTEM ", " DATABASE ", " PG "quote_ident(" PG
			      "current_database()), " PG "quote_ident(CURRENT_USER))";
}
