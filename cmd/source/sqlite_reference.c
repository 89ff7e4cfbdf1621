#include "sqlite_reference.h"

#include <string.h>
#include <strings.h>

#include "sqlite_table.h"

#define FOREIGN_KEYS                                                                                                           \
	"SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM temp.pragma_foreign_key_list(?1, 'main') ORDER BY id, seq"
enum { K_ID, K_PARENT, K_COLUMN, K_PARENT_COLUMN, K_ON_UPDATE, K_ON_DELETE };

/* A column of a key, and the one that it refers to. */
struct reference {
	const char *column;
	const char *named;  /* the parent's column, as the key names it; NULL: it names none */
	const char *parent; /* and by its own name; NULL: there is none */
};

struct foreign_key {
	int id;
	const char *parent, *on_update, *on_delete;
	struct reference *columns;
	size_t n;
	int found, identified;
};

/* Reads one: 1 where another one follows, 0, -1. */
static int
read_key(struct sqlite_asked *a, sqlite3_stmt *statement, struct foreign_key *k, struct fail *f)
{
	size_t room = 0;
	int more;

	*k = (struct foreign_key){.id = sqlite3_column_int(statement, K_ID),
	    .parent = sqlite_string(a->m, statement, K_PARENT),
	    .on_update = sqlite_string(a->m, statement, K_ON_UPDATE),
	    .on_delete = sqlite_string(a->m, statement, K_ON_DELETE)};
	do {
		if (k->n == room) {
			struct reference *columns = mem_array(a->m, room = 2 * k->n + 4, sizeof *columns);

			if (k->n > 0)
				memcpy(columns, k->columns, k->n * sizeof *columns);
			k->columns = columns;
		}
		k->columns[k->n].column = sqlite_string(a->m, statement, K_COLUMN);
		if (sqlite3_column_type(statement, K_PARENT_COLUMN) != SQLITE_NULL)
			k->columns[k->n].named = sqlite_string(a->m, statement, K_PARENT_COLUMN);
		k->n++;
		more = sqlite_step(a->s, statement, f);
	} while (more > 0 && k->id == sqlite3_column_int(statement, K_ID));
	return more;
}

/* A view may be named as a parent: it is there, and has no key. */
static int
is_view(const struct sqlite_asked *a, const struct foreign_key *k)
{
	const struct sqlite_object *x = sqlite_objects_table(a->objects, k->parent);

	return x != NULL && x->kind == SQLITE_KIND_VIEW;
}

/* Gives the key the names of the parent's columns: those that it names, or of the primary key. */
static int
find_columns(struct sqlite_asked *a, struct foreign_key *k, struct fail *f)
{
	static const char sql[] = "SELECT name, pk FROM temp.pragma_table_xinfo(?1, 'main') WHERE hidden <> 1";
	sqlite3_stmt *statement = sqlite_about(a, sql, k->parent, f);
	size_t primary = 0, found = 0;
	int more = statement != NULL ? 1 : -1, named = k->columns[0].named != NULL;

	while (more > 0 && (more = sqlite_step(a->s, statement, f)) > 0) {
		const char *name = sqlite_string(a->m, statement, 0);
		int place = sqlite3_column_int(statement, 1);

		primary += place > 0;
		for (size_t i = 0; i < k->n; i++) {
			struct reference *c = &k->columns[i];

			if (named ? strcasecmp(c->named, name) == 0 : (size_t)place == i + 1)
				c->parent = name, found++;
		}
	}
	k->found = !named || found == k->n;
	k->identified = found == k->n && (named || primary == k->n);
	return more;
}

/* True where the index at hand is one by which SQLite identifies the parent (foreignkeys.html, 3): its columns, and no others,
 * each sorted as the column itself is. */
static int
identifies(struct sqlite_asked *a, const struct foreign_key *k, sqlite3_stmt *statement, size_t keys, struct fail *f)
{
	const char *name = sqlite_string(a->m, statement, 2), *collation = sqlite_string(a->m, statement, 3);
	struct sqlite_column c;

	if (keys >= k->n || sqlite3_column_int(statement, 1) < 0)
		return 0;
	if (sqlite_column(a, k->parent, name, &c, f) < 0)
		return -1;
	if (strcasecmp(collation, c.collation) != 0)
		return 0;
	for (size_t i = 0; i < k->n; i++) {
		if (strcmp(k->columns[i].parent, name) == 0)
			return 1;
	}
	return 0;
}

/* 1 where a unique index identifies the parent. */
static int
find_index(struct sqlite_asked *a, const struct foreign_key *k, struct fail *f)
{
	static const char
	    sql[] = "SELECT l.seq, x.cid, x.name, x.coll FROM temp.pragma_index_list(?1, 'main') l"
		    " JOIN temp.pragma_index_xinfo(l.name, 'main') x WHERE l.\"unique\" AND NOT l.partial AND x.key = 1"
		    " ORDER BY l.seq, x.seqno";
	sqlite3_stmt *statement = sqlite_about(a, sql, k->parent, f);
	int more = statement != NULL ? sqlite_step(a->s, statement, f) : -1, found = 0;

	while (more > 0 && found == 0) {
		int index = sqlite3_column_int(statement, 0), all = 1;
		size_t keys = 0;

		do {
			all = all > 0 ? identifies(a, k, statement, keys, f) : all;
			keys++;
		} while ((more = sqlite_step(a->s, statement, f)) > 0 && sqlite3_column_int(statement, 0) == index);
		found = all > 0 ? keys == k->n : all;
	}
	return more < 0 ? -1 : found;
}

