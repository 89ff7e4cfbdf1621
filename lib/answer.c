#include "answer.h"

#include <stdio.h>
#include <string.h>

#include "collect.h"
#include "flight.h"
#include "identity.h"
#include "number.h"
#include "stamp.h"
#include "subject.h"
#include "trace.h"

static const int64_t SECOND = INT64_C(1000000000);

struct answer {
	struct answers *all;
	struct mem *m;
	struct source *source;
	struct question question;
	struct lookup lookup;
	struct keeping keeping;
	struct renewal renewal;
	struct rows *rows; /* what is given out; NULL: it is being renewed, or another process asks, and is to be waited for */
	struct fail why;   /* what was found is given though it is old */
	int kept;          /* what is given was found in the cache */
	uint64_t given;
	/* By stamp_now().  Were the machine's clock set meanwhile, the time it took would be wrong; that is not worth two more
	 * looks at a clock. */
	int64_t since;   /* when it was asked */
	int64_t told;    /* when all of it was given */
	unsigned events; /* of enum metrics_event */
};

/* Looking and asking. */

static void
look(struct answer *x, int64_t now)
{
	lookup_find(&x->lookup, &x->all->cache, x->m, now);
}

static void
give_found(struct answer *x)
{
	x->kept = 1;
	x->rows = lookup_replay(&x->lookup, x->m);
}

static const char *
kind(const struct answer *x)
{
	return x->lookup.names[0].kind;
}

/* `event` is one word for it, `why` a sentence. */
static void
give_old(struct answer *x, const char *event, const char *why)
{
	char age[NUMBER_AGE];

	number_age(age, lookup_age(&x->lookup.entry));
	fail_set(&x->why, "%.400s: this is what it was %s ago", why, age);
	trace_event("old kind=%s why=%s", kind(x), event);
	x->lookup.use = LOOKUP_OLD;
	give_found(x);
}

/* Asks, with the lock or where there can be none; first whether what was found has expired, but is still so. */
static void
ask_in_turn(struct answer *x, int lock)
{
	struct answers *a = x->all;

	x->keeping = (struct keeping){
	    .cache = &a->cache, .m = x->m, .source = x->source, .lookup = &x->lookup, .lock = lock, .held = &a->held};
	x->renewal = (struct renewal){.keeping = &x->keeping, .lookup = &x->lookup, .all = &a->renewals};
	if (x->lookup.use != LOOKUP_OLD || a->settings->refresh || !renewal_ask(&x->renewal))
		x->rows = keeping_ask(&x->keeping);
}

static void
renew(struct answer *x)
{
	x->rows = renewal_take(&x->renewal);
	if (x->rows == NULL)
		give_found(x);
}

/* Another process was asking.  Nothing is held while it is waited for. */
static void
wait(struct answer *x)
{
	int lock;
	enum flight how;

	x->events |= METRICS_WAITED;
	renewal_settle_all(&x->all->renewals);
	keeping_drain(&x->all->held);
	how = flight_wait(&x->all->cache, &x->lookup.names[0], x->all->watch, &lock);
	look(x, stamp_now());
	if (x->lookup.use == LOOKUP_HIT) {
		x->keeping.lock = lock;
		give_found(x);
		keeping_close(&x->keeping);
		return;
	}
	/* Who has waited for nothing asks for himself alone. */
	if (how == FLIGHT_ANOTHERS)
		x->lookup.nnames = 0;
	ask_in_turn(x, lock);
}

/* A failure may be made good by what was found, if the source only fails now. */
static int
falls_back(struct answer *x, const struct fail *f)
{
	const struct rows *failed = x->rows;

	if (x->kept || failed->end != ROWS_UNAVAILABLE || x->lookup.use != LOOKUP_OLD || x->given > 0 ||
	    x->all->settings->strict || x->all->settings->refresh || identity_changed(x->source))
		return 0;
	rows_close(x->rows);
	keeping_close(&x->keeping);
	give_old(x, "sie", f->text);
	return 1;
}

/* The stream. */

/* When the source was asked for what is given. */
static int64_t
asked_at(const struct answer *x)
{
	if (x->kept)
		return x->lookup.entry.read_at;
	return x->keeping.entry.read_at != 0 ? x->keeping.entry.read_at : x->since;
}

static int
answer_start(struct rows *r, struct fail *f)
{
	struct answer *x = r->state;

	if (x->rows == NULL && !renewal_is_asked(&x->renewal))
		wait(x);
	if (x->rows == NULL)
		renew(x);
	if (rows_columns(x->rows, f) < 0 && (!falls_back(x, f) || rows_columns(x->rows, f) < 0)) {
		r->end = x->rows->end;
		x->events |= METRICS_FAILED;
		return -1;
	}
	r->columns = x->rows->columns;
	r->ncolumns = x->rows->ncolumns;
	r->cache = x->lookup.nnames == 0 || x->all->settings->refresh ? ROWS_OFF
		   : !x->kept                                         ? ROWS_MISS
		   : x->lookup.use == LOOKUP_HIT                      ? ROWS_HIT
								      : ROWS_OLD;
	r->as_of = asked_at(x) / SECOND;
	return 0;
}

