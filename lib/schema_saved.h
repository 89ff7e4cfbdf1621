/*
 * schema_saved: what dbm-schema has printed, in tsv or json, read again.
 *
 * Of a reference only what names the table counts, so that what was printed on another machine, or of another copy of the
 * database, can be compared.
 */
#ifndef SCHEMA_SAVED_H
#define SCHEMA_SAVED_H

#include "fail.h"
#include "mem.h"
#include "schema.h"
#include "watch.h"

/* Reads the file at `path`, "-" for standard input, into the empty *s, sorted: 1; 0 where there is no file of that name, or one
 * that is something else, but no pipe; -1 where it cannot be read, or a line of it. */
int schema_saved_read(struct schema *s, struct mem *m, const char *path, struct watch *w, struct fail *f);

/* The same of text at hand. */
int schema_saved_parse(struct schema *s, struct mem *m, const char *text, size_t len, struct fail *f);

#endif
