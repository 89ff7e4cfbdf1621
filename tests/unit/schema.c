/* Schemas: what is told apart and what is not, whatever order it came in; and that what is printed is read again. */

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "random.h"
#include "schema.h"
#include "schema_diff.h"
#include "schema_saved.h"
#include "server_key.h"
#include "tap.h"
#include "tsv.h"

static struct mem m;

/* A schema of lines `table|kind|name|position|definition`, with `-` for NULL. */
static struct schema
made(const char *lines)
{
	struct schema s = {0};
	char *text = mem_string(&m, lines);

	while (*text != '\0') {
		char *end = strchr(text, '\n'), *fields[5];

		*end = '\0';
		for (int i = 0; i < 5; i++) {
			char *bar = strchr(text, '|');

			fields[i] = strncmp(text, "-|", 2) == 0 || strcmp(text, "-") == 0 ? NULL : text;
			if (bar != NULL)
				*bar = '\0';
			text = bar != NULL ? bar + 1 : end + 1;
		}
		const struct schema_item item = {
		    fields[0], fields[1], fields[2], fields[4], fields[3] != NULL ? strtoull(fields[3], NULL, 10) : 0, "r"};
		schema_add(&s, &m, &item);
	}
	schema_sort(&s, &m);
	return s;
}

static void
write_change(void *arg, const struct schema_change *c)
{
	buf_printf(arg, "%c %s %s %s: %s > %s\n", c->what, c->table->name, c->kind, c->name != NULL ? c->name : "-",
	    c->before != NULL ? c->before : "-", c->after != NULL ? c->after : "-");
}

/* The changes from one to the other. */
static const char *
changes(const char *a, const char *b)
{
	struct schema x = made(a), y = made(b);
	struct buf said = {0};
	const char *text;

	schema_diff(&m, &x, &y, write_change, &said);
	text = mem_copy(&m, said.bytes, said.len);
	buf_free(&said);
	return text;
}

static void
test_changes(void)
{
	/* From, to, what is said. */
	static const struct {
		const char *a, *b, *want;
	} cases[] = {
	    {"t|column|a|1|int\nt|column|b|2|int\n", "t|column|b|3|int\nt|column|a|5|int\n", "~ t order -: a,b > b,a\n"},
	    {"t|column|a|1|int\nt|column|b|2|int\n", "t|column|a|3|int\nt|column|b|7|int\n", ""},
	    {"t|column|a|1|int\nt|column|b|2|int\n", "t|column|x|1|int\nt|column|a|3|int\nt|column|b|7|int\n",
		"+ t column x: - > int\n"},
	    {"t|column|a b|1|int\nt|column|,|2|int\n", "t|column|,|1|int\nt|column|a b|2|int\n",
		"~ t order -: a%20b,%2C > %2C,a%20b\n"},
	    {"t|check|-|-|(a > 0)\nt|check|-|-|(b > 0)\n", "t|check|-|-|(b > 0)\nt|check|-|-|(a > 1)\n",
		"- t check -: (a > 0) > -\n+ t check -: - > (a > 1)\n"},
	    {"t|foreign key|-|-|(a) to p\nt|foreign key|-|-|(b) to p\n",
		"t|foreign key|-|-|(b) to q\nt|foreign key|-|-|(a) to p\n", "~ t foreign key -: (b) to p > (b) to q\n"},
	    {"t|foreign key|-|-|(a) to p\nt|foreign key|-|-|(a) to q\n",
		"t|foreign key|-|-|(a) to q\nt|foreign key|-|-|(a) to r\n", "~ t foreign key -: (a) to p > (a) to r\n"},
	    {"t|foreign key|-|-|(a) to p\nt|foreign key|-|-|(a) to p\n", "t|foreign key|-|-|(a) to p\n",
		"- t foreign key -: (a) to p > -\n"},
	    {"t|primary key|-|-|(a)\n", "t|primary key|-|-|(a, b)\n", "~ t primary key -: (a) > (a, b)\n"},
	    {"t|primary key|p|-|(a)\n", "t|primary key|q|-|(a)\n", "- t primary key p: (a) > -\n+ t primary key q: - > (a)\n"},
	    {"t|table|-|-|table\n", "t|table|-|-|strict\nu|table|-|-|table\nu|column|a|1|int\n",
		"~ t table -: table > strict\n+ u table -: - > table\n"},
	    {"t|view|-|-|one\nt|column|a|1|int\nu|column|a|1|int\n", "", "- t view -: one > -\n- u table -: - > -\n"},
	    {"t|view|-|-|one\n", "t|table|-|-|table\n", "+ t table -: - > table\n- t view -: one > -\n"},
	    {"t|index|a|-|(x)\n", "t|index|b|-|(x)\nt|index|a|-|(y)\n", "~ t index a: (x) > (y)\n+ t index b: - > (x)\n"},
	    {"t|index|-|-|-\n", "t|index|-|-|(x)\n", "- t index -: - > -\n+ t index -: - > (x)\n"},
	};
	char name[32];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(name, sizeof name, "changes %zu", i);
		CHECK_TEXT(changes(cases[i].a, cases[i].b), cases[i].want, name);
		CHECK_TEXT(changes(cases[i].a, cases[i].a), "", "none to itself");
	}
}

/* A text of a few bytes, awkward ones among them. */
static const char *
any_text(void)
{
	static const char *const pieces[] = {
	    "a", "\t", "\n", "\\", "\\N", "\r", "\"", "\033[1m", "\377", "é", "\342\200\256", "#", "%", ".", " ", ","};
	char text[64] = "";

	for (unsigned n = next_random(5) + 1; n > 0; n--)
		strcat(text, pieces[next_random(1 << 15) % (sizeof pieces / sizeof *pieces)]);
	return mem_string(&m, text);
}

