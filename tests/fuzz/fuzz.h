/*
 * fuzz: what the targets share.
 *
 * A target is one file with one LLVMFuzzerTestOneInput(): it takes any bytes and holds the library to properties, not only to
 * not crashing.  The first bytes of the input choose options, the rest is the data.  libFuzzer calls it (`make fuzz`), or
 * replay.c with what is in corpus/ (`make check`).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition) ((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))

static inline void
fuzz_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

/* Bytes being used up. */
struct fuzz {
	const char *bytes;
	size_t len;
};

/* The next byte; 0 where there is none. */
static inline unsigned
fuzz_byte(struct fuzz *z)
{
	if (z->len == 0)
		return 0;
	z->len--;
	return (unsigned char)*z->bytes++;
}

/* Bytes as a string, cut at the first NUL, in memory of its own: a sanitizer sees its end.  For free(3). */
static inline char *
fuzz_string(const char *bytes, size_t len)
{
	const char *nul = len > 0 ? memchr(bytes, '\0', len) : NULL;
	size_t n = nul != NULL ? (size_t)(nul - bytes) : len;
	char *string = malloc(n + 1);

	if (string == NULL)
		abort();
	if (n > 0)
		memcpy(string, bytes, n);
	string[n] = '\0';
	return string;
}

/* Where blocks end: sizes that repeat, each from 1 to 256. */
struct fuzz_blocks {
	unsigned char sizes[3];
	unsigned at;
};

static inline struct fuzz_blocks
fuzz_blocks(struct fuzz *z)
{
	struct fuzz_blocks b = {.at = 0};

	for (size_t i = 0; i < sizeof b.sizes; i++)
		b.sizes[i] = (unsigned char)fuzz_byte(z);
	return b;
}

/* The next block's size, at most `most`. */
static inline size_t
fuzz_block(struct fuzz_blocks *b, size_t most)
{
	size_t size = b->sizes[b->at++ % sizeof b->sizes] + (size_t)1;

	return size < most ? size : most;
}

#endif
