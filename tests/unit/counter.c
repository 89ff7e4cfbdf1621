/* The counter and the row index: whatever the text, wherever chunks and blocks end and however many threads there are, the
 * exact machine's count, state and marks.  DBM_ROUNDS: how many times as many texts. */

#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "tap.h"

/* Sizes that change from run to run. */
static unsigned stride_size = 1, most_marks = 1000, block_size = 1;
#define ROWINDEX_STRIDE stride_size
#define ROWINDEX_MARKS most_marks
#define VECTOR_BLOCK block_size

#include "../../lib/vector.c"

#include "../../lib/rowindex.c"

#include "../../lib/counter.c"

#include "made_text.h"

static unsigned long counts;

/* What is wrong is told once. */
static int
wrong(const struct text *t, const char *what, size_t at, const char *how)
{
	printf("# %s at %zu, %s; stride %u, block %u, marks %u, delimiter '%c', text (%zu):\n# ", what, at, how, stride_size,
	    block_size, most_marks, t->dialect.delimiter, t->len);
	for (size_t i = 0; i < t->len; i++)
		printf(t->bytes[i] >= ' ' && t->bytes[i] != '\\' ? "%c" : "\\x%02x", (unsigned char)t->bytes[i]);
	printf("\n");
	return 0;
}

/* The marks before `from` are for the caller to make: no row is there. */
static void
index_head(struct rowindex *x, const struct text *t, size_t from)
{
	rowindex_start(x, t->len);
	for (size_t at = stride_size; at <= from; at += stride_size)
		rowindex_add(x, at, 0, &t->scans[at]);
}

static int
marks_are_right(const struct text *t, const struct rowindex *x, size_t from)
{
	if (x->n != t->len / x->stride)
		return wrong(t, "marks", x->n, "too few or too many");
	for (size_t i = 0; i < x->n; i++) {
		const struct rowindex_mark *m = &x->marks[i];
		size_t at = (size_t)((i + 1) * x->stride);
		const struct csv_scan *s = &t->scans[at];
		uint64_t records = at < from ? 0 : t->records[at] - t->records[from];

		if (m->records != records || m->terminators != s->terminators || m->state != s->state || m->cr != s->cr)
			return wrong(t, "mark", at, "not as the exact machine stands");
	}
	return 1;
}

/* From where the index says, the exact machine comes to the row with as many records and lines as from the start. */
static int
row_is_found(const struct text *t, const struct rowindex *x, uint64_t row, size_t from)
{
	size_t begins = t->begins[t->records[from] + row], best = 0;
	struct csv_scan s;
	uint64_t records = 0, at;

	for (size_t i = 0; i < x->n && (i + 1) * x->stride <= begins; i++)
		best = x->marks[i].records > 0 ? (size_t)((i + 1) * x->stride) : best;
	csv_scan_start(&s, &t->dialect);
	at = rowindex_find(x, row, &s, &records);
	if (at != best)
		return wrong(t, "row found", (size_t)at, "not the last place before it");
	if (at == 0)
		return 1;
	records += csv_scan_count(&s, t->bytes + at, begins - (size_t)at);
	if (records != row || s.state != t->scans[begins].state || s.terminators != t->scans[begins].terminators)
		return wrong(t, "row found", (size_t)at, "does not lead to the row");
	return 1;
}

static int
same_index(const struct rowindex *a, const struct rowindex *b)
{
	int same = a->n == b->n && a->stride == b->stride && a->size == b->size && a->records == b->records;

	for (size_t i = 0; same && i < a->n; i++)
		same = memcmp(&a->marks[i], &b->marks[i], offsetof(struct rowindex_mark, cr) + 1) == 0;
	return same;
}

static int
index_is_kept(const struct text *t, struct rowindex *x, uint64_t records)
{
	struct rowindex back;
	struct buf b = {0};
	int same;

	x->records = records;
	rowindex_encode(&b, x);
	same = rowindex_decode(&back, b.bytes, b.len) == 0 && same_index(x, &back);
	if (same)
		rowindex_free(&back);
	buf_free(&b);
	return same || wrong(t, "the index", 0, "is not the same when encoded and decoded");
}

static int
index_is_right(const struct text *t, struct rowindex *x, size_t from)
{
	uint64_t records = t->records[t->len] - t->records[from];
	int right = marks_are_right(t, x, from);

	for (uint64_t row = 0; right && row <= records; row++)
		right = row_is_found(t, x, row, from);
	return right && index_is_kept(t, x, records);
}

