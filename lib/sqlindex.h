/*
 * sqlindex: what a CREATE INDEX of SQLite says that no pragma tells: its expressions and its predicate.
 *
 * As sqlcreate.h, it reads what SQLite has accepted (lang_createindex.html).  All text is in the arena.
 */
#ifndef SQLINDEX_H
#define SQLINDEX_H

#include <stddef.h>

#include "fail.h"
#include "mem.h"

/* What an index is sorted by, in the plain form of sqltext.h: SQL that may be run. */
struct sqlindex_key {
	const char *text;      /* without COLLATE and the direction behind it */
	const char *collation; /* its name; NULL: none */
};

struct sqlindex {
	struct sqlindex_key *keys;
	size_t n;
	const char *predicate; /* behind WHERE, in the plain form; NULL: none */
};

/* -1 and a sentence for what it cannot read. */
int sqlindex_read(struct mem *m, const char *sql, struct sqlindex *x, struct fail *f);

#endif
