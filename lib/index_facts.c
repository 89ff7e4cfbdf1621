#include "index_facts.h"

#include <string.h>

#include "catalog.h"

void
index_facts_ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	(void)arg, (void)m;
	catalog_questions(s, 1, q);
}

int
index_facts_lack(struct rows *const *rows, const char *table)
{
	size_t len = strlen(table);

	for (size_t i = 0; i < CATALOG_QUESTIONS; i++) {
		const char *note = rows[i]->faults > 0 ? buf_string(&rows[i]->notes) : NULL;

		for (; note != NULL; note = strchr(note, '\n')) {
			note += *note == '\n';
			if (strncmp(note, table, len) == 0 && strncmp(note + len, ": ", 2) == 0)
				return 1;
		}
	}
	return 0;
}

/* What is wrong with a table is often noted with each answer about it. */
static int
was_said(struct rows *const *rows, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (rows[k]->notes.len == rows[i]->notes.len &&
		    (rows[i]->notes.len == 0 || memcmp(rows[k]->notes.bytes, rows[i]->notes.bytes, rows[i]->notes.len) == 0))
			return 1;
	}
	return 0;
}

enum operands_result
index_facts_end(const struct tool_run *run, const char *ref, struct rows *const *rows)
{
	unsigned faults = 0;

	for (size_t i = 0; i < CATALOG_QUESTIONS; i++) {
		if (!was_said(rows, i))
			tool_notes(run, ref, rows[i]);
		faults += rows[i]->faults;
	}
	return faults > 0 ? OPERANDS_PARTLY : OPERANDS_DONE;
}
