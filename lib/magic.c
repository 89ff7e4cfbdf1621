#include "magic.h"

#include <string.h>

/* Some signatures are words that a column could be called by: they count only where a control character follows. */
enum { ANY, WORD };

#define SIGNATURE(offset, bytes, word, kind, name)                                                                             \
	{                                                                                                                      \
		offset, sizeof(bytes) - 1, bytes, word, kind, name                                                             \
	}

static const struct signature {
	size_t offset, len;
	const char *bytes;
	int word;
	enum magic_kind kind;
	const char *name;
} signatures[] = {
    SIGNATURE(0, "\x1f\x8b", ANY, MAGIC_GZIP, "gzip data"),
    SIGNATURE(0, "\x28\xb5\x2f\xfd", ANY, MAGIC_ZSTD, "zstd data"),
    SIGNATURE(0, "SQLite format 3\0", ANY, MAGIC_SQLITE, "an SQLite database"),
    SIGNATURE(0, "\xff\xd8\xff", ANY, MAGIC_REFUSED, "a JPEG image"),
    SIGNATURE(0, "\x89PNG\r\n\x1a\n", ANY, MAGIC_REFUSED, "a PNG image"),
    SIGNATURE(0, "GIF8", WORD, MAGIC_REFUSED, "a GIF image"),
    SIGNATURE(0, "%PDF-", ANY, MAGIC_REFUSED, "a PDF document"),
    SIGNATURE(0, "PAR1", WORD, MAGIC_REFUSED, "a Parquet file"),
    SIGNATURE(0, "ARROW1\0", ANY, MAGIC_REFUSED, "an Arrow file"),
    SIGNATURE(0, "ORC", WORD, MAGIC_REFUSED, "an ORC file"),
    SIGNATURE(0, "Obj\x01", ANY, MAGIC_REFUSED, "an Avro file"),
    SIGNATURE(0, "\x89HDF\r\n\x1a\n", ANY, MAGIC_REFUSED, "an HDF5 file"),
    SIGNATURE(8, "DUCK", WORD, MAGIC_REFUSED, "a DuckDB database"),
    SIGNATURE(0, "PK\x03\x04", ANY, MAGIC_REFUSED, "a ZIP archive (or a spreadsheet in one)"),
    SIGNATURE(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ANY, MAGIC_REFUSED, "an old Office document"),
    SIGNATURE(0, "\3757zXZ\0", ANY, MAGIC_REFUSED, "xz data"),
    SIGNATURE(4, "1AY&SY", ANY, MAGIC_REFUSED, "bzip2 data"),
    SIGNATURE(0, "\x04\x22\x4d\x18", ANY, MAGIC_REFUSED, "LZ4 data"),
    SIGNATURE(0, "7z\xbc\xaf\x27\x1c", ANY, MAGIC_REFUSED, "a 7-Zip archive"),
    SIGNATURE(0, "\177ELF", ANY, MAGIC_REFUSED, "a program (ELF)"),
    SIGNATURE(0, "PGDMP", WORD, MAGIC_REFUSED, "a PostgreSQL dump (pg_restore reads it)"),
};

static int
has_control(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)bytes[i] < 0x20 && strchr("\t\n\r", bytes[i]) == NULL)
			return 1;
		if (bytes[i] == '\0')
			return 1;
	}
	return 0;
}

enum magic_kind
magic_of(const char *head, size_t len, const char **name)
{
	for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
		const struct signature *s = &signatures[i];

		if (len >= s->offset + s->len && memcmp(head + s->offset, s->bytes, s->len) == 0 &&
		    (s->word == ANY || has_control(head, len < MAGIC_BYTES ? len : MAGIC_BYTES))) {
			*name = s->name;
			return s->kind;
		}
	}
	return MAGIC_TEXT;
}
