/*
 * json: finds one string member of one line, and writes strings; nothing more.
 */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>

#include "buf.h"

/* Looks in the JSON object line[0..len) (RFC 8259) for the member `key` of the outermost level and appends its string,
 * unescaped, to `value`.  1: found; 0: a whole object without it, or where it is not a string; -1: not an object.
 * Of several members with that name the first is taken.  Nesting deeper than 64 levels counts as not an object. */
int json_member(const char *line, size_t len, const char *key, struct buf *value);

/* True where the bytes are a JSON number, `true` or `false` and may stand without quotes. */
int json_bare(const char *bytes, size_t len);

/* Appends bytes as the inside of a JSON string: UTF-8 as it stands but for what could act on a terminal, which goes as
 * \u escapes.  The bytes must be valid UTF-8. */
void json_escape(struct buf *b, const char *bytes, size_t len);

#endif
