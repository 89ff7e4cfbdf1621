#include "forget.h"

#include <string.h>

#include "mem.h"

/* An entry that goes. */
struct going {
	struct collect_entry entry;
	struct going *next;
};

struct work {
	const struct forget *o;
	struct mem m;
	struct going *first, **end;
	struct fail *f;
};

int
forget_means(const struct forget *o, const struct collect_entry *e)
{
	size_t i = 0;

	while (i < o->nkinds && strcmp(e->kind, o->kinds[i]) != 0)
		i++;
	return (o->nkinds == 0 || i < o->nkinds) && (!o->by_age || e->read_at < o->before);
}

/* What has been forgotten already does not go. */
static int
note(void *arg, const struct collect_entry *e)
{
	struct work *w = arg;
	struct going *g;

	if (!e->live || !forget_means(w->o, e))
		return 0;
	g = mem_alloc(&w->m, sizeof *g);
	g->entry = *e;
	g->entry.ref = mem_string(&w->m, e->ref);
	g->entry.database = mem_string(&w->m, e->database);
	g->entry.table = mem_string(&w->m, e->table);
	g->entry.kind = mem_string(&w->m, e->kind);
	g->entry.path = mem_string(&w->m, e->path);
	*w->end = g;
	w->end = &g->next;
	return 0;
}

static int
remove_old(void *arg, const struct collect_entry *e)
{
	const struct work *w = arg;

	return forget_means(w->o, e) ? collect_remove(e, w->f) : 0;
}

static int
remove_forgotten(void *arg, const struct collect_entry *e)
{
	const struct work *w = arg;

	return !e->live && forget_means(w->o, e) ? collect_remove(e, w->f) : 0;
}

static int
act(struct work *w, const char *database, const char *table)
{
	const struct forget *o = w->o;

	if (o->by_age)
		return collect_each(o->cache, database, table, remove_old, w, w->f);
	if (o->nkinds == 0)
		return cache_forget(o->cache, database, table, NULL, w->f);
	for (size_t i = 0; i < o->nkinds; i++) {
		if (cache_forget(o->cache, database, table, o->kinds[i], w->f) < 0)
			return -1;
	}
	return collect_each(o->cache, database, table, remove_forgotten, w, w->f);
}

int
forget_run(const struct forget *o, const char *database, const char *table, struct fail *f)
{
	struct fail why = {""};
	struct work w = {.o = o, .f = &why};
	int done = 0;

	w.end = &w.first;
	if (o->gone != NULL)
		done = collect_each(o->cache, database, table, note, &w, f);
	if (!o->dry && act(&w, database, table) < 0) {
		*f = why;
		done = -1;
	}
	for (const struct going *g = done == 0 ? w.first : NULL; g != NULL; g = g->next)
		o->gone(o->arg, &g->entry);
	mem_free(&w.m);
	return done;
}
