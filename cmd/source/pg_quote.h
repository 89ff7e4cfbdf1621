/*
 * pg_quote: names in SQL, as libpq quotes them.
 */
#ifndef PG_QUOTE_H
#define PG_QUOTE_H

#include "buf.h"
#include "fail.h"
#include "pg_conninfo.h"

/* Appends a name in quotes: -1 where it is no text in the encoding of the connection. */
int pg_quote(struct buf *sql, PGconn *connection, const char *name, struct fail *f);

#endif
