/* requests: any body of a request is read, refused with a sentence or no request; what is read is, encoded and read again, the
 * same; and a helper that gets any frames answers each request that it takes, in their order, with a whole answer. */

#include "file.h"

/* serve.c, whose output goes nowhere but into a buffer. */
#define file_write fake_write
static int fake_write(int fd, const void *bytes, size_t size, struct fail *f);

#include "serve.c"

#include "fuzz.h"
#include "request.h"

enum { NAMES = 4, LONGEST_NAME = 16 };

static struct buf written;

static int
fake_write(int fd, const void *bytes, size_t size, struct fail *f)
{
	(void)fd, (void)f;
	buf_add(&written, bytes, size);
	return 0;
}

static int
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
must_be_same(const struct driver_request *a, const struct driver_request *b)
{
	MUST(a->operation == b->operation && same_text(a->table, b->table) && a->all == b->all);
	MUST(a->at_least == b->at_least && same_text(a->lines_of, b->lines_of));
	MUST(a->limit == b->limit && a->offset == b->offset && a->which == b->which && a->width == b->width);
	MUST(a->ncolumns == b->ncolumns && a->nwhere == b->nwhere && a->norder == b->norder);
	for (size_t i = 0; i < a->ncolumns; i++)
		MUST(strcmp(a->columns[i], b->columns[i]) == 0);
	for (size_t i = 0; i < a->nwhere; i++) {
		MUST(strcmp(a->where[i].column, b->where[i].column) == 0 && strcmp(a->where[i].op, b->where[i].op) == 0);
		MUST(same_text(a->where[i].value, b->where[i].value));
	}
	for (size_t i = 0; i < a->norder; i++) {
		MUST(strcmp(a->order[i].column, b->order[i].column) == 0);
		MUST(a->order[i].descending == b->order[i].descending);
	}
	MUST(a->nknown == b->nknown);
	for (size_t i = 0; i < a->nknown; i++) {
		MUST(strcmp(a->known[i].name, b->known[i].name) == 0 && a->known[i].len == b->known[i].len);
		MUST(a->known[i].type == b->known[i].type);
	}
	MUST(a->sizes == b->sizes && same_text(a->publication, b->publication));
	MUST(a->operation != DRIVER_COUNT || a->effort == b->effort);
}

/* A request written, and read again. */
static void
write_and_read(const struct driver_request *request, uint32_t number)
{
	struct driver_request again;
	struct frame frame;
	struct mem m = {0};
	struct buf b = {0};
	struct fail f;
	uint32_t n;

	request_encode(&b, number, request);
	MUST(frame_first(&frame, b.bytes, b.len) == (long)b.len && frame.kind == 'Q');
	MUST(request_decode(&m, &frame, &n, &again, &f) == 1 && n == number);
	must_be_same(request, &again);
	mem_free(&m);
	buf_free(&b);
}

/* Any body. */
static void
read_body(const char *bytes, size_t len)
{
	struct frame body = {.kind = 'Q', .p = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};
	struct driver_request request;
	struct mem m = {0};
	struct fail f = {""};
	uint32_t number;
	int known = request_decode(&m, &body, &number, &request, &f);

	if (known > 0)
		write_and_read(&request, number);
	else
		MUST(f.text[0] != '\0' && memchr(f.text, '\0', sizeof f.text) != NULL);
	mem_free(&m);
}

/* A request made of the input. */

static const char *
some(struct mem *m, struct fuzz *z)
{
	size_t len = fuzz_byte(z) % LONGEST_NAME, n;
	const char *text;

	if (len > z->len)
		len = z->len;
	text = mem_copy(m, z->bytes, len);
	n = len;
	z->bytes += n;
	z->len -= n;
	return text;
}

static uint64_t
some_number(struct fuzz *z)
{
	static const uint64_t numbers[] = {0, 1, 10, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX};
	unsigned what = fuzz_byte(z);

	return what < sizeof numbers / sizeof *numbers ? numbers[what] : what;
}

static void
make_scan(struct mem *m, struct driver_request *r, struct fuzz *z)
{
	static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">=", "is null", "is not null"};
	const char **columns = mem_array(m, NAMES, sizeof *columns);
	struct driver_predicate *where = mem_array(m, NAMES, sizeof *where);
	struct driver_order *order = mem_array(m, NAMES, sizeof *order);

	r->which = fuzz_byte(z) % 3;
	r->limit = some_number(z);
	r->offset = some_number(z);
	r->width = (size_t)some_number(z);
	for (r->ncolumns = 0; r->ncolumns < NAMES && (fuzz_byte(z) & 3) != 0; r->ncolumns++)
		columns[r->ncolumns] = some(m, z);
	for (r->nwhere = 0; r->nwhere < NAMES && (fuzz_byte(z) & 3) != 0; r->nwhere++) {
		unsigned op = fuzz_byte(z) % 8;

		where[r->nwhere].column = some(m, z);
		where[r->nwhere].op = operators[op];
		where[r->nwhere].value = op < 6 ? some(m, z) : NULL;
	}
	for (r->norder = 0; r->norder < NAMES && (fuzz_byte(z) & 3) != 0; r->norder++)
		order[r->norder] = (struct driver_order){some(m, z), fuzz_byte(z) & 1};
	r->columns = columns;
	r->where = where;
	r->order = order;
}