/* The text from one of its bytes on. */
static int
count_from(const struct text *t, size_t from, size_t to, unsigned threads)
{
	struct rowindex x;
	struct fail f;
	struct counter c = {
	    .fd = t->fd, .from = from, .to = to, .scan = t->scans[from], .threads = threads, .records = 0, .index = &x};
	char how[100];
	int right;

	snprintf(how, sizeof how, "%u threads, to %zu, %s", threads, to, vector_for(UINT64_MAX)->name);
	index_head(&x, t, from);
	counts++;
	if (counter_run(&c, &f) < 0)
		right = wrong(t, f.text, from, how);
	else if (c.records != t->records[to] - t->records[from])
		right = wrong(t, "records counted", from, how);
	else if (!same_scan(&c.scan, &t->scans[to]))
		right = wrong(t, "the scan moved", from, how);
	else
		right = to < t->len || index_is_right(t, &x, from) || wrong(t, "the index filled", from, how);
	rowindex_free(&x);
	return right;
}

/* Sizes and threads as they come; `from`s at each byte or some. */
static int
count_text(struct text *t, int everywhere)
{
	static const char *const kernels[] = {"portable", "avx2", "best"};
	int right = 1;

	understand(t);
	setenv("DBM_KERNEL", kernels[next_random(3)], 1);
	for (unsigned round = 0; right && round < 4; round++) {
		stride_size = 1 + next_random(next_random(2) ? 8 : 200);
		block_size = 1 + next_random(100);
		most_marks = next_random(4) ? 1000 : 1 + next_random(20);
		right = count_from(t, 0, t->len, 1 + round * next_random(3)) &&
			count_from(t, next_random((unsigned)t->len + 1), t->len, 1 + next_random(8)) &&
			count_from(t, 0, next_random((unsigned)t->len + 1), 1);
	}
	for (size_t from = 0; right && everywhere && from <= t->len; from++)
		right = count_from(t, from, t->len, 1 + (from % 16 == 0) * next_random(8));
	return right;
}

static void
check_texts(struct text *t, unsigned rounds)
{
	int orderly = 1, spoilt = 1, random = 1;

	for (unsigned round = 0; round < rounds; round++) {
		put_orderly(new_text(t, round));
		orderly = orderly && count_text(t, round % 16 == 0) &&
			  (libcsv_agrees(t) || wrong(t, "records", 0, "not as many as libcsv counts"));
		spoil(t);
		spoilt = spoilt && count_text(t, 0);
		put_random(new_text(t, round));
		random = random && count_text(t, t->len < 60 && round % 4 == 0);
	}
	CHECK(orderly, "well-formed texts");
	CHECK(spoilt, "texts with a byte that should not be there");
	CHECK(random, "texts of any bytes that matter");
}

/* Every text of so many of the bytes that matter. */
static void
check_all(struct text *t, unsigned len)
{
	static const char alphabet[] = ",\"\r\nx";
	unsigned long texts = 1;
	int right = 1;
	char name[80];

	for (unsigned i = 0; i < len; i++)
		texts *= sizeof alphabet - 1;
	for (unsigned long number = 0; right && number < texts; number++) {
		unsigned long left = number;

		new_text(t, (unsigned)number);
		for (unsigned i = 0; i < len; i++, left /= sizeof alphabet - 1)
			put_text(t, (char[]){alphabet[left % (sizeof alphabet - 1)], '\0'});
		understand(t);
		for (stride_size = 1; right && stride_size < 3; stride_size++)
			right = count_from(t, 0, t->len, 1) && count_from(t, 1 + number % len, t->len, 1);
	}
	snprintf(name, sizeof name, "every text of %u of the bytes that matter", len);
	CHECK(right, name);
}

