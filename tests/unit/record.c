/* A stream that is kept while it passes: who reads it sees no difference, and it is kept whole or not at all. */

#include <stdlib.h>

#include "made_rows.h"
#include "record.h"
#include "tap.h"

/* How a stream settled, and what was kept of it then. */
struct settled {
	struct record *record;
	int times, whole;
	struct buf kept;
};

static void
settle(void *arg, int whole)
{
	struct settled *s = arg;

	s->times++;
	s->whole = whole;
	buf_add(&s->kept, s->record->kept.bytes, s->record->kept.len);
}

/* One that is recorded, and the same read past it. */
struct trial {
	struct mem m;
	struct made_rows made, plain;
	struct record record;
	struct settled settled;
	struct rows *rows;
	struct buf got, want;
};

static void
start(struct trial *t, unsigned count, enum rows_end end, size_t most)
{
	*t = (struct trial){.made = {.count = count, .end = end}, .plain = {.count = count, .end = end}};
	t->settled.record = &t->record;
	t->record = (struct record){.most = most, .settled = settle, .arg = &t->settled};
	t->rows = record_of(&t->m, made_rows(&t->m, &t->made), &t->record);
}

/* True where reading it gave what reading it past the record gives, and it settled in this way, once. */
static int
is_same(struct trial *t, int whole)
{
	struct rows *plain = made_rows(&t->m, &t->plain);
	int same;

	encode_rows(&t->want, plain);
	rows_close(plain);
	same = t->got.len == t->want.len && memcmp(t->got.bytes, t->want.bytes, t->got.len) == 0;
	return same && t->settled.times == 1 && t->settled.whole == whole;
}

/* And that is what was kept. */
static int
is_kept(const struct trial *t)
{
	return t->settled.kept.len == t->want.len && memcmp(t->settled.kept.bytes, t->want.bytes, t->want.len) == 0;
}

static void
finish(struct trial *t)
{
	rows_close(t->rows);
	CHECK(
	    t->settled.times == 1 && t->made.closed == 1 && t->record.kept.bytes == NULL, "closed: settled once, nothing left");
	buf_free(&t->settled.kept);
	buf_free(&t->got);
	buf_free(&t->want);
	mem_free(&t->m);
}

static void
test_whole(void)
{
	struct trial t;

	for (enum rows_end end = ROWS_COMPLETE; end <= ROWS_CUT; end++) {
		start(&t, 12, end, 1 << 20);
		CHECK(t.made.read == 0 && t.settled.times == 0, "nothing is read before it is asked for");
		CHECK(encode_rows(&t.got, t.rows) == 0 && is_same(&t, 1) && is_kept(&t), "whole");
		CHECK(t.record.end == end && t.record.faults == 1 && !t.record.cut, "how it ended");
		finish(&t);
	}
	start(&t, 0, ROWS_COMPLETE, 1 << 20);
	CHECK(encode_rows(&t.got, t.rows) == 0 && is_same(&t, 1) && is_kept(&t), "without rows");
	finish(&t);
	start(&t, 3, ROWS_COMPLETE, 1 << 20);
	t.made.cut = t.plain.cut = 1;
	CHECK(encode_rows(&t.got, t.rows) == 0 && is_same(&t, 1) && t.record.cut, "a cell was cut");
	finish(&t);
}

/* Every limit of bytes: where the rows just fit it is whole. */
static void
test_most(void)
{
	struct trial t;
	size_t rows, len;
	int wrong = 0;

	start(&t, 12, ROWS_COMPLETE, 1 << 20);
	encode_rows(&t.got, t.rows);
	len = t.got.len;
	rows_encode_end(&t.want, t.rows, NULL);
	rows = len - t.want.len;
	t.want.len = 0;
	finish(&t);
	for (size_t most = 0; most <= len; most++) {
		start(&t, 12, ROWS_COMPLETE, most);
		wrong += encode_rows(&t.got, t.rows) != 0 || !is_same(&t, most >= rows);
		wrong += most < rows && t.settled.kept.len <= most;
		wrong += most < rows && t.record.kept.len != t.settled.kept.len;
		rows_close(t.rows);
		buf_free(&t.settled.kept);
		buf_free(&t.got);
		buf_free(&t.want);
		mem_free(&t.m);
	}
	CHECK(wrong == 0, "longer than is kept: it passes, and no more of it is kept");
}

