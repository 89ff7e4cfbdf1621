#include "request.h"

#include <string.h>

#include "number.h"

static const char *const operations[DRIVER_OPERATIONS] = {
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
};

static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">=", "is null", "is not null"};

enum { OPERATORS = sizeof operators / sizeof *operators, COMPARING = 6 }; /* the first ones have a value */

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

void
request_encode(struct buf *b, uint32_t number, const struct driver_request *r)
{
	struct writing w = {.b = b};
	size_t body = frame_open(b, 'Q'), count;

	frame_put_u32(b, number);
	frame_put_text(b, operations[r->operation], strlen(operations[r->operation]));
	count = b->len;
	frame_put_u32(b, 0);
	put_text(&w, "table", r->table);
	if (r->all)
		put(&w, "all", 0, NULL);
	if (r->sizes)
		put(&w, "sizes", 0, NULL);
	put_text(&w, "publication", r->publication);
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

/* Reading: each argument by its name. */
struct reading {
	struct mem *m;
	struct driver_request *r;
	struct driver_predicate *where;
	struct driver_order *order;
	const char *const *values;
	size_t n;
};

static int
get_number(const struct reading *g, uint64_t *to, struct fail *f)
{
	return number_integer(g->values[0], 0, UINT64_MAX, to, f);
}

static int
get_table(struct reading *g, struct fail *f)
{
	(void)f;
	g->r->table = g->values[0];
	return 0;
}

static int
get_all(struct reading *g, struct fail *f)
{
	(void)f;
	g->r->all = 1;
	return 0;
}

static int
get_sizes(struct reading *g, struct fail *f)
{
	(void)f;
	g->r->sizes = 1;
	return 0;
}

static int
get_publication(struct reading *g, struct fail *f)
{
	(void)f;
	g->r->publication = g->values[0];
	return 0;
}

static int
get_effort(struct reading *g, struct fail *f)
{
	if (strcmp(g->values[0], "estimate") != 0)
		return fail_set(f, "not '%s' but estimate", g->values[0]);
	g->r->effort = DRIVER_ESTIMATE;
	return 0;
}

static int
get_columns(struct reading *g, struct fail *f)
{
	(void)f;
	g->r->columns = g->values;
	g->r->ncolumns = g->n;
	return 0;
}

static int
get_type(const char *name, enum rows_type *type, struct fail *f)
{
	for (int i = ROWS_TEXT; i < ROWS_TYPES; i++) {
		if (strcmp(name, rows_type_name((enum rows_type)i)) == 0) {
			*type = (enum rows_type)i;
			return 0;
		}
	}
	return fail_set(f, "no such type: %s", name);
}

static int
get_known(struct reading *g, struct fail *f)
{
	struct rows_column *known = mem_array(g->m, g->n / 2, sizeof *known);

	if (g->n % 2 != 0)
		return fail_set(f, "a name without a type");
	for (size_t i = 0; i < g->n / 2; i++) {
		const char *name = g->values[2 * i];

		known[i] = (struct rows_column){.name = name, .len = strlen(name), .origin = ""};
		if (get_type(g->values[2 * i + 1], &known[i].type, f) < 0)
			return -1;
	}
	g->r->known = known;
	g->r->nknown = g->n / 2;
	return 0;
}

static int
get_limit(struct reading *g, struct fail *f)
{
	return get_number(g, &g->r->limit, f);
}

static int
get_offset(struct reading *g, struct fail *f)
{
	return get_number(g, &g->r->offset, f);
}

static int
get_which(struct reading *g, struct fail *f)
{
	if (strcmp(g->values[0], "tail") == 0)
		g->r->which = DRIVER_TAIL;
	else if (strcmp(g->values[0], "sample") == 0)
		g->r->which = DRIVER_SAMPLE;
	else
		return fail_set(f, "not '%s' but tail or sample", g->values[0]);
	return 0;
}

static int
get_width(struct reading *g, struct fail *f)
{
	uint64_t width = 0;

	if (get_number(g, &width, f) < 0)
		return -1;
	g->r->width = (size_t)width;
	return 0;
}

static int
get_where(struct reading *g, struct fail *f)
{
	for (size_t i = 0; i < OPERATORS; i++) {
		int compares = i < COMPARING;

		if (compares == (g->n == 3) && strcmp(g->values[1], operators[i]) == 0) {
			g->where[g->r->nwhere++] = (struct driver_predicate){
			    g->values[0], operators[i], g->n == 3 ? g->values[2] : NULL};
			return 0;
		}
	}
	return fail_set(f, "no such operator: %s", g->values[1]);
}

static int
get_order(struct reading *g, struct fail *f)
{
	int descending = strcmp(g->values[1], "desc") == 0;

	if (!descending && strcmp(g->values[1], "asc") != 0)
		return fail_set(f, "not '%s' but asc or desc", g->values[1]);
	g->order[g->r->norder++] = (struct driver_order){g->values[0], descending};
	return 0;
}

static int
get_at_least(struct reading *g, struct fail *f)
{
	return get_number(g, &g->r->at_least, f);
}

static int
get_lines_of(struct reading *g, struct fail *f)
{
	(void)f;
	g->r->lines_of = g->values[0];
	return 0;
}

static const struct argument {
	const char *name;
	size_t least, most; /* values */
	int (*get)(struct reading *g, struct fail *f);
	int scans; /* only a scan has it */
} arguments[] = {
    {"table", 1, 1, get_table, 0},
    {"all", 0, 0, get_all, 0},
    {"sizes", 0, 0, get_sizes, 0},
    {"publication", 1, 1, get_publication, 0},
    {"effort", 1, 1, get_effort, 0},
    {"columns", 1, ROWS_COLUMNS, get_columns, 1},
    {"known", 2, 2 * ROWS_COLUMNS, get_known, 1},
    {"limit", 1, 1, get_limit, 1},
    {"offset", 1, 1, get_offset, 1},
    {"which", 1, 1, get_which, 1},
    {"width", 1, 1, get_width, 1},
    {"where", 2, 3, get_where, 1},
    {"order", 2, 2, get_order, 1},
    {"at_least", 1, 1, get_at_least, 0},
    {"lines_of", 1, 1, get_lines_of, 0},
};

static int
get_argument(struct reading *g, const char *name, struct fail *f)
{
	for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
		const struct argument *a = &arguments[i];

		if (strcmp(a->name, name) != 0)
			continue;
		if (a->scans && g->r->operation != DRIVER_SCAN)
			break;
		if (g->n < a->least || g->n > a->most)
			return fail_set(f, "%s: %zu values", name, g->n);
		return a->get(g, f) < 0 ? fail_wrap(f, name) : 0;
	}
	/* To pass over what is not known would answer another question. */
	return fail_set(f, "no such argument: %s", name);
}

