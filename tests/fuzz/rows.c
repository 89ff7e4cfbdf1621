/* rows: the decoder takes any bytes; what it makes of them is, encoded and decoded again, the same.  What a helper sends is
 * read as one's own is, but for values of JSON, which are damage there.  The input is such bytes, or a recipe: a stream that is
 * encoded and then damaged, which keeps its worth when the encoding changes. */

#include "buf.h"
#include "fuzz.h"
#include "mem.h"
#include "rows.h"

enum { COLUMNS = 8, CELLS = 12 };

/* What a byte of the recipe makes the type. */
static enum rows_type
type_of(unsigned kind)
{
	return kind < 192 ? kind % ROWS_TYPES : ROWS_JSON;
}

/* Some bytes of the recipe. */
static struct rows_cell
some(struct fuzz *z)
{
	size_t len = fuzz_byte(z) & 31;
	struct rows_cell c;

	if (len > z->len)
		len = z->len;
	c = rows_bytes(z->bytes, len);
	z->bytes += len;
	z->len -= len;
	return c;
}

static void
encode_columns(struct buf *b, struct fuzz *z)
{
	static const char *const origins[] = {"", "declared", "sampled:100"};
	struct rows_column columns[COLUMNS] = {{0}};
	size_t n = fuzz_byte(z) % (COLUMNS + 1);

	for (size_t i = 0; i < n; i++) {
		struct rows_cell name = some(z);
		unsigned kind = fuzz_byte(z);

		columns[i] = (struct rows_column){name.bytes, name.len, type_of(kind), origins[kind / ROWS_TYPES % 3]};
	}
	rows_encode_start(b);
	rows_encode_columns(b, columns, n);
}

static void
encode_row(struct buf *b, struct fuzz *z)
{
	struct rows_cell cells[CELLS] = {{0}};
	size_t n = fuzz_byte(z) % (CELLS + 1);

	for (size_t i = 0; i < n; i++) {
		unsigned kind = fuzz_byte(z);

		cells[i] = some(z);
		cells[i].type = type_of(kind);
		cells[i].cut = kind / ROWS_TYPES & 1;
	}
	rows_encode_row(b, cells, n);
}

static void
encode_end(struct buf *b, struct fuzz *z)
{
	struct rows end = {.end = 1 + fuzz_byte(z) % ROWS_UNAVAILABLE, .faults = fuzz_byte(z)};
	struct rows_cell notes = some(z), sentence = some(z);
	struct fail f;

	buf_add(&end.notes, notes.bytes, notes.len);
	fail_set(&f, "%.*s", (int)sentence.len, sentence.bytes);
	rows_encode_end(b, &end, end.end >= ROWS_FAILED ? &f : NULL);
	buf_free(&end.notes);
}

/* The first byte of a recipe: how many rows, and how much damage. */
static void
encode(struct buf *b, struct fuzz *z)
{
	unsigned how = fuzz_byte(z);

	encode_columns(b, z);
	for (unsigned i = 0; i < (how & 7); i++)
		encode_row(b, z);
	encode_end(b, z);
	for (unsigned i = 0; i < (how >> 3 & 3); i++) {
		size_t at = fuzz_byte(z) << 8 | fuzz_byte(z);

		b->bytes[at % b->len] = (char)fuzz_byte(z);
	}
	if (how & 64)
		b->len -= fuzz_byte(z) % b->len;
}

/* A stream read to its end, as far as it goes. */
struct stream {
	struct rows *rows;
	int columns, more; /* what rows_columns() and the last rows_next() said */
	struct fail fail;
	struct buf again; /* encoded again */
};

