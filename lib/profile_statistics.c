#include "profile_statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bars.h"
#include "frequent.h"
#include "infer.h"
#include "number.h"
#include "profile.h"
#include "profile_points.h"
#include "profile_shape.h"
#include "stamp.h"

/* The fields of the answer. */
enum { NAME, TYPE, ROWS, NULLS, DISTINCT, WIDTH, MIN, MAX, COMMON, BOUNDS, AS_OF };

#define MOST UINT64_C(1000000000000000000) /* rows */

struct writing {
	struct mem *m;
	const struct rows_cell *said;
	enum rows_type type;
	double rows;
	struct points common, bounds;
	double range; /* the share of all rows that is between two bounds */
	struct rows_cell *cells;
};

/* Appends a row, whose texts are copied. */
static void
keep_row(struct buf *kept, struct mem *m, const struct rows_cell *cells)
{
	for (size_t i = 0; i < DRIVER_STATISTICS_FIELDS; i++) {
		struct rows_cell c = cells[i];

		c.bytes = mem_copy(m, c.bytes, c.len);
		buf_add(kept, &c, sizeof c);
	}
}

static void
take_rows(struct statistics *s, struct mem *m, const struct buf *kept)
{
	struct rows_cell(*said)[DRIVER_STATISTICS_FIELDS];
	struct rows_column *columns;

	s->ncolumns = kept->len / sizeof *said;
	said = mem_array(m, s->ncolumns + 1, sizeof *said);
	columns = mem_array(m, s->ncolumns + 1, sizeof *columns);
	if (kept->len > 0)
		memcpy(said, kept->bytes, kept->len);
	for (size_t i = 0; i < s->ncolumns; i++) {
		columns[i] = (struct rows_column){.name = said[i][NAME].bytes, .len = said[i][NAME].len, .origin = ""};
		s->gathered |= said[i][NULLS].type != ROWS_NULL;
	}
	s->columns = columns;
	s->said = (const struct rows_cell(*)[DRIVER_STATISTICS_FIELDS])said;
}

int
statistics_read(struct statistics *s, struct mem *m, struct rows *answer, struct fail *f)
{
	struct buf kept = {0};
	int more = rows_columns(answer, f);

	*s = (struct statistics){0};
	while (more >= 0 && (more = rows_next(answer, f)) > 0) {
		if (answer->ncells != DRIVER_STATISTICS_FIELDS) {
			buf_free(&kept);
			return fail_set(f, "there are no statistics in the answer");
		}
		keep_row(&kept, m, answer->cells);
	}
	take_rows(s, m, &kept);
	buf_free(&kept);
	if (more < 0)
		return answer->end == ROWS_REFUSED ? 0 : -1;
	if (!s->gathered)
		fail_set(f, "none were gathered, or none that this role may see");
	return s->gathered;
}

static uint64_t
count_said(const struct rows_cell *c)
{
	uint64_t n = 0;
	struct fail f;

	return c->type != ROWS_NULL && number_integer(c->bytes, 0, MOST, &n, &f) == 0 ? n : 0;
}

static struct rows_cell
count_cell(struct mem *m, const struct rows_cell *c)
{
	return c->type == ROWS_NULL ? rows_null() : rows_integer(m, count_said(c));
}

/* What is neither NULL nor among the common values is spread over the ranges. */
static void
share_out(struct writing *w)
{
	double rest = w->rows > 0 ? 1 - (double)count_said(&w->said[NULLS]) / w->rows : 0;
	size_t n = w->bounds.n;

	for (size_t i = 0; i < w->common.n; i++)
		rest -= w->common.list[i].share;
	w->range = n > 1 && rest > 0 ? rest / (double)(n - 1) : 0;
	/* A bound stands for the nearer halves of the ranges beside it. */
	for (size_t i = 0; i < n; i++)
		w->bounds.list[i].share = i == 0 || i == n - 1 ? w->range / 2 : w->range;
}

static int
compare_points(const void *a, const void *b)
{
	double x = ((const struct point *)a)->number, y = ((const struct point *)b)->number;

	return x < y ? -1 : x > y;
}

