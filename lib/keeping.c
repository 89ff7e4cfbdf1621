#include "keeping.h"

#include <string.h>
#include <unistd.h>

#include "collect.h"
#include "excerpt.h"
#include "identity.h"
#include "said.h"
#include "search.h"
#include "stamp.h"
#include "trace.h"

static void
let_go(struct keeping *k)
{
	struct keeping **p = k->held;

	if (k->lock < 0)
		return;
	while (*p != NULL && *p != k)
		p = &(*p)->next;
	if (*p != NULL)
		*p = k->next;
	close(k->lock);
	k->lock = -1;
}

static void
hold(struct keeping *k)
{
	struct keeping **p = k->held;

	while (*p != NULL)
		p = &(*p)->next;
	k->next = NULL;
	*p = k;
}

/* Proofs. */

void
keeping_identify(struct keeping *k)
{
	k->asks_identity = identity_ask(k->source, k->m);
	k->identifies = identity_awaited(k->source);
}

int
keeping_is_same(struct keeping *k)
{
	return !k->identifies || identity_holds(k->source, k->cache, k->lookup->names[0].database);
}

/* A server is asked for its stamp where the answer costs more than that. */
static int
wants_stamp(const struct keeping *k)
{
	const struct question *q = k->lookup->question;

	return k->source->server != NULL && q->request.effort == DRIVER_EXACT &&
	       (q->make != NULL || q->request.operation == DRIVER_COUNT);
}

/* The proof of a server's answer: 0, or -1 where something has changed. */
static int
prove_server(struct keeping *k)
{
	const char *before, *behind;

	if (k->stamps[0] == NULL)
		return 0;
	before = said_read(k->stamps[0], k->m);
	behind = said_read(k->stamps[1], k->m);
	if (before == NULL || behind == NULL || strcmp(before, behind) != 0)
		return -1;
	if (*before != '\0')
		proof_source(&k->entry.proof, before, strlen(before));
	return 0;
}

static int
is_unchanged(struct keeping *k)
{
	struct proof now;

	if (k->source->server != NULL)
		return prove_server(k) == 0;
	now = source_prove(k->source);
	return proof_same(&now, &k->entry.proof);
}

/* Publishing. */

static int
is_word(const struct rows_cell *c, const char *word)
{
	return c->len == strlen(word) && memcmp(c->bytes, word, c->len) == 0;
}

/* A count that broke off is no answer to who wants to know it; an estimate is one to who asks for that. */
static int
is_counted(const struct keeping *k)
{
	const struct driver_request *r = &k->lookup->question->request;
	const struct buf *b = &k->record.kept;
	struct mem m = {0};
	struct rows *rows;
	struct fail f;
	int counted;

	if (r->operation != DRIVER_COUNT || r->effort == DRIVER_ESTIMATE)
		return 1;
	rows = rows_decode(&m, b->bytes, b->len);
	counted = rows_columns(rows, &f) == 0 && rows_next(rows, &f) > 0 && rows->ncells == DRIVER_COUNT_FIELDS &&
		  (is_word(&rows->cells[DRIVER_COUNT_METHOD], "exact") ||
		      is_word(&rows->cells[DRIVER_COUNT_METHOD], "continued"));
	rows_close(rows);
	mem_free(&m);
	return counted;
}

/* Why what was recorded is not stored; NULL: it is. */
static const char *
why_not(struct keeping *k, int whole)
{
	/* Whatever became of the answer: another that was asked with it may want to know.  Its beginning came behind this. */
	int same = k->record.begun == 0 || keeping_is_same(k);

	if (!whole)
		return k->record.kept.len > k->record.most ? "large" : "partial";
	if (k->record.faults > 0 || !is_counted(k))
		return "partial";
	if (!same)
		return "identity";
	return is_unchanged(k) ? NULL : "stamp";
}

/* The answer has been recorded, or will not be.  Who waits for it may go on. */
static void
publish(void *arg, int whole)
{
	struct keeping *k = arg;
	struct entry *e = &k->entry;
	const struct cache_name *name = &k->lookup->names[0];

	k->why = why_not(k, whole);
	if (k->why == NULL) {
		e->whole = (unsigned char)((k->record.end == ROWS_COMPLETE ? ENTRY_ALL_ROWS : 0) |
					   (k->record.cut ? 0 : ENTRY_ALL_BYTES));
		e->bytes = k->record.kept.bytes;
		e->len = k->record.kept.len;
		k->stored = cache_store(k->cache, name, e) == 0;
		collect_meanwhile(k->cache);
		if (!k->stored)
			k->why = "write";
	} else {
		trace_event("unstored kind=%s why=%s", name->kind, k->why);
	}
	let_go(k);
}

