#include "warmup.h"

#include <string.h>
#include <time.h>

#include "ref.h"
#include "stamp.h"
#include "usual.h"

enum {
	TOGETHER = 32, /* answers asked for before the first is read */
	SETTLING = 2,  /* seconds after which a file's last change proves something (stamp.h) */
};

static const int64_t SECOND = INT64_C(1000000000);

/* What is to be come back to. */
struct warmup_later {
	struct warmup_later *next;
	enum usual what;
	const char *table;
};

/* An answer that is asked for, of a source of its own: delimited text is read by one at a time. */
struct item {
	struct item *next;
	struct warm warm;
	struct source source;
	enum usual what;
	const char *table; /* of the reference, that the question is about; NULL: its database */
};

/* Those that are asked for together, all about one reference. */
struct round {
	struct warmup_reference *of;
	int last; /* nothing is put off any more */
	int lost; /* its database answers nothing any more */
	struct mem mem;
	struct item *first, **end;
	size_t n;
};

static int
is_over(const struct warmup *w)
{
	return w->until != 0 && watch_now() >= w->until;
}

/* Once for several answers that fail alike. */
static void
complain(struct warmup *w, const char *ref, const struct fail *f)
{
	if (strcmp(f->text, w->said.text) == 0 && strcmp(ref, buf_string(&w->said_of)) == 0)
		return;
	tool_complain(w->run, ref, f->text);
	w->said = *f;
	w->said_of.len = 0;
	buf_puts(&w->said_of, ref);
}

/* That a database is lost is said once, and a server that is is not tried again for other references. */
static void
fail_answer(struct warmup *w, struct round *b, const struct source *s, const char *ref, const struct fail *f)
{
	b->of->tally.failed++;
	if (!b->lost)
		complain(w, ref, f);
	b->lost |= s->shared && s->database->lost;
	if (b->lost && s->server != NULL && w->lost == NULL) {
		w->lost = mem_string(&w->mem, s->server);
		w->why = *f;
	}
}

/* Opening. */

static struct source_options
options_of(struct warmup *w)
{
	return (struct source_options){.watch = &w->watch,
	    .reader = w->reader,
	    .cache = &w->answers.cache,
	    .refresh = w->run->settings.refresh,
	    .helpers = &w->helpers};
}

static int
open_reference(struct warmup *w, struct mem *m, struct source *s, const struct warmup_reference *r, struct fail *f)
{
	const struct source_options options = options_of(w);
	struct ref ref;

	if (ref_parse(m, r->text, r->raw, &ref, f) < 0)
		return -1;
	if (ref.standard_input)
		return fail_set(f, "what comes on standard input is never kept");
	if (source_open(s, m, &ref, &options, f) < 0)
		return -1;
	if (s->server == NULL || w->lost == NULL || strcmp(s->server, w->lost) != 0)
		return 0;
	*f = w->why;
	return -1;
}

/* What the questions about `table` of the reference are asked of; NULL: about the database. */
static int
open_table(
    struct warmup *w, struct mem *m, struct source *s, const struct warmup_reference *r, const char *table, struct fail *f)
{
	const struct source_options options = options_of(w);
	struct source folder;

	if (open_reference(w, m, s, r, f) < 0)
		return -1;
	s->table = table != NULL ? mem_string(m, table) : NULL;
	if (!s->folder || table == NULL)
		return 0;
	folder = *s;
	return source_open_table(s, m, &folder, table, &options, f);
}

/* Asking. */

static void
put_off(struct warmup *w, struct warmup_reference *r, const struct item *item)
{
	struct warmup_later *l = mem_alloc(&w->mem, sizeof *l);

	*l = (struct warmup_later){r->later, item->what, item->table != NULL ? mem_string(&w->mem, item->table) : NULL};
	r->later = l;
	r->tally.later++;
	w->young |= item->source.proof.young;
}

/* Another process was at it to the last. */
static void
give_up(struct warmup *w, struct warmup_reference *r, const char *ref)
{
	if (is_over(w)) {
		r->tally.skipped++;
		return;
	}
	r->tally.failed++;
	complain(w, ref, &(struct fail){"another process is still asking for it"});
}

static void
end_item(struct warmup *w, struct round *b, struct item *item)
{
	struct warmup_tally *t = &b->of->tally;
	const char *ref = source_ref(&item->source, &b->mem, item->source.table);
	struct fail f;

	switch (warm_end(&item->warm, &f)) {
	case WARM_FRESH:
		t->fresh++;
		break;
	case WARM_STORED:
		t->warmed++;
		break;
	case WARM_LATER:
		if (b->last)
			give_up(w, b->of, ref);
		else
			put_off(w, b->of, item);
		break;
	case WARM_FAILED:
		fail_answer(w, b, &item->source, ref, &f);
		break;
	default:
		t->not_kept++;
		break;
	}
	source_close(&item->source);
}

static void
end_round(struct warmup *w, struct round *b)
{
	pool_go(&w->helpers);
	for (struct item *i = b->first; i != NULL; i = i->next)
		end_item(w, b, i);
	mem_free(&b->mem);
	b->first = NULL;
	b->end = &b->first;
	b->n = 0;
}

/* Begins one answer of those that are wanted. */
static void
begin(struct warmup *w, struct round *b, enum usual what, const char *table)
{
	struct item *i;
	struct fail f;

	if ((w->kinds & 1u << what) == 0)
		return;
	if (is_over(w)) {
		b->of->tally.skipped++;
		return;
	}
	if (b->lost) {
		b->of->tally.failed++;
		return;
	}
	i = mem_alloc(&b->mem, sizeof *i);
	*i = (struct item){.what = what, .table = table != NULL ? mem_string(&b->mem, table) : NULL};
	if (open_table(w, &b->mem, &i->source, b->of, i->table, &f) < 0) {
		b->of->tally.failed++;
		complain(w, b->of->ref, &f);
		return;
	}
	i->warm = (struct warm){.all = &w->warming, .m = &b->mem, .source = &i->source, .last = b->last};
	usual_question(&i->warm.question, &b->mem, what, &i->source);
	warm_begin(&i->warm);
	*b->end = i;
	b->end = &i->next;
	if (++b->n == TOGETHER)
		end_round(w, b);
}