/* Only what has the same columns can take the place of what failed behind them. */
static int
falls_back_late(struct rows *r, struct answer *x, struct fail *f)
{
	struct fail why;

	if (!falls_back(x, f) || rows_columns(x->rows, &why) < 0 || x->rows->ncolumns != r->ncolumns)
		return -1;
	r->cache = ROWS_OLD;
	r->as_of = x->lookup.entry.read_at / SECOND;
	return rows_next(x->rows, f);
}

static int
answer_next(struct rows *r, struct fail *f)
{
	struct answer *x = r->state;
	int more = rows_next(x->rows, f);

	if (more < 0)
		more = falls_back_late(r, x, f);
	if (more <= 0) {
		rows_take_end(r, x->rows);
		if (r->cache == ROWS_OLD)
			rows_note(r, 0, "%s", x->why.text);
		x->told = stamp_now();
		x->events |= more < 0 ? METRICS_FAILED : 0;
		return more;
	}
	x->given++;
	r->cells = x->rows->cells;
	r->ncells = x->rows->ncells;
	r->csv = x->rows->csv;
	r->csv_len = x->rows->csv_len;
	return 1;
}

/* The reference of the database, which the question may have found out already. */
static const char *
database(const struct answer *x)
{
	const struct cache_name *name = &x->lookup.names[0];

	if (name->database == NULL)
		return question_database(x->source, x->m);
	return subject_ref(x->m, &(struct subject){name->database, ""});
}

static void
count(struct answer *x, enum rows_cache how)
{
	static const enum metrics_outcome outcomes[] = {
	    [ROWS_OFF] = METRICS_OFF, [ROWS_MISS] = METRICS_MISS, [ROWS_HIT] = METRICS_HIT, [ROWS_OLD] = METRICS_OLD};
	const struct lookup *l = &x->lookup;
	int64_t until = x->told != 0 ? x->told : stamp_now();

	x->events |= x->keeping.stored ? METRICS_STORED : 0;
	x->events |= l->why != NULL && strcmp(l->why, "damaged") == 0 ? METRICS_CORRUPT : 0;
	metrics_add(&x->all->metrics, &(struct metrics_sample){database(x), outcomes[how], until - x->since, x->events, until});
}

static void
answer_close(struct rows *r)
{
	struct answer *x = r->state;

	if (x->all->settings->metrics)
		count(x, r->cache);
	rows_close(x->rows);
	renewal_close(&x->renewal);
	keeping_close(&x->keeping);
}

/* Where it may be given at once: 1. */
static int
found(struct answer *x)
{
	const struct tool_settings *t = x->all->settings;

	if (x->lookup.use == LOOKUP_HIT) {
		give_found(x);
	} else if (t->cached && x->lookup.use != LOOKUP_NOTHING && !t->strict) {
		give_old(x, "cached", "not looked at (--cached)");
	} else if (t->cached) {
		x->rows = rows_failed(x->m, ROWS_FAILED, "no such answer is kept (--cached)");
	} else if (x->lookup.use == LOOKUP_STALE) {
		give_old(x, "swr", refresh_add(&x->all->refreshes, &x->lookup) ? "is being refreshed" : "has expired (--swr)");
	} else {
		return 0;
	}
	return 1;
}

/* Asks, unless another process is at it, or has just been: then it may be stored by now. */
static void
begin(struct answer *x)
{
	struct answers *a = x->all;
	const struct cache_name *name = &x->lookup.names[0];
	enum flight how;
	int lock = -1;

	if (x->lookup.nnames > 0 && !x->source->proof.young) {
		how = flight_take(&a->cache, name, &lock);
		if (!a->settings->refresh && how == FLIGHT_ANOTHERS)
			return;
		if (!a->settings->refresh && how == FLIGHT_MINE && lookup_again(&x->lookup, &a->cache, x->m)) {
			x->keeping.lock = lock;
			keeping_close(&x->keeping);
			give_found(x);
			return;
		}
	}
	ask_in_turn(x, lock);
}

/* The first question is one with the opening of the file. */
static int64_t
asked_now(struct source *s)
{
	int64_t now = s->seen != 0 ? s->seen : stamp_now();

	s->seen = 0;
	return now;
}

struct rows *
answer_ask(struct answers *a, struct mem *m, struct source *s, const struct question *q)
{
	static const struct rows_driver driver = {answer_start, answer_next, answer_close};
	struct answer *x = mem_alloc(m, sizeof *x);

	*x = (struct answer){.all = a, .m = m, .source = s, .question = *q, .since = asked_now(s)};
	x->keeping = (struct keeping){.lock = -1, .held = &a->held};
	x->lookup = (struct lookup){.question = &x->question, .source = s, .settings = a->settings};
	if (!a->settings->no_cache)
		x->lookup.nnames = question_names(q, s, &a->reader, m, x->lookup.names);
	if (x->lookup.nnames > 0 && !a->settings->refresh)
		look(x, x->since);
	if (!found(x))
		begin(x);
	return rows_new(m, &driver, x);
}

void
answers_start(struct answers *a, const char *program, const struct tool_settings *settings, const struct reader_options *reader,
    struct watch *w)
{
	*a = (struct answers){.settings = settings, .reader = *reader, .watch = w};
	a->cache.limit = settings->cache_limit;
	metrics_start(&a->metrics, program);
}

void
answers_end(struct answers *a)
{
	refresh_start(&a->refreshes, &a->cache, &a->reader, &a->metrics);
	metrics_write(&a->metrics);
	collect_stored(&a->cache);
}
