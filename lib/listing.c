#include "listing.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "file.h"
#include "ref.h"
#include "schema_current.h"
#include "schema_key.h"

const char *const listing_names[] = {"table", "view", "database", "column", "index", "fk", "publication", "slot", NULL};

enum { SHORT = 5, LONG = 8 }; /* LONG: but for the version */

/* The places of the fields of an answer: about tables, about what tables have, and about what is published. */
enum { NAME, TABLE_KIND, ESTIMATE, COVERAGE = 7 };
enum { TABLE, PART_NAME, PARENT = 3, IDENTIFIED = 5 };

/* What is asked for each kind: about tables, unless it says otherwise. */
static const struct {
	enum driver_operation operation;
	const char *kind; /* NULL: the answer has one */
	int of_database;  /* rows begin with their name, not with that of a table */
	size_t first;     /* so many fields of the answer are listed; 0: all */
} asked[LISTING_KINDS] = {
    [LISTING_COLUMN] = {DRIVER_COLUMNS, "column", 0, 0},
    [LISTING_INDEX] = {DRIVER_INDEXES, "index", 0, 7},
    [LISTING_FK] = {DRIVER_FOREIGN_KEYS, "fk", 0, 7},
    [LISTING_PUBLICATION] = {DRIVER_PUBLICATIONS, "publication", 1, 0},
    [LISTING_SLOT] = {DRIVER_SLOTS, "slot", 1, 0},
    [LISTING_PUBLISHED] = {DRIVER_PUBLISHED, "published", 0, 0},
};

/* What is recorded of a database. */
struct listing_versions {
	const char *database; /* its key */
	struct schema_current current;
};

static const struct rows_column version_column = {"version", 7, ROWS_INTEGER, ""};

static int
lists_tables(const struct listing *l)
{
	return asked[l->kind].kind == NULL;
}

/* With all that there is to say of a table. */
static int
says_versions(const struct listing *l)
{
	return lists_tables(l) && l->longer;
}

size_t
listing_fields(const struct listing *l)
{
	return asked[l->kind].first > 0 ? asked[l->kind].first : driver_fields[asked[l->kind].operation].n;
}

int
listing_asks_files(const struct listing *l)
{
	return l->kind == LISTING_COLUMN || l->kind == LISTING_INDEX || l->kind == LISTING_FK;
}

const struct rows_column *
listing_columns(const struct listing *l, struct mem *m, size_t *n)
{
	static const struct rows_column first[] = {{"ref", 3, ROWS_TEXT, ""}, {"kind", 4, ROWS_TEXT, ""}};
	const struct rows_column *fields = driver_fields[asked[l->kind].operation].columns;
	struct rows_column *record = mem_array(m, LISTING_FIELDS, sizeof *record);
	/* Of the answer about tables the name is in the reference, and the kind is the record's. */
	size_t skip = lists_tables(l) ? 2 : asked[l->kind].of_database ? 0 : 1;

	memcpy(record, first, sizeof first);
	memcpy(record + 2, fields + skip, (listing_fields(l) - skip) * sizeof *record);
	*n = lists_tables(l) ? (l->longer ? LONG : SHORT) : 2 + listing_fields(l) - skip;
	if (says_versions(l))
		record[(*n)++] = version_column;
	return record;
}

void
listing_question(const struct listing *l, const struct source *s, struct question *q)
{
	question_default(q, asked[l->kind].operation, s->table);
	q->request.all = l->all && (lists_tables(l) || listing_asks_files(l));
	/* The size of a file costs nothing, and asking for it would make two answers of one. */
	q->request.sizes = l->longer && s->server != NULL && l->kind <= LISTING_VIEW;
	q->request.publication = l->publication;
	/* What is published, and to whom, is the database's; a table only says where that is, or which of its tables is meant.
	 */
	if (asked[l->kind].of_database || l->kind == LISTING_PUBLISHED)
		q->request.table = NULL;
}

static const char *
string(struct mem *m, const struct rows_cell *c)
{
	return mem_copy(m, c->bytes, c->len);
}

static int
is(const struct rows_cell *c, const char *text)
{
	return c->len == strlen(text) && memcmp(c->bytes, text, c->len) == 0;
}

static int
matches(const struct listing *l, const char *name)
{
	return l->match == NULL || fnmatch(l->match, name, 0) == 0;
}

/* A server's table is known by its whole name or by its last part; a file by its name without its folders. */
static int
matches_table(const struct listing *l, struct mem *m, const struct source *s, const char *name)
{
	const char *dot = strrchr(name, '.');

	if (l->match == NULL)
		return 1;
	if (s->server == NULL)
		return matches(l, s->shared ? name : file_name(name));
	return matches(l, ref_decoded(m, name, strlen(name))) ||
	       (dot != NULL && matches(l, ref_decoded(m, dot + 1, strlen(dot + 1))));
}

