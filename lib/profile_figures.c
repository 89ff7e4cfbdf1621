#include "profile_figures.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "bars.h"
#include "buf.h"
#include "profile.h"
#include "profile_shape.h"

static const double ranks[PROFILE_QUANTILES] = {0.05, 0.25, 0.50, 0.75, 0.95};

#define FIELD(name, type)                                                                                                      \
	{                                                                                                                      \
		name, sizeof(name) - 1, type, ""                                                                               \
	}

const struct rows_column profile_fields[PROFILE_FIELDS] = {
    [PROFILE_POSITION] = FIELD("position", ROWS_INTEGER),
    [PROFILE_COLUMN] = FIELD("column", ROWS_TEXT),
    [PROFILE_TYPE] = FIELD("type", ROWS_TEXT),
    [PROFILE_CONFIDENCE] = FIELD("confidence", ROWS_REAL),
    [PROFILE_ROWS] = FIELD("rows", ROWS_INTEGER),
    [PROFILE_NULLS] = FIELD("nulls", ROWS_INTEGER),
    [PROFILE_EMPTIES] = FIELD("empties", ROWS_INTEGER),
    [PROFILE_DISTINCT] = FIELD("distinct", ROWS_INTEGER),
    [PROFILE_DISTINCT_METHOD] = FIELD("distinct_method", ROWS_TEXT),
    [PROFILE_DISTINCT_ERROR] = FIELD("distinct_error", ROWS_REAL),
    [PROFILE_MIN] = FIELD("min", ROWS_TEXT),
    [PROFILE_MAX] = FIELD("max", ROWS_TEXT),
    [PROFILE_MEAN] = FIELD("mean", ROWS_REAL),
    [PROFILE_DEVIATION] = FIELD("stddev", ROWS_REAL),
    [PROFILE_QUANTILE] = FIELD("p05", ROWS_TEXT),
    [PROFILE_QUANTILE + 1] = FIELD("p25", ROWS_TEXT),
    [PROFILE_QUANTILE + 2] = FIELD("p50", ROWS_TEXT),
    [PROFILE_QUANTILE + 3] = FIELD("p75", ROWS_TEXT),
    [PROFILE_QUANTILE + 4] = FIELD("p95", ROWS_TEXT),
    [PROFILE_RANK_ERROR] = FIELD("rank_error", ROWS_REAL),
    [PROFILE_LENGTH_MIN] = FIELD("length_min", ROWS_INTEGER),
    [PROFILE_LENGTH_MEAN] = FIELD("length_mean", ROWS_REAL),
    [PROFILE_LENGTH_MAX] = FIELD("length_max", ROWS_INTEGER),
    [PROFILE_TYPES] = FIELD("types", ROWS_TEXT),
    [PROFILE_TOP_VALUES] = FIELD("top", ROWS_TEXT),
    [PROFILE_HISTOGRAM] = FIELD("histogram", ROWS_TEXT),
    [PROFILE_METHOD] = FIELD("method", ROWS_TEXT),
    [PROFILE_BARS] = FIELD("bars", ROWS_TEXT),
    [PROFILE_AS_OF] = FIELD("as_of", ROWS_TIMESTAMP),
};

/* What is written about one column. */
struct writing {
	struct mem *m;
	const struct column *c;
	enum rows_type type;
	int numbers, times; /* it is a column of them, and has some */
	struct rows_cell *cells;
};

/* An estimate is no more than there are values, and no fewer than those that are listed. */
static uint64_t
distinct(const struct column *c, uint64_t values)
{
	uint64_t used = c->frequent.used, n;

	if (frequent_exact(&c->frequent))
		return used;
	n = (uint64_t)(hll_estimate(&c->hll) + 0.5);
	return n < used ? used : n > values ? values : n;
}

static void
fill_counts(struct writing *w, uint64_t rows)
{
	const struct column *c = w->c;
	uint64_t values = column_values(c);
	int exact = frequent_exact(&c->frequent);

	w->cells[PROFILE_CONFIDENCE] = rows_real(w->m, column_confidence(c));
	w->cells[PROFILE_ROWS] = rows_integer(w->m, rows);
	/* Rows that came before the column was first seen had none of it. */
	w->cells[PROFILE_NULLS] = rows_integer(w->m, rows - values);
	w->cells[PROFILE_EMPTIES] = rows_integer(w->m, c->empties);
	w->cells[PROFILE_DISTINCT] = rows_integer(w->m, distinct(c, values));
	w->cells[PROFILE_DISTINCT_METHOD] = rows_text(exact ? "exact" : "hyperloglog");
	w->cells[PROFILE_DISTINCT_ERROR] = rows_real(w->m, exact ? 0 : HLL_ERROR);
	if (values == 0)
		return;
	w->cells[PROFILE_LENGTH_MIN] = rows_integer(w->m, c->shortest);
	w->cells[PROFILE_LENGTH_MEAN] = rows_real(w->m, (double)c->lengths / (double)values);
	w->cells[PROFILE_LENGTH_MAX] = rows_integer(w->m, c->longest);
}

static struct rows_cell
text_cell(const struct writing *w, const struct column_text *t)
{
	int cut = t->len < t->whole;
	size_t len = shape_whole_characters(t->bytes, t->len, cut);
	struct rows_cell c = shape_cell(w->m, w->type == ROWS_BYTES ? ROWS_BYTES : ROWS_TEXT, t->bytes, len);

	c.cut = (unsigned char)cut;
	return c;
}

