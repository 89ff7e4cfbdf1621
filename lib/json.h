/*
 * json: finds one string member of one line, reads lists of strings and numbers, and writes strings; nothing more.
 */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>

#include "buf.h"

/* Looks in the JSON object line[0..len) (RFC 8259) for the member `key` of the outermost level and appends its string,
 * unescaped, or the bytes of {"b64":"…"}, to `value`.  1: found; 0: a whole object without it, or where it is neither; -1: not
 * an object.  Of several members with that name the first is taken.  Nesting deeper than 64 levels counts as not an object. */
int json_member(const char *line, size_t len, const char *key, struct buf *value);

/* Text that is read piece by piece, for who knows what it is to hold.  Blanks before a piece are passed. */
struct json {
	const char *p, *end; /* what is left */
};

/* True where `c`, a bracket, comma or colon, comes next: it is passed. */
int json_take(struct json *t, char c);

/* A string is appended to `b`, unescaped; a number is the nearest double.  -1: it is none. */
int json_string(struct json *t, struct buf *b);
int json_number(struct json *t, double *v);

/* Whatever value comes next is passed.  -1: it is none, or deeper than 64 levels. */
int json_skip(struct json *t);

/* True where the bytes are a JSON number, `true` or `false` and may stand without quotes. */
int json_bare(const char *bytes, size_t len);

/* Appends bytes as the inside of a JSON string: UTF-8 as it stands but for what could act on a terminal, which goes as
 * \u escapes.  The bytes must be valid UTF-8. */
void json_escape(struct buf *b, const char *bytes, size_t len);

#endif
