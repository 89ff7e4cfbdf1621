#include "pg_create.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index_sql.h"
#include "pg_attend.h"
#include "pg_index.h"
#include "pg_open.h"

enum { LEFTOVER = 10000 }; /* milliseconds that removing what has failed waits at least */

/* A table of which an index is made: that which was asked for, or a partition of it. */
struct unit {
	const char *oid, *parent; /* and that of the table whose partition it is */
	const char *kind, *wire, *schema;
	const char *name; /* of its index */
	struct pg_index index;
};

struct creating {
	struct unit *units; /* parents first */
	size_t n, at;
	int awaited;     /* nobody is in the way of the one at work */
	int made;        /* something was */
	struct fail why; /* what is cleaned up behind, */
	enum rows_end how;
};

static pg_change_step begin_unit;

static struct unit *
unit_at_work(struct pg_change *c)
{
	struct creating *g = c->state;

	return &g->units[g->at];
}

static int
refuse(struct pg_change *c)
{
	c->how = ROWS_FAILED;
	return -1;
}

/* The index as this unit has it. */
static struct driver_index
wanted(struct pg_change *c)
{
	struct driver_index x = *c->request->index;

	x.name = unit_at_work(c)->name;
	return x;
}

static const struct unit *
parent_of(struct pg_change *c)
{
	struct creating *g = c->state;
	const struct unit *u = unit_at_work(c);

	for (size_t i = 0; i < g->at; i++) {
		if (strcmp(g->units[i].oid, u->parent) == 0)
			return &g->units[i];
	}
	return NULL;
}

/* What is there of the unit's index. */
static int
find_index(struct pg_change *c, struct fail *f)
{
	struct unit *u = unit_at_work(c);
	const struct unit *parent = parent_of(c);

	return pg_index_find(c, u->oid, u->name, parent != NULL ? parent->index.oid : NULL, &u->index, f);
}

static int
next_unit(struct pg_change *c)
{
	struct creating *g = c->state;

	g->at++;
	g->awaited = 0;
	c->step = begin_unit;
	return 1;
}

/* Once all are done.  That of a partitioned table is valid where all its partitions have theirs. */
static int
finish(struct pg_change *c, struct fail *f)
{
	struct creating *g = c->state;

	g->at = 0;
	if (find_index(c, f) < 0)
		return -1;
	if (!g->units[0].index.valid) {
		c->how = ROWS_UNAVAILABLE;
		return fail_set(f, "partitions have changed while their indexes were made: once more, and it goes on");
	}
	return pg_change_done(c, g->made ? "created" : "there", NULL);
}

/* Behind a failure. */

static int
removed_failed(struct pg_change *c, const struct pg_outcome *o, struct fail *f)
{
	struct creating *g = c->state;

	c->cleaning = 0;
	c->how = g->how;
	*f = g->why;
	if (o->failed)
		fail_set(f, "%.220s; what was begun could not be removed, an invalid index %.64s is left: %.180s", g->why.text,
		    unit_at_work(c)->name, o->why.text);
	return -1;
}

static int
may_be_left(struct pg_change *c, struct fail *f)
{
	struct creating *g = c->state;

	fail_set(
	    f, "%.300s; an invalid index %.64s may be left, which the next time removes", g->why.text, unit_at_work(c)->name);
	c->how = g->how;
	return -1;
}

/* What is there now and was not there before is what has failed, unless another one was seen to be made. */
static int
clean_up(struct pg_change *c, const struct fail *why, struct fail *f)
{
	struct creating *g = c->state;
	const struct unit *u = unit_at_work(c);
	struct buf sql = {0};
	struct fail ignored;
	int r;

	g->why = *why;
	g->how = c->how;
	c->cleaning = 1;
	if (pg_open_again(c, &ignored) < 0 || find_index(c, &ignored) < 0)
		return may_be_left(c, f);
	if (u->index.oid == NULL || u->index.valid || !u->index.here ||
	    (c->seen != 0 && strtoul(u->index.oid, NULL, 10) != c->seen)) {
		c->how = g->how;
		*f = g->why;
		return -1;
	}
	index_sql_drop(&sql, INDEX_SQL_POSTGRESQL, u->wire, u->name);
	r = pg_attend_run(c, "removing", buf_string(&sql), c->request->wait > LEFTOVER ? c->request->wait : LEFTOVER,
	    removed_failed, &ignored);
	buf_free(&sql);
	return r < 0 ? may_be_left(c, f) : r;
}

