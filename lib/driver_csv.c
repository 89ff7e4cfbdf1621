#include "driver_csv.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "csv_batches.h"
#include "csv_count.h"
#include "csv_table.h"
#include "file.h"
#include "ref.h"

struct folder {
	struct driver_database base;
	const char *path;
};

/* What the ending of a name says. */
struct ending {
	const char *format, *compression; /* NULL: none */
};

/* Takes `suffix` off the length of a name: 1 if it was there. */
static int
take_suffix(const char *name, size_t *len, const char *suffix)
{
	size_t n = strlen(suffix);

	if (*len <= n || strncasecmp(name + *len - n, suffix, n) != 0)
		return 0;
	*len -= n;
	return 1;
}

static struct ending
ending_of(const char *name)
{
	struct ending e = {NULL, NULL};
	size_t len = strlen(name);

	if (take_suffix(name, &len, ".gz"))
		e.compression = "gzip";
	else if (take_suffix(name, &len, ".zst"))
		e.compression = "zstd";
	if (take_suffix(name, &len, ".csv"))
		e.format = "csv";
	else if (take_suffix(name, &len, ".tsv"))
		e.format = "tsv";
	return e;
}

int
driver_csv_named(const char *name)
{
	return ending_of(name).format != NULL;
}

/* The catalog of a folder, or of a file: one row a table. */

struct asked {
	struct driver_database *db;
	struct mem *m;
	const struct driver_request *request;
};

static struct asked *
asked(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	struct asked *a = mem_alloc(m, sizeof *a);

	*a = (struct asked){db, m, request};
	return a;
}

static void
add_table(struct rows *r, struct mem *m, const char *name, int known, uint64_t size, int64_t modified)
{
	struct ending e = ending_of(name);
	struct rows_cell cells[DRIVER_TABLES_FIELDS] = {
	    rows_text(name),
	    rows_text("file"),
	    rows_null(),
	    known ? rows_integer(m, size) : rows_null(),
	    known ? rows_timestamp(m, modified) : rows_null(),
	    rows_text_or_null(e.format),
	    rows_text_or_null(e.compression),
	    rows_null(),
	};

	rows_made_add(r, cells);
}

static int
not_hidden(const char *name)
{
	return name[0] != '.' && driver_csv_named(name);
}

/* A table that is there by its name but cannot be one, as a note; a folder is simply none. */
static void
note_odd_entry(struct rows *r, const struct file_entry *e)
{
	struct stat st = {.st_mode = e->mode};
	struct buf name = {0};
	struct fail f;

	ref_path(&name, e->name);
	if (e->error != 0)
		fail_set(&f, "%s", strerror(e->error));
	else if (file_refuse(&st, &f) == 0)
		fail_set(&f, "is a FIFO, not a file");
	rows_note(r, 1, "%s: %s", buf_string(&name), f.text);
	buf_free(&name);
}

static int
fill_folder(struct rows *r, void *arg, struct fail *f)
{
	const struct asked *a = arg;
	const struct folder *folder = (const struct folder *)a->db;
	struct file_entry *entries;
	size_t n;

	if (file_list(a->m, folder->path, a->request->all ? driver_csv_named : not_hidden, 1, &entries, &n, f) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct file_entry *e = &entries[i];

		if (e->error == 0 && S_ISREG(e->mode))
			add_table(r, a->m, e->name, 1, e->size, e->modified);
		else if (e->error != 0 || !S_ISDIR(e->mode))
			note_odd_entry(r, e);
	}
	return 0;
}

static struct rows *
folder_ask(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	/* Each table is a file, and a source of its own. */
	if (request->operation != DRIVER_TABLES)
		return rows_failed(m, ROWS_REFUSED, "a folder does not answer that");
	return driver_made(m, DRIVER_TABLES, fill_folder, asked(db, m, request));
}

static void
folder_close(struct driver_database *db)
{
	(void)db;
}

