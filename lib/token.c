#include "token.h"

#include <string.h>
#include <strings.h>

#include "sqlbyte.h"

struct reading {
	struct mem *m;
	const char *p, *end, *begin;
	struct tokens *t;
	size_t room;
	char open[TOKEN_DEPTH]; /* parentheses and brackets */
	size_t depth, brackets;
	struct fail *f;
};

/* '\0' behind the end: a NUL inside is refused, so it is none of what is looked for. */
static char
at(const struct reading *g, size_t i)
{
	return i < (size_t)(g->end - g->p) ? g->p[i] : '\0';
}

static void
add(struct reading *g, enum token_kind kind, const char *text)
{
	struct tokens *t = g->t;

	if (t->n == g->room) {
		struct token *more = mem_array(g->m, g->room > 0 ? 2 * g->room : 16, sizeof *more);

		if (t->n > 0)
			memcpy(more, t->list, t->n * sizeof *more);
		t->list = more;
		g->room = g->room > 0 ? 2 * g->room : 16;
	}
	t->list[t->n++] = (struct token){kind, text};
}

static int
take(struct reading *g, enum token_kind kind, size_t len)
{
	add(g, kind, mem_copy(g->m, g->p, len));
	g->p += len;
	return 0;
}

/* The length of what is quoted at p[from], with both quotes; 0 where it is not closed, or not before a byte 0. */
static size_t
quoted(const struct reading *g, size_t from)
{
	char quote = at(g, from);
	size_t i = from + 1, left = (size_t)(g->end - g->p);

	for (; i < left && g->p[i] != '\0'; i++) {
		if (g->p[i] != quote)
			continue;
		if (at(g, i + 1) != quote)
			return i + 1 - from;
		i++;
	}
	return 0;
}

/* What SQLite, which takes [...] for a name, would read to another end. */
static int
is_ambiguous(const struct reading *g, const char *bytes, size_t len)
{
	return g->brackets > 0 && memchr(bytes, ']', len) != NULL;
}

static int
take_string(struct reading *g, size_t prefix)
{
	size_t len = quoted(g, prefix);

	if (prefix > 0 && (*g->p == 'e' || *g->p == 'E'))
		return fail_set(g->f, "a string with escapes");
	if (len == 0)
		return fail_set(g->f, "a ' that is not closed");
	if (is_ambiguous(g, g->p, prefix + len))
		return fail_set(g->f, "a ] in quotes inside of brackets");
	return take(g, TOKEN_STRING, prefix + len);
}

static int
take_name(struct reading *g)
{
	char quote = *g->p;
	size_t len = quoted(g, 0), n = 0;
	char *name;

	if (len == 0)
		return fail_set(g->f, "a %c that is not closed", quote);
	if (is_ambiguous(g, g->p, len))
		return fail_set(g->f, "a ] in quotes inside of brackets");
	/* A sign in PostgreSQL. */
	for (size_t i = 1; quote == '`' && i + 1 < len; i++) {
		if (!sqlbyte_is_of_word(g->p[i]) && g->p[i] != ' ')
			return fail_set(g->f, "a name in ` with '%c': it is quoted by \"", g->p[i]);
	}
	name = mem_alloc(g->m, len);
	for (size_t i = 1; i + 1 < len; i++) {
		name[n++] = g->p[i];
		i += g->p[i] == quote;
	}
	add(g, TOKEN_NAME, name);
	g->p += len;
	return 0;
}

static int
take_word(struct reading *g)
{
	size_t n = 1;

	if (at(g, 1) == '\'')
		return take_string(g, 1);
	while (sqlbyte_is_of_word(at(g, n)))
		n++;
	return take(g, TOKEN_WORD, n);
}

static int
take_number(struct reading *g)
{
	size_t n = 1;

	while (sqlbyte_is_of_word(at(g, n)) || at(g, n) == '.' ||
	       ((at(g, n) == '+' || at(g, n) == '-') && (at(g, n - 1) | 0x20) == 'e' && sqlbyte_is_digit(at(g, n + 1))))
		n++;
	return take(g, TOKEN_NUMBER, n);
}

