#include "profile.h"

#include <stdlib.h>

#include "header.h"
#include "profile_figures.h"

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
	struct rows *scan; /* where the source has no batches */
	struct driver_request request;
	const struct rows_column *columns; /* that the source knows */
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

static int
profile_start(struct rows *r, struct fail *f)
{
	struct profile *p = r->state;
	const struct batch_sink sink = {p, start, take};
	struct driver_database *db = p->source->database;

	if (p->scan != NULL) {
		if (batch_fill(p->scan, &sink, f) < 0)
			return -1;
		buf_add(&r->notes, p->scan->notes.bytes, p->scan->notes.len);
		r->faults += p->scan->faults;
	} else if (db->driver->batches(db, p->m, &p->request, &sink, r, f) < 0) {
		return -1;
	}
	merge(p);
	r->columns = profile_fields;
	r->ncolumns = PROFILE_FIELDS;
	return 0;
}

static int
profile_next(struct rows *r, struct fail *f)
{
	struct profile *p = r->state;
	const struct part *all = &p->parts[0];
	const struct column *c;

	(void)f;
	if (p->next == p->ncolumns) {
		r->end = ROWS_COMPLETE;
		return 0;
	}
	c = all->columns[p->next];
	r->cells = mem_array(p->m, PROFILE_FIELDS, sizeof *r->cells);
	r->ncells = PROFILE_FIELDS;
	figures_fill(r->cells, p->m, &p->columns[p->next], p->next + 1, c, all->rows, p->options->top);
	p->next++;
	return 1;
}

static void
profile_close(struct rows *r)
{
	struct profile *p = r->state;

	rows_close(p->scan);
	free_parts(p);
}

static struct rows *
make_profile(struct source *s, struct mem *m, const void *options)
{
	static const struct rows_driver driver = {profile_start, profile_next, profile_close};
	const struct profile_options *o = options;
	struct profile *p = mem_alloc(m, sizeof *p);

	*p = (struct profile){.source = s, .m = m, .options = o};
	p->request = (struct driver_request){.operation = DRIVER_SCAN,
	    .table = s->table,
	    .columns = o->columns,
	    .ncolumns = o->ncolumns,
	    .limit = UINT64_MAX,
	    .threads = o->threads};
	if (s->database->driver->batches == NULL)
		p->scan = source_ask(s, m, &p->request);
	return rows_new(m, &driver, p);
}

void
profile_question(struct question *q, struct mem *m, const struct profile_options *o)
{
	struct buf rest = {0};

	frame_put_u64(&rest, o->top);
	q->kind = "profile";
	/* The columns stand in the request, by which the answer is known too. */
	q->request = (struct driver_request){.operation = DRIVER_SCAN, .columns = o->columns, .ncolumns = o->ncolumns};
	q->make = make_profile;
	q->arg = o;
	q->rest = mem_copy(m, rest.bytes, rest.len);
	q->rest_len = rest.len;
	buf_free(&rest);
}
