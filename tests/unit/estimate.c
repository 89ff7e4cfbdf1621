/* The estimate: of a hundred seeds the interval holds the count for ninety or more, and is narrow, whatever the lengths of
 * records along the file.  DBM_ROUNDS: files so many times as large (16: 1 GiB). */

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "estimate.h"
#include "file.h"
#include "tap.h"

enum {
	SEEDS = 100,
	HELD = 90,         /* of the seeds, at least; 95 are meant */
	REGION = 11,       /* regions in a file, and a bit */
	SHORT = 40,        /* bytes of a record */
	LONG = 3 * SHORT,  /* likewise */
	SMALL = 100 * 1000 /* bytes of a region that is much smaller than a part of which one block is read */
};

static uint64_t size = 64 << 20;
static uint64_t state = 1;

/* xorshift64 (Marsaglia 2003, "Xorshift RNGs"). */
static double
next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / 9007199254740992.0;
}

/* Nearly normal: twelve uniform ones. */
static double
normal(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += next_random();
	return sum;
}

/* What is written, and what is known of it. */
struct made {
	int fd;
	struct buf b;
	uint64_t bytes, records, lines;
};

static void
put_record(struct made *m, double want)
{
	size_t len = want < 4 ? 4 : want > 100000 ? 100000 : (size_t)want;
	char *p = buf_room(&m->b, len);

	memset(p, 'x', len);
	p[2] = ',';
	p[len - 1] = '\n';
	m->b.len += len;
	m->bytes += len;
	m->records++;
	m->lines++;
}

static void
put_quoted(struct made *m)
{
	unsigned inside = 1 + (unsigned)(20 * next_random());
	size_t before = m->b.len;

	buf_add(&m->b, "1,\"", 3);
	for (unsigned i = 0; i < inside; i++)
		buf_add(&m->b, "a line, \"\"\n", 11);
	buf_add(&m->b, "\"\n", 2);
	m->bytes += m->b.len - before;
	m->records++;
	m->lines += inside + 1;
}

static void
fixed(struct made *m, double place)
{
	(void)place;
	put_record(m, 47);
}

static void
log_normal(struct made *m, double place)
{
	(void)place;
	put_record(m, exp(4 + normal()));
}

static void
drifting(struct made *m, double place)
{
	put_record(m, 20 * pow(8, place) * (0.5 + next_random()));
}

static void
quoted(struct made *m, double place)
{
	(void)place;
	if (next_random() < 0.01)
		put_quoted(m);
	else
		put_record(m, 30 + 40 * next_random());
}

static void
regions(struct made *m, double place)
{
	put_record(m, (unsigned)(place * (REGION + 0.3)) % 2 ? SHORT : LONG);
}

/* In the middle of a part of which one block is read: it may be of either kind. */
static void
change_once(struct made *m, double place)
{
	put_record(m, place < 100.5 / ESTIMATE_STRATA ? LONG : SHORT / 4.0);
}

static void
small_regions(struct made *m, double place)
{
	(void)place;
	put_record(m, m->bytes / SMALL % 2 ? SHORT : LONG);
}

static struct made
make(void (*put)(struct made *m, double place))
{
	char name[] = "/tmp/estimate.XXXXXX";
	struct made m = {.fd = mkstemp(name)};
	struct fail f;

	if (m.fd < 0 || unlink(name) < 0)
		abort();
	while (m.bytes < size) {
		put(&m, (double)m.bytes / (double)size);
		if (m.b.len < 1 << 20 && m.bytes < size)
			continue;
		if (file_write(m.fd, m.b.bytes, m.b.len, &f) < 0)
			abort();
		m.b.len = 0;
	}
	buf_free(&m.b);
	return m;
}

/* Blocks that begin with a closing quote which might as well be an opening one, and so on to their end. */
static void
ambiguous(struct made *m, double place)
{
	size_t left = ESTIMATE_BLOCK - (size_t)(m->bytes % ESTIMATE_BLOCK);

	(void)place;
	if (left == ESTIMATE_BLOCK || left == 9) {
		size_t before = m->b.len;

		buf_printf(&m->b, left == 9 ? "1,\"\nabcd\n" : m->bytes == 0 ? "x\n" : "\"\n");
		m->bytes += m->b.len - before;
		m->records += left != 9;
		m->lines += left == 9 ? 2 : 1;
	} else {
		put_record(m, left > 80 ? 47 : (double)(left - 9));
	}
}

/* `widest`: half the interval, as a share of the count. */
static void
check(const char *what, void (*put)(struct made *m, double place), double widest)
{
	struct made m = make(put);
	double count = (double)m.records, wide = 0, mean = 0, lines = 0;
	struct csv_dialect d;
	unsigned held = 0, ordered = 1;
	char name[200];

	csv_dialect_set(&d, ',');
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct estimate e;
		struct fail f;

		if (estimate_run(&e, m.fd, 0, m.bytes, &d, seed, &f) < 0)
			abort();
		held += e.low <= m.records && m.records <= e.high;
		ordered &= e.low <= e.records && e.records <= e.high;
		wide = fmax(wide, (double)(e.high - e.low) / 2 / count);
		mean += (double)e.records / SEEDS;
		lines += (double)e.lines / SEEDS;
	}
	printf("# %s: %.0f records, held %u of %d times, half-width at most %.2f %%, mean error %.3f %%, of lines %.3f %%\n",
	    what, count, held, SEEDS, 100 * wide, 100 * (mean / count - 1), 100 * (lines / (double)m.lines - 1));
	snprintf(name, sizeof name, "%s: the interval holds the count for %d of %d seeds, and its middle", what, HELD, SEEDS);
	CHECK(held >= HELD && ordered, name);
	snprintf(name, sizeof name, "%s: half of it is at most %.1f %% of the count", what, 100 * widest);
	CHECK(wide <= widest, name);
	snprintf(name, sizeof name, "%s: the mean of all is the count, and that of the lines", what);
	CHECK(fabs(mean / count - 1) < 0.01 && fabs(lines / (double)m.lines - 1) < 0.01, name);
	close(m.fd);
}

int
main(void)
{
	const char *times = getenv("DBM_ROUNDS");

	if (times != NULL && atoi(times) > 0)
		size *= (uint64_t)atoi(times);
	check("records of one length", fixed, 0.001);
	check("log-normal lengths", log_normal, 0.03);
	check("lengths that grow by a factor of 8", drifting, 0.03);
	check("quoted newlines in one of a hundred", quoted, 0.03);
	check("quotes that may open or close", ambiguous, 0.001);
	check("regions of short and of long records", regions, 0.03);
	check("records that become short once", change_once, 0.03);
	/* Here a block is all short or all long, and 240 of them tell no more. */
	check("small regions of short and of long records", small_regions, 0.10);
	/* Parts of one block, which is all there is to know of them, and of two. */
	size = 5 << 20;
	check("5 MiB, records of one length", fixed, 0.001);
	check("5 MiB, log-normal lengths", log_normal, 0.03);
	check("5 MiB, lengths that grow by a factor of 8", drifting, 0.03);
	return tap_end();
}