struct driver_database *
driver_csv_folder(struct mem *m, const char *path)
{
	static const struct driver driver = {"csv folder", folder_ask, NULL, folder_close};
	struct folder *folder = mem_alloc(m, sizeof *folder);

	folder->base.driver = &driver;
	folder->path = mem_string(m, path);
	return &folder->base;
}

/* One file. */

static int
fill_file(struct rows *r, void *arg, struct fail *f)
{
	const struct asked *a = arg;
	const struct csv_table *file = (const struct csv_table *)a->db;

	(void)f;
	add_table(
	    r, a->m, file->name, S_ISREG(file->stat.st_mode), (uint64_t)file->stat.st_size, (int64_t)file->stat.st_mtim.tv_sec);
	return 0;
}

static int
fill_count(struct rows *r, void *arg, struct fail *f)
{
	const struct asked *a = arg;
	struct csv_count count;

	if (csv_count(r, (struct csv_table *)a->db, a->request, &count, f) < 0)
		return -1;
	const struct rows_cell cells[DRIVER_COUNT_FIELDS] = {
	    rows_integer(a->m, count.records),
	    rows_integer(a->m, count.lines),
	    rows_integer(a->m, count.bytes),
	    rows_text(count.method),
	    rows_integer(a->m, count.low),
	    count.high < UINT64_MAX ? rows_integer(a->m, count.high) : rows_null(),
	    rows_null(),
	};
	rows_made_add(r, cells);
	return 0;
}

/* Delimited text has neither indexes nor foreign keys. */
static int
fill_nothing(struct rows *r, void *arg, struct fail *f)
{
	(void)r, (void)arg, (void)f;
	return 0;
}

static struct rows *
file_ask(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	switch (request->operation) {
	case DRIVER_TABLES:
		return driver_made(m, DRIVER_TABLES, fill_file, asked(db, m, request));
	case DRIVER_INDEXES:
	case DRIVER_INDEX_KEYS:
	case DRIVER_FOREIGN_KEYS:
	case DRIVER_FOREIGN_KEY_COLUMNS:
		return driver_made(m, request->operation, fill_nothing, NULL);
	case DRIVER_SCAN:
		if (request->nwhere > 0 || request->norder > 0)
			break;
		return csv_table_scan(m, (struct csv_table *)db, request);
	case DRIVER_COUNT:
		if (request->lines_of != NULL)
			break;
		return driver_made(m, DRIVER_COUNT, fill_count, asked(db, m, request));
	default:
		break;
	}
	return rows_failed(m, ROWS_REFUSED, "delimited text does not answer that");
}

static int
file_batches(struct driver_database *db, struct mem *m, const struct driver_request *request, const struct batch_sink *sink,
    struct rows *notes, struct fail *f)
{
	return csv_batches((struct csv_table *)db, m, request, sink, notes, f);
}

static void
file_close(struct driver_database *db)
{
	struct csv_table *file = (struct csv_table *)db;

	/* Still here if nothing asked for its bytes. */
	if (file->fd > STDERR_FILENO)
		close(file->fd);
}

struct driver_database *
driver_csv_file(struct mem *m, int fd, const char *name, const struct stat *st, const char *program,
    const struct reader_options *options, struct cache *cache, int refresh, struct watch *w)
{
	static const struct driver driver = {"csv", file_ask, file_batches, file_close};
	struct csv_table *file = mem_alloc(m, sizeof *file);
	struct ending e = ending_of(name);

	*file = (struct csv_table){.base = {.driver = &driver},
	    .fd = fd,
	    .name = mem_string(m, name),
	    .stat = *st,
	    .program = program,
	    .options = *options,
	    .kept = {.cache = cache, .refresh = refresh, .no_header = options->no_header},
	    .watch = w};
	file->kept.path = file->name;
	if (e.format != NULL && strcmp(e.format, "tsv") == 0)
		file->options.hint = '\t';
	return &file->base;
}
