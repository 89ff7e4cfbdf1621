#include "csv_batches.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "csv_columns.h"
#include "fields.h"
#include "file.h"
#include "threads.h"

/* tests/unit/batches.c has them small. */
#ifndef CSV_BATCHES_SIZES
enum {
	CHUNK = 8 << 20,     /* bytes a thread takes at a time */
	PIECE = 256 * 1024,  /* bytes taken apart at a time: they, and what is found in them, stay in the cache */
	PIECE_COLUMN = 1024, /* and more where there are many columns: some hundred rows */
	PIECE_MOST = 4 << 20,
	LONGEST = 16 << 20, /* bytes of a record that threads hold whole; longer ones are for the reader */
	CELL = 1 << 20,     /* bytes of a cell that come out of the reader */
	PROBE = 64 * 1024,  /* bytes looked at to guess where a chunk begins */
};
#endif

struct job {
	struct csv_table *table;
	const struct batch_sink *sink;
	struct reader reader;
	struct csv_columns columns;
	const struct vector_kernel *kernel;
	size_t piece;
	/* Of all threads together. */
	uint64_t rows, ragged, dropped, cut;
	int unclosed;
};

static void
start_fields(const struct job *j, struct fields *x, unsigned thread)
{
	*x = (struct fields){.dialect = &j->reader.dialect, .kernel = j->kernel, .sink = j->sink, .thread = thread};
	fields_start(x, j->columns.expected, j->columns.slot, j->columns.n);
}

static void
end_fields(struct job *j, struct fields *x)
{
	j->rows += x->rows;
	j->ragged += x->ragged;
	j->dropped += x->dropped;
	j->cut += x->cut;
	j->unclosed |= x->unclosed;
	fields_free(x);
}

/* In order, by one thread. */

/* A record that is too large to be held: the reader splits it as it comes. */
static int
take_large(struct job *j, struct fields *x, struct fail *f)
{
	struct reader *r = &j->reader;
	int got;

	r->scan.state = CSV_RECORD;
	got = reader_next(r, f);
	if (got > 0)
		fields_take_cells(x, r->split.cells, r->split.ncells);
	j->unclosed |= r->unclosed != 0;
	return got < 0 ? -1 : 0;
}

/* Pieces end where their size says, however much comes at a time: sketches depend on batches, and the same text should make the
 * same ones. */
static int
read_in_order(struct job *j, struct fields *x, struct fail *f)
{
	struct input *in = &j->reader.in;
	size_t want = j->piece;

	for (;;) {
		int more = 1, last, reached;
		size_t n, taken;

		while (more > 0 && in->end - in->start <= want)
			more = input_fill(in, f);
		if (more < 0)
			return -1;
		n = in->end - in->start;
		last = n <= want;
		taken = fields_take(x, in->bytes + in->start, last ? n : want, SIZE_MAX, last, &reached);
		in->start += taken;
		if (last)
			return 0;
		if (taken > 0)
			want = j->piece;
		else if (want < LONGEST)
			want *= 2;
		else if (take_large(j, x, f) < 0)
			return -1;
	}
}

static int
run_in_order(struct job *j, struct fail *f)
{
	unsigned threads = 1;
	struct fields x;
	int r;

	if (j->sink->start(j->sink->arg, j->columns.columns, j->columns.n, &threads, f) < 0)
		return -1;
	start_fields(j, &x, 0);
	r = read_in_order(j, &x, f);
	end_fields(j, &x);
	return r;
}

/* By several threads. */

/* Where the first record of a chunk was supposed to begin, and where the first one behind the chunk does. */
struct chunk {
	uint64_t begins, ends;
};

struct crew {
	struct job *j;
	int fd;
	uint64_t from, to;
	size_t nchunks;
	struct chunk *chunks;
	atomic_size_t next;
	atomic_int stop;
	atomic_int given_up; /* a record is too long */
	pthread_mutex_t lock;
	int failed;
	struct fail fail;
};

struct worker {
	struct crew *crew;
	struct fields x;
	struct watch *watch; /* NULL but for the first */
	char *bytes;
	size_t room;
};

