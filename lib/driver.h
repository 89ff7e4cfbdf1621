/*
 * driver: the contract between dbm and a kind of database.
 *
 * A driver opens a database and answers requests with record streams (rows.h).  Nothing is read before the stream's columns
 * are asked for, so that several requests may be made before the first answer is awaited; a request and what it points to last
 * until its answer is closed.  What a driver does not know it refuses: the answer's end is ROWS_REFUSED, and general.h may know
 * another way.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "mem.h"
#include "rows.h"

/* The names of operations, of predicates' operators and of the fields of the facts below are also those of the helper
 * protocol (dbm-source.7). */
enum driver_operation {
	/* Rows of: name, kind ("file", "table", "view", "virtual", "system", "materialized view", "foreign table", "partitioned
	 * table", "partition"), rows_estimate, bytes, modified, format, compression, coverage (of a partitioned table: how many
	 * of its partitions the estimate is made of, "97/100"); NULL for what the catalog does not know.  Opens no table. */
	DRIVER_TABLES,
	/* Rows of: table, name, position (from 1), type, nullable, default, key (its place in the primary key), known
	 * ("declared", "sampled:N"). */
	DRIVER_COLUMNS,
	/* Rows of: table, name, columns, unique, origin ("index", "unique", "primary key", "exclusion", "rowid"), partial, sql;
	 * method ("btree", "hash" …), predicate (of a partial one: SQL), valid, building (somebody is making it now), replica
	 * (it identifies rows for replication), of (the index of a partitioned table of which it is a part), root (the table of
	 * that one), bytes, scans (since the counters began, on this server), since (when they began), those three where sizes
	 * are wanted, and known; clustered (CLUSTER sorts the table by it).  "rowid" is no index but a table of SQLite that is
	 * sorted by its INTEGER PRIMARY KEY: it finds rows as one does, is told of only where `leaves` are wanted, and can be
	 * neither made nor dropped; its name is "sqlite_rowid", which no index can have. */
	DRIVER_INDEXES,
	/* Rows of: table, name, columns, parent, parent_columns, on_update, on_delete; number (from 1, tells the keys of a
	 * table apart), found (its parent and the columns there exist), identified (they are a key there: primary or unique,
	 * and not partial), valid (existing rows have been looked at), root (where the table is a partition and the key that of
	 * the partitioned table: that table). */
	DRIVER_FOREIGN_KEYS,
	/* What indexes are sorted by, and what else they hold: rows of: table, index, position (from 1), column (NULL: it is an
	 * expression), expression (SQL), included (it is no key), descending, nulls_first, collation (that it is sorted by;
	 * NULL where its type has none), collated (which is not that of the column), family (of the operators it can find by: a
	 * name, the same for two indexes that find by the same; "" where it finds nothing), class (of operators; NULL where it
	 * is the type's usual one). */
	DRIVER_INDEX_KEYS,
	/* The columns of foreign keys: rows of: table, number (of the key), position (from 1), column, parent_column, collation
	 * (that an index must have there to find the rows of a parent; NULL: any), families (a list: an index must be of one of
	 * them; empty: none would do), collated (that collation is not the column's own). */
	DRIVER_FOREIGN_KEY_COLUMNS,
	/* All that a schema says of tables, each line as a text of dbm's own: rows of: table, kind ("table", "column", "primary
	 * key", "unique", "foreign key", "check", "exclusion", "index", "trigger", "publication" …), name, position (of a
	 * column), definition. */
	DRIVER_SCHEMA,
	/* How the database would answer `sql`, which is not run: rows of: step (from 1), parent (the step it is part of, or 0),
	 * access ("scan", "search", "sort", "other"), table, index, covering (the index alone was enough), detail (in the words
	 * of the database), rows (its estimate).  With `with`: as if it had these indexes too. */
	DRIVER_EXPLAIN,
	/* The rows of a table. */
	DRIVER_SCAN,
	/* One row of: records, lines, bytes, method ("exact", "continued", "estimate", "at-least"), low, high, as_of (of an
	 * estimate from statistics: when they were gathered, NULL where that is not known; NULL of others: it is as of now). */
	DRIVER_COUNT,
	/* One row of: stamp: a text that changes with every change of the rows of any table, or of the table asked about; NULL
	 * where there is no such thing. */
	DRIVER_STAMP,
	/* One row of: identity: a text that is another one where the same reference has come to lead to another server,
	 * database or user; NULL where there is no such thing. */
	DRIVER_IDENTITY,
	/* What the statistics of the database say of the columns of a table: rows of: name, type, rows (the estimate they are
	 * about), nulls (how many of them), distinct, width (mean bytes of a value), min, max, common (a JSON array of
	 * [value, share of the rows]), bounds (a JSON array of the bounds of ranges that hold as many rows each, the common
	 * values left out), as_of (when they were gathered).  Values are texts. */
	DRIVER_STATISTICS,
	/* What a database publishes for replication: rows of: name, tables (how many), all_tables, operations
	 * ("insert,update"), via_root. */
	DRIVER_PUBLICATIONS,
	/* The tables of one publication: rows of: table, publication, columns (NULL: all), filter (SQL), replica_identity
	 * ("default", "index", "full", "nothing"), identified (whether updates and deletes of its rows can be published; NULL
	 * where they are not to be, or where that is not known). */
	DRIVER_PUBLISHED,
	/* Who takes changes from the server: rows of: name, type ("logical slot", "physical slot", "standby"), active, state,
	 * lag (bytes of log not yet confirmed), retained (bytes of log held back for it), wal_status, safe_bytes (that may be
	 * written before it loses what it needs). */
	DRIVER_SLOTS,
	/* Changes, from here on.  Each is made at once, whole or not at all; what is there already, or gone already, is left.
	 * Rows of: phase ("blocked" by somebody, "waiting", "building" …; the last one is what became of it: "created",
	 * "there", "dropped", "absent", "analyzed", "switched"), done, total (of the phase, in units of its own), detail (for a
	 * person).
	 */
	DRIVER_CREATE_INDEX, /* `index` on `table`; an invalid one of its name is removed first */
	DRIVER_DROP_INDEX,   /* that of the name in `index` */
	DRIVER_ANALYZE,      /* gathers the statistics of `table` */
	DRIVER_WAL,          /* SQLite: write-ahead logging, as the file's own journal mode */
	DRIVER_OPERATIONS
};

