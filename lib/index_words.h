/*
 * index_words: what the SQL inside of an index says, as far as the rules need it: whether a predicate asks for no more than
 * that columns are not NULL, and whether an expression names any column.
 *
 * It reads what SQLite and PostgreSQL have accepted, by its tokens (sqltokens.h).  What it does not know it takes for something
 * that says more.
 */
#ifndef INDEX_WORDS_H
#define INDEX_WORDS_H

#include <stddef.h>

#include "index_sql.h"

/* True where `predicate` says of some of these columns that they are not NULL, and nothing else: then each row that has a value
 * in all of them is in the index. */
int index_words_not_null(const char *predicate, enum index_sql_dialect dialect, const char *const *columns, size_t n);

/* True for an expression without the name of any of these columns, which is the same for all rows.  SQLite takes a name in
 * double quotes that is no column for a string. */
int index_words_constant(const char *expression, enum index_sql_dialect dialect, const char *const *columns, size_t n);

#endif
