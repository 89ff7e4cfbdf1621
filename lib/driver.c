#include "driver.h"

static const struct rows_column tables[DRIVER_TABLES_FIELDS] = {
    {"name", 4, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"rows_estimate", 13, ROWS_INTEGER, ""},
    {"bytes", 5, ROWS_INTEGER, ""},
    {"modified", 8, ROWS_TIMESTAMP, ""},
    {"format", 6, ROWS_TEXT, ""},
    {"compression", 11, ROWS_TEXT, ""},
    {"coverage", 8, ROWS_TEXT, ""},
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
    {"method", 6, ROWS_TEXT, ""},
    {"predicate", 9, ROWS_TEXT, ""},
    {"valid", 5, ROWS_BOOLEAN, ""},
    {"building", 8, ROWS_BOOLEAN, ""},
    {"replica", 7, ROWS_BOOLEAN, ""},
    {"of", 2, ROWS_TEXT, ""},
    {"root", 4, ROWS_TEXT, ""},
    {"bytes", 5, ROWS_INTEGER, ""},
    {"scans", 5, ROWS_INTEGER, ""},
    {"since", 5, ROWS_TIMESTAMP, ""},
    {"clustered", 9, ROWS_BOOLEAN, ""},
};

static const struct rows_column foreign_keys[DRIVER_FOREIGN_KEYS_FIELDS] = {
    {"table", 5, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"columns", 7, ROWS_TEXT, ""},
    {"parent", 6, ROWS_TEXT, ""},
    {"parent_columns", 14, ROWS_TEXT, ""},
    {"on_update", 9, ROWS_TEXT, ""},
    {"on_delete", 9, ROWS_TEXT, ""},
    {"number", 6, ROWS_INTEGER, ""},
    {"found", 5, ROWS_BOOLEAN, ""},
    {"identified", 10, ROWS_BOOLEAN, ""},
    {"valid", 5, ROWS_BOOLEAN, ""},
    {"root", 4, ROWS_TEXT, ""},
};

static const struct rows_column index_keys[DRIVER_INDEX_KEYS_FIELDS] = {
    {"table", 5, ROWS_TEXT, ""},
    {"index", 5, ROWS_TEXT, ""},
    {"position", 8, ROWS_INTEGER, ""},
    {"column", 6, ROWS_TEXT, ""},
    {"expression", 10, ROWS_TEXT, ""},
    {"included", 8, ROWS_BOOLEAN, ""},
    {"descending", 10, ROWS_BOOLEAN, ""},
    {"nulls_first", 11, ROWS_BOOLEAN, ""},
    {"collation", 9, ROWS_TEXT, ""},
    {"collated", 8, ROWS_BOOLEAN, ""},
    {"family", 6, ROWS_TEXT, ""},
    {"class", 5, ROWS_TEXT, ""},
};

static const struct rows_column foreign_key_columns[DRIVER_FOREIGN_KEY_COLUMNS_FIELDS] = {
    {"table", 5, ROWS_TEXT, ""},
    {"number", 6, ROWS_INTEGER, ""},
    {"position", 8, ROWS_INTEGER, ""},
    {"column", 6, ROWS_TEXT, ""},
    {"parent_column", 13, ROWS_TEXT, ""},
    {"collation", 9, ROWS_TEXT, ""},
    {"families", 8, ROWS_TEXT, ""},
    {"collated", 8, ROWS_BOOLEAN, ""},
};

static const struct rows_column schema[DRIVER_SCHEMA_FIELDS] = {
    {"table", 5, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"position", 8, ROWS_INTEGER, ""},
    {"definition", 10, ROWS_TEXT, ""},
};

static const struct rows_column explain[DRIVER_EXPLAIN_FIELDS] = {
    {"step", 4, ROWS_INTEGER, ""},
    {"parent", 6, ROWS_INTEGER, ""},
    {"access", 6, ROWS_TEXT, ""},
    {"table", 5, ROWS_TEXT, ""},
    {"index", 5, ROWS_TEXT, ""},
    {"covering", 8, ROWS_BOOLEAN, ""},
    {"detail", 6, ROWS_TEXT, ""},
    {"rows", 4, ROWS_INTEGER, ""},
};

static const struct rows_column change[DRIVER_CHANGE_FIELDS] = {
    {"phase", 5, ROWS_TEXT, ""},
    {"done", 4, ROWS_INTEGER, ""},
    {"total", 5, ROWS_INTEGER, ""},
    {"detail", 6, ROWS_TEXT, ""},
};

static const struct rows_column count[DRIVER_COUNT_FIELDS] = {
    {"records", 7, ROWS_INTEGER, ""},
    {"lines", 5, ROWS_INTEGER, ""},
    {"bytes", 5, ROWS_INTEGER, ""},
    {"method", 6, ROWS_TEXT, ""},
    {"low", 3, ROWS_INTEGER, ""},
    {"high", 4, ROWS_INTEGER, ""},
    {"as_of", 5, ROWS_TIMESTAMP, ""},
};

