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

static void
refresh_one(struct refresh *r, struct cache *c, const struct source_options *o, struct metrics *metrics)
{
	struct mem m = {0};
	struct keeping *held = NULL;
	struct keeping k = {.cache = c, .m = &m, .source = &r->source, .lookup = &r->lookup, .lock = r->lock, .held = &held};
	struct source again;
	struct rows *rows;
	struct fail f;

	if (source_again(&again, &r->source, o, &f) == 0) {
		r->source = again;
		rows = keeping_ask(&k);
		keeping_drain(&held);
		rows_close(rows);
		keeping_close(&k);
	}
	trace_event("refresh kind=%s ok=%d", r->lookup.names[0].kind, k.stored);
	if (!k.stored)
		note_failure(r, c, &m);
	metrics_add(metrics, &(struct metrics_sample){question_database(&r->source, &m), METRICS_OUTCOMES, 0,
				 k.stored ? METRICS_REFRESHED | METRICS_STORED : METRICS_REFRESH_FAILED, stamp_now()});
	mem_free(&m);
}

static void
refresh_all(struct refreshes *all, const struct reader_options *reader, uint64_t limit, struct metrics *metrics)
{
	struct cache c = {.limit = limit};
	struct pool helpers = {0};
	struct watch w;
	struct source_options o = {.watch = &w, .reader = *reader, .cache = &c, .helpers = &helpers};

	watch_start(&w, TIME * SECOND, NULL);
	for (struct refresh *r = all->first; r != NULL; r = r->next) {
		if (r->lock >= 0)
			refresh_one(r, &c, &o, metrics);
		if (pool_full(&helpers))
			pool_close(&helpers);
	}
	pool_close(&helpers);
	collect_stored(&c);
	cache_close(&c);
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
