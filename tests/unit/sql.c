/* The text of a schema of SQLite: its tokens written anew, and what CREATE TABLE and CREATE INDEX say. */

#include <string.h>

#include "sqlcreate.h"
#include "sqlindex.h"
#include "sqlreading.h"
#include "sqltext.h"
#include "tap.h"

static struct mem m;
static struct fail f;

/* A text, and what comes of it. */
struct pair {
	const char *sql, *wanted;
};

static void
test_forms(void)
{
	static const struct pair normal[] = {
	    {" a  +b\n", "a + b"},
	    {"A--b\n+b/* c */-1", "A + b - 1"},
	    {"- -1", "- -1"},
	    {"a - -1", "a - -1"},
	    {"(-a)*-1.5e-3", "(-a) * -1.5e-3"},
	    {"lower ( a )in(1,2)", "lower(a) IN (1, 2)"},
	    {"count( * )", "count(*)"},
	    {"main . t.\"a\"", "main.t.a"},
	    {"\"select\"", "\"select\""},
	    {"[a b] || `c\"d` || 'it''s  --'", "\"a b\" || \"c\"\"d\" || 'it''s  --'"},
	    {"a collate noCase IS not null", "a COLLATE NOCASE IS NOT NULL"},
	    {"x'0aF'", "X'0AF'"},
	    {"case when a then - 1 end - 2", "CASE WHEN a THEN -1 END - 2"},
	    {"varchar ( 20 )", "varchar(20)"},
	    {"a ->> '$.b'", "a ->> '$.b'"},
	    {"'never closed -- ", "'never closed -- "},
	    {"select first,t.last, key as plan from row", "SELECT first, t.last, key AS plan FROM row"},
	    {"desc||first order by desc desc nulls first", "desc || first ORDER BY desc DESC NULLS FIRST"},
	    {"a not match first(b)", "a NOT MATCH FIRST (b)"},
	    {"instead of insert on desc for each row", "INSTEAD OF INSERT ON desc FOR EACH ROW"},
	    {"", ""},
	};

	for (size_t i = 0; i < sizeof normal / sizeof *normal; i++) {
		CHECK_TEXT(sqltext_made(&m, normal[i].sql, SQLTEXT_NORMAL), normal[i].wanted, normal[i].sql);
		CHECK_TEXT(sqltext_made(&m, normal[i].wanted, SQLTEXT_NORMAL), normal[i].wanted, "and it stays so");
	}
	CHECK_TEXT(sqltext_made(&m, "[a b]  = \"c\" /* d */ and x'aF' IS NOT null", SQLTEXT_PLAIN),
	    "[a b] = \"c\" and x'aF' IS NOT null", "the plain form leaves words and quotes");
	CHECK(
	    sqltext_is_keyword("select", 6) && sqltext_is_keyword("WITHOUT", 7) && sqltext_is_keyword("Abort", 5), "key words");
	CHECK(
	    !sqltext_is_keyword("selec", 5) && !sqltext_is_keyword("selects", 7) && !sqltext_is_keyword("", 0), "no key words");
}

/* Keys with bars between them, their collations in front, and the predicate. */
static const char *
index_of(const char *sql)
{
	static struct buf b;
	struct sqlindex x;

	b.len = 0;
	if (sqlindex_read(&m, sql, &x, &f) < 0)
		return "";
	for (size_t i = 0; i < x.n; i++)
		buf_printf(&b, "%s%s%s%s", i > 0 ? "|" : "", x.keys[i].collation != NULL ? x.keys[i].collation : "",
		    x.keys[i].collation != NULL ? ":" : "", x.keys[i].text);
	if (x.predicate != NULL)
		buf_printf(&b, " WHERE %s", x.predicate);
	return buf_string(&b);
}

