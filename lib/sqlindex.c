#include "sqlindex.h"

#include "buf.h"
#include "sqlreading.h"
#include "sqltext.h"

static const char *
plain(struct mem *m, const struct sqltoken *tokens, size_t n)
{
	struct buf b = {0};

	sqltext_tokens(&b, tokens, n, SQLTEXT_PLAIN);
	return buf_kept(m, &b);
}

static struct sqlindex_key
read_key(struct sqlreading *r, const struct sqltoken *last)
{
	struct sqlindex_key key = {NULL, NULL};
	size_t n = (size_t)(last - r->at);

	n -= n > 1 && (sqltoken_is(&r->at[n - 1], "ASC") || sqltoken_is(&r->at[n - 1], "DESC"));
	if (n > 2 && sqltoken_is(&r->at[n - 2], "COLLATE")) {
		struct sqlreading name = {.m = r->m, .at = &r->at[n - 1]};

		key.collation = sqlreading_name(&name);
		n -= key.collation != NULL ? 2 : 0;
	}
	key.text = plain(r->m, r->at, n);
	return key;
}

static int
read_keys(struct sqlreading *r, struct sqlindex *x)
{
	const struct sqltoken *end = sqlreading_closing(r);

	if (sqlreading_expect(r, "(") < 0)
		return -1;
	if (end->kind == SQLTOKEN_END)
		return sqlreading_cannot(r);
	x->keys = mem_array(r->m, (size_t)(end - r->at) + 1, sizeof *x->keys);
	while (r->at < end) {
		const struct sqltoken *last = sqlreading_item(r, end);

		x->keys[x->n++] = read_key(r, last);
		r->at = last < end ? last + 1 : last;
	}
	r->at = end + 1;
	return 0;
}

int
sqlindex_read(struct mem *m, const char *sql, struct sqlindex *x, struct fail *f)
{
	struct sqlreading r = sqlreading_begin(m, sql, f);
	size_t n = 0;

	*x = (struct sqlindex){0};
	if (sqlreading_head(&r) < 0 || sqlreading_expect(&r, "ON") < 0)
		return -1;
	if (sqlreading_name(&r) == NULL)
		return sqlreading_cannot(&r);
	if (read_keys(&r, x) < 0)
		return -1;
	if (!sqlreading_take(&r, "WHERE"))
		return r.at->kind == SQLTOKEN_END ? 0 : sqlreading_cannot(&r);
	while (r.at[n].kind != SQLTOKEN_END)
		n++;
	x->predicate = plain(m, r.at, n);
	return 0;
}
