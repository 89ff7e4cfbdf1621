#include "index_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "catalog.h"
#include "finding.h"
#include "index_fk.h"
#include "index_invalid.h"
#include "index_redundant.h"
#include "operands.h"
#include "ref.h"

/* The kinds of findings, in the order in which they are printed. */
static const struct check {
	const char *name;
	void (*judge)(const struct catalog *c, struct findings *all);
} checks[] = {
    {"fk", index_fk},
    {"invalid", index_invalid},
    {"dup", index_redundant},
};

enum { CHECKS = sizeof checks / sizeof *checks };

struct checking {
	struct tool_run *run;
	const struct index_flags *flags;
	unsigned kinds; /* a bit each */
	int found;      /* an error or a warning was printed */
};

/* --check=fk,dup: which bits.  Without a list all. */
static int
read_kinds(struct checking *c, struct fail *f)
{
	const char *const *names;
	size_t n = 0;

	c->kinds = c->flags->check != NULL && *c->flags->check == '\0' ? (1U << CHECKS) - 1 : 0;
	if (c->flags->check == NULL || *c->flags->check == '\0')
		return 0;
	names = ref_names(&c->run->mem, c->flags->check, &n);
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < CHECKS && strcmp(names[i], checks[k].name) != 0)
			k++;
		if (k == CHECKS)
			return fail_set(f, "--check: no such kind: %.100s", names[i]);
		c->kinds |= 1U << k;
	}
	return 0;
}

static void
ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	(void)arg, (void)m;
	catalog_questions(s, 1, q);
}

static int
print(struct checking *c, struct mem *m, const struct source *s, const struct finding *f)
{
	struct rows_cell cells[FINDING_FIELDS];

	finding_record(f, source_ref(s, m, s->folder || s->shared ? f->table : NULL), cells);
	c->found |= f->severity != FINDING_NOTICE;
	return out_row(c->run->out, cells, FINDING_FIELDS);
}

static enum operands_result
check(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct checking *c = arg;
	struct catalog catalog;
	struct findings all = {.m = m, .dialect = s->server != NULL ? INDEX_SQL_POSTGRESQL : INDEX_SQL_SQLITE};
	unsigned faults = 0;
	int full = 0;

	if (catalog_read(&catalog, m, rows, f) < 0)
		return OPERANDS_FAILED;
	for (size_t i = 0; i < CHECKS; i++) {
		if (c->kinds >> i & 1)
			checks[i].judge(&catalog, &all);
	}
	out_known(c->run->out, rows[2]);
	for (size_t i = 0; i < all.n && !full; i++)
		full = print(c, m, s, &all.list[i]) < 0;
	for (size_t i = 0; i < CATALOG_QUESTIONS; i++) {
		tool_notes(c->run, ref, rows[i]);
		faults += rows[i]->faults;
	}
	return full ? OPERANDS_STOP : faults > 0 ? OPERANDS_PARTLY : OPERANDS_DONE;
}

int
index_check(struct tool_run *run, const struct index_flags *flags)
{
	struct checking c = {.run = run, .flags = flags};
	struct operands o = {
	    .run = run, .questions = CATALOG_QUESTIONS, .ask = ask, .worker = check, .arg = &c, .standard_input = 1};
	struct fail f;
	int status;

	if (read_kinds(&c, &f) < 0)
		return tool_misuse(run, f.text);
	out_begin(run->out, OUT_FACTS, NULL, finding_columns, FINDING_FIELDS);
	status = operands_each(&o);
	tool_end(run, NULL);
	return status == TOOL_DONE && c.found ? TOOL_NO : status;
}
