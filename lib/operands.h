/*
 * operands: the one loop of every program, each operand → ask → worker.
 *
 * Operands are references; `-` stands for those on standard input, one a line: a reference up to its first tab, or the `ref`
 * member of a JSON object (NUL-separated references with --null).  An operand that fails is complained about and the others
 * are still done.
 *
 * What a helper answers is asked for ahead: operands are collected, all of them asked, and then worked on in their order, so
 * that a server gets their requests at once.
 */
#ifndef OPERANDS_H
#define OPERANDS_H

#include "answer.h"
#include "buf.h"
#include "fail.h"
#include "mem.h"
#include "pool.h"
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

/* Which operands are done table by table, each as an operand of its own. */
enum operands_split {
	OPERANDS_WHOLE,   /* none */
	OPERANDS_FOLDERS, /* folders, whose tables are files */
	OPERANDS_TABLES,  /* every database */
};

enum { OPERANDS_QUESTIONS = 6 }; /* at most, of one source */

struct job;

struct operands {
	struct tool_run *run;
	struct reader_options reader;
	enum operands_split split;
	int standard_input; /* without operands references are read there */
	size_t questions;   /* how many are asked of each; 0: one */
	/* Says what is asked of a source: fills that many; what they point to lives in the arena or as long as the command. */
	void (*ask)(void *arg, struct mem *m, const struct source *s, struct question *q);
	/* Does something with the answers, which are closed behind it.  `ref` is the reference to print; it and the arena last
	 * until the worker returns. */
	enum operands_result (*worker)(
	    void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f);
	/* Instead of the two: is given each operand as text, and nothing is opened.  `raw` as in ref.h. */
	enum operands_result (*take)(void *arg, const char *text, int raw, struct fail *f);
	void *arg;
	/* private */
	int readers; /* of standard input so far */
	unsigned done, failed;
	int stop;
	int warned; /* of a password in a reference */
	int more;   /* operands may follow those that have been asked for */
	struct pool helpers;
	struct answers *answers;
	struct job *first, *last; /* asked, to be worked on in this order */
	size_t jobs;
	struct buf shown; /* the operand at work, as it may be printed */
};

/* Does all operands; returns the exit status they make. */
int operands_each(struct operands *o);

#endif
