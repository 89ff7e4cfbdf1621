/*
 * ref: references to databases and tables, as text (dbm.7, REFERENCES).
 *
 *     DATABASE     a path, `csv:-`, SCHEME:…, @NAME
 *     TABLE        DATABASE#TABLE, or the path of a delimited file
 *
 * This module only reads and writes the text.  What is there is looked up by source.h, because the grammar asks it: text is
 * decoded first and, where nothing is there, taken as it stands.
 */
#ifndef REF_H
#define REF_H

#include <stddef.h>

#include "buf.h"
#include "fail.h"
#include "mem.h"

/* What a text may mean, in the order in which to try.  Strings are NUL-terminated, in the arena. */
struct ref {
	const char *text;      /* as given */
	const char *database;  /* decoded, up to the last `#` if there is one */
	const char *table;     /* decoded, behind the last `#`; NULL where there is none */
	const char *qualified; /* the table as a server's helper takes it (ref_qualified()) */
	const char *scheme;    /* "postgresql" of postgresql://…; NULL where the text does not begin like one */
	int standard_input;    /* `csv:-` */
	int registered;        /* `@NAME…` */
	int raw;               /* a name as another program gave it: to be tried as it stands before it is decoded */
};

/* Splits and decodes; `raw` is only passed on.  -1 for an empty text, and for a URI that would be taken apart inside of its
 * password (secret.h). */
int ref_parse(struct mem *m, const char *text, int raw, struct ref *ref, struct fail *f);

/* Appends a path as a reference: `%`, `#`, `\`, control characters and bytes that are not UTF-8 as %HH.  A path that would
 * read as a flag, a scheme, a registered name, JSON or the header of a list gets `./` in front. */
void ref_path(struct buf *b, const char *path);

/* Appends a table's or a column's name: as in a path, and blanks, dots and commas too. */
void ref_name(struct buf *b, const char *name, size_t len);

/* Appends the name of a table on a server, which may have several parts with dots between them: as in a path, and blanks and
 * commas too.  Inside a part a dot is %2E and a percent sign %25, and stays so. */
void ref_qualified(struct buf *b, const char *name, size_t len);

/* Appends a part of such a name as it is: its dots as %2E, its percent signs as %25. */
void ref_part(struct buf *b, const char *part, size_t len);

/* Appends a server's reference, SCHEME:…, as it was given but for a password, which is left out, and for control characters. */
void ref_server(struct buf *b, const char *text);

/* True where the text is a server's reference, if any, and has a password in it. */
int ref_has_password(const char *text);

/* Appends a reference that came to nothing, for a sentence about it: whatever might be a server's password is left out. */
void ref_redact(struct buf *b, const char *text);

/* The names in a list such as `a,b%2C,3`: separated by commas and decoded, in the arena. */
const char *const *ref_names(struct mem *m, const char *list, size_t *n);

/* The text with each %HH replaced by its byte, but for %00, which stays; in the arena. */
const char *ref_decoded(struct mem *m, const char *text, size_t len);

/* The same for (a part of) the name of a table on a server, in which %2E and %25 stay (ref_qualified()). */
const char *ref_decoded_qualified(struct mem *m, const char *text, size_t len);

#endif
