/*
 * index_facts: what those who look at the indexes of databases ask of each, and what there is to say behind the answers.
 */
#ifndef INDEX_FACTS_H
#define INDEX_FACTS_H

#include "operands.h"
#include "question.h"
#include "source.h"

/* An ask() of operands.h: all that a catalog is made of, with sizes and scans. */
void index_facts_ask(void *arg, struct mem *m, const struct source *s, struct question *q);

/* True where something about the table could not be had, as the notes of an answer say: what is missing there is not known to
 * be missing.  Behind catalog_read(). */
int index_facts_lack(struct rows *const *rows, const char *table);

/* Says the notes of the answers, each once; how it went. */
enum operands_result index_facts_end(const struct tool_run *run, const char *ref, struct rows *const *rows);

#endif
