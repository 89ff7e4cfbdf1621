#include "index_file.h"

#include <string.h>
#include <time.h>

#include "csv_count.h"
#include "file.h"
#include "operands.h"
#include "question.h"
#include "stamp.h"

/* Called in another way than this takes. */
static const char *
odd_call(const struct tool_run *run, const struct index_flags *flags)
{
	if (flags->dry_run || flags->want != NULL)
		return "--wal and --build take neither --want nor --dry-run: they do one thing at once";
	if (flags->build && run->settings.no_cache)
		return "--build makes what is kept in the cache: not with --no-cache";
	if (run->settings.cached)
		return "--wal and --build look at files, and never with --cached";
	return NULL;
}

/* Write-ahead logging. */

enum { WAL_FIELDS = 3 };
enum { MILLISECOND = 1000000 }; /* nanoseconds */

/* The places of the driver's columns (driver.h). */
enum { PHASE, DETAIL = 3 };

struct switching {
	struct tool_run *run;
	const struct index_flags *flags;
};

static int
is_sqlite(const struct source *s, struct fail *f)
{
	if (s->scheme == NULL || strcmp(s->scheme, "sqlite") != 0)
		return fail_set(f, "is no SQLite file: there is nothing to switch"), 0;
	if (s->table != NULL)
		return fail_set(f, "is a table: write-ahead logging is that of the whole file"), 0;
	return 1;
}

static void
ask_wal(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	const struct switching *w = arg;
	struct fail unused;

	(void)m;
	/* What is asked here is done. */
	question_default(q, !s->unreachable && is_sqlite(s, &unused) ? DRIVER_WAL : DRIVER_TABLES, NULL);
	q->request.wait = (uint64_t)w->flags->wait / MILLISECOND;
	q->request.lock_timeout = (uint64_t)w->flags->lock_timeout / MILLISECOND;
}

/* A line of progress, or what there is to know behind it. */
static void
say(const struct tool_run *run, const char *ref, const char *what)
{
	if (!run->settings.quiet)
		tool_complain(run, ref, what);
}

static void
say_wal(const struct tool_run *run, const char *ref, const struct source *s)
{
	const char *name = file_name(s->path);
	struct fail line;

	fail_set(&line,
	    "in WAL mode now: %.100s-wal and %.100s-shm stand beside it while it is in use, and belong to it; readers on "
	    "network file systems cannot follow",
	    name, name);
	say(run, ref, line.text);
}

static int
is_end(const struct rows_cell *phase)
{
	return phase->len > 0 && (strcmp(phase->bytes, "switched") == 0 || strcmp(phase->bytes, "there") == 0);
}

/* The rows on the way are progress, and the last one is what became of it: in the arena. */
static int
last_row(const struct tool_run *run, struct mem *m, const char *ref, struct rows *rows, struct rows_cell *last, struct fail *f)
{
	int more = rows_columns(rows, f), ended = 0;
	struct fail line;

	while (more >= 0 && (more = rows_next(rows, f)) > 0) {
		for (size_t i = 0; i < DRIVER_CHANGE_FIELDS; i++) {
			last[i] = rows->cells[i];
			last[i].bytes = mem_copy(m, rows->cells[i].bytes, rows->cells[i].len);
		}
		ended = is_end(&last[PHASE]);
		fail_set(&line, "%.50s: %.400s", last[PHASE].bytes, last[DETAIL].bytes);
		if (!ended)
			say(run, ref, line.text);
	}
	if (more == 0 && !ended) {
		fail_set(f, "did not say what became of it");
		return -1;
	}
	return more;
}

static enum operands_result
switch_one(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct rows_cell last[DRIVER_CHANGE_FIELDS] = {{0}}, cells[WAL_FIELDS];
	const struct switching *w = arg;

	if (!s->unreachable && !is_sqlite(s, f))
		return OPERANDS_FAILED;
	if (last_row(w->run, m, ref, rows[0], last, f) < 0)
		return OPERANDS_FAILED;
	tool_notes(w->run, ref, rows[0]);
	if (strcmp(last[PHASE].bytes, "switched") == 0)
		say_wal(w->run, ref, s);
	cells[0] = rows_text(ref);
	cells[1] = last[PHASE];
	cells[2] = last[DETAIL];
	return out_row(w->run->out, cells, WAL_FIELDS) < 0 ? OPERANDS_STOP : OPERANDS_DONE;
}

