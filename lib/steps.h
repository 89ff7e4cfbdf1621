/*
 * steps: how a database would answer a query, step by step (DRIVER_EXPLAIN of driver.h).
 */
#ifndef STEPS_H
#define STEPS_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "mem.h"
#include "rows.h"

enum steps_access { STEPS_SCAN, STEPS_SEARCH, STEPS_SORT, STEPS_OTHER };

extern const char *const steps_access_names[];

struct step {
	uint64_t number;
	enum steps_access access;
	const char *table;  /* as drivers name it; NULL: it reads none */
	const char *index;  /* NULL: none */
	int covering;       /* the index alone is read */
	const char *detail; /* in the words of the database */
};

struct steps {
	struct step *list;
	size_t n;
};

/* Reads an answer to its end, into the arena. */
int steps_read(struct steps *s, struct mem *m, struct rows *rows, struct fail *f);

/* The `which`th step, from 0, that reads the table; NULL. */
const struct step *steps_reading(const struct steps *s, const char *table, size_t which);

/* How many steps there are of a kind. */
size_t steps_count(const struct steps *s, enum steps_access access);

#endif