/* What the key refers to. */
static int
resolve(struct sqlite_asked *a, struct foreign_key *k, struct fail *f)
{
	const char *rowid = NULL;
	int r;

	if (sqlite3_table_column_metadata(a->s->db, "main", k->parent, NULL, NULL, NULL, NULL, NULL, NULL) != SQLITE_OK) {
		k->found = is_view(a, k);
		return 0;
	}
	if (find_columns(a, k, f) < 0)
		return -1;
	/* Without names it is the primary key, and that is always one. */
	if (!k->identified || k->columns[0].named == NULL)
		return 0;
	if (k->n == 1 && sqlite_rowid_column(a, k->parent, &rowid, f) < 0)
		return -1;
	if (rowid != NULL && strcmp(rowid, k->columns[0].parent) == 0)
		return 0;
	r = find_index(a, k, f);
	k->identified = r > 0;
	return r < 0 ? -1 : 0;
}

/* Adds what an answer says of a key. */
typedef int adder(struct rows *r, struct sqlite_asked *a, const char *table, const struct foreign_key *k, struct fail *f);

static int
add_key(struct rows *r, struct sqlite_asked *a, const char *table, const struct foreign_key *k, struct fail *f)
{
	struct buf columns = {0}, parents = {0};

	(void)f;
	for (size_t i = 0; i < k->n; i++) {
		sqlite_add_name(&columns, k->columns[i].column);
		/* Without a name the key refers to the parent's primary key. */
		if (k->columns[i].named != NULL)
			sqlite_add_name(&parents, k->columns[i].named);
	}
	const struct rows_cell cells[DRIVER_FOREIGN_KEYS_FIELDS] = {
	    rows_text(table),
	    rows_null(),
	    rows_text(mem_copy(a->m, columns.bytes, columns.len)),
	    rows_text(k->parent),
	    parents.len > 0 ? rows_text(mem_copy(a->m, parents.bytes, parents.len)) : rows_null(),
	    rows_text(k->on_update),
	    rows_text(k->on_delete),
	    rows_integer(a->m, (uint64_t)k->id + 1),
	    rows_boolean(k->found),
	    k->found ? rows_boolean(k->identified) : rows_null(),
	    rows_boolean(1),
	    rows_null(),
	};
	buf_free(&columns);
	buf_free(&parents);
	rows_made_add(r, cells);
	return 0;
}

static int
add_reference(struct rows *r, struct sqlite_asked *a, const char *table, const struct foreign_key *k, size_t i, struct fail *f)
{
	const struct reference *c = &k->columns[i];
	const char *parent = c->parent != NULL ? c->parent : c->named;
	struct rows_cell cells[DRIVER_FOREIGN_KEY_COLUMNS_FIELDS] = {
	    rows_text(table),
	    rows_integer(a->m, (uint64_t)k->id + 1),
	    rows_integer(a->m, i + 1),
	    rows_text(c->column),
	    rows_text_or_null(parent),
	    rows_null(),
	    rows_null(),
	    rows_null(),
	};
	struct sqlite_column mine, theirs;
	const char *rowid = NULL;

	if (c->parent != NULL) {
		if (sqlite_column(a, table, c->column, &mine, f) < 0 ||
		    sqlite_column(a, k->parent, c->parent, &theirs, f) < 0 || sqlite_rowid_column(a, k->parent, &rowid, f) < 0)
			return -1;
		if (rowid != NULL && strcmp(rowid, c->parent) == 0)
			theirs.collation = mine.collation;
		cells[5] = rows_text(theirs.collation);
		cells[6] = rows_text(strcmp(theirs.family, "numeric") != 0 ? "numeric,text,blob"
				     : strcmp(mine.family, "numeric") == 0 ? "numeric"
									   : "");
		cells[7] = rows_boolean(strcmp(mine.collation, theirs.collation) != 0);
	}
	rows_made_add(r, cells);
	return 0;
}

static int
add_references(struct rows *r, struct sqlite_asked *a, const char *table, const struct foreign_key *k, struct fail *f)
{
	for (size_t i = 0; i < k->n; i++) {
		if (add_reference(r, a, table, k, i, f) < 0)
			return -1;
	}
	return 0;
}

static int
fill(struct rows *r, struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct fail *f, adder *add)
{
	struct foreign_key k;
	int more = sqlite_step(a->s, statement, f);

	while (more > 0) {
		more = read_key(a, statement, &k, f);
		if (more < 0 || resolve(a, &k, f) < 0 || add(r, a, table, &k, f) < 0)
			return -1;
	}
	return more;
}

static int
fill_keys(struct rows *r, struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
{
	return fill(r, a, table, statement, f, add_key);
}

static int
fill_columns(struct rows *r, struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
{
	return fill(r, a, table, statement, f, add_references);
}

const struct sqlite_part sqlite_foreign_keys = {FOREIGN_KEYS, fill_keys};
const struct sqlite_part sqlite_foreign_key_columns = {FOREIGN_KEYS, fill_columns};
