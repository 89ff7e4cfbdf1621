/* dbm-list: the tables of databases, from the catalog alone. */

#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "operands.h"
#include "tool.h"

struct flags {
	int all, longer, kinds;
	const char *match;
};

static struct flags flags;

static const char *const kinds[] = {"table", "view", "database", NULL};

enum { KIND_ANY, KIND_TABLE, KIND_VIEW, KIND_DATABASE };

static const struct opt own_flags[] = {
    {'a', "all", OPT_FLAG, NULL, "hidden tables too", offsetof(struct flags, all), 0, 0, 0, NULL},
    {'l', "long", OPT_FLAG, NULL, "more about each: format, compression", offsetof(struct flags, longer), 0, 0, 0, NULL},
    {'k', "kind", OPT_CHOICE, "KIND", "only tables, only views, or the databases themselves", offsetof(struct flags, kinds), 0,
	0, 0, kinds},
    {'m', "match", OPT_TEXT, "GLOB", "only names that match the pattern", offsetof(struct flags, match), 0, 0, 0, NULL},
};

static const struct rows_column table_record[] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"rows_estimate", 13, ROWS_INTEGER, ""},
    {"bytes", 5, ROWS_INTEGER, ""},
    {"modified", 8, ROWS_TIMESTAMP, ""},
    /* with --long */
    {"format", 6, ROWS_TEXT, ""},
    {"compression", 11, ROWS_TEXT, ""},
};

static const struct rows_column database_record[] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"reachable", 9, ROWS_BOOLEAN, ""},
    {"tables", 6, ROWS_INTEGER, ""},
    {"ms", 2, ROWS_INTEGER, ""},
};

enum { SHORT = 5, LONG = 7, DATABASE = 6 };

/* The places of the driver's columns (driver.h). */
enum { NAME, KIND };

static const char *
last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static int
wanted(const char *name, const struct rows_cell *kind)
{
	int view = kind->len == 4 && memcmp(kind->bytes, "view", 4) == 0;

	if ((flags.kinds == KIND_TABLE && view) || (flags.kinds == KIND_VIEW && !view))
		return 0;
	return flags.match == NULL || fnmatch(flags.match, name, 0) == 0;
}

static int
print_table(struct tool_run *run, struct mem *m, const struct source *s, const struct rows *tables)
{
	struct rows_cell record[LONG];
	const char *name = mem_copy(m, tables->cells[NAME].bytes, tables->cells[NAME].len);

	if (!wanted(last_component(name), &tables->cells[KIND]))
		return 0;
	record[0] = rows_text(source_ref(s, m, s->folder ? name : NULL));
	memcpy(record + 1, tables->cells + KIND, (LONG - 1) * sizeof *record);
	return out_row(run->out, record, flags.longer ? LONG : SHORT);
}

static int
print_database(struct tool_run *run, struct mem *m, const struct source *s, const char *ref, uint64_t tables, int64_t since)
{
	const struct rows_cell record[DATABASE] = {
	    rows_text(ref),
	    rows_text("database"),
	    rows_text(s->path != NULL ? last_component(s->path) : "-"),
	    {.bytes = "true", .len = 4, .type = ROWS_BOOLEAN},
	    rows_integer(m, tables),
	    rows_integer(m, (uint64_t)(watch_now() - since) / 1000000),
	};

	return out_row(run->out, record, DATABASE);
}

static enum operands_result
list(void *arg, struct mem *m, struct source *s, const char *ref, struct fail *f)
{
	const struct driver_request request = {.operation = DRIVER_TABLES, .all = flags.all};
	struct tool_run *run = arg;
	int64_t since = watch_now();
	struct rows *tables = source_ask(s, m, &request);
	enum operands_result r = OPERANDS_FAILED;
	uint64_t n = 0;
	int more, full = 0;

	if (rows_columns(tables, f) < 0)
		goto end;
	for (; (more = rows_next(tables, f)) > 0 && !full; n++) {
		if (flags.kinds != KIND_DATABASE)
			full = print_table(run, m, s, tables) < 0;
	}
	if (more < 0)
		goto end;
	if (flags.kinds == KIND_DATABASE)
		full = print_database(run, m, s, ref, n, since) < 0;
	tool_notes(run, ref, tables);
	r = full ? OPERANDS_STOP : tables->faults > 0 ? OPERANDS_PARTLY : OPERANDS_DONE;
end:
	rows_close(tables);
	return r;
}

static int
run_list(struct tool_run *run)
{
	struct operands o = {.run = run, .worker = list, .arg = run};
	int status;

	if (run->noperands == 0 && isatty(STDERR_FILENO) && !run->settings.quiet)
		tool_complain(run, NULL, "no databases are registered: name one, such as a folder");
	if (flags.kinds == KIND_DATABASE)
		out_begin(run->out, OUT_FACTS, NULL, database_record, DATABASE);
	else
		out_begin(run->out, OUT_FACTS, NULL, table_record, flags.longer ? LONG : SHORT);
	status = operands_each(&o);
	tool_end(run, NULL);
	return status;
}

int
main(int argc, char *argv[])
{
	static const struct opt_table tables[] = {{own_flags, sizeof own_flags / sizeof *own_flags, &flags}};
	static const struct tool tool = {
	    .name = "dbm-list",
	    .synopsis = "[-al] [-k KIND] [-m GLOB] [-f FORMAT] [DATABASE ...]",
	    .summary = "Lists the tables of databases: reads the catalog, opens no table.",
	    .flags = tables,
	    .nflags = 1,
	    .kind = OUT_FACTS,
	    .method = "catalog",
	    .run = run_list,
	};

	return tool_main(&tool, argc, argv);
}
