#include "pg_explain.h"

#include <ctype.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "ref.h"

enum { DEPTH = 500, TEXTS = 5 }; /* levels of a plan; members of a step that are kept one by one */

/* A step: a node of the plan, in the order in which they are met. */
struct node {
	struct node *next;
	size_t number, parent;
	const char *text[TEXTS];
	const char *conditions; /* "Index Cond: (a = 1); Filter: …" */
	int found;              /* there is one by which rows are found */
	double rows;
};

enum text { TYPE, SCHEMA, TABLE, INDEX, SUBPLAN };
static const char *const text_keys[TEXTS] = {"Node Type", "Schema", "Relation Name", "Index Name", "Subplan Name"};

/* What else is told of a step, as it is; rows are found by the first ones. */
enum { FINDING = 3 };
static const char *const told[] = {"Index Cond", "TID Cond", "Order By", "Operation", "Join Type", "Hash Cond", "Merge Cond",
    "Join Filter", "Filter", "One-Time Filter", "Sort Key", "Presorted Key", "Group Key"};

struct reading {
	struct mem *m;
	struct json json;
	struct node *first, **last;
	size_t n;
	struct buf key, value;
};

static int
find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

static const char *
keep(struct mem *m, const struct buf *b)
{
	return b->len > 0 ? mem_copy(m, b->bytes, b->len) : "";
}

/* A text, or a list of them. */
static int
read_texts(struct reading *g)
{
	g->value.len = 0;
	if (!json_take(&g->json, '['))
		return json_string(&g->json, &g->value);
	do {
		buf_puts(&g->value, g->value.len > 0 ? ", " : "");
		if (json_string(&g->json, &g->value) < 0)
			return -1;
	} while (json_take(&g->json, ','));
	return json_take(&g->json, ']') ? 0 : -1;
}

static int read_node(struct reading *g, size_t parent, int depth);

static int
read_nodes(struct reading *g, size_t parent, int depth)
{
	if (!json_take(&g->json, '['))
		return -1;
	do {
		if (read_node(g, parent, depth) < 0)
			return -1;
	} while (json_take(&g->json, ','));
	return json_take(&g->json, ']') ? 0 : -1;
}

/* The value of the member g->key. */
static int
read_value(struct reading *g, struct node *n, struct buf *conditions, int depth)
{
	const char *key = buf_string(&g->key);
	int text = find(text_keys, TEXTS, key), condition = find(told, sizeof told / sizeof *told, key);

	if (strcmp(key, "Plans") == 0)
		return read_nodes(g, n->number, depth + 1);
	if (strcmp(key, "Plan Rows") == 0)
		return json_number(&g->json, &n->rows);
	if (text < 0 && condition < 0)
		return json_skip(&g->json);
	if (condition >= 0)
		buf_printf(conditions, "; %s: ", key);
	if (read_texts(g) < 0)
		return -1;
	if (text >= 0)
		n->text[text] = keep(g->m, &g->value);
	else
		buf_add(conditions, g->value.bytes, g->value.len);
	n->found |= condition >= 0 && condition < FINDING;
	return 0;
}

static int
read_members(struct reading *g, struct node *n, struct buf *conditions, int depth)
{
	do {
		g->key.len = 0;
		if (json_string(&g->json, &g->key) < 0 || !json_take(&g->json, ':') || read_value(g, n, conditions, depth) < 0)
			return -1;
	} while (json_take(&g->json, ','));
	return json_take(&g->json, '}') ? 0 : -1;
}

static int
read_node(struct reading *g, size_t parent, int depth)
{
	struct node *n = mem_alloc(g->m, sizeof *n);
	struct buf conditions = {0};
	int r;

	*n = (struct node){.number = ++g->n, .parent = parent, .text = {"", NULL, NULL, NULL, NULL}};
	*g->last = n;
	g->last = &n->next;
	r = depth < DEPTH && json_take(&g->json, '{') ? read_members(g, n, &conditions, depth) : -1;
	n->conditions = keep(g->m, &conditions);
	buf_free(&conditions);
	return r;
}