/* True where the reference names no table, or this one, with its schema or without. */
static int
is_meant(const struct source *s, const char *name)
{
	const char *dot = strrchr(name, '.');

	return s->table == NULL || strcmp(s->table, name) == 0 || (dot != NULL && strcmp(s->table, dot + 1) == 0);
}

/* "97/100": the estimate is made of some of the partitions only.  One that is made of none is NULL, which says it all. */
static int
is_partial(const struct rows_cell *cells)
{
	const struct rows_cell *c = &cells[COVERAGE];
	const char *slash = c->type != ROWS_NULL ? memchr(c->bytes, '/', c->len) : NULL;
	size_t known = slash != NULL ? (size_t)(slash - c->bytes) : 0;

	return cells[ESTIMATE].type != ROWS_NULL && slash != NULL &&
	       (c->len - known - 1 != known || memcmp(c->bytes, slash + 1, known) != 0);
}

int
listing_read_versions(struct listing *l, struct mem *m, const struct source *s, struct fail *f)
{
	const char *database = says_versions(l) ? schema_key(s, m) : NULL;

	if (database == NULL || (l->versions != NULL && strcmp(l->versions->database, database) == 0))
		return 0;
	l->versions = mem_alloc(m, sizeof *l->versions);
	l->versions->database = database;
	return schema_current_of(&l->versions->current, m, database, f) < 0 ? schema_current_where(f) : 0;
}

static struct rows_cell
version_of(const struct listing *l, struct mem *m, const struct source *s, const char *name)
{
	const struct schema_version *v = l->versions != NULL
					     ? schema_current_find(&l->versions->current, schema_key_table(s, name))
					     : NULL;

	return v != NULL ? rows_integer(m, v->version) : rows_null();
}

static size_t
table_record(struct listing *l, struct mem *m, const struct source *s, const struct rows_cell *cells, struct rows_cell *record)
{
	const char *name = string(m, &cells[NAME]);
	int view = is(&cells[TABLE_KIND], "view") || is(&cells[TABLE_KIND], "materialized view");

	if ((l->kind == LISTING_TABLE && view) || (l->kind == LISTING_VIEW && !view) || !matches_table(l, m, s, name))
		return 0;
	l->partial += is_partial(cells) != 0;
	record[0] = rows_text(source_ref(s, m, s->folder || s->shared ? name : NULL));
	memcpy(record + 1, cells + TABLE_KIND, (LONG - 1) * sizeof *record);
	if (!l->longer)
		return SHORT;
	record[LONG] = version_of(l, m, s, name);
	return LONG + 1;
}

/* What a database has. */
static size_t
fact_record(
    const struct listing *l, struct mem *m, const struct source *s, const struct rows_cell *cells, struct rows_cell *record)
{
	if (!matches(l, string(m, &cells[0])))
		return 0;
	record[0] = rows_text(source_ref(s, m, NULL));
	record[1] = rows_text(asked[l->kind].kind);
	memcpy(record + 2, cells, listing_fields(l) * sizeof *record);
	return listing_fields(l) + 2;
}

/* What a table has. */
static size_t
part_record(struct listing *l, struct mem *m, const struct source *s, const struct rows_cell *cells, struct rows_cell *record)
{
	const char *table = string(m, &cells[TABLE]);
	int published = l->kind == LISTING_PUBLISHED;

	if (published ? !is_meant(s, table) || !matches_table(l, m, s, table) : !matches(l, string(m, &cells[PART_NAME])))
		return 0;
	record[0] = rows_text(source_ref(s, m, s->shared ? table : NULL));
	record[1] = rows_text(asked[l->kind].kind);
	memcpy(record + 2, cells + 1, (listing_fields(l) - 1) * sizeof *record);
	if (l->kind == LISTING_FK && s->shared && cells[PARENT].type != ROWS_NULL)
		record[PARENT + 1] = rows_text(source_ref(s, m, string(m, &cells[PARENT])));
	l->published += published != 0;
	l->unidentified += published && is(&cells[IDENTIFIED], "false");
	return listing_fields(l) + 1;
}

size_t
listing_record(struct listing *l, struct mem *m, const struct source *s, const struct rows_cell *cells,
    struct rows_cell record[LISTING_FIELDS])
{
	l->rows++;
	if (l->kind == LISTING_DATABASE)
		return 0;
	if (lists_tables(l))
		return table_record(l, m, s, cells, record);
	return asked[l->kind].of_database ? fact_record(l, m, s, cells, record) : part_record(l, m, s, cells, record);
}

void
listing_notes(struct listing *l, struct rows *rows)
{
	if (l->partial > 0 && !l->longer)
		rows_note(
		    rows, 0, "estimates that leave out partitions never analysed: %" PRIu64 " (-l shows how many)", l->partial);
	if (l->unidentified > 0)
		rows_note(rows, 0,
		    "%" PRIu64 " of %" PRIu64 " tables without a replica identity: their rows cannot be updated or deleted",
		    l->unidentified, l->published);
	l->rows = l->partial = l->published = l->unidentified = 0;
}
