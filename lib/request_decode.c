#include "request_decode.h"

#include <stddef.h>
#include <string.h>

#include "number.h"
#include "request.h"

static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">=", "is null", "is not null"};

enum { OPERATORS = sizeof operators / sizeof *operators, COMPARING = 6 }; /* the first ones have a value */

/* Reading: each argument by its name. */
struct reading {
	struct mem *m;
	struct driver_request *r;
	struct driver_predicate *where;
	struct driver_order *order;
	struct driver_index *index;
	struct driver_key *keys;
	const char *const *values;
	size_t n;
};

/* What an argument is, is put where `to` points: the field that the table names. */

static int
get_flag(struct reading *g, void *to, struct fail *f)
{
	int *flag = to;

	(void)g, (void)f;
	*flag = 1;
	return 0;
}

static int
get_text(struct reading *g, void *to, struct fail *f)
{
	const char **text = to;

	(void)f;
	*text = g->values[0];
	return 0;
}

static int
get_number(struct reading *g, void *to, struct fail *f)
{
	uint64_t *number = to;

	return number_integer(g->values[0], 0, UINT64_MAX, number, f);
}

static int
get_effort(struct reading *g, void *to, struct fail *f)
{
	enum driver_effort *effort = to;

	if (strcmp(g->values[0], "estimate") != 0)
		return fail_set(f, "not '%s' but estimate", g->values[0]);
	*effort = DRIVER_ESTIMATE;
	return 0;
}

