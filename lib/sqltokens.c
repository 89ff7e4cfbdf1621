#include "sqltokens.h"

#include <string.h>
#include <strings.h>

#include "sqlbyte.h"

static const char *
pass_word(const char *p, const char *end)
{
	while (p < end && sqlbyte_is_of_word(*p))
		p++;
	return p;
}

/* Behind a comment: of PostgreSQL they are nested. */
static const char *
pass_comment(const char *p, const char *end, enum sqltokens_dialect dialect)
{
	int depth = 1;

	for (p += 2; p < end && depth > 0;) {
		if (end - p > 1 && p[0] == '*' && p[1] == '/') {
			depth--;
			p += 2;
		} else if (dialect == SQLTOKENS_POSTGRESQL && end - p > 1 && p[0] == '/' && p[1] == '*') {
			depth++;
			p += 2;
		} else {
			p++;
		}
	}
	return p;
}

static const char *
pass_blanks(const char *p, const char *end, enum sqltokens_dialect dialect)
{
	for (;;) {
		if (p < end && sqlbyte_is_blank(*p)) {
			p++;
		} else if (end - p > 1 && p[0] == '-' && p[1] == '-') {
			const char *line = memchr(p, '\n', (size_t)(end - p));

			p = line != NULL ? line : end;
		} else if (end - p > 1 && p[0] == '/' && p[1] == '*') {
			p = pass_comment(p, end, dialect);
		} else {
			return p;
		}
	}
}

/* Behind what is between quotes, which stand for themselves where they are doubled; `escapes`: or behind a backslash. */
static const char *
pass_quotes(const char *p, const char *end, char quote, int escapes)
{
	for (p++; p < end; p++) {
		int more = end - p > 1;

		if ((escapes && *p == '\\' && more) || (*p == quote && quote != ']' && more && p[1] == quote))
			p++;
		else if (*p == quote)
			return p + 1;
	}
	return end;
}

/* $tag$ … $tag$ of PostgreSQL; NULL where it is none. */
static const char *
pass_dollars(const char *p, const char *end)
{
	const char *tag = p + 1;
	size_t len;

	while (tag < end && (sqlbyte_is_letter(*tag) || (sqlbyte_is_digit(*tag) && tag > p + 1)))
		tag++;
	if (tag == end || *tag != '$')
		return NULL;
	len = (size_t)(tag - p) + 1;
	for (const char *q = p + len; (size_t)(end - q) >= len; q++) {
		if (memcmp(q, p, len) == 0)
			return q + len;
	}
	return end;
}

