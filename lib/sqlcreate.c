#include "sqlcreate.h"

#include <string.h>

#include "sqlreading.h"
#include "sqltext.h"

struct reading {
	struct sqlreading r;
	struct buf text; /* of the definition being made */
	struct sqlcreate_table *table;
	const char *column; /* that is being read; NULL: a constraint of the table */
	const char *name;   /* of the constraint that comes */
};

static int
is(const struct reading *g, const char *word)
{
	return sqltoken_is(g->r.at, word);
}

static int
take(struct reading *g, const char *word)
{
	return sqlreading_take(&g->r, word);
}

static int
expect(struct reading *g, const char *word)
{
	return sqlreading_expect(&g->r, word);
}

static const char *
finish(struct reading *g)
{
	const char *text = mem_copy(g->r.m, g->text.bytes, g->text.len);

	g->text.len = 0;
	return text;
}

/* Appends a group with its parentheses. */
static int
add_group(struct reading *g)
{
	const struct sqltoken *end = sqlreading_closing(&g->r);

	if (!is(g, "(") || end->kind == SQLTOKEN_END)
		return sqlreading_cannot(&g->r);
	sqltext_tokens(&g->text, g->r.at, (size_t)(end - g->r.at) + 1, SQLTEXT_NORMAL);
	g->r.at = end + 1;
	return 0;
}

/* Appends a list of columns: strings are names, too, and ASC is what is usual.  Its last word may be AUTOINCREMENT. */
static int
add_list(struct reading *g, int *autoincrement)
{
	const struct sqltoken *end = sqlreading_closing(&g->r);
	const char *between = "(";

	if (!is(g, "(") || end->kind == SQLTOKEN_END)
		return sqlreading_cannot(&g->r);
	for (g->r.at++; g->r.at < end; g->r.at += is(g, ",")) {
		const struct sqltoken *last = sqlreading_item(&g->r, end);
		size_t n = (size_t)(last - g->r.at);
		const char *string = sqltoken_string(g->r.m, g->r.at);

		*autoincrement |= n > 0 && sqltoken_is(&last[-1], "AUTOINCREMENT");
		n -= n > 0 && sqltoken_is(&last[-1], "AUTOINCREMENT");
		n -= n > 0 && sqltoken_is(&g->r.at[n - 1], "ASC");
		buf_puts(&g->text, between);
		if (string != NULL) {
			sqltext_name(&g->text, string);
			buf_puts(&g->text, n > 1 ? " " : "");
		}
		sqltext_tokens(&g->text, g->r.at + (string != NULL), n - (string != NULL && n > 0), SQLTEXT_NORMAL);
		between = ", ";
		g->r.at = last;
	}
	buf_byte(&g->text, ')');
	g->r.at = end + 1;
	return 0;
}

/* The column that is being read, as a list. */
static void
add_column(struct reading *g)
{
	buf_byte(&g->text, '(');
	sqltext_name(&g->text, g->column);
}

/* ON CONFLICT: its word in capitals; NULL where that is none, or the usual one. */
static const char *
take_conflict(struct reading *g)
{
	const char *word = NULL;

	if (is(g, "ON") && sqltoken_is(&g->r.at[1], "CONFLICT")) {
		g->r.at += 2;
		word = g->r.at->kind == SQLTOKEN_WORD && !is(g, "ABORT")
			   ? sqltext_made(g->r.m, mem_copy(g->r.m, g->r.at->at, g->r.at->len), SQLTEXT_NORMAL)
			   : NULL;
		g->r.at += g->r.at->kind == SQLTOKEN_WORD;
	}
	return word;
}

static void
add_conflict(struct reading *g)
{
	const char *word = take_conflict(g);

	if (word != NULL)
		buf_printf(&g->text, " ON CONFLICT %s", word);
}

/* What was appended is the definition of a constraint. */
static void
add_constraint(struct reading *g, enum sqlcreate_kind kind)
{
	struct sqlcreate_table *t = g->table;

	t->constraints = mem_more(g->r.m, t->constraints, t->nconstraints, sizeof *t->constraints);
	t->constraints[t->nconstraints++] = (struct sqlcreate_constraint){kind, g->name, finish(g)};
	g->name = NULL;
}

static int
read_key(struct reading *g, enum sqlcreate_kind kind)
{
	int autoincrement = 0;

	if (g->column != NULL) {
		add_column(g);
		if (!take(g, "ASC") && take(g, "DESC"))
			buf_puts(&g->text, " DESC");
		buf_byte(&g->text, ')');
	} else if (add_list(g, &autoincrement) < 0) {
		return -1;
	}
	add_conflict(g);
	autoincrement |= take(g, "AUTOINCREMENT");
	buf_puts(&g->text, autoincrement ? " AUTOINCREMENT" : "");
	add_constraint(g, kind);
	return 0;
}

