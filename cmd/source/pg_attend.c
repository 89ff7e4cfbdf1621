#include "pg_attend.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "pg_progress.h"

static const int64_t MILLISECOND = 1000000;

/* Milliseconds between signs of life, looks and rows.  Who is to be seen has to be there for that long. */
enum { TICK = 100, LOOK = 200, ROW = 1000 };

uint64_t
pg_attend_patience(const struct pg_change *c)
{
	uint64_t waited = (uint64_t)(c->waited / MILLISECOND);

	return waited < c->request->wait ? c->request->wait - waited : 0;
}

/* The sentence about a lock that was not had: who was in the way, where that is known.  Always -1. */
static int
blocked(struct pg_change *c, struct fail *f)
{
	double seconds = (double)c->request->wait / 1000;

	c->how = ROWS_UNAVAILABLE;
	if (c->blocker[0] == '\0')
		return fail_set(f, "somebody else has it locked, for longer than the %g s to be waited (--wait)", seconds);
	return fail_set(f, "%s, is in the way for longer than the %g s to be waited (--wait)", c->blocker, seconds);
}

/* A process of its own goes on: the one that got a signal may be killed at any moment. */
static void
detach(struct pg_change *c)
{
	const int keep[] = {PQsocket(c->worker.connection), PQsocket(c->watcher.connection)};

	if (child_behind(keep, 2) == 0)
		_exit(128 + pg_session_signal());
	c->detached = 1;
	pg_session_hold(0);
}

/* A cancel request that comes before its statement does nothing, so that it is sent until that has ended. */
static void
cancel(struct pg_change *c)
{
	struct fail ignored;

	pg_progress_cancel(&c->watcher, PQbackendPID(c->worker.connection), &ignored);
}

static void
give_up(struct pg_change *c, const struct fail *why)
{
	if (c->given_up)
		return;
	c->given_up = 1;
	c->reason = *why;
	cancel(c);
}

/* While a statement runs. */

/* Once a second. */
static void
tell(struct pg_change *c, const struct buf *seen, int64_t now)
{
	if (now - c->told < ROW * MILLISECOND)
		return;
	c->told = now;
	if (seen->len > 0)
		pg_change_tell_seen(c, seen);
	else
		pg_change_tell(c, c->doing, NULL, NULL, c->about);
}

/* True where somebody keeps it waiting. */
static int
look(struct pg_change *c, int64_t now)
{
	int waits = 0;
	struct buf seen = {0};
	struct mem m = {0};
	struct fail f;

	if (pg_progress_look(&c->watcher, &m, PQbackendPID(c->worker.connection), &seen, &f) == 0) {
		waits = pg_change_note(c, &seen);
		if (waits)
			c->waited += now - c->looked;
		tell(c, &seen, now);
	} else {
		tell(c, &(struct buf){0}, now);
	}
	c->looked = now;
	buf_free(&seen);
	mem_free(&m);
	return waits;
}

static int
end_statement(struct pg_change *c, struct fail *f)
{
	pg_change_then *then = c->then;
	struct pg_outcome o;

	pg_command_end(&c->worker, &o);
	c->step = NULL;
	c->how = o.how;
	if (o.failed && c->given_up) {
		o.why = c->reason;
		c->how = ROWS_UNAVAILABLE;
	} else if (o.failed && strcmp(o.state, "55P03") == 0) {
		blocked(c, &o.why);
	}
	return then(c, &o, f);
}

static int
attend(struct pg_change *c, struct fail *f)
{
	int64_t now = watch_now();
	int ready = pg_session_ready(&c->worker, now + TICK * MILLISECOND, f);
	struct fail why;

	if (ready != 0)
		return end_statement(c, f);
	if (!c->cleaning && pg_change_wanted(c, &why) < 0)
		give_up(c, &why);
	if (pg_session_signal() != 0 && !c->detached)
		detach(c);
	now = watch_now();
	if (now - c->looked < LOOK * MILLISECOND)
		return 1;
	if (look(c, now) && !c->cleaning && pg_attend_patience(c) == 0) {
		blocked(c, &why);
		give_up(c, &why);
	}
	if (c->given_up)
		cancel(c);
	return 1;
}

int
pg_attend_run(
    struct pg_change *c, const char *doing, const char *sql, uint64_t lock_timeout, pg_change_then *then, struct fail *f)
{
	if (pg_command_limit(&c->worker, lock_timeout, &c->how, f) < 0)
		return -1;
	if (pg_command_send(&c->worker, sql, 0, NULL, f) < 0) {
		c->how = c->worker.how;
		return -1;
	}
	pg_change_tell(c, doing, NULL, NULL, c->about);
	c->given_up = 0;
	c->blocker[0] = '\0';
	c->doing = doing;
	c->looked = c->told = watch_now();
	c->then = then;
	c->step = attend;
	return 1;
}

/* Before one. */

/* The transactions of those seen, as an array. */
static const char *
list_transactions(struct mem *m, const struct buf *seen)
{
	const struct pg_seen *s = (const struct pg_seen *)(const void *)seen->bytes;
	struct buf list = {0};

	for (size_t i = 0; i < seen->len / sizeof *s; i++) {
		buf_byte(&list, i == 0 ? '{' : ',');
		buf_puts(&list, s[i].who);
	}
	buf_puts(&list, list.len == 0 ? "{}" : "}");
	return buf_kept(m, &list);
}

/* One look: 1 where somebody of them is still there. */
static int
look_around(struct pg_change *c, struct fail *f)
{
	struct buf seen = {0};
	struct mem m = {0};
	int64_t now;
	int r = pg_progress_in_the_way(&c->watcher, &m, c->awaited, c->anybody, c->own, c->among, &seen, f);

	if (r < 0)
		c->how = c->watcher.lost ? c->watcher.how : ROWS_FAILED;
	if (r == 0 && seen.len > 0)
		r = pg_change_note(c, &seen);
	now = watch_now();
	if (r > 0 && c->among == NULL)
		c->among = list_transactions(c->m, &seen);
	else if (r > 0)
		tell(c, &seen, now);
	buf_free(&seen);
	mem_free(&m);
	return r;
}

int
pg_attend_pause(struct pg_change *c, const struct fail *why, struct fail *f)
{
	int64_t until = watch_now() + LOOK * MILLISECOND;

	if (pg_attend_patience(c) == 0) {
		c->how = ROWS_UNAVAILABLE;
		*f = *why;
		return -1;
	}
	while (watch_now() < until) {
		if (pg_change_wanted(c, f) < 0)
			return -1;
		poll(NULL, 0, TICK);
	}
	c->waited += LOOK * MILLISECOND;
	return 0;
}

static int
await(struct pg_change *c, struct fail *f)
{
	struct fail why;
	int r = look_around(c, f);

	if (r < 0)
		return -1;
	if (r == 0) {
		c->step = c->behind;
		return 1;
	}
	blocked(c, &why);
	return pg_attend_pause(c, &why, f) < 0 ? -1 : 1;
}

int
pg_attend_others(struct pg_change *c, uint32_t table, int anybody, pg_change_step *next)
{
	c->anybody = anybody;
	c->awaited = table;
	c->among = NULL;
	c->told = 0;
	c->behind = next;
	c->blocker[0] = '\0';
	c->step = await;
	return 1;
}
