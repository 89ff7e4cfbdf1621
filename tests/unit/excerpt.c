/* Fewer rows, columns and bytes than a stream has: just those, with its end and its notes. */

#include "excerpt.h"
#include "made_rows.h"
#include "tap.h"

/* The first cells of what an excerpt of `count` rows with this end gives, each with a blank behind; then how it ended: "." all,
 * "+" there is more, or the sentence. */
static const char *
ids(struct made_rows *made, const struct excerpt *e)
{
	static char text[300];
	struct mem m = {0};
	struct rows *rows = excerpt_of(&m, made_rows(&m, made), e);
	struct fail f = {""};
	int more = rows_columns(rows, &f) < 0 ? -1 : 1;
	size_t n = 0;

	while (more > 0 && (more = rows_next(rows, &f)) > 0)
		n += (size_t)snprintf(text + n, sizeof text - n, "%.*s ", (int)rows->cells[0].len, rows->cells[0].bytes);
	snprintf(text + n, sizeof text - n, "%s", more < 0 ? f.text : rows->end == ROWS_COMPLETE ? "." : "+");
	CHECK(made->no_columns || (made->ended == 1 && made->read == made->count), "read to its end");
	if (more == 0 && made->end >= ROWS_FAILED)
		CHECK(rows->end == ROWS_CUT, "what fails behind what is wanted is left out");
	else
		CHECK(more < 0 ? rows->end == made->end : rows->faults == 1 && rows->notes.len == 21, "its end and notes");
	rows_close(rows);
	CHECK(made->closed == 1, "closed");
	mem_free(&m);
	return text;
}

static void
check(unsigned count, enum rows_end end, uint64_t limit, int last, const char *want)
{
	struct made_rows made = {.count = count, .end = end};
	const struct excerpt e = {.limit = limit, .last = last};

	CHECK_TEXT(ids(&made, &e), want, want);
}

static void
check_first(unsigned count, uint64_t limit, const char *first, const char *want)
{
	struct made_rows made = {.count = count, .end = ROWS_COMPLETE};
	const struct excerpt e = {.limit = limit, .first = first};

	CHECK_TEXT(ids(&made, &e), want, want);
}

static void
test_first(void)
{
	check_first(5, UINT64_MAX, "3", "3 .");
	check_first(5, 1, "1", "1 .");
	check_first(5, UINT64_MAX, "7", ".");
	check_first(12, UINT64_MAX, "1", "1 .");
	check_first(5, 0, "3", "+");
	check_first(5, 0, "7", ".");
}

static void
test_limits(void)
{
	check(5, ROWS_COMPLETE, 3, 0, "1 2 3 +");
	check(5, ROWS_COMPLETE, 5, 0, "1 2 3 4 5 .");
	check(5, ROWS_COMPLETE, UINT64_MAX, 0, "1 2 3 4 5 .");
	check(5, ROWS_COMPLETE, 0, 0, "+");
	check(0, ROWS_COMPLETE, 0, 0, ".");
	check(0, ROWS_COMPLETE, 3, 0, ".");
	check(5, ROWS_CUT, 3, 0, "1 2 3 +");
	check(5, ROWS_CUT, 5, 0, "1 2 3 4 5 +");
	check(5, ROWS_CUT, 9, 0, "1 2 3 4 5 +");
	check(5, ROWS_COMPLETE, 3, 1, "3 4 5 +");
	check(5, ROWS_COMPLETE, 5, 1, "1 2 3 4 5 .");
	check(5, ROWS_COMPLETE, 9, 1, "1 2 3 4 5 .");
	check(5, ROWS_COMPLETE, 0, 1, "+");
	check(0, ROWS_COMPLETE, 3, 1, ".");
	check(5, ROWS_CUT, 9, 1, "1 2 3 4 5 +");
}

static void
test_failures(void)
{
	struct made_rows made = {.count = 5, .end = ROWS_UNAVAILABLE, .no_columns = 1};
	const struct excerpt e = {.limit = 3};

	check(5, ROWS_FAILED, 9, 0, "1 2 3 4 5 it broke off");
	check(5, ROWS_FAILED, 3, 0, "1 2 3 +");
	check(5, ROWS_UNAVAILABLE, 3, 0, "1 2 3 +");
	check(5, ROWS_FAILED, 3, 1, "it broke off");
	check(0, ROWS_REFUSED, 3, 1, "it broke off");
	CHECK_TEXT(ids(&made, &e), "no columns", "failed at once");
}

static void
test_closed(void)
{
	struct made_rows made = {.count = 5, .end = ROWS_COMPLETE};
	const struct excerpt e = {.limit = 3, .last = 1};
	struct mem m = {0};
	struct rows *rows = excerpt_of(&m, made_rows(&m, &made), &e);

	CHECK(made.read == 0, "nothing is read before it is asked for");
	rows_close(rows);
	CHECK(made.closed == 1 && made.read == 0, "nor when it is closed");
	mem_free(&m);
}

