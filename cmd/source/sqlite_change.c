#include "sqlite_change.h"

#include <inttypes.h>
#include <string.h>
#include <sys/vfs.h>

#include "index_sql.h"
#include "sqlite_define.h"
#include "sqlite_table.h"
#include "sqlite_write.h"
#include "sqltokens.h"
#include "text.h"

/* What became of it. */
struct became {
	const char *phase;
	struct buf detail;
};

struct change {
	struct sqlite *s;
	struct mem *m;
	const struct driver_request *request;
	struct sqlite_write w;
	int made;
	struct became became;
	struct rows_cell cells[DRIVER_CHANGE_FIELDS];
};

/* The table, in the transaction that changes it; its name must be given. */
static int
find_table(struct change *c, struct sqlite_table *t, struct fail *f)
{
	if (c->request->table == NULL) {
		fail_set(f, "no table is named");
		return -1;
	}
	return sqlite_table_find(&c->w.s, c->m, c->request->table, t, f);
}

/* A number that a pragma tells; 0 where it does not. */
static int64_t
pragma(struct change *c, const char *sql)
{
	struct fail unused;
	sqlite3_stmt *statement = sqlite_prepare(&c->w.s, sql, &unused);
	int64_t n = 0;

	if (statement != NULL && sqlite_step(&c->w.s, statement, &unused) > 0)
		n = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return n;
}

static int64_t
size(struct change *c)
{
	return pragma(c, "PRAGMA main.page_count") * pragma(c, "PRAGMA main.page_size");
}

/* Expressions are SQL of somebody: held to what an index may do while it is made, and to be one index and no other behind it.
 */
static int
build(struct change *c, const struct sqlite_table *t, const char *sql, struct fail *f)
{
	const struct driver_index *x = c->request->index;
	const struct sqlite_define_limits only = {t->name, x->name};
	int64_t before = size(c);
	int r;

	sqlite_define_limit(&c->w.s, &only);
	r = sqlite_write_run(&c->w, "building", sql, f);
	sqlite_define_limit(&c->w.s, NULL);
	if (r < 0)
		return -1;
	if (sqlite_define_there(&c->w.s, c->m, t, x, sql, f) <= 0)
		return fail_set(f, "makes another index: an expression or the condition is more than that");
	c->became.phase = "created";
	buf_printf(&c->became.detail, "the file has grown by %" PRId64 " bytes", size(c) - before);
	return 0;
}

static int
create_index(struct change *c, struct fail *f)
{
	struct buf sql = {0};
	struct sqlite_table t = {0};
	int r;

	if (find_table(c, &t, f) < 0 || sqlite_define_check(&c->w.s, &t, c->request->index, f) < 0)
		return -1;
	index_sql_create(&sql, INDEX_SQL_SQLITE, t.name, c->request->index);
	r = sqlite_define_there(&c->w.s, c->m, &t, c->request->index, buf_string(&sql), f);
	if (r > 0)
		c->became.phase = "there";
	else if (r == 0)
		r = build(c, &t, buf_string(&sql), f);
	buf_free(&sql);
	return r < 0 ? -1 : 0;
}

/* The table of an index: 1; 0 where there is no index of that name.  `*backs`: it is that of a constraint. */
static int
find_index(struct change *c, const char *name, const char **table, int *backs, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(&c->w.s,
	    "SELECT tbl_name, sql IS NULL FROM main.sqlite_schema WHERE type = 'index' AND name = ?1 COLLATE NOCASE", f);
	int r;

	if (statement == NULL)
		return -1;
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	r = sqlite_step(&c->w.s, statement, f);
	if (r > 0) {
		*table = sqlite_string(c->m, statement, 0);
		*backs = sqlite3_column_int(statement, 1);
	}
	sqlite3_finalize(statement);
	return r;
}

