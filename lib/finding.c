#include "finding.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "definition.h"
#include "hash.h"
#include "want.h"

static const char *const severities[] = {"error", "warning", "notice"};

const struct rows_column finding_columns[FINDING_FIELDS] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"check", 5, ROWS_TEXT, ""},
    {"verdict", 7, ROWS_TEXT, ""},
    {"severity", 8, ROWS_TEXT, ""},
    {"columns", 7, ROWS_TEXT, ""},
    {"reason", 6, ROWS_TEXT, ""},
    {"sql", 3, ROWS_TEXT, ""},
    {"evidence", 8, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"fingerprint", 11, ROWS_TEXT, ""},
};

/* Each text with the NUL behind it, so that none runs into the next. */
static void
print_of(const struct finding *f, char print[FINDING_PRINT])
{
	const char *const parts[] = {f->check, f->table, f->columns, f->name, f->name == NULL ? f->apart : NULL};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		buf_puts(&b, parts[i] != NULL ? parts[i] : "");
		buf_byte(&b, '\0');
	}
	snprintf(print, FINDING_PRINT, "%016" PRIx64, hash_bytes(b.bytes, b.len));
	buf_free(&b);
}

void
findings_add(struct findings *all, const struct finding *one)
{
	all->list = mem_more(all->m, all->list, all->n, sizeof *all->list);
	all->list[all->n] = *one;
	print_of(one, all->list[all->n++].fingerprint);
}

void
finding_record(const struct finding *f, const char *ref, struct rows_cell cells[FINDING_FIELDS])
{
	cells[FINDING_REF] = rows_text(ref);
	cells[FINDING_CHECK] = rows_text(f->check);
	cells[FINDING_VERDICT] = rows_text(f->verdict);
	cells[FINDING_SEVERITY] = rows_text(severities[f->severity]);
	cells[FINDING_COLUMNS] = rows_text_or_null(f->columns);
	cells[FINDING_REASON] = rows_text(f->reason);
	cells[FINDING_SQL] = rows_text_or_null(f->sql);
	cells[FINDING_EVIDENCE] = rows_text_or_null(f->evidence != NULL && *f->evidence != '\0' ? f->evidence : NULL);
	cells[FINDING_NAME] = rows_text_or_null(f->name);
	cells[FINDING_FINGERPRINT] = rows_text(f->fingerprint);
}

const char *
finding_text(struct mem *m, const char *format, ...)
{
	struct buf b = {0};
	va_list args;

	va_start(args, format);
	buf_vprintf(&b, format, args);
	va_end(args);
	return buf_kept(m, &b);
}

static void
add_number(struct buf *b, const char *name, uint64_t n)
{
	if (n != CATALOG_UNKNOWN)
		buf_printf(b, "%s%s=%" PRIu64, b->len > 0 ? " " : "", name, n);
}

const char *
finding_evidence(struct mem *m, const struct catalog_table *t, const struct catalog_index *x)
{
	struct buf b = {0};

	if (t != NULL)
		add_number(&b, "rows", t->rows);
	add_number(&b, "bytes", x != NULL ? x->bytes : t != NULL ? t->bytes : CATALOG_UNKNOWN);
	if (x != NULL) {
		add_number(&b, "scans", x->scans);
		if (x->since != NULL)
			buf_printf(&b, "%ssince=%s", b.len > 0 ? " " : "", x->since);
	}
	return buf_kept(m, &b);
}

int
finding_is_index(const struct catalog_index *x)
{
	return x->origin == NULL || strcmp(x->origin, "rowid") != 0;
}

const char *
finding_keys(struct mem *m, enum index_sql_dialect dialect, const struct catalog_index *x)
{
	struct driver_index definition;
	struct buf b = {0};

	definition_of(m, dialect, x, &definition);
	want_write_keys(&b, &definition, ",");
	return buf_kept(m, &b);
}

static const char *
statement(const struct findings *all, const struct catalog_table *t, const struct catalog_index *x,
    void (*write)(struct buf *b, enum index_sql_dialect dialect, const char *table, const char *name))
{
	struct buf b = {0};

	if (t->partitioned)
		return NULL;
	write(&b, all->dialect, t->name, x->name);
	return buf_kept(all->m, &b);
}

const char *
finding_drop(const struct findings *all, const struct catalog_table *t, const struct catalog_index *x)
{
	return statement(all, t, x, index_sql_drop);
}

const char *
finding_rebuild(const struct findings *all, const struct catalog_table *t, const struct catalog_index *x)
{
	return statement(all, t, x, index_sql_rebuild);
}
