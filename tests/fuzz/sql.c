/* sql: any text of a schema of SQLite is read without harm; the plain form has the tokens of the text, and what is in a form
 * stays as it is in it. */

#include "fuzz.h"
#include "sqlcreate.h"
#include "sqlindex.h"
#include "sqlreading.h"
#include "sqltext.h"

static void
check_tokens(struct mem *m, const char *sql, const char *plain)
{
	size_t n, count;
	const struct sqltoken *t = sqltokens_read(m, sql, strlen(sql), SQLTOKENS_SQLITE, &n);
	const struct sqltoken *p = sqltokens_read(m, plain, strlen(plain), SQLTOKENS_SQLITE, &count);

	MUST(n == count);
	for (size_t i = 0; i < n; i++)
		MUST(t[i].kind == p[i].kind && t[i].len == p[i].len && memcmp(t[i].at, p[i].at, t[i].len) == 0);
}

static void
check_table(struct mem *m, const char *sql)
{
	struct sqlcreate_table t;
	struct fail f = {""};

	if (sqlcreate_table(m, sql, &t, &f) < 0) {
		MUST(*f.text != '\0');
		return;
	}
	MUST(t.ncolumns + t.nconstraints > 0);
	for (size_t i = 0; i < t.ncolumns; i++)
		MUST(t.columns[i].name != NULL);
	for (size_t i = 0; i < t.nconstraints; i++)
		MUST(*t.constraints[i].definition == '(');
}

static void
check_index(struct mem *m, const char *sql)
{
	struct sqlindex x;
	struct fail f = {""};

	if (sqlindex_read(m, sql, &x, &f) < 0) {
		MUST(*f.text != '\0');
		return;
	}
	for (size_t i = 0; i < x.n; i++)
		check_tokens(m, x.keys[i].text, sqltext_made(m, x.keys[i].text, SQLTEXT_PLAIN));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *sql = fuzz_string((const char *)data, size);
	struct mem m = {0};
	const char *plain = sqltext_made(&m, sql, SQLTEXT_PLAIN), *normal = sqltext_made(&m, sql, SQLTEXT_NORMAL);

	check_tokens(&m, sql, plain);
	MUST(strcmp(plain, sqltext_made(&m, plain, SQLTEXT_PLAIN)) == 0);
	MUST(strcmp(normal, sqltext_made(&m, normal, SQLTEXT_NORMAL)) == 0);
	check_table(&m, sql);
	check_index(&m, sql);
	MUST(sqlreading_rest(&m, sql) != NULL);
	mem_free(&m);
	free(sql);
	return 0;
}
