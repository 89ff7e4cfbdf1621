/* fields: any bytes, in pieces of any size and by either kernel, become the cells of the exact machine. */

#include "fields.h"

#include "fuzz.h"
#include "mem.h"

enum { LONGEST = 16 * 1024 /* bytes of a text */ };

/* The rows as the exact machine has them, and how far the sink's have come. */
struct wanted {
	struct csv_scan scan;
	struct split split;
	const char *text;
	size_t len, at;
	const long *slot;
	size_t width, ncolumns; /* expected; of the batch, where some are picked */
	uint64_t rows, ragged;
};

static struct csv_dialect dialect;

/* The next row into w->split; 0 where there is none. */
static int
next_row(struct wanted *w)
{
	int ended;
	size_t n;

	if (w->at == w->len)
		return 0;
	w->scan.quote = 0;
	n = csv_scan_record(&w->scan, w->text + w->at, w->len - w->at, &ended);
	if (!ended && !csv_scan_pending(&w->scan))
		return 0;
	split_begin(&w->split);
	split_feed(&w->split, w->text + w->at, n);
	split_end(&w->split);
	w->at += n;
	w->rows++;
	w->ragged += w->split.ncells != w->width;
	return 1;
}

static void
check_cell(const struct wanted *w, size_t column, const struct batch_cell *got)
{
	const struct rows_cell *c = &w->split.cells[column];

	if (column >= w->split.ncells) {
		MUST(got->type == ROWS_NULL && got->len == 0);
		return;
	}
	MUST(got->type == c->type && got->len == c->len);
	MUST(c->len == 0 || memcmp(got->bytes, c->bytes, c->len) == 0);
}

static void
take(void *arg, unsigned thread, const struct batch *b)
{
	struct wanted *w = arg;

	MUST(thread == 7 && b->nrows > 0 && b->nrows <= b->stride && b->nrows <= BATCH_ROWS);
	for (size_t r = 0; r < b->nrows; r++) {
		MUST(next_row(w));
		if (w->slot == NULL)
			MUST(b->ncolumns >= w->width && b->ncolumns >= w->split.ncells);
		else
			MUST(b->ncolumns == w->ncolumns);
		for (size_t c = 0; c < (w->slot != NULL ? w->width : b->ncolumns); c++) {
			long slot = w->slot != NULL ? w->slot[c] : (long)c;

			if (slot >= 0)
				check_cell(w, c, &b->cells[(size_t)slot * b->stride + r]);
		}
	}
}

/* A piece in memory of its own, so that a sanitizer sees its end: what may be read behind it is there. */
static size_t
take_piece(struct fields *x, const char *bytes, size_t len, size_t until, int last, int *reached)
{
	char *copy = mem_resize(NULL, len + BATCH_SLACK);
	size_t taken;

	memcpy(copy, bytes, len);
	memset(copy + len, '"', BATCH_SLACK);
	taken = fields_take(x, copy, len, until, last, reached);
	MUST(taken <= len);
	if (last && !*reached)
		MUST(taken == len);
	free(copy);
	return taken;
}

/* Pieces grow until they hold a record. */
static void
take_text(struct fields *x, const struct fuzz *text, struct fuzz_blocks blocks, size_t border)
{
	size_t want = 0;

	for (size_t at = 0; at < text->len;) {
		size_t left = text->len - at, taken, until = at < border ? border - at : SIZE_MAX;
		int reached, last;

		want += fuzz_block(&blocks, LONGEST);
		last = want >= left;
		taken = take_piece(x, text->bytes + at, last ? left : want, until, last, &reached);
		/* A record that begins behind the border begins the next piece. */
		if (reached)
			MUST(until != SIZE_MAX && taken >= until && taken < left);
		at += taken;
		if (taken > 0)
			want = 0;
		if (last && !reached)
			MUST(at == text->len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz text = {(const char *)data, size};
	unsigned how = fuzz_byte(&text), width = fuzz_byte(&text) % 8;
	size_t border = fuzz_byte(&text);
	struct fuzz_blocks blocks = fuzz_blocks(&text);
	long slot[8];
	struct wanted w = {.width = width, .slot = how & 1 ? slot : NULL};
	const struct batch_sink sink = {&w, NULL, take};
	struct fields x = {.dialect = &dialect, .kernel = vector_for(how & 2 ? UINT64_MAX : 1), .sink = &sink, .thread = 7};

	if (text.len > LONGEST)
		text.len = LONGEST;
	/* Every other column, the last first. */
	for (size_t c = width; c-- > 0;)
		slot[c] = (c ^ how >> 4) & 1 ? (long)w.ncolumns++ : FIELDS_SKIPPED;
	csv_dialect_set(&dialect, how & 4 ? '\t' : ',');
	setenv("DBM_KERNEL", how & 8 ? "portable" : "", 1);
	x.kernel = vector_for(UINT64_MAX);
	w.text = text.bytes;
	w.len = text.len;
	csv_scan_start(&w.scan, &dialect);
	split_init(&w.split, &dialect, SIZE_MAX);
	fields_start(&x, width, w.slot, w.slot != NULL ? w.ncolumns : width);
	take_text(&x, &text, blocks, border);
	MUST(!next_row(&w));
	MUST(x.rows == w.rows && x.ragged == w.ragged && x.dropped == 0);
	MUST((x.unclosed != 0) == (csv_scan_quoted(&w.scan) != 0));
	fields_free(&x);
	split_free(&w.split);
	return 0;
}