static void
fill_range(struct writing *w)
{
	const struct column *c = w->c;
	double quantiles[PROFILE_QUANTILES];

	if (!w->numbers && !w->times) {
		if (c->least.bytes != NULL) {
			w->cells[PROFILE_MIN] = text_cell(w, &c->least);
			w->cells[PROFILE_MAX] = text_cell(w, &c->greatest);
		}
		return;
	}
	w->cells[PROFILE_MIN] = shape_cell(w->m, w->type, c->low.text, c->low.len);
	w->cells[PROFILE_MAX] = shape_cell(w->m, w->type, c->high.text, c->high.len);
	if (w->numbers) {
		w->cells[PROFILE_MEAN] = rows_real(w->m, moments_mean(&c->moments));
		w->cells[PROFILE_DEVIATION] = rows_real(w->m, moments_deviation(&c->moments));
	}
	kll_quantiles(c->kll, ranks, PROFILE_QUANTILES, quantiles);
	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		w->cells[PROFILE_QUANTILE + i] = shape_value(w->m, w->type, quantiles[i]);
	w->cells[PROFILE_RANK_ERROR] = rows_real(w->m, kll_exact(c->kll) ? 0 : KLL_ERROR);
}

static void
fill_types(struct writing *w)
{
	struct buf b = {0};

	buf_byte(&b, '{');
	for (int t = ROWS_TEXT; t < ROWS_TYPES; t++) {
		if (w->c->types[t] > 0)
			buf_printf(
			    &b, "%s\"%s\":%" PRIu64, b.len > 1 ? "," : "", rows_type_name((enum rows_type)t), w->c->types[t]);
	}
	buf_byte(&b, '}');
	w->cells[PROFILE_TYPES] = shape_taken(&b, w->m, ROWS_JSON);
}

static void
fill_top(struct writing *w, const struct frequent_item *items, size_t n)
{
	struct buf b = {0};

	buf_byte(&b, '[');
	for (size_t i = 0; i < n; i++) {
		const struct frequent_item *item = &items[i];
		const int cut = item->kept < item->len;
		const struct rows_cell value = {
		    .bytes = item->bytes,
		    .len = shape_whole_characters(item->bytes, item->kept, cut),
		    .type = item->kind == ROWS_BYTES ? ROWS_BYTES : ROWS_TEXT,
		    .cut = (unsigned char)cut,
		};

		shape_top_add(&b, &value, item->count, &item->high);
	}
	buf_byte(&b, ']');
	w->cells[PROFILE_TOP_VALUES] = shape_taken(&b, w->m, ROWS_JSON);
}

/* The values in each bin; a bin is without its upper edge, but for the last one. */
static void
count_bins(const struct kll *s, const double *edges, size_t n, uint64_t *counts)
{
	double before = 0;

	for (size_t i = 0; i < n; i++) {
		double share = i + 1 == n ? 1 : kll_rank(s, nextafter(edges[i + 1], -INFINITY));

		counts[i] = (uint64_t)(share * (double)s->n + 0.5) - (uint64_t)(before * (double)s->n + 0.5);
		before = share;
	}
}

static void
fill_shape(struct writing *w, size_t top)
{
	struct frequent_item *items = mem_resize(NULL, (top > 0 ? top : 1) * sizeof *items);
	size_t n = frequent_top(&w->c->frequent, top, items);
	double edges[SHAPE_BINS + 2];
	uint64_t counts[SHAPE_BINS];
	struct buf bars = {0};
	size_t bins;

	fill_top(w, items, n);
	if (w->numbers || w->times) {
		bins = shape_edges(w->type, w->c->low.value, w->c->high.value, edges);
		count_bins(w->c->kll, edges, bins, counts);
		w->cells[PROFILE_HISTOGRAM] = shape_histogram(w->m, w->type, edges, bins, counts);
	} else {
		/* Of words, how often the most frequent ones come. */
		bins = n < SHAPE_BINS ? n : SHAPE_BINS;
		for (size_t i = 0; i < bins; i++)
			counts[i] = items[i].count;
	}
	bars_add(&bars, counts, bins);
	w->cells[PROFILE_BARS] = shape_taken(&bars, w->m, ROWS_TEXT);
	free(items);
}

void
figures_fill(struct rows_cell *cells, struct mem *m, const struct rows_column *column, size_t position, const struct column *c,
    uint64_t rows, size_t top)
{
	enum rows_type type = column_type(c);
	struct writing w = {.m = m, .c = c, .type = type, .cells = cells};

	w.numbers = (type == ROWS_INTEGER || type == ROWS_REAL) && c->kll != NULL;
	w.times = (type == ROWS_DATE || type == ROWS_TIMESTAMP) && c->kll != NULL;
	for (size_t i = 0; i < PROFILE_FIELDS; i++)
		cells[i] = rows_null();
	cells[PROFILE_POSITION] = rows_integer(m, position);
	cells[PROFILE_COLUMN] = rows_bytes(column->name, column->len);
	cells[PROFILE_TYPE] = rows_text(rows_type_name(type));
	cells[PROFILE_METHOD] = rows_text("exact");
	fill_counts(&w, rows);
	fill_range(&w);
	fill_types(&w);
	fill_shape(&w, top);
}
