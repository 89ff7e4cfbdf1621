#include "pool.h"

#include <string.h>

#include "driver_helper.h"

int
pool_full(const struct pool *p)
{
	return p->n == POOL_HELPERS;
}

/* One that is lost makes room for another try. */
static struct pool_entry *
find(struct pool *p, const char *scheme, const char *reference)
{
	for (size_t i = 0; i < p->n; i++) {
		struct pool_entry *e = &p->entries[i];

		if (!e->database->lost && strcmp(e->scheme, scheme) == 0 && strcmp(e->reference, reference) == 0)
			return e;
	}
	return NULL;
}

struct driver_database *
pool_open(struct pool *p, const char *scheme, const char *reference, int serves, struct watch *w, struct fail *f)
{
	struct pool_entry *e = find(p, scheme, reference);
	struct driver_database *db;

	if (e != NULL)
		return e->database;
	if (pool_full(p)) {
		fail_set(f, "more than %d databases at a time", POOL_HELPERS);
		return NULL;
	}
	db = driver_helper_open(&p->mem, scheme, reference, serves, w);
	p->entries[p->n++] = (struct pool_entry){mem_string(&p->mem, scheme), mem_string(&p->mem, reference), db};
	return db;
}

void
pool_go(struct pool *p)
{
	for (size_t i = 0; i < p->n; i++)
		driver_helper_go(p->entries[i].database);
}

void
pool_close(struct pool *p)
{
	for (size_t i = 0; i < p->n; i++)
		p->entries[i].database->driver->close(p->entries[i].database);
	p->n = 0;
	mem_free(&p->mem);
}
