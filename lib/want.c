#include "want.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "file.h"
#include "ref.h"
#include "token.h"

enum { LARGEST = 16 << 20 }; /* bytes of a file */

/* A line that is being read. */
struct line {
	struct mem *m;
	const char *begin, *p, *end;
	struct fail *f;
};

static int
wrong(const struct line *l, const char *at, const char *sentence)
{
	return fail_set(l->f, "column %zu: %s", (size_t)(at - l->begin) + 1, sentence);
}

static void
pass_blanks(struct line *l)
{
	while (l->p < l->end && strchr(" \t\r", *l->p) != NULL && *l->p != '\0')
		l->p++;
}

static int
take_sign(struct line *l, char c)
{
	pass_blanks(l);
	if (l->p == l->end || *l->p != c)
		return 0;
	l->p++;
	return 1;
}

/* Where a name or a word without quotes ends. */
static const char *
word_end(const struct line *l)
{
	const char *p = l->p;

	while (p < l->end && memchr(" \t\r(),\"", *p, 8) == NULL && *p != '\0')
		p++;
	return p;
}

/* Takes a word of the notation, which is none in quotes. */
static int
take_word(struct line *l, const char *word)
{
	const char *end;

	pass_blanks(l);
	end = word_end(l);
	if ((size_t)(end - l->p) != strlen(word) || strncasecmp(l->p, word, strlen(word)) != 0 || (end < l->end && *end == '"'))
		return 0;
	l->p = end;
	return 1;
}

/* A name as files have it, and as servers do, where dots are between its parts. */
struct name {
	const char *plain, *qualified;
};

static int
take_quoted(struct line *l, struct buf *plain, struct buf *qualified)
{
	const char *begin = l->p++;

	for (; l->p < l->end; l->p++) {
		if (*l->p == '"' && (l->p + 1 == l->end || l->p[1] != '"')) {
			l->p++;
			return 0;
		}
		l->p += *l->p == '"';
		if (*l->p == '\0')
			return wrong(l, l->p, "a byte 0");
		buf_byte(plain, *l->p);
		ref_part(qualified, l->p, 1);
	}
	return wrong(l, begin, "a \" that is not closed");
}

static int
take_parts(struct line *l, struct buf *plain, struct buf *qualified)
{
	for (;;) {
		const char *end = word_end(l);

		buf_puts(plain, ref_decoded(l->m, l->p, (size_t)(end - l->p)));
		buf_puts(qualified, ref_decoded_qualified(l->m, l->p, (size_t)(end - l->p)));
		l->p = end;
		if (end == l->end || *end != '"')
			return 0;
		if (plain->len > 0 && end[-1] != '.')
			return wrong(l, end, "a \" inside of a name");
		if (take_quoted(l, plain, qualified) < 0)
			return -1;
		if (l->p < l->end && *l->p != '.' && word_end(l) != l->p)
			return wrong(l, l->p, "a name that goes on behind its quotes");
	}
}

/* `what` it should be. */
static int
take_name(struct line *l, const char *what, struct name *name)
{
	struct buf plain = {0}, qualified = {0};
	char sentence[64];
	int r;

	pass_blanks(l);
	r = take_parts(l, &plain, &qualified);
	if (r == 0 && plain.len == 0) {
		snprintf(sentence, sizeof sentence, "%s is missing", what);
		r = wrong(l, l->p, sentence);
	}
	*name = (struct name){mem_copy(l->m, plain.bytes, plain.len), mem_copy(l->m, qualified.bytes, qualified.len)};
	buf_free(&plain);
	buf_free(&qualified);
	return r;
}

/* What stands in parentheses, without them and the blanks there. */
static int
take_sql(struct line *l, const char **sql)
{
	const char *begin = l->p, *p, *end;
	struct tokens tokens;
	size_t size, at;
	struct fail why;

	if (token_read_group(l->m, begin, (size_t)(l->end - begin), &tokens, &size, &at, &why) < 0)
		return wrong(l, begin + at, why.text);
	if (tokens.n <= 2)
		return wrong(l, begin, "there is nothing in the parentheses");
	l->p = begin + size;
	for (p = begin + 1; strchr(" \t\r\n", *p) != NULL;)
		p++;
	for (end = l->p - 1; strchr(" \t\r\n", end[-1]) != NULL;)
		end--;
	*sql = mem_copy(l->m, p, (size_t)(end - p));
	return 0;
}

static int
take_nulls(struct line *l, struct driver_key *k)
{
	if (take_word(l, "first"))
		k->nulls = DRIVER_NULLS_FIRST;
	else if (take_word(l, "last"))
		k->nulls = DRIVER_NULLS_LAST;
	else
		return wrong(l, l->p, "nulls first or nulls last");
	return 0;
}

/* One of the words behind a key: 1, 0 where there is none, -1. */
static int
take_option(struct line *l, struct driver_key *k, int *directed)
{
	struct name name;

	pass_blanks(l);
	if (l->p == l->end || *l->p == ',' || *l->p == ')')
		return 0;
	if (!*directed && k->nulls == DRIVER_NULLS_USUAL && (take_word(l, "asc") || (k->descending = take_word(l, "desc")))) {
		*directed = 1;
		return 1;
	}
	if (k->nulls == DRIVER_NULLS_USUAL && take_word(l, "nulls"))
		return take_nulls(l, k) < 0 ? -1 : 1;
	if (*directed || k->nulls != DRIVER_NULLS_USUAL || k->class != NULL)
		return wrong(l, l->p, "a comma or ) should be here");
	if (k->collation == NULL && take_word(l, "collate")) {
		if (take_name(l, "the name of a collation", &name) < 0)
			return -1;
		k->collation = name.qualified;
		return 1;
	}
	if (*l->p == '(')
		return wrong(l, l->p, "an expression stands in parentheses of its own, such as (lower(email))");
	if (take_name(l, "a class of operators", &name) < 0)
		return -1;
	k->class = name.qualified;
	return 1;
}

