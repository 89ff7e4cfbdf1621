/*
 * finding: something about an index, or the lack of one, that somebody may want to mend, and its record.
 *
 * The rules (index_fk.h, index_redundant.h, index_unused.h, index_invalid.h, index_unusable.h) make findings of a catalog; what
 * each verdict means is theirs to say.  dbm-index prints them, and reads them as what is to be planned.
 */
#ifndef FINDING_H
#define FINDING_H

#include <stddef.h>

#include "catalog.h"
#include "index_sql.h"
#include "mem.h"
#include "rows.h"

enum finding_severity {
	FINDING_ERROR,   /* something does not do what the schema says that it does */
	FINDING_WARNING, /* it costs more than it has to */
	FINDING_NOTICE,  /* to be known; nothing is advised, and it makes no status 1 */
};

/* The fields of the record, in this order; FINDING_REF is the reference of the table. */
enum finding_field {
	FINDING_REF,
	FINDING_CHECK,
	FINDING_VERDICT,
	FINDING_SEVERITY,
	FINDING_COLUMNS,
	FINDING_REASON,
	FINDING_SQL,
	FINDING_EVIDENCE,
	FINDING_NAME,
	FINDING_FINGERPRINT,
	FINDING_FIELDS
};

extern const struct rows_column finding_columns[FINDING_FIELDS];

enum { FINDING_PRINT = 17 }; /* bytes of a fingerprint with its NUL: 16 hexadecimal digits */

/* All text lives as long as the catalog. */
struct finding {
	const char *table;   /* as drivers name it; NULL: it is of the database */
	const char *check;   /* "fk", "dup", "unused", "invalid", "unusable", "want" */
	const char *verdict; /* of the check's own */
	enum finding_severity severity;
	const char *columns;  /* a list, as in a want file */
	const char *reason;   /* a sentence */
	const char *sql;      /* what would mend it; NULL: nothing is advised.  Several statements have "; " between them */
	const char *evidence; /* "rows=… bytes=… scans=… since=…", what is known of these */
	const char *name;     /* of the index or the foreign key; NULL: it has none */
	const char *apart;    /* where it has none, what else tells it apart; or NULL */
	char fingerprint[FINDING_PRINT]; /* set by findings_add() */
};

struct index_counters;

/* What rules add to, and what they need to know besides the catalog. */
struct findings {
	struct mem *m;
	enum index_sql_dialect dialect;
	const struct index_counters *counters; /* index_unused.h; for that rule */
	struct finding *list;
	size_t n;
};

/* Adds a copy, with its fingerprint: a hash of check, table, columns and name (or what tells it apart), so the same on every
 * machine, in every run and in every database with the same schema. */
void findings_add(struct findings *all, const struct finding *one);

/* The record's cells, borrowed from the finding.  `ref`: that of its table. */
void finding_record(const struct finding *f, const char *ref, struct rows_cell cells[FINDING_FIELDS]);

/* Text in the arena, as printf(3) makes it. */
const char *finding_text(struct mem *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The evidence: of a table, and of an index of it; either may be NULL, and what is not known is left out. */
const char *finding_evidence(struct mem *m, const struct catalog_table *t, const struct catalog_index *x);

/* False for what is no index but the table itself, sorted by its rowid (driver.h). */
int finding_is_index(const struct catalog_index *x);

/* The keys of an index as a want file has them (want.h), with commas between them and what it includes left out:
 * `date,item desc`.  A blank or a comma is never part of a name; an expression stands in parentheses. */
const char *finding_keys(struct mem *m, enum index_sql_dialect dialect, const struct catalog_index *x);

/* The statement that removes an index of a table, or makes it anew; in the arena.  NULL for one of a partitioned table, which
 * no statement does without keeping everybody out. */
const char *finding_drop(const struct findings *all, const struct catalog_table *t, const struct catalog_index *x);
const char *finding_rebuild(const struct findings *all, const struct catalog_table *t, const struct catalog_index *x);

#endif
