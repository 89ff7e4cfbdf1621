#include "renewal.h"

#include <string.h>

#include "said.h"
#include "stamp.h"
#include "trace.h"

int
renewal_is_asked(const struct renewal *r)
{
	return r->asked_at != 0;
}

int
renewal_ask(struct renewal *r)
{
	struct keeping *k = r->keeping;
	struct renewal **end = r->all;

	if (k->source->server == NULL || r->lookup->entry.proof.kind != PROOF_SOURCE)
		return 0;
	r->asked_at = stamp_now();
	keeping_identify(k);
	r->stamp = said_ask(k->source, k->m, DRIVER_STAMP);
	while (*end != NULL)
		end = &(*end)->next;
	r->next = NULL;
	*end = r;
	return 1;
}

static void
leave_list(struct renewal *r)
{
	struct renewal **p = r->all;

	while (*p != NULL && *p != r)
		p = &(*p)->next;
	if (*p != NULL)
		*p = r->next;
}

/* True where the stamp is the one that was kept, of the same server. */
static int
stands(struct renewal *r)
{
	struct keeping *k = r->keeping;
	int same = keeping_is_same(k);
	const char *text = said_read(r->stamp, k->m);
	struct proof proof;

	return same && text != NULL && proof_source(&proof, text, strlen(text)) == 0 &&
	       proof_same(&proof, &r->lookup->entry.proof);
}

static void
settle(struct renewal *r)
{
	struct keeping *k = r->keeping;
	struct entry *e = &r->lookup->entry;

	leave_list(r);
	r->stands = stands(r);
	rows_close(r->stamp);
	r->stamp = NULL;
	if (!r->stands) {
		r->rows = keeping_ask(k);
		return;
	}
	e->read_at = r->asked_at;
	e->failures = 0;
	cache_store(k->cache, &r->lookup->names[r->lookup->place], e);
	trace_event("hit kind=%s", r->lookup->names[0].kind);
	r->lookup->use = LOOKUP_HIT;
	keeping_close(k);
}

static void
settle_connection(struct renewal *all, const struct driver_database *database)
{
	for (struct renewal *one = all, *next; one != NULL; one = next) {
		next = one->next;
		if (one->keeping->source->database == database)
			settle(one);
	}
}

struct rows *
renewal_take(struct renewal *r)
{
	struct rows *rows;

	if (r->stamp != NULL)
		settle_connection(*r->all, r->keeping->source->database);
	rows = r->rows;
	r->rows = NULL;
	return rows;
}

void
renewal_settle_all(struct renewal **all)
{
	while (*all != NULL)
		settle(*all);
}

void
renewal_close(struct renewal *r)
{
	if (r->stamp != NULL)
		leave_list(r);
	rows_close(r->stamp);
	rows_close(r->rows);
	r->stamp = r->rows = NULL;
}
