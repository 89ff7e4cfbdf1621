/*
 * names: the names of columns, told apart and looked up by hash (XXH3, seeded, so that no header can be made whose names all
 * meet).
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "mem.h"
#include "rows.h"

struct names {
	struct names_slot {
		uint32_t column; /* its place from 1; 0: free */
		uint32_t number; /* the last that was tried for another of this name */
	} * slots;
	size_t mask;
	uint64_t seed;
	const struct rows_column *columns;
};

/* A set of the columns' names, in the arena; of several equal ones the first. */
void names_start(struct names *names, struct mem *m, const struct rows_column *columns, size_t n);

int names_has(const struct names *names, const char *name, size_t len);

/* Gives all but the first of several columns of one name another: `name_2`, or the next number that is free. */
void names_tell_apart(struct mem *m, struct rows_column *columns, size_t n);

#endif
