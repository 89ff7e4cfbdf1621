#include "query.h"

#include <string.h>
#include <strings.h>

static const struct sqltoken *
token(const struct query *q, size_t i)
{
	return &q->tokens[i < q->n ? i : q->n];
}

static int
is(const struct query *q, size_t i, const char *text)
{
	return sqltoken_is(token(q, i), text);
}

/* How many levels deeper it is behind a token.  CASE has words between itself and its END. */
static int
deeper(const struct query *q, size_t i)
{
	if (is(q, i, "(") || is(q, i, "[") || is(q, i, "case"))
		return 1;
	return is(q, i, ")") || is(q, i, "]") || is(q, i, "end") ? -1 : 0;
}

static int
same_name(const struct query *q, const char *a, const char *b)
{
	return (q->dialect == SQLTOKENS_SQLITE ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

size_t
query_find(const struct query *q, struct query_part part, size_t from, const char *text)
{
	int depth = 0;

	for (size_t i = from; i < part.end; i++) {
		if (depth == 0 && is(q, i, text))
			return i;
		depth += deeper(q, i);
	}
	return part.end;
}

/* As many pairs as enclose all of it: those that open it, close it, and are never all closed between. */
struct query_part
query_stripped(const struct query *q, struct query_part part)
{
	size_t open = 0, closed = 0, pairs;
	size_t depth = 0;

	while (part.first + open < part.end && is(q, part.first + open, "("))
		open++;
	while (part.first + open + closed < part.end && is(q, part.end - 1 - closed, ")"))
		closed++;
	pairs = depth = open;
	for (size_t i = part.first + open; i < part.end - closed; i++) {
		int by = deeper(q, i);

		if (by < 0 && depth == 0)
			return part;
		depth = by < 0 ? depth - 1 : depth + (size_t)by;
		pairs = depth < pairs ? depth : pairs;
	}
	if (depth != closed || pairs == 0)
		return part;
	return (struct query_part){part.first + pairs, part.end - pairs};
}

/* Clauses. */

/* What a key word begins behind the clause `now`; QUERY_CLAUSES: none. */
static enum query_clause
begins(const struct query *q, size_t i, enum query_clause now)
{
	static const struct {
		const char *word;
		enum query_clause clause;
	} words[] = {{"where", QUERY_WHERE}, {"group", QUERY_GROUP}, {"having", QUERY_HAVING}, {"order", QUERY_ORDER},
	    {"limit", QUERY_LIMIT}, {"offset", QUERY_OTHER}, {"fetch", QUERY_OTHER}, {"window", QUERY_OTHER},
	    {"returning", QUERY_OTHER}, {"set", QUERY_OTHER}, {"for", QUERY_OTHER}};

	if (i > 0 && is(q, i - 1, "."))
		return QUERY_CLAUSES;
	/* IS DISTINCT FROM is an operator. */
	if (is(q, i, "from") && now == QUERY_SELECT && !(i > 1 && is(q, i - 1, "distinct") && !is(q, i - 2, "select")))
		return QUERY_FROM;
	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		if (now != QUERY_SELECT && is(q, i, words[k].word))
			return words[k].clause;
	}
	return QUERY_CLAUSES;
}

static int
is_more_than_one(const struct query *q, size_t i)
{
	return is(q, i, "union") || is(q, i, "intersect") || is(q, i, "except") || is(q, i, "select");
}

/* 0 where it is no statement of the kind, or has the same clause twice. */
static int
find_clauses(struct query *q)
{
	enum query_clause now = is(q, 0, "update") ? QUERY_FROM : QUERY_SELECT, next;
	int depth = 0;

	if (!is(q, 0, "select") && !is(q, 0, "delete") && !is(q, 0, "update"))
		return 0;
	q->clauses[now].first = 1;
	for (size_t i = 1; i < q->n; i++) {
		if (depth == 0 && is_more_than_one(q, i))
			return 0;
		next = depth == 0 ? begins(q, i, now) : QUERY_CLAUSES;
		depth += deeper(q, i);
		if (next == QUERY_CLAUSES)
			continue;
		q->clauses[now].end = i;
		if (next != QUERY_OTHER && q->clauses[next].first > 0)
			return 0;
		now = next;
		q->clauses[now].first = i + 1 + ((now == QUERY_GROUP || now == QUERY_ORDER) && is(q, i + 1, "by"));
	}
	q->clauses[now].end = q->n;
	return depth == 0 && q->clauses[QUERY_FROM].first > 0;
}

/* Sources. */

/* Of a server's table, whose name may have a schema in front: whether it may be called `name`. */
static int
is_called(const struct query *q, const struct catalog_table *t, const char *schema, const char *name)
{
	const char *dot = strrchr(t->name, '.');

	if (q->dialect == SQLTOKENS_SQLITE)
		return same_name(q, t->name, name) && (schema == NULL || strcasecmp(schema, "main") == 0);
	if (schema == NULL || dot == NULL)
		return strcmp(dot != NULL ? dot + 1 : t->name, name) == 0;
	return strlen(schema) == (size_t)(dot - t->name) && strncmp(t->name, schema, strlen(schema)) == 0 &&
	       strcmp(dot + 1, name) == 0;
}

/* NULL where there is none, or are several. */
static const struct catalog_table *
find_table(const struct query *q, const char *schema, const char *name)
{
	const struct catalog_table *found = NULL;

	for (size_t i = 0; i < q->catalog->ntables; i++) {
		if (!is_called(q, &q->catalog->tables[i], schema, name))
			continue;
		if (found != NULL)
			return NULL;
		found = &q->catalog->tables[i];
	}
	return found;
}

/* Words behind a source that are no name for it. */
static int
ends_source(const struct query *q, size_t i)
{
	static const char *const words[] = {"on", "using", "join", "left", "right", "full", "inner", "outer", "cross",
	    "natural", "indexed", "not", "tablesample"};

	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		if (is(q, i, words[k]))
			return 1;
	}
	return token(q, i)->kind != SQLTOKEN_WORD && token(q, i)->kind != SQLTOKEN_NAME;
}

