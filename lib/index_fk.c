#include "index_fk.h"

#include <inttypes.h>
#include <string.h>

#include "buf.h"
#include "definition.h"
#include "index_words.h"
#include "ref.h"

static const char *const verdicts[INDEX_FK_VERDICTS] = {
    "covered", "invalid-index", "operator-or-collation-mismatch", "partial-index", "access-method", "prefix-only", "missing"};

enum { NAMED = 5 }; /* partitions that a sentence names */

/* Where the column of a key of an index is in a foreign key; NULL. */
static const struct catalog_reference *
reference_of(const struct catalog_foreign_key *k, const struct catalog_key *x)
{
	for (size_t i = 0; i < k->ncolumns && x->column != NULL; i++) {
		if (k->columns[i].column != NULL && strcmp(k->columns[i].column, x->column) == 0)
			return &k->columns[i];
	}
	return NULL;
}

/* How many of the index's first keys are columns of the foreign key, each of them once. */
static size_t
leading(const struct catalog_foreign_key *k, const struct catalog_index *x)
{
	size_t n = 0, keys = catalog_key_count(x);

	for (; n < keys && n < k->ncolumns; n++) {
		const struct catalog_reference *r = reference_of(k, &x->keys[n]);

		for (size_t i = 0; i < n && r != NULL; i++)
			r = reference_of(k, &x->keys[i]) != r ? r : NULL;
		if (r == NULL)
			break;
	}
	return n;
}

/* What is not known is no reason to doubt. */
static int
compares(const struct catalog_reference *r, const struct catalog_key *x)
{
	if (r->collation != NULL && x->collation != NULL && strcmp(r->collation, x->collation) != 0)
		return 0;
	if (x->family == NULL || r->families == NULL)
		return 1;
	if (*x->family == '\0')
		return 0;
	for (size_t i = 0; i < r->nfamilies; i++) {
		if (strcmp(r->families[i], x->family) == 0)
			return 1;
	}
	return 0;
}

static int
compares_all(const struct catalog_foreign_key *k, const struct catalog_index *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!compares(reference_of(k, &x->keys[i]), &x->keys[i]))
			return 0;
	}
	return 1;
}

/* A row in which a column of the key is NULL refers to nothing.  But of a column that may not be NULL, SQLite (3.40) makes a
 * constant of the test, and uses the index for nothing. */
static int
has_all_rows(enum index_sql_dialect dialect, const struct catalog_foreign_key *k, const struct catalog_index *x)
{
	struct mem m = {0};
	const char **columns;
	int all;

	/* Of a partial one it may not be known which rows, while somebody has its table locked. */
	if (x->predicate == NULL)
		return 1;
	columns = mem_array(&m, k->ncolumns, sizeof *columns);
	for (size_t i = 0; i < k->ncolumns; i++)
		columns[i] = k->columns[i].column != NULL && (dialect != INDEX_SQL_SQLITE || !k->columns[i].required)
				 ? k->columns[i].column
				 : "";
	all = index_words_not_null(x->predicate, dialect, columns, k->ncolumns);
	mem_free(&m);
	return all;
}

static int
is_method(const struct catalog_index *x, const char *method)
{
	return strcmp(x->method != NULL ? x->method : "btree", method) == 0;
}

static enum index_fk
by_one(enum index_sql_dialect dialect, const struct catalog_foreign_key *k, const struct catalog_index *x)
{
	size_t n = leading(k, x);
	enum index_fk verdict = INDEX_FK_COVERED;

	if (n == 0)
		return INDEX_FK_MISSING;
	if (!is_method(x, "btree") && (!is_method(x, "hash") || k->ncolumns > 1))
		verdict = INDEX_FK_METHOD;
	else if (!has_all_rows(dialect, k, x))
		verdict = INDEX_FK_PARTIAL;
	else if (!compares_all(k, x, n))
		verdict = INDEX_FK_MISMATCH;
	else if (x->invalid)
		verdict = INDEX_FK_INVALID;
	/* SQLite finds the only row that there may be by a part of the key that is unique. */
	if (n == k->ncolumns || (dialect == INDEX_SQL_SQLITE && x->unique && n == catalog_key_count(x)))
		return verdict;
	return verdict == INDEX_FK_COVERED ? INDEX_FK_PREFIX : INDEX_FK_MISSING;
}

enum index_fk
index_fk_of(enum index_sql_dialect dialect, const struct catalog_table *t, const struct catalog_foreign_key *k,
    const struct catalog_index **by)
{
	enum index_fk best = INDEX_FK_MISSING;

	*by = NULL;
	for (size_t i = 0; i < t->nindexes; i++) {
		enum index_fk one = by_one(dialect, k, &t->indexes[i]);

		if (one < best) {
			best = one;
			*by = &t->indexes[i];
		}
	}
	return best;
}