/* A text without a NUL inside, in the arena; NULL where it is none. */
static const char *
get_text(struct mem *m, struct frame *body)
{
	const char *bytes;
	size_t len = frame_text(body, &bytes);

	return body->bad || memchr(bytes, '\0', len) != NULL ? NULL : mem_copy(m, bytes, len);
}

/* An argument's name and values; a value takes four bytes at least, so their count is borne out by the bytes. */
static const char *
get_values(struct reading *g, struct frame *body)
{
	const char *name = get_text(g->m, body), **values;

	g->n = frame_u32(body);
	if (name == NULL || body->bad || g->n > frame_left(body) / 4)
		return NULL;
	g->values = values = mem_array(g->m, g->n, sizeof *values);
	for (size_t i = 0; i < g->n; i++) {
		values[i] = get_text(g->m, body);
		if (values[i] == NULL)
			return NULL;
	}
	return name;
}

static int
get_operation(const char *name, enum driver_operation *operation, struct fail *f)
{
	for (int i = 0; i < DRIVER_OPERATIONS; i++) {
		if (strcmp(name, operations[i]) == 0) {
			*operation = (enum driver_operation)i;
			return 0;
		}
	}
	return fail_set(f, "no such operation: %s", name);
}

int
request_decode(struct mem *m, struct frame *body, uint32_t *number, struct driver_request *r, struct fail *f)
{
	struct reading g = {.m = m, .r = r};
	const char *operation;
	size_t n;
	int known;

	*r = (struct driver_request){0};
	*number = frame_u32(body);
	operation = get_text(m, body);
	n = frame_u32(body);
	if (operation == NULL || body->bad || n > frame_left(body) / 8)
		return fail_set(f, "is no request");
	r->where = g.where = mem_array(m, n, sizeof *g.where);
	r->order = g.order = mem_array(m, n, sizeof *g.order);
	known = get_operation(operation, &r->operation, f) == 0;
	for (size_t i = 0; i < n; i++) {
		const char *name = get_values(&g, body);

		if (name == NULL)
			return fail_set(f, "is no request");
		known = known && get_argument(&g, name, f) == 0;
	}
	return frame_done(body) ? known : fail_set(f, "is no request");
}