static void
make_request(struct fuzz *z)
{
	struct driver_request r = {.operation = fuzz_byte(z) % DRIVER_OPERATIONS};
	unsigned what = fuzz_byte(z);
	struct mem m = {0};

	r.table = what & 1 ? some(&m, z) : NULL;
	r.all = r.operation != DRIVER_SCAN && r.operation != DRIVER_COUNT && (what & 2) != 0;
	r.sizes = r.operation == DRIVER_TABLES && (what & 4) != 0;
	r.publication = r.operation == DRIVER_PUBLISHED ? some(&m, z) : NULL;
	if (r.operation == DRIVER_SCAN)
		make_scan(&m, &r, z);
	if (r.operation == DRIVER_COUNT) {
		r.at_least = some_number(z);
		r.lines_of = what & 4 ? some(&m, z) : NULL;
		r.effort = what & 8 ? DRIVER_ESTIMATE : DRIVER_EXACT;
	}
	write_and_read(&r, fuzz_byte(z) * 0x1010101);
	mem_free(&m);
}

/* The whole helper: any frames. */

static int
fill(struct rows *r, void *arg, struct fail *f)
{
	const struct driver_request *request = arg;
	const struct rows_cell cell = rows_text(request->table != NULL ? request->table : "");

	if (request->all)
		return fail_set(f, "not all");
	for (unsigned i = 0; i < 2; i++)
		rows_made_add(r, &cell);
	return 0;
}

static struct rows *
fake_ask(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	static const struct rows_column column = {"a", 1, ROWS_TEXT, ""};
	struct driver_request *copy = mem_alloc(m, sizeof *copy);

	(void)db;
	*copy = *request;
	if (request->operation == DRIVER_INDEXES)
		return rows_failed(m, ROWS_REFUSED, "no");
	return rows_made(m, &column, 1, fill, copy);
}

static void
fake_close(struct driver_database *db)
{
	(void)db;
}

static struct driver_database *
fake_open(struct mem *m, const char *reference, struct watch *w, struct fail *f)
{
	static const struct driver driver = {"fake", fake_ask, NULL, fake_close};
	struct driver_database *db = mem_alloc(m, sizeof *db);

	(void)w;
	db->driver = &driver;
	if (*reference != '!')
		return db;
	fail_set(f, "cannot open %s", reference);
	return NULL;
}

/* What was said is answers, each whole; returns how many. */
static size_t
check_answers(void)
{
	struct frame frame;
	size_t n = 0, at = 0;
	int open = 0, rows = 0;
	long used = 0;

	for (; (used = frame_first(&frame, buf_string(&written) + at, written.len - at)) > 0; at += (size_t)used) {
		if (frame.kind == 'A')
			MUST(!open);
		else
			MUST(open && (frame.kind == 'C' ? !rows : frame.kind == 'E' || (frame.kind == 'R' && rows)));
		open = frame.kind != 'E';
		rows = open && frame.kind != 'A';
		n += frame.kind == 'E';
	}
	MUST(used == 0 && at == written.len && !open);
	return n;
}

static void
serve_frames(const char *bytes, size_t len, struct fuzz_blocks blocks)
{
	static const struct serve helper = {fake_open};
	struct serving s = {.helper = &helper, .why = {"no database was opened"}};
	int r = 0;

	written.len = 0;
	for (size_t at = 0, n; r == 0 && at < len; at += n) {
		n = fuzz_block(&blocks, len - at);
		buf_add(&s.in, bytes + at, n);
		r = take_frames(&s);
	}
	MUST(r == 0 || r == -1);
	check_answers();
	mem_free(&s.batch);
	mem_free(&s.mem);
	buf_free(&s.queue);
	buf_free(&s.in);
	buf_free(&s.out);
	buf_free(&written);
}

/* The input: what it is, then a body, a request's parts or frames. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	unsigned kind = fuzz_byte(&z) % 3;

	if (kind == 0) {
		read_body(z.bytes, z.len);
	} else if (kind == 1) {
		make_request(&z);
	} else {
		struct fuzz_blocks blocks = fuzz_blocks(&z);

		serve_frames(z.bytes, z.len, blocks);
	}
	return 0;
}