static void
test_failed(void)
{
	struct fail f;
	struct trial t;

	for (enum rows_end end = ROWS_FAILED; end <= ROWS_UNAVAILABLE; end++) {
		start(&t, 7, end, 1 << 20);
		CHECK(encode_rows(&t.got, t.rows) == -1 && is_same(&t, 0) && t.made.read == 7, "failed behind its rows");
		CHECK(rows_next(t.rows, &f) == -1 && strcmp(f.text, "it broke off") == 0 && t.rows->end == end, "and stays so");
		finish(&t);
		start(&t, 7, end, 1 << 20);
		t.made.no_columns = t.plain.no_columns = 1;
		CHECK(encode_rows(&t.got, t.rows) == -1 && is_same(&t, 0) && t.made.read == 0, "failed at once");
		CHECK(
		    rows_columns(t.rows, &f) == -1 && strcmp(f.text, "no columns") == 0 && t.rows->end == end, "and stays so");
		finish(&t);
	}
}

static void
test_closed(void)
{
	struct fail f;
	struct trial t;

	start(&t, 7, ROWS_COMPLETE, 1 << 20);
	finish(&t);
	CHECK(!t.settled.whole && t.made.read == 0, "closed before it was asked for: not kept, nothing read");
	start(&t, 7, ROWS_COMPLETE, 1 << 20);
	CHECK(rows_columns(t.rows, &f) == 0, "closed behind its columns");
	finish(&t);
	CHECK(!t.settled.whole && t.made.read == 0, "not kept");
	start(&t, 7, ROWS_COMPLETE, 1 << 20);
	rows_columns(t.rows, &f);
	for (int i = 0; i < 7; i++)
		rows_next(t.rows, &f);
	CHECK(t.settled.times == 0, "closed behind its last row, before its end");
	finish(&t);
	CHECK(!t.settled.whole, "not kept");
}

/* Drained after so many rows, where all, some or none of it may be kept. */
static void
check_drained(unsigned rows, enum rows_end end, size_t most, int whole)
{
	struct fail f = {""};
	struct trial t;
	char name[60];

	snprintf(name, sizeof name, "drained behind %u rows, end %d, at most %zu bytes", rows, (int)end, most);
	start(&t, 12, end, most);
	if (rows > 0)
		rows_columns(t.rows, &f);
	rows_encode_start(&t.got);
	for (unsigned i = 1; i < rows && rows_next(t.rows, &f) > 0; i++) {
		if (i == 1)
			rows_encode_columns(&t.got, t.rows->columns, t.rows->ncolumns);
		rows_encode_row(&t.got, t.rows->cells, t.rows->ncells);
	}
	record_drain(t.rows);
	CHECK(t.settled.times == 1, name);
	record_drain(t.rows);
	CHECK(t.made.ended == (most > 1000), "read to its end, or no further than it is kept");
	rows_columns(t.rows, &f);
	if (rows <= 1)
		rows_encode_columns(&t.got, t.rows->columns, t.rows->ncolumns);
	encode_rest(&t.got, t.rows);
	CHECK(is_same(&t, whole), "what came is handed out in its order");
	CHECK(!whole || is_kept(&t), "and kept");
	CHECK(t.made.ended == 1 && t.made.read == 12, "nothing is read twice");
	finish(&t);
}

static void
test_drained(void)
{
	struct trial t;

	for (unsigned rows = 0; rows <= 13; rows++) {
		check_drained(rows, ROWS_COMPLETE, 1 << 20, 1);
		check_drained(rows, ROWS_UNAVAILABLE, 1 << 20, 0);
	}
	check_drained(0, ROWS_COMPLETE, 150, 0);
	check_drained(3, ROWS_COMPLETE, 150, 0);
	check_drained(0, ROWS_CUT, 0, 0);
	start(&t, 7, ROWS_UNAVAILABLE, 1 << 20);
	t.made.no_columns = t.plain.no_columns = 1;
	record_drain(t.rows);
	CHECK(t.settled.times == 1 && !t.settled.whole, "drained, where it fails at once");
	CHECK(encode_rows(&t.got, t.rows) == -1 && is_same(&t, 0), "who reads it is told");
	finish(&t);
	start(&t, 7, ROWS_COMPLETE, 1 << 20);
	record_drain(t.rows);
	CHECK(t.settled.times == 1 && t.settled.whole, "drained and never read");
	finish(&t);
	CHECK(t.settled.whole, "is kept");
}

int
main(void)
{
	test_whole();
	test_most();
	test_failed();
	test_closed();
	test_drained();
	return tap_end();
}