int
index_fk_needs(enum index_sql_dialect dialect, const struct catalog_table *t, const struct catalog_index *x)
{
	for (size_t i = 0; i < t->nkeys; i++) {
		if (by_one(dialect, &t->keys[i], x) == INDEX_FK_COVERED)
			return 1;
	}
	return 0;
}

/* What is to be said of one key. */
struct judged {
	const struct catalog *c;
	struct findings *all;
	const struct catalog_table *t;
	const struct catalog_foreign_key *k;
};

static const char *
columns_of(struct mem *m, const struct catalog_foreign_key *k)
{
	struct buf b = {0};

	for (size_t i = 0; i < k->ncolumns; i++) {
		if (i > 0)
			buf_byte(&b, ',');
		if (k->columns[i].column != NULL)
			ref_name(&b, k->columns[i].column, strlen(k->columns[i].column));
	}
	return buf_kept(m, &b);
}

static void
add(const struct judged *j, const char *verdict, enum finding_severity severity, const char *sql, const char *reason,
    const struct catalog_index *by)
{
	const char *rows = finding_evidence(j->all->m, j->t, NULL);
	const struct finding f = {
	    .table = j->t->name,
	    .check = "fk",
	    .verdict = verdict,
	    .severity = severity,
	    .columns = columns_of(j->all->m, j->k),
	    .reason = reason,
	    .sql = sql,
	    .evidence = by != NULL ? finding_text(j->all->m, "%s%sindex=%s", rows, *rows != '\0' ? " " : "", by->name) : rows,
	    .name = j->k->name,
	    .apart = j->k->parent,
	};

	findings_add(j->all, &f);
}

/* What would cover it.  SQLite's column may have another collation than the parent's. */
static const char *
create(const struct judged *j, const struct catalog_table *t, const struct catalog_foreign_key *k)
{
	struct mem *m = j->all->m;
	struct driver_key *keys = mem_array(m, k->ncolumns, sizeof *keys);
	struct driver_index x = {.keys = keys, .nkeys = k->ncolumns};
	struct buf b = {0};

	for (size_t i = 0; i < k->ncolumns; i++) {
		const struct catalog_reference *r = &k->columns[i];

		keys[i].text = r->column;
		keys[i].collation = r->collated ? r->collation : NULL;
	}
	x.name = definition_name(m, j->c, j->all->dialect, t, &x);
	index_sql_create(&b, j->all->dialect, t->name, &x);
	return buf_kept(m, &b);
}

/* Where an index of the usual classes does not compare as the key does, none would.  One that is unique may have fewer keys. */
static int
is_beyond_mending(const struct catalog_foreign_key *k, const struct catalog_index *x)
{
	size_t n = leading(k, x);

	for (size_t i = 0; i < n; i++) {
		const struct catalog_reference *r = reference_of(k, &x->keys[i]);
		const struct catalog_reference families = {.families = r->families, .nfamilies = r->nfamilies};

		if (x->keys[i].class == NULL && !compares(&families, &x->keys[i]))
			return 1;
	}
	return 0;
}

int
index_fk_can_be_covered(const struct catalog_foreign_key *k)
{
	for (size_t i = 0; i < k->ncolumns; i++) {
		const struct catalog_reference *r = &k->columns[i];
		size_t n = 0;

		while (n < r->nfamilies && *r->families[n] == '\0')
			n++;
		if (r->families != NULL && n == r->nfamilies)
			return 0;
	}
	return 1;
}

static const char *
mends(const struct judged *j, const struct catalog_table *t, const struct catalog_foreign_key *k, enum index_fk verdict,
    const struct catalog_index *by)
{
	if (verdict == INDEX_FK_INVALID)
		return finding_rebuild(j->all, t, by);
	if (!index_fk_can_be_covered(k) || (verdict == INDEX_FK_MISMATCH && is_beyond_mending(k, by)))
		return NULL;
	return create(j, t, k);
}

static const char *
reason_of(const struct judged *j, enum index_fk verdict, const struct catalog_index *by)
{
	static const char *const whys[INDEX_FK_VERDICTS] = {
	    [INDEX_FK_INVALID] = "was not finished and cannot be used",
	    [INDEX_FK_MISMATCH] = "compares in another way than the key does",
	    [INDEX_FK_PARTIAL] = "has only some of the rows",
	    [INDEX_FK_METHOD] = "is of a kind that does not find them by their values alone",
	    [INDEX_FK_PREFIX] = "begins with only some of the key's columns",
	};
	const char *parent = j->k->parent != NULL ? j->k->parent : "?";

	if (!index_fk_can_be_covered(j->k))
		return finding_text(j->all->m,
		    "no index finds the rows that refer to a row of %s, and none would: their types compare in another way",
		    parent);
	if (verdict == INDEX_FK_MISSING)
		return finding_text(j->all->m, "no index finds the rows that refer to a row of %s", parent);
	return finding_text(
	    j->all->m, "no index finds the rows that refer to a row of %s: %s %s", parent, by->name, whys[verdict]);
}