/* How many fields they have. */
enum { DRIVER_TABLES_FIELDS = 8, DRIVER_COLUMNS_FIELDS = 8, DRIVER_INDEXES_FIELDS = 18, DRIVER_FOREIGN_KEYS_FIELDS = 12 };
enum { DRIVER_INDEX_KEYS_FIELDS = 12, DRIVER_FOREIGN_KEY_COLUMNS_FIELDS = 8, DRIVER_SCHEMA_FIELDS = 5 };
enum { DRIVER_EXPLAIN_FIELDS = 8, DRIVER_CHANGE_FIELDS = 4 };
enum { DRIVER_COUNT_FIELDS = 7, DRIVER_STAMP_FIELDS = 1, DRIVER_IDENTITY_FIELDS = 1, DRIVER_STATISTICS_FIELDS = 11 };
enum { DRIVER_PUBLICATIONS_FIELDS = 5, DRIVER_PUBLISHED_FIELDS = 6, DRIVER_SLOTS_FIELDS = 8 };

/* Which of a count's fields is the method. */
enum { DRIVER_COUNT_METHOD = 3 };

/* How much may be done for a count, or for what is made of rows.  A driver may do more than it was asked for. */
enum driver_effort {
	DRIVER_EXACT,
	DRIVER_ESTIMATE,    /* an estimate will do */
	DRIVER_OR_ESTIMATE, /* it will do once time has run out */
};

enum driver_which { DRIVER_HEAD, DRIVER_TAIL, DRIVER_SAMPLE };

/* A row is wanted where the value of `column` stands in the relation `op` to `value`: "=", "<>", "<", "<=", ">", ">="; or where
 * it "is null" or "is not null", which have no value.  Values are text, compared as the column's type says. */
struct driver_predicate {
	const char *column, *op, *value;
};

struct driver_order {
	const char *column;
	int descending;
};