static void
begin_some(struct warmup *w, struct round *b, enum usual from, enum usual end, const char *table)
{
	for (enum usual what = from; what < end; what++)
		begin(w, b, what, table);
}

/* What is asked of each table of a database begins there: those of a folder are files, each with a schema of its own. */
static enum usual
of_each(const struct source *s)
{
	return s->folder ? USUAL_COLUMNS : USUAL_PREVIEW;
}

static int
begin_tables(struct warmup *w, struct round *b, struct mem *m, struct source *s, struct fail *f)
{
	struct question q;
	struct rows *tables;
	int more;

	question_default(&q, DRIVER_TABLES, NULL);
	tables = answer_ask(&w->answers, m, s, &q);
	more = rows_columns(tables, f);
	while (more >= 0 && (more = rows_next(tables, f)) > 0)
		begin_some(w, b, of_each(s), USUALS, mem_copy(m, tables->cells[0].bytes, tables->cells[0].len));
	if (more >= 0) {
		tool_notes(w->run, b->of->ref, tables);
		b->of->tally.failed += tables->faults;
	}
	rows_close(tables);
	return more < 0 ? -1 : 0;
}

static void
begin_all(struct warmup *w, struct round *b, struct mem *m, struct source *s)
{
	const int database = s->folder || (s->shared && s->table == NULL);
	struct fail f;

	begin(w, b, USUAL_LIST, NULL);
	if (!s->folder)
		begin_some(w, b, USUAL_COLUMNS, USUAL_PREVIEW, s->table);
	if (!database) {
		begin_some(w, b, USUAL_PREVIEW, USUALS, s->table);
		return;
	}
	/* So that the list is there for the names of the tables. */
	end_round(w, b);
	if (w->kinds >> of_each(s) != 0 && begin_tables(w, b, m, s, &f) < 0)
		fail_answer(w, b, s, b->of->ref, &f);
}

const char *
warmup_shown(struct mem *m, const struct warmup_reference *r)
{
	struct buf b = {0};
	struct ref ref;
	struct fail f;

	if (r->raw)
		ref_path(&b, r->text);
	else if (ref_parse(m, r->text, 0, &ref, &f) == 0 && ref.scheme != NULL)
		ref_server(&b, r->text);
	else
		ref_redact(&b, r->text);
	return buf_kept(m, &b);
}

void
warmup_do(struct warmup *w, struct warmup_reference *r)
{
	struct round b = {.of = r};
	struct mem m = {0};
	struct source s = {0};
	struct fail f;

	b.end = &b.first;
	r->tally.time -= watch_now();
	r->ref = warmup_shown(&w->mem, r);
	if (open_reference(w, &m, &s, r, &f) == 0) {
		r->ref = source_ref(&s, &w->mem, s.table);
		begin_all(w, &b, &m, &s);
		end_round(w, &b);
		source_close(&s);
	} else {
		r->tally.failed++;
		complain(w, r->ref, &f);
	}
	mem_free(&m);
	if (pool_full(&w->helpers))
		pool_close(&w->helpers);
	r->tally.time += watch_now();
}

/* Once for all that was put off: a file that is young even then is being written to. */
static void
settle(struct warmup *w)
{
	int64_t rest = SETTLING * SECOND, left = w->warming.until - watch_now();

	if (w->warming.until != 0 && left < rest)
		rest = left > 0 ? left : 0;
	nanosleep(&(struct timespec){.tv_sec = rest / SECOND, .tv_nsec = rest % SECOND}, NULL);
	w->young = 0;
}

void
warmup_again(struct warmup *w, struct warmup_reference *r)
{
	struct round b = {.of = r, .last = 1};
	struct warmup_later *later = r->later;

	b.end = &b.first;
	if (w->young)
		settle(w);
	r->tally.time -= watch_now();
	r->tally.later = 0;
	r->later = NULL;
	/* One by one: nobody waits while another waits for him. */
	for (; later != NULL; later = later->next) {
		begin(w, &b, later->what, later->table);
		end_round(w, &b);
	}
	if (pool_full(&w->helpers))
		pool_close(&w->helpers);
	r->tally.time += watch_now();
}

void
warmup_start(struct warmup *w, const struct tool_run *run)
{
	const int64_t deadline = run->watch.deadline;

	w->run = run;
	w->watch = run->watch;
	w->watch.progress = NULL;
	/* The list of a database's tables has been made sure of before it is read. */
	w->settings = run->settings;
	w->settings.refresh = 0;
	w->settings.swr = 0;
	/* Nobody has looked. */
	w->settings.metrics = 0;
	answers_start(&w->answers, run->tool->name, &w->settings, &w->reader, &w->watch);
	w->warming = (struct warming){.settings = &run->settings,
	    .reader = &w->reader,
	    .cache = &w->answers.cache,
	    .expiring = w->expiring,
	    .since = stamp_now(),
	    .until = w->until != 0 && (deadline == 0 || w->until < deadline) ? w->until : deadline};
}

void
warmup_end(struct warmup *w)
{
	pool_close(&w->helpers);
	answers_end(&w->answers);
	cache_close(&w->answers.cache);
	buf_free(&w->said_of);
	mem_free(&w->mem);
}
