#include "refresh.h"

#include <unistd.h>

#include "child.h"
#include "collect.h"
#include "flight.h"
#include "keeping.h"
#include "stamp.h"
#include "trace.h"

enum { TIME = 30, PAUSE = 60 }; /* seconds: for all of it; between two tries, at most */

static const int64_t SECOND = INT64_C(1000000000);

/* True where the last one failed so shortly ago that the next may wait. */
static int
is_too_early(const struct entry *e)
{
	int64_t pause = e->failures < 6 ? SECOND << e->failures : PAUSE * SECOND;
	int64_t since = stamp_now() - e->failed_at;

	return e->failures > 0 && since >= 0 && since < pause;
}

int
refresh_add(struct refreshes *all, const struct lookup *found)
{
	struct refresh *r;

	if (!found->settings->background || is_too_early(&found->entry))
		return 0;
	r = mem_alloc(&all->mem, sizeof *r);
	r->source = *found->source;
	r->source.server = mem_string(&all->mem, r->source.server);
	r->source.scheme = mem_string(&all->mem, r->source.scheme);
	r->source.table = r->source.table != NULL ? mem_string(&all->mem, r->source.table) : NULL;
	r->question = *found->question;
	r->question.request.table = r->source.table;
	r->lookup = (struct lookup){.question = &r->question, .source = &r->source, .settings = found->settings};
	r->next = all->first;
	all->first = r;
	return 1;
}

/* Those that nobody else is at, or was just now. */
static size_t
take_locks(struct refreshes *all, struct cache *c, const struct reader_options *reader)
{
	size_t n = 0;

	for (struct refresh *r = all->first; r != NULL; r = r->next) {
		struct lookup *l = &r->lookup;

		l->nnames = question_names(&r->question, &r->source, reader, &all->mem, l->names);
		if (flight_take(c, &l->names[0], &r->lock) != FLIGHT_MINE)
			continue;
		if (!lookup_again(l, c, &all->mem)) {
			n++;
			continue;
		}
		close(r->lock);
		r->lock = -1;
	}
	return n;
}

static void
note_failure(struct refresh *r, struct cache *c, struct mem *m)
{
	struct entry e;

	if (cache_find(c, m, &r->lookup.names[0], &e) != NULL)
		return;
	e.failures++;
	e.failed_at = stamp_now();
	cache_store(c, &r->lookup.names[0], &e);
}

/* What all of them share. */
struct refreshing {
	struct cache cache;
	struct pool helpers;
	struct watch watch;
	struct keeping *held;
	struct renewal *renewals;
	struct metrics *metrics;
};

static void
begin(struct refreshing *g, struct refresh *r, const struct reader_options *reader)
{
	const struct source_options o = {.watch = &g->watch, .reader = *reader, .cache = &g->cache, .helpers = &g->helpers};
	struct source again;
	struct fail f;

	r->keeping = (struct keeping){
	    .cache = &g->cache, .m = &r->mem, .source = &r->source, .lookup = &r->lookup, .lock = r->lock, .held = &g->held};
	r->renewal = (struct renewal){.keeping = &r->keeping, .lookup = &r->lookup, .all = &g->renewals};
	if (source_again(&again, &r->source, &o, &f) < 0)
		return;
	r->source = again;
	if (r->lookup.use == LOOKUP_NOTHING || !renewal_ask(&r->renewal))
		r->rows = keeping_ask(&r->keeping);
}

static void
end(struct refreshing *g, struct refresh *r)
{
	int done;

	if (r->rows == NULL && renewal_is_asked(&r->renewal))
		r->rows = renewal_take(&r->renewal);
	keeping_drain(&g->held);
	done = r->keeping.stored || r->renewal.stands;
	rows_close(r->rows);
	keeping_close(&r->keeping);
	trace_event("refresh kind=%s ok=%d", r->lookup.names[0].kind, done);
	if (!done)
		note_failure(r, &g->cache, &r->mem);
	metrics_add(g->metrics, &(struct metrics_sample){question_database(&r->source, &r->mem), METRICS_OUTCOMES, 0,
				    done ? METRICS_REFRESHED | METRICS_STORED : METRICS_REFRESH_FAILED, stamp_now()});
	mem_free(&r->mem);
}

/* Those from `first` to before `behind`, which were begun. */
static void
end_some(struct refreshing *g, struct refresh *first, const struct refresh *behind)
{
	pool_go(&g->helpers);
	for (struct refresh *r = first; r != behind; r = r->next) {
		if (r->lock >= 0)
			end(g, r);
	}
	pool_close(&g->helpers);
}

static void
refresh_all(struct refreshes *all, const struct reader_options *reader, uint64_t limit, struct metrics *metrics)
{
	struct refreshing g = {.cache = {.limit = limit}, .metrics = metrics};
	struct refresh *first = all->first;

	watch_start(&g.watch, TIME * SECOND, NULL);
	for (struct refresh *r = first; r != NULL; r = r->next) {
		if (r->lock >= 0)
			begin(&g, r, reader);
		if (pool_full(&g.helpers) || r->next == NULL) {
			end_some(&g, first, r->next);
			first = r->next;
		}
	}
	collect_stored(&g.cache);
	cache_close(&g.cache);
}

void
refresh_start(struct refreshes *all, struct cache *c, const struct reader_options *reader, const struct metrics *metrics)
{
	size_t n = all->first != NULL ? take_locks(all, c, reader) : 0;
	int *keep = mem_array(&all->mem, n, sizeof *keep);

	n = 0;
	for (struct refresh *r = all->first; r != NULL; r = r->next) {
		if (r->lock >= 0)
			keep[n++] = r->lock;
	}
	if (n > 0 && child_behind(keep, n)) {
		struct metrics own;

		metrics_start(&own, metrics->program);
		refresh_all(all, reader, c->limit, &own);
		if (all->first->lookup.settings->metrics)
			metrics_write(&own);
		_exit(0);
	}
	for (size_t i = 0; i < n; i++)
		close(keep[i]);
	mem_free(&all->mem);
	all->first = NULL;
}
