#include "pg_open.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "pg_lookup.h"
#include "pg_progress.h"
#include "pg_sql.h"
#include "pg_transaction.h"
#include "ref.h"

static const int64_t MILLISECOND = 1000000;

enum { OLDEST = 120000 };
enum { PAUSE = 100, LOCK = 1000, AGAIN = 10000 }; /* milliseconds between tries, and for how long to try */

static int
connect_one(struct pg_change *c, struct pg_session *s, struct fail *f)
{
	*s = (struct pg_session){.info = c->like->info, .watch = c->like->watch, .alone = 1};
	if (pg_session_connect(s, f) == 0)
		return 0;
	c->how = s->how;
	return -1;
}

static void
take_lookup(void *arg, const PGresult *row)
{
	pg_lookup_take(arg, row, 0);
}

static int
look_up(struct pg_change *c, struct fail *f)
{
	struct pg_lookup l;
	struct pg_statement st;
	int r;

	pg_lookup_start(&l, c->m);
	pg_lookup_add(&l, c->request->table);
	pg_lookup_statement(&l, 0, SIZE_MAX, &st);
	r = pg_transaction_read(&c->worker, &st, take_lookup, &l, &c->how, f);
	pg_lookup_end(&l);
	if (r == 0 && (c->table = pg_lookup_find(&l, 0, f)) == NULL) {
		c->how = ROWS_FAILED;
		r = -1;
	}
	pg_lookup_free(&l);
	return r;
}

static const char *
wire_name(struct mem *m, const struct pg_table *t)
{
	struct buf b = {0};

	ref_part(&b, t->schema, strlen(t->schema));
	buf_byte(&b, '.');
	ref_part(&b, t->name, strlen(t->name));
	return buf_kept(m, &b);
}

#define MINE "(" PG "pg_has_role(c.relowner, 'USAGE'))"
#define READ_ONLY PG "pg_is_in_recovery(), " PG "current_setting('default_transaction_read_only')" EQ "'on'"
static const char state_of_table[] = "SELECT c.relpersistence" EQ "'t', " MINE ", " READ_ONLY
				     " FROM pg_catalog.pg_class c WHERE c.oid" EQ "$1::pg_catalog.oid";

static int
refuse(struct pg_change *c, struct fail *f, const char *sentence)
{
	c->how = ROWS_FAILED;
	return fail_set(f, "%s", sentence);
}

static int
check_table(struct pg_change *c, struct fail *f)
{
	enum { TEMPORARY, MY_OWN, STANDBY, READING, FIELDS };
	char digits[16];
	const char *is[FIELDS] = {NULL}, *const values[] = {digits};
	struct pg_statement st = {.sql = state_of_table, .values = values, .nvalues = 1};

	snprintf(digits, sizeof digits, "%u", c->table->oid);
	if (pg_change_row(c, &st, is, FIELDS, f) < 0)
		return -1;
	if (c->worker.version < OLDEST)
		return refuse(c, f, "is on a server before PostgreSQL 12, which does not tell how far it is with an index");
	if (is[STANDBY] == NULL)
		return refuse(c, f, "has gone since it was looked up");
	if (*is[STANDBY] == 't')
		return refuse(c, f, "is read-only: the server is a standby, and gets its indexes from its primary");
	if (*is[READING] == 't')
		return refuse(c, f, "is read-only (default_transaction_read_only)");
	if (*is[TEMPORARY] == 't')
		return refuse(c, f, "is a temporary table of somebody else's session");
	if (*is[MY_OWN] != 't')
		return refuse(c, f, "may only be changed by its owner");
	return 0;
}

static int
say_holder(struct pg_change *c, struct fail *f)
{
	struct buf seen = {0};
	struct mem m = {0};
	int r = pg_progress_holder(&c->watcher, &m, c->lock, &seen, f);

	c->how = ROWS_UNAVAILABLE;
	if (r == 0 && pg_change_note(c, &seen))
		fail_set(f, "its indexes are changed by another dbm at present: %s", c->blocker);
	else if (r == 0)
		fail_set(f, "its indexes were changed by another dbm until now");
	buf_free(&seen);
	mem_free(&m);
	return -1;
}

/* Who has just gone, or was killed, has it for a moment longer. */
static int
take_lock(struct pg_change *c, struct fail *f)
{
	static const char sql[] = "SELECT " PG "pg_try_advisory_lock($1" NUMBER ")";
	int64_t until = watch_now() + LOCK * MILLISECOND;
	char digits[24];
	struct pg_outcome o;

	snprintf(digits, sizeof digits, "%" PRIu64, (uint64_t)PG_CHANGE_CLASS << 32 | c->table->oid);
	c->lock = mem_string(c->m, digits);
	for (;;) {
		if (pg_command_run(&c->worker, sql, 1, &c->lock, &o) < 0) {
			c->how = o.how;
			*f = o.why;
			return -1;
		}
		if (strcmp(o.value, "t") == 0)
			return 0;
		if (watch_now() >= until)
			return say_holder(c, f);
		poll(NULL, 0, PAUSE);
	}
}

static int
connect_both(struct pg_change *c, struct fail *f)
{
	char own[40];

	if (connect_one(c, &c->worker, f) < 0 || pg_command_begin(&c->worker, &c->how, f) < 0 ||
	    connect_one(c, &c->watcher, f) < 0)
		return -1;
	snprintf(own, sizeof own, "{%d,%d}", PQbackendPID(c->worker.connection), PQbackendPID(c->watcher.connection));
	c->own = mem_string(c->m, own);
	return 0;
}

int
pg_open(struct pg_change *c, struct fail *f)
{
	if (c->request->table == NULL)
		return refuse(c, f, "of which table is not said");
	pg_session_hold(1);
	if (pg_change_wanted(c, f) < 0 || connect_both(c, f) < 0 || look_up(c, f) < 0)
		return -1;
	c->wire = wire_name(c->m, c->table);
	return check_table(c, f) < 0 ? -1 : take_lock(c, f);
}

static int
reopen(struct pg_change *c, struct fail *f)
{
	pg_session_close(&c->worker);
	pg_session_close(&c->watcher);
	return connect_both(c, f) < 0 ? -1 : take_lock(c, f);
}

/* A server that was killed takes a moment to start again. */
int
pg_open_again(struct pg_change *c, struct fail *f)
{
	int64_t until = watch_now() + AGAIN * MILLISECOND;
	int r = 0;

	if (!c->worker.lost)
		return 0;
	while ((r = reopen(c, f)) < 0 && c->how == ROWS_UNAVAILABLE && watch_now() < until)
		poll(NULL, 0, PAUSE);
	return r;
}
