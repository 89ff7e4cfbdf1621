/*
 * sqlite_define: whether an index is what it is to be, and what may become one.
 */
#ifndef SQLITE_DEFINE_H
#define SQLITE_DEFINE_H

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "sqlite_open.h"
#include "sqlite_table.h"

/* Whether the table can have such an index: -1 and a sentence for a column that it does not have, and for what SQLite does not
 * do.  Names are compared before any SQL is made of them: SQLite may take a misspelt one in quotes for a text. */
int sqlite_define_check(const struct sqlite *s, const struct sqlite_table *t, const struct driver_index *x, struct fail *f);

/* 1 where the index of that name is what `x` says: table, columns, order, collations, unique, partial; and, where SQL is part
 * of it, made by the statement `sql`.  0 where there is none of that name.  -1 and a sentence where it is another. */
int sqlite_define_there(struct sqlite *s, struct mem *m, const struct sqlite_table *t, const struct driver_index *x,
    const char *sql, struct fail *f);

/* From here on statements may do what making that index takes, and nothing else; NULL: anything again. */
struct sqlite_define_limits {
	const char *table, *index;
};
void sqlite_define_limit(struct sqlite *s, const struct sqlite_define_limits *only);

#endif
