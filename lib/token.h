/*
 * token: SQL as its words, names, strings, numbers and signs, as far as SQLite and PostgreSQL agree on them.
 *
 * What they do not agree on, or what could end early what it stands in, is refused: comments, semicolons, strings with escapes
 * (`E'...'` with a backslash), dollar quoting, quotes and parentheses inside of `...` and [...], whatever is left open.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stddef.h>

#include "fail.h"
#include "mem.h"

enum token_kind {
	TOKEN_WORD,   /* a word or a name without quotes, as it was written */
	TOKEN_NAME,   /* a name in double quotes or `...`, without them */
	TOKEN_STRING, /* '...', as it was written; with the letter in front, if any */
	TOKEN_NUMBER,
	TOKEN_SIGN, /* an operator, a parenthesis, a comma ... */
};

struct token {
	enum token_kind kind;
	const char *text; /* NUL-terminated */
	size_t at;        /* where it began, in bytes */
};

struct tokens {
	struct token *list;
	size_t n;
};

/* In the arena.  -1 and a sentence for what is refused; `*at` is where that stands. */
int token_read(struct mem *m, const char *sql, size_t len, struct tokens *t, size_t *at, struct fail *f);

/* True for a word, in any case, or a sign. */
int token_is(const struct token *t, const char *text);

#endif
