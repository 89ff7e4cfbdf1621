#include "pg_progress.h"

#include <stdio.h>
#include <stdlib.h>

#include "pg_sql.h"
#include "pg_transaction.h"

enum { PATIENCE = 10 }; /* seconds that a look may take */

#define HERE "(SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname" EQ PG "current_database())"
#define PIDS "::pg_catalog.int4[]"
#define TEXTS "::pg_catalog.text[]"

/* Where a is pg_stat_activity, or nothing, and h.pid a process: no more of it than everybody may know. */
#define APPLICATION                                                                                                            \
	"CASE WHEN a.application_name" NE "'' THEN ', application '" CAT PG "left(a.application_name, 60) ELSE '' END"
#define AGE PG "floor(" PG "date_part('epoch', " PG "clock_timestamp()" MINUS "a.xact_start))" NUMBER TEXT
#define DESCRIPTION                                                                                                            \
	"CASE WHEN h.pid IS NULL THEN 'a prepared transaction (pg_prepared_xacts)' ELSE 'process '" CAT "h.pid" TEXT CAT       \
	"' (user '" CAT "COALESCE(a.usename" TEXT ", 'unknown')" CAT APPLICATION CAT "')'" CAT "COALESCE(', '" CAT             \
	"a.state, '')" CAT "COALESCE(', ' " CAT AGE CAT "' s into its transaction', '') END"

enum { PHASE, DONE, TOTAL, DETAIL, INDEX, TRANSACTION };

/* An index in the making has its own words for what it waits for; what they are about is one of few things. */
#define BLOCKS(of) "CASE WHEN p.blocks_total" GT "0 THEN p.blocks_" of " ELSE p.tuples_" of " END"
#define COUNTED(of) "CASE WHEN " PG "starts_with(p.phase, 'waiting') THEN p.lockers_" of " ELSE " BLOCKS(of) " END" TEXT
#define MAKING                                                                                                                 \
	"SELECT CASE WHEN " PG "starts_with(p.phase, 'waiting') THEN 'waiting' WHEN " PG                                       \
	"starts_with(p.phase, 'building') THEN 'building' WHEN " PG                                                            \
	"starts_with(p.phase, 'index validation') THEN 'validating' ELSE 'starting' END, " COUNTED("done") ", " COUNTED(       \
	    "total") ", p.phase, p.index_relid" TEXT ", NULL FROM pg_catalog.pg_stat_progress_create_index p WHERE p.pid" EQ   \
		     "$1::pg_catalog.int4"
/* Who looks may itself be what is waited for, for as long as it takes to look. */
#define BLOCKING                                                                                                               \
	"SELECT 'blocked', NULL, NULL, " DESCRIPTION ", NULL, NULL FROM (SELECT DISTINCT CASE WHEN b.pid" NE                   \
	"0 THEN b.pid END FROM " PG "unnest(" PG "pg_blocking_pids($1::pg_catalog.int4)) b (pid) WHERE b.pid" NE PG            \
	"pg_backend_pid()) h (pid) LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid" EQ "h.pid"

#define ANALYZING                                                                                                              \
	"SELECT 'analyzing', p.sample_blks_scanned" TEXT ", p.sample_blks_total" TEXT                                          \
	", p.phase, NULL, NULL FROM pg_catalog.pg_stat_progress_analyze p WHERE p.pid" EQ "$1::pg_catalog.int4"

static const char look[] = BLOCKING " UNION ALL " MAKING, look13[] = BLOCKING " UNION ALL " MAKING " UNION ALL " ANALYZING;

/* Vacuuming sees the database as it was and is not waited for; workers of autovacuum, which have no user, make way. */
#define HOLDING                                                                                                                      \
	"SELECT l.pid, l.virtualtransaction FROM pg_catalog.pg_locks l WHERE l.locktype" EQ "'relation' AND l.relation" EQ           \
	"$1::pg_catalog.oid AND l.database" EQ HERE " AND l.granted AND ($4::pg_catalog.bool OR l.mode" EQ                           \
	"ANY ('{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'" TEXTS \
	"))"
#define SEEING                                                                                                                 \
	"SELECT l.pid, l.virtualtransaction FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_locks l ON l.pid" EQ         \
	"a.pid AND l.locktype" EQ "'virtualxid' AND l.mode" EQ "'ExclusiveLock' WHERE a.datid" EQ HERE                         \
	" AND NOT $4::pg_catalog.bool AND a.backend_xmin IS NOT NULL AND a.pid" NE                                             \
	"ALL (ARRAY(SELECT v.pid FROM pg_catalog.pg_stat_progress_vacuum v)) AND a.pid" NE                                     \
	"ALL (ARRAY(SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p))"
