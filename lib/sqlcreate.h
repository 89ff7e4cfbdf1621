/*
 * sqlcreate: what a CREATE TABLE of SQLite says that no pragma tells: names of constraints, CHECKs, generated expressions.
 *
 * It reads what SQLite has accepted (lang_createtable.html), by its tokens: in quotes and comments may
 * stand anything.  What it cannot read it says so.  All text is in the arena; where it is said to be normal, in the normal form
 * of sqltext.h.
 */
#ifndef SQLCREATE_H
#define SQLCREATE_H

#include <stddef.h>

#include "fail.h"
#include "mem.h"

enum sqlcreate_kind { SQLCREATE_PRIMARY_KEY, SQLCREATE_UNIQUE, SQLCREATE_CHECK, SQLCREATE_FOREIGN_KEY };

/* A constraint, of a column or of the table: what it says is written alike. */
struct sqlcreate_constraint {
	enum sqlcreate_kind kind;
	const char *name;       /* NULL: it has none */
	const char *definition; /* normal: "(a, b DESC) ON CONFLICT IGNORE", "(a > 0)", "(a) REFERENCES p (b) ON DELETE
				   CASCADE"; actions that are the usual ones are left out */
};

struct sqlcreate_column {
	const char *name;
	const char *generated; /* normal: the expression, with its parentheses; NULL: it is not generated */
	int not_null;          /* it says so */
	const char *conflict;  /* and what then: "IGNORE" …; NULL: the usual */
};

struct sqlcreate_table {
	struct sqlcreate_column *columns;
	struct sqlcreate_constraint *constraints;
	size_t ncolumns, nconstraints;
	int without_rowid, strict;
};

/* -1 and a sentence for what it cannot read; also for a table whose text is no CREATE TABLE with columns. */
int sqlcreate_table(struct mem *m, const char *sql, struct sqlcreate_table *t, struct fail *f);

#endif