static void
read_stream(struct stream *s, struct mem *m, const char *bytes, size_t len)
{
	*s = (struct stream){.rows = rows_decode(m, bytes, len)};
	s->columns = rows_columns(s->rows, &s->fail);
	if (s->columns < 0) {
		MUST(s->fail.text[0] != '\0');
		return;
	}
	MUST(s->rows->ncolumns <= ROWS_COLUMNS);
	rows_encode_start(&s->again);
	rows_encode_columns(&s->again, s->rows->columns, s->rows->ncolumns);
	while ((s->more = rows_next(s->rows, &s->fail)) > 0) {
		MUST(s->rows->ncells <= ROWS_COLUMNS);
		for (size_t i = 0; i < s->rows->ncells; i++)
			MUST(s->rows->cells[i].type <= ROWS_JSON);
		rows_encode_row(&s->again, s->rows->cells, s->rows->ncells);
	}
	if (s->more == 0)
		MUST(s->rows->end == ROWS_COMPLETE || s->rows->end == ROWS_CUT);
	else
		MUST(s->rows->end >= ROWS_FAILED && s->rows->end <= ROWS_UNAVAILABLE && s->fail.text[0] != '\0' &&
		     memchr(s->fail.text, '\0', sizeof s->fail.text) != NULL);
	rows_encode_end(&s->again, s->rows, s->more < 0 ? &s->fail : NULL);
}

/* The frames of a stream, as a helper sends them. */

static const char start[] = "DBMR\1";

enum { START = 5 };

static int
next_sent(void *arg, struct frame *frame, struct fail *f)
{
	struct fuzz *z = arg;
	long used = frame_first(frame, z->bytes, z->len);

	if (used <= 0)
		return fail_set(f, "it hung up");
	z->bytes += used;
	z->len -= (size_t)used;
	return 0;
}

static int
has_json(const struct rows *r)
{
	for (size_t i = 0; i < r->ncells; i++) {
		if (r->cells[i].type == ROWS_JSON)
			return 1;
	}
	return 0;
}

static void
must_be_same(const struct rows_cell *a, const struct rows_cell *b)
{
	MUST(a->type == b->type && a->cut == b->cut && a->len == b->len);
	MUST(a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static void
check_sent(const char *bytes, size_t len)
{
	static const struct rows_frames frames = {next_sent, NULL};
	struct mem m = {0};
	struct fuzz z = {bytes + START, len - START};
	struct rows *own = rows_decode(&m, bytes, len), *sent = rows_decode_frames(&m, &frames, &z);
	struct fail f;
	int more = rows_columns(own, &f) == 0, more_sent;

	MUST((rows_columns(sent, &f) == 0) == more);
	for (size_t i = 0; more && i < sent->ncolumns; i++)
		MUST(sent->columns[i].type == (own->columns[i].type == ROWS_JSON ? ROWS_TEXT : own->columns[i].type));
	while (more > 0) {
		more = rows_next(own, &f);
		more_sent = rows_next(sent, &f);
		if (more > 0 && has_json(own)) {
			MUST(more_sent < 0);
			break;
		}
		MUST(more_sent == more);
		for (size_t i = 0; more > 0 && i < own->ncells; i++)
			must_be_same(&own->cells[i], &sent->cells[i]);
	}
	rows_close(own);
	rows_close(sent);
	mem_free(&m);
}

static void
check(const char *bytes, size_t len)
{
	struct mem m = {0};
	struct stream first, second;

	read_stream(&first, &m, bytes, len);
	if (first.columns == 0) {
		read_stream(&second, &m, first.again.bytes, first.again.len);
		MUST(second.columns == 0 && second.more == first.more);
		MUST(second.rows->end == first.rows->end);
		MUST(second.more == 0 || strcmp(second.fail.text, first.fail.text) == 0);
		MUST(second.again.len == first.again.len);
		MUST(memcmp(second.again.bytes, first.again.bytes, first.again.len) == 0);
		rows_close(second.rows);
		buf_free(&second.again);
	}
	rows_close(first.rows);
	buf_free(&first.again);
	mem_free(&m);
	if (len >= START && memcmp(bytes, start, START) == 0)
		check_sent(bytes, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	struct buf b = {0};
	char *exact;

	if ((fuzz_byte(&z) & 1) == 0) {
		check(z.bytes, z.len);
		return 0;
	}
	encode(&b, &z);
	exact = malloc(b.len);
	if (exact == NULL)
		abort();
	memcpy(exact, b.bytes, b.len);
	check(exact, b.len);
	free(exact);
	buf_free(&b);
	return 0;
}