#define OTHERS                                                                                                                 \
	" FROM holders h LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid" EQ "h.pid WHERE (h.pid IS NULL OR (h.pid" NE        \
	"ALL ($2" PIDS ") AND a.usesysid IS NOT NULL)) AND ($3" TEXTS " IS NULL OR h.who" EQ "ANY ($3" TEXTS "))"

static const char in_the_way[] = "WITH holders (pid, who) AS (" HOLDING " UNION " SEEING ")"
				 " SELECT 'blocked', NULL, NULL, " DESCRIPTION ", NULL, h.who" OTHERS " ORDER BY h.pid";

/* The two halves of the number are where pg_locks has those of a lock with two. */
static const char holder[] = "SELECT 'blocked', NULL, NULL, " DESCRIPTION
			     ", NULL, NULL FROM (SELECT l.pid FROM pg_catalog.pg_locks l WHERE l.locktype" EQ
			     "'advisory' AND l.granted AND l.database" EQ HERE " AND l.objsubid" EQ
			     "1 AND (l.classid" NUMBER TIMES "4294967296" NUMBER PLUS "l.objid" NUMBER ")" EQ "$1" NUMBER
			     ") h (pid) LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid" EQ "h.pid";

static const char cancel[] = "SELECT " PG "pg_cancel_backend($1::pg_catalog.int4)";

struct looking {
	struct mem *m;
	struct buf *seen;
};

static const char *
text(struct mem *m, const PGresult *row, int column)
{
	return PQgetisnull(row, 0, column) ? NULL : mem_string(m, PQgetvalue(row, 0, column));
}

static void
take(void *arg, const PGresult *row)
{
	struct looking *l = arg;
	struct pg_seen seen;

	if (PQnfields(row) <= TRANSACTION)
		return;
	seen = (struct pg_seen){
	    .phase = text(l->m, row, PHASE),
	    .done = text(l->m, row, DONE),
	    .total = text(l->m, row, TOTAL),
	    .detail = text(l->m, row, DETAIL),
	    .index = (uint32_t)strtoul(PQgetvalue(row, 0, INDEX), NULL, 10),
	    .who = text(l->m, row, TRANSACTION),
	};
	buf_add(l->seen, &seen, sizeof seen);
}

static int
ask(struct pg_session *s, struct mem *m, const struct pg_statement *st, struct buf *seen, struct fail *f)
{
	struct looking l = {m, seen};
	enum rows_end ignored;

	s->deadline = watch_now() + PATIENCE * INT64_C(1000000000);
	return pg_transaction_read(s, st, take, &l, &ignored, f);
}

int
pg_progress_look(struct pg_session *s, struct mem *m, int pid, struct buf *seen, struct fail *f)
{
	char digits[16];
	const char *const values[] = {digits};
	struct pg_statement st = {.sql = s->version >= 130000 ? look13 : look, .values = values, .nvalues = 1};

	snprintf(digits, sizeof digits, "%d", pid);
	return ask(s, m, &st, seen, f);
}

int
pg_progress_in_the_way(struct pg_session *s, struct mem *m, uint32_t table, int anybody, const char *own, const char *among,
    struct buf *seen, struct fail *f)
{
	char digits[16];
	const char *const values[] = {digits, own, among, anybody ? "t" : "f"};
	struct pg_statement st = {.sql = in_the_way, .values = values, .nvalues = 4};

	snprintf(digits, sizeof digits, "%u", table);
	return ask(s, m, &st, seen, f);
}

int
pg_progress_holder(struct pg_session *s, struct mem *m, const char *number, struct buf *seen, struct fail *f)
{
	struct pg_statement st = {.sql = holder, .values = &number, .nvalues = 1};

	return ask(s, m, &st, seen, f);
}

int
pg_progress_cancel(struct pg_session *s, int pid, struct fail *f)
{
	char digits[16];
	const char *const values[] = {digits};
	struct pg_statement st = {.sql = cancel, .values = values, .nvalues = 1};
	struct buf none = {0};
	struct mem m = {0};
	int r;

	snprintf(digits, sizeof digits, "%d", pid);
	r = ask(s, &m, &st, &none, f);
	buf_free(&none);
	mem_free(&m);
	return r;
}
