/* records: finding, counting and splitting the records of a text agree with a walk of the table, wherever blocks end; cells
 * that are written come back; the header and the whole text sniff alike. */

#include "csv.h"
#include "fuzz.h"
#include "sniff.h"
#include "split.h"
#include "text.h"

static const char delimiters[] = {',', '\t', ';', '|'};

/* The table, a byte at a time. */
struct walk {
	const struct csv_dialect *dialect;
	unsigned state;
	char last;
	uint64_t lines, began; /* line ends passed; the line on which the last record began */
};

/* 1 where `byte` ends a record. */
static int
step(struct walk *w, char byte)
{
	struct csv_step s = csv_steps[w->state][w->dialect->classes[(unsigned char)byte]];

	if (w->state <= CSV_AFTER_CR && byte != '\r' && byte != '\n')
		w->began = w->lines + 1;
	w->state = s.state;
	w->lines += byte == '\r' || (byte == '\n' && w->last != '\r');
	w->last = byte;
	return s.action == CSV_FINISH;
}

static int
pending(const struct walk *w)
{
	return w->state != CSV_RECORD && w->state != CSV_AFTER_CR;
}

static void
same_cells(const struct split *a, const struct split *b)
{
	MUST(a->ncells == b->ncells);
	for (size_t i = 0; i < a->ncells; i++) {
		const struct rows_cell *x = &a->cells[i], *y = &b->cells[i];

		MUST(x->len == y->len && x->type == y->type && x->cut == y->cut);
		MUST(x->len == 0 || memcmp(x->bytes, y->bytes, x->len) == 0);
	}
}

/* Cells as a record of text, and that as cells again. */
static void
write_and_read(const struct split *s)
{
	struct csv_dialect comma;
	struct split again;
	struct buf b = {0};

	csv_dialect_set(&comma, ',');
	split_init(&again, &comma, SIZE_MAX);
	for (size_t i = 0; i < s->ncells; i++) {
		if (i > 0)
			buf_byte(&b, ',');
		if (s->cells[i].type != ROWS_NULL)
			text_csv(&b, s->cells[i].bytes, s->cells[i].len, i % 3);
	}
	split_record(&again, b.bytes, b.len, b.len > 0 && memchr(b.bytes, '"', b.len) != NULL);
	same_cells(s, &again);
	split_free(&again);
	buf_free(&b);
}

struct splits {
	size_t width;
	struct split fast, exact, lines;
};

/* One record's cells: libcsv's or those between delimiters, the exact machine's, and those of the line left as it lies. */
static void
split_all(struct splits *s, const char *bytes, size_t len, int quote, struct fuzz_blocks blocks)
{
	split_record(&s->fast, bytes, len, quote);
	split_begin(&s->exact);
	for (size_t at = 0, n; at < len; at += n) {
		n = fuzz_block(&blocks, len - at);
		split_feed(&s->exact, bytes + at, n);
	}
	split_end(&s->exact);
	same_cells(&s->fast, &s->exact);
	MUST(csv_fields(s->exact.dialect, bytes, len, quote) == s->exact.ncells + s->exact.dropped);
	s->lines.lines = 1;
	split_record(&s->lines, bytes, len, quote);
	MUST(s->lines.ncells == s->fast.ncells);
	if (s->lines.line != NULL) {
		split_line(&s->lines);
		for (size_t i = 0; i < s->lines.ncells; i++)
			MUST(!s->lines.cells[i].cut);
	}
	same_cells(&s->lines, &s->fast);
	for (size_t i = 0; i < s->fast.ncells; i++)
		MUST(s->fast.cells[i].len <= s->width);
	if (s->width == SIZE_MAX)
		write_and_read(&s->fast);
}

/* Returns how many records there are. */
static uint64_t
scan(const struct csv_dialect *d, struct splits *s, const char *text, size_t len, struct fuzz_blocks blocks)
{
	struct walk w = {.dialect = d, .state = CSV_RECORD};
	struct csv_scan scan;
	uint64_t records = 0;
	size_t start = 0;

	csv_scan_start(&scan, d);
	for (size_t at = 0; at < len;) {
		int ended, last = 0;
		size_t n = csv_scan_record(&scan, text + at, fuzz_block(&blocks, len - at), &ended);

		MUST(n > 0);
		for (size_t i = at; i < at + n; i++) {
			MUST(!last);
			last = step(&w, text[i]);
		}
		at += n;
		MUST(ended == last && scan.state == w.state);
		if (!ended && (at < len || !pending(&w)))
			continue;
		records++;
		MUST(scan.began == w.began);
		MUST(scan.quote == (memchr(text + start, '"', at - start) != NULL));
		split_all(s, text + start, at - start, scan.quote, blocks);
		scan.quote = 0;
		start = at;
	}
	MUST(csv_scan_pending(&scan) == pending(&w) && csv_scan_quoted(&scan) == (w.state == CSV_QUOTED));
	MUST(csv_scan_lines(&scan) == w.lines + (len > 0 && w.last != '\n' && w.last != '\r'));
	return records;
}

static uint64_t
count(const struct csv_dialect *d, const char *text, size_t len, struct fuzz_blocks blocks)
{
	struct csv_scan scan;
	uint64_t records = 0;

	csv_scan_start(&scan, d);
	for (size_t at = 0, n; at < len; at += n) {
		n = fuzz_block(&blocks, len - at);
		records += csv_scan_count(&scan, text + at, n);
	}
	return records + (uint64_t)csv_scan_pending(&scan);
}

static void
sniff(const char *text, size_t len, int whole, char hint)
{
	int enough;
	size_t prefix = sniff_prefix(text, len, &enough);
	char found = sniff_delimiter(text, prefix, whole && prefix == len, hint);

	MUST(prefix <= len && prefix <= SNIFF_BYTES && (enough || prefix == len));
	MUST(memchr(delimiters, found, sizeof delimiters) != NULL);
	if (sniff_header(text, len, whole, hint) == 1)
		MUST(found == hint);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	unsigned options = fuzz_byte(&z), width = fuzz_byte(&z);
	struct fuzz_blocks blocks = fuzz_blocks(&z);
	struct splits s = {.width = options & 4 ? width : SIZE_MAX};
	struct csv_dialect d;
	uint64_t records;

	csv_dialect_set(&d, delimiters[options & 3]);
	split_init(&s.fast, &d, s.width);
	split_init(&s.exact, &d, s.width);
	split_init(&s.lines, &d, s.width);
	records = scan(&d, &s, z.bytes, z.len, blocks);
	MUST(count(&d, z.bytes, z.len, blocks) == records);
	MUST(count(&d, z.bytes, z.len, (struct fuzz_blocks){{255, 255, 255}, 0}) == records);
	sniff(z.bytes, z.len, (options & 8) != 0, delimiters[options & 3]);
	split_free(&s.fast);
	split_free(&s.exact);
	split_free(&s.lines);
	return 0;
}