/* A lock that is taken for a moment only, and was not had: again, as long as there is patience. */
static int
once_more(struct pg_change *c, const struct pg_outcome *o, struct fail *f)
{
	c->waited += (int64_t)c->request->lock_timeout * 1000000;
	if (pg_attend_pause(c, &o->why, f) < 0)
		return -1;
	c->step = begin_unit;
	return 1;
}

static int
is_timeout(const struct pg_outcome *o)
{
	return strcmp(o->state, "55P03") == 0;
}

/* Attaching. */

static int
attached(struct pg_change *c, const struct pg_outcome *o, struct fail *f)
{
	if (o->failed && is_timeout(o) && !c->given_up)
		return once_more(c, o, f);
	if (o->failed) {
		*f = o->why;
		return -1;
	}
	return next_unit(c);
}

static int
attach(struct pg_change *c, struct fail *f)
{
	const struct unit *u = unit_at_work(c), *parent = parent_of(c);
	struct buf sql = {0};
	int r;

	if (parent == NULL)
		return next_unit(c);
	buf_puts(&sql, "ALTER INDEX ");
	pg_index_name(&sql, parent->schema, parent->name);
	buf_puts(&sql, " ATTACH PARTITION ");
	pg_index_name(&sql, u->schema, u->name);
	r = pg_attend_run(c, "attaching", buf_string(&sql), c->request->lock_timeout, attached, f);
	buf_free(&sql);
	return r;
}

/* Making. */

static int
made(struct pg_change *c, const struct pg_outcome *o, struct fail *f)
{
	struct creating *g = c->state;
	const struct unit *u = unit_at_work(c);
	struct fail why;

	/* There was one of the name before this began. */
	if (o->failed && strcmp(o->state, "42P07") == 0) {
		*f = o->why;
		return -1;
	}
	if (o->failed)
		return clean_up(c, &o->why, f);
	if (find_index(c, f) < 0)
		return -1;
	if (u->index.oid == NULL || !u->index.valid) {
		c->how = ROWS_FAILED;
		fail_set(&why, "the server has made an index %.64s that is not valid", u->name);
		return clean_up(c, &why, f);
	}
	g->made = 1;
	return attach(c, f);
}

static int
make(struct pg_change *c, struct fail *f)
{
	const struct driver_index x = wanted(c);
	struct buf sql = {0};
	int r;

	c->seen = 0;
	index_sql_create(&sql, INDEX_SQL_POSTGRESQL, unit_at_work(c)->wire, &x);
	r = pg_attend_run(c, "building", buf_string(&sql), pg_attend_patience(c), made, f);
	buf_free(&sql);
	return r;
}

static int
made_only(struct pg_change *c, const struct pg_outcome *o, struct fail *f)
{
	struct creating *g = c->state;

	if (o->failed && is_timeout(o) && !c->given_up)
		return once_more(c, o, f);
	if (o->failed) {
		*f = o->why;
		return -1;
	}
	g->made = 1;
	return find_index(c, f) < 0 ? -1 : attach(c, f);
}

static int
make_only(struct pg_change *c, struct fail *f)
{
	const struct driver_index x = wanted(c);
	struct buf sql = {0};
	int r;

	index_sql_create_only(&sql, unit_at_work(c)->wire, &x);
	r = pg_attend_run(c, "building", buf_string(&sql), c->request->lock_timeout, made_only, f);
	buf_free(&sql);
	return r;
}

static int
removed(struct pg_change *c, const struct pg_outcome *o, struct fail *f)
{
	if (o->failed) {
		*f = o->why;
		return -1;
	}
	c->step = make;
	return 1;
}

static int
remove_leftover(struct pg_change *c, struct fail *f)
{
	const struct unit *u = unit_at_work(c);
	struct buf sql = {0};
	int r;

	index_sql_drop(&sql, INDEX_SQL_POSTGRESQL, u->wire, u->name);
	r = pg_attend_run(c, "removing", buf_string(&sql), pg_attend_patience(c), removed, f);
	buf_free(&sql);
	return r;
}

/* One table. */

