/* scan: the rows of a delimited text are the same wherever reads end, and the count, a page, the tail, a sample, cut cells,
 * single columns and lines left as they lie all agree with the whole. */

#include <sys/socket.h>
#include <unistd.h>

/* A reader of this target's own, for which records of so many bytes are large: how much of one is at hand when it is looked at
 * decides whether it is split whole or in pieces. */
#define READER_RECORD 100

#include "reader.c"

#include "csv_count.h"
#include "csv_table.h"
#include "fuzz.h"

enum { LONGEST = 16 * 1024 }; /* bytes of a text: what a socket holds for sure */

static const char delimiters[] = {0, ',', '\t', ';', '|'};

/* What is asked, chosen by the first bytes of the input. */
struct question {
	struct reader_options options;
	struct driver_request request;
	int file;        /* as from a plain file, whose size is known */
	unsigned column; /* from 1: that column alone */
	struct fuzz_blocks blocks;
};

static struct question
take_question(struct fuzz *z)
{
	unsigned how = fuzz_byte(z), what = fuzz_byte(z), width = fuzz_byte(z);
	struct question q = {.options = {.no_header = how & 1, .hint = how & 2 ? '\t' : 0}, .file = (how & 4) != 0};

	q.options.delimiter = delimiters[(how >> 3) % sizeof delimiters];
	q.request = (struct driver_request){
	    .operation = DRIVER_SCAN, .which = what % 3, .csv = (what & 4) != 0, .types = (what & 8) != 0, .width = width & 63};
	q.column = what & 16 ? 1 + (width >> 6) : 0;
	q.options.encoding = what & 128 ? "latin1" : NULL;
	q.request.limit = what & 32 ? UINT64_MAX : fuzz_byte(z) & 15;
	q.request.offset = what & 64 ? fuzz_byte(z) & 15 : 0;
	q.blocks = fuzz_blocks(z);
	return q;
}

/* The read end of a socket that keeps the ends of what was written: each read(2) gets one block. */
static int
open_text(const struct fuzz *text, struct fuzz_blocks blocks)
{
	int ends[2];

	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	for (size_t at = 0, n; at < text->len; at += n) {
		/* Blocks grow, so that many small ones do not fill the socket. */
		n = fuzz_block(&blocks, text->len - at) + at / 16;
		if (n > text->len - at)
			n = text->len - at;
		MUST(send(ends[1], text->bytes + at, n, MSG_DONTWAIT) == (ssize_t)n);
	}
	close(ends[1]);
	return ends[0];
}

static struct csv_table
open_table(const struct question *q, const struct fuzz *text)
{
	struct csv_table t = {.fd = open_text(text, q->blocks), .name = "text", .options = q->options};

	t.stat.st_mode = q->file ? S_IFREG : S_IFIFO;
	t.stat.st_size = (off_t)text->len;
	return t;
}

/* All there is to know of one answer: rows as cells, one after another. */
struct answer {
	struct rows *rows;
	int ok;
	struct fail fail;
	struct buf cells; /* struct rows_cell */
	struct buf ends;  /* size_t: where each row's cells end */
	size_t nrows;
	struct buf notes;
};

/* The cells of a row that came as a line. */
static void
add_line(struct answer *a, struct mem *m, const char *line, size_t len)
{
	for (size_t at = 0, n;; at += n + 1) {
		const char *comma = memchr(line + at, ',', len - at);
		struct rows_cell c;

		n = comma != NULL ? (size_t)(comma - line) - at : len - at;
		c = rows_bytes(mem_copy(m, line + at, n), n);
		c.type = n > 0 ? ROWS_TEXT : ROWS_NULL;
		buf_add(&a->cells, &c, sizeof c);
		if (comma == NULL)
			break;
	}
}

static void
add_row(struct answer *a, struct mem *m)
{
	const struct rows *r = a->rows;
	size_t before = a->cells.len / sizeof(struct rows_cell), end;

	if (r->csv != NULL)
		add_line(a, m, r->csv, r->csv_len);
	for (size_t i = 0; r->csv == NULL && i < r->ncells; i++) {
		struct rows_cell c = r->cells[i];

		c.bytes = mem_copy(m, c.bytes, c.len);
		buf_add(&a->cells, &c, sizeof c);
	}
	end = a->cells.len / sizeof(struct rows_cell);
	MUST(end - before >= r->ncolumns);
	buf_add(&a->ends, &end, sizeof end);
	a->nrows++;
}

static void
ask(struct answer *a, struct mem *m, const struct question *q, const struct fuzz *text)
{
	struct csv_table t = open_table(q, text);
	int more = -1;

	*a = (struct answer){.rows = csv_table_scan(m, &t, &q->request)};
	if (rows_columns(a->rows, &a->fail) == 0) {
		while ((more = rows_next(a->rows, &a->fail)) > 0)
			add_row(a, m);
	}
	a->ok = more == 0;
	buf_add(&a->notes, a->rows->notes.bytes, a->rows->notes.len);
	rows_close(a->rows);
}

static void
forget(struct answer *a)
{
	buf_free(&a->cells);
	buf_free(&a->ends);
	buf_free(&a->notes);
}

static const struct rows_cell *
row(const struct answer *a, size_t i, size_t *n)
{
	const size_t *ends = (const size_t *)(const void *)a->ends.bytes;
	size_t start = i > 0 ? ends[i - 1] : 0;

	*n = ends[i] - start;
	return (const struct rows_cell *)(const void *)a->cells.bytes + start;
}