static const char *
pass_number(const char *p, const char *end)
{
	if (end - p > 1 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		return pass_word(p, end);
	while (p < end && (sqlbyte_is_of_word(*p) || *p == '.')) {
		if ((*p == 'e' || *p == 'E') && end - p > 1 && (p[1] == '+' || p[1] == '-'))
			p++;
		p++;
	}
	return p;
}

static int
has_odd_sign(const char *p, const char *end)
{
	while (p < end && strchr("~!@#%^&|`?", *p) == NULL)
		p++;
	return p < end;
}

static const char *
pass_sign(const char *p, const char *end, enum sqltokens_dialect dialect)
{
	static const char *const pairs[] = {"->>", "->", "||", "<=", ">=", "<>", "<<", ">>", "!=", "==", "::", ":="};
	const char *start = p;

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs && dialect == SQLTOKENS_SQLITE; i++) {
		size_t len = strlen(pairs[i]);

		if ((size_t)(end - p) >= len && memcmp(p, pairs[i], len) == 0)
			return p + len;
	}
	if (dialect == SQLTOKENS_SQLITE)
		return p + 1;
	if (end - p > 1 && p[0] == ':' && (p[1] == ':' || p[1] == '='))
		return p + 2;
	/* Any run of these is an operator, up to a comment. */
	while (p < end && *p != '\0' && strchr("+-*/<>=~!@#%^&|`?", *p) != NULL) {
		if (p > start && end - p > 1 && ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*')))
			break;
		p++;
	}
	/* It ends with a number's sign only where it could be no other operator. */
	while (p - start > 1 && (p[-1] == '+' || p[-1] == '-') && !has_odd_sign(start, p))
		p--;
	return p > start ? p : p + 1;
}

/* A word, or what it is the prefix of: E'…', x'…', U&"…". */
static const char *
word_or_quoted(struct sqltoken *t, const char *p, const char *end, enum sqltokens_dialect dialect)
{
	const char *quote = p + 1;
	int postgresql = dialect == SQLTOKENS_POSTGRESQL;

	if (postgresql && (*p == 'u' || *p == 'U') && end - p > 2 && p[1] == '&')
		quote++;
	t->kind = SQLTOKEN_WORD;
	if (quote < end && *quote == '\'' && strchr(postgresql ? "xXbB" : "xX", *p) != NULL)
		t->kind = SQLTOKEN_BLOB;
	else if (postgresql && quote < end && *quote == '\'' && strchr("eEnNuU", *p) != NULL &&
		 (quote > p + 1 || strchr("uU", *p) == NULL))
		t->kind = SQLTOKEN_STRING;
	else if (quote > p + 1 && *quote == '"')
		t->kind = SQLTOKEN_NAME;
	if (t->kind == SQLTOKEN_WORD)
		return pass_word(p, end);
	return pass_quotes(quote, end, *quote, *p == 'e' || *p == 'E');
}

/* A parameter; NULL where it is none. */
static const char *
pass_parameter(const char *p, const char *end, enum sqltokens_dialect dialect)
{
	if (dialect == SQLTOKENS_POSTGRESQL)
		return *p == '$' && end - p > 1 && sqlbyte_is_digit(p[1]) ? pass_word(p, end) : NULL;
	if (*p == '?')
		return pass_word(p + 1, end);
	return strchr(":@$#", *p) != NULL && end - p > 1 && sqlbyte_is_of_word(p[1]) ? pass_word(p + 1, end) : NULL;
}

static const char *
pass_token(struct sqltoken *t, const char *p, const char *end, enum sqltokens_dialect dialect)
{
	int sqlite = dialect == SQLTOKENS_SQLITE;
	const char *behind;

	if (sqlbyte_is_letter(*p))
		return word_or_quoted(t, p, end, dialect);
	t->kind = SQLTOKEN_NUMBER;
	if (sqlbyte_is_digit(*p) || (*p == '.' && end - p > 1 && sqlbyte_is_digit(p[1])))
		return pass_number(p, end);
	t->kind = SQLTOKEN_STRING;
	if (*p == '\'')
		return pass_quotes(p, end, '\'', 0);
	if (!sqlite && *p == '$' && (behind = pass_dollars(p, end)) != NULL)
		return behind;
	t->kind = SQLTOKEN_NAME;
	if (*p == '"' || (sqlite && *p == '`'))
		return pass_quotes(p, end, *p, 0);
	if (sqlite && *p == '[')
		return pass_quotes(p, end, ']', 0);
	t->kind = SQLTOKEN_PARAMETER;
	if (*p != '\0' && (behind = pass_parameter(p, end, dialect)) != NULL)
		return behind;
	t->kind = SQLTOKEN_SIGN;
	return pass_sign(p, end, dialect);
}

const char *
sqltokens_next(struct sqltoken *t, const char *sql, const char *end, enum sqltokens_dialect dialect)
{
	const char *p = pass_blanks(sql, end, dialect), *behind;

	*t = (struct sqltoken){.kind = SQLTOKEN_END, .at = p};
	if (p == end)
		return end;
	behind = pass_token(t, p, end, dialect);
	t->len = (size_t)(behind - p);
	return behind;
}

struct sqltoken *
sqltokens_read(struct mem *m, const char *sql, size_t len, enum sqltokens_dialect dialect, size_t *n)
{
	const char *end = sql + len;
	struct sqltoken t, *tokens;
	size_t count = 0;

	for (const char *p = sql; p = sqltokens_next(&t, p, end, dialect), t.kind != SQLTOKEN_END;)
		count++;
	tokens = mem_array(m, count + 1, sizeof *tokens);
	for (size_t i = 0; i <= count; i++)
		sql = sqltokens_next(&tokens[i], sql, end, dialect);
	*n = count;
	return tokens;
}

const char *
sqltokens_statement(const char *sql, const char *end, enum sqltokens_dialect dialect, const char **behind, size_t *len)
{
	const char *start = NULL, *last = NULL;
	struct sqltoken t;

	for (;;) {
		sql = sqltokens_next(&t, sql, end, dialect);
		if (t.kind == SQLTOKEN_END || (sqltoken_is(&t, ";") && start != NULL))
			break;
		if (sqltoken_is(&t, ";"))
			continue;
		start = start != NULL ? start : t.at;
		last = sql;
	}
	*behind = sql;
	*len = start != NULL ? (size_t)(last - start) : 0;
	return start;
}

int
sqltoken_is(const struct sqltoken *t, const char *text)
{
	return (t->kind == SQLTOKEN_WORD || t->kind == SQLTOKEN_SIGN) && strlen(text) == t->len &&
	       strncasecmp(t->at, text, t->len) == 0;
}

/* Without the quotes around it, and with one of two inside. */
static const char *
unquoted(struct mem *m, const struct sqltoken *t)
{
	char quote = *t->at == '[' ? ']' : *t->at;
	char *text = mem_copy(m, t->at, t->len);
	size_t n = 0;

	for (size_t i = 1; i < t->len; i++) {
		if (t->at[i] == quote && quote != ']' && i + 1 < t->len)
			i++;
		else if (t->at[i] == quote)
			break;
		text[n++] = t->at[i];
	}
	text[n] = '\0';
	return text;
}

const char *
sqltoken_name(struct mem *m, const struct sqltoken *t, enum sqltokens_dialect dialect)
{
	char *word;

	if (t->kind == SQLTOKEN_NAME)
		return !sqlbyte_is_letter(*t->at) ? unquoted(m, t) : NULL;
	if (t->kind != SQLTOKEN_WORD)
		return NULL;
	word = mem_copy(m, t->at, t->len);
	for (char *p = word; dialect == SQLTOKENS_POSTGRESQL && *p != '\0'; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + ('a' - 'A')) : *p;
	return word;
}

const char *
sqltoken_string(struct mem *m, const struct sqltoken *t)
{
	return t->kind == SQLTOKEN_STRING && *t->at == '\'' ? unquoted(m, t) : NULL;
}
