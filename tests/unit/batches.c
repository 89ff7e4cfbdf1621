/* csv_batches, fields: however a text is cut into chunks and pieces, and whoever takes them, the sink gets the rows of the
 * exact machine, each once. */

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader.h"

/* So small that a short text has many chunks, and records that are longer than all of them. */
#define CSV_BATCHES_SIZES
enum { CHUNK = 64, PIECE = 24, PIECE_COLUMN = 4, PIECE_MOST = 48, LONGEST = 256, CELL = 1 << 20, PROBE = 16 };

#define reader_can_thread(r) (input_is_plain(&(r)->in) && (r)->in.total > input_offset(&(r)->in))

#include "csv_batches.c"

#include "mem.h"
#include "random.h"
#include "tap.h"

/* Rows as text, so that they can be sorted and compared: each cell's length and bytes, `-` for NULL. */
struct pile {
	struct buf bytes;
	struct buf ends; /* size_t */
	size_t nulls;    /* at the end of the row so far */
};

struct row {
	const char *bytes;
	size_t len;
};

static void
pile_cell(struct pile *p, const char *bytes, size_t len, int type)
{
	if (type == ROWS_NULL) {
		p->nulls++;
		return;
	}
	for (; p->nulls > 0; p->nulls--)
		buf_puts(&p->bytes, "-");
	buf_printf(&p->bytes, "%zu:", len);
	buf_add(&p->bytes, bytes, len);
}

/* How far short rows are filled up depends on the rows that came before: that is left out. */
static void
pile_end(struct pile *p)
{
	size_t n;

	p->nulls = 0;
	buf_puts(&p->bytes, "\n");
	n = p->bytes.len;
	buf_add(&p->ends, &n, sizeof n);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r = memcmp(x->bytes, y->bytes, x->len < y->len ? x->len : y->len);

	return r != 0 ? r : (x->len > y->len) - (x->len < y->len);
}

static struct row *
pile_rows(const struct pile *p, size_t *n)
{
	const size_t *ends = (const size_t *)(const void *)p->ends.bytes;
	struct row *rows;
	size_t start = 0;

	*n = p->ends.len / sizeof *ends;
	rows = mem_resize(NULL, (*n + 1) * sizeof *rows);
	for (size_t i = 0; i < *n; start = ends[i++])
		rows[i] = (struct row){p->bytes.bytes + start, ends[i] - start};
	if (*n > 0)
		qsort(rows, *n, sizeof *rows, compare_rows);
	return rows;
}

static int
same_piles(const struct pile *a, const struct pile *b)
{
	size_t n, m;
	struct row *x = pile_rows(a, &n), *y = pile_rows(b, &m);
	int same = n == m;

	for (size_t i = 0; same && i < n; i++)
		same = compare_rows(&x[i], &y[i]) == 0;
	free(x);
	free(y);
	return same;
}

static void
pile_free(struct pile *p)
{
	buf_free(&p->bytes);
	buf_free(&p->ends);
}

/* What came out of csv_batches(). */
struct taken {
	struct pile rows;
	unsigned starts, threads;
	int astray; /* a batch of a thread that there is not */
	pthread_mutex_t lock;
};

static int
start_taking(void *arg, const struct rows_column *columns, size_t n, unsigned *threads, struct fail *f)
{
	struct taken *t = arg;

	(void)columns;
	(void)n;
	(void)f;
	pile_free(&t->rows);
	t->rows = (struct pile){0};
	t->threads = *threads;
	t->starts++;
	return 0;
}

static void
take_batch(void *arg, unsigned thread, const struct batch *b)
{
	struct taken *t = arg;

	pthread_mutex_lock(&t->lock);
	t->astray |= thread >= t->threads || b->nrows > BATCH_ROWS || b->nrows > b->stride;
	for (size_t r = 0; r < b->nrows; r++) {
		for (size_t c = 0; c < b->ncolumns; c++) {
			const struct batch_cell *cell = &b->cells[c * b->stride + r];

			pile_cell(&t->rows, cell->bytes, cell->len, cell->type);
		}
		pile_end(&t->rows);
	}
	pthread_mutex_unlock(&t->lock);
}

/* A text, and how it is to be read. */
struct question {
	const char *text;
	size_t len;
	int no_header;
	const char *columns[4]; /* numbers, from 1 */
	size_t ncolumns;
	unsigned threads;
};