/* A quote, or two, more or fewer than is right, at every place. */
static void
check_misquoted(struct text *t)
{
	static const char *const more[] = {"", "\"", "\"\"", "\"x", "x\"", "\",", "\n\"", "\"\r", "\"\n\"", ",\""};
	static const char base[] = "h,i\na,\"b \"\"c\"\"\",\n\"\",\"d\r\ne\",f\r\"g\"\n\n\"h\ni\"\r\n";
	int right = 1;

	for (size_t place = 0; right && place < sizeof base; place++) {
		for (size_t i = 0; right && i < 4 * (sizeof more / sizeof *more); i++) {
			char before[sizeof base];

			snprintf(before, place + 1, "%s", base);
			new_text(t, (unsigned)(i % 4));
			put_text(t, before);
			put_text(t, more[i / 4]);
			/* The first one is none: what is there is left out. */
			put_text(t, base + place + (i / 4 == 0 && place + 1 < sizeof base));
			right = count_text(t, place % 4 == i % 4);
		}
	}
	CHECK(right, "quotes more and fewer than there should be, at every place");
}

/* What is no index is refused, and what is taken is what encoding it gives. */
static int
decodes(const char *bytes, size_t len)
{
	struct rowindex x;
	struct csv_dialect d;
	struct csv_scan s;
	struct buf b = {0};
	uint64_t records = 0;
	int right;

	if (rowindex_decode(&x, bytes, len) < 0)
		return x.marks == NULL;
	csv_dialect_set(&d, ',');
	csv_scan_start(&s, &d);
	rowindex_encode(&b, &x);
	right = b.len == len && memcmp(b.bytes, bytes, len) == 0;
	for (size_t i = 0; i < x.n; i++)
		right &= x.marks[i].state < CSV_STATES && x.marks[i].records <= x.records;
	for (uint64_t row = 0; row < 20; row++)
		right &= rowindex_find(&x, row, &s, &records) <= x.size && s.state < CSV_STATES && records <= row;
	rowindex_free(&x);
	buf_free(&b);
	return right;
}

static void
check_garbage(struct text *t, unsigned rounds)
{
	struct rowindex x;
	struct buf b = {0};
	int right = 1;

	new_text(t, 0);
	put_text(t, "a,b\nc,\"d\n\"\n\ne\r\nf,g\n");
	understand(t);
	stride_size = 3;
	most_marks = 1000;
	rowindex_start(&x, t->len);
	for (size_t at = 3; at <= t->len; at += 3)
		rowindex_add(&x, at, t->records[at], &t->scans[at]);
	x.records = t->records[t->len];
	rowindex_encode(&b, &x);
	for (size_t len = 0; len <= b.len; len++)
		right &= decodes(b.bytes, len);
	for (unsigned round = 0; round < rounds; round++) {
		size_t at = next_random((unsigned)b.len);
		char was = b.bytes[at];

		b.bytes[at] = (char)next_random(256);
		right &= decodes(b.bytes, b.len);
		if (next_random(3))
			b.bytes[at] = was;
	}
	CHECK(right, "bytes that are an index, changed");
	rowindex_free(&x);
	buf_free(&b);
}

/* A file that ends too early is a failure, whoever reads there. */
static void
check_short(struct text *t)
{
	int said = 1;

	new_text(t, 0);
	for (int i = 0; i < 40; i++)
		put_text(t, "a,\"b\nc\"\nx\"y,z\n");
	understand(t);
	for (unsigned round = 0; round < 200; round++) {
		struct counter c = {.fd = t->fd, .from = 0, .to = t->len, .scan = t->scans[0], .threads = 1 + round % 8};
		struct fail f = {""};

		stride_size = 1 + next_random(50);
		if (ftruncate(t->fd, (off_t)next_random((unsigned)t->len)) < 0)
			abort();
		said &= counter_run(&c, &f) < 0 && strcmp(f.text, "was cut short while it was read") == 0;
	}
	CHECK(said, "a file that was cut short is no answer");
}

int
main(void)
{
	static struct text t;
	const char *times = getenv("DBM_ROUNDS");
	unsigned rounds = times != NULL ? (unsigned)atoi(times) : 1;
	char name[] = "/tmp/counter.XXXXXX";

	t.fd = mkstemp(name);
	if (t.fd < 0 || unlink(name) < 0) {
		perror(name);
		return 1;
	}
	/* Afterwards small texts get the best kernel too. */
	vector_for(UINT64_MAX);
	for (unsigned len = 1; len <= 5; len++)
		check_all(&t, len);
	check_misquoted(&t);
	check_texts(&t, 400 * (rounds > 0 ? rounds : 1));
	check_garbage(&t, 20000);
	check_short(&t);
	printf("# %lu texts, counted %lu times\n", files, counts);
	return tap_end();
}