/* Reads file[at..at + len) or up to the end into the worker's buffer. */
static int
read_piece(struct worker *w, uint64_t at, size_t len, size_t *got, struct fail *f)
{
	const struct crew *c = w->crew;
	struct watch *watch = c->j->table->watch;
	ssize_t n;

	/* One shows progress for all.  The deadline is everybody's: the one may be kept waiting. */
	if (w->watch == NULL && watch_over(watch) && watch_check(watch, at, c->to, f) < 0)
		return -1;
	if (len > c->to - at)
		len = (size_t)(c->to - at);
	if (len > w->room) {
		w->room = len;
		w->bytes = mem_resize(w->bytes, len + BATCH_SLACK);
	}
	n = file_read_at(c->fd, w->bytes, len, at, w->watch, c->to, f);
	if (n >= 0 && (size_t)n < len)
		return fail_set(f, "was cut short while it was read");
	*got = len;
	return n < 0 ? -1 : 0;
}

static int
is_terminator(const struct worker *w, char byte)
{
	return w->x.dialect->classes[(unsigned char)byte] >= CSV_BYTE_CR;
}

/* Where the first record begins that begins at `at` or behind it, as far as can be told from there. */
static int
guess(struct worker *w, uint64_t at, uint64_t *begins, struct fail *f)
{
	struct vector_count count;
	struct vector_state v, behind;
	struct csv_scan s;
	size_t n = 0, i = 1, len = PROBE;
	int other, ended;

	for (;; len *= 4) {
		if (read_piece(w, at - 1, len, &n, f) < 0)
			return -1;
		v = vector_behind(w->x.dialect, w->bytes[0]);
		csv_scan_start(&s, w->x.dialect);
		behind = v;
		w->x.kernel->count(&behind, w->bytes + 1, n - 1, w->x.dialect->delimiter, &count);
		other = count.malformed[0] != 0 && count.malformed[1] == 0;
		vector_move_scan(&s, &v, other, 0);
		ended = !csv_scan_pending(&s);
		if (!ended)
			i = 1 + csv_scan_record(&s, w->bytes + 1, n - 1, &ended);
		while (ended && i < n && is_terminator(w, w->bytes[i]))
			i++;
		if (i < n || at - 1 + n == w->crew->to || len >= LONGEST)
			break;
	}
	*begins = at - 1 + i;
	return 0;
}

/* Takes the records that begin in file[at..end), `at` being where one does. */
static int
take_records(struct worker *w, uint64_t at, uint64_t end, uint64_t *ends, struct fail *f)
{
	struct crew *c = w->crew;
	size_t want = c->j->piece;
	int reached = 0;

	while (!reached && at < c->to) {
		size_t n = 0, taken;

		if (read_piece(w, at, want, &n, f) < 0)
			return -1;
		taken = fields_take(&w->x, w->bytes, n, end > at ? (size_t)(end - at) : 0, at + n == c->to, &reached);
		at += taken;
		if (taken > 0)
			want = c->j->piece;
		else if (!reached && (want *= 2) > LONGEST)
			c->given_up = c->stop = 1;
		if (c->stop)
			break;
	}
	*ends = at;
	return 0;
}

static int
do_chunk(struct worker *w, size_t i, struct fail *f)
{
	struct crew *c = w->crew;
	struct chunk *chunk = &c->chunks[i];
	uint64_t at = c->from + i * CHUNK, end = c->to - at < CHUNK ? c->to : at + CHUNK;

	chunk->begins = at;
	if (i > 0 && guess(w, at, &chunk->begins, f) < 0)
		return -1;
	return take_records(w, chunk->begins, end, &chunk->ends, f);
}

