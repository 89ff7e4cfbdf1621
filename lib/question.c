#include "question.h"

#include <string.h>

#include "request.h"

enum {
	WORTH_BYTES = 64 << 10, /* what one read takes is as soon read as found */
	WORTH_ROWS = 100,       /* as many are mostly in the block that the header came with */
};

void
question_default(struct question *q, enum driver_operation operation, const char *table)
{
	*q = (struct question){.request = {.operation = operation, .table = table}};
	if (operation == DRIVER_SCAN) {
		q->request.limit = QUESTION_ROWS;
		q->request.width = QUESTION_WIDTH;
	}
}

const char *
question_kind(const struct question *q)
{
	static const char *const kinds[DRIVER_OPERATIONS] = {
	    [DRIVER_TABLES] = "list",
	    [DRIVER_COLUMNS] = "schema",
	    [DRIVER_INDEXES] = "schema",
	    [DRIVER_FOREIGN_KEYS] = "schema",
	    [DRIVER_SCAN] = "preview",
	    [DRIVER_COUNT] = "count",
	    [DRIVER_STAMP] = "stamp",
	    [DRIVER_IDENTITY] = "identity",
	    [DRIVER_STATISTICS] = "profile",
	    [DRIVER_PUBLICATIONS] = "list",
	    [DRIVER_PUBLISHED] = "list",
	    [DRIVER_SLOTS] = "list",
	    [DRIVER_INDEX_KEYS] = "schema",
	    [DRIVER_FOREIGN_KEY_COLUMNS] = "schema",
	    [DRIVER_SCHEMA] = "schema",
	    [DRIVER_EXPLAIN] = "plan",
	};

	return q->kind != NULL ? q->kind : kinds[q->request.operation];
}

/* A delimited file is as soon read as found, as long as little of it is read. */
static int
is_dear_text(const struct question *q, const struct source *s)
{
	const struct driver_request *r = &q->request;

	if (s->compressed)
		return r->operation == DRIVER_COLUMNS || r->operation == DRIVER_SCHEMA || r->operation == DRIVER_SCAN ||
		       r->operation == DRIVER_COUNT || q->make != NULL;
	if (s->size < WORTH_BYTES)
		return 0;
	if (q->make != NULL || r->operation == DRIVER_COUNT)
		return 1;
	return r->operation == DRIVER_SCAN && (r->which != DRIVER_HEAD || r->offset >= WORTH_ROWS);
}

static int
is_dear(const struct question *q, const struct source *s)
{
	const struct driver_request *r = &q->request;

	/* Rows taken at random are to be others the next time. */
	if (r->operation == DRIVER_SCAN && r->which == DRIVER_SAMPLE && r->seed == 0)
		return 0;
	if (s->folder || r->operation == DRIVER_STAMP || r->operation == DRIVER_IDENTITY || r->operation == DRIVER_EXPLAIN ||
	    driver_changes(r->operation))
		return 0;
	if (s->unreachable || s->server != NULL)
		return 1;
	if (s->proof.kind == PROOF_NONE)
		return 0;
	return s->shared || is_dear_text(q, s);
}

/* A file that cannot be reached is what its reference makes of it. */
static int
is_text(const struct source *s)
{
	return !s->shared && !(s->unreachable && s->table != NULL);
}

int
question_subject(const struct source *s, struct mem *m, struct subject *subject)
{
	const char *table = s->table != NULL ? s->table : "";

	if (s->path == NULL) {
		subject_of_server(m, s->server, table, subject);
		return 0;
	}
	return is_text(s) ? subject_of_text(m, s->path, subject) : subject_of_file(m, s->path, table, subject);
}

const char *
question_database(const struct source *s, struct mem *m)
{
	struct subject subject;

	if (s->path == NULL && s->server == NULL)
		return "csv:-";
	if (question_subject(s, m, &subject) < 0)
		return "?";
	subject.table = "";
	return subject_ref(m, &subject);
}

/* What else changes the answer.  How many rows there are and how wide stands in the entry. */
static void
name_rest(const struct question *q, const struct driver_request *request, const struct source *s,
    const struct reader_options *o, struct mem *m, struct cache_name *name)
{
	struct driver_request r = *request;
	struct buf rest = {0};

	if (r.operation == DRIVER_SCAN && r.which != DRIVER_SAMPLE)
		r.limit = r.seed = 0;
	if (r.operation == DRIVER_COUNT && r.effort != DRIVER_ESTIMATE)
		r.seed = r.effort = 0;
	r.width = 0;
	request_encode(&rest, 0, &r);
	frame_put_u64(&rest, r.seed);
	buf_byte(&rest, (char)r.effort);
	if (is_text(s)) {
		buf_byte(&rest, (char)r.types);
		buf_byte(&rest, o->delimiter);
		buf_byte(&rest, (char)o->no_header);
		buf_puts(&rest, o->encoding != NULL ? o->encoding : "");
	}
	buf_add(&rest, q->rest, q->rest_len);
	name->rest = mem_copy(m, rest.bytes, rest.len);
	name->rest_len = rest.len;
	buf_free(&rest);
}

/* What is said of one table is said of all of them too. */
int
question_is_of_part(const struct question *q)
{
	const struct driver_request *r = &q->request;

	return q->make == NULL && r->table != NULL &&
	       (r->operation == DRIVER_TABLES || r->operation == DRIVER_COLUMNS || r->operation == DRIVER_INDEXES ||
		   r->operation == DRIVER_FOREIGN_KEYS || r->operation == DRIVER_INDEX_KEYS ||
		   r->operation == DRIVER_FOREIGN_KEY_COLUMNS || r->operation == DRIVER_SCHEMA);
}

int
question_names(const struct question *q, const struct source *s, const struct reader_options *o, struct mem *m,
    struct cache_name names[QUESTION_NAMES])
{
	const struct driver_request *r = &q->request;
	struct driver_request more = *r;
	struct subject subject;

	if (!is_dear(q, s) || question_subject(s, m, &subject) < 0)
		return 0;
	names[0] = (struct cache_name){
	    .kind = question_kind(q), .database = subject.database, .table = subject.table, .ref = source_ref(s, m, s->table)};
	names[1] = names[0];
	name_rest(q, r, s, o, m, &names[0]);
	if (question_is_of_part(q)) {
		names[1].table = "";
		more.table = NULL;
	}
	more.ncolumns = 0;
	more.effort = DRIVER_EXACT;
	more.at_least = 0;
	name_rest(q, &more, s, o, m, &names[1]);
	if (q->make != NULL)
		return 1;
	return r->ncolumns > 0 || r->effort == DRIVER_ESTIMATE || r->at_least > 0 || question_is_of_part(q) ? 2 : 1;
}