static const struct rows_column stamp[DRIVER_STAMP_FIELDS] = {
    {"stamp", 5, ROWS_TEXT, ""},
};

static const struct rows_column identity[DRIVER_IDENTITY_FIELDS] = {
    {"identity", 8, ROWS_TEXT, ""},
};

static const struct rows_column statistics[DRIVER_STATISTICS_FIELDS] = {
    {"name", 4, ROWS_TEXT, ""},
    {"type", 4, ROWS_TEXT, ""},
    {"rows", 4, ROWS_INTEGER, ""},
    {"nulls", 5, ROWS_INTEGER, ""},
    {"distinct", 8, ROWS_INTEGER, ""},
    {"width", 5, ROWS_INTEGER, ""},
    {"min", 3, ROWS_TEXT, ""},
    {"max", 3, ROWS_TEXT, ""},
    {"common", 6, ROWS_TEXT, ""},
    {"bounds", 6, ROWS_TEXT, ""},
    {"as_of", 5, ROWS_TIMESTAMP, ""},
};

static const struct rows_column publications[DRIVER_PUBLICATIONS_FIELDS] = {
    {"name", 4, ROWS_TEXT, ""},
    {"tables", 6, ROWS_INTEGER, ""},
    {"all_tables", 10, ROWS_BOOLEAN, ""},
    {"operations", 10, ROWS_TEXT, ""},
    {"via_root", 8, ROWS_BOOLEAN, ""},
};

static const struct rows_column published[DRIVER_PUBLISHED_FIELDS] = {
    {"table", 5, ROWS_TEXT, ""},
    {"publication", 11, ROWS_TEXT, ""},
    {"columns", 7, ROWS_TEXT, ""},
    {"filter", 6, ROWS_TEXT, ""},
    {"replica_identity", 16, ROWS_TEXT, ""},
    {"identified", 10, ROWS_BOOLEAN, ""},
};

static const struct rows_column slots[DRIVER_SLOTS_FIELDS] = {
    {"name", 4, ROWS_TEXT, ""},
    {"type", 4, ROWS_TEXT, ""},
    {"active", 6, ROWS_BOOLEAN, ""},
    {"state", 5, ROWS_TEXT, ""},
    {"lag", 3, ROWS_INTEGER, ""},
    {"retained", 8, ROWS_INTEGER, ""},
    {"wal_status", 10, ROWS_TEXT, ""},
    {"safe_bytes", 10, ROWS_INTEGER, ""},
};

const struct driver_fields driver_fields[DRIVER_OPERATIONS] = {
    [DRIVER_TABLES] = {tables, DRIVER_TABLES_FIELDS},
    [DRIVER_COLUMNS] = {columns, DRIVER_COLUMNS_FIELDS},
    [DRIVER_INDEXES] = {indexes, DRIVER_INDEXES_FIELDS},
    [DRIVER_FOREIGN_KEYS] = {foreign_keys, DRIVER_FOREIGN_KEYS_FIELDS},
    [DRIVER_INDEX_KEYS] = {index_keys, DRIVER_INDEX_KEYS_FIELDS},
    [DRIVER_FOREIGN_KEY_COLUMNS] = {foreign_key_columns, DRIVER_FOREIGN_KEY_COLUMNS_FIELDS},
    [DRIVER_SCHEMA] = {schema, DRIVER_SCHEMA_FIELDS},
    [DRIVER_EXPLAIN] = {explain, DRIVER_EXPLAIN_FIELDS},
    [DRIVER_COUNT] = {count, DRIVER_COUNT_FIELDS},
    [DRIVER_STAMP] = {stamp, DRIVER_STAMP_FIELDS},
    [DRIVER_IDENTITY] = {identity, DRIVER_IDENTITY_FIELDS},
    [DRIVER_STATISTICS] = {statistics, DRIVER_STATISTICS_FIELDS},
    [DRIVER_PUBLICATIONS] = {publications, DRIVER_PUBLICATIONS_FIELDS},
    [DRIVER_PUBLISHED] = {published, DRIVER_PUBLISHED_FIELDS},
    [DRIVER_SLOTS] = {slots, DRIVER_SLOTS_FIELDS},
    [DRIVER_CREATE_INDEX] = {change, DRIVER_CHANGE_FIELDS},
    [DRIVER_DROP_INDEX] = {change, DRIVER_CHANGE_FIELDS},
    [DRIVER_ANALYZE] = {change, DRIVER_CHANGE_FIELDS},
    [DRIVER_WAL] = {change, DRIVER_CHANGE_FIELDS},
};

int
driver_changes(enum driver_operation operation)
{
	return operation >= DRIVER_CREATE_INDEX;
}

struct rows *
driver_made(struct mem *m, enum driver_operation operation, int (*fill)(struct rows *r, void *arg, struct fail *f), void *arg)
{
	const struct driver_fields *f = &driver_fields[operation];

	return rows_made(m, f->columns, f->n, fill, arg);
}
