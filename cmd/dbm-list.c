/* dbm-list: the tables of databases, what they have and what is published of them, from the catalog alone. */

#include <stdint.h>
#include <unistd.h>

#include "file.h"
#include "listing.h"
#include "operands.h"
#include "tool.h"

static struct listing listing;

static const struct opt own_flags[] = {
    {'a', "all", OPT_FLAG, NULL, "hidden and system tables too, and partitions", offsetof(struct listing, all), 0, 0, 0, NULL},
    {'l', "long", OPT_FLAG, NULL, "more about each: format, compression, version; sizes on servers",
	offsetof(struct listing, longer), 0, 0, 0, NULL},
    {'k', "kind", OPT_CHOICE, "KIND", "only tables or views; or databases, columns, indexes …", offsetof(struct listing, kind),
	1, 0, 0, listing_names},
    {0, "publication", OPT_TEXT, "NAME", "the tables that a publication holds", offsetof(struct listing, publication), 1, 0, 0,
	NULL},
    {'m', "match", OPT_TEXT, "GLOB", "only names that match the pattern", offsetof(struct listing, match), 0, 0, 0, NULL},
};

static const struct rows_column databases[] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"reachable", 9, ROWS_BOOLEAN, ""},
    {"tables", 6, ROWS_INTEGER, ""},
    {"ms", 2, ROWS_INTEGER, ""},
};

enum { DATABASE_FIELDS = sizeof databases / sizeof *databases };

static int
print_database(struct tool_run *run, struct mem *m, const struct source *s, const char *ref, int64_t since)
{
	const char *name = s->path != NULL ? file_name(s->path) : s->server != NULL ? ref : "-";
	const struct rows_cell record[DATABASE_FIELDS] = {
	    rows_text(ref),
	    rows_text("database"),
	    rows_text(name),
	    rows_boolean(1),
	    rows_integer(m, listing.rows),
	    rows_integer(m, (uint64_t)(watch_now() - since) / 1000000),
	};

	return out_row(run->out, record, DATABASE_FIELDS);
}

static void
ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	(void)arg, (void)m;
	listing_question(&listing, s, q);
}

/* The record of one row, if there is one. */
static int
print_row(struct tool_run *run, struct mem *m, const struct source *s, const struct rows_cell *cells)
{
	struct rows_cell record[LISTING_FIELDS];
	size_t n = listing_record(&listing, m, s, cells, record);

	/* What is not in a catalog has been read from the rows. */
	if (listing_asks_files(&listing))
		out_method(run->out, s->shared ? "catalog" : "sampled");
	return n > 0 ? out_row(run->out, record, n) : 0;
}

static enum operands_result
list(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *answers, struct fail *f)
{
	struct rows *rows = *answers;
	struct tool_run *run = arg;
	int64_t since = watch_now();
	int more = rows_columns(rows, f), full = 0, unversioned = 0;
	uint64_t printed = 0;
	struct fail why;

	/* The tables are there all the same. */
	if (listing_read_versions(&listing, &run->mem, s, &why) < 0) {
		tool_complain(run, ref, why.text);
		unversioned = 1;
	}
	out_known(run->out, rows);
	while (more >= 0 && !full && (more = rows_next(rows, f)) > 0) {
		if (rows->ncells < listing_fields(&listing))
			return fail_set(f, "%zu fields in an answer of %zu", rows->ncells, listing_fields(&listing));
		full = print_row(run, m, s, rows->cells) < 0;
		printed++;
	}
	if (more >= 0 && listing.kind == LISTING_DATABASE)
		full = print_database(run, m, s, ref, since) < 0;
	listing_notes(&listing, rows);
	if (more < 0 && printed == 0)
		return OPERANDS_FAILED;
	/* What was printed stays. */
	if (more < 0)
		tool_complain(run, ref, f->text);
	tool_notes(run, ref, rows);
	return full ? OPERANDS_STOP : more < 0 || rows->faults > 0 || unversioned ? OPERANDS_PARTLY : OPERANDS_DONE;
}

static int
run_list(struct tool_run *run)
{
	struct operands o = {.run = run, .ask = ask, .worker = list, .arg = run};
	const struct rows_column *record = databases;
	size_t n = DATABASE_FIELDS;
	int status;

	if (run->noperands == 0 && isatty(STDERR_FILENO) && !run->settings.quiet)
		tool_complain(run, NULL, "no databases are registered: name one, such as a folder or an SQLite file");
	if (listing.publication != NULL)
		listing.kind = LISTING_PUBLISHED;
	/* What a table has is in its file. */
	if (listing_asks_files(&listing))
		o.split = OPERANDS_FOLDERS;
	if (listing.kind != LISTING_DATABASE)
		record = listing_columns(&listing, &run->mem, &n);
	out_begin(run->out, OUT_FACTS, NULL, record, n);
	status = operands_each(&o);
	tool_end(run, NULL);
	return status;
}

int
main(int argc, char *argv[])
{
	static const struct opt_table own[] = {{own_flags, sizeof own_flags / sizeof *own_flags, &listing}};
	static const struct tool tool = {
	    .name = "dbm-list",
	    .synopsis = "[-al] [-k KIND | --publication NAME] [-m GLOB] [-f FORMAT] [DATABASE ...]",
	    .summary = "Lists the tables of databases: reads the catalog, opens no table.",
	    .flags = own,
	    .nflags = 1,
	    .kind = OUT_FACTS,
	    .method = "catalog",
	    .asks = 1,
	    .run = run_list,
	};

	return tool_main(&tool, argc, argv);
}