/* A row of cells of all sorts, as a stream in memory. */
static const struct rows_cell cells[] = {
    {"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10, ROWS_TEXT, 0},
    {"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10, ROWS_BYTES, 0},
    {"[\"long\"]", 8, ROWS_JSON, 0},
    {"", 0, ROWS_NULL, 0},
    {"abc", 3, ROWS_TEXT, 1},
    {"1234567", 7, ROWS_INTEGER, 0},
};
static const struct rows_column columns[] = {
    {"text", 4, ROWS_TEXT, ""},
    {"bytes", 5, ROWS_BYTES, ""},
    {"json", 4, ROWS_JSON, ""},
    {"1", 1, ROWS_NULL, ""},
    {"cut", 3, ROWS_TEXT, ""},
    {"integer", 7, ROWS_INTEGER, "declared"},
};
enum { CELLS = 6 };

static struct rows *
sorts(struct mem *m, struct buf *b, size_t ncells)
{
	struct rows end = {.end = ROWS_COMPLETE};

	b->len = 0;
	rows_encode_start(b);
	rows_encode_columns(b, columns, CELLS);
	rows_encode_row(b, cells, ncells);
	rows_encode_end(b, &end, NULL);
	return rows_decode(m, b->bytes, b->len);
}

/* The bytes that are left of each cell, with "!" where it is cut. */
static const char *
lengths(const struct excerpt *e, size_t ncells)
{
	static char text[600];
	struct mem m = {0};
	struct buf b = {0};
	struct rows *rows = excerpt_of(&m, sorts(&m, &b, ncells), e);
	struct fail f;
	size_t n = 0;

	*text = '\0';
	if (rows_columns(rows, &f) < 0)
		snprintf(text, sizeof text, "%s", f.text);
	else if (rows_next(rows, &f) > 0) {
		for (size_t i = 0; i < rows->ncells; i++)
			n += (size_t)snprintf(
			    text + n, sizeof text - n, "%zu%s ", rows->cells[i].len, rows->cells[i].cut ? "!" : "");
	}
	rows_close(rows);
	buf_free(&b);
	mem_free(&m);
	return text;
}

static void
test_widths(void)
{
	static const struct {
		size_t width;
		const char *want;
	} widths[] = {{0, "10 10 8 0 3! 7 "}, {1, "1! 1! 8 0 1! 1! "}, {2, "1! 2! 8 0 2! 2! "}, {3, "3! 3! 8 0 3! 3! "},
	    {5, "3! 5! 8 0 3! 5! "}, {6, "6! 6! 8 0 3! 6! "}, {9, "6! 9! 8 0 3! 7 "}, {10, "10 10 8 0 3! 7 "},
	    {SIZE_MAX, "10 10 8 0 3! 7 "}};

	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct excerpt e = {.limit = 1, .width = widths[i].width};
		char name[40];

		snprintf(name, sizeof name, "%zu bytes of a cell", e.width);
		CHECK_TEXT(lengths(&e, CELLS), widths[i].want, name);
		e.last = 1;
		CHECK_TEXT(lengths(&e, CELLS), widths[i].want, "of the last row too");
	}
}

static void
test_columns(void)
{
	static const char *const some[] = {"integer", "text", "2", "text"}, *const number[] = {"1", "6"},
				 *const none[] = {"text", "gone"}, *const far[] = {"7"};
	struct excerpt e = {.limit = 1, .columns = some, .ncolumns = 4};
	struct mem m = {0};
	struct buf b = {0};
	struct rows *rows = excerpt_of(&m, sorts(&m, &b, CELLS), &e);
	struct fail f;

	CHECK(rows_columns(rows, &f) == 0 && rows->ncolumns == 4 && rows->columns[0].type == ROWS_INTEGER &&
		  strcmp(rows->columns[0].origin, "declared") == 0 && memcmp(rows->columns[2].name, "bytes", 5) == 0,
	    "columns, in the order asked for, and twice");
	CHECK(rows_next(rows, &f) == 1 && rows->ncells == 4 && memcmp(rows->cells[0].bytes, "1234567", 7) == 0 &&
		  rows->cells[3].len == 10,
	    "their cells");
	CHECK(rows_next(rows, &f) == 0 && rows->end == ROWS_COMPLETE, "all rows");
	rows_close(rows);
	CHECK_TEXT(lengths(&e, 2), "0 10 10 10 ", "a row that is too short is NULL there");
	e.last = 1, e.width = 3;
	CHECK_TEXT(lengths(&e, CELLS), "3! 3! 3! 3! ", "narrow ones of the last row");
	e = (struct excerpt){.limit = 1, .columns = number, .ncolumns = 2};
	CHECK_TEXT(lengths(&e, CELLS), "0 7 ", "by its name before its number");
	e = (struct excerpt){.limit = 1, .columns = none, .ncolumns = 2};
	CHECK_TEXT(
	    lengths(&e, CELLS), "no such column: gone: it has text, bytes, json, 1, cut, integer", "one that is not there");
	e = (struct excerpt){.limit = 1, .columns = far, .ncolumns = 1};
	CHECK(strncmp(lengths(&e, CELLS), "no such column: 7", 17) == 0, "nor its number");
	e = (struct excerpt){.limit = 1};
	CHECK_TEXT(lengths(&e, 2), "10 10 ", "without a choice a short row is as it is");
	CHECK_TEXT(lengths(&e, 1), "10 ", "however short");
	buf_free(&b);
	mem_free(&m);
}

int
main(void)
{
	test_limits();
	test_first();
	test_failures();
	test_closed();
	test_widths();
	test_columns();
	return tap_end();
}
