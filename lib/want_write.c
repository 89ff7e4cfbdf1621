/* How an index is written as a line (want.h). */

#include <string.h>
#include <strings.h>

#include "ref.h"
#include "token.h"
#include "want.h"

/* A name as ref.h writes it, with what would end it here as %HH too. */
static void
put_name(struct buf *b, const char *name, int qualified)
{
	struct buf plain = {0};

	(qualified ? ref_qualified : ref_name)(&plain, name, strlen(name));
	for (size_t i = 0; i < plain.len; i++) {
		if (plain.bytes[i] != '\0' && strchr("()\"", plain.bytes[i]) != NULL)
			buf_printf(b, "%%%02X", (unsigned char)plain.bytes[i]);
		else
			buf_byte(b, plain.bytes[i]);
	}
	buf_free(&plain);
}

/* A class of operators, which must not look like a word of the notation. */
static void
put_class(struct buf *b, const char *class)
{
	static const char *const words[] = {"collate", "asc", "desc", "nulls"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcasecmp(class, words[i]) == 0) {
			buf_printf(b, "%%%02X%s", (unsigned char)*class, class + 1);
			return;
		}
	}
	put_name(b, class, 1);
}

static int
is_blank(char c)
{
	return strchr(" \t\r\n", c) != NULL;
}

/* SQL without the parentheses around all of it, and blanks. */
static const char *
bare(const char *sql, size_t *len)
{
	size_t end, at;
	struct tokens tokens;
	struct mem m = {0};
	struct fail f;

	while (token_read_group(&m, sql, *len, &tokens, &end, &at, &f) == 0 && end == *len && tokens.n > 2 && *sql == '(') {
		for (sql++, *len -= 2; is_blank(*sql); sql++)
			--*len;
		while (is_blank(sql[*len - 1]))
			--*len;
	}
	mem_free(&m);
	return sql;
}

/* In parentheses, in one line where that changes nothing. */
static void
put_sql(struct buf *b, const char *sql)
{
	size_t len = strlen(sql);
	int quoted = 0;

	sql = bare(sql, &len);
	buf_byte(b, '(');
	for (size_t i = 0; i < len; i++) {
		quoted ^= sql[i] == '\'' || sql[i] == '"';
		buf_byte(b, !quoted && (sql[i] == '\n' || sql[i] == '\r') ? ' ' : sql[i]);
	}
	buf_byte(b, ')');
}

static void
put_key(struct buf *b, const struct driver_key *k)
{
	if (k->expression)
		put_sql(b, k->text);
	else
		put_name(b, k->text, 0);
	if (k->collation != NULL) {
		buf_puts(b, " collate ");
		put_name(b, k->collation, 1);
	}
	if (k->class != NULL) {
		buf_byte(b, ' ');
		put_class(b, k->class);
	}
	buf_puts(b, k->descending ? " desc" : "");
	if (k->nulls != DRIVER_NULLS_USUAL)
		buf_puts(b, k->nulls == DRIVER_NULLS_FIRST ? " nulls first" : " nulls last");
}

static void
put_options(struct buf *b, const struct driver_index *x)
{
	buf_puts(b, x->unique ? " unique" : "");
	if (x->method != NULL) {
		buf_puts(b, " using ");
		put_name(b, x->method, 0);
	}
	for (size_t i = 0; i < x->ninclude; i++) {
		buf_puts(b, i > 0 ? ", " : " include (");
		put_name(b, x->include[i], 0);
	}
	buf_puts(b, x->ninclude > 0 ? ")" : "");
	if (x->predicate != NULL) {
		buf_puts(b, " where ");
		put_sql(b, x->predicate);
	}
	if (x->name != NULL) {
		buf_puts(b, " name ");
		put_name(b, x->name, 0);
	}
}

void
want_write_keys(struct buf *b, const struct driver_index *x, const char *between)
{
	for (size_t i = 0; i < x->nkeys; i++) {
		buf_puts(b, i > 0 ? between : "");
		put_key(b, &x->keys[i]);
	}
}

void
want_write(struct buf *b, int server, const char *table, const struct driver_index *x)
{
	put_name(b, table, server);
	buf_puts(b, " (");
	want_write_keys(b, x, ", ");
	buf_byte(b, ')');
	put_options(b, x);
}
