#include "operands.h"

#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "lines.h"

enum { AHEAD = 256 }; /* operands asked for before the first is worked on */

static void
judge(struct operands *o, enum operands_result r, const char *ref, const struct fail *f)
{
	o->done += r == OPERANDS_DONE || r == OPERANDS_PARTLY;
	o->failed += r == OPERANDS_FAILED || r == OPERANDS_PARTLY;
	o->stop |= r == OPERANDS_STOP;
	if (r == OPERANDS_FAILED)
		tool_complain(o->run, ref, f->text);
}

static struct source_options
options_of(struct operands *o)
{
	return (struct source_options){.watch = &o->run->watch,
	    .reader = o->reader,
	    .standard_input = &o->readers,
	    .cache = o->run->settings.no_cache ? NULL : &o->answers->cache,
	    .refresh = o->run->settings.refresh,
	    .helpers = &o->helpers};
}

static size_t
questions(const struct operands *o)
{
	return o->questions > 0 ? o->questions : 1;
}

static void
ask(struct operands *o, struct mem *m, struct source *s, struct rows **rows)
{
	size_t n = questions(o);
	struct question one = {0}, *q = n == 1 ? &one : mem_array(m, n, sizeof *q);

	for (size_t i = 0; i < n; i++)
		q[i].request.table = s->table;
	o->ask(o->arg, m, s, q);
	for (size_t i = 0; i < n; i++)
		rows[i] = answer_ask(o->answers, m, s, &q[i]);
}

static void
close_all(const struct operands *o, struct rows *const *rows)
{
	for (size_t i = 0; i < questions(o); i++)
		rows_close(rows[i]);
}

static struct rows *
ask_tables(struct operands *o, struct mem *m, struct source *s)
{
	struct question q;

	question_default(&q, DRIVER_TABLES, NULL);
	return answer_ask(o->answers, m, s, &q);
}

/* Asks, and works on the answer. */
static enum operands_result
work(struct operands *o, struct mem *m, struct source *s, const char *ref, struct fail *f)
{
	struct rows *rows[OPERANDS_QUESTIONS];
	enum operands_result r;

	ask(o, m, s, rows);
	r = o->worker(o->arg, m, s, ref, rows, f);
	close_all(o, rows);
	return r;
}

/* An operand whose answer comes from a helper, and has been asked for. */
struct job {
	struct job *next;
	struct mem mem;
	struct source source;
	const char *ref;
	struct rows *rows[OPERANDS_QUESTIONS];
	int each; /* the one answer is the list of tables, each of which is then an operand */
};

/* Takes the arena over: the answer goes on allocating in it, in the job's. */
static struct job *
new_job(struct operands *o, const struct source *s, struct mem *from, const char *table)
{
	struct job *j = mem_alloc(from, sizeof *j);
	struct mem *m = &j->mem;

	*m = *from;
	*from = (struct mem){0};
	j->source = *s;
	j->source.table = table;
	j->ref = source_ref(s, m, table);
	j->each = o->split == OPERANDS_TABLES && table == NULL;
	if (j->each)
		j->rows[0] = ask_tables(o, m, &j->source);
	else
		ask(o, m, &j->source, j->rows);
	return j;
}

static void
end_job(const struct operands *o, struct job *j)
{
	struct mem m;

	/* Closing may still allocate.  The job itself is in its arena. */
	if (j->each)
		rows_close(j->rows[0]);
	else
		close_all(o, j->rows);
	m = j->mem;
	mem_free(&m);
}

/* Works on the next tables of a list, which have been asked for.  -1 where the database is lost: that is said once, not for
 * each table that is left. */
static int
work_tables(struct operands *o, struct job **jobs, size_t n)
{
	int lost = 0;

	for (size_t i = 0; i < n; i++) {
		struct job *j = jobs[i];
		enum operands_result r;
		struct fail why;

		if (!o->stop && !lost) {
			r = o->worker(o->arg, &j->mem, &j->source, j->ref, j->rows, &why);
			judge(o, r, j->ref, &why);
			lost = r == OPERANDS_FAILED && j->source.database->lost;
		}
		end_job(o, j);
	}
	return lost ? -1 : 0;
}

