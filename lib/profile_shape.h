/*
 * profile_shape: the shape of a column as cells to print: values, most frequent values, histograms; whatever they are made of.
 */
#ifndef PROFILE_SHAPE_H
#define PROFILE_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "mem.h"
#include "rows.h"

enum { SHAPE_BINS = 20 };

/* A cell of bytes that are copied into the arena, and one of a buffer, which is freed. */
struct rows_cell shape_cell(struct mem *m, enum rows_type type, const char *bytes, size_t len);
struct rows_cell shape_taken(struct buf *b, struct mem *m, enum rows_type type);

/* A number or a time (seconds since 1970) of a column of that type. */
struct rows_cell shape_value(struct mem *m, enum rows_type type, double v);

/* The edges of at most SHAPE_BINS bins of numbers and times from `low` to `high`: all of the same width, whole numbers and
 * whole days for what comes in them.  There is room for SHAPE_BINS + 2 edges.  Returns how many bins: one fewer than edges. */
size_t shape_edges(enum rows_type type, double low, double high, double *edges);

/* The bins and how many values are in each, as JSON. */
struct rows_cell shape_histogram(struct mem *m, enum rows_type type, const double *edges, size_t n, const uint64_t *counts);

/* Appends a frequent value to a JSON list, behind those that are there: begin with "[" and end with "]".  `high`: it comes at
 * most so many times; NULL: nobody knows. */
void shape_top_add(struct buf *b, const struct rows_cell *value, uint64_t count, const uint64_t *high);

/* Of a text of which only the beginning was kept: so much that it does not end inside a character. */
size_t shape_whole_characters(const char *bytes, size_t kept, int cut);

#endif
