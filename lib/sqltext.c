#include "sqltext.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"

static const char *const keywords[] = {"ABORT", "ACTION", "ADD", "AFTER", "ALL", "ALTER", "ALWAYS", "ANALYZE", "AND", "AS",
    "ASC", "ATTACH", "AUTOINCREMENT", "BEFORE", "BEGIN", "BETWEEN", "BY", "CASCADE", "CASE", "CAST", "CHECK", "COLLATE",
    "COLUMN", "COMMIT", "CONFLICT", "CONSTRAINT", "CREATE", "CROSS", "CURRENT", "CURRENT_DATE", "CURRENT_TIME",
    "CURRENT_TIMESTAMP", "DATABASE", "DEFAULT", "DEFERRABLE", "DEFERRED", "DELETE", "DESC", "DETACH", "DISTINCT", "DO", "DROP",
    "EACH", "ELSE", "END", "ESCAPE", "EXCEPT", "EXCLUDE", "EXCLUSIVE", "EXISTS", "EXPLAIN", "FAIL", "FILTER", "FIRST",
    "FOLLOWING", "FOR", "FOREIGN", "FROM", "FULL", "GENERATED", "GLOB", "GROUP", "GROUPS", "HAVING", "IF", "IGNORE",
    "IMMEDIATE", "IN", "INDEX", "INDEXED", "INITIALLY", "INNER", "INSERT", "INSTEAD", "INTERSECT", "INTO", "IS", "ISNULL",
    "JOIN", "KEY", "LAST", "LEFT", "LIKE", "LIMIT", "MATCH", "MATERIALIZED", "NATURAL", "NO", "NOT", "NOTHING", "NOTNULL",
    "NULL", "NULLS", "OF", "OFFSET", "ON", "OR", "ORDER", "OTHERS", "OUTER", "OVER", "PARTITION", "PLAN", "PRAGMA", "PRECEDING",
    "PRIMARY", "QUERY", "RAISE", "RANGE", "RECURSIVE", "REFERENCES", "REGEXP", "REINDEX", "RELEASE", "RENAME", "REPLACE",
    "RESTRICT", "RETURNING", "RIGHT", "ROLLBACK", "ROW", "ROWS", "SAVEPOINT", "SELECT", "SET", "TABLE", "TEMP", "TEMPORARY",
    "THEN", "TIES", "TO", "TRANSACTION", "TRIGGER", "UNBOUNDED", "UNION", "UNIQUE", "UPDATE", "USING", "VACUUM", "VALUES",
    "VIEW", "VIRTUAL", "WHEN", "WHERE", "WINDOW", "WITH", "WITHOUT"};

struct word {
	const char *at;
	size_t len;
};

static int
compare(const void *key, const void *element)
{
	const struct word *w = key;
	const char *keyword = *(const char *const *)element;
	int order = strncasecmp(w->at, keyword, w->len);

	return order != 0 ? order : -(keyword[w->len] != '\0');
}

