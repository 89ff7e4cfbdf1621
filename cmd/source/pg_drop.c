#include "pg_drop.h"

#include <stdio.h>
#include <string.h>

#include "index_sql.h"
#include "pg_attend.h"
#include "pg_index.h"
#include "pg_open.h"

static pg_change_step drop_at_once;

static int
find_index(struct pg_change *c, struct pg_index *x, struct fail *f)
{
	char oid[16];

	snprintf(oid, sizeof oid, "%u", c->table->oid);
	return pg_index_find(c, oid, c->request->index->name, NULL, x, f);
}

/* Whether it may go. */
static int
check(struct pg_change *c, const struct pg_index *x, struct fail *f)
{
	const char *name = c->request->index->name;

	c->how = ROWS_FAILED;
	if (!x->here)
		return fail_set(f, "%.64s is no index of it: %.300s", name, x->definition);
	if (x->backs != NULL)
		return fail_set(f, "%.64s is what the constraint %.64s is kept by: it goes with that", name, x->backs);
	if (x->identifies)
		return fail_set(f, "%.64s identifies its rows for replication (REPLICA IDENTITY)", name);
	if (x->part)
		return fail_set(f, "%.64s is a part of the index of a partitioned table, and goes with that", name);
	return 0;
}

static int
dropped(struct pg_change *c, const struct pg_outcome *o, struct fail *f)
{
	struct pg_index x;

	if (!o->failed)
		return pg_change_done(c, "dropped", NULL);
	*f = o->why;
	if (pg_open_again(c, &(struct fail){""}) < 0 || find_index(c, &x, &(struct fail){""}) < 0)
		return -1;
	c->how = o->how;
	if (x.oid != NULL && !x.valid)
		fail_set(f, "%.350s; the index is no longer valid: once more, and it is dropped", o->why.text);
	return -1;
}

static int
drop(struct pg_change *c, struct fail *f)
{
	struct buf sql = {0};
	int r;

	index_sql_drop(&sql, INDEX_SQL_POSTGRESQL, c->wire, c->request->index->name);
	r = pg_attend_run(c, "dropping", buf_string(&sql), pg_attend_patience(c), dropped, f);
	buf_free(&sql);
	return r;
}

static int
dropped_at_once(struct pg_change *c, const struct pg_outcome *o, struct fail *f)
{
	if (!o->failed)
		return pg_change_done(c, "dropped", NULL);
	*f = o->why;
	if (strcmp(o->state, "55P03") != 0 || c->given_up)
		return -1;
	c->waited += (int64_t)c->request->lock_timeout * 1000000;
	c->step = drop_at_once;
	return pg_attend_pause(c, &o->why, f) < 0 ? -1 : 1;
}

static int
drop_at_once(struct pg_change *c, struct fail *f)
{
	struct buf sql = {0};
	int r;

	buf_puts(&sql, "DROP INDEX ");
	pg_index_name(&sql, c->table->schema, c->request->index->name);
	r = pg_attend_run(c, "dropping", buf_string(&sql), c->request->lock_timeout, dropped_at_once, f);
	buf_free(&sql);
	return r;
}

static int
begin(struct pg_change *c, struct fail *f)
{
	struct pg_index x;

	if (find_index(c, &x, f) < 0)
		return -1;
	if (x.oid == NULL)
		return pg_change_done(c, "absent", NULL);
	if (check(c, &x, f) < 0)
		return -1;
	return pg_attend_others(c, c->table->oid, 1, x.whole ? drop_at_once : drop);
}

int
pg_drop(struct pg_change *c, struct fail *f)
{
	if (c->request->index->name == NULL) {
		c->how = ROWS_FAILED;
		return fail_set(f, "which index is not said");
	}
	c->step = begin;
	return pg_open(c, f) < 0 ? -1 : 1;
}

static int
analyzed(struct pg_change *c, const struct pg_outcome *o, struct fail *f)
{
	*f = o->why;
	return o->failed ? -1 : pg_change_done(c, "analyzed", NULL);
}

int
pg_analyze(struct pg_change *c, struct fail *f)
{
	struct buf sql = {0};
	int r;

	if (pg_open(c, f) < 0)
		return -1;
	if (c->table->kind == 'v') {
		c->how = ROWS_FAILED;
		return fail_set(f, "is a view, which has no statistics");
	}
	buf_puts(&sql, "ANALYZE ");
	index_sql_table(&sql, INDEX_SQL_POSTGRESQL, c->wire);
	r = pg_attend_run(c, "analyzing", buf_string(&sql), pg_attend_patience(c), analyzed, f);
	buf_free(&sql);
	return r;
}