/* A table that has no partitions, or one of these. */
static void
judge_leaf(const struct judged *j)
{
	const struct catalog_index *by;
	enum index_fk verdict = index_fk_of(j->all->dialect, j->t, j->k, &by);

	if (verdict != INDEX_FK_COVERED)
		add(j, verdicts[verdict], FINDING_WARNING, mends(j, j->t, j->k, verdict, by), reason_of(j, verdict, by), by);
}

static int
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* True where the one is the key of a partition that the other, of the partitioned table, has made. */
static int
is_part(const struct catalog_foreign_key *part, const struct catalog_table *root, const struct catalog_foreign_key *k)
{
	if (part->root == NULL || strcmp(part->root, root->name) != 0 || part->ncolumns != k->ncolumns ||
	    !same_text(part->parent, k->parent))
		return 0;
	for (size_t i = 0; i < k->ncolumns; i++) {
		if (!same_text(part->columns[i].column, k->columns[i].column))
			return 0;
	}
	return 1;
}

/* What the partitions have. */
struct folded {
	uint64_t parts, lacking;
	enum index_fk verdict; /* of the one that has least */
	struct buf names, sql;
};

static void
fold_part(struct folded *f, const struct judged *j, const struct catalog_table *t, const struct catalog_foreign_key *k)
{
	const struct catalog_index *by;
	enum index_fk verdict = index_fk_of(j->all->dialect, t, k, &by);
	const char *sql;

	f->parts++;
	if (verdict == INDEX_FK_COVERED)
		return;
	f->verdict = verdict > f->verdict ? verdict : f->verdict;
	if (f->lacking++ < NAMED)
		buf_printf(&f->names, "%s%s", f->lacking > 1 ? ", " : "", t->name);
	sql = mends(j, t, k, verdict, by);
	if (sql != NULL)
		buf_printf(&f->sql, "%s%s", f->sql.len > 0 ? "; " : "", sql);
}

static void
judge_root(const struct judged *j)
{
	struct folded f = {0};

	for (size_t i = 0; i < j->c->ntables; i++) {
		const struct catalog_table *t = &j->c->tables[i];

		for (size_t n = 0; n < t->nkeys && !t->partitioned; n++) {
			if (is_part(&t->keys[n], j->t, j->k))
				fold_part(&f, j, t, &t->keys[n]);
		}
	}
	if (f.lacking > NAMED)
		buf_puts(&f.names, " …");
	if (f.lacking > 0)
		add(j, verdicts[f.verdict], FINDING_WARNING, f.sql.len > 0 ? mem_copy(j->all->m, f.sql.bytes, f.sql.len) : NULL,
		    finding_text(j->all->m,
			"no index finds the rows that refer to a row of %s in %" PRIu64 " of %" PRIu64 " partitions: %s",
			j->k->parent != NULL ? j->k->parent : "?", f.lacking, f.parts, buf_string(&f.names)),
		    NULL);
	buf_free(&f.names);
	buf_free(&f.sql);
}

/* True where the key is judged at the partitioned table that it comes from. */
static int
is_folded(const struct judged *j)
{
	const struct catalog_table *root = j->k->root != NULL ? catalog_table(j->c, j->k->root) : NULL;

	for (size_t i = 0; root != NULL && i < root->nkeys; i++) {
		if (is_part(j->k, root, &root->keys[i]))
			return 1;
	}
	return 0;
}

static void
judge(const struct judged *j)
{
	const char *parent = j->k->parent != NULL ? j->k->parent : "?";

	if (is_folded(j))
		return;
	if (j->k->lost)
		add(j, "parent-missing", FINDING_ERROR, NULL,
		    finding_text(j->all->m, "%s, or a column of it that the key refers to, does not exist", parent), NULL);
	else if (j->k->unidentified)
		add(j, "parent-not-unique", FINDING_ERROR, NULL,
		    finding_text(j->all->m, "the columns of %s that the key refers to are no key of it", parent), NULL);
	else if (j->t->partitioned)
		judge_root(j);
	else
		judge_leaf(j);
}

void
index_fk(const struct catalog *c, struct findings *all)
{
	for (size_t i = 0; i < c->ntables; i++) {
		for (size_t n = 0; n < c->tables[i].nkeys; n++) {
			const struct judged j = {c, all, &c->tables[i], &c->tables[i].keys[n]};

			/* Keys that came since their columns were asked for. */
			if (j.k->ncolumns > 0)
				judge(&j);
		}
	}
}