static int
read_check(struct reading *g)
{
	if (add_group(g) < 0)
		return -1;
	/* SQLite passes over it. */
	take_conflict(g);
	add_constraint(g, SQLCREATE_CHECK);
	return 0;
}

/* SET NULL, SET DEFAULT, CASCADE, RESTRICT; NULL for NO ACTION, which is the usual one. */
static const char *
take_action(struct reading *g)
{
	if (take(g, "SET"))
		return take(g, "NULL") ? "SET NULL" : (take(g, "DEFAULT"), "SET DEFAULT");
	if (take(g, "CASCADE"))
		return "CASCADE";
	if (take(g, "RESTRICT"))
		return "RESTRICT";
	(void)(take(g, "NO") && take(g, "ACTION"));
	return NULL;
}

struct rules {
	const char *update, *delete, *deferrable;
};

/* [NOT] DEFERRABLE …: SQLite defers what is INITIALLY DEFERRED. */
static int
take_deferrable(struct reading *g, const char **deferrable)
{
	int negated = is(g, "NOT") && sqltoken_is(&g->r.at[1], "DEFERRABLE"), deferred = 0;

	if (!negated && !is(g, "DEFERRABLE"))
		return 0;
	g->r.at += 1 + negated;
	if (take(g, "INITIALLY")) {
		deferred = take(g, "DEFERRED");
		(void)(deferred || take(g, "IMMEDIATE"));
	}
	*deferrable = !negated && deferred ? "DEFERRABLE INITIALLY DEFERRED" : NULL;
	return 1;
}

/* What comes behind REFERENCES parent (columns). */
static struct rules
take_rules(struct reading *g)
{
	struct rules r = {NULL, NULL, NULL};

	for (;;) {
		if (is(g, "ON") && (sqltoken_is(&g->r.at[1], "UPDATE") || sqltoken_is(&g->r.at[1], "DELETE") ||
				       sqltoken_is(&g->r.at[1], "INSERT"))) {
			const struct sqltoken *what = &g->r.at[1];
			const char *action = (g->r.at += 2, take_action(g));

			r.update = sqltoken_is(what, "UPDATE") ? action : r.update;
			r.delete = sqltoken_is(what, "DELETE") ? action : r.delete;
		} else if (take(g, "MATCH")) {
			/* SQLite passes over it. */
			sqlreading_name(&g->r);
		} else if (!take_deferrable(g, &r.deferrable)) {
			return r;
		}
	}
}

/* From REFERENCES on; the columns of the table are appended already. */
static int
read_references(struct reading *g)
{
	const char *parent;
	struct rules r;
	int ignored = 0;

	if (expect(g, "REFERENCES") < 0)
		return -1;
	parent = sqlreading_name(&g->r);
	if (parent == NULL)
		return sqlreading_cannot(&g->r);
	buf_puts(&g->text, " REFERENCES ");
	sqltext_name(&g->text, parent);
	if (is(g, "(")) {
		buf_byte(&g->text, ' ');
		if (add_list(g, &ignored) < 0)
			return -1;
	}
	r = take_rules(g);
	if (r.update != NULL)
		buf_printf(&g->text, " ON UPDATE %s", r.update);
	if (r.delete != NULL)
		buf_printf(&g->text, " ON DELETE %s", r.delete);
	if (r.deferrable != NULL)
		buf_printf(&g->text, " %s", r.deferrable);
	add_constraint(g, SQLCREATE_FOREIGN_KEY);
	return 0;
}

/* The word and what it stands before, for those that may stand in a column and in a table. */
static int
read_constraint(struct reading *g)
{
	if (take(g, "PRIMARY"))
		return expect(g, "KEY") < 0 ? -1 : read_key(g, SQLCREATE_PRIMARY_KEY);
	if (take(g, "UNIQUE"))
		return read_key(g, SQLCREATE_UNIQUE);
	return expect(g, "CHECK") < 0 ? -1 : read_check(g);
}

static int
is_constraint(const struct reading *g)
{
	return is(g, "PRIMARY") || is(g, "UNIQUE") || is(g, "CHECK");
}

static int
read_table_constraint(struct reading *g)
{
	int ignored = 0;

	if (take(g, "CONSTRAINT")) {
		g->name = sqlreading_name(&g->r);
		return g->name != NULL ? 0 : sqlreading_cannot(&g->r);
	}
	if (!take(g, "FOREIGN"))
		return read_constraint(g);
	return expect(g, "KEY") < 0 || add_list(g, &ignored) < 0 ? -1 : read_references(g);
}

/* A value: a group, or one token with its sign. */
static int
pass_default(struct reading *g)
{
	if (is(g, "(")) {
		const struct sqltoken *end = sqlreading_closing(&g->r);

		if (end->kind == SQLTOKEN_END)
			return sqlreading_cannot(&g->r);
		g->r.at = end + 1;
		return 0;
	}
	(void)(take(g, "-") || take(g, "+"));
	if (g->r.at->kind == SQLTOKEN_END || is(g, ",") || is(g, ")"))
		return sqlreading_cannot(&g->r);
	g->r.at++;
	return 0;
}

