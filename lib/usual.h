/*
 * usual: what the programs ask about a reference when they are given no flags.
 */
#ifndef USUAL_H
#define USUAL_H

#include "fail.h"
#include "mem.h"
#include "question.h"
#include "source.h"

enum usual {
	USUAL_LIST, /* dbm-list, of a database */
	USUAL_COLUMNS,
	USUAL_INDEXES,
	USUAL_FOREIGN_KEYS, /* dbm-list -k, of a database or a table */
	USUAL_SCHEMA,       /* dbm-schema, of the same */
	USUAL_PREVIEW,
	USUAL_COUNT,
	USUAL_PROFILE, /* of a table */
	USUALS
};

/* What is wanted, from a list such as `list,schema`: a bit (1 << enum usual) each. */
int usual_kinds(const char *list, unsigned *kinds, struct fail *f);

/* Asks it of the source's table, or of a database where that is NULL.  Who asks beforehand is in no hurry: one thread reads. */
void usual_question(struct question *q, struct mem *m, enum usual what, const struct source *s);

#endif
