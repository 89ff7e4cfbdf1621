#include "advice_like.h"

#include <string.h>

#include "advice_term.h"

enum { TRIGRAM = 3 }; /* characters without a wildcard between them that an index of trigrams needs */

struct like {
	const struct query_source *source;
	const struct catalog_column *column;
	const struct sqltoken *string;
	struct query_part rewritten; /* the operator and the string */
	const char *pattern;
};

static int
is_wildcard(char c)
{
	return c == '%' || c == '_';
}

/* Characters of the longest run without wildcards. */
static size_t
longest_run(const char *pattern)
{
	size_t run = 0, longest = 0;

	for (; *pattern != '\0'; pattern++) {
		run = is_wildcard(*pattern) ? 0 : run + (((unsigned char)*pattern & 0xc0) != 0x80);
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void
say_pattern(struct buf *b, const struct like *l)
{
	buf_puts(b, "LIKE ");
	buf_add(b, l->string->at, l->string->len);
}

/* What stands in a class or a collation of an index that finds LIKE patterns. */
static int
has_index_for(const struct like *l, const char *class)
{
	const struct catalog_table *t = l->source->table;

	for (size_t i = 0; i < t->nindexes; i++) {
		const struct catalog_index *x = &t->indexes[i];

		for (size_t k = 0; k < x->nkeys; k++) {
			if (x->keys[k].class != NULL && strstr(x->keys[k].class, class) != NULL)
				return 1;
		}
	}
	return 0;
}

/* Anywhere. */

static void
advise_anywhere(struct buf *b, const struct trial *t, const struct like *l)
{
	const struct driver_key key = {.text = l->column->name}, nocase = {.text = l->column->name, .collation = "NOCASE"};
	int server = t->dialect == INDEX_SQL_POSTGRESQL;

	if (server ? has_index_for(l, "trgm")
		   : !trial_fails(trial_keys(t, NULL, l->source->table, &key, 1, NULL)) ||
			 !trial_fails(trial_keys(t, NULL, l->source->table, &nocase, 1, NULL)))
		return;
	advice_add(b);
	say_pattern(b, l);
	buf_printf(b, " may begin with anything: no %sindex of %s is searched for it", server ? "btree " : "", l->column->name);
	if (longest_run(l->pattern) >= TRIGRAM)
		buf_puts(b, server ? ", but one of pg_trgm (gin, gin_trgm_ops) is"
				   : ", but an FTS5 table with the tokenizer trigram is");
}

/* The beginning. */

/* GLOB '…' for a pattern of LIKE, in the arena; NULL where it would mean something else. */
static const char *
glob_for(struct mem *m, const char *pattern)
{
	struct buf b = {0};

	if (strpbrk(pattern, "*?[") != NULL)
		return NULL;
	buf_puts(&b, "GLOB '");
	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '\'')
			buf_byte(&b, '\'');
		buf_byte(&b, *pattern == '%' ? '*' : *pattern == '_' ? '?' : *pattern);
	}
	buf_byte(&b, '\'');
	return buf_kept(m, &b);
}

/* How GLOB would be searched: by which index there is, *index; or by one of `key`. */
static int
glob_searches(const struct trial *t, const struct like *l, const char *glob, const struct driver_key *key, const char **index)
{
	const char *sql = advice_rewritten(t, l->rewritten, glob);
	const struct step *p;
	struct steps now;

	*index = NULL;
	if (t->explain(t->arg, t->m, sql, NULL, 0, &now) < 0)
		return 0;
	p = steps_reading(&now, l->source->table->name, 0);
	if (p != NULL && p->access == STEPS_SEARCH)
		*index = p->index;
	return *index != NULL || trial_keys(t, sql, l->source->table, key, 1, NULL) == TRIAL_SEARCHED;
}

static void
advise_beginning(struct buf *b, const struct trial *t, const struct like *l)
{
	const struct driver_key key = {.text = l->column->name}, nocase = {.text = l->column->name, .collation = "NOCASE"};
	const char *glob = glob_for(t->m, l->pattern), *index = NULL;
	enum trial_result plain = trial_keys(t, NULL, l->source->table, &key, 1, NULL);
	int by_nocase = trial_keys(t, NULL, l->source->table, &nocase, 1, NULL) == TRIAL_SEARCHED;
	int by_glob = glob != NULL && glob_searches(t, l, glob, &key, &index);

	/* Where a plain one would be searched the column's own collation is NOCASE: that is said as of any comparison. */
	if (!trial_fails(plain) || (!by_nocase && !by_glob))
		return;
	advice_add(b);
	say_pattern(b, l);
	buf_printf(b, " finds a for A, which a plain index of %s is not sorted by: ", l->column->name);
	if (by_nocase) {
		buf_puts(b, "an index ");
		trial_write(b, t, l->source->table, &nocase, 1);
		buf_puts(b, " would be searched");
	}
	if (!by_glob)
		return;
	buf_printf(b, "%s%s, which tells a from A, would be searched by ", by_nocase ? "; or " : "", glob);
	if (index != NULL) {
		buf_puts(b, index);
	} else {
		buf_puts(b, "an index ");
		trial_write(b, t, l->source->table, &key, 1);
	}
}

/* Any other type has another class, or none. */
static int
is_text(const struct catalog_column *c)
{
	return c->type != NULL && (strcmp(c->type, "text") == 0 || strncmp(c->type, "character varying", 17) == 0 ||
				      strncmp(c->type, "varchar", 7) == 0);
}

static void
advise_beginning_on_server(struct buf *b, const struct trial *t, const struct like *l)
{
	const struct driver_key key = {.text = l->column->name, .class = "text_pattern_ops"};

	if (!is_text(l->column) || has_index_for(l, "_pattern_ops"))
		return;
	advice_add(b);
	say_pattern(b, l);
	buf_puts(b, " is searched by a btree index only where that has the collation C or the operators for patterns: ");
	trial_write(b, t, l->source->table, &key, 1);
}

void
advice_like(struct buf *b, const struct trial *t, const struct query_source *s)
{
	const struct query *q = t->query;

	for (size_t i = 0; i < q->nterms; i++) {
		struct like l = {.source = s};
		struct advice_term term;
		struct query_column column;

		advice_term(q, q->terms[i], &term);
		/* With an ESCAPE there would be more behind it. */
		if (term.operator!= ADVICE_LIKE || term.negated ||
		    term.right.end - term.right.first != 1 || !query_is_column(q, term.left, &column) ||
		    column.source != s)
			continue;
		l.column = column.column;
		l.string = &q->tokens[term.right.first];
		l.rewritten = (struct query_part){term.at, term.right.end};
		l.pattern = sqltoken_string(t->m, l.string);
		if (l.pattern == NULL || *l.pattern == '\0')
			continue;
		if (is_wildcard(*l.pattern) || sqltoken_is(&q->tokens[term.at], "ilike"))
			advise_anywhere(b, t, &l);
		else if (t->dialect == INDEX_SQL_POSTGRESQL)
			advise_beginning_on_server(b, t, &l);
		else
			advise_beginning(b, t, &l);
	}
}
