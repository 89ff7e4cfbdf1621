/*
 * plan: changes of indexes, as records that --plan writes and --apply carries out (dbm-index.1).
 *
 * A record holds all that --apply goes by: the reference of the table, what is to be done, the name of the index and its
 * definition (want.h), and a basis: what the record stands on, as a hash.  Where the catalog makes another basis, the plan is
 * too old.  The statement and the rest of it are for people.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stddef.h>

#include "catalog.h"
#include "driver.h"
#include "fail.h"
#include "index_sql.h"
#include "mem.h"
#include "recordline.h"
#include "rows.h"

enum plan_field {
	PLAN_REF,
	PLAN_ACTION,
	PLAN_NAME,
	PLAN_DEFINITION,
	PLAN_SQL,
	PLAN_LOCK,   /* what lock it takes, and whom that keeps out */
	PLAN_BLOCKS, /* what is in its way at present; NULL: nothing that the catalog tells */
	PLAN_BYTES,  /* about as much is written; or given back */
	PLAN_WHY,
	PLAN_BASIS,
	PLAN_INSTEAD, /* the index that does the work of one that is dropped; NULL: none has to */
	PLAN_FIELDS
};

extern const struct rows_column plan_columns[PLAN_FIELDS];

/* A rebuild creates what was there and is not valid. */
enum plan_action { PLAN_CREATE, PLAN_DROP, PLAN_REBUILD, PLAN_ACTIONS };

extern const char *const plan_actions[PLAN_ACTIONS]; /* "create" … */

enum { PLAN_BASIS_TEXT = 17 }; /* 16 hexadecimal digits and a NUL */

struct plan_change {
	enum plan_action action;
	struct catalog_table *table;
	struct driver_index index;           /* with its name */
	const struct catalog_index *victim;  /* what is dropped, or was not finished; else NULL */
	const struct catalog_index *instead; /* what does the work of what is dropped; NULL: nothing has to */
	const char *why;
};

/* What a change of that kind stands on: of a create the columns of the table, of a drop the index, what it is for, and the one
 * that does its work. */
void plan_basis(enum index_sql_dialect dialect, const struct plan_change *change, char basis[PLAN_BASIS_TEXT]);

/* Why an index may not be dropped, because it is for more than to find rows; NULL: it may. */
const char *plan_keeps(const struct catalog_index *x);

/* The definition of an index of the catalog, as a record has it; in the arena. */
const char *plan_definition(struct mem *m, enum index_sql_dialect dialect, const struct catalog_index *x);

/* The record's cells, in the arena.  `ref`: that of its table. */
void plan_record(struct mem *m, enum index_sql_dialect dialect, const struct plan_change *change, const char *ref,
    struct rows_cell cells[PLAN_FIELDS]);

/* The change that a record asks for, of the table that its reference means, as the catalog is now: the definition of what is to
 * be made is checked, its basis is not.  `victim` and `instead` are NULL where there are none of these names.  -1 and a
 * sentence. */
int plan_read(struct mem *m, enum index_sql_dialect dialect, struct catalog_table *t, const struct recordline *record,
    struct plan_change *change, struct fail *f);

/* As if the change had been made: later ones are planned behind it. */
void plan_take(struct mem *m, enum index_sql_dialect dialect, const struct plan_change *change);

#endif
