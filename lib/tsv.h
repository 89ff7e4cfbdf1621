/*
 * tsv: lines of text_tsv()'s form, read again: what dbm prints, and keeps for itself.
 */
#ifndef TSV_H
#define TSV_H

#include <stddef.h>

#include "buf.h"
#include "mem.h"

/* Appends a field, `\N` for NULL. */
void tsv_put(struct buf *b, const char *text);

/* The next line of *p, which ends at `end`: its length, *line, and *p behind its newline.  0 where there is none; an empty one
 * is 1 as any other.  The last one need not end. */
int tsv_line(const char **p, const char *end, const char **line, size_t *len);

/* Takes a line apart into fields[0..room), NULL for `\N`, in the arena: how many there are; -1 where there are more, where an
 * escape is none, and where one is a NUL byte, which no text of dbm's has. */
long tsv_fields(struct mem *m, const char *line, size_t len, const char **fields, size_t room);

#endif