static int
open_text(const char *text, size_t len)
{
	char name[] = "/tmp/batches.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || unlink(name) < 0 || write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* 0, or -1 where it failed. */
static int
ask(const struct question *q, struct taken *t, struct buf *notes)
{
	struct csv_table table = {
	    .fd = open_text(q->text, q->len), .name = "text", .options = {.delimiter = ',', .no_header = q->no_header}};
	const struct batch_sink sink = {t, start_taking, take_batch};
	const struct driver_request request = {.operation = DRIVER_SCAN,
	    .columns = q->columns,
	    .ncolumns = q->ncolumns,
	    .limit = UINT64_MAX,
	    .threads = q->threads};
	struct rows rows = {0};
	struct mem m = {0};
	struct fail f;
	int r;

	*t = (struct taken){.lock = PTHREAD_MUTEX_INITIALIZER};
	table.stat.st_mode = S_IFREG;
	table.stat.st_size = (off_t)q->len;
	r = csv_batches(&table, &m, &request, &sink, &rows, &f);
	buf_add(notes, rows.notes.bytes, rows.notes.len);
	buf_free(&rows.notes);
	mem_free(&m);
	return r;
}

/* The same by the exact machine; -1 where there is no header to be had. */
static int
ask_exactly(const struct question *q, struct pile *p)
{
	struct csv_dialect d;
	struct csv_scan s;
	struct split split;
	size_t at = 0, width = 0, n = 0;
	int r = 0;

	*p = (struct pile){0};
	csv_dialect_set(&d, ',');
	csv_scan_start(&s, &d);
	split_init(&split, &d, SIZE_MAX);
	for (int ended = 1; ended && at < q->len && r == 0; at += n) {
		s.quote = 0;
		n = csv_scan_record(&s, q->text + at, q->len - at, &ended);
		if (!ended && !csv_scan_pending(&s))
			break;
		split_begin(&split);
		split_feed(&split, q->text + at, n);
		split_end(&split);
		if (width == 0) {
			width = split.ncells;
			if (!q->no_header) {
				r = !ended && csv_scan_quoted(&s) ? -1 : 0;
				continue;
			}
		}
		for (size_t c = 0; c < (q->ncolumns > 0 ? q->ncolumns : split.ncells); c++) {
			size_t column = q->ncolumns > 0 ? (size_t)atoi(q->columns[c]) - 1 : c;

			if (column < split.ncells)
				pile_cell(p, split.cells[column].bytes, split.cells[column].len, split.cells[column].type);
			else
				pile_cell(p, "", 0, ROWS_NULL);
		}
		pile_end(p);
	}
	/* A column that there is not is a failure. */
	for (size_t c = 0; c < q->ncolumns; c++) {
		if ((size_t)atoi(q->columns[c]) > width)
			r = -1;
	}
	split_free(&split);
	return r;
}

static int
agrees(const struct question *q)
{
	struct taken t;
	struct pile exact;
	struct buf notes = {0};
	int r = ask(q, &t, &notes), e = ask_exactly(q, &exact), same;

	same = r == e && !t.astray && (r < 0 || (t.starts >= 1 && t.starts <= 2 && same_piles(&t.rows, &exact)));
	if (!same)
		printf("# %u threads, header %d, %zu columns, says %d, not %d: %.*s\n", q->threads, !q->no_header, q->ncolumns,
		    r, e, (int)(q->len < 300 ? q->len : 300), q->text);
	pile_free(&t.rows);
	pile_free(&exact);
	buf_free(&notes);
	return same;
}

/* Numbers as names, so that a name is a column's number too. */
static size_t
make_header(char *text, unsigned width)
{
	size_t n = 0;

	for (unsigned c = 1; c <= width; c++)
		n += (size_t)sprintf(text + n, "%sc%u", c > 1 ? "," : "", c);
	text[n++] = '\n';
	return n;
}

/* Rows whose quoting is well-formed, of any width, with blank lines between them. */
static size_t
make_orderly(char *text, size_t size)
{
	static const char *const cells[] = {"", "", "a", "12.5", "\"\"", "\"a,b\"", "\"x\ny\"", "\"\r\n\"", "\"q\"\"q\"",
	    "\"\"\"\"", "longer than a vector's word"};
	static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", "\r\n\n\r"};
	size_t n = make_header(text, 3);

	while (n + 200 < size) {
		unsigned width = next_random(8) ? 3 : 1 + next_random(6);

		for (unsigned c = 0; c < width; c++)
			n += (size_t)sprintf(text + n, "%s%s", c > 0 ? "," : "", cells[next_random(11)]);
		if (next_random(60) == 0)
			n += (size_t)sprintf(text + n, ",\"%0*d\n\"", (int)next_random(100), 0);
		n += (size_t)sprintf(text + n, "%s", ends[next_random(20) ? 0 : next_random(5)]);
	}
	return n - next_random(3);
}

static size_t
make_any(char *text, size_t size)
{
	static const char alphabet[] = ",,,,\"\"\"\r\n\n\nab \xc3\xa9;\t";
	size_t n = make_header(text, 1 + next_random(4)), most = n + next_random((unsigned)(size - n));

	for (; n < most; n++) {
		text[n] = alphabet[next_random(sizeof alphabet)];
		if (next_random(40) == 0)
			for (unsigned run = next_random(100); run > 0 && n + 1 < most; run--, n++)
				text[n + 1] = 'x';
	}
	return n;
}

static void
test_texts(size_t (*make)(char *text, size_t size), const char *name)
{
	static char text[2000];
	static const char *const subsets[][3] = {{"1"}, {"2", "1"}, {"3"}, {"3", "1", "2"}};
	int same = 1;

	for (int i = 0; i < 500 && same; i++) {
		struct question q = {.text = text, .no_header = i % 3 == 0, .threads = 1 + (unsigned)i % 8};

		q.len = make(text, i % 10 ? 600 : sizeof text);
		same = agrees(&q);
		for (q.ncolumns = 0; q.ncolumns < 3 && subsets[i % 4][q.ncolumns] != NULL; q.ncolumns++)
			q.columns[q.ncolumns] = subsets[i % 4][q.ncolumns];
		same = same && agrees(&q);
	}
	CHECK(same, name);
}

/* A quoted field that begins and ends at every byte around the end of a chunk. */
static void
test_borders(void)
{
	static char text[1000];
	int same = 1;

	for (size_t before = 0; before < 80 && same; before++) {
		for (size_t inside = 0; inside < 12 && same; inside++) {
			struct question q = {.text = text, .threads = 3};

			q.len = (size_t)sprintf(text, "a,b\n%.*s,\"%.*s\"\nx,\"\"\r\n1,2\n3,\"4\n5\",6\n\n7,8\n%080d,9\n",
			    (int)before, "................................................................................",
			    (int)inside, ",\n\"\"\r\n,\"\"\",\n\"", 0);
			same = agrees(&q);
		}
	}
	CHECK(same, "a quoted field that begins and ends at every byte around the end of a chunk");
}

/* Text whose first guesses are wrong: quoting that is right the other way round. */
static void
test_wrong_guess(void)
{
	static char text[2000];
	struct question q = {.text = text, .threads = 4};
	struct taken t;
	struct buf notes = {0};
	size_t n = (size_t)sprintf(text, "a,b\n\"");
	int r;

	while (n < 1500)
		n += (size_t)sprintf(text + n, "1,2\n");
	n += (size_t)sprintf(text + n, "\",x\n1,2\n");
	q.len = n;
	r = ask(&q, &t, &notes);
	CHECK(r == 0 && t.starts == 2 && t.rows.ends.len / sizeof(size_t) == 2,
	    "rows in a cell that is quoted: the guess is wrong, and nothing counts twice");
	pile_free(&t.rows);
	CHECK(agrees(&q), "and what is read in order is right");
	buf_free(&notes);
}

static void
test_notes(void)
{
	static const char text[] = "a,b\n1,2\n3\n4,5,6\n\"7\n8,9\n";
	struct question q = {.text = text, .len = sizeof text - 1};
	int same = 1;

	for (q.threads = 1; q.threads < 9; q.threads++) {
		struct taken t;
		struct buf notes = {0};
		int r = ask(&q, &t, &notes);

		same = same && r == 0 && strstr(buf_string(&notes), "3 of 4 rows do not have 2 cells") != NULL &&
		       strstr(buf_string(&notes), "a quote is never closed") != NULL;
		if (!same)
			printf("# %u: %d %s\n", q.threads, r, buf_string(&notes));
		pile_free(&t.rows);
		buf_free(&notes);
	}
	CHECK(same, "ragged rows are counted once, and a quote that is never closed is said, by 1 to 8 threads");
}

int
main(void)
{
	/* The best kernel is looked for once a large text comes. */
	vector_for(UINT64_MAX);
	test_texts(make_orderly, "rows of any width, well-formed, 1 to 8 threads: the cells of the exact machine");
	test_texts(make_any, "any bytes: the cells of the exact machine");
	test_borders();
	test_wrong_guess();
	test_notes();
	setenv("DBM_KERNEL", "portable", 1);
	test_texts(make_orderly, "rows of any width, by the portable kernel");
	test_texts(make_any, "any bytes, by the portable kernel");
	return tap_end();
}
