/*
 * pg_index: what a change has to know of an index.
 */
#ifndef PG_INDEX_H
#define PG_INDEX_H

#include "pg_change.h"

enum { PG_INDEX_NAME = 63 }; /* bytes of a name, as servers are built: of a longer one they drop the rest without a word */

/* Whatever has the name; texts are in the arena of the change. */
struct pg_index {
	const char *oid; /* NULL: there is nothing */
	const char *definition;
	const char *backs;     /* the constraint that needs it, or NULL */
	int here;              /* it is an index of that table */
	int valid, identifies; /* the latter: rows, for replication */
	int whole;             /* of a partitioned table */
	int part;              /* of the index of a partitioned table */
	int attached;          /* as a part of the index that was asked about */
};

/* What has the name `name` in the schema of the table, or is attached there to the index `whole` under any name: 0 or -1. */
int pg_index_find(
    struct pg_change *c, const char *table, const char *name, const char *whole, struct pg_index *x, struct fail *f);

/* True where the index `oid` is what `x` would be on that table; -1. */
int pg_index_same(struct pg_change *c, const char *wire, const struct driver_index *x, const char *oid, struct fail *f);

/* The table of the change and its partitions, parents first: oid, that of the parent, kind, name on the wire, schema, what an
 * index is called there that is `name` on the table itself. */
enum { PG_INDEX_UNIT_FIELDS = 6 };
int pg_index_units(struct pg_change *c, const char *name, struct buf *rows, struct fail *f);

/* Appends "schema"."name". */
void pg_index_name(struct buf *b, const char *schema, const char *name);

#endif
