/*
 * settings: what a user sets once for many runs (dbm.7, SETTINGS).
 *
 * A setting comes from its flag; else from the environment variable DBM_NAME, with `_` for `-`, unless that is empty; else from
 * the file $XDG_CONFIG_HOME/dbm/config, or $HOME/.config/dbm/config where XDG_CONFIG_HOME is no absolute path (XDG Base
 * Directory Specification 0.8); else it has its default.
 *
 * The file: lines `name = value`, of which the last one for a name counts; blank lines; lines that begin with `#`.  Blanks
 * around a name and a value are no part of them, and neither is a carriage return at the end of a line.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "mem.h"
#include "opt.h"

enum {
	SETTINGS = 10,
	SETTINGS_LARGEST = 64 * 1024, /* bytes of the file */
};

struct setting {
	struct opt value;   /* its name, its kind, one line of help; `at` is in struct settings */
	const char *preset; /* the default, as text; NULL: none */
};

extern const struct setting settings_table[SETTINGS];

/* Where a value comes from. */
struct settings_from {
	const char *text;  /* as it was written, such as "5m"; NULL: none */
	const char *where; /* "default", "DBM_TTL", "~/.config/dbm/config:3" or "--ttl" */
};

struct settings {
	int format;                          /* enum out_format + 1; 0: none */
	int64_t timeout, ttl, swr, sie;      /* nanoseconds; a timeout of 0 is none */
	int strict, background, metrics;     /* 1 or 0 */
	uint64_t cache_limit;                /* bytes */
	const char *trace;                   /* NULL: none */
	struct settings_from from[SETTINGS]; /* in the order of the table */
};

/* The file, as it was read; `text` is empty where there is none. */
struct settings_file {
	const char *path, *text; /* in the arena */
	size_t len;
};

/* Reads the file.  -1 where there is one that cannot be read, is no plain file or over SETTINGS_LARGEST; what is behind a
 * folder that may not be searched is not there.  Costs one system call where there is no file, and never waits for a writer. */
int settings_read(struct mem *m, struct settings_file *file, struct fail *f);

/* Decides each setting; texts are in the arena, the environment or the flags.  -1 and a sentence that begins with the place of
 * what is wrong: anywhere in the file, or in a variable without a flag that decides in its stead. */
int settings_load(
    struct mem *m, struct settings *s, const struct settings_file *file, const struct opt_given *flags, struct fail *f);

#endif