/* Each table of a database that a helper has listed. */
static enum operands_result
each_table(struct operands *o, struct job *list, struct fail *f)
{
	/* Not on the stack: a hit runs beside it, and would touch a page more. */
	struct job **jobs = mem_array(&list->mem, AHEAD, sizeof(struct job *));
	size_t n = 0;
	int more = rows_columns(list->rows[0], f), lost = 0;

	if (more < 0)
		return OPERANDS_FAILED;
	while (!o->stop && !lost && (more = rows_next(list->rows[0], f)) > 0) {
		struct mem m = {0};

		jobs[n++] = new_job(
		    o, &list->source, &m, mem_copy(&m, list->rows[0]->cells[0].bytes, list->rows[0]->cells[0].len));
		if (n == AHEAD) {
			lost = work_tables(o, jobs, n);
			n = 0;
		}
	}
	lost |= work_tables(o, jobs, n);
	if (more < 0 && !lost)
		return OPERANDS_FAILED;
	tool_notes(o->run, list->ref, list->rows[0]);
	o->failed += list->rows[0]->faults > 0;
	return OPERANDS_JUDGED;
}

/* Once a command, and where it led somewhere: else what is wrong says enough. */
static void
warn_of_password(struct operands *o, const char *reference)
{
	if (reference == NULL || o->warned || o->run->settings.quiet || !ref_has_password(reference))
		return;
	tool_complain(o->run, NULL,
	    "a password in a reference can be seen in lists of processes and in histories: PostgreSQL's clients take it from "
	    "~/.pgpass, PGPASSWORD or a service file");
	o->warned = 1;
}

/* True where others than the database of `j` are still to be done. */
static int
others_wait(const struct job *j, int more)
{
	for (const struct job *k = j->next; k != NULL; k = k->next) {
		if (k->source.database != j->source.database)
			return 1;
	}
	return more;
}

/* Works on all that has been asked for.  `more`: there are other operands behind. */
static void
settle(struct operands *o, int more)
{
	struct job *j = o->first, *next;

	pool_go(&o->helpers);
	o->first = o->last = NULL;
	o->jobs = 0;
	for (; j != NULL; j = next) {
		enum operands_result r;
		struct fail why;

		next = j->next;
		o->run->watch.behind = others_wait(j, more);
		if (!o->stop) {
			r = j->each ? each_table(o, j, &why) : o->worker(o->arg, &j->mem, &j->source, j->ref, j->rows, &why);
			judge(o, r, j->ref, &why);
			warn_of_password(o, r != OPERANDS_FAILED ? j->source.server : NULL);
		}
		end_job(o, j);
	}
}

/* Each table of a folder, as an operand of its own. */
static enum operands_result
each_file(struct operands *o, struct mem *m, struct source *folder, struct fail *f)
{
	const struct source_options options = options_of(o);
	const struct driver_request list = {.operation = DRIVER_TABLES};
	/* What is in a folder is never kept, and part of no answer. */
	struct rows *tables = source_ask(folder, m, &list);
	enum operands_result r = OPERANDS_FAILED;
	int more;

	if (rows_columns(tables, f) < 0)
		goto end;
	/* The tables are judged one by one; the folder itself only counts where something of it could not be had. */
	while ((more = rows_next(tables, f)) > 0 && !o->stop) {
		struct mem inner = {0};
		const char *name = mem_copy(&inner, tables->cells[0].bytes, tables->cells[0].len);
		const char *ref = source_ref(folder, &inner, name);
		enum operands_result one = OPERANDS_FAILED;
		/* Not on the stack, as above. */
		struct source *table = mem_alloc(&inner, sizeof *table);
		struct fail *why = mem_alloc(&inner, sizeof *why);

		if (source_open_table(table, &inner, folder, name, &options, why) == 0) {
			one = work(o, &inner, table, ref, why);
			source_close(table);
		}
		judge(o, one, ref, why);
		mem_free(&inner);
		settle(o, o->more);
	}
	if (more < 0)
		goto end;
	tool_notes(o->run, source_ref(folder, m, NULL), tables);
	o->failed += tables->faults > 0;
	r = OPERANDS_JUDGED;
end:
	rows_close(tables);
	return r;
}

/* Asks for what a helper will answer.  One database too many waits until those before it are done. */
static void
ask_ahead(struct operands *o, struct mem *m, const struct source *s)
{
	struct job *j;

	if (pool_over(&o->helpers)) {
		settle(o, 1);
		pool_close_others(&o->helpers);
	}
	j = new_job(o, s, m, s->table);
	if (o->last != NULL)
		o->last->next = j;
	else
		o->first = j;
	o->last = j;
	if (++o->jobs == AHEAD)
		settle(o, o->more);
}