static int
take_bracket(struct reading *g)
{
	char c = *g->p;
	int opens = c == '(' || c == '[';

	if (opens && g->depth == TOKEN_DEPTH)
		return fail_set(g->f, "more than %d parentheses in one another", TOKEN_DEPTH);
	if (c == '[' && g->brackets > 0)
		return fail_set(g->f, "brackets inside of brackets");
	if (!opens && (g->depth == 0 || g->open[g->depth - 1] != (c == ')' ? '(' : '[')))
		return fail_set(g->f, "a %c that closes nothing", c);
	if (opens)
		g->open[g->depth++] = c;
	else
		g->depth--;
	g->brackets += c == '[';
	g->brackets -= c == ']';
	return take(g, TOKEN_SIGN, 1);
}

static const char operators[] = "+-*/<>=~!@#%^&|?";

/* As PostgreSQL reads it: of several signs together the last is no + or -, but for operators that have another sign of those
 * that its documentation lists (PostgreSQL 15, 4.1.3). */
static int
take_operator(struct reading *g)
{
	size_t n = 0, last;

	while (at(g, n) != '\0' && strchr(operators, at(g, n)) != NULL) {
		if ((at(g, n) == '-' && at(g, n + 1) == '-') || (at(g, n) == '/' && at(g, n + 1) == '*'))
			return fail_set(g->f, "a comment");
		n++;
	}
	for (last = 0; last < n && strchr("~!@#%^&|?", g->p[last]) == NULL; last++)
		continue;
	while (last == n && n > 1 && (g->p[n - 1] == '+' || g->p[n - 1] == '-'))
		last = --n;
	return take(g, TOKEN_SIGN, n);
}

static int
next(struct reading *g)
{
	char c = *g->p;

	if (sqlbyte_is_letter(c))
		return take_word(g);
	if (sqlbyte_is_digit(c))
		return take_number(g);
	switch (c) {
	case '\'':
		return take_string(g, 0);
	case '"':
	case '`':
		return take_name(g);
	case '(':
	case ')':
	case '[':
	case ']':
		return take_bracket(g);
	case ':':
		return take(g, TOKEN_SIGN, at(g, 1) == ':' ? 2 : 1);
	case ',':
	case '.':
		return take(g, TOKEN_SIGN, 1);
	case ';':
		return fail_set(g->f, "a semicolon");
	case '$':
		return fail_set(g->f, "a $ where a word would begin");
	default:
		if (strchr(operators, c) != NULL && c != '\0')
			return take_operator(g);
		return fail_set(g->f, "a sign that is not known");
	}
}

/* `group`: until what was opened first is closed. */
static int
read_all(struct reading *g, int group, size_t *where)
{
	for (;;) {
		while (g->p < g->end && sqlbyte_is_blank(*g->p))
			g->p++;
		*where = (size_t)(g->p - g->begin);
		if (g->p == g->end)
			break;
		if (next(g) < 0)
			return -1;
		if (group && g->depth == 0)
			return 0;
	}
	return g->depth > 0 ? fail_set(g->f, "a %c that is not closed", g->open[g->depth - 1]) : 0;
}

int
token_read(struct mem *m, const char *sql, size_t len, struct tokens *t, size_t *where, struct fail *f)
{
	struct reading g = {.m = m, .p = sql, .begin = sql, .end = sql + len, .t = t, .f = f};

	*t = (struct tokens){0};
	return read_all(&g, 0, where);
}

int
token_read_group(struct mem *m, const char *text, size_t len, struct tokens *t, size_t *end, size_t *where, struct fail *f)
{
	struct reading g = {.m = m, .p = text, .begin = text, .end = text + len, .t = t, .f = f};
	int r;

	*t = (struct tokens){0};
	r = read_all(&g, 1, where);
	*end = (size_t)(g.p - text);
	return r;
}

int
token_is(const struct token *t, const char *text)
{
	return (t->kind == TOKEN_WORD || t->kind == TOKEN_SIGN) && strcasecmp(t->text, text) == 0;
}
