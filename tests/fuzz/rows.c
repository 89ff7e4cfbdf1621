/* rows: the decoder takes any bytes; what it makes of them is, encoded and decoded again, the same.  The input is such bytes,
 * or a recipe: a stream that is encoded and then damaged, which keeps its worth when the encoding changes. */

#include "buf.h"
#include "fuzz.h"
#include "mem.h"
#include "rows.h"

enum { COLUMNS = 8, CELLS = 12 };

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

		columns[i] = (struct rows_column){name.bytes, name.len, kind % ROWS_TYPES, origins[kind / ROWS_TYPES % 3]};
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
		cells[i].type = kind % ROWS_TYPES;
		cells[i].cut = kind / ROWS_TYPES & 1;
	}
	rows_encode_row(b, cells, n);
}

static void
encode_end(struct buf *b, struct fuzz *z)
{
	struct rows end = {.end = 1 + fuzz_byte(z) % ROWS_FAILED, .faults = fuzz_byte(z)};
	struct rows_cell notes = some(z), sentence = some(z);
	struct fail f;

	buf_add(&end.notes, notes.bytes, notes.len);
	fail_set(&f, "%.*s", (int)sentence.len, sentence.bytes);
	rows_encode_end(b, &end, end.end == ROWS_FAILED ? &f : NULL);
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
			MUST(s->rows->cells[i].type < ROWS_TYPES);
		rows_encode_row(&s->again, s->rows->cells, s->rows->ncells);
	}
	if (s->more == 0)
		MUST(s->rows->end == ROWS_COMPLETE || s->rows->end == ROWS_CUT);
	else
		MUST(s->fail.text[0] != '\0' && memchr(s->fail.text, '\0', sizeof s->fail.text) != NULL);
	rows_encode_end(&s->again, s->rows, s->more < 0 ? &s->fail : NULL);
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
		MUST(second.more == 0 || strcmp(second.fail.text, first.fail.text) == 0);
		MUST(second.again.len == first.again.len);
		MUST(memcmp(second.again.bytes, first.again.bytes, first.again.len) == 0);
		rows_close(second.rows);
		buf_free(&second.again);
	}
	rows_close(first.rows);
	buf_free(&first.again);
	mem_free(&m);
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