/* True where a view or a trigger says INDEXED BY it: that would fail without it (lang_indexedby.html). */
static int
is_asked_for(struct change *c, const char *sql, size_t len, const char *index)
{
	size_t n;
	const struct sqltoken *t = sqltokens_read(c->m, sql, len, SQLTOKENS_SQLITE, &n);

	for (size_t i = 2; i < n; i++) {
		const char *name = sqltoken_name(c->m, &t[i], SQLTOKENS_SQLITE);

		if (name != NULL && sqltoken_is(&t[i - 2], "indexed") && sqltoken_is(&t[i - 1], "by") &&
		    sqlite3_stricmp(name, index) == 0)
			return 1;
	}
	return 0;
}

static int
check_unasked(struct change *c, const char *index, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(
	    &c->w.s, "SELECT name, sql FROM main.sqlite_schema WHERE type IN ('view', 'trigger') AND sql LIKE '%indexed%'", f);
	int more = statement != NULL ? 1 : -1;

	while (more > 0 && (more = sqlite_step(&c->w.s, statement, f)) > 0) {
		const char *sql = sqlite_string(c->m, statement, 1);

		if (is_asked_for(c, sql, strlen(sql), index))
			more = fail_set(f, "%.100s is INDEXED BY %.100s", sqlite_string(c->m, statement, 0), index);
	}
	sqlite3_finalize(statement);
	return more;
}

static int
drop_index(struct change *c, struct fail *f)
{
	const char *name = c->request->index->name, *table = NULL;
	struct buf sql = {0};
	struct sqlite_table t = {0};
	int backs = 0, r;

	if (name == NULL)
		return fail_set(f, "no index is named");
	if (find_table(c, &t, f) < 0)
		return -1;
	r = find_index(c, name, &table, &backs, f);
	if (r < 0)
		return -1;
	if (r > 0 && sqlite3_stricmp(table, t.name) != 0)
		return fail_set(f, "%.100s is an index of %.200s", name, table);
	if (r > 0 && backs)
		return fail_set(f, "%.200s is that of a constraint, and goes with it alone", name);
	if (r > 0 && check_unasked(c, name, f) < 0)
		return -1;
	c->became.phase = r > 0 ? "dropped" : "absent";
	index_sql_drop(&sql, INDEX_SQL_SQLITE, t.name, name);
	r = r > 0 ? sqlite_write_run(&c->w, "dropping", buf_string(&sql), f) : 0;
	buf_free(&sql);
	return r;
}

static int
analyze(struct change *c, struct fail *f)
{
	struct buf sql = {0};
	struct sqlite_table t = {0};
	int r = find_table(c, &t, f);

	if (r < 0)
		return -1;
	buf_puts(&sql, "ANALYZE main.");
	text_quoted(&sql, t.name, strlen(t.name));
	r = sqlite_write_run(&c->w, "analyzing", buf_string(&sql), f);
	buf_free(&sql);
	c->became.phase = "analyzed";
	buf_puts(&c->became.detail, "all rows were read");
	return r;
}

/* File systems whose files other machines may have open, or whose makers we do not know, by what statfs(2) calls them
 * (linux/magic.h, or the sources of the file system where that has none). */
static const struct network {
	unsigned long magic;
	const char *name;
} networks[] = {
    {0x6969, "NFS"},                             /* NFS_SUPER_MAGIC */
    {0x517b, "SMB"},                             /* SMB_SUPER_MAGIC */
    {0xfe534d42, "SMB"},                         /* SMB2_SUPER_MAGIC */
    {0xff534d42, "CIFS"},                        /* CIFS_SUPER_MAGIC */
    {0x65735546, "FUSE"},                        /* FUSE_SUPER_MAGIC: sshfs, gcsfuse, and local ones too */
    {0x00c36400, "Ceph"},                        /* CEPH_SUPER_MAGIC */
    {0x5346414f, "AFS"},                         /* AFS_SUPER_MAGIC */
    {0x6b414653, "AFS"},                         /* AFS_FS_MAGIC */
    {0x01021997, "9p"},                          /* V9FS_MAGIC */
    {0x73757245, "Coda"},                        /* CODA_SUPER_MAGIC */
    {0x7461636f, "OCFS2"},                       /* OCFS2_SUPER_MAGIC */
    {0x01161970, "GFS2"},                        /* fs/gfs2: GFS2_MAGIC */
    {0x0bd00bd0, "Lustre"},                      /* lustre: LL_SUPER_MAGIC */
    {0x47504653, "GPFS"},                        /* gpfs */
    {0x786f4256, "VirtualBox's shared folders"}, /* fs/vboxsf: VBOXSF_SUPER_MAGIC */
};

