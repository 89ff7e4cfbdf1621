/* Which indexes cover a foreign key, and what is said of those that do not. */

#include "index_fk.h"
#include "made_catalog.h"
#include "tap.h"

static const struct {
	const char *name, *key, *index, *verdict;
} cases[] = {
    {"an index of the column", "a", "a", "covered"},
    {"descending", "a", "a desc", "covered"},
    {"unique", "a", "a;;unique", "covered"},
    {"with more behind", "a", "a,z", "covered"},
    {"with an expression behind", "a", "a,(lower(z))", "covered"},
    {"both in their order", "a,b", "a,b", "covered"},
    {"both in the other order", "a,b", "b,a", "covered"},
    {"three in any order, and more", "a,b,c", "c,a,b,z", "covered"},
    {"what it includes does not count", "a,b", "a;b", "prefix-only"},
    {"what it includes besides does not harm", "a", "a;z", "covered"},
    {"one column that it only includes", "a", "z;a", "missing"},
    {"another column first", "a", "z,a", "missing"},
    {"the first of two", "a,b", "a", "prefix-only"},
    {"the second of two", "a,b", "b", "prefix-only"},
    {"another column between", "a,b", "a,z,b", "prefix-only"},
    {"one column twice", "a,b", "a,a,b", "prefix-only"},
    {"an expression of it", "a", "(a + 0)", "missing"},
    {"hash", "a", "a;;m=hash", "covered"},
    {"hash of one of two", "a,b", "a;;m=hash", "missing"},
    {"brin", "a", "a;;m=brin", "access-method"},
    {"gin", "a", "a;;m=gin", "access-method"},
    {"gist of both", "a,b", "a,b;;m=gist", "access-method"},
    {"partial on the column", "a", "a;;w=(a IS NOT NULL)", "covered"},
    {"partial on one of two", "a,b", "a,b;;w=(a IS NOT NULL)", "covered"},
    {"partial on both", "a,b", "a,b;;w=((a IS NOT NULL) AND (b IS NOT NULL))", "covered"},
    {"partial on something else", "a", "a;;w=(gone IS NULL)", "partial-index"},
    {"partial on that and more", "a", "a;;w=((a IS NOT NULL) AND (gone IS NULL))", "partial-index"},
    {"partial on this or that", "a", "a;;w=((a IS NOT NULL) OR (gone IS NULL))", "partial-index"},
    {"partial on a column that is not the key's", "a", "a,z;;w=(z IS NOT NULL)", "partial-index"},
    {"partial on a value", "a", "a;;w=(a > 0)", "partial-index"},
    {"not finished", "a", "a;;invalid", "invalid-index"},
    {"another collation", "a c=C", "a c=de", "operator-or-collation-mismatch"},
    {"the collation", "a c=C", "a c=C", "covered"},
    {"another family", "a f=int", "a f=text", "operator-or-collation-mismatch"},
    {"the second's family", "a,b f=int", "b f=text,a", "operator-or-collation-mismatch"},
    {"a family that finds nothing", "a", "a f=", "operator-or-collation-mismatch"},
    {"not finished, and of another collation", "a c=C", "a c=de;;invalid", "operator-or-collation-mismatch"},
    {"not finished, and partial", "a", "a;;invalid w=x IS NULL", "partial-index"},
    {"partial, and too short", "a,b", "a;;w=x IS NULL", "missing"},
};

/* Of these columns, quoted in whatever way. */
static const struct {
	const char *name, *predicate, *verdict;
} quotings[] = {
    {"no quotes", "order_id is not null", "covered"},
    {"in capitals", "ORDER_ID IS NOT NULL", "covered"},
    {"double quotes", "\"order_id\" IS NOT NULL", "covered"},
    {"backticks", "`order_id` IS NOT NULL", "covered"},
    {"brackets", "[order_id] IS NOT NULL", "covered"},
    {"parentheses", "((([order_id])) IS NOT NULL)", "covered"},
    {"SQLite's words", "order_id NOTNULL", "covered"},
    {"other ones", "order_id NOT NULL", "covered"},
    {"comments", "order_id /* it's */ IS NOT -- not\nNULL", "covered"},
    {"lines", "\norder_id\n\tIS\n\tNOT\n\tNULL\n", "covered"},
    {"a word longer", "order_ids IS NOT NULL", "partial-index"},
    {"a string", "'order_id' IS NOT NULL", "partial-index"},
    {"the contrary", "order_id IS NULL", "partial-index"},
    {"the contrary of it", "NOT order_id IS NOT NULL", "partial-index"},
    {"a function of it", "abs(order_id) IS NOT NULL", "partial-index"},
    {"between", "order_id BETWEEN 1 AND 2", "partial-index"},
    {"nothing", "", "partial-index"},
    {"not closed", "(order_id IS NOT NULL", "partial-index"},
    {"an end without a beginning", "order_id) IS NOT NULL", "partial-index"},
    {"only words", "AND AND NOT NULL IS NULL", "partial-index"},
};

static const char *
verdict_of(const struct findings *all)
{
	return all->n == 0 ? "covered" : all->list[0].verdict;
}

