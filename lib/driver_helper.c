#include "driver_helper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "request.h"
#include "search.h"
#include "trace.h"
#include "wire.h"

enum {
	VERSION = 1,
	PARKED = 64 << 20, /* bytes of answers that may come before they are wanted */
	NOTES = 1 << 20,   /* bytes of an end record */
};

static const int64_t SECOND = INT64_C(1000000000);

enum { HELLO = 10, ANSWER = 30 }; /* seconds */

/* A request that was made, and its answer so far.  Its own piece of memory: the answer may still come when the stream is
 * closed. */
struct asked {
	struct helper *helper;
	struct asked *next; /* the one made after it */
	uint32_t number;
	struct buf parked; /* frames that came before they were wanted */
	size_t taken;      /* bytes of them handed out */
	uint64_t rows, most;
	size_t fields; /* columns that the answer must have; 0: any */
	int begun, ended, closed;
	int64_t deadline; /* 0: it is not waited for yet, or may take as long as the command */
};

struct helper {
	struct driver_database base;
	struct mem *mem;
	const char *scheme, *reference;
	int local; /* of a file */
	int started;
	struct wire wire;
	int serves;    /* it stands for a server, and the command has no deadline */
	int greeted;   /* its first frame is here */
	int64_t hello; /* when that must be; 0: it is not waited for yet */
	struct asked *first, *last;
	struct asked *answering; /* whose frames come now */
	uint32_t number, unsent; /* of the last request; requests since the last `go` */
	size_t parked;
	struct fail why;
};

/* The helper has ended, or is ended now: no answer will come any more.  Returns its status. */
static int
end_helper(struct helper *h, int now)
{
	struct asked *a = h->first, *next;

	h->base.lost = 1;
	h->first = h->last = h->answering = NULL;
	for (; a != NULL; a = next) {
		next = a->next;
		if (a->closed)
			free(a);
	}
	return wire_stop(&h->wire, now);
}

/* The helper is no use any more, and this is why. */
static int
lose(struct helper *h, struct fail *f)
{
	if (!h->base.lost) {
		h->why = *f;
		end_helper(h, 1);
	}
	*f = h->why;
	return -1;
}

/* No frame comes.  Where the helper has closed its output, how it ended says more than that. */
static int
no_frame(struct helper *h, struct fail *f)
{
	struct fail how;

	if (!h->wire.gone)
		return lose(h, f);
	child_status(&how, h->wire.name, end_helper(h, 0));
	fail_set(&h->why, "%.300s before it had answered", how.text);
	*f = h->why;
	return -1;
}

static int
broke_protocol(struct helper *h, const char *how, struct fail *f)
{
	fail_set(f, "%s breaks the protocol: %s", h->wire.name, how);
	return lose(h, f);
}

static int
take_hello(struct helper *h, struct frame *frame, struct fail *f)
{
	uint32_t version = frame_u32(frame);
	char how[64];

	if (frame->kind != 'V' || frame->bad)
		return broke_protocol(h, "it does not begin with its version", f);
	if (version != VERSION) {
		snprintf(how, sizeof how, "its version is %" PRIu32 ", not %d", version, VERSION);
		return broke_protocol(h, how, f);
	}
	h->greeted = 1;
	return 0;
}

/* The answer whose turn it is has come to its end. */
static void
end_answer(struct helper *h)
{
	struct asked *a = h->answering;

	h->answering = NULL;
	h->first = a->next;
	if (h->first == NULL)
		h->last = NULL;
	a->ended = 1;
	if (a->closed)
		free(a);
}

/* True where an answer about facts has other fields than those that its readers take from it. */
static int
is_misshapen(const struct asked *a, const struct frame *frame)
{
	struct frame body = *frame;

	return a->fields > 0 && frame->kind != 'E' && frame_u32(&body) != a->fields;
}