static void
work(void *arg, unsigned number)
{
	struct crew *c = arg;
	struct worker w = {.crew = c, .watch = number == 0 ? c->j->table->watch : NULL};
	struct fail f;
	size_t i;

	start_fields(c->j, &w.x, number);
	while (!c->stop && (i = c->next++) < c->nchunks) {
		if (do_chunk(&w, i, &f) < 0) {
			pthread_mutex_lock(&c->lock);
			if (!c->failed)
				c->fail = f;
			c->failed = 1;
			pthread_mutex_unlock(&c->lock);
			c->stop = 1;
		}
	}
	pthread_mutex_lock(&c->lock);
	end_fields(c->j, &w.x);
	pthread_mutex_unlock(&c->lock);
	free(w.bytes);
}

/* True where each chunk began where the one before it ended. */
static int
fits_together(const struct crew *c)
{
	uint64_t ends = c->chunks[0].ends;

	for (size_t i = 1; i < c->nchunks; i++) {
		if (c->chunks[i].begins != ends)
			return 0;
		ends = c->chunks[i].ends;
	}
	return ends == c->to;
}

/* 0; 1: a guess was wrong, or a record is too long: nothing of it counts; -1. */
static int
run_at_once(struct job *j, unsigned threads, struct fail *f)
{
	struct input *in = &j->reader.in;
	struct crew c = {.j = j, .fd = in->fd, .from = input_offset(in), .to = in->total, .lock = PTHREAD_MUTEX_INITIALIZER};
	int r;

	c.nchunks = (size_t)((c.to - c.from + CHUNK - 1) / CHUNK);
	if (threads > c.nchunks)
		threads = (unsigned)c.nchunks;
	if (j->sink->start(j->sink->arg, j->columns.columns, j->columns.n, &threads, f) < 0)
		return -1;
	c.chunks = mem_resize(NULL, c.nchunks * sizeof *c.chunks);
	threads_run(threads, work, &c);
	r = c.failed ? -1 : c.given_up || !fits_together(&c);
	free(c.chunks);
	if (c.failed)
		*f = c.fail;
	if (r > 0) {
		j->rows = j->ragged = j->dropped = j->cut = 0;
		j->unclosed = 0;
	} else if (r == 0) {
		input_passed(in);
	}
	return r;
}

static void
note(const struct job *j, struct rows *notes)
{
	if (j->ragged > 0)
		rows_note(
		    notes, 0, "%" PRIu64 " of %" PRIu64 " rows do not have %zu cells", j->ragged, j->rows, j->columns.expected);
	if (j->dropped > 0)
		rows_note(notes, 1, "%" PRIu64 " cells beyond the %d-th of their rows are left out", j->dropped, ROWS_COLUMNS);
	if (j->cut > 0)
		rows_note(notes, 0, "%" PRIu64 " cells of large records count as their first %d bytes", j->cut, CELL);
	if (j->unclosed)
		rows_note(notes, 0, "a quote is never closed: its cell goes on to the end");
	if (j->reader.in.replaced > 0)
		rows_note(notes, 0, "%" PRIu64 " characters are not of that encoding: read as U+FFFD", j->reader.in.replaced);
}

static int
run(struct job *j, unsigned threads, struct fail *f)
{
	const struct input *in = &j->reader.in;
	int r = 1;

	j->kernel = vector_for(in->total > 0 ? in->total : UINT64_MAX);
	j->piece = j->columns.expected * PIECE_COLUMN;
	j->piece = j->piece < PIECE ? PIECE : j->piece > PIECE_MOST ? PIECE_MOST : j->piece;
	if (threads > 1 && reader_can_thread(&j->reader))
		r = run_at_once(j, threads, f);
	return r > 0 ? run_in_order(j, f) : r;
}

int
csv_batches(struct csv_table *t, struct mem *m, const struct driver_request *q, const struct batch_sink *sink,
    struct rows *notes, struct fail *f)
{
	struct job j = {.table = t, .sink = sink};
	struct fail unused;

	if (csv_table_open(t, &j.reader, CELL, f) < 0)
		return -1;
	if (csv_columns_read(&j.columns, m, &j.reader, t->options.no_header, q, f) < 0 ||
	    run(&j, q->threads ? q->threads : threads_processors(), f) < 0) {
		reader_close(&j.reader, &unused);
		return -1;
	}
	note(&j, notes);
	return reader_close(&j.reader, f);
}
