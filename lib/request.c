#include "request.h"

#include <string.h>

const char *const request_operations[DRIVER_OPERATIONS] = {
    [DRIVER_TABLES] = "tables",
    [DRIVER_COLUMNS] = "columns",
    [DRIVER_INDEXES] = "indexes",
    [DRIVER_FOREIGN_KEYS] = "foreign_keys",
    [DRIVER_SCAN] = "scan",
    [DRIVER_COUNT] = "count",
    [DRIVER_STAMP] = "stamp",
    [DRIVER_IDENTITY] = "identity",
    [DRIVER_STATISTICS] = "statistics",
    [DRIVER_PUBLICATIONS] = "publications",
    [DRIVER_PUBLISHED] = "published",
    [DRIVER_SLOTS] = "slots",
    [DRIVER_INDEX_KEYS] = "index_keys",
    [DRIVER_FOREIGN_KEY_COLUMNS] = "foreign_key_columns",
    [DRIVER_SCHEMA] = "schema",
    [DRIVER_EXPLAIN] = "explain",
    [DRIVER_CREATE_INDEX] = "create_index",
    [DRIVER_DROP_INDEX] = "drop_index",
    [DRIVER_ANALYZE] = "analyze",
    [DRIVER_WAL] = "wal",
};

const char *const request_nulls[] = {"", "first", "last"};

/* Writing: arguments are appended and counted. */
struct writing {
	struct buf *b;
	size_t n;
};

static void
put(struct writing *w, const char *name, size_t n, const char *const *values)
{
	frame_put_text(w->b, name, strlen(name));
	frame_put_u32(w->b, n);
	for (size_t i = 0; i < n; i++)
		frame_put_text(w->b, values[i], strlen(values[i]));
	w->n++;
}

static void
put_text(struct writing *w, const char *name, const char *value)
{
	if (value != NULL)
		put(w, name, 1, &value);
}

static void
put_number(struct writing *w, const char *name, uint64_t value)
{
	struct buf digits = {0};

	buf_number(&digits, value, 1);
	put_text(w, name, buf_string(&digits));
	buf_free(&digits);
}

/* Names and types by turns. */
static void
put_known(struct writing *w, const struct driver_request *r)
{
	frame_put_text(w->b, "known", strlen("known"));
	frame_put_u32(w->b, 2 * r->nknown);
	for (size_t i = 0; i < r->nknown; i++) {
		const char *type = rows_type_name(r->known[i].type);

		frame_put_text(w->b, r->known[i].name, r->known[i].len);
		frame_put_text(w->b, type, strlen(type));
	}
	w->n++;
}

static void
put_scan(struct writing *w, const struct driver_request *r)
{
	if (r->ncolumns > 0)
		put(w, "columns", r->ncolumns, r->columns);
	put_number(w, "limit", r->limit);
	if (r->offset > 0)
		put_number(w, "offset", r->offset);
	if (r->nknown > 0)
		put_known(w, r);
	if (r->which != DRIVER_HEAD)
		put_text(w, "which", r->which == DRIVER_TAIL ? "tail" : "sample");
	if (r->width > 0)
		put_number(w, "width", r->width);
	for (size_t i = 0; i < r->nwhere; i++) {
		const struct driver_predicate *p = &r->where[i];

		put(w, "where", p->value != NULL ? 3 : 2, (const char *const[]){p->column, p->op, p->value});
	}
	for (size_t i = 0; i < r->norder; i++)
		put(w, "order", 2, (const char *const[]){r->order[i].column, r->order[i].descending ? "desc" : "asc"});
}

static const char *
or_nothing(const char *text)
{
	return text != NULL ? text : "";
}

static void
put_index(struct writing *w, const struct driver_index *x)
{
	put_text(w, "name", x->name);
	if (x->unique)
		put(w, "unique", 0, NULL);
	for (size_t i = 0; i < x->nkeys; i++) {
		const struct driver_key *k = &x->keys[i];
		const char *const values[] = {
		    k->expression ? "expression" : "column",
		    k->text,
		    k->descending ? "desc" : "asc",
		    request_nulls[k->nulls],
		    or_nothing(k->collation),
		    or_nothing(k->class),
		};

		put(w, "key", REQUEST_KEY_VALUES, values);
	}
	if (x->ninclude > 0)
		put(w, "include", x->ninclude, x->include);
	put_text(w, "method", x->method);
	put_text(w, "predicate", x->predicate);
}

static void
put_change(struct writing *w, const struct driver_request *r)
{
	if (r->index != NULL)
		put_index(w, r->index);
	if (r->wait > 0)
		put_number(w, "wait", r->wait);
	if (r->lock_timeout > 0)
		put_number(w, "lock_timeout", r->lock_timeout);
}

void
request_encode(struct buf *b, uint32_t number, const struct driver_request *r)
{
	struct writing w = {.b = b};
	size_t body = frame_open(b, 'Q'), count;

	frame_put_u32(b, number);
	frame_put_text(b, request_operations[r->operation], strlen(request_operations[r->operation]));
	count = b->len;
	frame_put_u32(b, 0);
	put_text(&w, "table", r->table);
	if (r->all)
		put(&w, "all", 0, NULL);
	if (r->sizes)
		put(&w, "sizes", 0, NULL);
	if (r->leaves)
		put(&w, "leaves", 0, NULL);
	put_text(&w, "publication", r->publication);
	put_text(&w, "sql", r->sql);
	if (r->nwith > 0)
		put(&w, "with", r->nwith, r->with);
	put_change(&w, r);
	if (r->operation == DRIVER_COUNT && r->effort == DRIVER_ESTIMATE)
		put_text(&w, "effort", "estimate");
	if (r->operation == DRIVER_SCAN)
		put_scan(&w, r);
	if (r->at_least > 0)
		put_number(&w, "at_least", r->at_least);
	put_text(&w, "lines_of", r->lines_of);
	for (size_t i = 0; i < 4; i++)
		b->bytes[count + i] = (char)(w.n >> (8 * i));
	frame_close(b, body);
}
