/* count: however a text is cut into blocks, strides and chunks, and whichever kernel counts it, the exact machine's records,
 * state and marks; any bytes are no row index, or exactly the encoding of what they are decoded to. */

#include "file.h"

/* Sizes that the input chooses. */
static unsigned stride_size = 1, most_marks = 1000, block_size = 1;
#define ROWINDEX_STRIDE stride_size
#define ROWINDEX_MARKS most_marks
#define VECTOR_BLOCK block_size

#include "vector.c"

#include "rowindex.c"

/* counter.c, whose file is the input. */
#define file_read_at fake_read_at
static ssize_t fake_read_at(int fd, void *bytes, size_t size, uint64_t at, struct watch *w, uint64_t total, struct fail *f);

#include "counter.c"

#include "fuzz.h"

static struct fuzz text;

static ssize_t
fake_read_at(int fd, void *bytes, size_t size, uint64_t at, struct watch *w, uint64_t total, struct fail *f)
{
	size_t left = at < text.len ? text.len - (size_t)at : 0, n = size < left ? size : left;

	(void)fd, (void)w, (void)total, (void)f;
	if (n > 0)
		memcpy(bytes, text.bytes + at, n);
	return (ssize_t)n;
}

/* What is asked, chosen by the first bytes of the input. */
struct question {
	struct csv_dialect dialect;
	const struct vector_kernel *kernel;
	unsigned threads;
	size_t from;
	struct fuzz_blocks pieces;
};

static struct question
take_question(struct fuzz *z)
{
	static const char delimiters[] = ",;\t|";
	static const char *const kernels[] = {"portable", "avx2", "best", "best"};
	unsigned how = fuzz_byte(z);
	struct question q = {.threads = how & 128 ? 1 + (how >> 4 & 7) : 1};

	csv_dialect_set(&q.dialect, delimiters[how & 3]);
	setenv("DBM_KERNEL", kernels[how >> 2 & 3], 1);
	/* The first time asks the processor: then small texts get the best kernel too. */
	q.kernel = vector_for(UINT64_MAX);
	stride_size = 1 + fuzz_byte(z);
	block_size = 1 + fuzz_byte(z);
	q.from = fuzz_byte(z);
	most_marks = 1 + q.from % 50;
	q.pieces = fuzz_blocks(z);
	return q;
}

static int
same_scan(const struct csv_scan *a, const struct csv_scan *b)
{
	return a->state == b->state && a->cr == b->cr && a->open == b->open && a->terminators == b->terminators &&
	       (a->state != CSV_QUOTED || a->opened == b->opened);
}

/* Piece by piece. */
static void
check_pieces(struct question *q)
{
	struct csv_scan exact, fast;

	csv_scan_start(&exact, &q->dialect);
	csv_scan_start(&fast, &q->dialect);
	for (size_t at = 0, n; at < text.len; at += n) {
		uint64_t want;

		n = fuzz_block(&q->pieces, text.len - at);
		want = csv_scan_count(&exact, text.bytes + at, n);
		MUST(vector_scan_count(&fast, q->kernel, text.bytes + at, n) == want);
		MUST(same_scan(&exact, &fast));
	}
}

/* The exact machine at `to`, from where it stands. */
static uint64_t
move(struct csv_scan *s, size_t at, size_t to)
{
	return to > at ? csv_scan_count(s, text.bytes + at, to - at) : 0;
}

static void
check_marks(const struct rowindex *x, const struct csv_scan *start, size_t from)
{
	struct csv_scan s = *start;
	uint64_t records = 0;
	size_t at = from;

	MUST(x->n == text.len / x->stride);
	for (size_t i = from / x->stride; i < x->n; i++) {
		const struct rowindex_mark *m = &x->marks[i];
		size_t to = (size_t)((i + 1) * x->stride);

		records += move(&s, at, to);
		at = to;
		MUST(m->records == records && m->terminators == s.terminators && m->state == s.state && m->cr == s.cr);
	}
}

/* From the place that is found, the exact machine passes as many records to the end of the text as from the start. */
static void
check_rows(const struct rowindex *x, const struct question *q, uint64_t all)
{
	for (uint64_t row = 0; row <= all && row < 50; row++) {
		struct csv_scan s;
		uint64_t records = 0, at;

		csv_scan_start(&s, &q->dialect);
		at = rowindex_find(x, row, &s, &records);
		MUST(at <= text.len && records <= row);
		MUST(at == 0 || records + move(&s, (size_t)at, text.len) == all);
	}
}

static void
check_encoded(const char *bytes, size_t len)
{
	struct rowindex x;
	struct buf b = {0};

	if (rowindex_decode(&x, bytes, len) < 0) {
		MUST(x.marks == NULL);
		return;
	}
	rowindex_encode(&b, &x);
	MUST(b.len == len && memcmp(b.bytes, bytes, len) == 0);
	for (uint64_t row = 0; row < 20; row++) {
		struct csv_scan s;
		uint64_t records = 0;

		MUST(rowindex_find(&x, row, &s, &records) <= x.size && records <= row);
	}
	rowindex_free(&x);
	buf_free(&b);
}

static void
check_index(struct rowindex *x, const struct question *q, const struct csv_scan *start, size_t from, uint64_t all)
{
	struct buf b = {0};

	check_marks(x, start, from);
	check_rows(x, q, all);
	x->records = all;
	rowindex_encode(&b, x);
	check_encoded(b.bytes, b.len);
	buf_free(&b);
}

/* By threads, from any byte. */
static void
check_counter(const struct question *q)
{
	size_t from = q->from < text.len ? q->from : text.len;
	struct csv_scan exact, start;
	struct rowindex x;
	struct fail f;
	uint64_t want;

	csv_scan_start(&exact, &q->dialect);
	rowindex_start(&x, text.len);
	for (size_t at = 0, to; at < from; at = to) {
		to = at + stride_size < from ? at + stride_size : from;
		move(&exact, at, to);
		rowindex_add(&x, to, 0, &exact);
	}
	start = exact;
	want = move(&exact, from, text.len);
	struct counter c = {.from = from, .to = text.len, .scan = start, .threads = q->threads, .index = &x};
	MUST(counter_run(&c, &f) == 0);
	MUST(c.records == want && same_scan(&c.scan, &exact));
	check_index(&x, q, &start, from, want);
	rowindex_free(&x);
}

/* The input: the dialect, the kernel and the threads; sizes of a stride and of a block; where to start; three sizes of pieces;
 * the text.  All of it as an index. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	struct question q = take_question(&z);

	text = z;
	check_pieces(&q);
	check_counter(&q);
	check_encoded((const char *)data, size);
	return 0;
}
