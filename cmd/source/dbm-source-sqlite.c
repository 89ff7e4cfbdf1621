/* dbm-source-sqlite: SQLite databases as a source (dbm-source.7).  Its reference is sqlite:PATH. */

#include <string.h>
#include <time.h>

#include "serve.h"
#include "sqlite_catalog.h"
#include "sqlite_change.h"
#include "sqlite_count.h"
#include "sqlite_explain.h"
#include "sqlite_open.h"
#include "sqlite_sample.h"
#include "sqlite_scan.h"

enum {
	SETTLED = 4 << 20, /* bytes of an answer that is kept back until it is known to be of one state */
	TRIES = 100,       /* to read a file that others write to without the locks that tell us */
	FEW = 20,          /* to read one that a writer seems to have left half way: he may be at it still */
	PAUSE = 5000000,   /* nanoseconds between two tries */
};

static struct rows *
ask(struct sqlite *s, struct mem *m, const struct driver_request *request)
{
	switch (request->operation) {
	case DRIVER_TABLES:
		return sqlite_tables(m, s, request);
	case DRIVER_COLUMNS:
	case DRIVER_INDEXES:
	case DRIVER_FOREIGN_KEYS:
	case DRIVER_INDEX_KEYS:
	case DRIVER_FOREIGN_KEY_COLUMNS:
	case DRIVER_SCHEMA:
		return sqlite_parts(m, s, request);
	case DRIVER_SCAN:
		return sqlite_scan(m, s, request);
	case DRIVER_COUNT:
		return sqlite_count(m, s, request);
	case DRIVER_EXPLAIN:
		return sqlite_explain(m, s, request);
	default:
		return rows_failed(m, ROWS_REFUSED, "SQLite does not answer that");
	}
}

/*
 * An answer from a file that may change without our being told: it is kept back as long as it is small, and read again if the
 * file has changed behind it.  What is larger fails at its end then.
 */
struct settled {
	struct sqlite *s;
	struct mem *m;
	const struct driver_request *request;
	struct mem inner_mem;
	struct rows *inner;
	struct buf kept; /* rows, encoded */
	size_t taken;
	int begun;       /* the inner stream has columns */
	int more;        /* what it said last */
	int streams;     /* it had more than is kept back */
	struct fail why; /* where that was -1 */
	struct rows_cell *cells;
	size_t room;
};

static int
reopen(struct sqlite *s, struct fail *f)
{
	int r;

	sqlite_close_file(s);
	r = sqlite_open_file(s, f);
	if (r == 0 && (sqlite_add_lines(s->db) != SQLITE_OK || sqlite_add_order(s->db) != SQLITE_OK))
		r = sqlite_fail(s, f);
	if (r < 0)
		sqlite_close_file(s);
	return r;
}

static void
drop_inner(struct settled *k)
{
	rows_close(k->inner);
	k->inner = NULL;
	mem_free(&k->inner_mem);
	k->kept.len = 0;
}

/* Reads as much of the answer as is kept back. */
static void
fill_kept(struct settled *k)
{
	k->inner = ask(k->s, &k->inner_mem, k->request);
	k->begun = rows_columns(k->inner, &k->why) == 0;
	k->more = k->begun ? 1 : -1;
	while (sqlite_may_move(k->s) && k->more > 0 && k->kept.len < SETTLED && (k->more = rows_next(k->inner, &k->why)) > 0)
		rows_encode_row(&k->kept, k->inner->cells, k->inner->ncells);
}

/* One try.  An open file that others have changed is opened anew: what is beside it now decides how it is read. */
static void
try_answer(struct settled *k)
{
	k->begun = 0;
	k->more = -1;
	k->s->unsettled = k->s->busy = 0;
	if ((k->s->db == NULL || sqlite_moved(k->s)) && reopen(k->s, &k->why) < 0)
		return;
	fill_kept(k);
}

/* True where another try may tell more: the file was written to, or SQLite met a writer half way. */
static int
is_unsettled(const struct settled *k, int tries)
{
	return sqlite_moved(k->s) || (!k->begun && k->s->unsettled && tries < FEW);
}

static int
settled_start(struct rows *r, struct fail *f)
{
	const struct timespec pause = {.tv_nsec = PAUSE};
	struct settled *k = r->state;

	for (int i = 0; try_answer(k), is_unsettled(k, i); i++) {
		if (i == TRIES)
			return fail_set(f, "is written to all the time: it could not be read in one state");
		drop_inner(k);
		sqlite_close_file(k->s);
		nanosleep(&pause, NULL);
	}
	if (!k->begun) {
		r->end = k->s->busy ? ROWS_UNAVAILABLE : k->inner != NULL ? k->inner->end : ROWS_FAILED;
		*f = k->why;
		return -1;
	}
	k->streams = k->more > 0;
	r->columns = k->inner->columns;
	r->ncolumns = k->inner->ncolumns;
	return 0;
}

static int
next_kept(struct rows *r, struct settled *k, struct fail *f)
{
	struct frame frame;
	const char *at = k->kept.bytes + k->taken;
	long n, used = frame_first(&frame, at, k->kept.len - k->taken);

	if (k->room < frame_left(&frame) / 4) {
		k->room = frame_left(&frame) / 4;
		k->cells = mem_array(k->m, k->room, sizeof *k->cells);
	}
	n = rows_decode_row(at, (size_t)used, k->cells, k->room, f);
	k->taken += (size_t)used;
	r->cells = k->cells;
	r->ncells = (size_t)n;
	return n < 0 ? -1 : 1;
}

static int
settled_next(struct rows *r, struct fail *f)
{
	struct settled *k = r->state;

	if (k->taken < k->kept.len)
		return next_kept(r, k, f);
	if (k->more > 0) {
		k->more = rows_next(k->inner, &k->why);
		r->cells = k->inner->cells;
		r->ncells = k->inner->ncells;
	}
	if (k->more > 0)
		return 1;
	if (k->streams && sqlite_moved(k->s))
		return fail_set(f, "was written to while it was read");
	rows_take_end(r, k->inner);
	if (k->more < 0 && k->s->busy)
		r->end = ROWS_UNAVAILABLE;
	*f = k->why;
	return k->more;
}

static void
settled_close(struct rows *r)
{
	struct settled *k = r->state;

	drop_inner(k);
	buf_free(&k->kept);
}

static struct rows *
sqlite_ask(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	static const struct rows_driver driver = {settled_start, settled_next, settled_close};
	struct settled *k;

	if (driver_changes(request->operation))
		return sqlite_change(m, (struct sqlite *)db, request);
	k = mem_alloc(m, sizeof *k);
	*k = (struct settled){.s = (struct sqlite *)db, .m = m, .request = request};
	return rows_new(m, &driver, k);
}

static void
sqlite_close(struct driver_database *db)
{
	sqlite_close_file((struct sqlite *)db);
}

static struct driver_database *
sqlite_open(struct mem *m, const char *reference, struct watch *w, struct fail *f)
{
	static const struct driver driver = {"sqlite", sqlite_ask, NULL, sqlite_close};
	struct sqlite *s = mem_alloc(m, sizeof *s);

	(void)f;
	s->base.driver = &driver;
	s->path = strncmp(reference, "sqlite:", 7) == 0 ? reference + 7 : reference;
	s->watch = w;
	s->lock = -1;
	return &s->base;
}

int
main(void)
{
	static const struct serve helper = {sqlite_open};

	return serve(&helper);
}
