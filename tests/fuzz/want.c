/* want: any line is read, or refused at a column that it has; what is written is read again, and is the same; SQL says the same
 * as itself, and nothing of it ends what it stands in. */

#include "buf.h"
#include "definition_sql.h"
#include "fuzz.h"
#include "token.h"
#include "want.h"

static struct catalog_column columns[] = {{.name = "a", .type = "character varying(20)"}, {.name = "b", .type = "text"}};
static const struct catalog_table table = {.name = "t", .columns = columns, .ncolumns = 2};

static void
check_sql(const char *sql)
{
	struct mem m = {0};
	struct tokens t;
	struct fail f;
	size_t at;

	MUST(definition_sql_same(INDEX_SQL_SQLITE, &table, sql, sql));
	MUST(definition_sql_same(INDEX_SQL_POSTGRESQL, &table, sql, sql));
	MUST(token_read(&m, sql, strlen(sql), &t, &at, &f) == 0 && t.n > 0);
	for (size_t i = 0; i < t.n; i++)
		MUST(t.list[i].kind != TOKEN_SIGN || strchr(t.list[i].text, ';') == NULL);
	mem_free(&m);
}

static void
check_index(const struct driver_index *x)
{
	MUST(x->nkeys > 0);
	for (size_t i = 0; i < x->nkeys; i++) {
		MUST(*x->keys[i].text != '\0');
		if (x->keys[i].expression)
			check_sql(x->keys[i].text);
	}
	if (x->predicate != NULL)
		check_sql(x->predicate);
}

static void
check_again(struct mem *m, const struct want *w, int server)
{
	struct buf once = {0}, twice = {0};
	struct want again;
	struct fail f;

	want_write(&once, server, server ? w->qualified : w->table, &w->index);
	MUST(want_parse(m, buf_string(&once), once.len, &again, &f) == 0);
	MUST(strcmp(server ? again.qualified : again.table, server ? w->qualified : w->table) == 0);
	want_write(&twice, server, server ? again.qualified : again.table, &again.index);
	MUST(strcmp(buf_string(&once), buf_string(&twice)) == 0);
	buf_free(&once);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = size > 0 ? malloc(size) : NULL;
	struct mem m = {0};
	struct want w;
	struct fail f;
	size_t column;

	if (size > 0 && line == NULL)
		abort();
	if (size > 0)
		memcpy(line, data, size);
	if (want_parse(&m, line, size, &w, &f) == 0) {
		check_index(&w.index);
		check_again(&m, &w, 0);
		check_again(&m, &w, 1);
	} else {
		MUST(sscanf(f.text, "column %zu: ", &column) == 1 && column >= 1 && column <= size + 1);
	}
	mem_free(&m);
	free(line);
	return 0;
}
