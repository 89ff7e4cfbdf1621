/*
 * entry: one kept answer as the bytes of a file.
 *
 * Integers are little-endian, texts as in frame.h:
 *
 *     8 bytes "dbm slot"; u32 version; u64 checksum (hash.h) of all that follows; u64 bytes of the answer; the generations
 *     (cache.h), ENTRY_GENERATIONS bytes; u64 when it was read; the proof (proof.h); u64 rows, u64 width; u8 whole; u32
 * failures, u64 when the last; text reference; text key; the answer
 *
 * The checksum finds what a crash of the machine or a broken disk leaves; against malice it is no help (hash.h).  A version
 * knows only its own entries, and leaves the others alone.
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "proof.h"

/* Another one for every change of the bytes here, and of the fields of answers (driver.h).  tests/versions.bats makes programs
 * of another. */
#ifndef ENTRY_VERSION
#define ENTRY_VERSION 5
#endif

enum {
	ENTRY_GENERATION = 32,                    /* bytes: 16 random ones in hexadecimal */
	ENTRY_GENERATIONS = 3 * ENTRY_GENERATION, /* the database's, the table's, the kind's */
	ENTRY_ALL_ROWS = 1,                       /* `whole`: there are no more rows than these */
	ENTRY_ALL_BYTES = 2,                      /* and no cell was cut */
};

struct entry {
	char generations[ENTRY_GENERATIONS];
	int64_t read_at; /* nanoseconds since 1970: when the source was asked */
	struct proof proof;
	uint64_t rows, width; /* of a stream of rows: how many were asked for, and how many bytes of a cell (0: all) */
	unsigned char whole;
	uint32_t failures; /* refreshes in the background that have failed since, in turn */
	int64_t failed_at; /* the last of them, in nanoseconds since 1970 */
	const char *ref;   /* the reference, as it is printed */
	const char *key;   /* what it is the answer to */
	size_t key_len;
	const char *bytes; /* the answer */
	size_t len;
};

/* Appends all of it but the answer, which belongs behind it. */
void entry_encode(struct buf *b, const struct entry *e);

/* Reads one from bytes[0..len), which must outlive it: NULL, or why it is none: "damaged", "version". */
const char *entry_decode(struct entry *e, const char *bytes, size_t len);

/* The same for who has only the first bytes[0..len) of an entry of `size`: all but the answer, of which only the length is set.
 * The checksum is not looked at. */
const char *entry_decode_head(struct entry *e, const char *bytes, size_t len, uint64_t size);

#endif
