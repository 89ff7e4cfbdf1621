#include "estimate.h"

#include <math.h>

#include "chance.h"
#include "file.h"
#include "vector.h"

/* Student's t, two-sided 95 %, at ESTIMATE_STRATA / 2 degrees of freedom. */
static const double T = 1.98;

struct sample {
	int fd;
	uint64_t from, to;
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
	if (c.malformed[0] == 0 || c.malformed[1] == 0)
		return c.records[c.malformed[0] != 0];
	csv_scan_start(&scan, s->dialect);
	scan.state = CSV_PLAIN;
	return csv_scan_count(&scan, bytes, len);
}

/* One block of part number i: its counts, times the blocks of the part. */
static int
take(struct sample *s, size_t i, double *records, double *lines, uint64_t *seen, struct fail *f)
{
	uint64_t blocks = (s->to - s->from + ESTIMATE_BLOCK - 1) / ESTIMATE_BLOCK;
	uint64_t first = blocks * i / ESTIMATE_STRATA, behind = blocks * (i + 1) / ESTIMATE_STRATA;
	uint64_t at = s->from + (first + chance_below(&s->seed, behind - first)) * ESTIMATE_BLOCK, terminators, n;
	size_t len = s->to - at < ESTIMATE_BLOCK ? (size_t)(s->to - at) : ESTIMATE_BLOCK, before = at > 0;
	char bytes[1 + ESTIMATE_BLOCK] = {'\n'};
	ssize_t got = file_read_at(s->fd, bytes + 1 - before, len + before, at - before, NULL, 0, f);

	if (got < 0)
		return -1;
	if ((size_t)got < len + before)
		return fail_set(f, "was cut short while it was read");
	n = count_block(s, bytes[0], bytes + 1, len, &terminators);
	*seen += n;
	*records = (double)n * (double)(behind - first);
	*lines += (double)terminators * (double)(behind - first);
	return 0;
}

int
estimate_is_vain(uint64_t bytes)
{
	return bytes <= (uint64_t)ESTIMATE_STRATA * ESTIMATE_BLOCK;
}

int
estimate_run(struct estimate *e, int fd, uint64_t from, uint64_t to, const struct csv_dialect *d, uint64_t seed, struct fail *f)
{
	struct sample s = {fd, from, to, d, vector_for(ESTIMATE_STRATA * ESTIMATE_BLOCK), seed};
	double records = 0, lines = 0, variance = 0, pair[2], half;
	uint64_t seen = 0;

	for (size_t i = 0; i < ESTIMATE_STRATA; i++) {
		if (take(&s, i, &pair[i % 2], &lines, &seen, f) < 0)
			return -1;
		records += pair[i % 2];
		if (i % 2 == 1)
			variance += (pair[0] - pair[1]) * (pair[0] - pair[1]);
	}
	half = T * sqrt(variance);
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
