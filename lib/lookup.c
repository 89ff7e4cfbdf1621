#include "lookup.h"

#include "excerpt.h"
#include "stamp.h"
#include "trace.h"

int
lookup_is_rows(const struct question *q)
{
	return q->make == NULL && q->request.operation == DRIVER_SCAN;
}

int64_t
lookup_age(const struct entry *e)
{
	return stamp_now() - e->read_at;
}

/* True where as many rows and bytes of a cell are kept as are asked for. */
static int
is_enough(const struct question *q, const struct entry *e)
{
	const struct driver_request *r = &q->request;

	if (!lookup_is_rows(q))
		return 1;
	if (r->limit > e->rows && (e->whole & ENTRY_ALL_ROWS) == 0)
		return 0;
	return e->width == 0 || (e->whole & ENTRY_ALL_BYTES) != 0 || (r->width != 0 && r->width <= e->width);
}

static enum lookup_use
judge_local(const struct lookup *l, const struct entry *e, const char **why)
{
	if (!l->source->unreachable && !e->proof.young && proof_same(&e->proof, &l->source->proof))
		return LOOKUP_HIT;
	*why = e->proof.young ? "young" : "stamp";
	return l->settings->cached || l->now - e->read_at <= l->settings->sie ? LOOKUP_OLD : LOOKUP_NOTHING;
}

static enum lookup_use
judge_server(const struct lookup *l, const struct entry *e, const char **why)
{
	int64_t over = l->now - e->read_at - l->settings->ttl;

	if (over <= 0)
		return LOOKUP_HIT;
	*why = "expired";
	if (over <= l->settings->swr && !l->settings->strict)
		return LOOKUP_STALE;
	return l->settings->cached || over <= l->settings->sie ? LOOKUP_OLD : LOOKUP_NOTHING;
}

/* True where what stands under a name is not about the table alone. */
static int
is_wider(const struct lookup *l, int place)
{
	return place > 0 && question_is_of_part(l->question);
}

/* What is kept of all tables has something of this one; a name may also be one that only the source can resolve. */
static int
has_table(const struct question *q, const struct entry *e)
{
	const struct excerpt of = {.limit = 1, .first = q->request.table};
	struct mem m = {0};
	struct rows *rows = excerpt_of(&m, rows_decode(&m, e->bytes, e->len), &of);
	struct fail f;
	int has = rows_columns(rows, &f) == 0 && rows_next(rows, &f) > 0;

	rows_close(rows);
	mem_free(&m);
	return has;
}

static enum lookup_use
judge(const struct lookup *l, const struct entry *e, const char **why)
{
	*why = "short";
	if (!is_enough(l->question, e))
		return LOOKUP_NOTHING;
	*why = "future";
	if (e->read_at > l->now)
		return LOOKUP_NOTHING;
	return l->source->server != NULL ? judge_server(l, e, why) : judge_local(l, e, why);
}

static void
look(struct lookup *l, struct cache *c, struct mem *m, int place)
{
	enum lookup_use use;
	struct entry e = {0};
	const char *why = cache_find(c, m, &l->names[place], &e);

	l->there |= place == 0 && why == NULL;
	use = why == NULL ? judge(l, &e, &why) : LOOKUP_NOTHING;
	if (use != LOOKUP_NOTHING && is_wider(l, place)) {
		use = has_table(l->question, &e) ? LOOKUP_OLD : LOOKUP_NOTHING;
		why = "absent";
	}
	if (place == 0 || use > l->use) {
		l->use = use;
		l->why = why;
		l->place = place;
		l->entry = e;
	}
}

static int
look_at(struct lookup *l, struct cache *c, struct mem *m, int64_t now)
{
	l->now = c->now = now;
	l->there = 0;
	l->use = LOOKUP_NOTHING;
	for (int i = 0; i < l->nnames && l->use < LOOKUP_HIT; i++)
		look(l, c, m, i);
	if (l->use == LOOKUP_HIT)
		trace_event("hit kind=%s", l->names[0].kind);
	return l->use == LOOKUP_HIT;
}

int
lookup_again(struct lookup *l, struct cache *c, struct mem *m)
{
	return look_at(l, c, m, stamp_now());
}

void
lookup_find(struct lookup *l, struct cache *c, struct mem *m, int64_t now)
{
	if (!look_at(l, c, m, now) && l->use != LOOKUP_STALE)
		trace_event("miss kind=%s why=%s", l->names[0].kind, l->why);
}

void
lookup_extent(struct lookup *l, struct cache *c, struct mem *m)
{
	l->there = cache_find(c, m, &l->names[0], &l->entry) == NULL;
}

struct rows *
lookup_replay(const struct lookup *l, struct mem *m)
{
	const struct driver_request *r = &l->question->request;
	struct rows *rows = rows_decode(m, l->entry.bytes, l->entry.len);
	const struct excerpt e = {.limit = r->limit,
	    .last = r->which == DRIVER_TAIL,
	    .width = r->width,
	    .columns = r->columns,
	    .ncolumns = l->place > 0 ? r->ncolumns : 0};

	if (is_wider(l, l->place))
		return excerpt_of(m, rows, &(struct excerpt){.limit = UINT64_MAX, .first = r->table});
	return lookup_is_rows(l->question) ? excerpt_of(m, rows, &e) : rows;
}