/* What an index is to be. */
struct driver_key {
	const char *text; /* the name of a column; or SQL */
	int expression;   /* it is that */
	int descending;
	enum driver_nulls { DRIVER_NULLS_USUAL, DRIVER_NULLS_FIRST, DRIVER_NULLS_LAST } nulls;
	const char *collation, *class; /* of operators; NULL: the usual ones */
};
struct driver_index {
	const char *name;
	const struct driver_key *keys;
	size_t nkeys;
	const char *const *include; /* columns that it holds besides */
	size_t ninclude;
	int unique;
	const char *method;    /* NULL: "btree" */
	const char *predicate; /* SQL; NULL: it is of all rows */
};

struct driver_request {
	enum driver_operation operation;
	const char *table; /* which one; NULL where the database is one table, or facts about all are wanted */
	/* tables */
	int all;   /* hidden and system ones too, and partitions */
	int sizes; /* `bytes` is wanted, even where it takes more than the catalog */
	/* tables, columns, indexes, index_keys, foreign_keys, foreign_key_columns */
	int leaves; /* partitions too, those of `table` where one is given; `sizes` of indexes: `bytes`, `scans` and `since` */
	/* published */
	const char *publication;
	/* explain */
	const char *sql;         /* one statement */
	const char *const *with; /* statements that make indexes */
	size_t nwith;
	/* changes */
	const struct driver_index *index;
	uint64_t wait, lock_timeout; /* milliseconds: for whoever is in the way; for a lock behind which others would wait */
	/* scan */
	const char *const *columns; /* names or numbers from 1; all columns where there are none */
	size_t ncolumns;
	uint64_t limit, offset;  /* rows to give, rows to pass first */
	enum driver_which which; /* the first `limit` behind the offset, the last, or any, in their order */
	size_t width;            /* bytes a cell may have; 0: all.  A cut cell says so */
	const struct driver_predicate *where;
	size_t nwhere; /* all of them must hold */
	const struct driver_order *order;
	size_t norder;
	const struct rows_column *known; /* the columns that this answer had when it was asked for before: a guess, */
	size_t nknown;                   /* that may save a look at the catalog, and may be wrong */
	int types;                       /* the columns' types are wanted */
	uint64_t seed;    /* of what is taken at random: the same seed takes the same; 0: another one each time */
	int csv;          /* a row may come as a line of CSV instead of as cells (rows.h) */
	unsigned threads; /* that read a whole table; 0: as many as there are processors */
	/* count */
	uint64_t at_least; /* enough to know; 0: count all */
	enum driver_effort effort;
	const char *lines_of; /* the lines are the newlines in this column; NULL: those of the text */
};

struct driver_database;

struct driver {
	const char *name;
	/* The answer, in the arena; the caller closes it, and before the database. */
	struct rows *(*ask)(struct driver_database *db, struct mem *m, const struct driver_request *request);
	/* All rows of a table, in batches: what a scan gives, faster.  Of the request, `table`, `columns` and `threads` count.
	 * Warnings go to `notes`.  NULL: it has no faster way. */
	int (*batches)(struct driver_database *db, struct mem *m, const struct driver_request *request,
	    const struct batch_sink *sink, struct rows *notes, struct fail *f);
	void (*close)(struct driver_database *db);
};

/* Of whom keeps what a server answers: what it has said of itself on this connection (identity.h). */
struct driver_contact {
	enum driver_contact_state { DRIVER_UNASKED, DRIVER_ASKED, DRIVER_SAME, DRIVER_ANOTHER } state;
	struct rows *identity; /* while it is asked */
};

/* What a driver opens begins with this. */
struct driver_database {
	const struct driver *driver;
	int lost; /* it will answer nothing any more */
	struct driver_contact contact;
};

/* The columns of the answers that are facts; none for a scan, which has those of its table. */
struct driver_fields {
	const struct rows_column *columns;
	size_t n;
};
extern const struct driver_fields driver_fields[DRIVER_OPERATIONS];

/* True for an operation that changes the database. */
int driver_changes(enum driver_operation operation);

/* A stream of such an answer, as rows_made() makes it. */
struct rows *driver_made(
    struct mem *m, enum driver_operation operation, int (*fill)(struct rows *r, void *arg, struct fail *f), void *arg);

#endif
