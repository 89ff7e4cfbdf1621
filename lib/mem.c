#define _GNU_SOURCE /* program_invocation_short_name, which glibc and musl have */
#include "mem.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	/* Bytes of a block: each is twice the one before.  What is not used of one is never touched, and costs nothing. */
	FIRST = 64 * 1024,
	LARGEST = 1 << 20,
	SPARES = 16, /* first blocks kept for the next arenas: to map and unmap one for each file or answer takes longer than it
		      */
};

struct mem_block {
	struct mem_block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

/* The first of all first blocks are the program's own, and never freed: most programs need no other, and no system call.  With
 * the sanitizers there are none.
 *
 * And the very first arenas begin with small blocks that lie one behind the other, which are not had a second time: a short
 * program has few arenas with little in each, and for each page that it touches it waits. */
#ifndef MEM_OWN
#define MEM_OWN 4
#endif
enum {
	SMALL = 256, /* bytes of a small block, or of what it was had for */
	SMALLS = MEM_OWN * 4096,
	OWN_SIZE = (sizeof(struct mem_block) + FIRST) / sizeof(max_align_t) + 1,
};

/* In one piece and in this order: what is hardly ever touched comes last. */
static struct {
	alignas(max_align_t) unsigned char small[SMALLS + 1];
	max_align_t first[MEM_OWN + 1][OWN_SIZE];
} own;

/* What is left of that, and what was given back.  It is not zero at the start, and so in a page with other such data: in one
 * with the blocks it would be read first and then written, which is two faults. */
static struct {
	size_t small, first, nspares;
	struct mem_block *spares;
} left = {.small = SMALLS, .first = MEM_OWN};

_Noreturn void
mem_exhausted(void)
{
	static const char sentence[] = ": out of memory\n";
	char *name = program_invocation_short_name;
	const struct iovec line[] = {{name, strlen(name)}, {(void *)(uintptr_t)sentence, sizeof sentence - 1}};

	/* Nothing can be done about a write that fails here. */
	if (writev(STDERR_FILENO, line, 2) < 0)
		_exit(4);
	_exit(4);
}

void *
mem_resize(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (p == NULL)
		mem_exhausted();
	return p;
}

/* For `size` bytes or a little more; NULL where that is not left. */
static struct mem_block *
small_block(size_t *size)
{
	struct mem_block *b = (struct mem_block *)(void *)(own.small + (SMALLS - left.small));
	size_t enough = *size < SMALL ? SMALL : *size;

	if (left.small < sizeof *b + enough)
		return NULL;
	left.small -= sizeof *b + enough;
	*size = enough;
	return b;
}

static int
is_small(const struct mem_block *b)
{
	return (const unsigned char *)b >= own.small && (const unsigned char *)b < own.small + SMALLS;
}

static struct mem_block *
first_block(void)
{
	struct mem_block *b = left.spares;

	if (b != NULL) {
		left.spares = b->next;
		left.nspares--;
		return b;
	}
	if (left.first > 0)
		return (struct mem_block *)(void *)own.first[MEM_OWN - left.first--];
	return mem_resize(NULL, sizeof *b + FIRST);
}

/* Rare, and so not a part of each of its callers. */
static struct mem_block *add_block(struct mem *m, size_t size) __attribute__((noinline));

static struct mem_block *
add_block(struct mem *m, size_t size)
{
	size_t last = m->blocks != NULL ? m->blocks->size : 0, usual = last < LARGEST ? 2 * last : LARGEST;
	struct mem_block *b = NULL;

	if (size > SIZE_MAX - sizeof *b)
		mem_exhausted();
	if (last < FIRST) {
		usual = FIRST;
		b = small_block(&size);
	}
	if (b == NULL) {
		size = size < usual ? usual : size;
		b = size == FIRST ? first_block() : mem_resize(NULL, sizeof *b + size);
	}
	b->next = m->blocks;
	b->used = 0;
	b->size = size;
	m->blocks = b;
	return b;
}

void *
mem_alloc(struct mem *m, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct mem_block *b = m->blocks;
	void *p;

	if (size > SIZE_MAX - align)
		mem_exhausted();
	size = (size + align - 1) / align * align;
	if (b == NULL || b->size - b->used < size)
		b = add_block(m, size);
	p = b->bytes + b->used;
	b->used += size;
	/* A small block is had once, and is zero as the system gave it. */
	return is_small(b) ? p : memset(p, 0, size);
}

void *
mem_array(struct mem *m, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		mem_exhausted();
	return mem_alloc(m, count * size);
}

char *
mem_copy(struct mem *m, const void *bytes, size_t len)
{
	char *p = mem_alloc(m, len + 1);

	if (len > 0)
		memcpy(p, bytes, len);
	return p;
}

char *
mem_string(struct mem *m, const char *string)
{
	return mem_copy(m, string, strlen(string));
}

char *
mem_join(struct mem *m, const char *first, const char *second)
{
	size_t n = strlen(first), k = strlen(second);
	char *p = mem_alloc(m, n + k + 1);

	memcpy(p, first, n + 1);
	memcpy(p + n, second, k + 1);
	return p;
}

static int
is_own(const struct mem_block *b)
{
	return (const char *)b >= (const char *)own.first && (const char *)b < (const char *)own.first + sizeof own.first;
}

static void
give_back(struct mem_block *b)
{
	if (b->size < FIRST)
		return;
	if (b->size == FIRST && (left.nspares < SPARES || is_own(b))) {
		b->next = left.spares;
		left.spares = b;
		left.nspares++;
	} else {
		free(b);
	}
}

void
mem_free(struct mem *m)
{
	while (m->blocks != NULL) {
		struct mem_block *next = m->blocks->next;

		give_back(m->blocks);
		m->blocks = next;
	}
}

/* Behind mem_free(), which is the last that a hit calls: see FIRST in the Makefile. */
void *
mem_more(struct mem *m, void *list, size_t n, size_t size)
{
	void *larger;

	/* There is room up to the next power of two, and for two at least. */
	if ((n & (n - 1)) != 0 || n == 1)
		return list;
	larger = mem_array(m, n > 0 ? 2 * n : 2, size);
	if (n > 0)
		memcpy(larger, list, n * size);
	return larger;
}
