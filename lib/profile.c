#include "profile.h"

#include <inttypes.h>
#include <stdlib.h>

#include "header.h"
#include "profile_figures.h"
#include "profile_statistics.h"

enum {
	SLOT_BYTES = 80,         /* of a frequent value */
	SLOTS_MOST = 1024,       /* for each column and thread */
	SLOTS_MEMORY = 16 << 20, /* bytes of all slots together, unless that is fewer than FREQUENT_LEAST */
	THREAD = 2 << 20,        /* bytes that a thread takes to read */
	MEMORY = 48 << 20,       /* bytes of all threads and columns: with many of them, fewer threads */
};

/* What one thread has seen. */
struct part {
	uint64_t rows;
	struct column **columns;
	size_t ncolumns;
};

struct profile {
	struct source *source;
	struct mem *m;
	const struct profile_options *options;
	struct rows *said; /* a server's statistics; NULL: they are not wanted */
	struct statistics statistics;
	const size_t *chosen;                 /* which of their columns; NULL: the rows are read */
	struct rows *scan;                    /* where the source has no batches */
	struct driver_request request, asked; /* of rows, of statistics */
	const struct rows_column *columns;    /* that the source knows */
	size_t ncolumns;
	struct part *parts;
	unsigned threads;
	size_t next;
};

static void
free_part(struct part *p)
{
	for (size_t c = 0; c < p->ncolumns; c++)
		column_free(p->columns[c]);
	free(p->columns);
	*p = (struct part){0};
}

static void
free_parts(struct profile *p)
{
	for (unsigned i = 0; i < p->threads; i++)
		free_part(&p->parts[i]);
	p->threads = 0;
}

/* Threads as memory allows. */
static void
share_memory(const struct profile *p, unsigned *threads)
{
	size_t column = sizeof(struct column) + sizeof(struct kll) + FREQUENT_LEAST * SLOT_BYTES;
	size_t each = THREAD + p->ncolumns * column;
	size_t most = MEMORY / each;

	if (*threads > most)
		*threads = most > 0 ? (unsigned)most : 1;
}

/* Room for the frequent values of a column, where there are so many columns. */
static size_t
slots_for(const struct profile *p, size_t ncolumns)
{
	size_t slots = SLOTS_MOST;

	while (slots > FREQUENT_LEAST && slots * SLOT_BYTES * ncolumns * p->threads > SLOTS_MEMORY)
		slots /= 2;
	return slots;
}

static int
start(void *arg, const struct rows_column *columns, size_t n, unsigned *threads, struct fail *f)
{
	struct profile *p = arg;

	(void)f;
	free_parts(p);
	p->columns = columns;
	p->ncolumns = n;
	share_memory(p, threads);
	p->threads = *threads;
	p->parts = mem_array(p->m, *threads, sizeof *p->parts);
	return 0;
}

static void
widen(const struct profile *p, struct part *part, size_t ncolumns)
{
	size_t slots = slots_for(p, ncolumns);

	if (ncolumns <= part->ncolumns)
		return;
	part->columns = mem_resize(part->columns, ncolumns * sizeof(struct column *));
	for (size_t c = part->ncolumns; c < ncolumns; c++)
		part->columns[c] = column_new(slots, c + 1);
	part->ncolumns = ncolumns;
}

static void
take(void *arg, unsigned thread, const struct batch *batch)
{
	const struct profile *p = arg;
	struct part *part = &p->parts[thread];

	widen(p, part, batch->ncolumns);
	part->rows += batch->nrows;
	for (size_t c = 0; c < batch->ncolumns; c++)
		column_take(part->columns[c], batch->cells + c * batch->stride, batch->nrows);
}

/* All parts as the first. */
static void
merge(struct profile *p)
{
	struct part *all = &p->parts[0];

	widen(p, all, p->ncolumns);
	for (unsigned i = 1; i < p->threads; i++) {
		struct part *part = &p->parts[i];

		widen(p, all, part->ncolumns);
		for (size_t c = 0; c < part->ncolumns; c++)
			column_merge(all->columns[c], part->columns[c]);
		all->rows += part->rows;
		free_part(part);
	}
	if (all->ncolumns > p->ncolumns) {
		p->columns = header_extend(p->m, p->columns, p->ncolumns, all->ncolumns);
		p->ncolumns = all->ncolumns;
	}
}

/* Where the driver has no batches, the rows come as a stream. */
static void
ask_rows(struct profile *p)
{
	if (p->source->database->driver->batches == NULL || p->options->sample > 0)
		p->scan = source_ask(p->source, p->m, &p->request);
}

static int
read_rows(struct rows *r, struct profile *p, struct fail *f)
{
	const struct batch_sink sink = {p, start, take};
	struct driver_database *db = p->source->database;

	if (p->scan != NULL) {
		if (batch_fill(p->scan, &sink, f) < 0) {
			r->end = p->scan->end;
			return -1;
		}
		buf_add(&r->notes, p->scan->notes.bytes, p->scan->notes.len);
		r->cost = p->scan->cost;
		r->faults += p->scan->faults;
	} else if (db->driver->batches(db, p->m, &p->request, &sink, r, f) < 0) {
		return -1;
	}
	merge(p);
	return 0;
}

