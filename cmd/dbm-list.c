/* dbm-list: the tables of databases, their columns, indexes and foreign keys, from the catalog alone. */

#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "operands.h"
#include "question.h"
#include "tool.h"

struct flags {
	int all, longer, kind;
	const char *match;
};

static struct flags flags;

static const char *const kind_names[] = {"table", "view", "database", "column", "index", "fk", NULL};

enum kind { KIND_ANY, KIND_TABLE, KIND_VIEW, KIND_DATABASE, KIND_COLUMN, KIND_INDEX, KIND_FK, KINDS };

static const struct opt own_flags[] = {
    {'a', "all", OPT_FLAG, NULL, "hidden and system tables too", offsetof(struct flags, all), 0, 0, 0, NULL},
    {'l', "long", OPT_FLAG, NULL, "more about each: format, compression", offsetof(struct flags, longer), 0, 0, 0, NULL},
    {'k', "kind", OPT_CHOICE, "KIND", "only tables or views; databases; columns, indexes or foreign keys",
	offsetof(struct flags, kind), 0, 0, 0, kind_names},
    {'m', "match", OPT_TEXT, "GLOB", "only names that match the pattern", offsetof(struct flags, match), 0, 0, 0, NULL},
};

enum { SHORT = 5, LONG = 8, DATABASE = 6, WIDEST = 9 };

/* The places of the fields of an answer (driver.h): about tables, and about what tables have. */
enum { NAME, TABLE_KIND };
enum { TABLE, PART_NAME, PART_FIELDS, PARENT };

static const struct rows_column databases[DATABASE] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"reachable", 9, ROWS_BOOLEAN, ""},
    {"tables", 6, ROWS_INTEGER, ""},
    {"ms", 2, ROWS_INTEGER, ""},
};

/* What is asked for each kind: about tables, unless it says otherwise. */
static const enum driver_operation asked[KINDS] = {
    [KIND_COLUMN] = DRIVER_COLUMNS,
    [KIND_INDEX] = DRIVER_INDEXES,
    [KIND_FK] = DRIVER_FOREIGN_KEYS,
};

/* The fields of the answer. */
static const struct driver_fields *
fields(void)
{
	return &driver_fields[asked[flags.kind]];
}

static const char *
string(struct mem *m, const struct rows_cell *c)
{
	return mem_copy(m, c->bytes, c->len);
}

static int
matches(const char *name)
{
	return flags.match == NULL || fnmatch(flags.match, file_name(name), 0) == 0;
}

static int
print_table(struct tool_run *run, struct mem *m, const struct source *s, const struct rows_cell *cells)
{
	struct rows_cell record[LONG];
	const char *name = string(m, &cells[NAME]);
	int view = strcmp(string(m, &cells[TABLE_KIND]), "view") == 0;

	if ((flags.kind == KIND_TABLE && view) || (flags.kind == KIND_VIEW && !view) || !matches(name))
		return 0;
	record[0] = rows_text(source_ref(s, m, s->folder || s->shared ? name : NULL));
	memcpy(record + 1, cells + TABLE_KIND, (LONG - 1) * sizeof *record);
	return out_row(run->out, record, flags.longer ? LONG : SHORT);
}

/* A column, an index or a foreign key. */
static int
print_part(struct tool_run *run, struct mem *m, const struct source *s, const struct rows_cell *cells)
{
	struct rows_cell record[WIDEST];
	const char *name = string(m, &cells[PART_NAME]);

	if (!matches(name))
		return 0;
	/* What is not in a catalog has been read from the rows. */
	out_method(run->out, s->shared ? "catalog" : "sampled");
	record[0] = rows_text(source_ref(s, m, s->shared ? string(m, &cells[TABLE]) : NULL));
	record[1] = rows_text(kind_names[flags.kind - 1]);
	memcpy(record + PART_FIELDS, cells + PART_NAME, (fields()->n - 1) * sizeof *record);
	if (flags.kind == KIND_FK && s->shared && cells[PARENT].type != ROWS_NULL)
		record[PARENT + 1] = rows_text(source_ref(s, m, string(m, &cells[PARENT])));
	return out_row(run->out, record, fields()->n + 1);
}

