/* What of two indexes is redundant: each pair judged; and what may never be advised away is not, in any company. */

#include <stdio.h>

#include "index_redundant.h"
#include "made_catalog.h"
#include "random.h"
#include "tap.h"

/* The verdicts on a and on b, NULL where there is none. */
static const struct pair {
	const char *name, *a, *b, *of_a, *of_b;
} pairs[] = {
    {"the same: the later name goes", "x", "x", NULL, "duplicate"},
    {"the same of two columns", "x,y", "x,y", NULL, "duplicate"},
    {"another order of columns", "x,y", "y,x", NULL, NULL},
    {"a prefix", "x", "x,y", "prefix", NULL},
    {"a prefix of three", "x,y", "x,y,z", "prefix", NULL},
    {"the second column of the other", "y", "x,y", NULL, NULL},
    {"two keys more", "x", "x,y,z", "prefix", NULL},
    {"three keys more", "x", "x,y,z,u", "wide", NULL},
    {"three times the bytes", "x;;b=100", "x,y;;b=300", "prefix", NULL},
    {"more than that", "x;;b=100", "x,y;;b=301", "wide", NULL},
    {"the same and much larger", "x;;b=100", "x;;b=400", NULL, "duplicate"},
    {"the same, and what is kept much larger", "x;;b=400", "x;;b=100", NULL, "wide"},
    {"another direction", "x", "x desc", NULL, NULL},
    {"the same direction", "x desc", "x desc,y", "prefix", NULL},
    {"another direction behind", "x", "x,y desc", "prefix", NULL},
    {"NULLs elsewhere", "x", "x nf", NULL, NULL},
    {"another collation", "x c=C", "x c=de", NULL, NULL},
    {"the same collation", "x c=C", "x c=C,y", "prefix", NULL},
    {"another class", "x", "x o=text_pattern_ops", NULL, NULL},
    {"the same class", "x o=text_pattern_ops", "x o=text_pattern_ops,y", "prefix", NULL},
    {"another family", "x f=text", "x f=numeric", NULL, NULL},
    {"the same expression", "(lower(x))", "(lower(x)),y", "prefix", NULL},
    {"another expression", "(lower(x))", "(upper(x))", NULL, NULL},
    {"a column and its expression", "x", "(lower(x))", NULL, NULL},
    {"partial and whole", "x;;w=y IS NULL", "x", NULL, NULL},
    {"partial in the same way", "x;;w=y IS NULL", "x,z;;w=y IS NULL", "prefix", NULL},
    {"partial in another way", "x;;w=y IS NULL", "x;;w=z IS NULL", NULL, NULL},
    {"unique and plain", "x;;unique", "x", NULL, "duplicate"},
    {"plain and unique", "x", "x;;unique", "duplicate", NULL},
    {"unique and a longer plain one", "x;;unique", "x,y", NULL, NULL},
    {"two unique ones", "x;;unique", "x;;unique", NULL, NULL},
    {"a prefix of a primary key", "x", "x,y;;pk", "prefix", NULL},
    {"a constraint's and plain", "x;;constraint", "x", NULL, "duplicate"},
    {"an exclusion's", "x;;m=gist exclusion", "x;;m=gist", NULL, "duplicate"},
    {"a replica identity", "x;;replica", "x,y", NULL, NULL},
    {"what the table is clustered by", "x;;clustered", "x,y", NULL, NULL},
    {"clustered and plain", "x;;clustered", "x", NULL, "duplicate"},
    {"part of a partitioned index", "x;;part", "x,y;;part", NULL, NULL},
    {"beside a part of a partitioned index", "x", "x,y;;part", "prefix", NULL},
    {"an unfinished one keeps nothing", "x", "x,y;;invalid", NULL, NULL},
    {"an unfinished one is another matter", "x;;invalid", "x,y", NULL, NULL},
    {"one that is being made", "x", "x,y;;building", NULL, NULL},
    {"hash and btree", "x;;m=hash", "x", NULL, NULL},
    {"two hashes", "x;;m=hash", "x;;m=hash", NULL, "duplicate"},
    {"gin has no prefixes", "x;;m=gin", "x,y;;m=gin", NULL, NULL},
    {"the same gin", "x,y;;m=gin", "x,y;;m=gin", NULL, "duplicate"},
    {"brin has no prefixes", "x;;m=brin", "x,y;;m=brin", NULL, NULL},
    {"what it includes the other has not", "x;y", "x", NULL, "duplicate"},
    {"what it includes is a key of the other", "x;y", "x,y", "prefix", NULL},
    {"what it includes the other includes", "x;y", "x,z;y", "prefix", NULL},
    {"both include the same in another order", "x;y,z", "x;z,y", NULL, "duplicate"},
    {"a key and what is only included", "x,y", "x;y", NULL, "prefix"},
};