static size_t
behind_parentheses(const struct query *q, size_t i, size_t end)
{
	int depth = 0;

	do {
		depth += deeper(q, i++);
	} while (i < end && depth > 0);
	return i;
}

/* A source that begins at a token; where it ends. */
static size_t
take_source(struct query *q, size_t i, size_t end)
{
	struct query_source *s = &q->sources[q->nsources++];
	const char *schema = NULL, *name = sqltoken_name(q->m, token(q, i), q->dialect);

	if (name == NULL || is(q, i, "lateral")) {
		i = is(q, i, "(") ? behind_parentheses(q, i, end) : i + 1;
	} else {
		if (is(q, i + 1, ".") && i + 2 < end) {
			schema = name;
			name = sqltoken_name(q->m, token(q, i + 2), q->dialect);
			i += 2;
		}
		i++;
		if (is(q, i, "("))
			i = behind_parentheses(q, i, end);
		else if (name != NULL)
			s->table = find_table(q, schema, name);
	}
	s->name = name != NULL ? name : "";
	i += i < end && is(q, i, "as");
	if (i < end && !ends_source(q, i))
		s->name = sqltoken_name(q->m, token(q, i++), q->dialect);
	if (s->name == NULL)
		s->name = "";
	return i;
}

/* Terms. */

static void
add_term(struct query *q, struct query_part part)
{
	if (part.end > part.first)
		q->terms[q->nterms++] = part;
}

enum { DEPTH = 100 }; /* of parentheses in parentheses: SQLite's parser has no room for more */

/* The AND of BETWEEN … AND is none. */
static void
add_terms(struct query *q, struct query_part part, int depth)
{
	struct query_part inner = query_stripped(q, part);
	size_t from = inner.first, at, between;

	if (depth == DEPTH || query_find(q, inner, inner.first, "or") < inner.end) {
		add_term(q, inner);
		return;
	}
	while ((at = query_find(q, inner, from, "and")) < inner.end) {
		between = query_find(q, (struct query_part){from, at}, from, "between");
		if (between < at) {
			at = query_find(q, inner, at + 1, "and");
			if (at == inner.end)
				break;
		}
		add_terms(q, (struct query_part){inner.first, at}, depth + 1);
		inner.first = from = at + 1;
	}
	if (inner.first > part.first || inner.end < part.end)
		add_terms(q, inner, depth + 1);
	else
		add_term(q, inner);
}

/* Where the condition of a join ends. */
static size_t
end_of_on(const struct query *q, size_t i, size_t end)
{
	static const char *const words[] = {"join", "left", "right", "full", "inner", "cross", "natural", ","};
	struct query_part part = {i, end};
	size_t first = end;

	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		size_t at = query_find(q, part, i, words[k]);

		/* left() and right() are functions of PostgreSQL. */
		while (at < first && is(q, at + 1, "("))
			at = query_find(q, part, at + 1, words[k]);
		first = at < first ? at : first;
	}
	return first;
}

