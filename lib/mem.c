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
 * the sanitizers there are none. */
#ifndef MEM_OWN
#define MEM_OWN 4
#endif
enum { OWN_SIZE = (sizeof(struct mem_block) + FIRST) / sizeof(max_align_t) + 1 };

/* In one piece: what is counted is in a page that is touched anyway. */
static struct {
	struct mem_block *spares;
	size_t nspares, nown;
	max_align_t own[MEM_OWN + 1][OWN_SIZE];
} store;

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

static struct mem_block *
add_block(struct mem *m, size_t size)
{
	struct mem_block *b;
	size_t usual = m->blocks == NULL ? FIRST : m->blocks->size < LARGEST ? 2 * m->blocks->size : LARGEST;

	if (size > SIZE_MAX - sizeof *b)
		mem_exhausted();
	if (size < usual)
		size = usual;
	if (size == FIRST && store.spares != NULL) {
		b = store.spares;
		store.spares = b->next;
		store.nspares--;
	} else if (size == FIRST && store.nown + 1 < sizeof store.own / sizeof *store.own) {
		b = (struct mem_block *)(void *)store.own[store.nown++];
	} else {
		b = mem_resize(NULL, sizeof *b + size);
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
	return memset(p, 0, size);
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
	return (const char *)b >= (const char *)store.own && (const char *)b < (const char *)store.own + sizeof store.own;
}

void
mem_free(struct mem *m)
{
	while (m->blocks != NULL) {
		struct mem_block *next = m->blocks->next;

		if (m->blocks->size == FIRST && (store.nspares < SPARES || is_own(m->blocks))) {
			m->blocks->next = store.spares;
			store.spares = m->blocks;
			store.nspares++;
		} else {
			free(m->blocks);
		}
		m->blocks = next;
	}
}