/* Asking. */

static struct rows *
ask_source(struct keeping *k, const struct driver_request *request)
{
	const struct question *q = k->lookup->question;

	return q->make != NULL ? q->make(k->source, k->m, q->arg) : source_ask(k->source, k->m, request);
}

/* The answer is to serve those too who were served by what was kept before: the larger of both. */
static void
widen(struct driver_request *r, const struct entry *before)
{
	if (before->rows > r->limit)
		r->limit = before->rows;
	if (r->width != 0 && (before->width == 0 || before->width > r->width))
		r->width = before->width;
}

/* What has just changed would be no hit: then nothing is kept. */
static int
begin(struct keeping *k)
{
	const struct cache_name *name = &k->lookup->names[0];

	if (k->lookup->nnames == 0 || k->source->unreachable)
		return -1;
	if (k->source->proof.young) {
		trace_event("unstored kind=%s why=young", name->kind);
		return -1;
	}
	return cache_begin(k->cache, name, k->entry.generations);
}

/* The columns that the answer would have if the table were as it was: NULL where nothing is kept, or one could not be said. */
static const struct rows_column *
columns_before(const struct keeping *k, size_t *n)
{
	const struct lookup *l = k->lookup;
	const struct driver_request *r = &l->question->request;
	struct excerpt e = {.columns = r->columns};
	struct entry entry = {0};
	struct rows *rows;
	struct fail f;
	int place = 0;

	while (place < l->nnames && cache_find(k->cache, k->m, &l->names[place], &entry) != NULL)
		place++;
	if (place == l->nnames)
		return NULL;
	e.ncolumns = place > 0 ? r->ncolumns : 0;
	rows = excerpt_of(k->m, rows_decode(k->m, entry.bytes, entry.len), &e);
	*n = rows_columns(rows, &f) == 0 && rows->ncolumns <= ROWS_COLUMNS / 2 ? rows->ncolumns : 0;
	for (size_t i = 0; i < *n; i++) {
		const struct rows_column *c = &rows->columns[i];

		if (c->type == ROWS_NULL || c->type >= ROWS_TYPES || memchr(c->name, '\0', c->len) != NULL)
			*n = 0;
	}
	return *n > 0 ? rows->columns : NULL;
}

static struct rows *
ask_and_record(struct keeping *k)
{
	const struct question *q = k->lookup->question;
	const struct driver_request *r = &q->request;
	const struct excerpt wanted = {.limit = r->limit, .last = r->which == DRIVER_TAIL, .width = r->width};

	k->asked = *r;
	if (lookup_is_rows(q)) {
		k->asked.csv = 0;
		/* Of delimited text that would take more reading, and may find more columns: there it is part of the question.
		 */
		k->asked.types |= k->source->shared;
		if (k->lookup->there && r->which != DRIVER_SAMPLE)
			widen(&k->asked, &k->lookup->entry);
		/* Only one helper takes it (dbm-source.7). */
		if (k->source->server != NULL && search_is_postgresql(k->source->server))
			k->asked.known = columns_before(k, &k->asked.nknown);
	}
	k->entry.read_at = stamp_now();
	k->entry.proof = k->source->proof;
	k->entry.rows = k->asked.limit;
	k->entry.width = k->asked.width;
	k->record = (struct record){
	    .most = q->make != NULL ? KEEPING_LARGEST_MADE : KEEPING_LARGEST, .settled = publish, .arg = k};
	if (k->source->server != NULL)
		keeping_identify(k);
	if (wants_stamp(k))
		k->stamps[0] = said_ask(k->source, k->m, DRIVER_STAMP);
	k->recording = record_of(k->m, ask_source(k, &k->asked), &k->record);
	if (k->stamps[0] != NULL)
		k->stamps[1] = said_ask(k->source, k->m, DRIVER_STAMP);
	if (k->asked.limit == r->limit && k->asked.width == r->width)
		return k->recording;
	return excerpt_of(k->m, k->recording, &wanted);
}

struct rows *
keeping_ask(struct keeping *k)
{
	if (begin(k) == 0) {
		if (k->lock >= 0)
			hold(k);
		return ask_and_record(k);
	}
	let_go(k);
	return ask_source(k, &k->lookup->question->request);
}

void
keeping_drain(struct keeping **held)
{
	while (*held != NULL)
		record_drain((*held)->recording);
}

void
keeping_close(struct keeping *k)
{
	rows_close(k->stamps[0]);
	rows_close(k->stamps[1]);
	k->stamps[0] = k->stamps[1] = NULL;
	if (k->asks_identity)
		identity_close(k->source);
	k->asks_identity = 0;
	let_go(k);
}