static void
judges(struct mem *m, enum index_sql_dialect dialect, const char *key, const char *index, const char *verdict, const char *name)
{
	const char *const indexes[][2] = {{"i", index}};
	struct catalog_table t = made_table(m, "s.t", indexes, 1);
	struct catalog_foreign_key k = made_foreign_key(m, "s.t", key);
	const struct catalog c = {&t, 1};
	struct findings all = {.m = m, .dialect = dialect};

	t.keys = &k;
	t.nkeys = 1;
	index_fk(&c, &all);
	CHECK_TEXT(verdict_of(&all), verdict, name);
}

static void
takes_the_best(struct mem *m)
{
	const char *const indexes[][2] = {
	    {"p", "a"}, {"w", "a,b;;w=x IS NULL"}, {"g", "a,b;;m=gin"}, {"c", "a,b c=de"}, {"v", "a,b;;invalid"}};
	static const char *const verdicts[] = {
	    "prefix-only", "partial-index", "partial-index", "operator-or-collation-mismatch", "invalid-index"};
	struct catalog_foreign_key k = made_foreign_key(m, "t", "a,b c=C");

	for (size_t n = 1; n <= 5; n++) {
		struct catalog_table t = made_table(m, "t", indexes, n);
		const struct catalog c = {&t, 1};
		struct findings all = {.m = m, .dialect = INDEX_SQL_POSTGRESQL};

		t.keys = &k;
		t.nkeys = 1;
		index_fk(&c, &all);
		CHECK_TEXT(verdict_of(&all), verdicts[n - 1], "the verdict is that of the index that comes nearest");
	}
}

/* A partitioned table and two partitions, of which `covered` have an index. */
static void
folds(struct mem *m, size_t covered, int with_root, size_t findings, const char *reason, const char *name)
{
	static const char *const names[] = {"root", "root_1", "root_2"};
	const char *const indexes[][2] = {{"i", "a"}};
	struct catalog_table tables[3];
	struct catalog c = {tables + !with_root, with_root ? 3 : 2};
	struct findings all = {.m = m, .dialect = INDEX_SQL_POSTGRESQL};

	for (size_t i = 0; i < 3; i++) {
		tables[i] = made_table(m, names[i], indexes, i > 0 && i <= covered);
		tables[i].keys = mem_array(m, 1, sizeof *tables[i].keys);
		tables[i].keys[0] = made_foreign_key(m, names[i], "a");
		tables[i].keys[0].root = i > 0 ? "root" : NULL;
		tables[i].nkeys = 1;
	}
	tables[0].partitioned = 1;
	index_fk(&c, &all);
	CHECK(all.n == findings, name);
	if (reason != NULL && all.n > 0)
		CHECK_TEXT(all.list[0].reason, reason, "and how many lack it");
}

static void
mends(struct mem *m)
{
	const char *const indexes[][2] = {{"i", "a;;invalid"}};
	struct catalog_table t = made_table(m, "s.t", indexes, 1);
	struct catalog_foreign_key k = made_foreign_key(m, "s.t", "a");
	const struct catalog c = {&t, 1};
	struct findings all = {.m = m, .dialect = INDEX_SQL_POSTGRESQL};

	t.keys = &k;
	t.nkeys = 1;
	index_fk(&c, &all);
	CHECK_TEXT(all.list[0].sql, "REINDEX INDEX CONCURRENTLY \"s\".\"i\"", "what was not finished is made anew");
	t.nindexes = 0;
	index_fk(&c, &all);
	CHECK_TEXT(all.list[1].sql, "CREATE INDEX CONCURRENTLY \"t_a_idx\" ON \"s\".\"t\" (\"a\")", "what is missing is made");
	CHECK_TEXT(all.list[1].fingerprint, all.list[0].fingerprint, "and both are the same finding");
	k.lost = 1;
	index_fk(&c, &all);
	CHECK(strcmp(all.list[2].verdict, "parent-missing") == 0 && all.list[2].sql == NULL, "a parent that is not there");
	k.lost = 0;
	k.unidentified = 1;
	index_fk(&c, &all);
	CHECK(strcmp(all.list[3].verdict, "parent-not-unique") == 0 && all.list[3].severity == FINDING_ERROR,
	    "a parent without such a key");
}

int
main(void)
{
	struct mem m = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		judges(&m, INDEX_SQL_POSTGRESQL, cases[i].key, cases[i].index, cases[i].verdict, cases[i].name);
		judges(&m, INDEX_SQL_SQLITE, cases[i].key, cases[i].index, cases[i].verdict, cases[i].name);
	}
	for (size_t i = 0; i < sizeof quotings / sizeof *quotings; i++) {
		const char *index = mem_join(&m, "order_id;;w=", quotings[i].predicate);

		judges(&m, INDEX_SQL_SQLITE, "order_id", index, quotings[i].verdict, quotings[i].name);
	}
	takes_the_best(&m);
	folds(&m, 2, 1, 0, NULL, "all partitions have it");
	folds(&m, 1, 1, 1, "no index finds the rows that refer to a row of parent in 1 of 2 partitions: root_2", "one has it");
	folds(&m, 0, 1, 1, "no index finds the rows that refer to a row of parent in 2 of 2 partitions: root_1, root_2",
	    "none has it");
	folds(&m, 1, 0, 1, "no index finds the rows that refer to a row of parent", "a partition without its table");
	mends(&m);
	mem_free(&m);
	return tap_end();
}