/* Checks a frame of an answer: 0, or -1 where it has no place there. */
static int
check_frame(struct helper *h, struct asked *a, const struct frame *frame, struct fail *f)
{
	if (a == NULL)
		return broke_protocol(h, "an answer that nobody has asked for", f);
	if (frame->kind == 'C' && !a->begun)
		a->begun = 1;
	else if (frame->kind == 'R' && a->begun && a->rows++ == a->most)
		return broke_protocol(h, "more rows than were asked for", f);
	else if (frame->kind == 'E' ? frame_left(frame) > NOTES : frame->kind != 'R' || !a->begun)
		return broke_protocol(h, "a frame that has no place there", f);
	if (is_misshapen(a, frame))
		return broke_protocol(h, "an answer without the fields it should have", f);
	return 0;
}

/* Keeps a frame for an answer whose turn to be read has not come. */
static int
park(struct helper *h, struct asked *a, const struct frame *frame, struct fail *f)
{
	size_t body;

	h->parked += frame_left(frame) + FRAME_HEAD;
	if (h->parked > PARKED)
		return fail_set(f, "%s sends more than %d MiB ahead of time", h->wire.name, PARKED >> 20), lose(h, f);
	body = frame_open(&a->parked, (char)frame->kind);
	buf_add(&a->parked, frame->p, frame_left(frame));
	frame_close(&a->parked, body);
	return 0;
}

/* Takes one frame from the helper: 1 if it is for `a`, 0 if it was for another or for nobody. */
static int
take_frame(struct helper *h, struct asked *a, struct frame *frame, struct fail *f)
{
	struct asked *of;

	if (wire_next(&h->wire, frame, f) < 0)
		return no_frame(h, f);
	if (!h->greeted)
		return take_hello(h, frame, f);
	if (frame->kind == 'A') {
		uint32_t number = frame_u32(frame);

		if (h->answering != NULL || h->first == NULL || number != h->first->number || frame->bad)
			return broke_protocol(h, "an answer out of its order", f);
		h->answering = h->first;
		return 0;
	}
	of = h->answering;
	if (check_frame(h, of, frame, f) < 0 || (of != a && !of->closed && park(h, of, frame, f) < 0))
		return -1;
	if (frame->kind == 'E')
		end_answer(h);
	return of == a;
}

/* What was asked since the last time becomes a batch. */
static void
send_batch(struct helper *h)
{
	if (h->unsent == 0)
		return;
	frame_close(&h->wire.out, frame_open(&h->wire.out, 'G'));
	trace_event("roundtrip requests=%" PRIu32, h->unsent);
	h->unsent = 0;
}

/* When an answer must be there, apart from the command's own deadline; 0: whenever. */
static int64_t
answer_by(const struct helper *h)
{
	const struct watch *w = h->wire.watch;
	int64_t now = watch_now();

	if (h->serves)
		return now + ANSWER * SECOND;
	if (w == NULL || w->deadline == 0 || !w->behind)
		return 0;
	return now + (w->deadline - now) / 2;
}

/* The clock of what a helper owes runs from when it is waited for: others may be waited for before it. */
static void
start_clock(struct helper *h, struct asked *a)
{
	if (h->hello == 0)
		h->hello = watch_now() + HELLO * SECOND;
	if (a->deadline == 0)
		a->deadline = answer_by(h);
	if (!h->greeted && (a->deadline == 0 || h->hello < a->deadline)) {
		h->wire.until = h->hello;
		h->wire.overdue = "says nothing for 10 s";
	} else {
		h->wire.until = a->deadline;
		h->wire.overdue = h->serves ? "has not answered within 30 s (--timeout)"
					    : "has taken half of --timeout; the rest is for those behind it";
	}
}

static int
asked_next(void *arg, struct frame *frame, struct fail *f)
{
	struct asked *a = arg;
	struct helper *h = a->helper;
	int mine = 0;

	if (a->taken < a->parked.len) {
		a->taken += (size_t)frame_first(frame, a->parked.bytes + a->taken, a->parked.len - a->taken);
		return 0;
	}
	if (a->ended)
		return fail_set(f, "the answer has ended");
	if (h->base.lost) {
		*f = h->why;
		return -1;
	}
	/* Only for its own sake: what is asked while another answer is read may be one batch. */
	if (a->number > h->number - h->unsent)
		send_batch(h);
	while (mine == 0) {
		start_clock(h, a);
		mine = take_frame(h, a, frame, f);
	}
	return mine < 0 ? -1 : 0;
}

