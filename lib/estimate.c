#include "estimate.h"

#include <math.h>

#include "chance.h"
#include "file.h"
#include "vector.h"

/* Student's t, two-sided 95 %, at two thirds of ESTIMATE_STRATA degrees of freedom, and a little more. */
static const double T = 1.98;

struct sample {
	int fd;
	uint64_t from, blocks; /* whole ones */
	const struct csv_dialect *dialect;
	const struct vector_kernel *kernel;
	uint64_t seed;
};

/* The records that end in a block; `last` is the byte before it. */
static uint64_t
count_block(const struct sample *s, char last, const char *bytes, size_t len, uint64_t *terminators)
{
	struct vector_state v = vector_behind(s->dialect, last);
	struct vector_count c;
	struct csv_scan scan;

	s->kernel->count(&v, bytes, len, s->dialect->delimiter, &c);
	*terminators = c.terminators;
	if (c.malformed[0] == 0 && c.malformed[1] == 0)
		return c.records[c.records[1] > c.records[0]];
	if (c.malformed[0] == 0 || c.malformed[1] == 0)
		return c.records[c.malformed[0] != 0];
	csv_scan_start(&scan, s->dialect);
	scan.state = CSV_PLAIN;
	return csv_scan_count(&scan, bytes, len);
}

/* What one block says of its part. */
struct part {
	uint64_t blocks; /* in it */
	uint64_t records, lines;
};

/* Reads a block, or the shorter rest behind the last one. */
static int
read_block(const struct sample *s, uint64_t at, size_t len, struct part *part, struct fail *f)
{
	char bytes[1 + ESTIMATE_BLOCK] = {'\n'};
	size_t before = at > s->from;
	ssize_t got = file_read_at(s->fd, bytes + 1 - before, len + before, at - before, NULL, 0, f);

	if (got < 0)
		return -1;
	if ((size_t)got < len + before)
		return fail_set(f, "was cut short while it was read");
	part->records = count_block(s, bytes[0], bytes + 1, len, &part->lines);
	return 0;
}

/* Reads one block of part number i. */
static int
take(struct sample *s, size_t i, struct part *part, struct fail *f)
{
	uint64_t first = s->blocks * i / ESTIMATE_STRATA, behind = s->blocks * (i + 1) / ESTIMATE_STRATA;
	uint64_t block = first + chance_below(&s->seed, behind - first);

	part->blocks = behind - first;
	return read_block(s, s->from + block * ESTIMATE_BLOCK, ESTIMATE_BLOCK, part, f);
}

/* Of a part, as its neighbour tells it.  They may have different numbers of blocks, so it is blocks that are compared: half of
 * the square of their difference is the variance of one.  A part of one block is known. */
static double
variance_of(const struct part *a, const struct part *b)
{
	double difference = (double)a->records - (double)b->records;
	double of_a = a->blocks > 1 ? (double)a->blocks : 0, of_b = b->blocks > 1 ? (double)b->blocks : 0;

	return difference * difference / 2 * (of_a * of_a + of_b * of_b) / 2;
}

int
estimate_is_vain(uint64_t bytes)
{
	return bytes <= (uint64_t)ESTIMATE_STRATA * ESTIMATE_BLOCK;
}

int
estimate_run(struct estimate *e, int fd, uint64_t from, uint64_t to, const struct csv_dialect *d, uint64_t seed, struct fail *f)
{
	struct sample s = {fd, from, (to - from) / ESTIMATE_BLOCK, d, vector_for(ESTIMATE_STRATA * ESTIMATE_BLOCK), seed};
	uint64_t rest = from + s.blocks * ESTIMATE_BLOCK;
	double records, lines, variance = 0, half;
	struct part part = {0, 0, 0}, last = {0, 0, 0};
	uint64_t seen;

	/* What is shorter than a block is no sample of the part it is in. */
	if (read_block(&s, rest, (size_t)(to - rest), &last, f) < 0)
		return -1;
	seen = last.records;
	records = (double)last.records;
	lines = (double)last.lines;
	for (size_t i = 0; i < ESTIMATE_STRATA; i++) {
		struct part before = part;

		if (take(&s, i, &part, f) < 0)
			return -1;
		seen += part.records;
		records += (double)part.records * (double)part.blocks;
		lines += (double)part.lines * (double)part.blocks;
		if (i > 0)
			variance += variance_of(&before, &part);
	}
	half = T * sqrt(variance * ESTIMATE_STRATA / (ESTIMATE_STRATA - 1));
	/* Of what was not seen at all there may still be some: fewer than three times the inverse of the share read, at 95 %
	 * (the "rule of three", Hanley and Lippman-Hand 1983). */
	if (seen == 0)
		half = 3 * (double)(to - from) / ((double)ESTIMATE_STRATA * ESTIMATE_BLOCK);
	e->records = (uint64_t)(records + 0.5);
	e->lines = (uint64_t)(lines + 0.5);
	e->low = records - half > (double)seen ? (uint64_t)(records - half) : seen;
	/* A last record needs no end. */
	e->high = (uint64_t)ceil(records + half) + 1;
	return 0;
}
