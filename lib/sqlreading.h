/*
 * sqlreading: the tokens of a statement of SQLite, used up one after another by who knows its grammar.
 */
#ifndef SQLREADING_H
#define SQLREADING_H

#include "fail.h"
#include "mem.h"
#include "sqltokens.h"

struct sqlreading {
	struct mem *m;
	const struct sqltoken *at; /* one of SQLTOKEN_END is behind the last one */
	struct fail *f;
};

struct sqlreading sqlreading_begin(struct mem *m, const char *sql, struct fail *f);

/* The sentence that it cannot be read from here on: always -1. */
int sqlreading_cannot(struct sqlreading *r);

/* Passes over a word or a sign: true where it stood here.  And: -1 and the sentence where it did not. */
int sqlreading_take(struct sqlreading *r, const char *word);
int sqlreading_expect(struct sqlreading *r, const char *word);

/* Takes a name, which SQLite takes from between any quotes; in the arena, NULL where there is none. */
const char *sqlreading_name(struct sqlreading *r);

/* Passes over CREATE, what is made, and its name. */
int sqlreading_head(struct sqlreading *r);

/* The token that closes the group that is opened here, or the end; where none is opened, the token here. */
const struct sqltoken *sqlreading_closing(const struct sqlreading *r);

/* The comma behind what stands here, or `end`, which closes the group around it: not a comma inside of parentheses. */
const struct sqltoken *sqlreading_item(const struct sqlreading *r, const struct sqltoken *end);

/* What stands behind the head, in the normal form of sqltext.h; of what has no head, all of it. */
const char *sqlreading_rest(struct mem *m, const char *sql);

#endif