static void
asked_close(void *arg)
{
	struct asked *a = arg;

	a->helper->parked -= a->parked.len;
	buf_free(&a->parked);
	a->closed = 1;
	if (a->ended || a->helper->base.lost)
		free(a);
}

/* Milliseconds the helper has: what is left of the command's, or what an answer of a server may take; 0: no limit. */
static int64_t
time_left(const struct helper *h)
{
	int64_t left;

	if (h->wire.watch == NULL || h->wire.watch->deadline == 0)
		return h->serves ? ANSWER * 1000 : 0;
	left = h->wire.watch->deadline - watch_now();
	return left > 0 ? (left + 999999) / 1000000 : 1;
}

/* Starts the helper, which opens its database while we go on. */
static int
start_helper(struct helper *h, struct fail *f)
{
	const char *path;
	char ms[24];
	size_t body;

	if (search_helper(h->mem, h->scheme, &path, f) < 0)
		return h->local ? fail_wrap(f, "is a database") : -1;
	if (wire_start(&h->wire, path, f) < 0)
		return -1;
	h->started = 1;
	snprintf(ms, sizeof ms, "%" PRId64, time_left(h));
	body = frame_open(&h->wire.out, 'O');
	frame_put_u32(&h->wire.out, VERSION);
	frame_put_text(&h->wire.out, h->reference, strlen(h->reference));
	frame_put_text(&h->wire.out, ms, strlen(ms));
	frame_close(&h->wire.out, body);
	driver_helper_go(&h->base);
	return 0;
}

static struct rows *
helper_ask(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	static const struct rows_frames frames = {asked_next, asked_close};
	struct helper *h = (struct helper *)db;
	struct asked *a;

	/* Not a second time for the second of several questions. */
	if (!h->started && !db->lost)
		db->lost = start_helper(h, &h->why) < 0;
	if (db->lost)
		return rows_failed(m, ROWS_UNAVAILABLE, h->why.text);
	a = mem_resize(NULL, sizeof *a);
	*a = (struct asked){.helper = h, .number = ++h->number, .fields = driver_fields[request->operation].n};
	a->most = request->operation == DRIVER_SCAN ? request->limit : UINT64_MAX;
	request_encode(&h->wire.out, a->number, request);
	h->unsent++;
	h->wire.child.undoes |= driver_changes(request->operation);
	if (h->last != NULL)
		h->last->next = a;
	else
		h->first = a;
	h->last = a;
	return rows_decode_frames(m, &frames, a);
}

static void
helper_close(struct driver_database *db)
{
	struct helper *h = (struct helper *)db;

	/* One that still has to answer would do so to nobody. */
	if (h->started && !db->lost)
		end_helper(h, h->first != NULL);
}

void
driver_helper_go(struct driver_database *db)
{
	struct helper *h = (struct helper *)db;
	struct fail f;

	if (!h->started || db->lost)
		return;
	send_batch(h);
	/* What goes wrong here shows where the answer is read. */
	wire_send(&h->wire, &f);
}

struct driver_database *
driver_helper_open(struct mem *m, const char *scheme, const char *reference, int serves, struct watch *w)
{
	static const struct driver driver = {"helper", helper_ask, NULL, helper_close};
	struct helper *h = mem_alloc(m, sizeof *h);

	h->base.driver = &driver;
	h->mem = m;
	h->scheme = mem_string(m, scheme);
	h->reference = mem_string(m, reference);
	h->local = !serves;
	h->wire.watch = w;
	h->serves = serves && (w == NULL || (w->deadline == 0 && !w->patient));
	return &h->base;
}
