/*
 * text: bytes of data as the inside of each output format.
 *
 * Data are hostile: whatever goes to a terminal goes through text_show(), which lets no byte act on it.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

#include "buf.h"

/* Printable UTF-8 as it stands; control characters, invisible formatting and bytes that are not UTF-8 as \n, \t, \x1b or
 * \u202e.  The result takes one line. */
void text_show(struct buf *b, const char *bytes, size_t len);

/* As text_show(), but at most `columns` columns of a terminal wide: what is longer ends in `…` within them.  Returns the
 * columns used. */
size_t text_fit(struct buf *b, const char *bytes, size_t len, size_t columns);

/* The same for what matters most at its end: what is longer begins with `…`. */
size_t text_fit_end(struct buf *b, const char *bytes, size_t len, size_t columns);

/* PostgreSQL's COPY text form: backslash, tab, newline … escaped; other bytes that could act on a terminal, or are not
 * UTF-8, as \xHH, which COPY reads too.  (PostgreSQL 15, COPY, "Text Format".) */
void text_tsv(struct buf *b, const char *bytes, size_t len);

/* Between double quotes, those inside of it doubled: a cell of RFC 4180, and a name in SQL. */
void text_quoted(struct buf *b, const char *bytes, size_t len);

/* RFC 4180: quoted where it must be (TEXT_CELL), also where another delimiter stands in it (TEXT_NAME), or always.  Empty is
 * `""`, because nothing at all is NULL. */
enum text_quoting { TEXT_CELL, TEXT_NAME, TEXT_ALWAYS };

void text_csv(struct buf *b, const char *bytes, size_t len, enum text_quoting quoting);

/* The inside of a cell of a Markdown table: nothing in it can end the cell or be read as markup. */
void text_markdown(struct buf *b, const char *bytes, size_t len);

/* RFC 4648 base64. */
void text_base64(struct buf *b, const char *bytes, size_t len);

#endif
