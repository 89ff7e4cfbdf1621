#include "pool.h"

#include <string.h>

#include "driver_helper.h"
#include "mem.h"

/* It is in its own arena. */
struct pool_entry {
	struct mem mem;
	const char *scheme, *reference;
	struct driver_database *database;
};

static size_t
most(const struct pool *p)
{
	return p->most > 0 && p->most < POOL_HELPERS ? p->most : POOL_HELPERS;
}

int
pool_full(const struct pool *p)
{
	return p->n >= most(p);
}

int
pool_over(const struct pool *p)
{
	return p->n > most(p);
}

/* One that is lost makes room for another try. */
static struct pool_entry *
find(struct pool *p, const char *scheme, const char *reference)
{
	for (size_t i = 0; i < p->n; i++) {
		struct pool_entry *e = p->entries[i];

		if (!e->database->lost && strcmp(e->scheme, scheme) == 0 && strcmp(e->reference, reference) == 0)
			return e;
	}
	return NULL;
}

struct driver_database *
pool_open(struct pool *p, const char *scheme, const char *reference, int serves, struct watch *w, struct fail *f)
{
	struct pool_entry *e = find(p, scheme, reference);
	struct mem m = {0};

	if (e != NULL)
		return e->database;
	if (pool_over(p)) {
		fail_set(f, "more than %zu databases at a time", most(p));
		return NULL;
	}
	p->entries[p->n++] = e = mem_alloc(&m, sizeof *e);
	e->mem = m;
	e->scheme = mem_string(&e->mem, scheme);
	e->reference = mem_string(&e->mem, reference);
	e->database = driver_helper_open(&e->mem, scheme, reference, serves, w);
	return e->database;
}

void
pool_go(struct pool *p)
{
	for (size_t i = 0; i < p->n; i++)
		driver_helper_go(p->entries[i]->database);
}

static void
close_first(struct pool *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct mem m;

		p->entries[i]->database->driver->close(p->entries[i]->database);
		m = p->entries[i]->mem;
		mem_free(&m);
	}
}

void
pool_close_others(struct pool *p)
{
	close_first(p, p->n - 1);
	p->entries[0] = p->entries[p->n - 1];
	p->n = 1;
}

void
pool_close(struct pool *p)
{
	close_first(p, p->n);
	p->n = 0;
}
