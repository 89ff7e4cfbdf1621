/*
 * pg_query: requests to a server, made together and sent as one pipeline.
 *
 * A request is asked for and nothing happens.  When the first answer's columns are wanted, the tables that the requests name
 * are looked up by one statement, and then all that is to be asked is sent, each in a transaction of its own
 * (pg_transaction.h): one trip each.  What comes with the columns it had before is sent with the lookup, and sent again where
 * they have changed.
 *
 * A change is none of this: it is made when the first row of its answer is wanted, over connections of its own (pg_change.h).
 */
#ifndef PG_QUERY_H
#define PG_QUERY_H

#include "driver.h"
#include "mem.h"
#include "pg_session.h"

struct pg_asked;

struct pg_query {
	struct driver_database base;
	struct pg_session session;
	struct pg_asked *first, *last; /* those whose answers were not closed yet, in order */
};

/* The answer to a request, in the arena. */
struct rows *pg_query_ask(struct driver_database *db, struct mem *m, const struct driver_request *request);

#endif
