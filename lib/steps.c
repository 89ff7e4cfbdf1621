#include "steps.h"

#include <string.h>

#include "driver.h"
#include "number.h"

const char *const steps_access_names[] = {"scan", "search", "sort", "other"};

/* The fields of the answer. */
enum { NUMBER, ACCESS = 2, TABLE, INDEX, COVERING, DETAIL };

static const char *
text(struct mem *m, const struct rows *rows, size_t i)
{
	const struct rows_cell *c = &rows->cells[i];

	return i < rows->ncells && c->type != ROWS_NULL ? mem_copy(m, c->bytes, c->len) : NULL;
}

static enum steps_access
access_of(const char *name)
{
	for (enum steps_access a = STEPS_SCAN; name != NULL && a < STEPS_OTHER; a++) {
		if (strcmp(name, steps_access_names[a]) == 0)
			return a;
	}
	return STEPS_OTHER;
}

static struct step
take(struct mem *m, const struct rows *rows)
{
	const char *number = text(m, rows, NUMBER), *covering = text(m, rows, COVERING);
	struct step p = {.access = access_of(text(m, rows, ACCESS)),
	    .table = text(m, rows, TABLE),
	    .index = text(m, rows, INDEX),
	    .covering = covering != NULL && strcmp(covering, "true") == 0,
	    .detail = text(m, rows, DETAIL)};
	struct fail ignored;

	if (number == NULL || number_integer(number, 0, UINT64_MAX, &p.number, &ignored) < 0)
		p.number = 0;
	return p;
}

int
steps_read(struct steps *s, struct mem *m, struct rows *rows, struct fail *f)
{
	int more = rows_columns(rows, f);

	*s = (struct steps){0};
	while (more >= 0 && (more = rows_next(rows, f)) > 0) {
		s->list = mem_more(m, s->list, s->n, sizeof *s->list);
		s->list[s->n++] = take(m, rows);
	}
	return more;
}

static int
reads(const struct step *p, const char *table)
{
	return p->table != NULL && (p->access == STEPS_SCAN || p->access == STEPS_SEARCH) && strcmp(p->table, table) == 0;
}

const struct step *
steps_reading(const struct steps *s, const char *table, size_t which)
{
	for (size_t i = 0; i < s->n; i++) {
		if (reads(&s->list[i], table) && which-- == 0)
			return &s->list[i];
	}
	return NULL;
}

size_t
steps_count(const struct steps *s, enum steps_access access)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->list[i].access == access;
	return n;
}
