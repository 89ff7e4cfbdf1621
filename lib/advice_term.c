#include "advice_term.h"

#include <string.h>

static const struct {
	const char *text;
	enum advice_operator operator;
} operators[] = {
    {"=", ADVICE_EQUAL},
    {"==", ADVICE_EQUAL},
    {"is", ADVICE_EQUAL},
    {"in", ADVICE_EQUAL},
    {"<", ADVICE_RANGE},
    {">", ADVICE_RANGE},
    {"<=", ADVICE_RANGE},
    {">=", ADVICE_RANGE},
    {"between", ADVICE_RANGE},
    {"<>", ADVICE_UNEQUAL},
    {"!=", ADVICE_UNEQUAL},
    {"like", ADVICE_LIKE},
    {"ilike", ADVICE_LIKE},
    /* Seen, so that what has one of them is no comparison of another kind. */
    {"glob", ADVICE_OTHER},
    {"match", ADVICE_OTHER},
    {"regexp", ADVICE_OTHER},
    {"similar", ADVICE_OTHER},
    {"isnull", ADVICE_OTHER},
    {"notnull", ADVICE_OTHER},
    {"or", ADVICE_OTHER},
    {"collate", ADVICE_OTHER},
};

enum { OPERATORS = sizeof operators / sizeof *operators };

void
advice_term(const struct query *q, struct query_part part, struct advice_term *term)
{
	*term = (struct advice_term){.operator= ADVICE_OTHER, .at = part.end};
	for (size_t i = 0; i < OPERATORS; i++) {
		size_t at = query_find(q, part, part.first, operators[i].text);

		if (at == part.end)
			continue;
		if (term->at < part.end || query_find(q, part, at + 1, operators[i].text) < part.end) {
			term->operator= ADVICE_OTHER;
			return;
		}
		term->at = at;
		term->operator= operators[i].operator;
	}
	term->left = term->right = part;
	if (term->at == part.end)
		return;
	term->left.end = term->at;
	term->right.first = term->at + 1;
	if (term->at > part.first && sqltoken_is(&q->tokens[term->at - 1], "not")) {
		term->negated = 1;
		term->left.end--;
	} else if (sqltoken_is(&q->tokens[term->at + 1], "not") && sqltoken_is(&q->tokens[term->at], "is")) {
		term->negated = 1;
		term->right.first++;
	}
	/* NOT before all of it. */
	if (sqltoken_is(&q->tokens[part.first], "not"))
		term->operator= ADVICE_OTHER;
}

int
advice_compared(const struct query *q, const struct advice_term *term, const struct query_source *s,
    struct query_column *column, struct query_part *other)
{
	if (query_is_column(q, term->left, column) && column->source == s && !query_mentions(q, term->right, s)) {
		*other = term->right;
		return 1;
	}
	*other = term->left;
	return query_is_column(q, term->right, column) && column->source == s && !query_mentions(q, term->left, s);
}

int
advice_key(struct driver_key *keys, size_t *n, size_t room, const char *column, int descending)
{
	for (size_t i = 0; i < *n; i++) {
		if (strcmp(keys[i].text, column) == 0)
			return 0;
	}
	if (*n == room)
		return -1;
	keys[(*n)++] = (struct driver_key){.text = column, .descending = descending};
	return 0;
}

void
advice_add(struct buf *b)
{
	buf_puts(b, b->len > 0 ? "; " : "");
}

const struct catalog_index *
advice_indexed(const struct catalog_table *t, const char *column, int first)
{
	for (size_t i = 0; i < t->nindexes; i++) {
		const struct catalog_index *x = &t->indexes[i];
		size_t n = catalog_key_count(x);

		for (size_t k = first ? 0 : 1; k < (first && n > 0 ? 1 : n); k++) {
			if (x->keys[k].column != NULL && strcmp(x->keys[k].column, column) == 0)
				return x;
		}
	}
	return NULL;
}

const char *
advice_rewritten(const struct trial *t, struct query_part part, const char *text)
{
	const struct sqltoken *first = &t->query->tokens[part.first], *last = &t->query->tokens[part.end - 1];
	struct buf b = {0};

	buf_add(&b, t->sql, (size_t)(first->at - t->sql));
	buf_puts(&b, text);
	buf_puts(&b, last->at + last->len);
	return buf_kept(t->m, &b);
}
