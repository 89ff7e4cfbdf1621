#include "counter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "file.h"
#include "mem.h"
#include "threads.h"
#include "vector.h"

enum {
	STRIDES = 8, /* of a chunk: what a thread counts before it hands in */
	PAGE = 4096, /* bytes: what is copied and loaded at multiples of it comes faster by a tenth */
};

#define CHUNK ((uint64_t)STRIDES * ROWINDEX_STRIDE) /* bytes */

/* A part of a chunk, at the end of which there may be a mark. */
struct stride {
	struct vector_state begins, ends;
	struct vector_count count;
};

struct chunk {
	size_t n;
	struct stride strides[STRIDES];
};

struct work {
	struct counter *c;
	const struct vector_kernel *kernel;
	size_t nchunks;
	atomic_size_t next; /* chunk to count */
	atomic_int stop;
	pthread_mutex_t lock;  /* of all below, and of the counter */
	size_t joined;         /* chunks so far */
	struct chunk **chunks; /* counted, and not yet joined */
	/* The last place outside quotes, and the scan there: where to look for a quote that is never closed. */
	uint64_t outside;
	struct csv_scan outside_scan;
	int failed;
	struct fail fail;
};

/* Chunks and strides lie at multiples of their size in the file: the first ones may be shorter, as may the last. */

static uint64_t
chunk_begin(const struct counter *c, size_t i)
{
	uint64_t at = (c->from / CHUNK + i) * CHUNK;

	return at < c->from ? c->from : at < c->to ? at : c->to;
}

static uint64_t
stride_end(const struct counter *c, uint64_t at)
{
	uint64_t end = (at / ROWINDEX_STRIDE + 1) * ROWINDEX_STRIDE;

	return end < c->to ? end : c->to;
}

static void
set_failed(struct work *w, const struct fail *f)
{
	pthread_mutex_lock(&w->lock);
	if (!w->failed)
		w->fail = *f;
	w->failed = 1;
	pthread_mutex_unlock(&w->lock);
	w->stop = 1;
}

/* Reads all of file[at..at + len). */
static int
read_all(const struct counter *c, char *to, uint64_t at, size_t len, struct fail *f)
{
	ssize_t n = file_read_at(c->fd, to, len, at, NULL, 0, f);

	if (n >= 0 && (size_t)n < len)
		return fail_set(f, "was cut short while it was read");
	return n < 0 ? -1 : 0;
}

/* Counts the strides of a chunk.  `bytes` has room for one. */
static int
count_chunk(const struct work *w, struct chunk *chunk, uint64_t at, uint64_t end, char *bytes, struct fail *f)
{
	const struct counter *c = w->c;
	struct vector_state v = vector_of_scan(&c->start);
	char last = '\n';

	if (at > c->from) {
		if (read_all(c, &last, at - 1, 1, f) < 0)
			return -1;
		v = vector_behind(c->start.dialect, last);
	}
	for (chunk->n = 0; at < end; chunk->n++) {
		struct stride *s = &chunk->strides[chunk->n];
		size_t len = (size_t)(stride_end(c, at) - at);

		if (read_all(c, bytes, at, len, f) < 0)
			return -1;
		s->begins = v;
		w->kernel->count(&v, bytes, len, c->start.dialect->delimiter, &s->count);
		s->ends = v;
		at += len;
	}
	return 0;
}

/* A stride that no supposition is right for: read once more, as the scan stands. */
static int
count_again(struct work *w, uint64_t at, uint64_t end, struct fail *f)
{
	struct counter *c = w->c;
	char *buffer = mem_resize(NULL, (size_t)(end - at));
	int r = read_all(c, buffer, at, (size_t)(end - at), f);

	if (r == 0)
		c->records += vector_scan_count(&c->scan, w->kernel, buffer, (size_t)(end - at));
	free(buffer);
	return r;
}

