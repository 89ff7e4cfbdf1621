/* The rules about single indexes: not finished, not used, of no use; and what has been accepted. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index_baseline.h"
#include "index_invalid.h"
#include "index_unusable.h"
#include "index_unused.h"
#include "made_catalog.h"
#include "tap.h"

/* 2026-11-22T00:00:00Z */
static const int64_t NOW = 1795305600;

/* The findings about `x`, of a table that has these indexes. */
static const struct finding *
about(const struct findings *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->list[i].name, name) == 0)
			return &all->list[i];
	}
	return NULL;
}

static const char *
verdict(const struct findings *all, const char *name)
{
	return about(all, name) != NULL ? about(all, name)->verdict : "none";
}

/* Not finished */

static void
judges_invalid(struct mem *m)
{
	const char *const indexes[][2] = {{"whole", "a"}, {"twin", "a;;invalid"}, {"broken", "b;;invalid"},
	    {"made", "c;;invalid building"}, {"d_idx_ccnew", "d;;invalid"}, {"d_idx_ccnew2", "d;;invalid part"},
	    {"unique", "a;;unique invalid"}};
	struct catalog_table t = made_table(m, "s.t", indexes, 7);
	const struct catalog c = {&t, 1};
	struct findings all = {.m = m, .dialect = INDEX_SQL_POSTGRESQL};

	index_invalid(&c, &all);
	CHECK_TEXT(verdict(&all, "whole"), "none", "a whole index is well");
	CHECK_TEXT(verdict(&all, "made"), "none", "one that is being made is not unfinished");
	CHECK_TEXT(verdict(&all, "twin"), "leftover", "one whose work another does");
	CHECK_TEXT(about(&all, "twin")->sql, "DROP INDEX CONCURRENTLY \"s\".\"twin\"", "is removed");
	CHECK_TEXT(verdict(&all, "broken"), "invalid", "one that nobody else does");
	CHECK_TEXT(about(&all, "broken")->sql, "REINDEX INDEX CONCURRENTLY \"s\".\"broken\"", "is made anew");
	CHECK_TEXT(verdict(&all, "d_idx_ccnew"), "leftover", "what a REINDEX left");
	CHECK_TEXT(verdict(&all, "d_idx_ccnew2"), "invalid", "but not as part of a partitioned index");
	CHECK_TEXT(verdict(&all, "unique"), "invalid", "a unique one is not done by one that is not");
	t.partitioned = 1;
	all.n = 0;
	index_invalid(&c, &all);
	CHECK(strcmp(verdict(&all, "broken"), "incomplete") == 0 && about(&all, "broken")->sql == NULL,
	    "of a partitioned table nothing is advised");
}

/* Not used */

static struct findings
unused_of(struct mem *m, const struct catalog_table *t, const struct index_counters *with)
{
	const struct catalog c = {(struct catalog_table *)(uintptr_t)t, 1};
	struct findings all = {.m = m, .dialect = INDEX_SQL_POSTGRESQL, .counters = with};

	index_unused(&c, &all);
	return all;
}

