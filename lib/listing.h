/*
 * listing: what dbm-list lists: the kinds of facts, what is asked for each, and the records that the answers make.
 *
 * A record is the reference of a table, its kind and what the catalog knows of it; or else the reference of what a fact is
 * about, a table or the database, the kind of the fact, its name, and the other fields of the answer (driver.h) in their order.
 */
#ifndef LISTING_H
#define LISTING_H

#include <stddef.h>
#include <stdint.h>

#include "mem.h"
#include "question.h"
#include "rows.h"
#include "source.h"

/* From LISTING_TABLE to LISTING_SLOT they are listing_names, and flags choose among them by number. */
enum listing_kind {
	LISTING_ALL, /* tables of any kind */
	LISTING_TABLE,
	LISTING_VIEW,
	LISTING_DATABASE,
	LISTING_COLUMN,
	LISTING_INDEX,
	LISTING_FK,
	LISTING_PUBLICATION,
	LISTING_SLOT,
	LISTING_PUBLISHED, /* what one publication holds */
	LISTING_KINDS
};

extern const char *const listing_names[]; /* ends with NULL */

enum { LISTING_FIELDS = 10 }; /* as many as a record may have */

struct listing_versions;

struct listing {
	int kind;                /* enum listing_kind */
	int all;                 /* hidden and system tables too, and partitions */
	int longer;              /* all fields of a table, and the version that dbm-schema has recorded of it last */
	const char *match;       /* a pattern of names; NULL: all */
	const char *publication; /* which one; for LISTING_PUBLISHED */
	/* Of the answer at hand; listing_notes() says it and begins anew. */
	uint64_t rows;         /* that came */
	uint64_t partial;      /* partitioned tables whose estimate is made of some of their partitions */
	uint64_t published;    /* published tables that are listed */
	uint64_t unidentified; /* those whose updates and deletes cannot be */
	/* private */
	struct listing_versions *versions; /* of the database at hand */
};

/* The record's columns, in the arena; *n of them.  Not for LISTING_DATABASE, whose record is made of no single row. */
const struct rows_column *listing_columns(const struct listing *l, struct mem *m, size_t *n);

/* How many fields the answer's rows have at least. */
size_t listing_fields(const struct listing *l);

/* True where tables of a folder, which are files, are asked one by one. */
int listing_asks_files(const struct listing *l);

void listing_question(const struct listing *l, const struct source *s, struct question *q);

/* Makes the record of a row of the answer; how many fields, 0 where it is not to be listed.  Text is borrowed or in the arena.
 */
size_t listing_record(struct listing *l, struct mem *m, const struct source *s, const struct rows_cell *cells,
    struct rows_cell record[LISTING_FIELDS]);

/* Reads which versions are recorded of the source's database, where records say them: once for any number of tables, and of
 * operands of one database behind each other; in the arena, which lasts as long as the listing.  -1 where they cannot be read.
 */
int listing_read_versions(struct listing *l, struct mem *m, const struct source *s, struct fail *f);

/* Adds what there is to say of the rows to the answer's notes. */
void listing_notes(struct listing *l, struct rows *rows);

#endif
