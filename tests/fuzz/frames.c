/* frames: whatever a helper sends, the core takes it or fails with a sentence; answers that arrive whole are those that were
 * sent, in whatever order they are read; a helper that is lost is lost for every later read, with the same sentence.
 *
 * The helper is a socket that holds all it will ever say.  The input is such bytes, or a recipe: answers as they should be,
 * then cut short or damaged. */

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "search.h"

/* driver_helper.c and wire.c, with a child that is no process, found wherever it is looked for. */
#define search_helper fake_search
#define child_helper fake_helper
#define child_stop fake_stop
#define child_write fake_write
static int fake_search(struct mem *m, const char *scheme, const char **path, struct fail *f);
static int fake_helper(struct child *c, const char *path, struct fail *f);
static int fake_stop(struct child *c, int now);
static ssize_t fake_write(const struct child *c, const void *bytes, size_t size);

#include "driver_helper.c"
#include "wire.c"

#include "fuzz.h"
#include "request_decode.h"

enum { REQUESTS = 4, ORDER = 12, LONGEST = 8 << 10 };

static struct {
	const char *bytes;
	size_t len;
	struct fuzz_blocks blocks;
	int status, running;
	struct buf written;
} fake;

static int
fake_search(struct mem *m, const char *scheme, const char **path, struct fail *f)
{
	(void)m, (void)scheme, (void)f;
	*path = "/where/fake";
	return 0;
}