/* All points that are numbers or times, in their order. */
static struct points
in_order(const struct writing *w)
{
	const struct points *const from[] = {&w->common, &w->bounds};
	struct points all = {mem_array(w->m, w->common.n + w->bounds.n + 1, sizeof *all.list), 0};

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < from[k]->n; i++) {
			if (!isnan(from[k]->list[i].number))
				all.list[all.n++] = from[k]->list[i];
		}
	}
	qsort(all.list, all.n, sizeof *all.list, compare_points);
	return all;
}

static void
fill_quantiles(struct writing *w, const struct points *all)
{
	static const double ranks[PROFILE_QUANTILES] = {0.05, 0.25, 0.50, 0.75, 0.95};
	double total = 0, passed = 0;
	size_t q = 0;

	for (size_t i = 0; i < all->n; i++)
		total += all->list[i].share;
	for (size_t i = 0; i < all->n; i++) {
		passed += all->list[i].share;
		/* Sums of shares are off in their last digits. */
		while (q < PROFILE_QUANTILES && (passed >= ranks[q] * total * (1 - 1e-9) || i + 1 == all->n))
			w->cells[PROFILE_QUANTILE + q++] = all->list[i].cell;
	}
}

/* The share of rows that have less than `x`. */
static double
share_below(const struct writing *w, double x)
{
	double share = 0;

	for (size_t i = 0; i < w->common.n; i++)
		share += w->common.list[i].number < x ? w->common.list[i].share : 0;
	for (size_t i = 1; i < w->bounds.n; i++) {
		double low = w->bounds.list[i - 1].number, high = w->bounds.list[i].number;

		if (high < x)
			share += w->range;
		else if (low < x)
			share += w->range * (x / (high - low) - low / (high - low));
	}
	return share < 1 ? share : 1;
}

/* Returns how many bins. */
static size_t
fill_histogram(struct writing *w, const struct points *all, uint64_t *counts)
{
	double edges[SHAPE_BINS + 2], before = 0;
	size_t n = shape_edges(w->type, all->list[0].number, all->list[all->n - 1].number, edges);

	for (size_t i = 0; i < n; i++) {
		double share = share_below(w, i + 1 == n ? INFINITY : edges[i + 1]) * w->rows;

		counts[i] = (uint64_t)(floor(share + 0.5) - floor(before + 0.5));
		before = share;
	}
	w->cells[PROFILE_HISTOGRAM] = shape_histogram(w->m, w->type, edges, n, counts);
	return n;
}

static uint64_t
count_of(const struct writing *w, const struct point *p)
{
	return (uint64_t)(p->share * w->rows + 0.5);
}

static void
fill_top(struct writing *w, size_t top)
{
	struct buf b = {0};

	buf_byte(&b, '[');
	for (size_t i = 0; i < w->common.n && i < top; i++) {
		struct rows_cell c = w->common.list[i].cell;

		c.type = w->type == ROWS_BYTES ? ROWS_BYTES : ROWS_TEXT;
		c.cut = c.len > FREQUENT_WIDTH;
		c.len = c.cut ? FREQUENT_WIDTH : c.len;
		c.len = shape_whole_characters(c.bytes, c.len, c.cut);
		shape_top_add(&b, &c, count_of(w, &w->common.list[i]), NULL);
	}
	buf_byte(&b, ']');
	w->cells[PROFILE_TOP_VALUES] = shape_taken(&b, w->m, ROWS_JSON);
}

static void
fill_shape(struct writing *w, size_t top)
{
	struct points all = in_order(w);
	uint64_t counts[SHAPE_BINS];
	struct buf bars = {0};
	size_t bins;

	fill_top(w, top);
	if (all.n > 0) {
		w->cells[PROFILE_MIN] = all.list[0].cell;
		w->cells[PROFILE_MAX] = all.list[all.n - 1].cell;
		fill_quantiles(w, &all);
		bins = fill_histogram(w, &all, counts);
	} else {
		bins = w->common.n < SHAPE_BINS ? w->common.n : SHAPE_BINS;
		bins = bins < top ? bins : top;
		for (size_t i = 0; i < bins; i++)
			counts[i] = count_of(w, &w->common.list[i]);
	}
	bars_add(&bars, counts, bins);
	w->cells[PROFILE_BARS] = shape_taken(&bars, w->m, ROWS_TEXT);
}