static int
get_columns(struct reading *g, void *to, struct fail *f)
{
	(void)to, (void)f;
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
get_known(struct reading *g, void *to, struct fail *f)
{
	struct rows_column *known = mem_array(g->m, g->n / 2, sizeof *known);

	(void)to;
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
get_which(struct reading *g, void *to, struct fail *f)
{
	enum driver_which *which = to;

	if (strcmp(g->values[0], "tail") == 0)
		*which = DRIVER_TAIL;
	else if (strcmp(g->values[0], "sample") == 0)
		*which = DRIVER_SAMPLE;
	else
		return fail_set(f, "not '%s' but tail or sample", g->values[0]);
	return 0;
}

static int
get_width(struct reading *g, void *to, struct fail *f)
{
	uint64_t width = 0;
	size_t *bytes = to;

	if (get_number(g, &width, f) < 0)
		return -1;
	*bytes = (size_t)width;
	return 0;
}

static int
get_where(struct reading *g, void *to, struct fail *f)
{
	(void)to;
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
get_order(struct reading *g, void *to, struct fail *f)
{
	int descending = strcmp(g->values[1], "desc") == 0;

	(void)to;
	if (!descending && strcmp(g->values[1], "asc") != 0)
		return fail_set(f, "not '%s' but asc or desc", g->values[1]);
	g->order[g->r->norder++] = (struct driver_order){g->values[0], descending};
	return 0;
}

static int
get_with(struct reading *g, void *to, struct fail *f)
{
	(void)to, (void)f;
	g->r->with = g->values;
	g->r->nwith = g->n;
	return 0;
}

/* A choice between two words. */
static int
is_second(const char *value, const char *first, const char *second, int *yes, struct fail *f)
{
	*yes = strcmp(value, second) == 0;
	return *yes || strcmp(value, first) == 0 ? 0 : fail_set(f, "not '%s' but %s or %s", value, first, second);
}

static int
get_key(struct reading *g, void *to, struct fail *f)
{
	struct driver_key *k = &g->keys[g->index->nkeys++];
	int nulls = DRIVER_NULLS_USUAL;

	(void)to;
	k->text = g->values[1];
	k->collation = *g->values[4] != '\0' ? g->values[4] : NULL;
	k->class = *g->values[5] != '\0' ? g->values[5] : NULL;
	while (nulls <= DRIVER_NULLS_LAST && strcmp(g->values[3], request_nulls[nulls]) != 0)
		nulls++;
	if (nulls > DRIVER_NULLS_LAST)
		return fail_set(f, "not '%s' but first or last", g->values[3]);
	k->nulls = (enum driver_nulls)nulls;
	if (is_second(g->values[0], "column", "expression", &k->expression, f) < 0)
		return -1;
	return is_second(g->values[2], "asc", "desc", &k->descending, f);
}

static int
get_include(struct reading *g, void *to, struct fail *f)
{
	(void)to, (void)f;
	g->index->include = g->values;
	g->index->ninclude = g->n;
	return 0;
}

/* Which requests have an argument. */
enum whose { ANY, SCANS, CHANGES };

/* The field that it fills, if it is just one. */
#define IN_REQUEST(field) 0, offsetof(struct driver_request, field)
#define IN_INDEX(field) 1, offsetof(struct driver_index, field)

static const struct argument {
	const char *name;
	size_t least, most; /* values */
	int (*get)(struct reading *g, void *to, struct fail *f);
	enum whose whose;
	int of_index;
	size_t field;
} arguments[] = {
    {"table", 1, 1, get_text, ANY, IN_REQUEST(table)},
    {"all", 0, 0, get_flag, ANY, IN_REQUEST(all)},
    {"sizes", 0, 0, get_flag, ANY, IN_REQUEST(sizes)},
    {"publication", 1, 1, get_text, ANY, IN_REQUEST(publication)},
    {"effort", 1, 1, get_effort, ANY, IN_REQUEST(effort)},
    {"columns", 1, ROWS_COLUMNS, get_columns, SCANS, 0, 0},
    {"known", 2, 2 * ROWS_COLUMNS, get_known, SCANS, 0, 0},
    {"limit", 1, 1, get_number, SCANS, IN_REQUEST(limit)},
    {"offset", 1, 1, get_number, SCANS, IN_REQUEST(offset)},
    {"which", 1, 1, get_which, SCANS, IN_REQUEST(which)},
    {"width", 1, 1, get_width, SCANS, IN_REQUEST(width)},
    {"where", 2, 3, get_where, SCANS, 0, 0},
    {"order", 2, 2, get_order, SCANS, 0, 0},
    {"at_least", 1, 1, get_number, ANY, IN_REQUEST(at_least)},
    {"lines_of", 1, 1, get_text, ANY, IN_REQUEST(lines_of)},
    {"leaves", 0, 0, get_flag, ANY, IN_REQUEST(leaves)},
    {"sql", 1, 1, get_text, ANY, IN_REQUEST(sql)},
    {"with", 1, ROWS_COLUMNS, get_with, ANY, 0, 0},
    {"name", 1, 1, get_text, CHANGES, IN_INDEX(name)},
    {"unique", 0, 0, get_flag, CHANGES, IN_INDEX(unique)},
    {"key", REQUEST_KEY_VALUES, REQUEST_KEY_VALUES, get_key, CHANGES, 0, 0},
    {"include", 1, ROWS_COLUMNS, get_include, CHANGES, 0, 0},
    {"method", 1, 1, get_text, CHANGES, IN_INDEX(method)},
    {"predicate", 1, 1, get_text, CHANGES, IN_INDEX(predicate)},
    {"wait", 1, 1, get_number, CHANGES, IN_REQUEST(wait)},
    {"lock_timeout", 1, 1, get_number, CHANGES, IN_REQUEST(lock_timeout)},
};

static void *
field_of(const struct reading *g, const struct argument *a)
{
	return (a->of_index ? (char *)g->index : (char *)g->r) + a->field;
}

static int
get_argument(struct reading *g, const char *name, struct fail *f)
{
	for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
		const struct argument *a = &arguments[i];

		if (strcmp(a->name, name) != 0)
			continue;
		if ((a->whose == SCANS && g->r->operation != DRIVER_SCAN) ||
		    (a->whose == CHANGES && !driver_changes(g->r->operation)))
			break;
		if (g->n < a->least || g->n > a->most)
			return fail_set(f, "%s: %zu values", name, g->n);
		return a->get(g, field_of(g, a), f) < 0 ? fail_wrap(f, name) : 0;
	}
	/* To pass over what is not known would answer another question. */
	return fail_set(f, "no such argument: %s", name);
}

/* A text without a NUL inside, in the arena; NULL where it is none. */
static const char *
read_text(struct mem *m, struct frame *body)
{
	const char *bytes;
	size_t len = frame_text(body, &bytes);

	return body->bad || memchr(bytes, '\0', len) != NULL ? NULL : mem_copy(m, bytes, len);
}

/* An argument's name and values; a value takes four bytes at least, so their count is borne out by the bytes. */
static const char *
get_values(struct reading *g, struct frame *body)
{
	const char *name = read_text(g->m, body), **values;

	g->n = frame_u32(body);
	if (name == NULL || body->bad || g->n > frame_left(body) / 4)
		return NULL;
	g->values = values = mem_array(g->m, g->n, sizeof *values);
	for (size_t i = 0; i < g->n; i++) {
		values[i] = read_text(g->m, body);
		if (values[i] == NULL)
			return NULL;
	}
	return name;
}

static int
get_operation(const char *name, enum driver_operation *operation, struct fail *f)
{
	for (int i = 0; i < DRIVER_OPERATIONS; i++) {
		if (strcmp(name, request_operations[i]) == 0) {
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
	operation = read_text(m, body);
	n = frame_u32(body);
	if (operation == NULL || body->bad || n > frame_left(body) / 8)
		return fail_set(f, "is no request");
	r->where = g.where = mem_array(m, n, sizeof *g.where);
	r->order = g.order = mem_array(m, n, sizeof *g.order);
	g.index = mem_alloc(m, sizeof *g.index);
	g.index->keys = g.keys = mem_array(m, n, sizeof *g.keys);
	known = get_operation(operation, &r->operation, f) == 0;
	if (known && driver_changes(r->operation))
		r->index = g.index;
	for (size_t i = 0; i < n; i++) {
		const char *name = get_values(&g, body);

		if (name == NULL)
			return fail_set(f, "is no request");
		known = known && get_argument(&g, name, f) == 0;
	}
	return frame_done(body) ? known : fail_set(f, "is no request");
}