static void
test_indexes(void)
{
	static const struct pair cases[] = {
	    {"CREATE INDEX i ON t(a)", "a"},
	    {"create unique index if not exists main.i on t (a, b desc)", "a|b"},
	    {"CREATE INDEX \"i (\" ON [t ( WHERE] (\"a, b\" ASC, lower(c, 'd)') COLLATE nocase DESC) WHERE d",
		"\"a, b\"|nocase:lower(c, 'd)') WHERE d"},
	    {"CREATE INDEX i ON t(a /* ) WHERE x */, -- )\n b) WHERE a IS NOT NULL AND (b) -- end",
		"a|b WHERE a IS NOT NULL AND (b)"},
	    {"CREATE INDEX 'i' ON 't' ('a' COLLATE \"R\") WHERE a = ' WHERE '", "R:'a' WHERE a = ' WHERE '"},
	    {"CREATE INDEX i ON t((((a))), b || c COLLATE x)", "(((a)))|x:b || c"},
	    {"CREATE INDEX i ON t(\"where\", [desc]) where \"where\"", "\"where\"|[desc] WHERE \"where\""},
	    {"CREATE INDEX i ON t(desc)", "desc"},
	    {"CREATE INDEX i ON t(a", ""},
	    {"CREATE INDEX i ON t(a) x", ""},
	    {"CREATE TABLE", ""},
	    {"", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_TEXT(index_of(cases[i].sql), cases[i].wanted, cases[i].sql);
}

/* A line each: columns, where there is something to tell of them, and constraints. */
static const char *
table_of(const char *sql)
{
	static const char *const kinds[] = {"primary key", "unique", "check", "foreign key"};
	static struct buf b;
	struct sqlcreate_table t;

	b.len = 0;
	if (sqlcreate_table(&m, sql, &t, &f) < 0)
		return f.text;
	buf_printf(&b, "%zu", t.ncolumns);
	buf_printf(&b, "%s%s", t.without_rowid ? " without rowid" : "", t.strict ? " strict" : "");
	for (size_t i = 0; i < t.ncolumns; i++) {
		const struct sqlcreate_column *c = &t.columns[i];

		if (c->not_null || c->generated != NULL)
			buf_printf(&b, "; %s%s %s%s", c->name, c->not_null ? " not null" : "",
			    c->conflict != NULL ? c->conflict : "", c->generated != NULL ? c->generated : "");
	}
	for (size_t i = 0; i < t.nconstraints; i++) {
		const struct sqlcreate_constraint *c = &t.constraints[i];

		buf_printf(&b, "; %s %s: %s", kinds[c->kind], c->name != NULL ? c->name : "", c->definition);
	}
	return buf_string(&b);
}

static void
test_tables(void)
{
	static const struct pair cases[] = {
	    {"CREATE TABLE t(a)", "1"},
	    {"CREATE TABLE t(a int, 'b' \"some type\" (1, 2) , [c,] text) STRICT,WITHOUT ROWID", "3 without rowid strict"},
	    {"CREATE TABLE t(a INTEGER PRIMARY KEY DESC ON CONFLICT replace AUTOINCREMENT)",
		"1; primary key : (a DESC) ON CONFLICT REPLACE AUTOINCREMENT"},
	    {"CREATE TABLE t(a, b, PRIMARY KEY(a asc,b collate nocase desc) ON CONFLICT abort)",
		"2; primary key : (a, b COLLATE NOCASE DESC)"},
	    {"CREATE TABLE t(id INTEGER, PRIMARY KEY(id AUTOINCREMENT))", "1; primary key : (id) AUTOINCREMENT"},
	    {"CREATE TABLE t(a NOT NULL ON CONFLICT ignore DEFAULT (1,')') CHECK(a>0 AND b<>')'), b NULL DEFAULT -1 UNIQUE)",
		"2; a not null IGNORE; check : (a > 0 AND b <> ')'); unique : (b)"},
	    {"CREATE TABLE t(a CONSTRAINT x NOT NULL CONSTRAINT \"y z\" CHECK (a) CHECK (b), b)",
		"2; a not null ; check y z: (a); check : (b)"},
	    {"CREATE TABLE t(a, b GENERATED ALWAYS AS (a+1) STORED NOT NULL, c AS ( [a] ) , d generated)",
		"4; b not null (a + 1); c (a)"},
	    {"CREATE TABLE t(a REFERENCES p, b REFERENCES [p q] ('x') on delete set null ON UPDATE NO ACTION MATCH full)",
		"2; foreign key : (a) REFERENCES p; foreign key : (b) REFERENCES \"p q\" (x) ON DELETE SET NULL"},
	    {"CREATE TABLE t(a REFERENCES p NOT NULL DEFERRABLE INITIALLY DEFERRED)",
		"1; a not null ; foreign key : (a) REFERENCES p DEFERRABLE INITIALLY DEFERRED"},
	    {"CREATE TABLE t(a, CONSTRAINT k FOREIGN KEY (a, \"b\") REFERENCES p (c, d) ON UPDATE cascade ON DELETE restrict NOT "
	     "DEFERRABLE INITIALLY DEFERRED UNIQUE (a) CHECK (1))",
		"1; foreign key k: (a, b) REFERENCES p (c, d) ON UPDATE CASCADE ON DELETE RESTRICT; unique : (a); check : (1)"},
	    {"CREATE TABLE t(\"unique\", [check] TEXT, `primary` int)", "3"},
	    {"CREATE TABLE t(a -- ), b\n, c /* , d */)", "2"},
	    {"CREATE TABLE t AS SELECT 1", "its SQL cannot be read at 'AS'"},
	    {"CREATE TABLE t(a", "its SQL breaks off"},
	    {"CREATE TABLE t(a,", "its SQL breaks off"},
	    {"CREATE TABLE t(a CHECK (", "its SQL cannot be read at '('"},
	    {"CREATE TABLE IF NOT", "its SQL breaks off"},
	    {"", "its SQL breaks off"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_TEXT(table_of(cases[i].sql), cases[i].wanted, cases[i].sql);
}

static void
test_rest(void)
{
	static const struct pair cases[] = {
	    {"CREATE VIEW v as select 1", "AS SELECT 1"},
	    {"create view if not exists \"v w\"(a) AS SELECT [b] -- c", "(a) AS SELECT b"},
	    {"CREATE TEMP TRIGGER main.x AFTER INSERT ON t BEGIN SELECT 1;END", "AFTER INSERT ON t BEGIN SELECT 1; END"},
	    {"CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'x  y')", "USING fts5(a, tokenize = 'x  y')"},
	    {"what is this", "what IS this"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_TEXT(sqlreading_rest(&m, cases[i].sql), cases[i].wanted, cases[i].sql);
}

int
main(void)
{
	test_forms();
	test_indexes();
	test_tables();
	test_rest();
	mem_free(&m);
	return tap_end();
}