enum { PAIRS = sizeof pairs / sizeof *pairs };

static const char *
verdict_on(const struct findings *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->list[i].name, name) == 0)
			return all->list[i].verdict;
	}
	return "none";
}

static void
judges(struct mem *m, const struct pair *p, enum index_sql_dialect dialect)
{
	const char *const indexes[][2] = {{"a", p->a}, {"b", p->b}};
	struct catalog_table t = made_table(m, "t", indexes, 2);
	const struct catalog c = {&t, 1};
	struct findings all = {.m = m, .dialect = dialect};

	index_redundant(&c, &all);
	CHECK_TEXT(verdict_on(&all, "a"), p->of_a != NULL ? p->of_a : "none", p->name);
	CHECK_TEXT(verdict_on(&all, "b"), p->of_b != NULL ? p->of_b : "none", p->name);
	for (size_t i = 0; i < all.n; i++)
		CHECK(
		    (all.list[i].sql == NULL) == (strcmp(all.list[i].verdict, "wide") == 0), "and advises what it is sure of");
}

/* Any indexes of few columns, so that many are alike. */
static const char *
any_spec(struct mem *m)
{
	static const char *const columns[] = {"x", "y", "z", "x desc", "y c=C"};
	static const char *const words[] = {
	    "", "", "", "", "unique", "pk", "replica", "clustered", "part", "m=hash", "invalid", "w=x IS NULL"};
	struct buf b = {0};
	unsigned n = 1 + (unsigned)next_random(4);
	const char *spec;

	for (unsigned i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i > 0 ? "," : "", columns[(size_t)next_random(5)]);
	buf_printf(&b, ";;%s", words[(size_t)next_random(12)]);
	spec = mem_copy(m, b.bytes, b.len);
	buf_free(&b);
	return spec;
}

/* The first index of the table that does all that `x` does and is neither advised away nor broken. */
static int
is_replaced(const struct catalog_table *t, const struct findings *all, const struct catalog_index *x)
{
	for (size_t i = 0; i < t->nindexes; i++) {
		const char *verdict = verdict_on(all, t->indexes[i].name);
		int stays = strcmp(verdict, "none") == 0 || strcmp(verdict, "wide") == 0;

		if (stays && !t->indexes[i].invalid && index_redundant_keys(x, &t->indexes[i]) >= 0)
			return 1;
	}
	return 0;
}

static int
keeps_what_works(void)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	int right = 1;

	for (unsigned round = 0; round < 3000; round++) {
		struct mem m = {0};
		const char *indexes[8][2];
		struct catalog_table t;
		struct catalog c = {&t, 1};
		struct findings all = {.m = &m, .dialect = INDEX_SQL_POSTGRESQL};

		for (unsigned i = 0; i < 8; i++) {
			indexes[i][0] = names[i];
			indexes[i][1] = any_spec(&m);
		}
		t = made_table(&m, "t", (const char *const(*)[2])indexes, 8);
		index_redundant(&c, &all);
		for (size_t i = 0; i < all.n; i++) {
			const struct catalog_index *x = catalog_index(&t, all.list[i].name);

			right &= !x->unique && !x->replica && !x->clustered && x->of == NULL && strcmp(x->origin, "index") == 0;
			right &= all.list[i].sql == NULL || is_replaced(&t, &all, x);
		}
		mem_free(&m);
	}
	return right;
}

static void
judges_partitioned(struct mem *m)
{
	const char *const indexes[][2] = {{"a", "x"}, {"b", "x,y"}};
	struct catalog_table t = made_table(m, "t", indexes, 2);
	const struct catalog c = {&t, 1};
	struct findings all = {.m = m, .dialect = INDEX_SQL_POSTGRESQL};

	t.partitioned = 1;
	index_redundant(&c, &all);
	CHECK(all.n == 1 && strcmp(all.list[0].verdict, "partitioned") == 0 && all.list[0].sql == NULL &&
		  all.list[0].severity == FINDING_NOTICE,
	    "of a partitioned table none is advised away");
}

int
main(void)
{
	struct mem m = {0};

	for (size_t i = 0; i < PAIRS; i++) {
		judges(&m, &pairs[i], INDEX_SQL_POSTGRESQL);
		judges(&m, &pairs[i], INDEX_SQL_SQLITE);
	}
	judges_partitioned(&m);
	CHECK(keeps_what_works(), "whoever follows all advice keeps an index for each that goes, and all that must stay");
	mem_free(&m);
	return tap_end();
}
