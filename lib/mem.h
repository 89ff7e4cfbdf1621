/*
 * mem: one arena a command.
 *
 * Everything that is allocated for a caller takes the arena first and lives until mem_free().  There is no way to give
 * back a single piece: what grows and shrinks is a `struct buf`.
 *
 * Out of memory ends the process with a sentence on stderr and status 4; no function here returns NULL.
 */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

struct mem_block;

struct mem {
	struct mem_block *blocks; /* newest first; NULL when empty, so `struct mem m = {0}` is an empty arena */
};

/* `size` bytes, aligned for any type, all zero. */
void *mem_alloc(struct mem *m, size_t size);

/* `count` elements of `size` bytes each, all zero; a product that overflows is out of memory. */
void *mem_array(struct mem *m, size_t count, size_t size);

/* Room for one more element behind the n of a list that only grows by this, from NULL and none on: the list, or where it is
 * full a larger copy, all zero behind the n. */
void *mem_more(struct mem *m, void *list, size_t n, size_t size);

/* A copy of bytes[0..len) with a NUL behind it that `len` does not count. */
char *mem_copy(struct mem *m, const void *bytes, size_t len);

/* A copy of a string. */
char *mem_string(struct mem *m, const char *string);

/* A copy of two strings, one behind the other. */
char *mem_join(struct mem *m, const char *first, const char *second);

/* Gives everything back; the arena is empty and usable again.  Freeing an empty arena does nothing. */
void mem_free(struct mem *m);

/* realloc(3) that ends the process where there is no memory; for the few modules that own growing storage. */
void *mem_resize(void *old, size_t size);

/* Ends the process: one sentence, status 4. */
_Noreturn void mem_exhausted(void);

#endif
