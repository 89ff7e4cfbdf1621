#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "trace.h"

enum {
	BLOCK = 64 << 10, /* bytes read at once */
	LATE = 64 << 10,  /* bytes that are still taken when the time is over: what a pipe holds */
	TICK = 200,       /* milliseconds between two looks at the clock */
};

int
wire_start(struct wire *w, const char *path, struct fail *f)
{
	w->name = file_name(path);
	return child_helper(&w->child, path, f);
}

int
wire_send(struct wire *w, struct fail *f)
{
	ssize_t n = w->sent < w->out.len ? child_write(&w->child, w->out.bytes + w->sent, w->out.len - w->sent) : 0;

	if (n < 0 && errno == EPIPE)
		w->sent = w->out.len; /* it has gone; its output, read to the end, says how */
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		return fail_errno(f, errno, "writing to %s", w->name);
	w->sent += n > 0 ? (size_t)n : 0;
	if (w->sent == w->out.len)
		w->sent = w->out.len = 0;
	return 0;
}

/* 1 where something came, 0 where nothing did, -1. */
static int
read_some(struct wire *w, struct fail *f)
{
	ssize_t n;

	/* What was handed out goes, so that the front of the next frame is near the front of the buffer. */
	if (w->taken > 0)
		memmove(w->in.bytes, w->in.bytes + w->taken, w->in.len - w->taken);
	w->in.len -= w->taken;
	w->taken = 0;
	n = read(w->child.out, buf_room(&w->in, BLOCK), BLOCK);
	w->gone = n == 0;
	if (n == 0)
		return fail_set(f, "%s has closed its output", w->name);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : fail_errno(f, errno, "reading from %s", w->name);
	trace_event("read bytes=%zd", n);
	w->in.len += (size_t)n;
	w->received += (uint64_t)n;
	return 1;
}

/* How long to wait, in milliseconds; -1 and a sentence where the time is over. */
static int
check_time(struct wire *w, struct fail *f)
{
	int64_t now = watch_now(), wait = (int64_t)TICK * 1000000;

	if (watch_check(w->watch, w->received, 0, f) < 0)
		return -1;
	if (w->until != 0 && now >= w->until)
		return fail_set(f, "%s %s", w->name, w->overdue);
	if (w->watch != NULL && w->watch->deadline != 0 && w->watch->deadline - now < wait)
		wait = w->watch->deadline - now;
	return wait > 0 ? (int)(wait / 1000000) + 1 : 0;
}

/* One wait: writes what is to be written and reads what has come.  What had come in time is taken even where somebody else has
 * kept us from it until now: then nothing is waited for, and no more is read than a pipe holds. */
static int
exchange(struct wire *w, struct fail *f)
{
	struct pollfd p[2] = {{.fd = w->child.out, .events = POLLIN}, {.fd = w->child.in, .events = POLLOUT}};
	struct fail over;
	int ms = check_time(w, &over), late = ms < 0, came = 0;
	int n = poll(p, w->sent < w->out.len ? 2 : 1, late ? 0 : ms);
	uint64_t before = w->received;

	if (n < 0 && errno != EINTR)
		return fail_errno(f, errno, "poll");
	if (n > 0 && p[1].revents != 0 && wire_send(w, f) < 0)
		return -1;
	if (n > 0 && p[0].revents != 0 && w->late < LATE && (came = read_some(w, f)) < 0)
		return -1;
	w->late += late ? w->received - before : 0;
	if (late && came == 0) {
		*f = over;
		return -1;
	}
	return came;
}

int
wire_next(struct wire *w, struct frame *frame, struct fail *f)
{
	for (;;) {
		size_t len = w->in.len - w->taken;
		long used = len > 0 ? frame_first(frame, w->in.bytes + w->taken, len) : 0;

		if (used < 0)
			return fail_set(f, "%s breaks the protocol: a frame is longer than 1 GiB", w->name);
		if (used > 0) {
			w->taken += (size_t)used;
			return 0;
		}
		if (exchange(w, f) < 0)
			return -1;
	}
}

int
wire_stop(struct wire *w, int now)
{
	buf_free(&w->out);
	buf_free(&w->in);
	return child_stop(&w->child, now);
}