int
index_file_wal(struct tool_run *run, const struct index_flags *flags)
{
	static const struct rows_column record[WAL_FIELDS] = {
	    {"ref", 3, ROWS_TEXT, ""}, {"change", 6, ROWS_TEXT, ""}, {"detail", 6, ROWS_TEXT, ""}};
	struct switching w = {run, flags};
	struct operands o = {.run = run, .standard_input = 1, .ask = ask_wal, .worker = switch_one, .arg = &w};
	const char *odd = odd_call(run, flags);
	int status;

	if (odd != NULL)
		return tool_misuse(run, odd);
	out_begin(run->out, OUT_FACTS, NULL, record, WAL_FIELDS);
	status = operands_each(&o);
	tool_end(run, NULL);
	return status;
}

/* The row index of delimited text. */

enum { BUILD_FIELDS = 6 };

static void
ask_nothing(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	(void)arg, (void)m, (void)s;
	question_default(q, DRIVER_TABLES, NULL);
}

static int
is_file(const struct source *s, struct fail *f)
{
	if (s->scheme != NULL)
		return fail_set(f, "is no delimited text, whose rows alone want an index"), 0;
	if (s->path == NULL)
		return fail_set(f, "is read once, and has no index of its rows"), 0;
	if (s->compressed)
		return fail_set(f, "is compressed: its rows have no places to go to"), 0;
	return 1;
}

/* What is kept of a file that has just been written proves nothing (stamp.h); one that is written to all the time is said to be
 * so. */
static void
let_settle(const struct source *s)
{
	const struct timespec nap = {.tv_nsec = 100000000};
	struct stat st;

	for (int i = 0; i < 21 && s->size >= CSV_KEPT_LEAST; i++) {
		if (stat(s->path, &st) < 0 || !stamp_young(&st, stamp_now()))
			return;
		nanosleep(&nap, NULL);
	}
}

static enum operands_result
build_one(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	static const char *const states[] = {
	    [CSV_MARKS_SMALL] = "small", [CSV_MARKS_THERE] = "there", [CSV_MARKS_MADE] = "built"};
	struct tool_run *run = arg;
	int64_t began = watch_now();
	struct csv_marks marks;

	if (rows_columns(rows[0], f) < 0 || !is_file(s, f))
		return OPERANDS_FAILED;
	let_settle(s);
	if (csv_count_marks((struct csv_table *)s->database, &marks, f) < 0)
		return OPERANDS_FAILED;
	const int64_t took = (watch_now() - began) / MILLISECOND;
	const int small = marks.state == CSV_MARKS_SMALL;
	const struct rows_cell cells[BUILD_FIELDS] = {
	    rows_text(ref),
	    rows_text(states[marks.state]),
	    small ? rows_null() : rows_integer(m, marks.rows),
	    rows_integer(m, marks.marks),
	    rows_integer(m, marks.bytes),
	    rows_real(m, (double)took / 1000),
	};
	return out_row(run->out, cells, BUILD_FIELDS) < 0 ? OPERANDS_STOP : OPERANDS_DONE;
}

int
index_file_build(struct tool_run *run, const struct index_flags *flags)
{
	static const struct rows_column record[BUILD_FIELDS] = {{"ref", 3, ROWS_TEXT, ""}, {"change", 6, ROWS_TEXT, ""},
	    {"rows", 4, ROWS_INTEGER, ""}, {"marks", 5, ROWS_INTEGER, ""}, {"bytes", 5, ROWS_INTEGER, ""},
	    {"seconds", 7, ROWS_REAL, ""}};
	struct operands o = {
	    .run = run, .split = OPERANDS_FOLDERS, .standard_input = 1, .ask = ask_nothing, .worker = build_one, .arg = run};
	const char *odd = odd_call(run, flags);
	int status;

	if (odd != NULL)
		return tool_misuse(run, odd);
	out_method(run->out, "exact");
	out_begin(run->out, OUT_FACTS, NULL, record, BUILD_FIELDS);
	status = operands_each(&o);
	tool_end(run, NULL);
	return status;
}