static int
fake_helper(struct child *c, const char *path, struct fail *f)
{
	static int null = -1;
	int ends[2];

	(void)path, (void)f;
	if (null < 0)
		null = open("/dev/null", O_WRONLY);
	MUST(null >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	for (size_t at = 0, n; at < fake.len; at += n) {
		/* Blocks grow, so that many small ones do not fill the socket. */
		n = fuzz_block(&fake.blocks, fake.len - at) + at / 16;
		if (n > fake.len - at)
			n = fake.len - at;
		MUST(send(ends[1], fake.bytes + at, n, MSG_DONTWAIT) == (ssize_t)n);
	}
	close(ends[1]);
	*c = (struct child){.in = null, .out = ends[0]};
	fake.running = 1;
	return 0;
}

static int
fake_stop(struct child *c, int now)
{
	(void)now;
	MUST(fake.running);
	fake.running = 0;
	close(c->out);
	return fake.status;
}

static ssize_t
fake_write(const struct child *c, const void *bytes, size_t size)
{
	size_t n = fuzz_block(&fake.blocks, size);

	(void)c;
	MUST(fake.running && size > 0);
	buf_add(&fake.written, bytes, n);
	return (ssize_t)n;
}

/* One request: its answer as it is sent and as it is got. */
struct asking {
	struct driver_request request;
	struct mem mem;
	struct rows *rows;
	int begun, over, failed_by_loss;
	struct buf sent, got;
};

enum { WIDEST = DRIVER_INDEXES_FIELDS }; /* of all answers that are facts */

/* The answers of a recipe. */

static struct rows_cell
some(struct fuzz *z)
{
	size_t len = fuzz_byte(z) & 31;
	struct rows_cell c;

	if (len > z->len)
		len = z->len;
	c = rows_bytes(z->bytes, len);
	z->bytes += len;
	z->len -= len;
	return c;
}

static void
make_columns(struct buf *b, size_t n, struct fuzz *z)
{
	struct rows_column columns[WIDEST] = {{0}};

	for (size_t i = 0; i < n; i++) {
		struct rows_cell name = some(z);

		columns[i] = (struct rows_column){name.bytes, name.len, fuzz_byte(z) % ROWS_TYPES, "declared"};
	}
	rows_encode_columns(b, columns, n);
}

static void
make_row(struct buf *b, size_t n, struct fuzz *z)
{
	struct rows_cell cells[WIDEST] = {{0}};

	for (size_t i = 0; i < n; i++) {
		unsigned kind = fuzz_byte(z);

		cells[i] = some(z);
		cells[i].type = kind % ROWS_TYPES;
		cells[i].cut = cells[i].type != ROWS_NULL && (kind / ROWS_TYPES & 1) != 0;
	}
	rows_encode_row(b, cells, n);
}

/* How many columns or cells: where the answer tells facts, their fields, unless it `lies`. */
static size_t
width(const struct asking *a, int lies, struct fuzz *z)
{
	size_t fields = driver_fields[a->request.operation].n;

	return fields > 0 && !lies ? fields : fuzz_byte(z) % (DRIVER_COLUMNS_FIELDS + 1);
}

static void
make_answer(struct asking *a, int lies, struct fuzz *z)
{
	unsigned how = fuzz_byte(z);
	struct rows end = {.end = 1 + how % 4, .faults = how >> 2 & 1};
	size_t nrows = how >> 3 & 3;
	struct fail f;

	if (end.end == ROWS_REFUSED && (how & 32) != 0)
		end.end = ROWS_UNAVAILABLE;
	if (nrows > a->request.limit && a->request.operation == DRIVER_SCAN)
		nrows = (size_t)a->request.limit;
	if (end.end < ROWS_FAILED || (how & 128) != 0) {
		make_columns(&a->sent, width(a, lies, z), z);
		for (size_t i = 0; i < nrows; i++)
			make_row(&a->sent, width(a, lies, z), z);
	}
	if (how & 64)
		buf_puts(&end.notes, "a note\n\x1b[31m");
	fail_set(&f, "the server hung up, %u", how);
	rows_encode_end(&a->sent, &end, end.end >= ROWS_FAILED ? &f : NULL);
	buf_free(&end.notes);
}

static void
make_stream(struct buf *b, struct asking *asking, size_t n, int lies, struct fuzz *z)
{
	size_t body = frame_open(b, 'V');

	frame_put_u32(b, VERSION);
	frame_close(b, body);
	for (size_t i = 0; i < n; i++) {
		make_answer(&asking[i], lies, z);
		body = frame_open(b, 'A');
		frame_put_u32(b, i + 1);
		frame_close(b, body);
		buf_add(b, asking[i].sent.bytes, asking[i].sent.len);
	}
	MUST(b->len < LONGEST);
}

/* Reading. */

static void
ended(struct asking *a, struct helper *h, const struct fail *f)
{
	a->over = 1;
	if (f != NULL)
		MUST(memchr(f->text, '\0', sizeof f->text) != NULL);
	a->failed_by_loss = f != NULL && h->base.lost && strcmp(f->text, h->why.text) == 0;
	if (!a->failed_by_loss)
		rows_encode_end(&a->got, a->rows, f);
}

/* One step of one answer. */
static void
step(struct asking *a, struct helper *h)
{
	int lost = h->base.lost, more;
	size_t fields = driver_fields[a->request.operation].n;
	struct fail why = h->why, f = {""};

	if (a->over || a->rows == NULL)
		return;
	more = a->begun ? rows_next(a->rows, &f) : rows_columns(a->rows, &f);
	if (more < 0) {
		ended(a, h, &f);
	} else if (!a->begun) {
		a->begun = 1;
		MUST(fields == 0 || a->rows->ncolumns == fields);
		rows_encode_columns(&a->got, a->rows->columns, a->rows->ncolumns);
	} else if (more > 0) {
		MUST(fields == 0 || a->rows->ncells == fields);
		rows_encode_row(&a->got, a->rows->cells, a->rows->ncells);
	} else {
		MUST(a->rows->end == ROWS_COMPLETE || a->rows->end == ROWS_CUT);
		ended(a, h, NULL);
	}
	/* Lost is lost, for the reason that it was. */
	if (lost)
		MUST(h->base.lost && strcmp(h->why.text, why.text) == 0);
	if (h->base.lost)
		MUST(h->why.text[0] != '\0' && !fake.running);
}

static void
close_answer(struct asking *a)
{
	rows_close(a->rows);
	a->rows = NULL;
}

static void
read_all(struct asking *asking, size_t n, struct helper *h, struct fuzz *order)
{
	while (order->len > 0) {
		unsigned what = fuzz_byte(order);
		struct asking *a = &asking[what % n];

		if (what >= 240)
			close_answer(a);
		else
			step(a, h);
		while (what >= 160 && a->rows != NULL && !a->over)
			step(a, h);
	}
	for (size_t i = 0; i < n; i++) {
		while (asking[i].rows != NULL && !asking[i].over)
			step(&asking[i], h);
	}
}

/* `whole`: all was sent; else only its front. */
static void
check_answer(const struct asking *a, int whole)
{
	MUST(a->got.len <= a->sent.len && (a->got.len == 0 || memcmp(a->got.bytes, a->sent.bytes, a->got.len) == 0));
	if (a->rows != NULL && whole)
		MUST(a->over && !a->failed_by_loss && a->got.len == a->sent.len);
	if (a->over && !a->failed_by_loss)
		MUST(a->got.len == a->sent.len);
}

/* A request to a helper that is lost. */
static void
ask_lost(struct helper *h, const struct driver_request *request)
{
	struct mem m = {0};
	struct rows *rows = h->base.driver->ask(&h->base, &m, request);
	struct fail f;

	MUST(rows_columns(rows, &f) < 0 && strcmp(f.text, h->why.text) == 0);
	rows_close(rows);
	mem_free(&m);
}

/* What was written: the opening, then requests in their order, each batch with its end. */
static void
check_written(size_t n)
{
	struct frame frame = {0};
	struct mem m = {0};
	uint32_t number, last = 0;
	long used;

	for (size_t at = 0; (used = frame_first(&frame, buf_string(&fake.written) + at, fake.written.len - at)) > 0;
	     at += (size_t)used) {
		struct driver_request r;
		struct fail f;

		MUST(at == 0 ? frame.kind == 'O' : frame.kind == 'Q' || frame.kind == 'G');
		if (frame.kind == 'Q')
			MUST(request_decode(&m, &frame, &number, &r, &f) == 1 && number == ++last);
	}
	MUST(used == 0 && last <= n);
	mem_free(&m);
}

/* The input: how many requests; how they are answered; what is asked; in which order it is read; the bytes or the recipe. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size}, order;
	unsigned options = fuzz_byte(&z), kind = options >> 2 & 3;
	size_t n = 2 + options % 3;
	struct asking asking[REQUESTS] = {{.begun = 0}};
	struct driver_database *db;
	struct buf stream = {0};
	struct mem m = {0};

	fake.status = options & 64 ? 9 : (options & 128) << 1;
	fake.blocks = fuzz_blocks(&z);
	for (size_t i = 0; i < n; i++) {
		unsigned what = fuzz_byte(&z);

		asking[i].request = (struct driver_request){
		    .operation = what % DRIVER_OPERATIONS, .table = "t", .limit = what >> 4};
	}
	order = (struct fuzz){z.bytes, z.len < ORDER ? z.len : ORDER};
	z.bytes += order.len;
	z.len -= order.len;
	if (kind == 0) {
		buf_add(&stream, z.bytes, z.len < LONGEST ? z.len : LONGEST);
	} else {
		size_t cut = fuzz_byte(&z) << 8 | fuzz_byte(&z), at = fuzz_byte(&z) << 8 | fuzz_byte(&z);
		char byte = (char)fuzz_byte(&z);

		make_stream(&stream, asking, n, kind == 3, &z);
		if (kind == 2)
			stream.len = cut % stream.len;
		if (kind == 3)
			stream.bytes[at % stream.len] = byte;
	}
	fake.bytes = buf_string(&stream);
	fake.len = stream.len;
	fake.written.len = 0;
	db = driver_helper_open(&m, "fake", "fake:", 0, NULL);
	MUST(db != NULL);
	for (size_t i = 0; i < n; i++)
		asking[i].rows = db->driver->ask(db, &asking[i].mem, &asking[i].request);
	read_all(asking, n, (struct helper *)db, &order);
	if (db->lost)
		ask_lost((struct helper *)db, &asking[0].request);
	check_written(n);
	for (size_t i = 0; i < n; i++) {
		if (kind == 1 || kind == 2)
			check_answer(&asking[i], kind == 1);
		close_answer(&asking[i]);
		mem_free(&asking[i].mem);
		buf_free(&asking[i].sent);
		buf_free(&asking[i].got);
	}
	db->driver->close(db);
	MUST(!fake.running);
	mem_free(&m);
	buf_free(&stream);
	buf_free(&fake.written);
	return 0;
}
