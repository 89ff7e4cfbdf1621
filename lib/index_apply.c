#include "index_apply.h"

#include <string.h>

#include "change.h"
#include "definition.h"
#include "file.h"
#include "index_fk.h"
#include "index_redundant.h"
#include "plan.h"
#include "ref.h"
#include "scope.h"
#include "site.h"

enum { LARGEST = 64 << 20 }; /* bytes of a plan */

static const int64_t MILLISECOND = 1000000;

enum field { REF, ACTION, NAME, RESULT, SECONDS, DETAIL, FIELDS };

static const struct rows_column columns[FIELDS] = {
    [REF] = {"ref", 3, ROWS_TEXT, ""},
    [ACTION] = {"action", 6, ROWS_TEXT, ""},
    [NAME] = {"name", 4, ROWS_TEXT, ""},
    [RESULT] = {"result", 6, ROWS_TEXT, ""},
    [SECONDS] = {"seconds", 7, ROWS_REAL, ""},
    [DETAIL] = {"detail", 6, ROWS_TEXT, ""},
};

/* A table whose statistics are to be gathered. */
struct stale {
	const char *ref;
	struct stale *next;
};

struct applying {
	struct tool_run *run;
	const struct index_flags *flags;
	struct sites sites;
	struct cache cache;
	unsigned done, failed;
	int full; /* stdout takes nothing more */
	/* of the database at work */
	struct mem mem;
	struct stale *stale;
	const char *lost; /* it cannot be had, and why; NULL */
};

/* One record at work. */
struct work {
	struct applying *a;
	struct mem mem;
	const char *const *record; /* its values */
	struct site site;
	struct plan_change change;
	const struct catalog_index *leftover; /* of another name, to be removed first; NULL */
	struct fail why;                      /* of the result, or "" */
};

/* To the millisecond. */
static double
seconds_since(int64_t began)
{
	int64_t milliseconds = (watch_now() - began) / MILLISECOND;

	return (double)milliseconds / 1000;
}

static void
print(struct applying *a, const char *ref, const char *action, const char *name, enum change_result r, int64_t began,
    const char *detail)
{
	struct mem m = {0};
	const struct rows_cell cells[FIELDS] = {
	    [REF] = rows_text(ref),
	    [ACTION] = rows_text(action),
	    [NAME] = rows_text_or_null(name),
	    [RESULT] = rows_text(change_results[r]),
	    [SECONDS] = rows_real(&m, seconds_since(began)),
	    [DETAIL] = *detail != '\0' ? rows_text(detail) : rows_null(),
	};
	struct fail f;

	if (change_is_bad(r)) {
		a->failed++;
		fail_set(&f, "%s", detail);
		if (name != NULL)
			fail_wrap(&f, name);
		tool_complain(a->run, ref, f.text);
	} else {
		a->done++;
	}
	a->full |= out_row(a->run->out, cells, FIELDS) < 0;
	mem_free(&m);
}

/* What the catalog says of a change: a result, or CHANGE_RESULTS where it is to be made. */

static enum change_result
say(struct work *w, enum change_result r, const char *sentence)
{
	fail_set(&w->why, "%s", sentence);
	return r;
}

static enum change_result
check_basis(struct work *w)
{
	const char *given = w->record[PLAN_BASIS];
	char basis[PLAN_BASIS_TEXT];

	plan_basis(w->site.dialect, &w->change, basis);
	if (given == NULL)
		return say(w, CHANGE_REFUSED, "the record has no basis, which --plan writes");
	return strcmp(given, basis) == 0 ? CHANGE_RESULTS
					 : say(w, CHANGE_REFUSED, "the catalog has changed since it was planned");
}

/* Who has the name: nobody, or a leftover, which is replaced. */
static enum change_result
check_name(struct work *w)
{
	const struct site *s = &w->site;
	const char *name = w->change.index.name;
	struct definition_holder holder = definition_named(&s->catalog, s->dialect, w->change.table, name);

	if (holder.table == NULL)
		return CHANGE_RESULTS;
	if (holder.index == NULL)
		return say(w, CHANGE_CONFLICT, "it is the name of a table");
	if (holder.index->building)
		return say(w, CHANGE_REFUSED, "somebody is making an index of that name now");
	if (holder.table == w->change.table && holder.index->invalid && plan_keeps(holder.index) == NULL)
		return CHANGE_RESULTS;
	/* The server knows. */
	if (holder.table == w->change.table && definition_alike(s->dialect, w->change.table, holder.index, &w->change.index))
		return CHANGE_RESULTS;
	fail_set(&w->why, "the name is that of another index: %.400s", plan_definition(&w->mem, s->dialect, holder.index));
	return CHANGE_CONFLICT;
}

static enum change_result
judge_create(struct work *w)
{
	const struct catalog_index *have = definition_find(w->site.dialect, w->change.table, &w->change.index);
	enum change_result r;

	if (have != NULL && have->building)
		return say(w, CHANGE_REFUSED, "somebody is making it now");
	if (have != NULL && !have->invalid) {
		if (strcmp(have->name, w->change.index.name) != 0)
			fail_set(&w->why, "as %.400s", have->name);
		return CHANGE_THERE;
	}
	r = check_name(w);
	if (r == CHANGE_RESULTS)
		r = check_basis(w);
	if (have != NULL && plan_keeps(have) == NULL && strcmp(have->name, w->change.index.name) != 0)
		w->leftover = have;
	return r;
}