/* One statement of the answer: an object that holds a plan, or something else where it has none. */
static int
read_statement(struct reading *g)
{
	if (!json_take(&g->json, '{'))
		return json_skip(&g->json);
	do {
		g->key.len = 0;
		if (json_string(&g->json, &g->key) < 0 || !json_take(&g->json, ':'))
			return -1;
		if (strcmp(buf_string(&g->key), "Plan") == 0 ? read_node(g, 0, 0) < 0 : json_skip(&g->json) < 0)
			return -1;
	} while (json_take(&g->json, ','));
	return json_take(&g->json, '}') ? 0 : -1;
}

/* Rules may have made several of one. */
static int
read_plan(struct reading *g)
{
	if (!json_take(&g->json, '['))
		return -1;
	do {
		if (read_statement(g) < 0)
			return -1;
	} while (json_take(&g->json, ','));
	return json_take(&g->json, ']') ? 0 : -1;
}

/* What kinds of steps do. */
static const struct kind {
	const char *type, *access;
	enum { READS_TABLE, READS_INDEX, READS_INDEX_ONLY, READS_LIST, READS_NOTHING } reads;
} kinds[] = {
    {"Seq Scan", "scan", READS_TABLE},
    {"Sample Scan", "scan", READS_TABLE},
    {"Foreign Scan", "scan", READS_TABLE},
    {"Custom Scan", "scan", READS_TABLE},
    {"Tid Scan", "search", READS_TABLE},
    {"Tid Range Scan", "search", READS_TABLE},
    {"Index Scan", NULL, READS_INDEX},
    {"Index Only Scan", NULL, READS_INDEX_ONLY},
    {"Bitmap Heap Scan", "search", READS_LIST},
    {"Bitmap Index Scan", NULL, READS_NOTHING},
    {"Sort", "sort", READS_NOTHING},
    {"Incremental Sort", "sort", READS_NOTHING},
    {"", "other", READS_NOTHING},
};

static const struct kind *
kind_of(const struct node *n)
{
	const struct kind *k = kinds;

	while (k->type[0] != '\0' && strcmp(k->type, n->text[TYPE]) != 0)
		k++;
	return k;
}

static struct rows_cell
table_of(struct mem *m, const struct node *n)
{
	struct buf b = {0};
	struct rows_cell cell;

	if (n->text[TABLE] == NULL || n->text[SCHEMA] == NULL)
		return rows_null();
	ref_part(&b, n->text[SCHEMA], strlen(n->text[SCHEMA]));
	buf_byte(&b, '.');
	ref_part(&b, n->text[TABLE], strlen(n->text[TABLE]));
	cell = rows_text(keep(m, &b));
	buf_free(&b);
	return cell;
}

/* The index that made the list of rows, where it is one alone.  Steps come in the order of the plan: what is below one follows
 * it, up to the first whose parent came before it. */
static const char *
index_of(const struct node *n)
{
	const char *index = NULL;

	for (const struct node *i = n->next; i != NULL && i->parent >= n->number; i = i->next) {
		if (strcmp(i->text[TYPE], "Bitmap Index Scan") != 0)
			continue;
		if (index != NULL)
			return NULL;
		index = i->text[INDEX];
	}
	return index;
}

static struct rows_cell
detail_of(struct mem *m, const struct node *n, const struct kind *k)
{
	struct buf b = {0};
	struct rows_cell cell;

	if (n->text[SUBPLAN] != NULL)
		buf_printf(&b, "%s: ", n->text[SUBPLAN]);
	buf_puts(&b, n->text[TYPE]);
	if (k->reads == READS_NOTHING && n->text[TABLE] != NULL)
		buf_printf(&b, " on %s", n->text[TABLE]);
	buf_puts(&b, n->conditions);
	cell = rows_text(keep(m, &b));
	buf_free(&b);
	return cell;
}

static void
add_step(struct rows *r, struct reading *g, const struct node *n)
{
	const struct kind *k = kind_of(n);
	const char *index = k->reads == READS_LIST ? index_of(n) : n->text[INDEX];
	const char *access = k->access != NULL ? k->access : n->found ? "search" : "scan";
	int covering = k->reads == READS_INDEX_ONLY;

	rows_made_add(r, (const struct rows_cell[DRIVER_EXPLAIN_FIELDS]){
			     rows_integer(g->m, n->number),
			     rows_integer(g->m, n->parent),
			     rows_text(access),
			     k->reads != READS_NOTHING ? table_of(g->m, n) : rows_null(),
			     rows_text_or_null(index),
			     k->reads == READS_NOTHING ? rows_null() : rows_boolean(covering),
			     detail_of(g->m, n, k),
			     n->rows >= 0 && n->rows < 1e19 ? rows_integer(g->m, (uint64_t)n->rows) : rows_null(),
			 });
}