/* True where `c` is `whole`, or as much of it as the width allows. */
static int
same_cell(const struct rows_cell *c, const struct rows_cell *whole, size_t width)
{
	if (c->type != whole->type || c->len > whole->len || c->cut != (c->len < whole->len) || (width > 0 && c->len > width))
		return 0;
	if (c->cut && width - c->len > 3)
		return 0;
	return c->len == 0 || memcmp(c->bytes, whole->bytes, c->len) == 0;
}

/* True where row i of `a` is row k of `all`.  How far short rows are filled up depends on the rows that were looked at. */
static int
same_row(const struct answer *a, size_t i, const struct answer *all, size_t k, const struct question *q)
{
	static const struct rows_cell null = {.bytes = "", .type = ROWS_NULL};
	size_t n, nall;
	const struct rows_cell *cells = row(a, i, &n), *whole = row(all, k, &nall);
	size_t most = n > nall ? n : nall;

	if (q->column > 0)
		return n == 1 && same_cell(cells, q->column <= nall ? &whole[q->column - 1] : &null, q->request.width);
	for (size_t c = 0; c < most; c++) {
		if (!same_cell(c < n ? &cells[c] : &null, c < nall ? &whole[c] : &null, q->request.width))
			return 0;
	}
	return 1;
}

static void
check_names(const struct rows *r)
{
	for (size_t i = 0; i < r->ncolumns && i < 20; i++) {
		MUST(r->columns[i].len > 0);
		for (size_t k = 0; k < i; k++)
			MUST(r->columns[i].len != r->columns[k].len ||
			     memcmp(r->columns[i].name, r->columns[k].name, r->columns[i].len) != 0);
	}
}

static void
check_page(const struct answer *a, const struct answer *all, const struct question *q)
{
	const struct driver_request *r = &q->request;
	uint64_t left = r->offset < all->nrows ? all->nrows - r->offset : 0;

	MUST(a->nrows == (r->limit < left ? r->limit : left));
	for (size_t i = 0; i < a->nrows; i++)
		MUST(same_row(a, i, all, r->offset + i, q));
	/* What is left of a pipe is not waited for. */
	if (r->limit < left)
		MUST(a->rows->end == ROWS_CUT);
	else if (q->file || r->limit > left)
		MUST(a->rows->end == ROWS_COMPLETE);
}

static void
check_kept(const struct answer *a, const struct answer *all, const struct question *q)
{
	const struct driver_request *r = &q->request;
	size_t want = r->limit < all->nrows ? r->limit : all->nrows, k = r->which == DRIVER_TAIL ? all->nrows - want : 0;

	MUST(a->nrows == want);
	for (size_t i = 0; i < a->nrows; i++, k++) {
		while (r->which == DRIVER_SAMPLE && k < all->nrows && !same_row(a, i, all, k, q))
			k++;
		MUST(k < all->nrows && same_row(a, i, all, k, q));
	}
}

static int
has_mark(const struct fuzz *text)
{
	return text->len > 0 && strchr("\xef\xff\xfe", text->bytes[0]) != NULL;
}

static void
check_count(struct answer *all, const struct question *q, const struct fuzz *text)
{
	struct csv_table t = open_table(q, text);
	struct rows r = {.driver = NULL};
	const struct driver_request exact = {.operation = DRIVER_COUNT, .threads = 1};
	struct csv_count count;
	struct fail f;

	if (csv_count(&r, &t, &exact, &count, &f) < 0) {
		MUST(!all->ok && strcmp(f.text, all->fail.text) == 0);
	} else {
		MUST(all->ok && count.records == all->nrows && count.bytes == text->len && strcmp(count.method, "exact") == 0);
		if (!has_mark(text))
			MUST(count.lines >= all->nrows && count.lines <= text->len);
		/* The quote that is never closed, say. */
		MUST(strstr(buf_string(&all->notes), buf_string(&r.notes)) != NULL);
	}
	buf_free(&r.notes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz text = {(const char *)data, size};
	struct question q = take_question(&text), whole = {.options = q.options, .blocks = {{255, 255, 255}, 0}};
	struct answer all, some;
	struct mem m = {0};
	char number[16];
	const char *column = number;

	if (text.len > LONGEST)
		text.len = LONGEST;
	whole.request = (struct driver_request){.operation = DRIVER_SCAN, .limit = UINT64_MAX};
	ask(&all, &m, &whole, &text);
	check_count(&all, &q, &text);
	if (all.ok)
		check_names(all.rows);
	/* By its number, where no column can be named like one. */
	if (q.column > 0 && all.ok && q.options.no_header && q.column <= all.rows->ncolumns) {
		snprintf(number, sizeof number, "%u", q.column);
		q.request.columns = &column;
		q.request.ncolumns = 1;
	} else {
		q.column = 0;
	}
	ask(&some, &m, &q, &text);
	MUST(some.ok == all.ok || q.column > 0);
	if (!some.ok)
		MUST(q.column > 0 || strcmp(some.fail.text, all.fail.text) == 0);
	else if (q.request.which == DRIVER_HEAD)
		check_page(&some, &all, &q);
	else
		check_kept(&some, &all, &q);
	forget(&some);
	forget(&all);
	mem_free(&m);
	return 0;
}
