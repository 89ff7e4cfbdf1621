/*
 * vector: counting the records of delimited text 64 bytes a step.
 *
 * The bytes of a step become bit masks, a bit a byte: quotes, delimiters, CR, LF.  The running parity of quotes (a prefix xor;
 * Langdale and Lemire 2019, "Parsing gigabytes of JSON per second", 3.1.1) says which bytes are inside quotes, and a record
 * ends where a run of terminators outside quotes begins: so blank lines are no records, and CRLF is one terminator.
 *
 * Parity is only right where quoting is well-formed: each opening quote begins a field, each closing one ends it.  Every step
 * checks that, and a block that fails is read by the exact machine (csv.h) instead.
 *
 * Whether a text begins inside quotes does not matter to the masks, only to what they mean.  So one pass counts under both
 * suppositions, and chunks of a file can be counted at once by threads and joined afterwards.
 *
 * The steps are made of AVX-512 or AVX2 where the processor has it, else of 64-bit words.
 */
#ifndef VECTOR_H
#define VECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "csv.h"

/* tests/unit/counter.c has it small. */
#ifndef VECTOR_BLOCK
enum { VECTOR_BLOCK = 64 * 1024 }; /* bytes that are counted, and found malformed, together */
#endif

enum {
	VECTOR_SLACK = 4,          /* places that are written beyond the last */
	VECTOR_PROBE = 100 * 1024, /* a text shorter than this does not pay for asking the processor what it can do */
};

/* Where a scan stands, in bits.  All but `inside` are about the last byte, whether or not it is inside quotes. */
struct vector_state {
	unsigned char inside; /* it is followed by what is inside quotes */
	unsigned char ended;  /* it was a terminator, or there was none yet: no record has begun */
	unsigned char cr;     /* it was CR */
	unsigned char edge;   /* it was a delimiter, a terminator or a quote: a quote behind it is in place */
	unsigned char quote;  /* it was a quote that opened or closed a field */
};

/* What a block holds, if it begins as its state says [0], or with `inside` the other way round [1]. */
struct vector_count {
	uint64_t records[2];   /* that end in it */
	uint64_t terminators;  /* LF, CR and CRLF, those inside quotes too */
	uint64_t malformed[2]; /* nonzero: quoting is malformed, and `records` is not right */
};

/* A way to make steps. */
struct vector_kernel {
	const char *name;
	void (*count)(struct vector_state *s, const char *bytes, size_t len, char delimiter, struct vector_count *count);
	/* The same, and finds the delimiters and terminators outside quotes: place << 1 | whether it is a terminator.  `len` is
	 * below 2^31; there is room for len + VECTOR_SLACK places.  Returns how many there are. */
	size_t (*find)(struct vector_state *s, const char *bytes, size_t len, char delimiter, uint32_t *places,
	    struct vector_count *count);
};

/* The best kernel for a text of so many bytes.  DBM_KERNEL=portable (or avx2) in the environment allows no better one. */
const struct vector_kernel *vector_for(uint64_t bytes);

/* Counts the records that end in bytes[0..len) and moves the scan on, all but its `quote` and `began`:
 * csv_scan_count(), faster. */
uint64_t vector_scan_count(struct csv_scan *s, const struct vector_kernel *k, const char *bytes, size_t len);

/* A scan's state in bits. */
struct vector_state vector_of_scan(const struct csv_scan *s);

/* The bits behind the byte `last`, which is supposed to be outside quotes. */
struct vector_state vector_behind(const struct csv_dialect *d, char last);

/* True where the bits [0], or with `inside` the other way round [1], are those of the scan. */
int vector_agrees(const struct vector_state *v, int other, const struct csv_scan *s);

/* Moves the scan to where well-formed bytes with so many terminators have left the bits. */
void vector_move_scan(struct csv_scan *s, const struct vector_state *v, int other, uint64_t terminators);

#endif