static void
judges_unused(struct mem *m)
{
	const char *const indexes[][2] = {{"old", "a;;s=0 t=2026-10-01T00:00:00Z"}, {"young", "b;;s=0 t=2026-11-20T00:00:00Z"},
	    {"month", "b;;s=0 t=2026-10-23T00:00:00Z"}, {"less", "b;;s=0 t=2026-10-23T00:00:01Z"},
	    {"used", "c;;s=1 t=2026-10-01T00:00:00Z"}, {"unique", "d;;unique s=0 t=2026-10-01T00:00:00Z"},
	    {"pk", "e;;pk s=0 t=2026-10-01T00:00:00Z"}, {"identity", "f;;replica s=0 t=2026-10-01T00:00:00Z"},
	    {"fk", "g,h;;s=0 t=2026-10-01T00:00:00Z"}, {"part", "i;;part s=0 t=2026-10-01T00:00:00Z"},
	    {"broken", "j;;invalid s=0 t=2026-10-01T00:00:00Z"}, {"uncounted", "k"}, {"since", "l;;s=0"}};
	struct catalog_table t = made_table(m, "t", indexes, 13);
	struct catalog_foreign_key k = made_foreign_key(m, "t", "g");
	const struct index_counters with = {.now = NOW};
	struct findings all;

	t.keys = &k;
	t.nkeys = 1;
	all = unused_of(m, &t, &with);
	CHECK_TEXT(verdict(&all, "old"), "unused", "not used for long");
	CHECK_TEXT(
	    about(&all, "old")->reason, "it has not been used for 52 days, or since it was made", "and it says how long");
	CHECK_TEXT(verdict(&all, "young"), "too-early", "not used for two days");
	CHECK(about(&all, "young")->severity == FINDING_NOTICE && about(&all, "young")->sql == NULL, "is nothing yet");
	CHECK_TEXT(verdict(&all, "month"), "unused", "thirty days are long");
	CHECK_TEXT(verdict(&all, "less"), "too-early", "a second less is not");
	CHECK_TEXT(verdict(&all, "since"), "too-early", "nor is what is counted since nobody knows when");
	for (size_t i = 4; i < 12; i++)
		CHECK_TEXT(verdict(&all, indexes[i][0]), "none", indexes[i][0]);
	CHECK(all.n == 5, "nothing else is found");
	t.partitioned = 1;
	all = unused_of(m, &t, &with);
	CHECK(strcmp(verdict(&all, "old"), "partitioned") == 0 && about(&all, "old")->sql == NULL,
	    "of a partitioned table nothing is advised");
}

static void
asks_replicas(struct mem *m)
{
	const char *const here[][2] = {{"a", "a;;s=0 t=2026-10-01T00:00:00Z"}, {"b", "b;;s=0 t=2026-10-01T00:00:00Z"},
	    {"c", "c;;s=0 t=2026-10-01T00:00:00Z"}, {"d", "d;;s=0 t=2026-10-01T00:00:00Z"}};
	const char *const there[][2] = {{"a", "a;;s=0 t=2026-09-01T00:00:00Z"}, {"b", "b;;s=7 t=2026-10-01T00:00:00Z"},
	    {"c", "c;;s=0 t=2026-11-21T00:00:00Z"}, {"d", "d"}};
	struct catalog_table t = made_table(m, "t", here, 4), other = made_table(m, "t", there, 4);
	const struct catalog replica = {&other, 1};
	const struct index_counters with = {.now = NOW, .replicas = &replica, .nreplicas = 1};
	struct findings all = unused_of(m, &t, &with);

	CHECK_TEXT(verdict(&all, "a"), "unused", "not used anywhere");
	CHECK_TEXT(verdict(&all, "b"), "none", "used by the replica");
	CHECK_TEXT(verdict(&all, "c"), "too-early", "on the replica it is too early to say");
	CHECK_TEXT(verdict(&all, "d"), "too-early", "and where it does not count");
}

/* Of no use */

static void
judges_unusable(struct mem *m)
{
	static const struct catalog_column columns[] = {{.name = "id", .key = 1}, {.name = "Item"}, {.name = "date"}};
	const char *const indexes[][2] = {{"right", "Item,date"}, {"expression", "(lower(item))"}, {"misspelt", "(\"itme\")"},
	    {"second", "Item,(\"dtae\")"}, {"string", "(lower('item'))"}, {"unique", "(\"itme\");;unique"},
	    {"quoted", "(\"ITEM\" || 'x')"}, {"where", "Item;;w=\"dtae\" IS NULL"}, {"rowid", "id"}, {"led", "id,Item"},
	    {"behind", "Item,id"}, {"number", "(1)"}, {"byrowid", "(rowid + 1)"}, {"sqlite_rowid", "id;;rowid"}};
	struct catalog_table t = made_table(m, "t", indexes, 14);
	const struct catalog c = {&t, 1};
	struct findings all = {.m = m, .dialect = INDEX_SQL_SQLITE};

	t.columns = (struct catalog_column *)(uintptr_t)columns;
	t.ncolumns = 3;
	index_unusable(&c, &all);
	CHECK_TEXT(verdict(&all, "right"), "none", "columns");
	CHECK_TEXT(verdict(&all, "expression"), "none", "an expression of a column, in other letters");
	CHECK_TEXT(verdict(&all, "quoted"), "none", "a quoted column in an expression");
	CHECK_TEXT(verdict(&all, "byrowid"), "none", "an expression of the rowid");
	CHECK_TEXT(verdict(&all, "behind"), "none", "the rowid behind a column");
	CHECK_TEXT(verdict(&all, "misspelt"), "constant", "a misspelt column in quotes");
	CHECK_TEXT(about(&all, "misspelt")->sql, "DROP INDEX \"misspelt\"", "is for nothing");
	CHECK(strcmp(verdict(&all, "second"), "constant") == 0 && about(&all, "second")->sql == NULL,
	    "behind a column it is wrong, but the index is not for nothing");
	CHECK_TEXT(verdict(&all, "string"), "constant", "a string");
	CHECK_TEXT(verdict(&all, "number"), "constant", "a number");
	CHECK(strcmp(verdict(&all, "unique"), "constant") == 0 && about(&all, "unique")->sql == NULL,
	    "what is unique is not advised away");
	CHECK_TEXT(verdict(&all, "where"), "constant-where", "a misspelt column in a condition");
	CHECK_TEXT(verdict(&all, "rowid"), "rowid", "the rowid");
	CHECK_TEXT(verdict(&all, "led"), "rowid-led", "the rowid before others");
	all.n = 0;
	all.dialect = INDEX_SQL_POSTGRESQL;
	index_unusable(&c, &all);
	CHECK(all.n == 0, "PostgreSQL knows better");
}

