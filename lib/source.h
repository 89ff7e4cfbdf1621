/*
 * source: a reference → an open database.
 *
 * Looks up what a reference may mean (ref.h): decoded first, then, where nothing is there, as it stands.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "cache.h"
#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "pool.h"
#include "proof.h"
#include "reader.h"
#include "ref.h"
#include "watch.h"

struct source_options {
	struct watch *watch;
	struct reader_options reader; /* how delimited text is read */
	int *standard_input;          /* set once standard input is somebody's; a second user is refused */
	struct cache *cache;          /* for what a driver keeps there (csv_index.h, csv_growth.h); NULL: nothing */
	int refresh;                  /* and does not look for first */
	struct pool *helpers;         /* where databases that helpers open are kept; not full */
};

struct source {
	struct driver_database *database;
	const char *path;   /* of the folder or the file; NULL for standard input and servers */
	const char *server; /* SCHEME:…, as it was given; NULL for what has a path */
	const char *scheme; /* of the helper that opens it; NULL: none does */
	int folder;         /* its tables are files: each is a source of its own */
	int shared;         /* it is in the pool, and may be asked again before it has answered */
	int compressed;     /* a program has to be started to read it */
	int link;           /* the path is one */
	int unreachable;    /* its file is there, or was, and cannot be reached now: it answers nothing */
	const char *table;  /* the table meant; NULL where the database is one table, or all are meant */
	uint64_t size;      /* bytes of the file */
	int64_t seen;       /* by stamp_now(), just before the file was looked at; 0: it is none, or has been asked since */
	struct proof proof; /* of the file, before any of it was read; PROOF_NONE: of what has no such thing */
};

/* Opens what `ref` means.  Everything it needs is in the arena. */
int source_open(struct source *s, struct mem *m, const struct ref *ref, const struct source_options *o, struct fail *f);

/* Opens the file of the table `name` of an open folder. */
int source_open_table(struct source *s, struct mem *m, const struct source *folder, const char *name,
    const struct source_options *o, struct fail *f);

/* The same database again, for a process that has no helpers yet: the one of a server. */
int source_again(struct source *s, const struct source *before, const struct source_options *o, struct fail *f);

/* The proof of a local file as it is now; PROOF_NONE where it cannot be had. */
struct proof source_prove(const struct source *s);

/* The answer to a request, which lasts as long; close it before the source. */
struct rows *source_ask(struct source *s, struct mem *m, const struct driver_request *request);

/* The reference of the table `name` of this source, in the arena; NULL: of the source itself. */
const char *source_ref(const struct source *s, struct mem *m, const char *name);

void source_close(struct source *s);

#endif
