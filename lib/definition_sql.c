#include "definition_sql.h"

#include <string.h>
#include <strings.h>

#include "buf.h"
#include "token.h"

/* Tokens on their way to the one way to write them.  One that is left out has no text. */
struct writing {
	struct mem *m;
	enum index_sql_dialect dialect;
	const struct catalog_table *table;
	const struct token *in;
	size_t *match; /* of an opening parenthesis or bracket, where the closing one is */
	struct token *out;
	size_t n;
};

static int
is_one_of(const char *word, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strcasecmp(word, *list) == 0)
			return 1;
	}
	return 0;
}

/* Words that mean something else without quotes than in them. */
static const char *const reserved[] = {"all", "and", "any", "array", "between", "case", "cast", "collate", "current_date",
    "current_time", "current_timestamp", "else", "end", "escape", "exists", "false", "glob", "ilike", "in", "is", "isnull",
    "like", "match", "not", "notnull", "null", "or", "regexp", "some", "then", "true", "unknown", "when", NULL};

/* Words behind which a parenthesis is no call's. */
static const char *const before_groups[] = {
    "and", "or", "not", "when", "then", "else", "case", "between", "like", "ilike", "escape", "is", "from", NULL};

/* How tightly the parts of a condition hold together. */
enum level { LEVEL_NONE, LEVEL_OR, LEVEL_AND, LEVEL_NOT, LEVEL_REST };

static void
put(struct writing *w, enum token_kind kind, const char *text)
{
	w->out[w->n++] = (struct token){kind, text};
}

