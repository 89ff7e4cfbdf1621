/*
 * catalog: what a database says of its tables, columns, indexes and foreign keys, in memory: what the rules about indexes are
 * applied to.
 *
 * It is made of the answers to CATALOG_QUESTIONS questions, asked together.  Names are as drivers give them (driver.h); all
 * text is in the arena.  What a driver does not know, or leaves out, is NULL, 0, or for a number CATALOG_UNKNOWN.
 */
#ifndef CATALOG_H
#define CATALOG_H

#include <stddef.h>
#include <stdint.h>

#include "driver.h"
#include "mem.h"
#include "question.h"
#include "rows.h"
#include "source.h"

enum { CATALOG_QUESTIONS = 6, CATALOG_INDEXES = 2 /* which of them is about indexes */ };

#define CATALOG_UNKNOWN UINT64_MAX

struct catalog_column {
	const char *name, *type;
	uint64_t position;
	uint64_t key; /* its place in the primary key; 0: none */
	int required; /* it may not be NULL */
};

struct catalog_key {
	const char *column;     /* NULL: it is an expression */
	const char *expression; /* SQL */
	int included, descending, nulls_first;
	const char *collation; /* that it is sorted by; NULL: its type has none */
	int collated;          /* which is not that of the column */
	const char *family, *class;
};

struct catalog_index {
	const char *table, *name;
	const char *origin; /* "index", "unique", "primary key", "exclusion", "rowid" (driver.h) */
	const char *method, *predicate, *sql;
	int unique, partial, invalid, building, replica, clustered;
	const char *of, *root; /* of a partition's: the partitioned index, and its table */
	uint64_t bytes, scans;
	const char *since; /* when the scans began to be counted, RFC 3339 */
	struct catalog_key *keys;
	size_t nkeys; /* included ones too, behind the others */
};

struct catalog_reference {
	const char *column;
	const char *collation;       /* that an index must have there; NULL: any */
	int collated;                /* which is, as far as is known, not that of the column */
	const char *const *families; /* one of which it must have; "" alone: none will do */
	size_t nfamilies;
	int required; /* the column may not be NULL */
};

struct catalog_foreign_key {
	const char *table, *name, *parent; /* SQLite's have no name */
	uint64_t number;
	int lost;         /* its parent, or a column there, does not exist */
	int unidentified; /* the columns there are no key of the parent */
	const char *root; /* the table is a partition of this one, and the key is its */
	struct catalog_reference *columns;
	size_t ncolumns;
};

struct catalog_table {
	const char *name, *kind;
	int partitioned;      /* its rows are those of its partitions, and its indexes made of theirs */
	uint64_t rows, bytes; /* estimates */
	struct catalog_column *columns;
	struct catalog_index *indexes;
	struct catalog_foreign_key *keys;
	size_t ncolumns, nindexes, nkeys;
};

struct catalog {
	struct catalog_table *tables; /* sorted by the bytes of their names */
	size_t ntables;
};

/* The questions, about the database or the one table of the source.  `counters`: sizes and scans are wanted. */
void catalog_questions(const struct source *s, int counters, struct question q[CATALOG_QUESTIONS]);

/* Reads the answers to the end.  -1 and a sentence where one of them fails; parts that could not be had are notes in `rows`. */
int catalog_read(struct catalog *c, struct mem *m, struct rows *const rows[CATALOG_QUESTIONS], struct fail *f);

/* NULL where there is none of that name. */
struct catalog_table *catalog_table(const struct catalog *c, const char *name);
struct catalog_index *catalog_index(const struct catalog_table *t, const char *name);
const struct catalog_column *catalog_column(const struct catalog_table *t, const char *name);

/* How many of an index's keys are keys, which the included columns are not. */
size_t catalog_key_count(const struct catalog_index *x);

#endif