struct steps {
	struct mem *m;
	struct rows *answer;
};

static int
fill_steps(struct rows *r, void *arg, struct fail *f)
{
	const struct steps *s = arg;
	struct reading g = {.m = s->m};
	int more = rows_columns(s->answer, f), ok = 1;

	g.last = &g.first;
	while (more >= 0 && (more = rows_next(s->answer, f)) > 0) {
		g.json = (struct json){s->answer->cells[0].bytes, s->answer->cells[0].bytes + s->answer->cells[0].len};
		ok = ok && read_plan(&g) == 0;
	}
	r->end = s->answer->end;
	rows_close(s->answer);
	for (const struct node *n = g.first; ok && more == 0 && n != NULL; n = n->next)
		add_step(r, &g, n);
	buf_free(&g.key);
	buf_free(&g.value);
	if (more == 0 && !ok) {
		r->end = ROWS_FAILED;
		return fail_set(f, "the server has answered with a plan that is none");
	}
	return more;
}

struct rows *
pg_explain_steps(struct mem *m, struct rows *answer)
{
	struct steps *s = mem_alloc(m, sizeof *s);

	*s = (struct steps){m, answer};
	return driver_made(m, DRIVER_EXPLAIN, fill_steps, s);
}

/* Behind what begins at p: a string, a name in quotes, a comment, a dollar quote; p where nothing of that does. */
static const char *
pass_quoted(const char *p)
{
	const char *end = NULL, *tag;
	size_t n;

	if (*p == '\'' || *p == '"')
		end = strchr(p + 1, *p);
	else if (strncmp(p, "--", 2) == 0)
		end = strchr(p, '\n');
	else if (strncmp(p, "/*", 2) == 0)
		end = (end = strstr(p + 2, "*/")) != NULL ? end + 1 : NULL;
	else if (*p == '$' && (tag = strchr(p + 1, '$')) != NULL &&
		 (n = strcspn(p + 1, "$ \t\n(),;'\"=<>+-*/")) == (size_t)(tag - p - 1)) {
		for (end = tag + 1; (end = strchr(end, '$')) != NULL && strncmp(end, p, n + 2) != 0;)
			end++;
		end = end != NULL ? end + n + 1 : NULL;
	} else {
		return p;
	}
	return end != NULL ? end + 1 : p + strlen(p);
}

/* True where a parameter stands in it: `$1`, and not a name with a dollar. */
static int
has_parameters(const char *sql)
{
	for (const char *p = sql, *next; *p != '\0'; p = next) {
		if (p[0] == '$' && isdigit((unsigned char)p[1]))
			return 1;
		if (isalnum((unsigned char)*p) || *p == '_') {
			for (next = p + 1; isalnum((unsigned char)*next) || *next == '_' || *next == '$';)
				next++;
			continue;
		}
		next = pass_quoted(p);
		next += next == p;
	}
	return 0;
}

int
pg_explain_plan(
    struct mem *m, const struct driver_request *request, int version, struct pg_plan *plan, enum rows_end *how, struct fail *f)
{
	static const struct rows_column column = {"plan", 4, ROWS_TEXT, ""};
	const char *options = version >= 160000 ? "EXPLAIN (FORMAT JSON, VERBOSE, GENERIC_PLAN) "
						: "EXPLAIN (FORMAT JSON, VERBOSE) ";
	struct buf sql = {0};

	*how = ROWS_REFUSED;
	if (request->nwith > 0)
		return fail_set(f, "PostgreSQL cannot tell what it would do with an index without making it");
	*how = ROWS_FAILED;
	if (request->sql == NULL)
		return fail_set(f, "a statement is missing");
	if (version < 160000 && has_parameters(request->sql))
		return fail_set(f, "a statement with parameters is explained from PostgreSQL 16 on: put values in their place");
	buf_puts(&sql, options);
	buf_puts(&sql, request->sql);
	plan->columns = &column;
	plan->ncolumns = 1;
	plan->statement.sql = keep(m, &sql);
	plan->statement.as_user = 1;
	buf_free(&sql);
	return 0;
}