/* `raw`: the text comes from a program that knows nothing of references, such as find(1) with -print0. */
static void
one(struct operands *o, const char *text, int raw)
{
	const struct source_options options = options_of(o);
	enum operands_result r = OPERANDS_FAILED;
	const char *shown;
	struct mem m = {0};
	struct source s;
	struct ref ref;
	struct fail f;

	o->shown.len = 0;
	ref_redact(&o->shown, text);
	shown = buf_string(&o->shown);
	if (o->take != NULL) {
		warn_of_password(o, text);
		r = o->take(o->arg, text, raw, &f);
	} else if (ref_parse(&m, text, raw, &ref, &f) == 0 && source_open(&s, &m, &ref, &options, &f) == 0) {
		if (s.shared) {
			ask_ahead(o, &m, &s);
			return;
		}
		settle(o, 1);
		shown = source_ref(&s, &m, s.table);
		r = o->split != OPERANDS_WHOLE && s.folder ? each_file(o, &m, &s, &f) : work(o, &m, &s, shown, &f);
		source_close(&s);
	}
	settle(o, 1);
	judge(o, r, shown, &f);
	mem_free(&m);
}

/* A file that was meant to be read itself has a complaint for each of its lines: behind the first one stands what to do. */
static void
explain_input(struct operands *o, const char *first)
{
	if (o->failed > 0 && strpbrk(first, ",;|") != NULL && !o->run->settings.quiet)
		tool_complain(o->run, NULL,
		    "references are read on standard input, as -f tsv and json print them: the name of a table that is read there is "
		    "csv:-");
}

/* Does the references that are there. */
static void
take_lines(struct operands *o, struct lines *lines)
{
	struct buf ref = {0};
	struct fail f;
	int r;

	while (!o->stop && (r = lines_next(lines, &ref, &f)) != 0) {
		int first = o->done + o->failed == 0;

		if (r > 0)
			one(o, buf_string(&ref), lines->nul);
		else
			judge(o, OPERANDS_FAILED, "standard input", &f);
		if (first && r > 0)
			explain_input(o, buf_string(&ref));
	}
	buf_free(&ref);
}

static void
from_standard_input(struct operands *o)
{
	struct lines lines = {.nul = o->run->settings.nul};
	struct fail f;
	ssize_t n = 1;

	if (o->readers++ > 0) {
		judge(o, OPERANDS_FAILED, "-", &(struct fail){"standard input can be read only once"});
		return;
	}
	o->more = 1;
	while (!o->stop && n > 0) {
		n = file_read(STDIN_FILENO, lines_room(&lines, INPUT_BLOCK), INPUT_BLOCK, &o->run->watch, 0, 0, &f);
		if (n < 0)
			judge(o, OPERANDS_FAILED, "standard input", &f);
		if (n > 0)
			lines_put(&lines, (size_t)n);
		else
			lines_end(&lines);
		o->more = n > 0;
		take_lines(o, &lines);
		/* Who pipes references in slowly sees their answers as they come. */
		settle(o, o->more);
	}
	lines_free(&lines);
}

/* What else the answers hold goes with the process. */
static void
end_answers(void *arg)
{
	answers_end(arg);
}

static void
warn_of_cache(const struct tool_run *run, const char *why)
{
	struct fail f;

	fail_set(&f, "the cache is not used: %.400s", why);
	tool_complain(run, NULL, f.text);
}

/* The answers outlive the operands: what is old of them is refreshed behind the command. */
static void
start_answers(struct operands *o)
{
	struct tool_run *run = o->run;

	o->answers = mem_alloc(&run->mem, sizeof *o->answers);
	answers_start(o->answers, run->tool->name, &run->settings, &o->reader, &run->watch);
	run->behind = end_answers;
	run->behind_arg = o->answers;
}

int
operands_each(struct operands *o)
{
	struct tool_run *run = o->run;

	_Static_assert((int)TOOL_PARALLEL == (int)POOL_HELPERS, "what --parallel may be is what there can be");
	o->helpers.most = (size_t)run->settings.parallel;
	start_answers(o);
	if (run->noperands == 0) {
		if (!o->standard_input)
			return TOOL_DONE;
		if (isatty(STDIN_FILENO))
			return tool_misuse(run, "name a table, or pipe references in");
		from_standard_input(o);
	}
	for (size_t i = 0; i < run->noperands && !o->stop; i++) {
		o->more = i + 1 < run->noperands;
		if (strcmp(run->operands[i], "-") == 0)
			from_standard_input(o);
		else
			one(o, run->operands[i], 0);
	}
	settle(o, o->more);
	pool_close(&o->helpers);
	buf_free(&o->shown);
	if (o->answers->cache.warning != NULL && !run->settings.quiet)
		warn_of_cache(run, o->answers->cache.warning);
	if (o->failed == 0)
		return TOOL_DONE;
	return o->done > 0 ? TOOL_SOME : TOOL_NONE;
}
