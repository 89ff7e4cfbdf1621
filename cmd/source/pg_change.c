#include "pg_change.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pg_progress.h"
#include "pg_transaction.h"
#include "serve.h"

/* The rows. */

void
pg_change_tell(struct pg_change *c, const char *phase, const char *done, const char *total, const char *detail)
{
	const char *const texts[DRIVER_CHANGE_FIELDS] = {phase, done, total, detail};

	for (int i = 0; i < DRIVER_CHANGE_FIELDS; i++) {
		struct rows_cell cell = texts[i] != NULL ? rows_text(mem_string(&c->lines, texts[i])) : rows_null();

		if (texts[i] != NULL)
			cell.type = (unsigned char)driver_fields[DRIVER_CREATE_INDEX].columns[i].type;
		buf_add(&c->rows, &cell, sizeof cell);
	}
}

int
pg_change_done(struct pg_change *c, const char *phase, const char *detail)
{
	pg_change_tell(c, phase, NULL, NULL, detail);
	return 0;
}

void
pg_change_tell_seen(struct pg_change *c, const struct buf *seen)
{
	const struct pg_seen *s = (const struct pg_seen *)(const void *)seen->bytes;

	for (size_t i = 0; i < seen->len / sizeof *s; i++)
		pg_change_tell(c, s[i].phase, s[i].done, s[i].total, s[i].detail);
}

int
pg_change_note(struct pg_change *c, const struct buf *seen)
{
	const struct pg_seen *s = (const struct pg_seen *)(const void *)seen->bytes;

	int blocked = 0;

	for (size_t i = 0; i < seen->len / sizeof *s; i++) {
		if (s[i].index != 0)
			c->seen = s[i].index;
		if (strcmp(s[i].phase, "blocked") != 0 || blocked)
			continue;
		snprintf(c->blocker, sizeof c->blocker, "%s", s[i].detail);
		blocked = 1;
	}
	return blocked;
}

/* Reading. */

struct reading {
	struct mem *m;
	struct buf *rows;
	int nfields;
};

static void
take_row(void *arg, const PGresult *row)
{
	struct reading *g = arg;

	for (int i = 0; i < g->nfields; i++) {
		int null = i >= PQnfields(row) || PQgetisnull(row, 0, i);
		const char *text = null ? NULL : mem_string(g->m, PQgetvalue(row, 0, i));

		buf_add(g->rows, &text, sizeof text);
	}
}

int
pg_change_rows(struct pg_change *c, const struct pg_statement *st, struct buf *rows, int nfields, struct fail *f)
{
	struct reading g = {c->m, rows, nfields};

	return pg_transaction_read(&c->worker, st, take_row, &g, &c->how, f);
}

int
pg_change_row(struct pg_change *c, const struct pg_statement *st, const char **fields, int nfields, struct fail *f)
{
	struct buf rows = {0};
	int r = pg_change_rows(c, st, &rows, nfields, f);

	if (r == 0 && rows.len > 0) {
		memcpy(fields, rows.bytes, (size_t)nfields * sizeof *fields);
		r = 1;
	}
	buf_free(&rows);
	return r;
}

/* Whether it goes on. */

int
pg_change_wanted(struct pg_change *c, struct fail *f)
{
	c->how = ROWS_UNAVAILABLE;
	if (c->detached)
		return 0;
	if (pg_session_signal() != 0)
		return fail_set(f, "was ended by signal %d", pg_session_signal());
	if (serve_gone())
		return fail_set(f, "nobody waits for the answer");
	if (c->deadline != 0 && watch_now() >= c->deadline)
		return fail_set(f, "was not done in time (--timeout)");
	return 0;
}

/* The answer. */

static void
let_go(struct pg_change *c)
{
	int signal = pg_session_signal();

	pg_session_close(&c->worker);
	pg_session_close(&c->watcher);
	if (c->detached)
		_exit(0);
	pg_session_hold(0);
	if (signal != 0)
		_exit(128 + signal);
}

static int
start(struct rows *r, struct fail *f)
{
	struct pg_change *c = r->state;

	(void)f;
	pg_session_expect(c->like);
	c->deadline = c->like->deadline;
	r->columns = driver_fields[DRIVER_CREATE_INDEX].columns;
	r->ncolumns = DRIVER_CHANGE_FIELDS;
	return 0;
}

static int
give_row(struct rows *r, struct pg_change *c)
{
	size_t n = c->rows.len / sizeof *r->cells;

	if (c->given < n) {
		r->cells = (struct rows_cell *)(void *)c->rows.bytes + c->given;
		r->ncells = DRIVER_CHANGE_FIELDS;
		c->given += DRIVER_CHANGE_FIELDS;
		return 1;
	}
	c->given = c->rows.len = 0;
	mem_free(&c->lines);
	return 0;
}

static int
next(struct rows *r, struct fail *f)
{
	struct pg_change *c = r->state;
	int more = 1;

	while (!give_row(r, c)) {
		if (c->failed) {
			*f = c->why;
			r->end = c->how;
			return -1;
		}
		if (c->ended) {
			r->end = ROWS_COMPLETE;
			return 0;
		}
		more = c->step(c, &c->why);
		c->failed = more < 0;
		c->ended = more == 0;
		if (more <= 0)
			let_go(c);
	}
	return 1;
}

static void
close_rows(struct rows *r)
{
	struct pg_change *c = r->state;

	pg_session_close(&c->worker);
	pg_session_close(&c->watcher);
	buf_free(&c->rows);
	mem_free(&c->lines);
}

struct rows *
pg_change_ask(struct pg_session *like, struct mem *m, const struct driver_request *request, pg_change_step *first)
{
	static const struct rows_driver driver = {start, next, close_rows};
	struct pg_change *c = mem_alloc(m, sizeof *c);

	*c = (struct pg_change){.m = m, .request = request, .step = first, .like = like};
	return rows_new(m, &driver, c);
}
