/*
 * opt: the flag table.
 *
 * One table a program (and one that all share) feeds parsing, --help and --describe; completions and the checks of man pages
 * are made from --describe.  Long names are not abbreviated; flags may stand behind operands, `--` ends them.
 */
#ifndef OPT_H
#define OPT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fail.h"
#include "mem.h"

/* What a flag takes, and the type of the field it fills. */
enum opt_kind {
	OPT_FLAG,     /* nothing; int, set to 1 */
	OPT_YES_NO,   /* yes, true, on or 1: int 1; no, false, off or 0: int 0 */
	OPT_NUMBER,   /* a whole number in [min, max]; uint64_t */
	OPT_DURATION, /* number_duration(); int64_t nanoseconds */
	OPT_SIZE,     /* number_size(); uint64_t bytes */
	OPT_TEXT,     /* const char *, borrowed from argv */
	OPT_CHOICE,   /* one of `choices`; int, its index + 1 */
	OPT_MAYBE,    /* --name or --name=TEXT; const char *, "" where there is no text */
};

struct opt {
	char letter; /* 0: has none */
	const char *name;
	enum opt_kind kind;
	const char *arg; /* what --help calls the argument; NULL for OPT_FLAG */
	const char *help;
	size_t at;                  /* offsetof() the field */
	unsigned exclusive;         /* of the flags with the same number, one may be given; 0: no limit */
	uint64_t min, max;          /* OPT_NUMBER; a max of 0 is no limit */
	const char *const *choices; /* OPT_CHOICE; ends with NULL */
};

/* A table and the struct that it fills, which the caller has set to the defaults. */
struct opt_table {
	const struct opt *opts;
	size_t n;
	void *fields;
};

/* A flag that was given, with its value as it was written; "yes" for an OPT_FLAG. */
struct opt_given {
	const char *name, *value;
	const struct opt_given *before; /* the one given before it, or NULL */
};

/* What a command line holds, in the arena. */
struct opt_call {
	const char **operands; /* in their order */
	size_t noperands;
	const struct opt_given *given; /* the last flag; NULL: none */
};

/* Parses argv[1..argc) into the fields of the tables and *call.  -1 and a sentence for what is wrong. */
int opt_parse(struct mem *m, const struct opt_table *tables, size_t ntables, int argc, char *const argv[],
    struct opt_call *call, struct fail *f);

/* Parses a value as the flag takes it, any but an OPT_FLAG, into its field.  -1 and a sentence that does not name the flag. */
int opt_value(const struct opt *o, const char *value, void *fields, struct fail *f);

/* The lines of --help about the flags. */
void opt_help(struct buf *b, const struct opt_table *tables, size_t ntables);

/* One line a flag, tab-separated: letter, name, kind, argument, choices (comma-separated), help; empty where there is none. */
void opt_describe(struct buf *b, const struct opt_table *tables, size_t ntables);

#endif
