#include "index_words.h"

#include <string.h>
#include <strings.h>

#include "mem.h"
#include "sqltokens.h"

enum { DEPTH = 100 }; /* of conditions in one another; there is no reason for more than two */

struct words {
	struct mem mem;
	const struct sqltoken *list;
	size_t *match; /* of an opening parenthesis: which token closes it; 0: none does */
	size_t n;
	enum index_sql_dialect dialect;
	const char *const *columns;
	size_t ncolumns;
};

static void
match(struct words *s)
{
	size_t *open = mem_array(&s->mem, s->n + 1, sizeof *open), n = 0;

	s->match = mem_array(&s->mem, s->n + 1, sizeof *s->match);
	for (size_t i = 0; i < s->n; i++) {
		if (sqltoken_is(&s->list[i], "("))
			open[n++] = i;
		else if (sqltoken_is(&s->list[i], ")") && n > 0)
			s->match[open[--n]] = i;
	}
}

static void
read_words(struct words *s, const char *sql)
{
	s->list = sqltokens_read(&s->mem, sql, strlen(sql), index_sql_tokens(s->dialect), &s->n);
	match(s);
}

/* SQLite's names are the same in any case.  PostgreSQL writes its SQL itself, and every name as it is: its words are not made
 * lower case, so that no key word is taken for a column. */
static int
is_column(struct words *s, const struct sqltoken *t)
{
	int (*compare)(const char *, const char *) = s->dialect == INDEX_SQL_SQLITE ? strcasecmp : strcmp;
	const char *name = sqltoken_name(&s->mem, t, SQLTOKENS_SQLITE);

	for (size_t i = 0; i < s->ncolumns && name != NULL; i++) {
		if (compare(name, s->columns[i]) == 0)
			return 1;
	}
	return 0;
}

/* Without the parentheses around all of it. */
static void
strip(const struct words *s, size_t *from, size_t *to)
{
	while (*to - *from >= 2 && s->match[*from] == *to - 1) {
		++*from;
		--*to;
	}
}

/* COLUMN IS NOT NULL, COLUMN NOT NULL, COLUMN NOTNULL. */
static int
is_test(struct words *s, size_t from, size_t to)
{
	const struct sqltoken *w = s->list;

	if (to - from >= 2 && sqltoken_is(&w[to - 1], "notnull"))
		to -= 1;
	else if (to - from >= 3 && sqltoken_is(&w[to - 1], "null") && sqltoken_is(&w[to - 2], "not"))
		to -= to - from >= 4 && sqltoken_is(&w[to - 3], "is") ? 3 : 2;
	else
		return 0;
	strip(s, &from, &to);
	/* With the name of its table; an index has one. */
	if (to - from == 3 && sqltoken_is(&w[from + 1], "."))
		from += 2;
	return to - from == 1 && is_column(s, &w[from]);
}

/* Such tests with AND between them. */
static int
are_tests(struct words *s, size_t from, size_t to, int depth)
{
	size_t i, begin;

	strip(s, &from, &to);
	for (i = begin = from; i < to && depth < DEPTH; i++) {
		if (s->match[i] > i && s->match[i] < to) {
			i = s->match[i];
		} else if (sqltoken_is(&s->list[i], "and")) {
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