static int
read_generated(struct reading *g, struct sqlcreate_column *c)
{
	if (take(g, "GENERATED") && expect(g, "ALWAYS") < 0)
		return -1;
	if (expect(g, "AS") < 0 || add_group(g) < 0)
		return -1;
	c->generated = finish(g);
	(void)(take(g, "STORED") || take(g, "VIRTUAL"));
	return 0;
}

/* DEFERRABLE may stand behind what else comes after REFERENCES. */
static void
defer(struct reading *g, const char *deferrable)
{
	struct sqlcreate_table *t = g->table;
	struct sqlcreate_constraint *last = t->nconstraints > 0 ? &t->constraints[t->nconstraints - 1] : NULL;

	if (last != NULL && last->kind == SQLCREATE_FOREIGN_KEY && deferrable != NULL)
		last->definition = mem_join(g->r.m, mem_join(g->r.m, last->definition, " "), deferrable);
}

/* One constraint of a column: 1; 0 where there is none any more. */
static int
read_column_constraint(struct reading *g, struct sqlcreate_column *c)
{
	const char *deferrable = NULL;
	int r = 0;

	if (take(g, "CONSTRAINT")) {
		g->name = sqlreading_name(&g->r);
		return g->name != NULL ? 1 : sqlreading_cannot(&g->r);
	}
	if (is_constraint(g)) {
		r = read_constraint(g);
	} else if (is(g, "REFERENCES")) {
		add_column(g);
		buf_byte(&g->text, ')');
		r = read_references(g);
	} else if (take_deferrable(g, &deferrable)) {
		defer(g, deferrable);
	} else if (take(g, "NOT")) {
		r = expect(g, "NULL");
		c->not_null = 1;
		c->conflict = take_conflict(g);
	} else if (take(g, "NULL")) {
		take_conflict(g);
	} else if (take(g, "DEFAULT")) {
		r = pass_default(g);
	} else if (take(g, "COLLATE")) {
		r = sqlreading_name(&g->r) != NULL ? 0 : sqlreading_cannot(&g->r);
	} else if (is(g, "GENERATED") || is(g, "AS")) {
		r = read_generated(g, c);
	} else {
		return 0;
	}
	g->name = NULL;
	return r < 0 ? -1 : 1;
}

/* The words of a type go on until one that may not stand in it. */
static void
pass_type(struct reading *g)
{
	static const char *const behind[] = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "NOT", "NULL", "DEFAULT",
	    "COLLATE", "AS", "DEFERRABLE", ",", ")"};

	while (g->r.at->kind != SQLTOKEN_END) {
		for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
			if (is(g, behind[i]))
				return;
		}
		if (is(g, "GENERATED") && sqltoken_is(&g->r.at[1], "ALWAYS"))
			return;
		g->r.at = is(g, "(") && sqlreading_closing(&g->r)->kind != SQLTOKEN_END ? sqlreading_closing(&g->r) + 1
											: g->r.at + 1;
	}
}

static int
read_column(struct reading *g)
{
	struct sqlcreate_table *t = g->table;
	struct sqlcreate_column *c;
	int more = 1;

	t->columns = mem_more(g->r.m, t->columns, t->ncolumns, sizeof *t->columns);
	c = &t->columns[t->ncolumns++];
	*c = (struct sqlcreate_column){.name = sqlreading_name(&g->r)};
	if (c->name == NULL)
		return sqlreading_cannot(&g->r);
	pass_type(g);
	g->column = c->name;
	while (more > 0)
		more = read_column_constraint(g, c);
	g->column = NULL;
	return more;
}

static int
read_element(struct reading *g)
{
	return is_constraint(g) || is(g, "CONSTRAINT") || is(g, "FOREIGN") ? read_table_constraint(g) : read_column(g);
}

static int
read_table(struct reading *g)
{
	if (sqlreading_head(&g->r) < 0 || expect(g, "(") < 0)
		return -1;
	do {
		if (read_element(g) < 0)
			return -1;
		/* Between constraints of a table there need be no comma. */
	} while (take(g, ",") || !is(g, ")"));
	for (g->r.at++; g->r.at->kind != SQLTOKEN_END; g->r.at++) {
		g->table->without_rowid |= is(g, "ROWID");
		g->table->strict |= is(g, "STRICT");
	}
	return 0;
}

int
sqlcreate_table(struct mem *m, const char *sql, struct sqlcreate_table *t, struct fail *f)
{
	struct reading g = {.r = sqlreading_begin(m, sql, f), .table = t};
	int r;

	*t = (struct sqlcreate_table){0};
	r = read_table(&g);
	buf_free(&g.text);
	return r;
}
