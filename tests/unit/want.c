/* Indexes as text: read, written, and what is wrong with them; SQL that says the same; indexes that are what was wanted. */

#include "buf.h"
#include "definition.h"
#include "definition_sql.h"
#include "tap.h"
#include "want.h"

static struct mem m;

/* What a line is, written again; or the sentence. */
static const char *
again(const char *line, int server)
{
	struct buf b = {0};
	struct want w;
	struct fail f;
	const char *text;

	if (want_parse(&m, line, strlen(line), &w, &f) < 0)
		return mem_string(&m, f.text);
	want_write(&b, server, server ? w.qualified : w.table, &w.index);
	text = mem_copy(&m, b.bytes, b.len);
	buf_free(&b);
	return text;
}

static void
lines_are_read(void)
{
	static const struct {
		const char *line, *written;
	} cases[] = {
	    {"t(a)", "t (a)"},
	    {" t ( a , b desc )  UNIQUE name x ", "t (a, b desc) unique name x"},
	    {"t (a collate NOCASE asc nulls last)", "t (a collate NOCASE nulls last)"},
	    {"t ((lower(email)) collate \"C\" text_pattern_ops DESC NULLS FIRST)",
		"t ((lower(email)) collate C text_pattern_ops desc nulls first)"},
	    {"t (a) where (a = ')' and \"b)\" > 1) include (c, d) using gin",
		"t (a) using gin include (c, d) where (a = ')' and \"b)\" > 1)"},
	    {"t (a) where ((a > 0))", "t (a) where (a > 0)"},
	    {"\"my table\" (\"desc\" desc, \"a,b\", \"\"\"\", c%2Ed)", "my%20table (desc desc, a%2Cb, %22, c%2Ed)"},
	    {"t (a \"desc\")", "t (a %64esc)"},
	    {"t (a%28b)", "t (a%28b)"},
	    {"", "column 1: a table is missing"},
	    {"t", "column 2: the keys should be here, in parentheses"},
	    {"t ()", "column 4: a column is missing"},
	    {"t (a", "column 5: a comma or ) should be here"},
	    {"t (a,)", "column 6: a column is missing"},
	    {"t (a) (b)", "column 7: unique, using, include, where or name should be here, each once"},
	    {"t (a) unique unique", "column 14: unique, using, include, where or name should be here, each once"},
	    {"t (a) uniq", "column 7: unique, using, include, where or name should be here, each once"},
	    {"t (lower(a))", "column 9: an expression stands in parentheses of its own, such as (lower(email))"},
	    {"t (a desc x)", "column 11: a comma or ) should be here"},
	    {"t (a nulls x)", "column 12: nulls first or nulls last"},
	    {"t (\"a)", "column 4: a \" that is not closed"},
	    {"t (a) where (a; drop table t)", "column 15: a semicolon"},
	    {"t (a) where (a -- b\n)", "column 16: a comment"},
	    {"t (a) where (a) or (b)", "column 17: unique, using, include, where or name should be here, each once"},
	    {"t (a) where (b = E'\\'')", "column 18: a string with escapes"},
	    {"t (a) where (b = $$x$$)", "column 18: a $ where a word would begin"},
	    {"t (a) where (a > (b)", "column 21: a ( that is not closed"},
	    {"t (a) where ()", "column 13: there is nothing in the parentheses"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK_TEXT(again(cases[i].line, 0), cases[i].written, cases[i].line);
		if (strncmp(cases[i].written, "column", 6) != 0)
			CHECK_TEXT(again(cases[i].written, 0), cases[i].written, "and what is written is read");
	}
	CHECK_TEXT(again("\"public\".\"v1.0\" (a)", 1), "public.v1%2E0 (a)", "a dot in quotes is one of a part");
	CHECK_TEXT(again("public.v1%2E0 (a)", 1), "public.v1%2E0 (a)", "a dot as bytes, too");
	CHECK_TEXT(again("public.v1%2E0 (a)", 0), "public%2Ev1%2E0 (a)", "a file has tables, and no schemas");
}

static struct catalog_column columns[] = {{.name = "a", .type = "integer"}, {.name = "b", .type = "text"},
    {.name = "status", .type = "character varying(20)"}, {.name = "Big", .type = "text"}, {.name = "c", .type = "text"}};

static struct catalog_table table = {.name = "public.t", .kind = "table", .columns = columns, .ncolumns = 5};

static void
sql_is_compared(void)
{
	static const struct {
		const char *a, *b;
		int same;
	} cases[] = {
	    {"a > 0", "(A  >\n0)", 1},
	    {"a > 0", "a >= 0", 0},
	    {"a > 0 and b = 'x'", "((a > 0) AND (b = 'x'::text))", 1},
	    {"a > 0 and b = 'x'", "((a > 0) AND (b = 'X'::text))", 0},
	    {"a = 1 or b = '' and a = 2", "((a = 1) OR ((b = ''::text) AND (a = 2)))", 1},
	    {"(a = 1 or b = '') and a = 2", "((a = 1) OR ((b = ''::text) AND (a = 2)))", 0},
	    {"(a = 1 or b = '') and a = 2", "(((a = 1) OR (b = ''::text)) AND (a = 2))", 1},
	    {"not a = 1", "(NOT (a = 1))", 1},
	    {"not (a = 1 and b = '')", "((NOT (a = 1)) AND (b = ''::text))", 0},
	    {"status = 'x'", "((status)::text = 'x'::text)", 1},
	    {"b = 'x'", "((a)::text = 'x'::text)", 0},
	    {"a = 'x'", "((a)::text = 'x'::text)", 0},
	    {"status in ('x', 'y')", "((status)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[]))",
		1},
	    {"a in (1, 2)", "(a = ANY (ARRAY[1, 2]))", 1},
	    {"a not in (1, 2)", "(a <> ALL (ARRAY[1, 2]))", 1},
	    {"a in (1, 2)", "(a <> ALL (ARRAY[1, 2]))", 0},
	    {"a > -1", "(a > '-1'::integer)", 1},
	    {"a != 1", "(a <> 1)", 1},
	    {"b like 'x%'", "(b ~~ 'x%'::text)", 1},
	    {"b not like 'x%'", "(b !~~ 'x%'::text)", 1},
	    {"b is not null", "(b IS NOT NULL)", 1},
	    {"\"b\" = ''", "(b = ''::text)", 1},
	    {"\"Big\" = ''", "(\"Big\" = ''::text)", 1},
	    {"\"null\" = a", "null = a", 0},
	    {"lower(b)", "lower(b)", 1},
	    {"lower(status)", "lower((status)::text)", 1},
	    {"(a + 1) * 2", "((a + 1) * 2)", 1},
	    {"a + 1 * 2", "((a + 1) * 2)", 0},
	    {"created >= '2024-01-01'", "(created >= '2024-01-01 00:00:00+00'::timestamp with time zone)", 0},
	    {"created >= '2024-01-01'", "(created >= '2024-01-01'::timestamp(0) with time zone)", 1},
	    {"a between 1 and (a = 1)", "a between 1 and a = 1", 0},
	    {"b = 'it''s'", "(b = 'it''s'::text)", 1},
	    {"b [", "b [", 1},
	    {"b [", "b  [", 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(definition_sql_same(INDEX_SQL_POSTGRESQL, &table, cases[i].a, cases[i].b) == cases[i].same, cases[i].b);
		CHECK(definition_sql_same(INDEX_SQL_POSTGRESQL, &table, cases[i].b, cases[i].a) == cases[i].same,
		    "and the other way");
	}
	CHECK(definition_sql_same(INDEX_SQL_SQLITE, &table, "\"BIG\" == 1", "big = 1"), "SQLite's names in any case");
	CHECK(!definition_sql_same(INDEX_SQL_SQLITE, &table, "b = 'x'", "b = \"x\""), "a text and a name");
}

/* Whether the line is found, checked and the definition of `have`: "" or "no"; or the sentence. */
static const char *
fits(enum index_sql_dialect dialect, const struct catalog_index *have, const char *line)
{
	struct want w;
	struct fail f;

	if (want_parse(&m, line, strlen(line), &w, &f) < 0 || definition_check(&m, dialect, &table, &w.index, &f) < 0)
		return mem_string(&m, f.text);
	return definition_same(dialect, &table, have, &w.index) ? "" : "no";
}

static void
definitions_are_compared(void)
{
	struct catalog_key keys[] = {{.column = "a"},
	    {.column = "b", .descending = 1, .nulls_first = 1, .collation = "pg_catalog.C", .collated = 1},
	    {.column = "c", .included = 1}};
	struct catalog_index x = {
	    .table = "public.t", .name = "x", .origin = "index", .method = "btree", .keys = keys, .nkeys = 3};
	struct catalog_key flat[] = {
	    {.column = "a", .nulls_first = 1}, {.column = "b", .nulls_first = 1, .collation = "BINARY"}};
	struct catalog_index y = {.table = "t", .name = "y", .origin = "index", .keys = flat, .nkeys = 2};

	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (a, b collate C desc) include (c)"), "", "all of it");
	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (a, b collate \"C\" desc nulls first) using BTree include (c)"), "",
	    "said in full");
	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (a, b desc) include (c)"), "no", "another collation");
	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (a, b collate C) include (c)"), "no", "another direction");
	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (a, b collate C desc nulls last) include (c)"), "no", "NULLs elsewhere");
	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (b collate C desc, a) include (c)"), "no", "another order");
	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (a, b collate C desc, c)"), "no", "a key more");
	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (a, b collate C desc) unique include (c)"), "no", "unique");
	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (a, b collate C desc) include (c) where (a > 0)"), "no", "partial");
	CHECK_TEXT(fits(INDEX_SQL_POSTGRESQL, &x, "t (a) using hash"), "no", "another method");
	CHECK_TEXT(fits(INDEX_SQL_SQLITE, &y, "t (A) include (B)"), "", "SQLite's included columns are keys");
	CHECK_TEXT(fits(INDEX_SQL_SQLITE, &y, "t (a, (b) collate binary)"), "", "a column in parentheses");
	CHECK_TEXT(fits(INDEX_SQL_SQLITE, &y, "t (a, b collate nocase)"), "no", "SQLite's collation");
	CHECK_TEXT(fits(INDEX_SQL_SQLITE, &y, "t (stauts)"), "no such column: stauts: it has a, b, status, Big, c", "misspelt");
	CHECK_TEXT(fits(INDEX_SQL_SQLITE, &y, "t (a) where (\"stauts\" = 1)"),
	    "no such column: stauts: it has a, b, status, Big, c", "misspelt in SQL");
	CHECK_TEXT(fits(INDEX_SQL_SQLITE, &y, "t (a) using gin"), "using gin: SQLite has btree indexes only", "no method");
	CHECK_TEXT(fits(INDEX_SQL_SQLITE, &y, "t (a nulls last)"), "a: SQLite has NULLs first, and last where it descends",
	    "no NULLs");
	CHECK_TEXT(fits(INDEX_SQL_SQLITE, &y, "t (a x_ops)"), "x_ops: SQLite has no classes of operators", "no class");
	CHECK(strncmp(fits(INDEX_SQL_SQLITE, &y, "t (a) unique include (b)"), "unique with", 11) == 0, "unique with more keys");
}

static const char *
name_of(const struct catalog *c, const char *line)
{
	struct want w;
	struct fail f;

	want_parse(&m, line, strlen(line), &w, &f);
	return definition_name(&m, c, INDEX_SQL_POSTGRESQL, &table, &w.index);
}

static void
names_are_made(void)
{
	struct catalog_index have[] = {{.name = "t_a_idx"}};
	const struct catalog c = {&table, 1};
	const char *longest = name_of(&c, "t (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb)");

	CHECK_TEXT(name_of(&c, "t (a, (lower(b)))"), "t_a_expr_idx", "of the table and its keys");
	CHECK(strlen(longest) == 63, "cut with a hash");
	CHECK(strcmp(longest,
		  name_of(&c, "t (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbc)")) != 0,
	    "which tells them apart");
	table.indexes = have;
	table.nindexes = 1;
	CHECK_TEXT(name_of(&c, "t (a)"), "t_a_idx2", "and a number where it is somebody's");
	CHECK(definition_named(&c, INDEX_SQL_POSTGRESQL, &table, "t").table == &table, "a table has a name, too");
	table.nindexes = 0;
}

int
main(void)
{
	lines_are_read();
	sql_is_compared();
	definitions_are_compared();
	names_are_made();
	mem_free(&m);
	return tap_end();
}
