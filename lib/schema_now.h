/*
 * schema_now: the schema of a database as it is now, asked through operands.h.
 *
 * A folder of delimited texts is a database like others here: its files are looked at when the folder is asked.
 */
#ifndef SCHEMA_NOW_H
#define SCHEMA_NOW_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "mem.h"
#include "operands.h"
#include "question.h"
#include "rows.h"
#include "schema.h"
#include "source.h"
#include "tool.h"

/* When each source was asked. */
struct schema_asked;

/* One a command. */
struct schema_now {
	struct tool_run *run;
	int whole; /* which tables there are is asked, too; nothing old will do, and no part of a table */
	/* private */
	struct source_options options;
	struct schema_asked *asked;
};

/* What a source has answered. */
struct schema_answer {
	struct schema schema;
	const char *database; /* its key (schema_key.h); NULL: it has none */
	const char *table;    /* the one meant, as its driver calls it; NULL: all of the database */
	int64_t asked;        /* nanoseconds since 1970; of what was kept to the second */
	const char **names;   /* of all tables that are there, sorted; where that was asked and `table` is NULL */
	size_t nnames;
	const char *notes; /* a line for each thing that could not be had */
	size_t notes_len;
};

/* Begins, and fills what of the loop is about asking. */
void schema_now_start(struct schema_now *n, struct tool_run *run, int whole, struct operands *o);

/* Reads the answers, to the end, into the arena, and says their notes.  The result is what the worker may return. */
enum operands_result schema_now_read(struct schema_now *n, struct mem *m, struct source *s, const char *ref,
    struct rows *const *rows, struct schema_answer *a, struct fail *f);

/* True where the table is there, or that was not asked. */
int schema_now_has(const struct schema_answer *a, const char *table);

#endif
