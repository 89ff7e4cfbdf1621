/*
 * pg_conninfo: from a reference to what libpq is to connect with; the one header that includes libpq's.
 *
 *     postgresql://…, postgres://…   a connection URI, which libpq reads as it stands
 *     pg:KEY=VALUE …                 a conninfo string, %HH in it decoded; `pg:` alone leaves everything to the environment
 *
 * What libpq says about a text that it cannot read may hold a password, so that none of it is ever printed: what is wrong
 * is said without any part of it.
 */
#ifndef PG_CONNINFO_H
#define PG_CONNINFO_H

#include <libpq-fe.h>

#include "fail.h"
#include "mem.h"

/* As PQconnectStartParams() takes them: vectors that end with NULL, in the arena. */
struct pg_conninfo {
	const char **keywords, **values;
};

int pg_conninfo_parse(struct mem *m, const char *reference, struct pg_conninfo *c, struct fail *f);

#endif
