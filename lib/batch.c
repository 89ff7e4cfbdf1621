#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

enum { TEXT = 1 << 20 /* bytes of cells in a batch, unless one row has more */ };

/* A batch that is being filled. */
struct filling {
	const struct batch_sink *sink;
	struct batch_cell *cells;
	size_t ncolumns, stride, nrows;
	char *text;
	size_t len, room;
};

static void
flush(struct filling *b)
{
	const struct batch batch = {.nrows = b->nrows, .ncolumns = b->ncolumns, .stride = b->stride, .cells = b->cells};

	if (b->nrows > 0)
		b->sink->take(b->sink->arg, 0, &batch);
	b->nrows = b->len = 0;
}

static void
widen(struct filling *b, size_t ncolumns)
{
	flush(b);
	b->ncolumns = ncolumns;
	b->stride = batch_rows(ncolumns);
	b->cells = mem_resize(b->cells, b->stride * (ncolumns > 0 ? ncolumns : 1) * sizeof *b->cells);
}

static void
add_row(struct filling *b, const struct rows_cell *cells, size_t n)
{
	size_t bytes = 0;

	for (size_t c = 0; c < n; c++)
		bytes += cells[c].len;
	if (n > b->ncolumns)
		widen(b, n);
	if (bytes > b->room - b->len)
		flush(b);
	if (bytes > b->room) {
		b->room = bytes;
		b->text = mem_resize(b->text, bytes + BATCH_SLACK);
	}
	for (size_t c = 0; c < b->ncolumns; c++) {
		struct batch_cell cell = {"", 0, ROWS_NULL};

		if (c < n && cells[c].type != ROWS_NULL) {
			cell = (struct batch_cell){b->text + b->len, (uint32_t)cells[c].len, cells[c].type};
			memcpy(b->text + b->len, cells[c].bytes, cells[c].len);
			b->len += cells[c].len;
		}
		b->cells[c * b->stride + b->nrows] = cell;
	}
	if (++b->nrows == b->stride)
		flush(b);
}

int
batch_fill(struct rows *rows, const struct batch_sink *sink, struct fail *f)
{
	struct filling b = {.sink = sink, .room = TEXT};
	unsigned threads = 1;
	int more;

	if (rows_columns(rows, f) < 0 || sink->start(sink->arg, rows->columns, rows->ncolumns, &threads, f) < 0)
		return -1;
	b.text = mem_resize(NULL, TEXT + BATCH_SLACK);
	widen(&b, rows->ncolumns);
	while ((more = rows_next(rows, f)) > 0)
		add_row(&b, rows->cells, rows->ncells);
	flush(&b);
	free(b.text);
	free(b.cells);
	return more;
}
