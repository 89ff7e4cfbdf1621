/*
 * rowindex: where in a delimited text its rows are.
 *
 * A mark every so many bytes says how many records end before it, and how a scan stands there: so reading may begin at any
 * mark, and a row is at most one interval behind one.  Marks at fixed distances, not at fixed numbers of records, bound what
 * has to be read, and can be made by threads that do not know how many records there are before their part.
 */
#ifndef ROWINDEX_H
#define ROWINDEX_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "csv.h"

/* tests/unit/counter.c has them small. */
#ifndef ROWINDEX_STRIDE
enum {
	ROWINDEX_STRIDE = 256 * 1024, /* bytes between marks, at least */
	ROWINDEX_MARKS = 64 * 1024,   /* at most so many: in larger files they are further apart */
};
#endif

struct rowindex_mark {
	uint64_t records;     /* that end before it; the header is none */
	uint64_t terminators; /* before it */
	unsigned char state;  /* enum csv_state */
	unsigned char cr;     /* the byte before is CR */
};

struct rowindex {
	uint64_t stride;  /* bytes; mark i is at (i + 1) * stride */
	uint64_t size;    /* bytes of the text */
	uint64_t records; /* all of them */
	struct rowindex_mark *marks;
	size_t n, room;
};

/* An empty index of a text of `size` bytes. */
void rowindex_start(struct rowindex *x, uint64_t size);
void rowindex_free(struct rowindex *x);

/* How the scan stands at `offset`, with so many records before it.  Offsets come in order, each multiple of ROWINDEX_STRIDE
 * from the first; those before the first row say zero records.  What is no place for a mark is ignored. */
void rowindex_add(struct rowindex *x, uint64_t offset, uint64_t records, const struct csv_scan *s);

/* The last place from which row number `row` (from 0) can be reached: returns its offset and sets the scan, whose dialect must
 * be set, and *records before it.  0 where no mark is before it: read from the start. */
uint64_t rowindex_find(const struct rowindex *x, uint64_t row, struct csv_scan *s, uint64_t *records);

/* As bytes, and back; decoding takes any bytes and says -1 where they are no index. */
void rowindex_encode(struct buf *b, const struct rowindex *x);
int rowindex_decode(struct rowindex *x, const char *bytes, size_t len);

#endif
