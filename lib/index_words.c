#include "index_words.h"

#include <string.h>
#include <strings.h>

#include "mem.h"

enum { DEPTH = 100 }; /* of conditions in one another; there is no reason for more than two */

enum kind { WORD, QUOTED, STRING, OPEN, CLOSE, OTHER };

struct word {
	enum kind kind;
	const char *text; /* of a name: without its quotes */
	size_t match;     /* of an opening parenthesis: which word closes it; 0: none does */
};

struct words {
	struct mem mem;
	struct word *list;
	size_t n;
	enum index_sql_dialect dialect;
	const char *const *columns;
	size_t ncolumns;
};

/* Letters, digits, underscores, dollars, and all that is not ASCII. */
static int
in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
	       (unsigned char)c >= 0x80;
}

/* Behind blanks and comments. */
static const char *
pass_blanks(const char *p)
{
	for (;;) {
		const char *end;

		p += strspn(p, " \t\r\n\f");
		if (strncmp(p, "--", 2) == 0) {
			p += strcspn(p, "\n");
		} else if (strncmp(p, "/*", 2) == 0) {
			end = strstr(p + 2, "*/");
			p = end != NULL ? end + 2 : p + strlen(p);
		} else {
			return p;
		}
	}
}

/* What stands between quotes, which are doubled inside of it; a bracket is not. */
static const char *
quoted(struct mem *m, const char *p, char end, const char **text)
{
	char *out = mem_alloc(m, strlen(p) + 1);
	size_t n = 0;

	for (p++; *p != '\0'; p++) {
		if (*p == end && (end == ']' || p[1] != end)) {
			p++;
			break;
		}
		p += *p == end;
		out[n++] = *p;
	}
	*text = out;
	return p;
}

static const char *
read_word(struct mem *m, const char *p, struct word *w)
{
	size_t n = 0;

	*w = (struct word){.kind = OTHER, .text = *p == '.' ? "." : ""};
	switch (*p) {
	case '\'':
		w->kind = STRING;
		return quoted(m, p, '\'', &w->text);
	case '"':
	case '`':
		w->kind = QUOTED;
		return quoted(m, p, *p, &w->text);
	case '[':
		w->kind = QUOTED;
		return quoted(m, p, ']', &w->text);
	case '(':
	case ')':
		w->kind = *p == '(' ? OPEN : CLOSE;
		return p + 1;
	default:
		while (in_word(p[n]))
			n++;
		if (n == 0)
			return p + 1;
		w->kind = WORD;
		w->text = mem_copy(m, p, n);
		return p + n;
	}
}

/* Which parenthesis closes which. */
static void
match(struct words *s)
{
	size_t *open = mem_array(&s->mem, s->n + 1, sizeof *open), n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->list[i].kind == OPEN)
			open[n++] = i;
		else if (s->list[i].kind == CLOSE && n > 0)
			s->list[open[--n]].match = i;
	}
}

static void
read_words(struct words *s, const char *sql)
{
	/* There are no more than bytes. */
	s->list = mem_array(&s->mem, strlen(sql) + 1, sizeof *s->list);
	for (const char *p = pass_blanks(sql); *p != '\0'; p = pass_blanks(p))
		p = read_word(&s->mem, p, &s->list[s->n++]);
	match(s);
}

static int
is(const struct word *w, const char *text)
{
	return w->kind == WORD && strcasecmp(w->text, text) == 0;
}

/* SQLite's names are the same in any case; PostgreSQL writes its SQL itself, and every name as it is. */
static int
is_column(const struct words *s, const struct word *w)
{
	int exact = s->dialect == INDEX_SQL_POSTGRESQL;

	for (size_t i = 0; i < s->ncolumns && (w->kind == WORD || w->kind == QUOTED); i++) {
		if (exact ? strcmp(w->text, s->columns[i]) == 0 : strcasecmp(w->text, s->columns[i]) == 0)
			return 1;
	}
	return 0;
}

/* Without the parentheses around all of it. */
static void
strip(const struct words *s, size_t *from, size_t *to)
{
	while (*to - *from >= 2 && s->list[*from].kind == OPEN && s->list[*from].match == *to - 1) {
		++*from;
		--*to;
	}
}

/* COLUMN IS NOT NULL, COLUMN NOT NULL, COLUMN NOTNULL. */
static int
is_test(const struct words *s, size_t from, size_t to)
{
	const struct word *w = s->list;

	if (to - from >= 2 && is(&w[to - 1], "notnull"))
		to -= 1;
	else if (to - from >= 3 && is(&w[to - 1], "null") && is(&w[to - 2], "not"))
		to -= to - from >= 4 && is(&w[to - 3], "is") ? 3 : 2;
	else
		return 0;
	strip(s, &from, &to);
	/* With the name of its table; an index has one. */
	if (to - from == 3 && w[from + 1].kind == OTHER && *w[from + 1].text == '.')
		from += 2;
	return to - from == 1 && is_column(s, &w[from]);
}

/* Such tests with AND between them. */
static int
are_tests(const struct words *s, size_t from, size_t to, int depth)
{
	size_t i, begin;

	strip(s, &from, &to);
	for (i = begin = from; i < to && depth < DEPTH; i++) {
		if (s->list[i].kind == OPEN && s->list[i].match > i && s->list[i].match < to) {
			i = s->list[i].match;
		} else if (is(&s->list[i], "and")) {
			if (!are_tests(s, begin, i, depth + 1))
				return 0;
			begin = i + 1;
		}
	}
	return begin > from ? are_tests(s, begin, to, depth + 1) : is_test(s, from, to);
}

int
index_words_not_null(const char *predicate, enum index_sql_dialect dialect, const char *const *columns, size_t n)
{
	struct words s = {.dialect = dialect, .columns = columns, .ncolumns = n};
	int says;

	read_words(&s, predicate);
	says = are_tests(&s, 0, s.n, 0);
	mem_free(&s.mem);
	return says;
}

int
index_words_constant(const char *expression, enum index_sql_dialect dialect, const char *const *columns, size_t n)
{
	struct words s = {.dialect = dialect, .columns = columns, .ncolumns = n};
	int constant = 1;

	read_words(&s, expression);
	for (size_t i = 0; i < s.n; i++)
		constant &= !is_column(&s, &s.list[i]);
	mem_free(&s.mem);
	return constant;
}