/* Of texts and bytes those that are known to be frequent; of all else there are none. */
static struct rows_cell
empties(const struct writing *w)
{
	if (w->type != ROWS_TEXT && w->type != ROWS_BYTES)
		return rows_integer(w->m, 0);
	for (size_t i = 0; i < w->common.n; i++) {
		if (w->common.list[i].cell.len == 0)
			return rows_integer(w->m, count_of(w, &w->common.list[i]));
	}
	return rows_null();
}

/* How they are stored says how long texts and bytes are, and nothing of how long a number is that is written. */
static void
fill_counts(struct writing *w)
{
	const struct rows_cell *said = w->said;

	w->cells[PROFILE_ROWS] = count_cell(w->m, &said[ROWS]);
	w->cells[PROFILE_NULLS] = count_cell(w->m, &said[NULLS]);
	w->cells[PROFILE_AS_OF] = said[AS_OF];
	if (said[NULLS].type == ROWS_NULL)
		return;
	w->cells[PROFILE_EMPTIES] = empties(w);
	w->cells[PROFILE_DISTINCT] = count_cell(w->m, &said[DISTINCT]);
	w->cells[PROFILE_DISTINCT_METHOD] = rows_text("statistics");
	if (w->type == ROWS_TEXT || w->type == ROWS_BYTES)
		w->cells[PROFILE_LENGTH_MEAN] = count_cell(w->m, &said[WIDTH]);
}

int
statistics_fill(struct rows_cell *cells, struct mem *m, const struct statistics *s, size_t column, size_t position, size_t top,
    struct fail *f)
{
	const struct rows_cell *said = s->said[column];
	struct writing w = {.m = m, .said = said, .type = points_type(&said[TYPE]), .cells = cells};

	for (size_t i = 0; i < PROFILE_FIELDS; i++)
		cells[i] = rows_null();
	w.rows = (double)count_said(&said[ROWS]);
	if (points_read(&w.common, m, w.type, &said[COMMON], 1) < 0 || points_read(&w.bounds, m, w.type, &said[BOUNDS], 0) < 0)
		return fail_set(f, "the statistics of column %.*s cannot be read", (int)said[NAME].len, said[NAME].bytes);
	share_out(&w);
	cells[PROFILE_POSITION] = rows_integer(m, position);
	cells[PROFILE_COLUMN] = said[NAME];
	cells[PROFILE_TYPE] = rows_text(rows_type_name(w.type));
	cells[PROFILE_METHOD] = rows_text("statistics");
	fill_counts(&w);
	fill_shape(&w, top);
	/* What the database says itself. */
	if (said[MIN].type != ROWS_NULL)
		cells[PROFILE_MIN] = points_cell(m, w.type, said[MIN].bytes, said[MIN].len);
	if (said[MAX].type != ROWS_NULL)
		cells[PROFILE_MAX] = points_cell(m, w.type, said[MAX].bytes, said[MAX].len);
	return 0;
}

const char *
statistics_sentence(struct mem *m, const struct rows_cell *cells)
{
	static const char word[] = "statistics", exact[] = "--exact reads the table";
	const struct rows_cell *method = &cells[PROFILE_METHOD], *as_of = &cells[PROFILE_AS_OF];
	char age[NUMBER_AGE], text[160];
	double gathered;

	if (method->len != sizeof word - 1 || memcmp(method->bytes, word, method->len) != 0)
		return NULL;
	if (infer_value(as_of->bytes, as_of->type != ROWS_NULL ? as_of->len : 0, &gathered) == ROWS_TIMESTAMP) {
		number_age(age, stamp_now() - (int64_t)(gathered * 1e9));
		snprintf(text, sizeof text, "from the server's statistics of %s ago; %s", age, exact);
	} else {
		snprintf(text, sizeof text, "from the server's statistics; %s", exact);
	}
	return mem_string(m, text);
}
