#include "pg_name.h"

#include <string.h>

#include "ref.h"

enum { WAYS = 16 }; /* in which a name with dots may be read */

/* NULL where there is no text. */
static void
add_element(struct buf *array, const char *text)
{
	buf_byte(array, array->len == 0 ? '{' : ',');
	if (text == NULL) {
		buf_puts(array, "NULL");
		return;
	}
	buf_byte(array, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_byte(array, '\\');
		buf_byte(array, *text);
	}
	buf_byte(array, '"');
}

static void
add_number(struct buf *array, size_t number)
{
	buf_byte(array, array->len == 0 ? '{' : ',');
	buf_number(array, number, 1);
}

/* Split at the dot, or as it stands. */
static void
add_way(struct pg_names *w, struct mem *m, size_t i, size_t rank, const char *name, const char *dot)
{
	const char *table = dot != NULL ? dot + 1 : name;

	add_number(&w->sought, i);
	add_number(&w->rank, rank);
	add_element(&w->schema, dot != NULL ? ref_decoded(m, name, (size_t)(dot - name)) : NULL);
	add_element(&w->table, table != NULL ? ref_decoded(m, table, strlen(table)) : NULL);
}

void
pg_name_add(struct pg_names *names, struct mem *m, size_t i, const char *name)
{
	size_t rank = 0;

	for (const char *dot = name; name != NULL && rank < WAYS && (dot = strchr(dot, '.')) != NULL; dot++)
		add_way(names, m, i, rank++, name, dot);
	add_way(names, m, i, rank, name, NULL);
}

static const char *
taken(struct mem *m, struct buf *array)
{
	const char *text;

	buf_puts(array, array->len == 0 ? "{}" : "}");
	text = mem_copy(m, array->bytes, array->len);
	buf_free(array);
	return text;
}

void
pg_name_values(struct pg_names *names, struct mem *m, struct pg_statement *st)
{
	const char **values = mem_array(m, 4, sizeof *values);

	values[0] = taken(m, &names->sought);
	values[1] = taken(m, &names->rank);
	values[2] = taken(m, &names->schema);
	values[3] = taken(m, &names->table);
	st->values = values;
	st->nvalues = 4;
}