static void
find_sources(struct query *q)
{
	struct query_part from = q->clauses[QUERY_FROM];
	int expected = 1;

	for (size_t i = from.first; i < from.end;) {
		if (expected && !is(q, i, "only") && !is(q, i, "or")) {
			i = take_source(q, i, from.end);
			expected = 0;
		} else if (is(q, i, "on")) {
			size_t end = end_of_on(q, i + 1, from.end);

			add_terms(q, (struct query_part){i + 1, end}, 0);
			i = end;
		} else if (is(q, i, "(")) {
			i = behind_parentheses(q, i, from.end);
		} else {
			expected |= is(q, i, ",") || is(q, i, "join");
			i++;
		}
	}
}

int
query_read(struct query *q, struct mem *m, const char *sql, enum sqltokens_dialect dialect, const struct catalog *c)
{
	*q = (struct query){.m = m, .dialect = dialect, .catalog = c};
	q->tokens = sqltokens_read(m, sql, strlen(sql), dialect, &q->n);
	/* There cannot be more of them than tokens. */
	q->sources = mem_array(m, q->n + 1, sizeof *q->sources);
	q->terms = mem_array(m, q->n + 1, sizeof *q->terms);
	if (!find_clauses(q))
		return 0;
	find_sources(q);
	add_terms(q, q->clauses[QUERY_WHERE], 0);
	return q->nsources > 0;
}

/* Columns. */

static const struct catalog_column *
column_of(const struct query *q, const struct query_source *s, const char *name)
{
	for (size_t i = 0; s->table != NULL && i < s->table->ncolumns; i++) {
		if (s->table->columns[i].name != NULL && same_name(q, s->table->columns[i].name, name))
			return &s->table->columns[i];
	}
	return NULL;
}

/* A name alone may be a column of what is not known, or of several. */
static int
find_column(const struct query *q, const char *owner, const char *name, struct query_column *column)
{
	size_t found = 0;

	for (size_t i = 0; i < q->nsources; i++) {
		const struct query_source *s = &q->sources[i];
		const struct catalog_column *c = column_of(q, s, name);

		if (owner != NULL ? !same_name(q, s->name, owner) : s->table == NULL) {
			if (owner == NULL)
				return 0;
			continue;
		}
		if (c == NULL)
			continue;
		column->source = s;
		column->column = c;
		found++;
	}
	return found == 1;
}

int
query_column(const struct query *q, size_t at, size_t end, struct query_column *column)
{
	const char *owner = NULL, *name = at < end ? sqltoken_name(q->m, token(q, at), q->dialect) : NULL;

	column->tokens = 1;
	while (name != NULL && at + column->tokens + 1 < end && is(q, at + column->tokens, ".")) {
		owner = name;
		name = sqltoken_name(q->m, token(q, at + column->tokens + 1), q->dialect);
		column->tokens += 2;
	}
	if (name == NULL || is(q, at + column->tokens, "(") || (at > 0 && is(q, at - 1, ".")))
		return 0;
	return find_column(q, owner, name, column);
}

int
query_is_column(const struct query *q, struct query_part part, struct query_column *column)
{
	part = query_stripped(q, part);
	return query_column(q, part.first, part.end, column) && column->tokens == part.end - part.first;
}

int
query_only_column(const struct query *q, struct query_part part, struct query_column *column)
{
	struct query_column here;
	int found = 0;

	for (size_t i = part.first; i < part.end; i++) {
		if (is(q, i, "select"))
			return 0;
		if (!query_column(q, i, part.end, &here))
			continue;
		if (found && (here.source != column->source || here.column != column->column))
			return 0;
		*column = here;
		found = 1;
		i += here.tokens - 1;
	}
	return found;
}

int
query_mentions(const struct query *q, struct query_part part, const struct query_source *source)
{
	struct query_column here;

	for (size_t i = part.first; i < part.end; i++) {
		if (query_column(q, i, part.end, &here) && here.source == source)
			return 1;
	}
	return 0;
}

void
query_write(struct buf *b, const struct query *q, struct query_part part)
{
	const char *behind = NULL;

	for (size_t i = part.first; i < part.end; i++) {
		struct query_column here = {.tokens = 1};
		const char *start = token(q, i)->at;

		if (behind != NULL && start > behind)
			buf_byte(b, ' ');
		if (query_column(q, i, part.end, &here))
			i += here.tokens - 1;
		buf_add(b, token(q, i)->at, token(q, i)->len);
		behind = token(q, i)->at + token(q, i)->len;
	}
}
