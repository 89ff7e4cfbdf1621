#include "sqlreading.h"

#include <string.h>

#include "sqltext.h"

enum { SHOWN = 40 }; /* bytes of the token at which it cannot be read */

struct sqlreading
sqlreading_begin(struct mem *m, const char *sql, struct fail *f)
{
	size_t n;

	return (struct sqlreading){m, sqltokens_read(m, sql, strlen(sql), SQLTOKENS_SQLITE, &n), f};
}

int
sqlreading_cannot(struct sqlreading *r)
{
	if (r->at->kind == SQLTOKEN_END)
		return fail_set(r->f, "its SQL breaks off");
	return fail_set(r->f, "its SQL cannot be read at '%.*s'", (int)(r->at->len < SHOWN ? r->at->len : SHOWN), r->at->at);
}

int
sqlreading_take(struct sqlreading *r, const char *word)
{
	int there = sqltoken_is(r->at, word);

	r->at += there;
	return there;
}

int
sqlreading_expect(struct sqlreading *r, const char *word)
{
	return sqlreading_take(r, word) ? 0 : sqlreading_cannot(r);
}

const char *
sqlreading_name(struct sqlreading *r)
{
	const char *name = sqltoken_name(r->m, r->at, SQLTOKENS_SQLITE);

	if (name == NULL)
		name = sqltoken_string(r->m, r->at);
	r->at += name != NULL;
	return name;
}

/* SQLite does not keep all of these words, but who writes its schema by himself may. */
int
sqlreading_head(struct sqlreading *r)
{
	static const char *const kinds[] = {"TABLE", "INDEX", "VIEW", "TRIGGER"};
	size_t kind = 0;

	if (sqlreading_expect(r, "CREATE") < 0)
		return -1;
	while (sqlreading_take(r, "TEMP") || sqlreading_take(r, "TEMPORARY") || sqlreading_take(r, "UNIQUE") ||
	       sqlreading_take(r, "VIRTUAL"))
		continue;
	while (kind < sizeof kinds / sizeof *kinds && !sqlreading_take(r, kinds[kind]))
		kind++;
	if (kind == sizeof kinds / sizeof *kinds)
		return sqlreading_cannot(r);
	if (sqltoken_is(r->at, "IF") && sqltoken_is(&r->at[1], "NOT")) {
		r->at += 2;
		if (sqlreading_expect(r, "EXISTS") < 0)
			return -1;
	}
	if (sqlreading_name(r) == NULL || (sqlreading_take(r, ".") && sqlreading_name(r) == NULL))
		return sqlreading_cannot(r);
	return 0;
}

const struct sqltoken *
sqlreading_closing(const struct sqlreading *r)
{
	const struct sqltoken *t = r->at;
	size_t depth = 0;

	for (; t->kind != SQLTOKEN_END; t++) {
		depth += (size_t)sqltoken_is(t, "(");
		if (depth > 0 && sqltoken_is(t, ")"))
			depth--;
		if (depth == 0)
			break;
	}
	return t;
}

const struct sqltoken *
sqlreading_item(const struct sqlreading *r, const struct sqltoken *end)
{
	struct sqlreading inner = *r;

	while (inner.at < end && !sqltoken_is(inner.at, ",")) {
		const struct sqltoken *close = sqlreading_closing(&inner);

		inner.at = close < end ? close + 1 : inner.at + 1;
	}
	return inner.at;
}

const char *
sqlreading_rest(struct mem *m, const char *sql)
{
	struct fail ignored;
	struct sqlreading r = sqlreading_begin(m, sql, &ignored);
	const struct sqltoken *all = r.at;
	struct buf b = {0};
	size_t n = 0;

	if (sqlreading_head(&r) < 0)
		r.at = all;
	while (r.at[n].kind != SQLTOKEN_END)
		n++;
	sqltext_tokens(&b, r.at, n, SQLTEXT_NORMAL);
	return buf_kept(m, &b);
}
