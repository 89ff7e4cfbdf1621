/* SQL as tokens, as statements, and as the shape of a query. */

#include "buf.h"
#include "query.h"
#include "sqltokens.h"
#include "tap.h"

static struct mem m;

/* A letter for the kind of each token, and its text. */
static const char *
told(const char *sql, enum sqltokens_dialect dialect)
{
	static const char kinds[] = "ewnsb#p.";
	struct buf b = {0};
	const char *text;
	size_t n;
	const struct sqltoken *t = sqltokens_read(&m, sql, strlen(sql), dialect, &n);

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%c:%.*s", i > 0 ? " " : "", kinds[t[i].kind], (int)t[i].len, t[i].at);
	text = mem_copy(&m, b.bytes, b.len);
	buf_free(&b);
	return text;
}

static void
tokens_of_each_dialect(void)
{
	static const struct {
		const char *sql, *sqlite, *postgresql;
	} cases[] = {
	    {"select 'it''s' -- no\n, \"a\"\"b\"", "w:select s:'it''s' .:, n:\"a\"\"b\"",
		"w:select s:'it''s' .:, n:\"a\"\"b\""},
	    {"a.[b c] `d`", "w:a .:. n:[b c] n:`d`", "w:a .:. .:[ w:b w:c .:] .:` w:d .:`"},
	    {"/* a /* b */ c */ d", "w:c .:* .:/ w:d", "w:d"},
	    {"x'00' X'0' e'a\\'b'", "b:x'00' b:X'0' w:e s:'a\\' w:b s:'", "b:x'00' b:X'0' s:e'a\\'b'"},
	    {"$$a;b$$ $x$ $$ $x$ $1", "p:$$a .:; w:b$$ p:$x$ p:$$ p:$x$ p:$1", "s:$$a;b$$ s:$x$ $$ $x$ p:$1"},
	    {"?1 :a @b a::text", "p:?1 p::a p:@b w:a .::: w:text", ".:? #:1 .:: w:a .:@ w:b w:a .::: w:text"},
	    {"1e-3+.5 0x1F 1.a", "#:1e-3 .:+ #:.5 #:0x1F #:1.a", "#:1e-3 .:+ #:.5 #:0x1F #:1.a"},
	    {"a<=-1 b->>'c' d!=e||f", "w:a .:<= .:- #:1 w:b .:->> s:'c' w:d .:!= w:e .:|| w:f",
		"w:a .:<= .:- #:1 w:b .:->> s:'c' w:d .:!= w:e .:|| w:f"},
	    {"a @>--b\n c", "w:a .:@ .:> w:c", "w:a .:@> w:c"},
	    {"'open", "s:'open", "s:'open"},
	    {"/* open", "", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK_TEXT(told(cases[i].sql, SQLTOKENS_SQLITE), cases[i].sqlite, cases[i].sql);
		CHECK_TEXT(told(cases[i].sql, SQLTOKENS_POSTGRESQL), cases[i].postgresql, cases[i].sql);
	}
}

static void
names_and_strings(void)
{
	static const char sql[] = "Ab \"A\"\"b\" [a] 'it''s' 'open";
	size_t n;
	const struct sqltoken *t = sqltokens_read(&m, sql, strlen(sql), SQLTOKENS_SQLITE, &n);

	CHECK(n == 5, "five tokens");
	CHECK_TEXT(sqltoken_name(&m, &t[0], SQLTOKENS_SQLITE), "Ab", "SQLite keeps the case");
	CHECK_TEXT(sqltoken_name(&m, &t[0], SQLTOKENS_POSTGRESQL), "ab", "PostgreSQL does not");
	CHECK_TEXT(sqltoken_name(&m, &t[1], SQLTOKENS_POSTGRESQL), "A\"b", "quotes in quotes");
	CHECK_TEXT(sqltoken_name(&m, &t[2], SQLTOKENS_SQLITE), "a", "brackets");
	CHECK(sqltoken_name(&m, &t[3], SQLTOKENS_SQLITE) == NULL, "a string is no name");
	CHECK_TEXT(sqltoken_string(&m, &t[3]), "it's", "a string");
	CHECK_TEXT(sqltoken_string(&m, &t[4]), "open", "one without an end");
	CHECK(sqltoken_is(&t[0], "aB") && !sqltoken_is(&t[2], "[a]"), "words in any case; no names");
}

static void
statements(void)
{
	static const char sql[] = " ; -- a;\n select ';' /* ; */ ;; select 2 -- end";
	const char *p = sql, *end = sql + strlen(sql), *s;
	size_t len;

	s = sqltokens_statement(p, end, SQLTOKENS_SQLITE, &p, &len);
	CHECK(s != NULL, "the first");
	CHECK_TEXT(mem_copy(&m, s, len), "select ';'", "without what is around it");
	s = sqltokens_statement(p, end, SQLTOKENS_SQLITE, &p, &len);
	CHECK_TEXT(mem_copy(&m, s, len), "select 2", "the second");
	CHECK(sqltokens_statement(p, end, SQLTOKENS_SQLITE, &p, &len) == NULL, "no more");
}

/* Shapes. */

static struct catalog_column columns_t[] = {
    {.name = "a", .type = "int", .position = 1}, {.name = "b", .type = "text", .position = 2}};
static struct catalog_column columns_u[] = {
    {.name = "b", .type = "int", .position = 1}, {.name = "c", .type = "text", .position = 2}};
static struct catalog_table tables[] = {{.name = "t", .kind = "table", .columns = columns_t, .ncolumns = 2},
    {.name = "u", .kind = "table", .columns = columns_u, .ncolumns = 2}};
static const struct catalog catalog = {.tables = tables, .ntables = 2};

/* Its sources and terms; "" where there is no shape. */
static const char *
shape(const char *sql)
{
	struct buf b = {0};
	struct query q;
	const char *text;

	if (query_read(&q, &m, sql, SQLTOKENS_SQLITE, &catalog)) {
		for (size_t i = 0; i < q.nsources; i++)
			buf_printf(&b, "%s%s=%s", i > 0 ? " " : "", q.sources[i].name,
			    q.sources[i].table != NULL ? q.sources[i].table->name : "?");
		for (size_t i = 0; i < q.nterms; i++) {
			buf_puts(&b, " | ");
			query_write(&b, &q, q.terms[i]);
		}
	}
	text = mem_copy(&m, b.bytes, b.len);
	buf_free(&b);
	return text;
}

static void
shapes(void)
{
	static const struct {
		const char *sql, *shape;
	} cases[] = {
	    {"select * from t where a = 1 and (b = 2 and t.a between 1 and 2)", "t=t | a = 1 | b = 2 | a between 1 and 2"},
	    {"select * from T as x, main.u where x.a = 1 or c = 2", "x=t u=u | a = 1 or c = 2"},
	    {"select * from t join u on t.b = u.b and c > 3 left join (select 1) s on s.x = a where case when a and b then 1 end",
		"t=t u=u s=? | b = b | c > 3 | s.x = a | case when a and b then 1 end"},
	    {"delete from t where ((a) = (1))", "t=t | (a) = (1)"},
	    {"update t set a = 1 where b is not distinct from 2", "t=t | b is not distinct from 2"},
	    {"select a is distinct from b from t", "t=t"},
	    {"select * from f(1) g, nope where a = 1", "g=? nope=? | a = 1"},
	    {"select * from t union select * from t", ""},
	    {"with x as (select 1) select * from x", ""},
	    {"select 1", ""},
	    {"select * from t where (a = 1", ""},
	    {"insert into t select * from u", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_TEXT(shape(cases[i].sql), cases[i].shape, cases[i].sql);
}

static void
columns(void)
{
	struct query q;
	struct query_column c;

	query_read(&q, &m, "select b, a from t, u", SQLTOKENS_SQLITE, &catalog);
	CHECK(!query_column(&q, 1, q.n, &c), "of two tables it may be either's");
	CHECK(query_column(&q, 3, q.n, &c) && c.column == &columns_t[0], "of one it is that one's");
	query_read(&q, &m, "select a from t, (select 1 as a)", SQLTOKENS_SQLITE, &catalog);
	CHECK(!query_column(&q, 1, q.n, &c), "who knows what else has it");
	query_read(&q, &m, "select a(1), x.a from t x", SQLTOKENS_SQLITE, &catalog);
	CHECK(!query_column(&q, 1, q.n, &c), "a function");
	CHECK(query_column(&q, 6, q.n, &c) && c.tokens == 3 && c.source == &q.sources[0], "with the name of its table");
}

int
main(void)
{
	tokens_of_each_dialect();
	names_and_strings();
	statements();
	shapes();
	columns();
	mem_free(&m);
	return tap_end();
}
