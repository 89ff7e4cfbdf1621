/*
 * index_wanted: the indexes of a want file (want.h) that a database does not have, whatever they are called there.
 *
 * Verdicts:
 *
 *     missing        there is no such index; a warning
 *     invalid-index  there is, but it was not finished; an error
 *     name-taken     there is none, and another index or a table has the name that it is to have; an error
 *     wrong          the line says what the table cannot have, such as a column that is not there; an error
 *     no-table       there is no such table; an error
 */
#ifndef INDEX_WANTED_H
#define INDEX_WANTED_H

#include "catalog.h"
#include "finding.h"
#include "want.h"

/* `part`: the catalog is that of one table, and lines about others say nothing. */
void index_wanted(const struct catalog *c, const struct wants *wants, int part, struct findings *all);

#endif
