/*
 * definition_sql: whether two texts of SQL say the same (definition.h); the part of definition that goes by tokens.
 */
#ifndef DEFINITION_SQL_H
#define DEFINITION_SQL_H

#include "catalog.h"
#include "index_sql.h"
#include "mem.h"

/* True where both, which may be NULL, say the same of `t`. */
int definition_sql_same(enum index_sql_dialect dialect, const struct catalog_table *t, const char *a, const char *b);

#endif
