/*
 * sqltokens: a text of SQL as words, names, strings, numbers and signs, for finding patterns in it.  Whether it is right is for
 * the database to say: any bytes are tokens of some kind.  What is to become part of a statement is read by token.h, which
 * refuses what could end it early.
 *
 * SQLite: lang_expr.html and lang_keywords.html of its documentation; PostgreSQL: "Lexical Structure" of its manual.
 */
#ifndef SQLTOKENS_H
#define SQLTOKENS_H

#include <stddef.h>

#include "mem.h"

enum sqltokens_dialect { SQLTOKENS_SQLITE, SQLTOKENS_POSTGRESQL };

enum sqltoken_kind {
	SQLTOKEN_END,
	SQLTOKEN_WORD,      /* a key word, or a name without quotes */
	SQLTOKEN_NAME,      /* one with quotes: "a", in SQLite `a` and [a] too */
	SQLTOKEN_STRING,    /* 'a', of PostgreSQL E'a', $$a$$ and the like too */
	SQLTOKEN_BLOB,      /* x'00', b'01' */
	SQLTOKEN_NUMBER,    /* without a sign */
	SQLTOKEN_PARAMETER, /* ?, ?1, :a, @a, $1 */
	SQLTOKEN_SIGN,      /* an operator, or one of ( ) [ ] , ; . : */
};

/* Borrowed from the text.  What has no end goes to that of the text. */
struct sqltoken {
	enum sqltoken_kind kind;
	const char *at;
	size_t len;
};

/* The first token behind blanks and comments; returns what is behind it. */
const char *sqltokens_next(struct sqltoken *t, const char *sql, const char *end, enum sqltokens_dialect dialect);

/* All of them, in the arena, with one of SQLTOKEN_END behind the n. */
struct sqltoken *sqltokens_read(struct mem *m, const char *sql, size_t len, enum sqltokens_dialect dialect, size_t *n);

/* The next of the statements with semicolons between them, without blanks and comments around it; those of nothing are passed
 * over.  NULL: there is none; else it goes to *behind, which is to be given as `sql` for the next one. */
const char *sqltokens_statement(
    const char *sql, const char *end, enum sqltokens_dialect dialect, const char **behind, size_t *len);

/* True for that key word, in any case, or that sign. */
int sqltoken_is(const struct sqltoken *t, const char *text);

/* What it names, in the arena: without quotes; of PostgreSQL words are lower case.  NULL for what is neither word nor name. */
const char *sqltoken_name(struct mem *m, const struct sqltoken *t, enum sqltokens_dialect dialect);

/* The value of a string between single quotes, in the arena; NULL for others. */
const char *sqltoken_string(struct mem *m, const struct sqltoken *t);

#endif
