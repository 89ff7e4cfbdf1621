#include "crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "file.h"
#include "frame.h"

enum { BLOCK = 4096 };

static const size_t NO_MORE = SIZE_MAX; /* in place of a job's number */

struct hand {
	struct child child; /* pid 0: none */
	int busy;           /* it has not told of its job yet */
	size_t job;
	struct buf heard;
};

struct running {
	const struct crew *crew;
	struct hand hands[CREW_MOST];
	size_t next; /* job */
	int unheard; /* a process that was at no job could not be listened to, and this is why */
	struct fail why;
};

/* Signals. */

enum { SIGNALS = 3 };

static const int signals[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
static struct sigaction before[SIGNALS];

/* For the handler. */
static volatile sig_atomic_t pids[CREW_MOST];

static void
end_all(int sig)
{
	for (int i = 0; i < CREW_MOST; i++) {
		if (pids[i] > 0)
			kill(pids[i], SIGTERM);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

/* What the parent of all has ignored stays so. */
static void
catch_signals(void)
{
	struct sigaction end = {.sa_handler = end_all};

	sigfillset(&end.sa_mask);
	for (int i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &end, NULL);
	}
}

static void
release_signals(void)
{
	for (int i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
}

static void
hold_signals(sigset_t *held)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, held);
}

/* One of the processes. */

/* Where the parent has gone, there is nobody to work for. */
int
crew_job(size_t *job, struct fail *f)
{
	size_t got = 0;

	while (got < sizeof *job) {
		ssize_t n = read(STDIN_FILENO, (char *)job + got, sizeof *job - got);

		if (n == 0)
			_exit(0);
		if (n > 0)
			got += (size_t)n;
		else if (errno != EINTR)
			return fail_errno(f, errno, "the next job cannot be read");
	}
	return *job != NO_MORE;
}

/* A frame: the number, then the bytes. */
int
crew_tell(size_t job, const void *bytes, size_t len, struct fail *f)
{
	struct buf b = {0};
	size_t body = frame_open(&b, 'T');
	int told;

	frame_put_u64(&b, job);
	buf_add(&b, bytes, len);
	frame_close(&b, body);
	told = file_write(STDOUT_FILENO, b.bytes, b.len, f);
	buf_free(&b);
	return told;
}

/* The parent. */

/* A process that cannot be told gets no more to read, and ends. */
static void
send_number(struct hand *h, size_t number)
{
	size_t sent = 0;

	while (sent < sizeof number) {
		ssize_t n = child_write(&h->child, (const char *)&number + sent, sizeof number - sent);

		if (n > 0) {
			sent += (size_t)n;
		} else if (errno != EINTR) {
			close(h->child.in);
			h->child.in = -1;
			return;
		}
	}
}

static void
give_job(struct running *r, struct hand *h)
{
	int more = r->next < r->crew->jobs && r->crew->may_begin(r->crew->arg);
	size_t number = more ? r->next++ : NO_MORE;

	h->busy = more;
	h->job = number;
	send_number(h, number);
}

static int
start(struct running *r, size_t i, struct fail *f)
{
	struct hand *h = &r->hands[i];
	sigset_t held;
	int child;

	hold_signals(&held);
	child = child_fork(&h->child, f);
	if (child == 0)
		pids[i] = h->child.pid;
	if (child > 0)
		release_signals();
	sigprocmask(SIG_SETMASK, &held, NULL);
	if (child > 0) {
		_exit(r->crew->work(r->crew->arg));
	}
	if (child < 0) {
		h->child.pid = 0;
		return -1;
	}
	give_job(r, h);
	return 0;
}

/* It has closed its output: it has ended, or is about to.  Or it is listened to no more, and that is why. */
static void
end(struct running *r, size_t i, struct fail *why)
{
	struct hand *h = &r->hands[i];
	struct fail how;
	sigset_t held;
	int status;

	hold_signals(&held);
	status = child_stop(&h->child, 0);
	pids[i] = 0;
	sigprocmask(SIG_SETMASK, &held, NULL);
	h->child.pid = 0;
	buf_free(&h->heard);
	if (h->busy) {
		child_status(&how, "the process that was at it", status);
		r->crew->lost(r->crew->arg, h->job, why != NULL ? why : &how);
	}
	h->busy = 0;
}

/* What has come in full. */
static void
take_words(struct running *r, struct hand *h)
{
	struct frame frame;
	size_t at = 0;
	long used;

	while ((used = frame_first(&frame, h->heard.bytes + at, h->heard.len - at)) > 0) {
		size_t job = (size_t)frame_u64(&frame);

		at += (size_t)used;
		r->crew->told(r->crew->arg, job, frame.p, frame_left(&frame));
		if (h->busy && job == h->job)
			give_job(r, h);
	}
	memmove(h->heard.bytes, h->heard.bytes + at, h->heard.len - at);
	h->heard.len -= at;
}

static void
hear(struct running *r, size_t i)
{
	struct hand *h = &r->hands[i];
	ssize_t n = read(h->child.out, buf_room(&h->heard, BLOCK), BLOCK);
	struct fail why;

	if (n > 0) {
		h->heard.len += (size_t)n;
		take_words(r, h);
	} else if (n == 0) {
		end(r, i, NULL);
	} else if (errno != EINTR) {
		fail_errno(&why, errno, "what became of it cannot be read");
		if (!h->busy) {
			r->unheard = 1;
			r->why = why;
		}
		end(r, i, &why);
	}
}

/* As many processes as there are jobs for; how many there are. */
static size_t
fill(struct running *r, struct fail *f)
{
	size_t n = 0;

	for (size_t i = 0; i < r->crew->processes && i < CREW_MOST; i++) {
		int wanted = r->next < r->crew->jobs && r->crew->may_begin(r->crew->arg);

		n += r->hands[i].child.pid != 0 || (wanted && start(r, i, f) == 0);
	}
	return n;
}

/* Waits until one says something. */
static int
listen_to_all(struct running *r, struct fail *f)
{
	struct pollfd p[CREW_MOST];

	for (size_t i = 0; i < CREW_MOST; i++)
		p[i] = (struct pollfd){.fd = r->hands[i].child.pid != 0 ? r->hands[i].child.out : -1, .events = POLLIN};
	/* No more than there may be: poll(2) refuses more than the process may have descriptors. */
	if (poll(p, r->crew->processes, -1) < 0)
		return errno == EINTR ? 0 : fail_errno(f, errno, "poll");
	for (size_t i = 0; i < CREW_MOST; i++) {
		if (p[i].revents != 0)
			hear(r, i);
	}
	return 0;
}

int
crew_run(const struct crew *c, struct fail *f)
{
	struct running r = {.crew = c};
	int done = 0;

	catch_signals();
	while (done == 0 && fill(&r, f) > 0)
		done = listen_to_all(&r, f);
	for (size_t i = 0; i < CREW_MOST; i++) {
		if (r.hands[i].child.pid != 0)
			end(&r, i, f);
	}
	release_signals();
	if (r.unheard)
		*f = r.why;
	return done < 0 || r.unheard || (r.next < c->jobs && c->may_begin(c->arg)) ? -1 : 0;
}
