/* The record stream: what is encoded comes back, and no bytes make the decoder do harm. */

#include <stdint.h>
#include <stdlib.h>

#include "rows.h"
#include "tap.h"

static const struct rows_column columns[] = {
    {"id", 2, ROWS_INTEGER, "declared"},
    {"a\0b", 3, ROWS_TEXT, "sampled:5"},
    {"", 0, ROWS_BYTES, ""},
};

static void
encode(struct buf *b)
{
	const struct rows_cell row[] = {
	    {"42", 2, ROWS_INTEGER, 0}, {"x\0y", 3, ROWS_TEXT, 1}, {"", 0, ROWS_NULL, 0}, {"", 0, ROWS_TEXT, 0}};
	struct rows end = {.end = ROWS_CUT, .faults = 3};

	buf_puts(&end.notes, "one\ntwo\n");
	rows_encode_start(b);
	rows_encode_columns(b, columns, 3);
	rows_encode_row(b, row, 4);
	rows_encode_row(b, row, 0);
	rows_encode_end(b, &end, NULL);
	buf_free(&end.notes);
}

static void
test_round_trip(void)
{
	struct buf b = {0};
	struct mem m = {0};
	struct rows *r;
	struct fail f;

	encode(&b);
	r = rows_decode(&m, b.bytes, b.len);
	CHECK(rows_columns(r, &f) == 0 && r->ncolumns == 3, "columns come back");
	CHECK(r->columns[1].len == 3 && memcmp(r->columns[1].name, "a\0b", 3) == 0, "a name with a NUL");
	CHECK_TEXT(r->columns[1].origin, "sampled:5", "the origin of a type");
	CHECK(rows_next(r, &f) == 1 && r->ncells == 4, "a row, wider than the columns");
	CHECK(r->cells[1].cut && r->cells[1].len == 3, "a cut cell");
	CHECK(r->cells[2].type == ROWS_NULL && r->cells[3].type == ROWS_TEXT && r->cells[3].len == 0, "NULL apart from empty");
	CHECK(rows_next(r, &f) == 1 && r->ncells == 0, "a row without cells");
	CHECK(rows_next(r, &f) == 0 && r->end == ROWS_CUT && r->faults == 3, "the end record");
	CHECK(r->notes.len == 8, "its notes");
	rows_close(r);
	mem_free(&m);
	buf_free(&b);
}

static void
test_failed(void)
{
	struct rows none = {0};
	struct fail why = {"the server hung up"}, f;
	struct buf b = {0};
	struct mem m = {0};
	struct rows *r;

	rows_encode_start(&b);
	rows_encode_columns(&b, columns, 1);
	rows_encode_end(&b, &none, &why);
	r = rows_decode(&m, b.bytes, b.len);
	CHECK(rows_columns(r, &f) == 0 && rows_next(r, &f) == -1, "a failed end is a failure");
	CHECK_TEXT(f.text, "the server hung up", "with its sentence");
	rows_close(r);
	mem_free(&m);
	buf_free(&b);
}

/* Reads a stream to its end; the sum only makes sure that every byte handed out is touched. */
static int
drain(const char *bytes, size_t len)
{
	char *copy = malloc(len ? len : 1); /* so that a sanitizer sees its end */
	struct mem m = {0};
	struct rows *r;
	struct fail f;
	volatile unsigned sum = 0;
	int more = -1;

	memcpy(copy, bytes, len);
	r = rows_decode(&m, copy, len);
	if (rows_columns(r, &f) == 0) {
		while ((more = rows_next(r, &f)) > 0) {
			for (size_t i = 0; i < r->ncells; i++)
				for (size_t k = 0; k < r->cells[i].len; k++)
					sum += (unsigned char)r->cells[i].bytes[k];
		}
	}
	rows_close(r);
	mem_free(&m);
	free(copy);
	return more;
}

static void
test_hostile(void)
{
	struct buf b = {0};
	int whole = 0, cut = 0;

	encode(&b);
	for (size_t len = 0; len < b.len; len++)
		cut += drain(b.bytes, len) == -1;
	CHECK(cut == (int)b.len, "every stream that breaks off is a failure");
	for (size_t i = 0; i < b.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			b.bytes[i] ^= (char)(1 << bit);
			whole += drain(b.bytes, b.len) == 0;
			b.bytes[i] ^= (char)(1 << bit);
		}
		for (int v = 0; v < 256; v += 51) {
			char was = b.bytes[i];

			b.bytes[i] = (char)v;
			whole += drain(b.bytes, b.len) == 0;
			b.bytes[i] = was;
		}
	}
	CHECK(whole > 0, "flipped bits and bytes do no harm");
	b.bytes[4] = 2;
	CHECK(drain(b.bytes, b.len) == -1, "another version is refused");
	buf_free(&b);
}

static void
test_lengths(void)
{
	/* 4 GiB frames and counts of cells that the bytes do not bear out. */
	static const char huge_frame[] = "DBMR\1C\xff\xff\xff\xff", huge_count[] = "DBMR\1C\4\0\0\0\xff\xff\xff\xff";
	static const char huge_row[] = "DBMR\1C\4\0\0\0\0\0\0\0R\4\0\0\0\xff\xff\xff\xff";

	CHECK(drain(huge_frame, sizeof huge_frame - 1) == -1, "a frame of 4 GiB");
	CHECK(drain(huge_count, sizeof huge_count - 1) == -1, "four thousand million columns");
	CHECK(drain(huge_row, sizeof huge_row - 1) == -1, "four thousand million cells");
}

int
main(void)
{
	test_round_trip();
	test_failed();
	test_hostile();
	test_lengths();
	return tap_end();
}