static int
take_key(struct line *l, struct driver_key *k)
{
	struct name name;
	int directed = 0, r;

	*k = (struct driver_key){0};
	pass_blanks(l);
	k->expression = l->p < l->end && *l->p == '(';
	if (k->expression) {
		if (take_sql(l, &k->text) < 0)
			return -1;
	} else {
		if (take_name(l, "a column", &name) < 0)
			return -1;
		k->text = name.plain;
	}
	while ((r = take_option(l, k, &directed)) > 0)
		continue;
	return r;
}

/* What stands in a list, each `size` bytes, in the arena. */
struct list {
	struct buf items;
	size_t n;
};

static void *
kept(struct mem *m, struct list *list)
{
	void *items = mem_alloc(m, list->items.len);

	if (list->items.len > 0)
		memcpy(items, list->items.bytes, list->items.len);
	buf_free(&list->items);
	return items;
}

static int
take_keys(struct line *l, struct list *list)
{
	struct driver_key k;

	if (!take_sign(l, '('))
		return wrong(l, l->p, "the keys should be here, in parentheses");
	do {
		if (take_key(l, &k) < 0)
			return -1;
		buf_add(&list->items, &k, sizeof k);
		list->n++;
	} while (take_sign(l, ','));
	return take_sign(l, ')') ? 0 : wrong(l, l->p, "a comma or ) should be here");
}

static int
take_columns(struct line *l, struct list *list)
{
	struct name name;

	if (!take_sign(l, '('))
		return wrong(l, l->p, "columns should be here, in parentheses");
	do {
		if (take_name(l, "a column", &name) < 0)
			return -1;
		buf_add(&list->items, &name.plain, sizeof name.plain);
		list->n++;
	} while (take_sign(l, ','));
	return take_sign(l, ')') ? 0 : wrong(l, l->p, "a comma or ) should be here");
}

static int
take_include(struct line *l, struct driver_index *x)
{
	struct list list = {0};
	int r = take_columns(l, &list);

	x->ninclude = list.n;
	x->include = kept(l->m, &list);
	return r;
}

static int
take_where(struct line *l, struct driver_index *x)
{
	pass_blanks(l);
	if (l->p == l->end || *l->p != '(')
		return wrong(l, l->p, "a condition should be here, in parentheses");
	return take_sql(l, &x->predicate);
}

/* What stands behind the keys, each once. */
static int
take_rest(struct line *l, struct driver_index *x)
{
	struct name name;

	for (pass_blanks(l); l->p < l->end; pass_blanks(l)) {
		int r = 0;

		if (!x->unique && take_word(l, "unique")) {
			x->unique = 1;
		} else if (x->method == NULL && take_word(l, "using")) {
			r = take_name(l, "a method", &name);
			x->method = name.plain;
		} else if (x->ninclude == 0 && take_word(l, "include")) {
			r = take_include(l, x);
		} else if (x->predicate == NULL && take_word(l, "where")) {
			r = take_where(l, x);
		} else if (x->name == NULL && take_word(l, "name")) {
			r = take_name(l, "the name", &name);
			x->name = name.plain;
		} else {
			r = wrong(l, l->p, "unique, using, include, where or name should be here, each once");
		}
		if (r < 0)
			return -1;
	}
	return 0;
}

int
want_parse(struct mem *m, const char *text, size_t len, struct want *want, struct fail *f)
{
	struct line l = {.m = m, .begin = text, .p = text, .end = text + len, .f = f};
	struct list keys = {0};
	struct name table;
	int r;

	*want = (struct want){0};
	if (take_name(&l, "a table", &table) < 0)
		return -1;
	want->table = table.plain;
	want->qualified = table.qualified;
	r = take_keys(&l, &keys);
	want->index.nkeys = keys.n;
	want->index.keys = kept(m, &keys);
	return r < 0 ? -1 : take_rest(&l, &want->index);
}

static int
read_lines(struct mem *m, const char *path, const struct buf *text, struct wants *wants, struct fail *f)
{
	const char *p = text->bytes, *end = p + text->len;
	struct list list = {0};
	struct buf where = {0};
	int r = 0;

	for (size_t number = 1; p < end && r == 0; number++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p)), *next = newline != NULL ? newline + 1 : end;
		struct line l = {.p = p, .end = newline != NULL ? newline : end};
		struct want want;

		pass_blanks(&l);
		if (l.p < l.end && *l.p != '#') {
			r = want_parse(m, p, (size_t)(l.end - p), &want, f);
			want.line = number;
			buf_add(&list.items, &want, sizeof want);
			list.n++;
		}
		if (r < 0) {
			buf_printf(&where, "%s:%zu", path, number);
			fail_wrap(f, buf_string(&where));
			buf_free(&where);
		}
		p = next;
	}
	*wants = (struct wants){.n = list.n};
	wants->list = kept(m, &list);
	return r;
}

int
want_read(struct mem *m, const char *path, struct watch *w, struct wants *wants, struct fail *f)
{
	struct buf text = {0};
	int r = file_whole(path, &text, LARGEST, w, f);

	*wants = (struct wants){0};
	if (r < 0)
		fail_wrap(f, path);
	else if (text.len > 0)
		r = read_lines(m, path, &text, wants, f);
	buf_free(&text);
	return r;
}
