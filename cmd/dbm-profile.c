/* dbm-profile: what is in the columns of tables. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csvflags.h"
#include "operands.h"
#include "profile.h"
#include "profile_statistics.h"
#include "ref.h"
#include "tool.h"

struct flags {
	const char *columns;
	int exact, sample;
	uint64_t top, threads;
};

static struct flags flags = {.top = PROFILE_TOP};
static struct csvflags csv;

static const struct opt own_flags[] = {
    {'c', "column", OPT_TEXT, "COLS", "only these columns: names or numbers, comma-separated", offsetof(struct flags, columns),
	0, 0, 0, NULL},
    {0, "exact", OPT_FLAG, NULL, "read the table of a server, whatever its statistics say", offsetof(struct flags, exact), 1, 0,
	0, NULL},
    {0, "sample", OPT_FLAG, NULL, "read 10,000 rows at random", offsetof(struct flags, sample), 1, 0, 0, NULL},
    {0, "top", OPT_NUMBER, "K", "how many frequent values of a column (10)", offsetof(struct flags, top), 0, 0,
	PROFILE_TOP_MOST, NULL},
    {0, "threads", OPT_NUMBER, "N", "how many read a large file (one a processor)", offsetof(struct flags, threads), 0, 1, 64,
	NULL},
};

enum { FIELDS = PROFILE_FIELDS + 1, SAMPLE = 10000 };

/* What a person is shown of them, at a glance. */
static const int glance[] = {PROFILE_COLUMN, PROFILE_TYPE, PROFILE_BARS, PROFILE_NULLS, PROFILE_DISTINCT, PROFILE_MIN,
    PROFILE_QUANTILE + 2, PROFILE_MAX, PROFILE_MEAN, PROFILE_DEVIATION, PROFILE_LENGTH_MAX};

enum { GLANCE = sizeof glance / sizeof *glance };

struct profiling {
	struct tool_run *run;
	struct profile_options options;
	struct rows_column glance[GLANCE];
};

static int
is_for_a_person(const struct tool_run *run)
{
	return run->format == OUT_TABLE || run->format == OUT_MD;
}

static void
ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	const struct profiling *p = arg;

	profile_question(q, m, s, &p->options);
}

/* Six digits of a mean are enough to look at. */
static struct rows_cell
rounded(struct mem *m, const struct rows_cell *c)
{
	char text[32];
	struct rows_cell r = *c;

	if (c->type != ROWS_REAL)
		return r;
	r.len = (size_t)snprintf(text, sizeof text, "%.6g", strtod(mem_copy(m, c->bytes, c->len), NULL));
	r.bytes = mem_copy(m, text, r.len);
	return r;
}

static int
print_glance(const struct profiling *p, struct mem *m, const struct rows_cell *cells)
{
	struct rows_cell shown[GLANCE];

	for (size_t i = 0; i < GLANCE; i++) {
		int exact = glance[i] != PROFILE_MEAN && glance[i] != PROFILE_DEVIATION;

		shown[i] = exact ? cells[glance[i]] : rounded(m, &cells[glance[i]]);
	}
	return out_row(p->run->out, shown, GLANCE);
}

/* What was read is as of when it was asked for. */
static int
print_record(const struct profiling *p, struct mem *m, const char *ref, const struct rows *rows)
{
	struct rows_cell record[FIELDS];

	record[0] = rows_text(ref);
	memcpy(record + 1, rows->cells, PROFILE_FIELDS * sizeof *record);
	if (record[1 + PROFILE_AS_OF].type == ROWS_NULL)
		record[1 + PROFILE_AS_OF] = rows_timestamp(m, rows->as_of);
	return out_row(p->run->out, record, FIELDS);
}

static enum operands_result
profile(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *answers, struct fail *f)
{
	struct rows *rows = *answers;
	struct profiling *p = arg;
	int person = is_for_a_person(p->run), more = 1, full = 0;
	const char *source = NULL;

	(void)s;
	if (rows_columns(rows, f) < 0)
		return OPERANDS_FAILED;
	out_known(p->run->out, rows);
	if (person)
		out_begin(p->run->out, OUT_DATA, ref, p->glance, GLANCE);
	while (!full && (more = rows_next(rows, f)) > 0) {
		full = (person ? print_glance(p, m, rows->cells) : print_record(p, m, ref, rows)) < 0;
		source = person && source == NULL ? statistics_sentence(m, rows->cells) : source;
	}
	if (person)
		full |= tool_end(p->run, ref) < 0;
	if (source != NULL)
		rows_note(rows, 0, "%s", source);
	tool_notes(p->run, ref, rows);
	if (full)
		return OPERANDS_STOP;
	if (more < 0)
		return OPERANDS_FAILED;
	return rows->faults > 0 ? OPERANDS_PARTLY : OPERANDS_DONE;
}

static int
run_profile(struct tool_run *run)
{
	struct profiling p = {.run = run, .options = {.top = (size_t)flags.top, .threads = (unsigned)flags.threads}};
	struct rows_column record[FIELDS] = {{"ref", 3, ROWS_TEXT, ""}};
	struct operands o = {
	    .run = run, .split = OPERANDS_TABLES, .standard_input = 1, .ask = ask, .worker = profile, .arg = &p};
	struct fail f;
	int status;

	if (csvflags_options(&csv, &o.reader, &f) < 0)
		return tool_misuse(run, f.text);
	p.options.exact = flags.exact;
	p.options.sample = flags.sample ? SAMPLE : 0;
	if (flags.columns != NULL)
		p.options.columns = ref_names(&run->mem, flags.columns, &p.options.ncolumns);
	memcpy(record + 1, profile_fields, sizeof profile_fields);
	for (size_t i = 0; i < GLANCE; i++)
		p.glance[i] = profile_fields[glance[i]];
	if (!is_for_a_person(run))
		out_begin(run->out, OUT_FACTS, NULL, record, FIELDS);
	status = operands_each(&o);
	if (!is_for_a_person(run))
		tool_end(run, NULL);
	return status;
}

int
main(int argc, char *argv[])
{
	static struct opt_table tables[] = {
	    {own_flags, sizeof own_flags / sizeof *own_flags, &flags}, {csvflags_table, 0, &csv}};
	static const struct tool tool = {
	    .name = "dbm-profile",
	    .synopsis = "[-c COLS] [--exact | --sample] [--top K] [-f FORMAT] [TABLE ...]",
	    .summary = "Shows what is in the columns of tables: types, nulls, distinct values, ranges, shapes; in one pass.",
	    .flags = tables,
	    .nflags = 2,
	    .kind = OUT_FACTS,
	    .method = "exact",
	    .asks = 1,
	    .run = run_profile,
	};

	tables[1].n = csvflags_count;
	return tool_main(&tool, argc, argv);
}
