#include "driver.h"

static const struct rows_column tables[DRIVER_TABLES_FIELDS] = {
    {"name", 4, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"rows_estimate", 13, ROWS_INTEGER, ""},
    {"bytes", 5, ROWS_INTEGER, ""},
    {"modified", 8, ROWS_TIMESTAMP, ""},
    {"format", 6, ROWS_TEXT, ""},
    {"compression", 11, ROWS_TEXT, ""},
};

static const struct rows_column columns[DRIVER_COLUMNS_FIELDS] = {
    {"table", 5, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"position", 8, ROWS_INTEGER, ""},
    {"type", 4, ROWS_TEXT, ""},
    {"nullable", 8, ROWS_BOOLEAN, ""},
    {"default", 7, ROWS_TEXT, ""},
    {"key", 3, ROWS_INTEGER, ""},
    {"known", 5, ROWS_TEXT, ""},
};

static const struct rows_column indexes[DRIVER_INDEXES_FIELDS] = {
    {"table", 5, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"columns", 7, ROWS_TEXT, ""},
    {"unique", 6, ROWS_BOOLEAN, ""},
    {"origin", 6, ROWS_TEXT, ""},
    {"partial", 7, ROWS_BOOLEAN, ""},
    {"sql", 3, ROWS_TEXT, ""},
};

static const struct rows_column foreign_keys[DRIVER_FOREIGN_KEYS_FIELDS] = {
    {"table", 5, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"columns", 7, ROWS_TEXT, ""},
    {"parent", 6, ROWS_TEXT, ""},
    {"parent_columns", 14, ROWS_TEXT, ""},
    {"on_update", 9, ROWS_TEXT, ""},
    {"on_delete", 9, ROWS_TEXT, ""},
};

static const struct rows_column count[DRIVER_COUNT_FIELDS] = {
    {"records", 7, ROWS_INTEGER, ""},
    {"lines", 5, ROWS_INTEGER, ""},
    {"bytes", 5, ROWS_INTEGER, ""},
    {"method", 6, ROWS_TEXT, ""},
    {"low", 3, ROWS_INTEGER, ""},
    {"high", 4, ROWS_INTEGER, ""},
};

static const struct rows_column stamp[DRIVER_STAMP_FIELDS] = {
    {"stamp", 5, ROWS_TEXT, ""},
};

const struct driver_fields driver_fields[DRIVER_OPERATIONS] = {
    [DRIVER_TABLES] = {tables, DRIVER_TABLES_FIELDS},
    [DRIVER_COLUMNS] = {columns, DRIVER_COLUMNS_FIELDS},
    [DRIVER_INDEXES] = {indexes, DRIVER_INDEXES_FIELDS},
    [DRIVER_FOREIGN_KEYS] = {foreign_keys, DRIVER_FOREIGN_KEYS_FIELDS},
    [DRIVER_COUNT] = {count, DRIVER_COUNT_FIELDS},
    [DRIVER_STAMP] = {stamp, DRIVER_STAMP_FIELDS},
};

struct rows *
driver_made(struct mem *m, enum driver_operation operation, int (*fill)(struct rows *r, void *arg, struct fail *f), void *arg)
{
	const struct driver_fields *f = &driver_fields[operation];

	return rows_made(m, f->columns, f->n, fill, arg);
}