int
sqltext_is_keyword(const char *word, size_t len)
{
	const struct word w = {word, len};

	return bsearch(&w, keywords, sizeof keywords / sizeof *keywords, sizeof *keywords, compare) != NULL;
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static void
add_upper(struct buf *b, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_byte(b, upper(word[i]));
}

static int
is_plain(const char *name)
{
	struct sqltoken t;
	const char *end = name + strlen(name);

	return sqltokens_next(&t, name, end, SQLTOKENS_SQLITE) == end && t.kind == SQLTOKEN_WORD && t.at == name &&
	       !sqltext_is_keyword(name, t.len);
}

void
sqltext_name(struct buf *b, const char *name)
{
	if (is_plain(name)) {
		buf_puts(b, name);
		return;
	}
	text_quoted(b, name, strlen(name));
}

/* In capitals, since SQLite does not tell collations apart by case. */
static void
add_collation(struct buf *b, const char *name)
{
	struct buf capitals = {0};

	add_upper(&capitals, name, strlen(name));
	sqltext_name(b, buf_string(&capitals));
	buf_free(&capitals);
}

static int
is_keyword(const struct sqltoken *t)
{
	return t->kind == SQLTOKEN_WORD && sqltext_is_keyword(t->at, t->len);
}

/*
 * True for a key word that is a name where it stands: SQLite takes many for either, and columns are called so.  Those that may
 * stand as key words where names do are not among them.
 */
static int
is_name(const struct sqltoken *tokens, size_t n, size_t i)
{
	static const char *const either[] = {"ACTION", "ALWAYS", "CASCADE", "DATABASE", "DESC", "EACH", "EXCLUDE", "FIRST",
	    "KEY", "LAST", "NO", "OFFSET", "OTHERS", "PLAN", "QUERY", "ROW", "TEMP", "TRIGGER", "VIEW"};
	static const char *const before[] = {"SELECT", "DISTINCT", "AS", "FROM", "JOIN", "INTO", "SET", "OF", "ON", "WHERE",
	    "BY", "HAVING", "WHEN", "THEN", "ELSE", "AND", "OR", "NOT"};
	const struct sqltoken *left = &tokens[i > 0 ? i - 1 : 0];
	size_t k;

	for (k = 0; k < sizeof either / sizeof *either && !sqltoken_is(&tokens[i], either[k]); k++)
		;
	if (k == sizeof either / sizeof *either || (i + 1 < n && sqltoken_is(&tokens[i + 1], "(")))
		return 0;
	if (i == 0 || left->kind == SQLTOKEN_SIGN)
		return i == 0 || *left->at != ')';
	for (k = 0; k < sizeof before / sizeof *before && !sqltoken_is(left, before[k]); k++)
		;
	return k < sizeof before / sizeof *before;
}

/* A sign between two values is surrounded by blanks; one in front of a value stands at it. */
static int
ends_value(const struct sqltoken *t)
{
	if (t->kind == SQLTOKEN_SIGN)
		return *t->at == ')';
	return !is_keyword(t) || sqltoken_is(t, "NULL") || sqltoken_is(t, "END");
}

static int
is_sign(const struct sqltoken *t, const char *signs)
{
	return t->kind == SQLTOKEN_SIGN && t->len == 1 && *t->at != '\0' && strchr(signs, *t->at) != NULL;
}

/* True where a blank stands between tokens[i - 1] and tokens[i]. */
static int
is_apart(const struct sqltoken *tokens, size_t i)
{
	const struct sqltoken *left = &tokens[i - 1], *t = &tokens[i];

	/* `1 .` and `. 1` together are another number. */
	if (is_sign(t, ".") || is_sign(left, "."))
		return left->kind == SQLTOKEN_NUMBER || t->kind == SQLTOKEN_NUMBER;
	if (is_sign(t, ",;)") || is_sign(left, "("))
		return 0;
	/* A function, or a type with its length. */
	if (is_sign(t, "("))
		return left->kind == SQLTOKEN_SIGN || is_keyword(left);
	/* Two minus signs together are a comment. */
	if (!is_sign(left, "+-~") || t->kind == SQLTOKEN_SIGN)
		return 1;
	return i > 1 && ends_value(&tokens[i - 2]) && !is_sign(left, "~");
}

static void
add_token(struct buf *b, const struct sqltoken *tokens, size_t n, size_t i, enum sqltext_form form)
{
	const struct sqltoken *t = &tokens[i];
	int collation = i > 0 && sqltoken_is(&tokens[i - 1], "COLLATE");
	struct mem m = {0};
	int named = t->kind == SQLTOKEN_NAME || (collation && t->kind == SQLTOKEN_WORD);
	const char *name = named && form == SQLTEXT_NORMAL ? sqltoken_name(&m, t, SQLTOKENS_SQLITE) : NULL;

	if (name != NULL && collation)
		add_collation(b, name);
	else if (name != NULL)
		sqltext_name(b, name);
	else if (form == SQLTEXT_NORMAL && (t->kind == SQLTOKEN_BLOB || (is_keyword(t) && !is_name(tokens, n, i))))
		add_upper(b, t->at, t->len);
	else
		buf_add(b, t->at, t->len);
	mem_free(&m);
}

void
sqltext_tokens(struct buf *b, const struct sqltoken *tokens, size_t n, enum sqltext_form form)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && is_apart(tokens, i))
			buf_byte(b, ' ');
		add_token(b, tokens, n, i, form);
	}
}

const char *
sqltext_made(struct mem *m, const char *sql, enum sqltext_form form)
{
	struct buf b = {0};
	size_t n;
	const struct sqltoken *tokens = sqltokens_read(m, sql, strlen(sql), SQLTOKENS_SQLITE, &n);

	sqltext_tokens(&b, tokens, n, form);
	return buf_kept(m, &b);
}
