/* rows FOLDER: writes streams in the encoded form, as it is now, for the corpus of the target `rows` (`make fuzz-seeds`). */

#include "fuzz.h"
#include "rows.h"

static const struct rows_column columns[] = {
    {"id", 2, ROWS_INTEGER, "declared"},
    {"a\0b", 3, ROWS_TEXT, "sampled:5"},
    {"", 0, ROWS_BYTES, ""},
};

static const struct rows_cell cells[] = {
    {"42", 2, ROWS_INTEGER, 0},
    {"x\0y", 3, ROWS_TEXT, 1},
    {"", 0, ROWS_NULL, 0},
    {"", 0, ROWS_TEXT, 0},
    {"2024-02-29", 10, ROWS_DATE, 0},
    {"[1]", 3, ROWS_JSON, 0},
};

/* How the streams differ: columns, rows, cells a row, how they end. */
static const struct seed {
	const char *name;
	size_t ncolumns, nrows, ncells;
	enum rows_end end;
} seeds[] = {
    {"empty", 0, 0, 0, ROWS_COMPLETE},
    {"columns", 3, 0, 0, ROWS_COMPLETE},
    {"rows", 3, 2, 3, ROWS_CUT},
    {"wide", 1, 1, 5, ROWS_COMPLETE},
    {"no-cells", 1, 1, 0, ROWS_COMPLETE},
    {"json", 1, 1, 6, ROWS_COMPLETE},
    {"failed", 1, 1, 1, ROWS_FAILED},
    {"refused", 1, 1, 1, ROWS_REFUSED},
    {"unavailable", 1, 1, 1, ROWS_UNAVAILABLE},
};

static void
write_file(const char *folder, const char *name, const struct buf *b, size_t len)
{
	struct buf path = {0};
	FILE *file;

	buf_printf(&path, "%s/made-%s", folder, name);
	file = fopen(buf_string(&path), "wb");
	/* An even first byte says that what follows is a stream. */
	if (file == NULL || fputc('0', file) == EOF || fwrite(b->bytes, 1, len, file) != len || fclose(file) != 0) {
		perror(path.bytes);
		exit(1);
	}
	buf_free(&path);
}

static void
encode(struct buf *b, const struct seed *s)
{
	struct rows end = {.end = s->end, .faults = 1};
	struct fail why = {"the server hung up"};

	buf_puts(&end.notes, "one\ntwo\n");
	rows_encode_start(b);
	rows_encode_columns(b, columns, s->ncolumns);
	for (size_t i = 0; i < s->nrows; i++)
		rows_encode_row(b, cells, s->ncells);
	rows_encode_end(b, &end, s->end >= ROWS_FAILED ? &why : NULL);
	buf_free(&end.notes);
}

int
main(int argc, char *argv[])
{
	struct buf b = {0};

	if (argc != 2)
		return 2;
	for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
		b.len = 0;
		encode(&b, &seeds[i]);
		write_file(argv[1], seeds[i].name, &b, b.len);
	}
	/* The last one once more, damaged: without its end, with another version, with lengths that nothing bears out. */
	write_file(argv[1], "short", &b, b.len - 5);
	b.bytes[4] ^= 2;
	write_file(argv[1], "version", &b, b.len);
	b.bytes[4] ^= 2;
	memset(b.bytes + 5, 0xff, 5);
	write_file(argv[1], "frame", &b, b.len);
	buf_free(&b);
	return 0;
}
