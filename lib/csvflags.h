/*
 * csvflags: how delimited text is read, as flags: for every program that reads it.
 */
#ifndef CSVFLAGS_H
#define CSVFLAGS_H

#include "fail.h"
#include "opt.h"
#include "reader.h"

struct csvflags {
	const char *delimiter, *encoding;
	int no_header;
};

extern const struct opt csvflags_table[];
extern const size_t csvflags_count;

/* Checks what was given and makes it the reader's. */
int csvflags_options(const struct csvflags *flags, struct reader_options *o, struct fail *f);

#endif
