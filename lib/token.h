/*
 * token: SQL as its words, names, strings, numbers and signs, as far as SQLite and PostgreSQL agree on them.
 *
 * It is for SQL that somebody has written to become part of a statement of ours: keys and predicates of a want file, which must
 * end where both databases say that they do.  What a database has accepted, and queries, are read by sqltokens.h: that knows
 * the rules of each database, and refuses nothing.
 *
 * What they do not agree on, or what could end early what it stands in, is refused: comments, semicolons, strings with escapes
 * (`E'...'`), dollar quoting, quotes and brackets where the one may take them for part of a name and the other
 * not, whatever is left open, and more than TOKEN_DEPTH parentheses in one another.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stddef.h>

#include "fail.h"
#include "mem.h"

enum { TOKEN_DEPTH = 200 };

enum token_kind {
	TOKEN_WORD,   /* a word or a name without quotes, as it was written */
	TOKEN_NAME,   /* a name in double quotes or `...`, without them */
	TOKEN_STRING, /* '...', as it was written; with the letter in front, if any */
	TOKEN_NUMBER,
	TOKEN_SIGN, /* an operator, a parenthesis, a comma ... */
};

struct token {
	enum token_kind kind;
	const char *text; /* NUL-terminated, in the arena */
};

struct tokens {
	struct token *list;
	size_t n;
};

/* In the arena.  -1 and a sentence for what is refused; `*at` is where that stands, in bytes. */
int token_read(struct mem *m, const char *sql, size_t len, struct tokens *t, size_t *at, struct fail *f);

/* The same for text that begins with a parenthesis, up to the one that closes it; `*end` is where it goes on behind that. */
int token_read_group(struct mem *m, const char *text, size_t len, struct tokens *t, size_t *end, size_t *at, struct fail *f);

/* True for a word, in any case, or a sign. */
int token_is(const struct token *t, const char *text);

#endif
