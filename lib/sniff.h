/*
 * sniff: which delimiter a text has.
 *
 * The first records of a bounded prefix are split under each candidate (comma, tab, semicolon, pipe).  The one under which
 * most records are well-formed and as wide as most of them wins; a candidate under which most, or the first, have one field is
 * none.  On a tie the earlier candidate of the list wins, and where there is no winner, the first.
 */
#ifndef SNIFF_H
#define SNIFF_H

#include <stddef.h>

enum {
	SNIFF_BYTES = 32 * 1024, /* the longest prefix looked at */
	SNIFF_LINES = 100,       /* the most line ends looked at */
};

/* What the header alone says, as most do: 1 where no candidate but `hint` stands in it, so that this is the delimiter; 0 where
 * more must be looked at; -1 where its end is not in text[0..len) and more text would help. */
int sniff_header(const char *text, size_t len, int whole, char hint);

/* The delimiter of text[0..len).  `whole`: the text ends there; else a record cut off by the end of the prefix is not
 * looked at.  `hint` is the candidate to prefer (a tab for a name in .tsv, else a comma). */
char sniff_delimiter(const char *text, size_t len, int whole, char hint);

/* How much of text[0..len) to look at: the first SNIFF_LINES lines, at most SNIFF_BYTES; *enough says that more text would
 * not change that. */
size_t sniff_prefix(const char *text, size_t len, int *enough);

#endif
