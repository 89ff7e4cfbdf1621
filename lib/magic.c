#include "magic.h"

#include <string.h>

#define SIGNATURE(offset, bytes, kind, name) {offset, sizeof(bytes) - 1, bytes, kind, name}

static const struct signature {
	size_t offset, len;
	const char *bytes;
	enum magic_kind kind;
	const char *name;
} signatures[] = {
    SIGNATURE(0, "\x1f\x8b", MAGIC_GZIP, "gzip data"),
    SIGNATURE(0, "\x28\xb5\x2f\xfd", MAGIC_ZSTD, "zstd data"),
    SIGNATURE(0, "SQLite format 3\0", MAGIC_SQLITE, "an SQLite database"),
    SIGNATURE(0, "\xff\xd8\xff", MAGIC_REFUSED, "a JPEG image"),
    SIGNATURE(0, "\x89PNG\r\n\x1a\n", MAGIC_REFUSED, "a PNG image"),
    SIGNATURE(0, "GIF8", MAGIC_REFUSED, "a GIF image"),
    SIGNATURE(0, "%PDF-", MAGIC_REFUSED, "a PDF document"),
    SIGNATURE(0, "PAR1", MAGIC_REFUSED, "a Parquet file"),
    SIGNATURE(0, "ARROW1\0", MAGIC_REFUSED, "an Arrow file"),
    SIGNATURE(0, "ORC\x0a", MAGIC_REFUSED, "an ORC file"),
    SIGNATURE(0, "ORC\x08", MAGIC_REFUSED, "an ORC file"),
    SIGNATURE(0, "Obj\x01", MAGIC_REFUSED, "an Avro file"),
    SIGNATURE(0, "\x89HDF\r\n\x1a\n", MAGIC_REFUSED, "an HDF5 file"),
    SIGNATURE(8, "DUCK", MAGIC_REFUSED, "a DuckDB database"),
    SIGNATURE(0, "PK\x03\x04", MAGIC_REFUSED, "a ZIP archive (or a spreadsheet in one)"),
    SIGNATURE(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", MAGIC_REFUSED, "an old Office document"),
    SIGNATURE(0, "\xfd" "7zXZ\0", MAGIC_REFUSED, "xz data"),
    SIGNATURE(0, "BZh", MAGIC_REFUSED, "bzip2 data"),
    SIGNATURE(0, "\x04\x22\x4d\x18", MAGIC_REFUSED, "LZ4 data"),
    SIGNATURE(0, "7z\xbc\xaf\x27\x1c", MAGIC_REFUSED, "a 7-Zip archive"),
    SIGNATURE(0, "\x7f" "ELF", MAGIC_REFUSED, "a program (ELF)"),
    SIGNATURE(0, "PGDMP", MAGIC_REFUSED, "a PostgreSQL dump (pg_restore reads it)"),
};

enum magic_kind
magic_of(const char *head, size_t len, const char **name)
{
	for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
		const struct signature *s = &signatures[i];

		if (len >= s->offset + s->len && memcmp(head + s->offset, s->bytes, s->len) == 0) {
			*name = s->name;
			return s->kind;
		}
	}
	return MAGIC_TEXT;
}
