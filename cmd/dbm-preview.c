/* dbm-preview: the header and a few rows of tables. */

#include <string.h>

#include "csvflags.h"
#include "operands.h"
#include "question.h"
#include "ref.h"
#include "tool.h"

struct flags {
	uint64_t rows, width, offset, seed;
	const char *columns;
	int describe, tail, sample, ref;
};

static struct flags flags = {.rows = QUESTION_ROWS, .width = QUESTION_WIDTH};
static struct csvflags csv;

static const struct opt own_flags[] = {
    {'n', "rows", OPT_NUMBER, "N", "how many rows (5)", offsetof(struct flags, rows), 0, 0, 0, NULL},
    {'c', "column", OPT_TEXT, "COLS", "only these columns: names or numbers, comma-separated", offsetof(struct flags, columns),
	0, 0, 0, NULL},
    {0, "width", OPT_NUMBER, "BYTES", "cut cells to that (4096); 0: show all", offsetof(struct flags, width), 0, 0, 0, NULL},
    {0, "columns", OPT_FLAG, NULL, "names and types of the columns, no rows", offsetof(struct flags, describe), 1, 0, 0, NULL},
    {0, "offset", OPT_NUMBER, "N", "pass over the first N rows", offsetof(struct flags, offset), 1, 0, 0, NULL},
    {0, "tail", OPT_FLAG, NULL, "the last rows", offsetof(struct flags, tail), 1, 0, 0, NULL},
    {0, "sample", OPT_FLAG, NULL, "rows from anywhere, at random", offsetof(struct flags, sample), 1, 0, 0, NULL},
    {0, "seed", OPT_NUMBER, "N", "take the same rows again for a sample", offsetof(struct flags, seed), 0, 1, 0, NULL},
    {0, "ref", OPT_FLAG, NULL, "the reference as the first column, in csv and tsv", offsetof(struct flags, ref), 0, 0, 0, NULL},
};

static const struct rows_column column_record[] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"position", 8, ROWS_INTEGER, ""},
    {"column", 6, ROWS_TEXT, ""},
    {"type", 4, ROWS_TEXT, ""},
    {"known", 5, ROWS_TEXT, ""},
};

enum { COLUMN_FIELDS = 5 };

struct preview {
	struct tool_run *run;
	struct driver_request request;
};

/* What was shown is less than there is: said once a table. */
static void
note_cut(const struct preview *p, const char *ref)
{
	int limited = p->request.width > 0;
	struct fail f;

	if (out_cut(p->run->out) == 0 || p->run->settings.quiet)
		return;
	fail_set(&f, "%zu cells are cut to %zu bytes%s", out_cut(p->run->out), limited ? p->request.width : (size_t)ROWS_CELL,
	    limited ? " (--width 0 shows all)" : ", the most there can be");
	tool_complain(p->run, ref, f.text);
}

static int
print_columns(const struct preview *p, struct mem *m, const char *ref, const struct rows *rows)
{
	out_method(p->run->out, rows->ncolumns > 0 && strcmp(rows->columns[0].origin, "declared") == 0 ? "catalog" : "sampled");
	for (size_t i = 0; i < rows->ncolumns; i++) {
		const struct rows_column *c = &rows->columns[i];
		const struct rows_cell cells[COLUMN_FIELDS] = {
		    rows_text(ref),
		    rows_integer(m, i + 1),
		    rows_bytes(c->name, c->len),
		    rows_text(rows_type_name(c->type)),
		    rows_text(c->origin),
		};

		if (out_row(p->run->out, cells, COLUMN_FIELDS) < 0)
			return -1;
	}
	return 0;
}

/* Rows as they come.  A failure half way leaves what was printed, and is complained about. */
static enum operands_result
print_rows(const struct preview *p, const char *ref, struct rows *rows)
{
	enum operands_result r = OPERANDS_DONE;
	struct fail f;
	int more;

	out_begin(p->run->out, OUT_DATA, ref, rows->columns, rows->ncolumns);
	while ((more = rows_next(rows, &f)) > 0) {
		if (out_stream_row(p->run->out, rows) < 0) {
			r = OPERANDS_STOP;
			break;
		}
	}
	if (tool_end(p->run, ref) < 0)
		r = OPERANDS_STOP;
	if (more < 0) {
		tool_complain(p->run, ref, f.text);
		r = OPERANDS_PARTLY;
	}
	note_cut(p, ref);
	return r;
}

static void
ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	const struct preview *p = arg;

	(void)m;
	q->request = p->request;
	q->request.table = s->table;
}

static enum operands_result
preview(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *answers, struct fail *f)
{
	struct rows *rows = *answers;
	struct preview *p = arg;
	enum operands_result r;

	(void)s;
	if (rows_columns(rows, f) < 0)
		return OPERANDS_FAILED;
	out_known(p->run->out, rows);
	if (!flags.describe)
		r = print_rows(p, ref, rows);
	else if (print_columns(p, m, ref, rows) < 0)
		r = OPERANDS_STOP;
	else
		/* Without rows there is an end all the same, which says how old this is. */
		r = rows_next(rows, f) < 0 ? OPERANDS_FAILED : OPERANDS_DONE;
	tool_notes(p->run, ref, rows);
	return r == OPERANDS_DONE && rows->faults > 0 ? OPERANDS_PARTLY : r;
}

static int
run_preview(struct tool_run *run)
{
	struct preview p = {.run = run};
	struct operands o = {
	    .run = run, .split = OPERANDS_TABLES, .standard_input = 1, .ask = ask, .worker = preview, .arg = &p};
	struct fail f;
	int status;

	if (csvflags_options(&csv, &o.reader, &f) < 0)
		return tool_misuse(run, f.text);
	p.request = (struct driver_request){.operation = DRIVER_SCAN,
	    .limit = flags.describe ? 0 : flags.rows,
	    .offset = flags.offset,
	    .seed = flags.seed,
	    .width = (size_t)flags.width,
	    .types = flags.describe || run->format == OUT_TABLE || run->format == OUT_MD};
	p.request.csv = out_takes_csv(run->out);
	if (flags.tail || flags.sample)
		p.request.which = flags.tail ? DRIVER_TAIL : DRIVER_SAMPLE;
	if (flags.columns != NULL)
		p.request.columns = ref_names(&run->mem, flags.columns, &p.request.ncolumns);
	if (flags.describe)
		out_begin(run->out, OUT_FACTS, NULL, column_record, COLUMN_FIELDS);
	status = operands_each(&o);
	if (flags.describe)
		tool_end(run, NULL);
	return status;
}

int
main(int argc, char *argv[])
{
	static struct opt_table tables[] = {
	    {own_flags, sizeof own_flags / sizeof *own_flags, &flags}, {csvflags_table, 0, &csv}};
	static const struct tool tool = {
	    .name = "dbm-preview",
	    .synopsis = "[-n N] [-c COLS] [--columns | --offset N | --tail | --sample [--seed N]] [-f FORMAT] [TABLE ...]",
	    .summary = "Shows the header and the first rows of tables; reads no more than they take.",
	    .flags = tables,
	    .nflags = 2,
	    .kind = OUT_DATA,
	    .ref = &flags.ref,
	    .facts = &flags.describe,
	    .asks = 1,
	    .run = run_preview,
	};

	tables[1].n = csvflags_count;
	return tool_main(&tool, argc, argv);
}
