#include "index_plan.h"

#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "definition.h"
#include "file.h"
#include "plan_find.h"
#include "site.h"

enum { LARGEST = 64 << 20 }; /* bytes of findings */

struct planning {
	struct tool_run *run;
	struct sites sites;
	unsigned done, failed;
	unsigned advice; /* findings that ask for nothing */
	int full;        /* stdout takes nothing more */
};

static void
say(struct planning *p, const char *ref, const struct fail *f)
{
	tool_complain(p->run, ref, f->text);
}

static void
failed(struct planning *p, const char *ref, const struct fail *f)
{
	say(p, ref, f);
	p->failed++;
}

/* What came of looking for a change: it is printed, and later ones are planned behind it. */
static void
settle(struct planning *p, struct mem *m, const struct site *site, int found, const struct plan_change *change, const char *ref,
    const struct fail *why)
{
	struct rows_cell cells[PLAN_FIELDS];

	if (found < 0) {
		failed(p, ref, why);
		return;
	}
	p->done++;
	if (found == 0 && *why->text != '\0' && !p->run->settings.quiet)
		say(p, ref, why);
	if (found == 0)
		return;
	plan_record(m, site->dialect, change, ref, cells);
	p->full |= out_row(p->run->out, cells, PLAN_FIELDS) < 0;
	plan_take(m, site->dialect, change);
}

/* Wants. */

static void
plan_want(struct planning *p, struct mem *m, const struct site *site, const struct want *want, const char *file)
{
	struct catalog_table *only = NULL, *t;
	struct plan_change change;
	struct buf where = {0};
	struct fail f = {""};
	int found = -1;

	t = definition_table(&site->catalog, site->dialect, want, &f);
	if (site->source.table != NULL && t != NULL) {
		only = site_table(site, &f);
		if (only != t)
			return;
	}
	if (t != NULL)
		found = plan_find_want(m, &site->catalog, site->dialect, t, want, &change, &f);
	if (found < 0) {
		buf_printf(&where, "%s:%zu", file, want->line);
		fail_wrap(&f, buf_string(&where));
		buf_free(&where);
	}
	settle(p, m, site, found, &change, t != NULL ? source_ref(&site->source, m, t->name) : site->ref, &f);
}

static int
plan_wants(struct planning *p, const char *file, struct fail *f)
{
	struct tool_run *run = p->run;
	struct wants wants;

	if (want_read(&run->mem, file, &run->watch, &wants, f) < 0)
		return -1;
	for (size_t i = 0; i < run->noperands && !p->full; i++) {
		struct mem m = {0};
		struct site site;
		struct fail why;

		if (site_open(&p->sites, &m, run->operands[i], &site, &why) < 0) {
			failed(p, run->operands[i], &why);
		} else {
			for (size_t k = 0; k < wants.n && !p->full; k++)
				plan_want(p, &m, &site, &wants.list[k], file);
			p->done++;
			site_close(&site);
		}
		mem_free(&m);
	}
	return 0;
}

/* Findings. */

static void
plan_finding(struct planning *p, struct mem *m, struct site *site, struct recordline *finding)
{
	const char *ref = finding->values[FINDING_REF];
	struct catalog_table **parts, *t;
	struct plan_change change;
	struct ref parsed;
	struct fail f = {""};
	size_t n;

	if (ref_parse(m, ref, 0, &parsed, &f) < 0) {
		failed(p, ref, &f);
		return;
	}
	site->source.table = site->source.server != NULL ? parsed.qualified : parsed.table;
	t = site_table(site, &f);
	if (t == NULL) {
		failed(p, ref, &f);
		return;
	}
	n = plan_find_parts(m, &site->catalog, t, finding, &parts);
	for (size_t i = 0; i < n && !p->full; i++) {
		int found;

		f.text[0] = '\0';
		found = plan_find_finding(m, &site->catalog, site->dialect, parts[i], finding, &change, &f);
		settle(p, m, site, found, &change, source_ref(&site->source, m, parts[i]->name), &f);
	}
}

/* The findings of one database, from all[i] on: how many. */
static size_t
plan_database(struct planning *p, const struct recordlines *all, size_t i)
{
	const char *ref = all->list[i].values[FINDING_REF];
	struct mem m = {0};
	struct site site;
	struct fail f;
	size_t n = 0;
	int open;

	if (ref == NULL || *ref == '\0') {
		failed(p, "standard input", &(struct fail){"a finding without a reference"});
		return 1;
	}
	open = site_open(&p->sites, &m, ref, &site, &f) == 0;
	for (; i + n < all->n && !p->full; n++) {
		const char *next = all->list[i + n].values[FINDING_REF];

		if (next == NULL || !site_is_same(ref, next))
			break;
		if (all->list[i + n].values[FINDING_SQL] == NULL)
			p->advice++;
		else if (open)
			plan_finding(p, &m, &site, &all->list[i + n]);
	}
	if (!open)
		failed(p, ref, &f);
	if (open)
		site_close(&site);
	mem_free(&m);
	return n > 0 ? n : 1;
}

static int
plan_findings(struct planning *p, struct fail *f)
{
	struct recordlines all;
	struct buf text = {0};
	int r = file_whole("-", &text, LARGEST, &p->run->watch, f);

	if (r == 0)
		r = recordline_read(&p->run->mem, text.bytes, text.len, finding_columns, FINDING_FIELDS, &all, f);
	for (size_t i = 0; r == 0 && i < all.n && !p->full;)
		i += plan_database(p, &all, i);
	buf_free(&text);
	if (r == 0 && p->advice > 0 && !p->run->settings.quiet) {
		fail_set(f, "%u finding%s no more than advice", p->advice, p->advice > 1 ? "s are" : " is");
		say(p, NULL, f);
	}
	p->done += p->advice;
	return r < 0 ? fail_wrap(f, "standard input") : 0;
}

/* True where findings are to be read: no operands, or one that says so. */
static int
reads_findings(const struct tool_run *run)
{
	return run->noperands == 0 || (run->noperands == 1 && strcmp(run->operands[0], "-") == 0);
}

int
index_plan(struct tool_run *run, const struct index_flags *flags)
{
	struct planning p = {.run = run, .sites = {.run = run, .sizes = 1}};
	struct fail f;
	int r;

	if (flags->want != NULL ? run->noperands == 0 : !reads_findings(run))
		return tool_misuse(
		    run, flags->want != NULL ? "name a database" : "--plan takes a --want file, or findings piped in");
	if (flags->want == NULL && isatty(STDIN_FILENO))
		return tool_misuse(run, "pipe findings in, or name a --want file");
	out_begin(run->out, OUT_FACTS, NULL, plan_columns, PLAN_FIELDS);
	r = flags->want != NULL ? plan_wants(&p, flags->want, &f) : plan_findings(&p, &f);
	if (r < 0)
		failed(&p, NULL, &f);
	sites_end(&p.sites);
	tool_end(run, NULL);
	return p.failed == 0 ? TOOL_DONE : p.done > 0 ? TOOL_SOME : TOOL_NONE;
}