/* There is something of the name that is, or is to be, of use. */
static int
take_over(struct pg_change *c, struct fail *f)
{
	const struct driver_index x = wanted(c);
	const struct unit *u = unit_at_work(c);
	int same = pg_index_same(c, u->wire, &x, u->index.oid, f);

	if (same < 0)
		return -1;
	if (!same) {
		fail_set(f, "conflict: there is another index %.64s: %.400s", u->name, u->index.definition);
		return refuse(c);
	}
	return u->index.attached ? next_unit(c) : attach(c, f);
}

static int
begin_unit(struct pg_change *c, struct fail *f)
{
	struct creating *g = c->state;
	const struct unit *u = unit_at_work(c);
	int whole;

	if (g->at == g->n)
		return finish(c, f);
	whole = *u->kind == 'p';
	c->about = g->n > 1 ? u->wire : NULL;
	if (find_index(c, f) < 0)
		return -1;
	if (u->index.oid != NULL && !u->index.here) {
		fail_set(f, "conflict: %.64s is the name of something else: %.300s", u->name, u->index.definition);
		return refuse(c);
	}
	if (u->index.attached)
		return next_unit(c);
	if (u->index.oid != NULL && (u->index.valid || whole))
		return take_over(c, f);
	/* Whoever makes the one that is not valid is among those who are waited for. */
	if (!g->awaited) {
		g->awaited = 1;
		return pg_attend_others(c, (uint32_t)strtoul(u->oid, NULL, 10), 0, begin_unit);
	}
	return whole ? make_only(c, f) : u->index.oid != NULL ? remove_leftover(c, f) : make(c, f);
}

/* The beginning. */

static int
has_column(const struct pg_table *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strlen(name) == t->columns[i].len && memcmp(name, t->columns[i].name, t->columns[i].len) == 0)
			return 1;
	}
	return 0;
}

static int
check_columns(struct pg_change *c, const struct driver_index *x, struct fail *f)
{
	for (size_t i = 0; i < x->nkeys + x->ninclude; i++) {
		const char *name = i < x->nkeys ? x->keys[i].text : x->include[i - x->nkeys];

		if ((i < x->nkeys && x->keys[i].expression) || has_column(c->table, name))
			continue;
		fail_set(f, "has no column %s", name);
		return refuse(c);
	}
	return 0;
}

static int
check_kind(struct pg_change *c, struct fail *f)
{
	if (c->table->kind == 'v')
		fail_set(f, "is a view, which has no indexes");
	else if (c->table->kind == 'f')
		fail_set(f, "is a foreign table, whose indexes are where its rows are");
	else
		return 0;
	return refuse(c);
}

static int
take_units(struct pg_change *c, const struct buf *rows, struct fail *f)
{
	struct creating *g = c->state;
	const char *const *v = (const char *const *)(const void *)rows->bytes;

	g->n = rows->len / sizeof *v / PG_INDEX_UNIT_FIELDS;
	g->units = mem_array(c->m, g->n, sizeof *g->units);
	for (size_t i = 0; i < g->n; i++, v += PG_INDEX_UNIT_FIELDS) {
		g->units[i] = (struct unit){
		    .oid = v[0], .parent = v[1], .kind = v[2], .wire = v[3], .schema = v[4], .name = v[5]};
		if (*v[2] == 'f') {
			fail_set(f, "has a foreign table as a partition, %.200s: no index can be made of all of them", v[3]);
			return refuse(c);
		}
	}
	return 0;
}

int
pg_create(struct pg_change *c, struct fail *f)
{
	const struct driver_index *x = c->request->index;
	struct buf rows = {0};
	int r;

	if (x->name == NULL || x->nkeys == 0) {
		fail_set(f, "an index has a name and columns");
		return refuse(c);
	}
	if (strlen(x->name) > PG_INDEX_NAME) {
		fail_set(f, "%.70s: is longer than the %d bytes that a name may have", x->name, PG_INDEX_NAME);
		return refuse(c);
	}
	if (pg_open(c, f) < 0 || check_kind(c, f) < 0 || check_columns(c, x, f) < 0)
		return -1;
	c->state = mem_alloc(c->m, sizeof(struct creating));
	r = pg_index_units(c, x->name, &rows, f);
	if (r == 0)
		r = take_units(c, &rows, f);
	buf_free(&rows);
	c->step = begin_unit;
	return r < 0 ? -1 : 1;
}