/* Accepted */

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

static void
accepts(struct mem *m, const char *path)
{
	struct findings all = {.m = m};
	struct finding one = {.check = "fk", .table = "t", .columns = "a", .name = "k"}, two = one, three = one, four = one;
	struct index_baseline b;
	struct fail f;

	two.table = "u";
	three.name = "l";
	four.verdict = "other";
	findings_add(&all, &one);
	findings_add(&all, &two);
	findings_add(&all, &three);
	findings_add(&all, &four);
	CHECK_TEXT(all.list[0].fingerprint, all.list[3].fingerprint, "a verdict is not part of a fingerprint");
	CHECK(strcmp(all.list[0].fingerprint, all.list[1].fingerprint) != 0 &&
		  strcmp(all.list[0].fingerprint, all.list[2].fingerprint) != 0,
	    "a table and a name are");
	write_file(
	    path, finding_text(m, "# accepted\n\n%s\t-\tsmall table\r\n%s\tuntil 2026-11-22\tnext year\n%s\tuntil 2026-11-21",
		      all.list[0].fingerprint, all.list[1].fingerprint, all.list[2].fingerprint));
	CHECK(index_baseline_read(&b, m, path, NOW, NULL, &f) == 0 && b.n == 3, "lines are read, but comments and empty ones");
	CHECK(index_baseline_accepts(&b, &all.list[0]), "for good");
	CHECK(index_baseline_accepts(&b, &all.list[1]), "until the end of a day");
	CHECK(!index_baseline_accepts(&b, &all.list[2]), "and not behind it");
	CHECK(b.accepted == 2 && b.list[2].expired && b.list[2].met && b.list[2].line == 5, "which is noted");
	CHECK_TEXT(b.list[0].reason, "small table", "with the reason");
}

static void
refuses(struct mem *m, const char *path, const char *text, const char *sentence)
{
	struct index_baseline b;
	struct fail f = {""};

	write_file(path, text);
	CHECK(index_baseline_read(&b, m, path, NOW, NULL, &f) < 0, sentence);
	CHECK_TEXT(f.text, finding_text(m, "%s:%s", path, sentence), "and says so");
}

int
main(void)
{
	char path[] = "/tmp/dbm-rules.XXXXXX";
	struct mem m = {0};
	int fd = mkstemp(path);

	close(fd);
	judges_invalid(&m);
	judges_unused(&m);
	asks_replicas(&m);
	judges_unusable(&m);
	accepts(&m, path);
	refuses(&m, path, "# x\nabc\t-\tx\n", "2: is no fingerprint, which has 16 hexadecimal digits: abc");
	refuses(&m, path, "0123456789abcdef\tsoon\tx\n", "1: neither - nor until YYYY-MM-DD: soon");
	refuses(&m, path, "0123456789abcdef\tuntil 2026-02-30\tx\n", "1: neither - nor until YYYY-MM-DD: until 2026-02-30");
	unlink(path);
	mem_free(&m);
	return tap_end();
}
