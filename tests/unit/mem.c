/* Arenas: what is had is zero, aligned and nobody else's, whatever had it before. */

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#include "mem.h"
#include "tap.h"

enum { ARENAS = 40, PIECES = 60 };

/* Takes pieces of many sizes, which must be zero, and fills them with `byte`; how many were not right. */
static int
take(struct mem *m, unsigned char *pieces[PIECES], size_t sizes[PIECES], int byte)
{
	int wrong = 0;

	for (size_t i = 0; i < PIECES; i++) {
		sizes[i] = i * i * 37 % 9001;
		pieces[i] = mem_alloc(m, sizes[i]);
		wrong += (uintptr_t)pieces[i] % alignof(max_align_t) != 0;
		for (size_t k = 0; k < sizes[i]; k++)
			wrong += pieces[i][k] != 0;
		memset(pieces[i], byte, sizes[i]);
	}
	return wrong;
}

static int
others(unsigned char *const pieces[PIECES], const size_t sizes[PIECES], int byte)
{
	int wrong = 0;

	for (size_t i = 0; i < PIECES; i++) {
		for (size_t k = 0; k < sizes[i]; k++)
			wrong += pieces[i][k] != (unsigned char)byte;
	}
	return wrong;
}

/* More at once than there are first blocks kept, several times, so that blocks come back; freed in either order. */
static void
test_arenas(void)
{
	static unsigned char *pieces[ARENAS][PIECES];
	static size_t sizes[ARENAS][PIECES];
	struct mem m[ARENAS] = {{0}};
	int dirty = 0, shared = 0;

	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < ARENAS; i++)
			dirty += take(&m[i], pieces[i], sizes[i], i + 1);
		for (int i = 0; i < ARENAS; i++)
			shared += others(pieces[i], sizes[i], i + 1);
		for (int i = 0; i < ARENAS; i++)
			mem_free(&m[round % 2 == 0 ? i : ARENAS - 1 - i]);
	}
	CHECK(dirty == 0, "zero and aligned");
	CHECK(shared == 0, "and nobody else's");
}

static void
test_sizes(void)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 1 << 20, (1 << 20) + 1, 5 << 20, 7};
	struct mem m = {0};
	int wrong = 0;

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			unsigned char *p = mem_alloc(&m, sizes[i]);

			for (size_t k = 0; k < sizes[i]; k += 97)
				wrong += p[k] != 0;
			memset(p, 0xff, sizes[i]);
		}
		mem_free(&m);
		CHECK(m.blocks == NULL, "freed, it is empty");
	}
	CHECK(wrong == 0, "larger than a block, and just as large");
	mem_free(&m);
	CHECK(m.blocks == NULL, "freed again");
}

static void
test_copies(void)
{
	struct mem m = {0};
	char *copy = mem_copy(&m, "a\0b", 3), *empty = mem_copy(&m, NULL, 0);

	CHECK(memcmp(copy, "a\0b", 4) == 0 && *empty == '\0', "a copy has a NUL behind it");
	CHECK_TEXT(mem_string(&m, "text"), "text", "a string");
	CHECK_TEXT(mem_join(&m, "te", "xt"), "text", "two strings");
	CHECK(mem_array(&m, 0, 8) != NULL && mem_array(&m, 3, 0) != NULL, "an array of nothing");
	mem_free(&m);
}

int
main(void)
{
	test_arenas();
	test_sizes();
	test_copies();
	return tap_end();
}
