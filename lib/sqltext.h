/*
 * sqltext: SQL of SQLite written anew from its tokens, so that two texts that differ in layout alone become one.
 *
 * Comments are dropped, and one blank stands where blanks help to read.  The plain form leaves all else as it was written.  The
 * normal form has key words in capitals unless they stand where a name does, collations too, and names without quotes where
 * they need none; it is for comparing, not for running: SQLite takes a name in double quotes that is no column for a string.
 *
 * Which words are key words does not depend on the version of SQLite: they are those of lang_keywords.html of 3.40.
 */
#ifndef SQLTEXT_H
#define SQLTEXT_H

#include <stddef.h>

#include "buf.h"
#include "mem.h"
#include "sqltokens.h"

enum sqltext_form { SQLTEXT_PLAIN, SQLTEXT_NORMAL };

/* True for a key word of SQLite, in any case. */
int sqltext_is_keyword(const char *word, size_t len);

/* Appends a name in its normal form: in double quotes where it is no plain word, or a key word. */
void sqltext_name(struct buf *b, const char *name);

/* Appends n tokens. */
void sqltext_tokens(struct buf *b, const struct sqltoken *tokens, size_t n, enum sqltext_form form);

/* A whole text, in the arena. */
const char *sqltext_made(struct mem *m, const char *sql, enum sqltext_form form);

#endif