/* What the text of a table is read from is the table. */
static void
test_texts(void)
{
	static const char *const kinds[] = {"column", "column", "check", "index", "table"};
	size_t wrong = 0;

	for (int round = 0; round < 300; round++) {
		struct schema s = {0}, again = {0}, shuffled = {0};
		struct buf text = {0}, second = {0};
		size_t n = next_random(12) + 1;

		for (size_t i = 0; i < n; i++) {
			struct schema_item item = {.table = "t", .kind = kinds[next_random(5)], .definition = any_text()};

			item.name = next_random(4) > 0 ? any_text() : NULL;
			item.position = strcmp(item.kind, "column") == 0 ? i + 3 : 0;
			schema_add(&s, &m, &item);
		}
		for (size_t i = n; i > 0; i--)
			schema_add(&shuffled, &m, &s.items[i - 1]);
		schema_sort(&s, &m);
		schema_sort(&shuffled, &m);
		schema_text(&text, &s.tables[0]);
		schema_text(&second, &shuffled.tables[0]);
		wrong += text.len != second.len || memcmp(text.bytes, second.bytes, text.len) != 0;
		wrong += schema_parse(&again, &m, "t", text.bytes, text.len) != 0;
		schema_sort(&again, &m);
		second.len = 0;
		schema_text(&second, &again.tables[0]);
		wrong += text.len != second.len || memcmp(text.bytes, second.bytes, text.len) != 0;
		buf_free(&text);
		buf_free(&second);
	}
	CHECK(wrong == 0, "texts are read as they were, and do not depend on the order in which things came");
}

static int
saved(const char *text, struct schema *s)
{
	struct fail f;

	*s = (struct schema){0};
	return schema_saved_parse(s, &m, text, strlen(text), &f);
}

static void
test_saved(void)
{
	struct schema s;

	CHECK(saved("shop.db#a%20b\tcolumn\tx\\n\t1\tint\n", &s) == 1 && s.ntables == 1, "a line of tsv");
	CHECK_TEXT(s.tables[0].name, "a b", "its table");
	CHECK_TEXT(s.items[0].name, "x\n", "its name");
	CHECK_TEXT(s.tables[0].ref, "shop.db#a%20b", "its reference");
	CHECK(saved("ref\tkind\tname\tposition\tdefinition\npg:x#s%252E1.t%2E1\ttable\t\\N\t\\N\ttable\n", &s) == 1 &&
		  s.nitems == 1,
	    "a header is passed over");
	CHECK_TEXT(s.tables[0].name, "s%252E1.t%2E1", "the parts of a server's name");
	CHECK(saved("/data/two/a.csv\tcolumn\tx\t1\tint\n", &s) == 1 && strcmp(s.tables[0].name, "a.csv") == 0, "a file");
	CHECK(
	    saved(
		"{\"ref\":\"d#t\",\"kind\":\"index\",\"name\":null,\"position\":null,\"definition\":{\"b64\":\"/w==\"},\"method\":\"x\"}\n",
		&s) == 1 &&
		s.items[0].name == NULL && strcmp(s.items[0].definition, "\377") == 0,
	    "a line of JSON");
	CHECK(saved("", &s) == 1 && s.ntables == 0, "nothing is a schema without tables");
	CHECK(saved("id,name\n1,Ada\n", &s) == 0, "delimited text is none");
	CHECK(saved("a\tb\tc\td\te\n", &s) == 0, "nor are five fields with anything");
	CHECK(saved("d#t\tindex\ti\t\\N\t(x)\nd#t\tindex\n", &s) == -1, "a line that is cut off is said");
	CHECK(saved("d#t\tindex\ti\t\\N\t\\x00\n", &s) == 0, "a NUL is in no text");
	CHECK(
	    saved("{\"ref\":\"d#t\",\"kind\":\"index\",\"name\":\"\\u0000\",\"position\":null,\"definition\":\"\"}\n", &s) == 0,
	    "nor in JSON");
}

static void
test_lines(void)
{
	const char *fields[3];

	CHECK(tsv_fields(&m, "a\t\\N\t", 5, fields, 3) == 3 && fields[1] == NULL && fields[2][0] == '\0',
	    "NULL and empty are two");
	CHECK(tsv_fields(&m, "\\N\\N", 4, fields, 3) == -1, "what is no escape is refused");
	CHECK(tsv_fields(&m, "\\", 1, fields, 3) == -1 && tsv_fields(&m, "\\x4", 3, fields, 3) == -1, "and half of one");
	CHECK(tsv_fields(&m, "a\tb\tc\td", 7, fields, 3) == -1, "more fields than there is room for");
}

static void
test_key(const char *key, const char *lasting, const char *name)
{
	struct buf b = {0};

	server_key_lasting(&b, key);
	CHECK_TEXT(buf_string(&b), lasting, name);
	buf_free(&b);
}

static void
test_keys(void)
{
	test_key("/a\nPGHOST=h services=1", "/a\nPGHOST=h services=1", "the key of a file is its path");
	test_key("demo:x", "demo:x", "that of a helper's database its reference");
	test_key("pg:service=a\nPGHOST=h PGHOSTADDR=1.2.3.4 PGOPTIONS=-c%20a services=12.3 user=0",
	    "pg:service=a\nPGHOST=h PGHOSTADDR=1.2.3.4 ", "of a server what leads to the database");
}

int
main(void)
{
	test_keys();
	test_changes();
	test_texts();
	test_saved();
	test_lines();
	mem_free(&m);
	return tap_end();
}