/* Adds the next chunk's strides to the count. */
static int
join_chunk(struct work *w, const struct chunk *chunk, struct fail *f)
{
	struct counter *c = w->c;
	uint64_t at = chunk_begin(c, w->joined), end;

	for (size_t i = 0; i < chunk->n; i++, at = end) {
		const struct stride *s = &chunk->strides[i];
		int other = vector_agrees(&s->begins, 0, &c->scan) ? 0 : 1;

		end = stride_end(c, at);
		if (s->count.malformed[other] == 0 && vector_agrees(&s->begins, other, &c->scan)) {
			c->records += s->count.records[other];
			vector_move_scan(&c->scan, &s->ends, other, s->count.terminators);
		} else if (count_again(w, at, end, f) < 0) {
			return -1;
		}
		if (!csv_scan_quoted(&c->scan) && c->scan.state != CSV_CLOSING) {
			w->outside = end;
			w->outside_scan = c->scan;
		}
		if (c->index != NULL)
			rowindex_add(c->index, end, c->records, &c->scan);
	}
	return 0;
}

/* Takes over a chunk that is counted, and joins those whose turn it is. */
static int
hand_in(struct work *w, size_t i, struct chunk *chunk, struct fail *f)
{
	int r = 0;

	pthread_mutex_lock(&w->lock);
	w->chunks[i] = chunk;
	while (r == 0 && w->joined < w->nchunks && (chunk = w->chunks[w->joined]) != NULL) {
		r = join_chunk(w, chunk, f);
		w->chunks[w->joined++] = NULL;
		free(chunk);
	}
	pthread_mutex_unlock(&w->lock);
	return r;
}

static int
do_chunk(struct work *w, size_t i, char *bytes, struct fail *f)
{
	struct chunk *chunk = mem_resize(NULL, sizeof *chunk);

	if (count_chunk(w, chunk, chunk_begin(w->c, i), chunk_begin(w->c, i + 1), bytes, f) < 0) {
		free(chunk);
		return -1;
	}
	return hand_in(w, i, chunk, f);
}

/* One shows progress for all.  The deadline is everybody's: the one may be kept waiting. */
static int
check_watch(const struct counter *c, unsigned worker, size_t i, struct fail *f)
{
	return worker == 0 || watch_over(c->watch) ? watch_check(c->watch, chunk_begin(c, i), c->to, f) : 0;
}

static void
work(void *arg, unsigned worker)
{
	struct work *w = arg;
	char *buffer = mem_resize(NULL, ROWINDEX_STRIDE + PAGE), *bytes = buffer + PAGE - (uintptr_t)buffer % PAGE;
	size_t i;

	while (!w->stop && (i = w->next++) < w->nchunks) {
		struct fail f;

		if (check_watch(w->c, worker, i, &f) < 0 || do_chunk(w, i, bytes, &f) < 0)
			set_failed(w, &f);
	}
	free(buffer);
}

/* The line of the quote that is open at the end: the threads did not look for it. */
static int
find_opened(struct work *w, struct fail *f)
{
	struct counter *c = w->c;
	char *buffer = mem_resize(NULL, ROWINDEX_STRIDE);
	uint64_t at = w->outside, end;
	int r = 0;

	for (; r == 0 && at < c->to; at = end) {
		end = stride_end(c, at);
		r = watch_check(c->watch, at, c->to, f) < 0 ? -1 : read_all(c, buffer, at, (size_t)(end - at), f);
		if (r == 0)
			vector_scan_count(&w->outside_scan, w->kernel, buffer, (size_t)(end - at));
	}
	c->scan.opened = w->outside_scan.opened;
	free(buffer);
	return r;
}

int
counter_run(struct counter *c, struct fail *f)
{
	struct work w = {.c = c, .kernel = vector_for(c->to - c->from), .lock = PTHREAD_MUTEX_INITIALIZER};
	unsigned n = c->threads;

	if (c->from >= c->to)
		return 0;
	c->start = w.outside_scan = c->scan;
	w.outside = c->from;
	w.nchunks = (size_t)((c->to - 1) / CHUNK - c->from / CHUNK) + 1;
	w.chunks = mem_resize(NULL, w.nchunks * sizeof(struct chunk *));
	for (size_t i = 0; i < w.nchunks; i++)
		w.chunks[i] = NULL;
	threads_run(n < w.nchunks ? n : (unsigned)w.nchunks, work, &w);
	for (size_t i = 0; i < w.nchunks; i++)
		free(w.chunks[i]);
	free(w.chunks);
	if (w.failed) {
		*f = w.fail;
		return -1;
	}
	return csv_scan_quoted(&c->scan) ? find_opened(&w, f) : 0;
}