static int
print_database(struct tool_run *run, struct mem *m, const struct source *s, const char *ref, uint64_t n, int64_t since)
{
	const char *name = s->path != NULL ? file_name(s->path) : s->server != NULL ? ref : "-";
	const struct rows_cell record[DATABASE] = {
	    rows_text(ref),
	    rows_text("database"),
	    rows_text(name),
	    {.bytes = "true", .len = 4, .type = ROWS_BOOLEAN},
	    rows_integer(m, n),
	    rows_integer(m, (uint64_t)(watch_now() - since) / 1000000),
	};

	return out_row(run->out, record, DATABASE);
}

static void
ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	(void)arg, (void)m;
	question_default(q, asked[flags.kind], s->table);
	q->request.all = flags.all;
}

static enum operands_result
list(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *rows, struct fail *f)
{
	struct tool_run *run = arg;
	int64_t since = watch_now();
	uint64_t n = 0;
	int more = rows_columns(rows, f), full = 0;

	out_known(run->out, rows);
	for (; more >= 0 && !full && (more = rows_next(rows, f)) > 0; n++) {
		if (rows->ncells != fields()->n)
			return fail_set(f, "%zu fields in an answer of %zu", rows->ncells, fields()->n);
		if (flags.kind < KIND_DATABASE)
			full = print_table(run, m, s, rows->cells) < 0;
		else if (flags.kind > KIND_DATABASE)
			full = print_part(run, m, s, rows->cells) < 0;
	}
	if (more < 0)
		return OPERANDS_FAILED;
	if (flags.kind == KIND_DATABASE)
		full = print_database(run, m, s, ref, n, since) < 0;
	tool_notes(run, ref, rows);
	return full ? OPERANDS_STOP : rows->faults > 0 ? OPERANDS_PARTLY : OPERANDS_DONE;
}

/* The record: ref and kind, then the fields of the answer but for those that these two are made of. */
static void
begin(struct tool_run *run)
{
	struct rows_column *record = mem_array(&run->mem, WIDEST, sizeof *record);
	size_t part = flags.kind > KIND_DATABASE, n = part ? fields()->n + 1 : flags.longer ? LONG : SHORT;

	memcpy(record, databases, 2 * sizeof *record);
	memcpy(record + 1 + part, fields()->columns + 1, (fields()->n - 1) * sizeof *record);
	out_begin(run->out, OUT_FACTS, NULL, flags.kind == KIND_DATABASE ? databases : record,
	    flags.kind == KIND_DATABASE ? DATABASE : n);
}

static int
run_list(struct tool_run *run)
{
	struct operands o = {.run = run, .ask = ask, .worker = list, .arg = run};
	int status;

	if (run->noperands == 0 && isatty(STDERR_FILENO) && !run->settings.quiet)
		tool_complain(run, NULL, "no databases are registered: name one, such as a folder or an SQLite file");
	/* What a table has is in its file. */
	if (flags.kind > KIND_DATABASE)
		o.split = OPERANDS_FOLDERS;
	begin(run);
	status = operands_each(&o);
	tool_end(run, NULL);
	return status;
}

int
main(int argc, char *argv[])
{
	static const struct opt_table own[] = {{own_flags, sizeof own_flags / sizeof *own_flags, &flags}};
	static const struct tool tool = {
	    .name = "dbm-list",
	    .synopsis = "[-al] [-k KIND] [-m GLOB] [-f FORMAT] [DATABASE ...]",
	    .summary = "Lists the tables of databases: reads the catalog, opens no table.",
	    .flags = own,
	    .nflags = 1,
	    .kind = OUT_FACTS,
	    .method = "catalog",
	    .run = run_list,
	};

	return tool_main(&tool, argc, argv);
}
