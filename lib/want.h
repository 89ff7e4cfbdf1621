/*
 * want: indexes as lines of text: those that a database should have (--want FILE), and how dbm-index writes one (dbm-index.1,
 * INDEXES AS TEXT).
 *
 *     TABLE (KEY [collate NAME] [CLASS] [asc|desc] [nulls first|last], ...) [unique] [using METHOD] [include (COLUMN, ...)]
 *     [where (SQL)] [name NAME]
 *
 * Names are as in references: %HH is a byte, and a name that ends where this notation would end it has that, or stands in
 * double quotes, in which only "" means something.  TABLE is what stands behind the # of a reference.  The names of collations
 * and of classes may have a schema in front and a dot behind it; a dot of the name itself is %2E, or in quotes.  A key in
 * parentheses of its own is an expression.  Words of the notation are read in any case; a name that is one of them is quoted.
 *
 * SQL in it must be such as token.h takes: so it stays where it is put.
 */
#ifndef WANT_H
#define WANT_H

#include <stddef.h>

#include "buf.h"
#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "watch.h"

struct want {
	/* As it was written: decoded, as files have it; and as a server's helper takes it (ref.h). */
	const char *table, *qualified;
	struct driver_index index; /* its name is NULL where none was written.  Collations and classes: as a server's tables */
	size_t line;               /* of its file, from 1 */
};

struct wants {
	struct want *list;
	size_t n;
};

/* One line without its end, in the arena.  -1 "column 7: …", counted in bytes from 1. */
int want_parse(struct mem *m, const char *line, size_t len, struct want *want, struct fail *f);

/* All lines of a file but empty ones and those that begin with #, in the arena; `-` is standard input.  -1 "FILE:3: column 7:
 * …" at the first that is wrong. */
int want_read(struct mem *m, const char *path, struct watch *w, struct wants *wants, struct fail *f);

/* Appends the line of an index, without its end.  `table` is its table as drivers name it, of a server or not. */
void want_write(struct buf *b, int server, const char *table, const struct driver_index *x);

/* Appends its keys alone, with `between` between them. */
void want_write_keys(struct buf *b, const struct driver_index *x, const char *between);

#endif
