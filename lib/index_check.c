#include "index_check.h"

#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "definition.h"
#include "finding.h"
#include "index_baseline.h"
#include "index_facts.h"
#include "index_fk.h"
#include "index_invalid.h"
#include "index_redundant.h"
#include "index_scans.h"
#include "index_unusable.h"
#include "index_unused.h"
#include "index_wanted.h"
#include "operands.h"
#include "ref.h"
#include "schema_key.h"
#include "stamp.h"
#include "want.h"

/* The kinds of findings, in the order in which they are printed. */
static const struct check {
	const char *name;
	void (*judge)(const struct catalog *c, struct findings *all);
	int counters; /* it goes by, or tells, sizes and scans */
} checks[] = {
    {"fk", index_fk, 0},
    {"invalid", index_invalid, 1},
    {"unusable", index_unusable, 1},
    {"dup", index_redundant, 1},
    {"unused", index_unused, 1},
};

enum { CHECKS = sizeof checks / sizeof *checks, ALL = (1U << CHECKS) - 1, UNUSED = CHECKS - 1 };

static const int64_t SECOND = 1000000000;

struct checking {
	struct tool_run *run;
	const struct index_flags *flags;
	unsigned kinds; /* a bit each */
	int64_t now;    /* seconds since 1970 */
	struct wants wants;
	struct index_baseline baseline;
	struct catalog *replicas;
	size_t nreplicas;
	int found;  /* an error or a warning was printed */
	int warned; /* that counters could not be kept */
};

/* --check=fk,dup: which bits.  Without a list all. */
static int
read_kinds(struct checking *c, struct fail *f)
{
	const char *const *names;
	size_t n = 0;

	if (c->flags->check == NULL)
		return 0;
	c->kinds = *c->flags->check == '\0' ? ALL : 0;
	names = ref_names(&c->run->mem, c->flags->check, &n);
	for (size_t i = 0; i < n && c->kinds != ALL; i++) {
		size_t k = 0;

		while (k < CHECKS && strcmp(names[i], checks[k].name) != 0)
			k++;
		if (k == CHECKS)
			return fail_set(f, "--check: no such kind: %.100s", names[i]);
		c->kinds |= 1U << k;
	}
	return 0;
}

/* Replicas */

static enum operands_result
read_replica(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct checking *c = arg;

	(void)m, (void)s;
	if (catalog_read(&c->replicas[c->nreplicas], &c->run->mem, rows, f) < 0)
		return OPERANDS_FAILED;
	c->nreplicas++;
	return index_facts_end(c->run, ref, rows);
}

/* True behind a comma where another reference begins: a host of several may have a port, which begins with a digit. */
static int
begins_reference(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-");

	return *text == '@' || (n > 0 && text[n] == ':' && strspn(text + n + 1, "0123456789") == 0);
}

static size_t
split_references(struct mem *m, const char *list, const char **refs)
{
	size_t n = 0;

	for (const char *start = list, *p = list;; p++) {
		if (*p == '\0' || (*p == ',' && begins_reference(p + 1))) {
			refs[n++] = mem_copy(m, start, (size_t)(p - start));
			start = p + 1;
		}
		if (*p == '\0')
			return n;
	}
}

/* Reads what --also names, as operands before the others.  Where one of them cannot be had, nothing is unused for certain. */
static int
read_replicas(struct checking *c)
{
	struct tool_run *run = c->run;
	struct operands o = {
	    .run = run, .questions = CATALOG_QUESTIONS, .ask = index_facts_ask, .worker = read_replica, .arg = c};
	const char **own = run->operands, **refs = mem_array(&run->mem, strlen(c->flags->also) + 1, sizeof *refs);
	size_t nown = run->noperands;
	int status;

	run->operands = refs;
	run->noperands = split_references(&run->mem, c->flags->also, refs);
	c->replicas = mem_array(&run->mem, run->noperands, sizeof *c->replicas);
	status = operands_each(&o);
	/* The answers of the operands have their own end. */
	if (run->behind != NULL)
		run->behind(run->behind_arg);
	run->behind = NULL;
	run->operands = own;
	run->noperands = nown;
	if (status != TOOL_DONE)
		c->kinds &= ~(1U << UNUSED);
	return status;
}

/* Findings */

/* Looks at the counters, and says it once where they cannot be kept. */
static void
keep_counters(struct checking *c, struct mem *m, const struct source *s, const struct catalog *catalog, int64_t now,
    struct index_scans *seen)
{
	const char *key = schema_key(s, m);
	struct fail f;

	if (key == NULL || index_scans_keep(seen, m, key, catalog, now, &f) == 0 || c->warned || c->run->settings.quiet)
		return;
	c->warned = 1;
	fail_wrap(&f, "the counters of indexes are not kept");
	tool_complain(c->run, NULL, f.text);
}

