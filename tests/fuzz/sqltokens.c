/* sqltokens, query: any bytes are tokens that lie in their order within the text; statements are cut at semicolons and nowhere
 * else; what has a shape has its terms within it. */

#include "fuzz.h"
#include "query.h"
#include "sqltokens.h"

static void
check_tokens(struct mem *m, const char *sql, enum sqltokens_dialect dialect)
{
	const char *at = sql, *end = sql + strlen(sql);
	size_t n;
	const struct sqltoken *t = sqltokens_read(m, sql, strlen(sql), dialect, &n);

	for (size_t i = 0; i < n; i++) {
		MUST(t[i].kind != SQLTOKEN_END && t[i].len > 0 && t[i].at >= at && t[i].len <= (size_t)(end - t[i].at));
		at = t[i].at + t[i].len;
		sqltoken_name(m, &t[i], dialect);
		sqltoken_string(m, &t[i]);
	}
	MUST(t[n].kind == SQLTOKEN_END && t[n].at >= at && t[n].at <= end);
}

static size_t
count_tokens(struct mem *m, const char *sql, size_t len, enum sqltokens_dialect dialect)
{
	size_t n, semicolons = 0;
	const struct sqltoken *t = sqltokens_read(m, sql, len, dialect, &n);

	for (size_t i = 0; i < n; i++)
		semicolons += sqltoken_is(&t[i], ";");
	return n - semicolons;
}

static void
check_statements(struct mem *m, const char *sql, enum sqltokens_dialect dialect)
{
	const char *p = sql, *end = sql + strlen(sql), *s;
	size_t len, n = 0;

	while ((s = sqltokens_statement(p, end, dialect, &p, &len)) != NULL) {
		MUST(len > 0 && s >= sql && len <= (size_t)(end - s) && p >= s + len);
		n += count_tokens(m, s, len, dialect);
	}
	MUST(n == count_tokens(m, sql, strlen(sql), dialect));
}

static void
check_shape(struct mem *m, const char *sql, enum sqltokens_dialect dialect)
{
	static struct catalog_column columns[] = {
	    {.name = "a", .type = "int", .position = 1}, {.name = "b", .type = "text", .position = 2}};
	static struct catalog_table tables[] = {{.name = "t", .columns = columns, .ncolumns = 2}};
	static const struct catalog catalog = {.tables = tables, .ntables = 1};
	struct buf b = {0};
	struct query q;

	if (!query_read(&q, m, sql, dialect, &catalog))
		return;
	MUST(q.nsources > 0 && q.nsources <= q.n);
	for (size_t i = 0; i < q.nterms; i++) {
		struct query_column c;

		MUST(q.terms[i].first < q.terms[i].end && q.terms[i].end <= q.n);
		if (query_only_column(&q, q.terms[i], &c))
			MUST(c.source->table == tables && c.column >= columns);
		query_write(&b, &q, q.terms[i]);
	}
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	enum sqltokens_dialect dialect = fuzz_byte(&z) & 1 ? SQLTOKENS_POSTGRESQL : SQLTOKENS_SQLITE;
	char *sql = fuzz_string(z.bytes, z.len);
	struct mem m = {0};

	check_tokens(&m, sql, dialect);
	check_statements(&m, sql, dialect);
	check_shape(&m, sql, dialect);
	mem_free(&m);
	free(sql);
	return 0;
}