/* The memory that those who use a file in WAL mode share is that of one machine (wal.html, "Overview"). */
static int
refuse_network(struct change *c, struct fail *f)
{
	struct statfs fs;

	if (fstatfs(c->w.s.lock, &fs) < 0)
		return 0;
	for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
		if (networks[i].magic == ((unsigned long)fs.f_type & 0xffffffff))
			return fail_set(f,
			    "is on a file system that other machines may share (%s): in WAL mode they would not see each "
			    "other's changes",
			    networks[i].name);
	}
	return 0;
}

static int
journal_mode(struct change *c, const char *sql, int *wal, struct fail *f)
{
	char *mode = NULL;
	int r = sqlite_write_alone(&c->w, sql, &mode, f);

	*wal = mode != NULL && strcmp(mode, "wal") == 0;
	sqlite3_free(mode);
	return r;
}

static int
switch_to_wal(struct change *c, struct fail *f)
{
	int wal;

	if (journal_mode(c, "PRAGMA main.journal_mode", &wal, f) < 0)
		return -1;
	c->became.phase = wal ? "there" : "switched";
	if (wal)
		return 0;
	if (refuse_network(c, f) < 0 || journal_mode(c, "PRAGMA main.journal_mode = WAL", &wal, f) < 0)
		return -1;
	buf_puts(&c->became.detail, "readers and a writer no longer wait for each other");
	return wal ? 0 : fail_set(f, "cannot be switched: there is no memory to share here");
}

/* Each in one transaction, but for the last, which is none. */
static int (*const changes[DRIVER_OPERATIONS])(struct change *c, struct fail *f) = {
    [DRIVER_CREATE_INDEX] = create_index,
    [DRIVER_DROP_INDEX] = drop_index,
    [DRIVER_ANALYZE] = analyze,
    [DRIVER_WAL] = switch_to_wal,
};

static int
change(struct change *c, struct fail *f)
{
	int (*const make)(struct change *, struct fail *) = changes[c->request->operation];

	if (sqlite_write_open(&c->w, c->s, c->request, f) < 0)
		return -1;
	if (c->request->operation == DRIVER_WAL)
		return make(c, f);
	if (sqlite_write_begin(&c->w, f) < 0 || make(c, f) < 0)
		return -1;
	return sqlite_write_commit(&c->w, f);
}

static int
change_start(struct rows *r, struct fail *f)
{
	const struct change *c = r->state;
	const struct driver_fields *fields = &driver_fields[c->request->operation];

	(void)f;
	r->columns = fields->columns;
	r->ncolumns = fields->n;
	return 0;
}

static int
change_next(struct rows *r, struct fail *f)
{
	struct change *c = r->state;
	int failed;

	if (c->made) {
		r->end = ROWS_COMPLETE;
		return 0;
	}
	c->made = 1;
	failed = change(c, f) < 0;
	if (failed && c->w.s.busy)
		r->end = ROWS_UNAVAILABLE;
	sqlite_write_close(&c->w);
	if (failed)
		return -1;
	c->cells[0] = rows_text(c->became.phase);
	c->cells[1] = c->cells[2] = rows_null();
	c->cells[3] = c->became.detail.len > 0 ? rows_text(buf_string(&c->became.detail)) : rows_null();
	r->cells = c->cells;
	r->ncells = DRIVER_CHANGE_FIELDS;
	return 1;
}

static void
change_close(struct rows *r)
{
	struct change *c = r->state;

	buf_free(&c->became.detail);
}

struct rows *
sqlite_change(struct mem *m, struct sqlite *s, const struct driver_request *request)
{
	static const struct rows_driver driver = {change_start, change_next, change_close};
	struct change *c = mem_alloc(m, sizeof *c);

	*c = (struct change){.s = s, .m = m, .request = request};
	return rows_new(m, &driver, c);
}
