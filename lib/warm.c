#include "warm.h"

#include <string.h>
#include <unistd.h>

#include "flight.h"
#include "stamp.h"

/* What was found needs nothing. */
static int
is_fresh(const struct warm *w)
{
	const struct lookup *l = &w->lookup;
	const struct tool_settings *t = w->all->settings;

	if (l->use != LOOKUP_HIT || l->entry.read_at >= w->all->since)
		return l->use == LOOKUP_HIT;
	return !t->refresh && (w->source->server == NULL || t->ttl - lookup_age(&l->entry) >= w->all->expiring);
}

static int
look(struct warm *w)
{
	lookup_find(&w->lookup, w->all->cache, w->m, stamp_now());
	return is_fresh(w);
}

/* True where another process has stored it between the look and the lock. */
static int
was_stored(struct warm *w)
{
	int64_t before = w->lookup.entry.read_at;

	lookup_extent(&w->lookup, w->all->cache, w->m);
	return w->lookup.there && w->lookup.entry.read_at != before && look(w);
}

/* It has expired, or soon will, but a server may say that it is still so. */
static int
may_stand(struct warm *w)
{
	return w->lookup.there && w->lookup.use != LOOKUP_NOTHING && !w->all->settings->refresh && renewal_ask(&w->renewal);
}

/* With the lock, or where there can be none. */
static enum warm_state
ask(struct warm *w, int lock)
{
	w->keeping = (struct keeping){
	    .cache = w->all->cache, .m = w->m, .source = w->source, .lookup = &w->lookup, .lock = lock, .held = &w->all->held};
	w->renewal = (struct renewal){.keeping = &w->keeping, .lookup = &w->lookup, .all = &w->all->renewals};
	if (was_stored(w)) {
		keeping_close(&w->keeping);
		return WARM_FRESH;
	}
	if (!may_stand(w))
		w->rows = keeping_ask(&w->keeping);
	return WARM_ASKED;
}

static enum warm_state
wait(struct warm *w, int *lock)
{
	struct watch patience = {.deadline = w->all->until};
	enum flight how = flight_wait(w->all->cache, &w->lookup.names[0], &patience, lock);

	return how == FLIGHT_ANOTHERS ? WARM_LATER : WARM_ASKED;
}

static enum warm_state
begin(struct warm *w)
{
	struct warming *all = w->all;
	int lock;

	w->lookup.nnames = question_names(&w->question, w->source, all->reader, w->m, w->lookup.names);
	if (w->lookup.nnames == 0)
		return WARM_UNKEPT;
	if (look(w))
		return WARM_FRESH;
	if (w->source->proof.young)
		return w->last ? WARM_UNKEPT : WARM_LATER;
	if (flight_take(all->cache, &w->lookup.names[0], &lock) == FLIGHT_ANOTHERS &&
	    (!w->last || wait(w, &lock) == WARM_LATER))
		return WARM_LATER;
	return ask(w, lock);
}

void
warm_begin(struct warm *w)
{
	w->rows = NULL;
	w->lookup = (struct lookup){.question = &w->question, .source = w->source, .settings = w->all->settings};
	w->state = begin(w);
}

/* The first line of what is said of an answer that is not whole. */
static void
first_note(struct fail *f, const struct rows *rows)
{
	const char *end = memchr(rows->notes.bytes, '\n', rows->notes.len);

	fail_set(f, "%.*s", (int)(end != NULL ? (size_t)(end - rows->notes.bytes) : rows->notes.len), rows->notes.bytes);
}

/* Where it was not stored, why says whose fault that is. */
static enum warm_state
judge(const struct warm *w, struct fail *f)
{
	const struct keeping *k = &w->keeping;

	if (k->stored)
		return WARM_STORED;
	if (k->why == NULL || strcmp(k->why, "write") == 0) {
		fail_set(f, "the answer cannot be written to the cache");
		return WARM_FAILED;
	}
	/* What was asked for with it was the last of the server before. */
	if (strcmp(k->why, "identity") == 0 && !w->last)
		return WARM_LATER;
	if (w->rows->faults > 0 && w->rows->notes.len > 0) {
		first_note(f, w->rows);
		return WARM_FAILED;
	}
	return WARM_UNKEPT;
}

enum warm_state
warm_end(struct warm *w, struct fail *f)
{
	int more;

	if (w->state != WARM_ASKED)
		return w->state;
	if (w->rows == NULL)
		w->rows = renewal_take(&w->renewal);
	if (w->rows == NULL)
		return w->state = WARM_FRESH;
	more = rows_columns(w->rows, f);
	while (more >= 0 && (more = rows_next(w->rows, f)) > 0)
		continue;
	if (more < 0)
		w->state = w->rows->end == ROWS_REFUSED ? WARM_UNKEPT : WARM_FAILED;
	else
		w->state = judge(w, f);
	rows_close(w->rows);
	keeping_close(&w->keeping);
	return w->state;
}