/* Leaves what is to be printed: not what was accepted, nor what a table that could not be read may have. */
static void
sift(struct checking *c, const struct source *s, struct rows *const *rows, struct findings *all)
{
	struct finding early = {0};
	size_t n = all->n, nearly = 0;

	all->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct finding *f = &all->list[i];

		if (index_facts_lack(rows, f->table) || index_baseline_accepts(&c->baseline, f))
			continue;
		if (!index_unused_is_early(f))
			all->list[all->n++] = *f;
		else if (nearly++ == 0)
			early = *f;
	}
	if (nearly > 1)
		index_unused_sum(all->m, &early, s->table != NULL ? early.table : NULL, nearly);
	if (nearly > 0)
		findings_add(all, &early);
	if (nearly > 1 && index_baseline_accepts(&c->baseline, &all->list[all->n - 1]))
		all->n--;
}

static int
print(struct checking *c, struct mem *m, const struct source *s, const struct finding *f)
{
	struct rows_cell cells[FINDING_FIELDS];

	finding_record(f, source_ref(s, m, s->folder || s->shared ? f->table : NULL), cells);
	c->found |= f->severity != FINDING_NOTICE;
	return out_row(c->run->out, cells, FINDING_FIELDS);
}

/* Sizes take long to find out: they are asked for where they are looked at. */
static int
wants_counters(const struct checking *c)
{
	int counters = 0;

	for (size_t i = 0; i < CHECKS; i++)
		counters |= (c->kinds >> i & 1) && checks[i].counters;
	return counters;
}

static void
ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	(void)m;
	catalog_questions(s, wants_counters(arg), q);
}

static enum operands_result
check(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct checking *c = arg;
	struct catalog catalog;
	struct index_scans seen = {0};
	struct index_counters counters = {.seen = &seen, .replicas = c->replicas, .nreplicas = c->nreplicas};
	struct findings all = {.m = m, .dialect = definition_dialect(s), .counters = &counters};
	int full = 0;

	if (catalog_read(&catalog, m, rows, f) < 0)
		return OPERANDS_FAILED;
	counters.now = rows[CATALOG_INDEXES]->as_of != 0 ? rows[CATALOG_INDEXES]->as_of : c->now;
	if (wants_counters(c))
		keep_counters(c, m, s, &catalog, counters.now, &seen);
	for (size_t i = 0; i < CHECKS; i++) {
		if (c->kinds >> i & 1)
			checks[i].judge(&catalog, &all);
	}
	index_wanted(&catalog, &c->wants, s->table != NULL, &all);
	out_known(c->run->out, rows[CATALOG_INDEXES]);
	sift(c, s, rows, &all);
	for (size_t i = 0; i < all.n && !full; i++)
		full = print(c, m, s, &all.list[i]) < 0;
	return full ? OPERANDS_STOP : index_facts_end(c->run, ref, rows);
}

/* What became of the accepted ones.  `whole`: everything was looked at, so that what was not met is gone. */
static void
tell_baseline(const struct checking *c, int whole)
{
	const struct index_baseline *b = &c->baseline;
	struct fail f;

	for (size_t i = 0; i < b->n; i++) {
		const struct index_baseline_line *l = &b->list[i];

		if (l->met ? !l->expired : !whole)
			continue;
		if (l->met)
			fail_set(&f, "%zu: accepted until %s, no longer: %.300s", l->line, l->until, l->reason);
		else
			fail_set(&f, "%zu: there is no such finding any more: %.300s", l->line, l->reason);
		tool_complain(c->run, c->flags->baseline, f.text);
	}
	if (b->accepted > 0) {
		fail_set(&f, "%zu %s accepted", b->accepted, b->accepted == 1 ? "finding" : "findings");
		tool_complain(c->run, c->flags->baseline, f.text);
	}
}

/* The files that are named. */
static int
read_files(struct checking *c, struct fail *f)
{
	const struct index_flags *flags = c->flags;

	if (flags->want != NULL && want_read(&c->run->mem, flags->want, &c->run->watch, &c->wants, f) < 0)
		return -1;
	if (flags->baseline == NULL)
		return 0;
	return index_baseline_read(&c->baseline, &c->run->mem, flags->baseline, c->now, &c->run->watch, f);
}

int
index_check(struct tool_run *run, const struct index_flags *flags)
{
	struct checking c = {.run = run, .flags = flags, .now = stamp_now() / SECOND};
	struct operands o = {.run = run,
	    .split = OPERANDS_FOLDERS,
	    .questions = CATALOG_QUESTIONS,
	    .ask = ask,
	    .worker = check,
	    .arg = &c,
	    .standard_input = 1};
	int status, others = TOOL_DONE;
	struct fail f;

	if (read_kinds(&c, &f) < 0)
		return tool_misuse(run, f.text);
	if (read_files(&c, &f) < 0) {
		tool_complain(run, NULL, f.text);
		return TOOL_NONE;
	}
	if (flags->also != NULL)
		others = read_replicas(&c);
	out_begin(run->out, OUT_FACTS, NULL, finding_columns, FINDING_FIELDS);
	status = operands_each(&o);
	tool_end(run, NULL);
	if (flags->baseline != NULL && !run->settings.quiet)
		tell_baseline(&c, status == TOOL_DONE && c.kinds == ALL);
	if (status == TOOL_DONE && others != TOOL_DONE)
		status = TOOL_SOME;
	return status == TOOL_DONE && c.found ? TOOL_NO : status;
}