static const char *
lower(struct mem *m, const char *text)
{
	char *s = mem_string(m, text);

	for (char *p = s; *p != '\0'; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
	return s;
}

/* A name in quotes is one without them where that reads the same. */
static int
needs_quotes(const struct writing *w, const char *name)
{
	if (is_one_of(name, reserved) || *name == '\0' || (*name >= '0' && *name <= '9') || *name == '$')
		return 1;
	for (const char *p = name; *p != '\0'; p++) {
		int upper = *p >= 'A' && *p <= 'Z', small = (*p >= 'a' && *p <= 'z') || *p == '_' || (unsigned char)*p >= 0x80;

		if (!small && !(*p >= '0' && *p <= '9') && *p != '$' && (!upper || w->dialect == INDEX_SQL_POSTGRESQL))
			return 1;
	}
	return 0;
}

static void
put_token(struct writing *w, const struct token *t)
{
	static const char *const signs[][2] = {{"!=", "<>"}, {"==", "="}, {"~~", "like"}, {"~~*", "ilike"}};

	if (t->kind == TOKEN_WORD || t->kind == TOKEN_NUMBER) {
		put(w, t->kind, lower(w->m, t->text));
		return;
	}
	if (t->kind == TOKEN_NAME) {
		int quotes = needs_quotes(w, t->text);

		put(w, quotes ? TOKEN_NAME : TOKEN_WORD,
		    quotes && w->dialect == INDEX_SQL_POSTGRESQL ? t->text : lower(w->m, t->text));
		return;
	}
	if (t->kind == TOKEN_SIGN && strcmp(t->text, "!~~") == 0) {
		put(w, TOKEN_WORD, "not");
		put(w, TOKEN_WORD, "like");
		return;
	}
	for (size_t i = 0; t->kind == TOKEN_SIGN && i < sizeof signs / sizeof *signs; i++) {
		if (strcmp(t->text, signs[i][0]) == 0) {
			put(w, i < 2 ? TOKEN_SIGN : TOKEN_WORD, signs[i][1]);
			return;
		}
	}
	put(w, t->kind, t->text);
}

/* The last token that has been put and not left out, behind `from`; NULL. */
static struct token *
last(const struct writing *w, size_t from)
{
	for (size_t i = w->n; i > from; i--) {
		if (w->out[i - 1].text != NULL)
			return &w->out[i - 1];
	}
	return NULL;
}

static size_t
count(const struct writing *w, size_t from)
{
	size_t n = 0;

	for (size_t i = from; i < w->n; i++)
		n += w->out[i].text != NULL;
	return n;
}

/* Types, as PostgreSQL writes them behind `::`. */

/* Where a type that begins at in[i] ends. */
static size_t
type_end(const struct writing *w, size_t i, size_t end)
{
	static const char *const more[] = {"varying", "precision", "with", "without", "time", "zone", NULL};

	while (i < end && (w->in[i].kind == TOKEN_WORD || w->in[i].kind == TOKEN_NAME)) {
		i++;
		if (i < end && token_is(&w->in[i], "."))
			i++;
		else if (i < end && token_is(&w->in[i], "("))
			i = w->match[i] + 1;
		if (i >= end || w->in[i].kind != TOKEN_WORD ||
		    (!is_one_of(w->in[i].text, more) && !token_is(&w->in[i - 1], ".")))
			break;
	}
	while (i + 1 < end && token_is(&w->in[i], "[") && w->match[i] == i + 1)
		i += 2;
	return i;
}

static int
is_varying(const struct writing *w, const struct token *column)
{
	for (size_t i = 0; i < w->table->ncolumns; i++) {
		const struct catalog_column *c = &w->table->columns[i];

		if (c->type != NULL && (strcmp(c->name, column->text) == 0) &&
		    (strncmp(c->type, "character varying", 17) == 0 || strncmp(c->type, "varchar", 7) == 0))
			return 1;
	}
	return 0;
}

/* A number that PostgreSQL has put into quotes is one again. */
static void
unquote_number(struct writing *w, struct token *literal, const struct token *type)
{
	static const char *const numbers[] = {"integer", "bigint", "smallint", "numeric", "double", "real", NULL};
	size_t len = strlen(literal->text);
	const char *digits = mem_copy(w->m, literal->text + 1, len - 2);
	int negative = *digits == '-';

	if (type->kind != TOKEN_WORD || !is_one_of(type->text, numbers) || *literal->text != '\'' || digits[negative] < '0' ||
	    digits[negative] > '9')
		return;
	if (negative) {
		*literal = (struct token){TOKEN_SIGN, "-"};
		put(w, TOKEN_NUMBER, digits + 1);
	} else {
		*literal = (struct token){TOKEN_NUMBER, digits};
	}
}

/* A cast at in[i] says nothing new of a literal, a list of them, or of character varying that becomes text. */
static int
is_idle_cast(const struct writing *w, const struct token *of, size_t i, size_t behind)
{
	if (w->dialect != INDEX_SQL_POSTGRESQL || of == NULL)
		return 0;
	return of->kind == TOKEN_STRING || of->kind == TOKEN_NUMBER || token_is(of, "null") ||
	       (token_is(of, "]") && token_is(&w->in[behind - 1], "]")) ||
	       (of->kind != TOKEN_SIGN && token_is(&w->in[i + 1], "text") && is_varying(w, of));
}

/* Puts the cast at in[i], or leaves it out; returns where it goes on. */
static size_t
put_cast(struct writing *w, size_t from, size_t i, size_t end)
{
	size_t behind = type_end(w, i + 1, end);
	struct token *of = last(w, from);

	if (behind > i + 1 && is_idle_cast(w, of, i, behind)) {
		if (of->kind == TOKEN_STRING)
			unquote_number(w, of, &w->in[i + 1]);
		return behind;
	}
	for (; i < behind; i++)
		put_token(w, &w->in[i]);
	return i;
}

/* Groups. */

static enum level put_range(struct writing *w, size_t i, size_t end);

/* True where in[i..end) is one thing, whatever stands beside it: a name, a literal, a call, a list. */
static int
is_primary(const struct writing *w, size_t i, size_t end, size_t from)
{
	return count(w, from) == 1 ||
	       (end - i > 1 && w->in[i].kind == TOKEN_WORD && !is_one_of(w->in[i].text, before_groups) &&
		   (token_is(&w->in[i + 1], "(") || token_is(&w->in[i + 1], "[")) && w->match[i + 1] == end - 1);
}

/* How tightly what stands beside a group draws at it; LEVEL_REST for an operator. */
static enum level
pull(const struct token *beside)
{
	static const char *const none[] = {",", "(", ")", "[", "]", "when", "then", "else", "end", "case", NULL};

	if (beside == NULL || ((beside->kind == TOKEN_WORD || beside->kind == TOKEN_SIGN) && is_one_of(beside->text, none)))
		return LEVEL_NONE;
	if (token_is(beside, "or"))
		return LEVEL_OR;
	return token_is(beside, "and") ? LEVEL_AND : token_is(beside, "not") ? LEVEL_NOT : (enum level)(LEVEL_REST + 1);
}

/* True for the AND of BETWEEN, perhaps: nothing is known of how it draws. */
static int
is_between(const struct writing *w, size_t from, const struct token *and)
{
	if (and == NULL || !token_is(and, "and"))
		return 0;
	for (size_t i = from; i < w->n; i++) {
		if (w->out[i].text != NULL && token_is(&w->out[i], "between"))
			return 1;
	}
	return 0;
}

/* True where a group of such content needs no parentheses there. */
static int
is_idle_group(const struct writing *w, size_t from, const struct token *before, const struct token *behind, enum level inner)
{
	if (is_between(w, from, before) || (behind != NULL && token_is(behind, "not")))
		return 0;
	return pull(before) <= inner && pull(behind) <= inner;
}

/* Puts the group at in[i], without its parentheses where they change nothing. */
static enum level
put_group(struct writing *w, size_t from, size_t i, size_t end)
{
	size_t closing = w->match[i], open = w->n;
	const struct token *before = last(w, from), *behind = closing + 1 < end ? &w->in[closing + 1] : NULL;
	enum level inner;
	int idle;

	put(w, TOKEN_SIGN, "(");
	inner = put_range(w, i + 1, closing);
	idle = is_primary(w, i + 1, closing, open + 1) ? behind == NULL || !token_is(behind, ".")
						       : is_idle_group(w, from, before, behind, inner);
	if (!idle) {
		put(w, TOKEN_SIGN, ")");
		return LEVEL_REST;
	}
	w->out[open].text = NULL;
	return inner;
}

/* x = ANY (ARRAY[...]) is x IN (...), and x <> ALL (ARRAY[...]) is x NOT IN (...). */
static void
put_any(struct writing *w, size_t from, size_t i)
{
	struct token *op = last(w, from);
	const char *sign = token_is(&w->in[i], "any") ? "=" : "<>";
	size_t word = w->n, first;

	put_token(w, &w->in[i]);
	put(w, TOKEN_SIGN, "(");
	first = w->n;
	put_range(w, i + 2, w->match[i + 1]);
	while (first < w->n && w->out[first].text == NULL)
		first++;
	if (op == NULL || !token_is(op, sign) || first + 1 >= w->n || !token_is(&w->out[first], "array") ||
	    !token_is(&w->out[first + 1], "[") || last(w, first)->text[0] != ']') {
		put(w, TOKEN_SIGN, ")");
		return;
	}
	w->out[word].text = *sign == '=' ? NULL : "in";
	*op = (struct token){TOKEN_WORD, *sign == '=' ? "in" : "not"};
	w->out[first].text = w->out[first + 1].text = NULL;
	*last(w, first) = (struct token){TOKEN_SIGN, ")"};
}

/* A parenthesis behind a name is that of its arguments. */
static int
is_call(const struct writing *w, size_t i, size_t begin)
{
	const struct token *t = i > begin ? &w->in[i - 1] : NULL;

	if (t == NULL)
		return 0;
	return t->kind == TOKEN_NAME || token_is(t, "]") || token_is(t, ")") ||
	       (t->kind == TOKEN_WORD && !is_one_of(t->text, before_groups));
}

/* NOT in front of a condition, and not as in IS NOT or NOT LIKE. */
static int
is_prefix(const struct token *before)
{
	return pull(before) <= LEVEL_NOT;
}

static enum level
weaker(enum level a, enum level b)
{
	return a < b ? a : b;
}

/* Puts in[i..end), and returns how tightly it holds together. */
static enum level
put_range(struct writing *w, size_t i, size_t end)
{
	enum level level = LEVEL_REST;
	size_t from = w->n, begin = i;

	while (i < end) {
		const struct token *t = &w->in[i];

		if ((token_is(t, "any") || token_is(t, "all")) && i + 1 < end && token_is(&w->in[i + 1], "(")) {
			put_any(w, from, i);
			i = w->match[i + 1] + 1;
		} else if (token_is(t, "(") && is_call(w, i, begin)) {
			put(w, TOKEN_SIGN, "(");
			put_range(w, i + 1, w->match[i]);
			put(w, TOKEN_SIGN, ")");
			i = w->match[i] + 1;
		} else if (token_is(t, "(")) {
			level = weaker(level, put_group(w, from, i, end));
			i = w->match[i] + 1;
		} else if (token_is(t, "::")) {
			i = put_cast(w, from, i, end);
		} else {
			if (token_is(t, "or"))
				level = LEVEL_OR;
			else if (token_is(t, "and"))
				level = weaker(level, LEVEL_AND);
			else if (token_is(t, "not") && is_prefix(last(w, from)))
				level = weaker(level, LEVEL_NOT);
			put_token(w, t);
			i++;
		}
	}
	return level;
}

static void
match_all(struct writing *w, size_t n)
{
	size_t open[TOKEN_DEPTH], depth = 0;

	for (size_t i = 0; i < n; i++) {
		const struct token *t = &w->in[i];

		if (token_is(t, "(") || token_is(t, "["))
			open[depth++] = i;
		else if (depth > 0 && (token_is(t, ")") || token_is(t, "]")))
			w->match[open[--depth]] = i;
	}
}

/* The tokens in the one way to write them. */
static struct tokens
normal_tokens(struct mem *m, enum index_sql_dialect dialect, const struct catalog_table *t, const struct tokens *given)
{
	struct writing w = {.m = m, .dialect = dialect, .table = t, .in = given->list};
	struct tokens made = {0};

	/* One token becomes two at most. */
	w.out = made.list = mem_array(m, 2 * given->n + 1, sizeof *w.out);
	w.match = mem_array(m, given->n + 1, sizeof *w.match);
	match_all(&w, given->n);
	put_range(&w, 0, given->n);
	for (size_t i = 0; i < w.n; i++) {
		if (w.out[i].text != NULL)
			made.list[made.n++] = w.out[i];
	}
	return made;
}

static const char *
normal_text(struct mem *m, enum index_sql_dialect dialect, const struct catalog_table *t, const char *sql)
{
	struct tokens given, made;
	struct buf b = {0};
	struct fail f;
	size_t at;

	/* What cannot be taken apart is compared as it stands. */
	if (token_read(m, sql, strlen(sql), &given, &at, &f) < 0)
		return sql;
	made = normal_tokens(m, dialect, t, &given);
	for (size_t i = 0; i < made.n; i++) {
		buf_puts(&b, i > 0 ? " " : "");
		buf_puts(&b, made.list[i].kind == TOKEN_NAME ? "\"" : "");
		buf_puts(&b, made.list[i].text);
		buf_puts(&b, made.list[i].kind == TOKEN_NAME ? "\"" : "");
	}
	return buf_kept(m, &b);
}

int
definition_sql_same(enum index_sql_dialect dialect, const struct catalog_table *t, const char *a, const char *b)
{
	struct mem m = {0};
	int same;

	if (a == NULL || b == NULL)
		return a == b;
	same = strcmp(normal_text(&m, dialect, t, a), normal_text(&m, dialect, t, b)) == 0;
	mem_free(&m);
	return same;
}
