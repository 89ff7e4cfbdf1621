#include "warmups.h"

#include <string.h>

#include "crew.h"

static struct warmup_reference *
reference(struct warmups *w, size_t i)
{
	return (struct warmup_reference *)(void *)w->references.bytes + i;
}

void
warmups_add(struct warmups *w, const char *text, int raw)
{
	const struct warmup_reference r = {.text = mem_string(&w->run->mem, text), .raw = raw};

	buf_add(&w->references, &r, sizeof r);
	w->n++;
}

/* In a process of the crew. */

/* The tally, and the reference as it is printed. */
static int
tell(struct warmups *w, size_t i, struct fail *f)
{
	const struct warmup_reference *r = reference(w, i);
	struct buf b = {0};
	int told;

	buf_add(&b, &r->tally, sizeof r->tally);
	buf_puts(&b, r->ref);
	told = crew_tell(i, b.bytes, b.len, f);
	buf_free(&b);
	return told;
}

static int
work_on_jobs(struct warmups *w, struct fail *f)
{
	int more = 0;
	size_t i;

	while ((more = crew_job(&i, f)) > 0) {
		warmup_do(&w->each, reference(w, i));
		if (tell(w, i, f) < 0)
			return -1;
	}
	for (i = 0; more == 0 && i < w->n; i++) {
		if (reference(w, i)->later != NULL) {
			warmup_again(&w->each, reference(w, i));
			more = tell(w, i, f);
		}
	}
	return more;
}

static int
work(void *arg)
{
	struct warmups *w = arg;
	struct fail f;
	int done;

	/* The parent's output is not this process's to show. */
	w->run->out = NULL;
	warmup_start(&w->each, w->run);
	done = work_on_jobs(w, &f);
	if (done < 0)
		tool_complain(w->run, NULL, f.text);
	warmup_end(&w->each);
	return done < 0 ? TOOL_NONE : TOOL_DONE;
}

/* In the parent. */

static int
may_begin(void *arg)
{
	const struct warmups *w = arg;

	return w->each.until == 0 || watch_now() < w->each.until;
}

/* In the order in which they were given. */
static void
give(struct warmups *w)
{
	while (w->given < w->n && reference(w, w->given)->ref != NULL && reference(w, w->given)->tally.later == 0)
		w->done(w->arg, reference(w, w->given++));
}

static void
told(void *arg, size_t job, const void *bytes, size_t len)
{
	struct warmups *w = arg;
	struct warmup_reference *r = reference(w, job);

	memcpy(&r->tally, bytes, sizeof r->tally);
	r->ref = mem_copy(&w->run->mem, (const char *)bytes + sizeof r->tally, len - sizeof r->tally);
	give(w);
}

static void
lost(void *arg, size_t job, const struct fail *why)
{
	struct warmups *w = arg;
	struct warmup_reference *r = reference(w, job);

	r->ref = warmup_shown(&w->run->mem, r);
	r->tally.failed++;
	tool_complain(w->run, r->ref, why->text);
	give(w);
}

/* What nothing was told of at last: what was put off by a process that died, and what was not begun. */
static void
settle(struct warmups *w, int failed)
{
	for (size_t i = w->given; i < w->n; i++) {
		struct warmup_reference *r = reference(w, i);

		if (r->ref == NULL) {
			r->ref = warmup_shown(&w->run->mem, r);
			r->tally.skipped += !failed;
			r->tally.failed += failed;
		} else if (r->tally.later > 0) {
			r->tally.failed += r->tally.later;
			tool_complain(w->run, r->ref, "the process that was to come back to it has died");
		}
		w->done(w->arg, r);
	}
}

int
warmups_run(struct warmups *w, struct fail *f)
{
	const struct crew crew = {.jobs = w->n,
	    .processes = w->processes,
	    .work = work,
	    .may_begin = may_begin,
	    .told = told,
	    .lost = lost,
	    .arg = w};
	int done = crew_run(&crew, f);

	settle(w, done < 0);
	return done;
}

void
warmups_free(struct warmups *w)
{
	buf_free(&w->references);
}