static int
does_the_work(const struct catalog_index *instead, const struct catalog_index *of)
{
	return instead != NULL && !instead->invalid && !instead->building && index_redundant_keys(of, instead) >= 0;
}

static enum change_result
judge_drop(struct work *w)
{
	const struct catalog_index *x = w->change.victim;
	const char *now;

	if (x == NULL)
		return CHANGE_ABSENT;
	if (x->building)
		return say(w, CHANGE_REFUSED, "somebody is making it now");
	if (plan_keeps(x) != NULL)
		return say(w, CHANGE_REFUSED, plan_keeps(x));
	now = plan_definition(&w->mem, w->site.dialect, x);
	if (strcmp(now, w->record[PLAN_DEFINITION]) != 0) {
		fail_set(&w->why, "it is another index now: %.400s", now);
		return CHANGE_REFUSED;
	}
	if (w->record[PLAN_INSTEAD] != NULL && !does_the_work(w->change.instead, x)) {
		fail_set(&w->why, "%.200s does not do its work any more", w->record[PLAN_INSTEAD]);
		return CHANGE_REFUSED;
	}
	if (w->record[PLAN_INSTEAD] == NULL && index_fk_needs(w->site.dialect, w->change.table, x))
		return say(w, CHANGE_REFUSED, "a foreign key needs it");
	return check_basis(w);
}

/* Making it. */

static enum change_result
make(struct work *w, enum driver_operation operation, const struct driver_index *x)
{
	const struct index_flags *flags = w->a->flags;
	const struct driver_request request = {
	    .operation = operation,
	    .table = w->change.table->name,
	    .index = x,
	    .wait = (uint64_t)(flags->wait / MILLISECOND),
	    .lock_timeout = (uint64_t)(flags->lock_timeout / MILLISECOND),
	};

	return change_make(w->a->run, &w->a->cache, &w->mem, &w->site, w->record[PLAN_REF], &request, &w->why);
}

static enum change_result
change(struct work *w)
{
	enum change_result r;

	if (w->a->flags->dry_run)
		return w->change.action == PLAN_DROP ? CHANGE_WOULD_DROP : CHANGE_WOULD_CREATE;
	if (w->leftover != NULL) {
		const struct driver_index x = {.name = w->leftover->name};

		r = make(w, DRIVER_DROP_INDEX, &x);
		if (change_is_bad(r))
			return r;
	}
	return make(w, w->change.action == PLAN_DROP ? DRIVER_DROP_INDEX : DRIVER_CREATE_INDEX, &w->change.index);
}

/* Statistics are needed behind what was made; of SQLite, also where there are none at all. */
static void
note_stale(struct work *w, enum change_result r)
{
	struct applying *a = w->a;
	const char *ref = source_ref(&w->site.source, &a->mem, w->change.table->name);
	int made = r == CHANGE_CREATED || r == CHANGE_WOULD_CREATE;
	int without = r == CHANGE_THERE && w->site.dialect == INDEX_SQL_SQLITE && w->change.table->rows == CATALOG_UNKNOWN;
	struct stale **end = &a->stale;

	if (w->change.action == PLAN_DROP || a->flags->analyze == INDEX_ANALYZE_NEVER)
		return;
	if (!made && !without && (r != CHANGE_THERE || a->flags->analyze != INDEX_ANALYZE_ALWAYS))
		return;
	for (; *end != NULL; end = &(*end)->next) {
		if (strcmp((*end)->ref, ref) == 0)
			return;
	}
	*end = mem_alloc(&a->mem, sizeof **end);
	(*end)->ref = ref;
}

/* True where a record asks for what is so where its table is not. */
static int
is_drop(const char *const *record)
{
	return record[PLAN_ACTION] != NULL && strcmp(record[PLAN_ACTION], plan_actions[PLAN_DROP]) == 0;
}

static enum change_result
carry_out(struct work *w, const struct recordline *line)
{
	struct catalog_table *t = site_table(&w->site, &w->why);
	enum change_result r;

	if (t == NULL)
		return is_drop(w->record) && w->site.source.table != NULL ? say(w, CHANGE_ABSENT, "") : CHANGE_FAILED;
	if (plan_read(&w->mem, w->site.dialect, t, line, &w->change, &w->why) < 0)
		return CHANGE_FAILED;
	w->why.text[0] = '\0';
	r = w->change.action == PLAN_DROP ? judge_drop(w) : judge_create(w);
	if (r == CHANGE_RESULTS)
		r = change(w);
	note_stale(w, r);
	return r;
}

