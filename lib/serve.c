#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "frame.h"
#include "number.h"
#include "request_decode.h"
#include "trace.h"

enum {
	VERSION = 1,
	BLOCK = 64 << 10,
	BATCH = 1 << 16,       /* requests */
	AHEAD = 256,           /* requests that the driver is given before the first of them is to be answered */
	MILLISECOND = 1000000, /* nanoseconds */
};

struct serving {
	const struct serve *helper;
	struct mem mem; /* the database's */
	struct watch watch;
	struct driver_database *database;
	struct fail why; /* where it could not be opened */
	struct buf in, out;
	size_t taken;
	/* the batch */
	struct mem batch;
	struct buf queue; /* struct queued */
	int gone;         /* nobody takes answers any more */
};

struct queued {
	uint32_t number;
	int known; /* else it is refused, with this sentence */
	struct driver_request request;
	struct fail why;
	struct mem mem;    /* the answer's */
	struct rows *rows; /* the answer, once it has been asked for */
};

/* The one there is, for what computes deep inside an answer. */
static struct serving *serving;

static void
flush(struct serving *s)
{
	struct fail f;

	s->gone |= file_write(STDOUT_FILENO, s->out.bytes, s->out.len, &f) < 0;
	s->out.len = 0;
}

int
serve_gone(void)
{
	struct pollfd p = {.fd = STDIN_FILENO};

	if (serving != NULL && serving->out.len > 0)
		flush(serving);
	if (serving != NULL && serving->gone)
		return 1;
	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

void
serve_row(const struct rows_cell *cells, size_t n)
{
	if (serving == NULL || serving->gone)
		return;
	rows_encode_row(&serving->out, cells, n);
	flush(serving);
}

/* The rows of an answer, to their end or until nobody wants them. */
static int
send_rows(struct serving *s, struct rows *rows, struct fail *f)
{
	int more = rows_columns(rows, f);

	if (more < 0)
		return -1;
	rows_encode_columns(&s->out, rows->columns, rows->ncolumns);
	while (!s->gone && (more = rows_next(rows, f)) > 0) {
		rows_encode_row(&s->out, rows->cells, rows->ncells);
		if (s->out.len >= BLOCK)
			flush(s);
	}
	return more;
}

static void
ask(struct serving *s, struct queued *q)
{
	if (s->database == NULL)
		q->rows = rows_failed(&q->mem, ROWS_FAILED, s->why.text);
	else if (!q->known)
		q->rows = rows_failed(&q->mem, ROWS_REFUSED, q->why.text);
	else
		q->rows = s->database->driver->ask(s->database, &q->mem, &q->request);
}

static void
answer(struct serving *s, struct queued *q)
{
	struct fail f;
	size_t body = frame_open(&s->out, 'A');
	int r;

	frame_put_u32(&s->out, q->number);
	frame_close(&s->out, body);
	r = send_rows(s, q->rows, &f);
	rows_encode_end(&s->out, q->rows, r < 0 ? &f : NULL);
	if (s->out.len >= BLOCK)
		flush(s);
}

/* What a driver is asked together it may send as one pipeline. */
static void
answer_together(struct serving *s, struct queued *queue, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ask(s, &queue[i]);
	for (size_t i = 0; i < n; i++) {
		if (!s->gone)
			answer(s, &queue[i]);
		rows_close(queue[i].rows);
		mem_free(&queue[i].mem);
	}
}

static void
answer_batch(struct serving *s)
{
	struct queued *queue = (struct queued *)(void *)s->queue.bytes;
	size_t n = s->queue.len / sizeof *queue;

	for (size_t i = 0; i < n && !s->gone; i += AHEAD)
		answer_together(s, queue + i, n - i < AHEAD ? n - i : AHEAD);
	flush(s);
	s->queue.len = 0;
	mem_free(&s->batch);
}

/* Opens the database.  That it cannot be opened is the answer to every request. */
static int
open_database(struct serving *s, struct frame *body)
{
	const char *bytes, *reference, *ms;
	uint64_t timeout = 0;
	size_t len;

	if (s->database != NULL || frame_u32(body) != VERSION)
		return -1;
	len = frame_text(body, &bytes);
	reference = mem_copy(&s->mem, bytes, len);
	len = frame_text(body, &bytes);
	ms = mem_copy(&s->mem, bytes, len);
	if (!frame_done(body) || number_integer(ms, 0, INT64_MAX / MILLISECOND, &timeout, &s->why) < 0)
		return -1;
	watch_start(&s->watch, (int64_t)timeout * MILLISECOND, NULL);
	s->database = s->helper->open(&s->mem, reference, &s->watch, &s->why);
	return 0;
}

static int
take(struct serving *s, struct frame *body)
{
	struct queued q = {.rows = NULL};
	int known;

	switch (body->kind) {
	case 'O':
		return open_database(s, body);
	case 'Q':
		known = request_decode(&s->batch, body, &q.number, &q.request, &q.why);
		if (known < 0 || s->queue.len / sizeof q >= BATCH)
			return -1;
		q.known = known;
		buf_add(&s->queue, &q, sizeof q);
		return 0;
	case 'G':
		answer_batch(s);
		return s->gone ? -1 : 0;
	default:
		return -1;
	}
}

/* Takes the frames that are whole; -1 where one is not what it should be. */
static int
take_frames(struct serving *s)
{
	struct frame frame;
	long used;

	while ((used = frame_first(&frame, s->in.bytes + s->taken, s->in.len - s->taken)) > 0) {
		s->taken += (size_t)used;
		if (take(s, &frame) < 0)
			return -1;
	}
	memmove(s->in.bytes, s->in.bytes + s->taken, s->in.len - s->taken);
	s->in.len -= s->taken;
	s->taken = 0;
	return used < 0 ? -1 : 0;
}

/* The version goes at once: the first answer may take longer than the other side waits for a sign of life. */
static void
say_version(struct serving *s)
{
	size_t body = frame_open(&s->out, 'V');

	frame_put_u32(&s->out, VERSION);
	frame_close(&s->out, body);
	flush(s);
}

/* Not traced: what counts as read is what the other side gets. */
static ssize_t
read_requests(struct serving *s)
{
	ssize_t n;

	do
		n = read(STDIN_FILENO, buf_room(&s->in, BLOCK), BLOCK);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Who writes to nobody is killed (file_write()): here there may be something to cancel or to roll back first. */
static void
hold_broken_pipe(void)
{
	sigset_t broken;

	sigemptyset(&broken);
	sigaddset(&broken, SIGPIPE);
	sigprocmask(SIG_BLOCK, &broken, NULL);
}

int
serve(const struct serve *helper)
{
	struct serving s = {.helper = helper, .why = {"no database was opened"}};
	const char *trace = getenv("DBM_TRACE");
	struct fail f;
	ssize_t n = 1;
	int r = 0;

	hold_broken_pipe();
	serving = &s;
	if (trace != NULL && *trace != '\0')
		trace_open(trace, &f);
	say_version(&s);
	while (r == 0 && n > 0) {
		n = read_requests(&s);
		s.in.len += n > 0 ? (size_t)n : 0;
		r = n > 0 ? take_frames(&s) : 0;
	}
	if (s.database != NULL)
		s.database->driver->close(s.database);
	serving = NULL;
	mem_free(&s.batch);
	mem_free(&s.mem);
	buf_free(&s.queue);
	buf_free(&s.in);
	buf_free(&s.out);
	return r == 0 ? 0 : 1;
}
