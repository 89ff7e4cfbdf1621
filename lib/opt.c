#include "opt.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

struct parsing {
	const struct opt_table *tables;
	size_t ntables;
	unsigned given;              /* groups of exclusive flags that have been given, a bit each */
	const struct opt *first[32]; /* which flag of each it was */
};

static const struct opt *
find(const struct parsing *p, char letter, const char *name, size_t len, void **fields)
{
	for (size_t t = 0; t < p->ntables; t++) {
		for (size_t i = 0; i < p->tables[t].n; i++) {
			const struct opt *o = &p->tables[t].opts[i];

			if (name != NULL ? strlen(o->name) == len && memcmp(o->name, name, len) == 0 : o->letter == letter) {
				*fields = p->tables[t].fields;
				return o;
			}
		}
	}
	return NULL;
}

static int
choose(const struct opt *o, const char *value, int *field, struct fail *f)
{
	size_t used;

	for (int i = 0; o->choices[i] != NULL; i++) {
		if (strcmp(o->choices[i], value) == 0) {
			*field = i + 1;
			return 0;
		}
	}
	fail_set(f, "not '%s' but one of", value);
	for (int i = 0; o->choices[i] != NULL; i++) {
		used = strlen(f->text);
		snprintf(f->text + used, sizeof f->text - used, "%s %s", i > 0 ? "," : "", o->choices[i]);
	}
	return -1;
}

static int
set(struct parsing *p, const struct opt *o, void *fields, const char *value, struct fail *f)
{
	char *field = (char *)fields + o->at;
	char flag[64];
	int r = 0;

	if (o->exclusive != 0) {
		unsigned bit = 1u << o->exclusive;

		if ((p->given & bit) != 0 && p->first[o->exclusive] != o)
			return fail_set(f, "--%s and --%s exclude each other", p->first[o->exclusive]->name, o->name);
		p->given |= bit;
		p->first[o->exclusive] = o;
	}
	switch (o->kind) {
	case OPT_FLAG:
		*(int *)(void *)field = 1;
		break;
	case OPT_NUMBER:
		r = number_integer(value, o->min, o->max ? o->max : UINT64_MAX, (uint64_t *)(void *)field, f);
		break;
	case OPT_DURATION:
		r = number_duration(value, (int64_t *)(void *)field, f);
		break;
	case OPT_SIZE:
		r = number_size(value, (uint64_t *)(void *)field, f);
		break;
	case OPT_TEXT:
		*(const char **)(void *)field = value;
		break;
	case OPT_CHOICE:
		r = choose(o, value, (int *)(void *)field, f);
		break;
	}
	if (r < 0) {
		snprintf(flag, sizeof flag, "--%s", o->name);
		fail_wrap(f, flag);
	}
	return r;
}

/* --name, --name=value, --name value; *i moves past a value taken from the next argument. */
static int
long_flag(struct parsing *p, int argc, char *const argv[], int *i, struct fail *f)
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '='), *value = equals ? equals + 1 : NULL;
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	void *fields;
	const struct opt *o = find(p, '\0', name, len, &fields);

	if (o == NULL)
		return fail_set(f, "no such flag: --%.*s", (int)len, name);
	if (o->kind == OPT_FLAG) {
		if (value != NULL)
			return fail_set(f, "--%s takes no value", o->name);
	} else if (value == NULL) {
		if (*i + 1 == argc)
			return fail_set(f, "--%s wants %s", o->name, o->arg);
		value = argv[++*i];
	}
	return set(p, o, fields, value, f);
}

/* -a, -ab, -n5, -n 5. */
static int
short_flags(struct parsing *p, int argc, char *const argv[], int *i, struct fail *f)
{
	for (const char *c = argv[*i] + 1; *c != '\0'; c++) {
		void *fields;
		const struct opt *o = find(p, *c, NULL, 0, &fields);
		const char *value = NULL;

		if (o == NULL)
			return fail_set(f, "no such flag: -%c", *c);
		if (o->kind != OPT_FLAG) {
			value = c[1] != '\0' ? c + 1 : *i + 1 < argc ? argv[++*i] : NULL;
			if (value == NULL)
				return fail_set(f, "-%c wants %s", *c, o->arg);
		}
		if (set(p, o, fields, value, f) < 0)
			return -1;
		if (value != NULL)
			break;
	}
	return 0;
}

int
opt_parse(struct mem *m, const struct opt_table *tables, size_t ntables, int argc, char *const argv[], const char ***operands,
    size_t *noperands, struct fail *f)
{
	struct parsing p = {.tables = tables, .ntables = ntables};
	int only_operands = 0;

	*operands = mem_array(m, (size_t)argc + 1, sizeof **operands);
	*noperands = 0;
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		int r = 0;

		if (only_operands || a[0] != '-' || a[1] == '\0')
			(*operands)[(*noperands)++] = a;
		else if (strcmp(a, "--") == 0)
			only_operands = 1;
		else if (a[1] == '-')
			r = long_flag(&p, argc, argv, &i, f);
		else
			r = short_flags(&p, argc, argv, &i, f);
		if (r < 0)
			return -1;
	}
	return 0;
}

void
opt_help(struct buf *b, const struct opt_table *tables, size_t ntables)
{
	for (size_t t = 0; t < ntables; t++) {
		buf_byte(b, '\n');
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct opt *o = &tables[t].opts[i];
			size_t start = b->len;

			buf_puts(b, "  ");
			if (o->letter != 0)
				buf_printf(b, "-%c, ", o->letter);
			else
				buf_puts(b, "    ");
			buf_printf(b, "--%s", o->name);
			if (o->arg != NULL)
				buf_printf(b, " %s", o->arg);
			do
				buf_byte(b, ' ');
			while (b->len - start < 26);
			buf_printf(b, "%s\n", o->help);
		}
	}
}

void
opt_describe(struct buf *b, const struct opt_table *tables, size_t ntables)
{
	static const char *const kinds[] = {"flag", "number", "duration", "size", "text", "choice"};

	for (size_t t = 0; t < ntables; t++) {
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct opt *o = &tables[t].opts[i];

			if (o->letter != 0)
				buf_byte(b, o->letter);
			buf_printf(b, "\t%s\t%s\t%s\t", o->name, kinds[o->kind], o->arg ? o->arg : "");
			for (size_t k = 0; o->choices != NULL && o->choices[k] != NULL; k++)
				buf_printf(b, "%s%s", k > 0 ? "," : "", o->choices[k]);
			buf_printf(b, "\t%s\n", o->help);
		}
	}
}