/* Which columns of the statistics are asked for: of each record its place in them. */
static int
choose(struct profile *p, struct fail *f)
{
	const struct profile_options *o = p->options;
	const struct statistics *s = &p->statistics;
	size_t *chosen;

	p->ncolumns = o->ncolumns > 0 ? o->ncolumns : s->ncolumns;
	p->chosen = chosen = mem_array(p->m, p->ncolumns + 1, sizeof *chosen);
	for (size_t i = 0; i < p->ncolumns; i++) {
		long at = o->ncolumns > 0 ? header_find(s->columns, s->ncolumns, o->columns[i], f) : (long)i;

		if (at < 0)
			return -1;
		chosen[i] = (size_t)at;
	}
	return 0;
}

/* 1: the statistics tell; 0: they do not, and the rows have been asked for. */
static int
read_statistics(struct rows *r, struct profile *p, struct fail *f)
{
	int told = statistics_read(&p->statistics, p->m, p->said, f);

	if (told < 0)
		r->end = p->said->end;
	if (told > 0)
		return choose(p, f) < 0 ? -1 : 1;
	if (told == 0) {
		rows_note(r, 0, "there are no statistics (%s): each row was read", f->text);
		ask_rows(p);
	}
	return told;
}

static int
profile_start(struct rows *r, struct fail *f)
{
	struct profile *p = r->state;
	int told = p->said != NULL ? read_statistics(r, p, f) : 0;

	if (told < 0 || (told == 0 && read_rows(r, p, f) < 0))
		return -1;
	r->columns = profile_fields;
	r->ncolumns = PROFILE_FIELDS;
	return 0;
}

static void
fill_figures(const struct profile *p, struct rows_cell *cells)
{
	const struct part *all = &p->parts[0];
	const struct column *c = all->columns[p->next];
	struct buf method = {0};

	figures_fill(cells, p->m, &p->columns[p->next], p->next + 1, c, all->rows, p->options->top);
	if (p->options->sample == 0)
		return;
	buf_printf(&method, "sampled:%" PRIu64, all->rows);
	cells[PROFILE_METHOD] = rows_text(mem_copy(p->m, method.bytes, method.len));
	buf_free(&method);
}

static int
profile_next(struct rows *r, struct fail *f)
{
	struct profile *p = r->state;

	if (p->next == p->ncolumns) {
		r->end = ROWS_COMPLETE;
		return 0;
	}
	r->cells = mem_array(p->m, PROFILE_FIELDS, sizeof *r->cells);
	r->ncells = PROFILE_FIELDS;
	if (p->chosen == NULL)
		fill_figures(p, r->cells);
	else if (statistics_fill(r->cells, p->m, &p->statistics, p->chosen[p->next], p->next + 1, p->options->top, f) < 0)
		return -1;
	p->next++;
	return 1;
}

static void
profile_close(struct rows *r)
{
	struct profile *p = r->state;

	rows_close(p->said);
	rows_close(p->scan);
	free_parts(p);
}

/* Only a server has better to do than to read its rows for whoever asks. */
static int
wants_statistics(const struct source *s, const struct profile_options *o)
{
	return s->server != NULL && !o->exact && o->sample == 0;
}

static struct rows *
make_profile(struct source *s, struct mem *m, const void *options)
{
	static const struct rows_driver driver = {profile_start, profile_next, profile_close};
	const struct profile_options *o = options;
	struct profile *p = mem_alloc(m, sizeof *p);

	*p = (struct profile){.source = s, .m = m, .options = o};
	if (wants_statistics(s, o)) {
		p->asked = (struct driver_request){.operation = DRIVER_STATISTICS, .table = s->table};
		p->said = source_ask(s, m, &p->asked);
	}
	p->request = (struct driver_request){.operation = DRIVER_SCAN,
	    .table = s->table,
	    .columns = o->columns,
	    .ncolumns = o->ncolumns,
	    .limit = o->sample > 0 ? o->sample : UINT64_MAX,
	    .which = o->sample > 0 ? DRIVER_SAMPLE : DRIVER_HEAD,
	    .threads = o->threads};
	if (p->said == NULL)
		ask_rows(p);
	return rows_new(m, &driver, p);
}

void
profile_question(struct question *q, struct mem *m, const struct source *s, const struct profile_options *o)
{
	struct buf rest = {0};

	frame_put_u64(&rest, o->top);
	frame_put_u32(&rest, PROFILE_FIELDS);
	q->kind = "profile";
	/* The columns stand in the request, by which the answer is known too, and so does what it is made from. */
	q->request = (struct driver_request){.operation = DRIVER_SCAN,
	    .table = s->table,
	    .columns = o->columns,
	    .ncolumns = o->ncolumns,
	    .limit = o->sample,
	    .which = o->sample > 0 ? DRIVER_SAMPLE : DRIVER_HEAD,
	    .effort = wants_statistics(s, o) ? DRIVER_ESTIMATE : DRIVER_EXACT};
	q->make = make_profile;
	q->arg = o;
	q->rest = mem_copy(m, rest.bytes, rest.len);
	q->rest_len = rest.len;
	buf_free(&rest);
}
