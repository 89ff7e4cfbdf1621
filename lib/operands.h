/*
 * operands: the one loop of every program, each operand → worker.
 *
 * Operands are references; `-` stands for those on standard input, one a line: a reference up to its first tab, or the `ref`
 * member of a JSON object (NUL-separated references with --null).  An operand that fails is complained about and the others
 * are still done.
 */
#ifndef OPERANDS_H
#define OPERANDS_H

#include "fail.h"
#include "mem.h"
#include "source.h"
#include "tool.h"

/* What a worker says of an operand. */
enum operands_result {
	OPERANDS_FAILED = -1, /* nothing came of it; the sentence says why */
	OPERANDS_DONE,
	OPERANDS_PARTLY, /* something did; the worker has complained about the rest */
	OPERANDS_JUDGED, /* private: its tables have been judged one by one */
	OPERANDS_STOP,   /* no use to go on: stdout takes nothing more */
};

struct operands {
	struct tool_run *run;
	struct reader_options reader;
	int tables; /* the worker wants tables: a database is done table by table, and without operands references are
		     * read from standard input */
	/* `ref` is the reference to print; it and the arena last until the worker returns. */
	enum operands_result (*worker)(void *arg, struct mem *m, struct source *s, const char *ref, struct fail *f);
	void *arg;
	/* private */
	int standard_input; /* readers of it so far */
	unsigned done, failed;
	int stop;
};

/* Does all operands; returns the exit status they make. */
int operands_each(struct operands *o);

#endif