static void
apply_record(struct applying *a, const struct recordline *line)
{
	struct work w = {.a = a, .record = (const char *const *)line->values};
	enum change_result r = CHANGE_FAILED;
	int64_t began = watch_now();

	if (a->lost != NULL) {
		fail_set(&w.why, "%s", a->lost);
	} else if (site_open(&a->sites, &w.mem, w.record[PLAN_REF], &w.site, &w.why) < 0) {
		a->lost = mem_string(&a->mem, w.why.text);
	} else {
		r = carry_out(&w, line);
		site_close(&w.site);
	}
	print(a, w.record[PLAN_REF], w.record[PLAN_ACTION] != NULL ? w.record[PLAN_ACTION] : "", w.record[PLAN_NAME], r, began,
	    w.why.text);
	mem_free(&w.mem);
}

static void
analyze(struct applying *a, const char *ref)
{
	const char *record[PLAN_FIELDS] = {[PLAN_REF] = ref};
	struct work w = {.a = a, .record = record};
	enum change_result r = CHANGE_FAILED;
	int64_t began = watch_now();

	if (a->flags->dry_run) {
		r = CHANGE_WOULD_ANALYZE;
	} else if (site_open(&a->sites, &w.mem, ref, &w.site, &w.why) == 0) {
		w.change.table = site_table(&w.site, &w.why);
		r = w.change.table != NULL ? make(&w, DRIVER_ANALYZE, NULL) : CHANGE_FAILED;
		site_close(&w.site);
	}
	print(a, ref, "analyze", NULL, r, began, w.why.text);
	mem_free(&w.mem);
}

/* Records that follow one another. */

static void
end_database(struct applying *a)
{
	for (const struct stale *s = a->stale; s != NULL && !a->full && a->lost == NULL; s = s->next)
		analyze(a, s->ref);
	mem_free(&a->mem);
	a->stale = NULL;
	a->lost = NULL;
}

/* What the operands select. */

static int
is_within(const struct subject *one, const struct subject *all)
{
	if (strcmp(one->database, all->database) != 0)
		return 0;
	return all->table == NULL || *all->table == '\0' || (one->table != NULL && strcmp(one->table, all->table) == 0);
}

static int
scope(struct mem *m, const char *text, struct subject subjects[SCOPE_MOST])
{
	struct fail ignored;
	struct ref ref;

	return ref_parse(m, text, 0, &ref, &ignored) < 0 ? -1 : scope_of(m, &ref, subjects, &ignored);
}

/* True where an operand means what a reference means, or the database of it. */
static int
means(const char *operand, const char *ref)
{
	struct subject one[SCOPE_MOST], all[SCOPE_MOST];
	struct mem m = {0};
	int n = scope(&m, ref, one), k = scope(&m, operand, all), within = 0;

	for (int i = 0; i < n; i++) {
		for (int j = 0; j < k; j++)
			within |= is_within(&one[i], &all[j]);
	}
	mem_free(&m);
	return within;
}

static int
is_selected(const struct applying *a, const char *ref, char *used)
{
	int selected = a->run->noperands == 0;

	for (size_t i = 0; i < a->run->noperands; i++) {
		if (means(a->run->operands[i], ref)) {
			used[i] = 1;
			selected = 1;
		}
	}
	return selected;
}

static void
apply_all(struct applying *a, const struct recordlines *all)
{
	char *used = mem_alloc(&a->run->mem, a->run->noperands + 1);
	const char *before = NULL;

	for (size_t i = 0; i < all->n && !a->full; i++) {
		const char *ref = all->list[i].values[PLAN_REF];

		if (ref == NULL || *ref == '\0') {
			tool_complain(a->run, a->flags->apply, "a record without a reference");
			a->failed++;
			continue;
		}
		if (!is_selected(a, ref, used))
			continue;
		if (before != NULL && !site_is_same(before, ref))
			end_database(a);
		apply_record(a, &all->list[i]);
		before = ref;
	}
	end_database(a);
	for (size_t i = 0; i < a->run->noperands; i++) {
		if (used[i])
			continue;
		a->failed++;
		tool_complain(a->run, a->run->operands[i], "no record of the plan is about it");
	}
}

int
index_apply(struct tool_run *run, const struct index_flags *flags)
{
	struct applying a = {.run = run, .flags = flags, .sites = {.run = run}, .cache = {.limit = run->settings.cache_limit}};
	struct recordlines all;
	struct buf text = {0};
	struct fail f;
	int r = file_whole(flags->apply, &text, LARGEST, &run->watch, &f);

	/* An hour of building is no server that does not answer. */
	run->watch.patient = 1;
	if (r == 0)
		r = recordline_read(&run->mem, text.bytes, text.len, plan_columns, PLAN_FIELDS, &all, &f);
	buf_free(&text);
	out_begin(run->out, OUT_FACTS, NULL, columns, FIELDS);
	if (r == 0)
		apply_all(&a, &all);
	else
		tool_complain(run, flags->apply, f.text);
	sites_end(&a.sites);
	cache_close(&a.cache);
	tool_end(run, NULL);
	if (r < 0)
		return TOOL_NONE;
	return a.failed == 0 ? TOOL_DONE : a.done > 0 ? TOOL_SOME : TOOL_NONE;
}
