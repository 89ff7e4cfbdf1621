#include "pg_session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pg_error.h"
#include "serve.h"
#include "trace.h"

static const int64_t MILLISECOND = 1000000;

enum { CONNECT = 10000, MARGIN = 500, SLICE = 1000 }; /* milliseconds */
enum { CANCEL = 1 };                                  /* seconds that a server has to take a cancel request */

/* What a signal has to cancel: a handler is told nothing else. */
static PGcancel *volatile running;
static volatile sig_atomic_t held, signalled;

static void
cancel(void)
{
	char ignored[256];

	/* It connects and waits, and no signal but one that kills makes it stop. */
	alarm(CANCEL);
	if (running != NULL)
		PQcancel(running, ignored, sizeof ignored);
	alarm(0);
}

static void
on_signal(int number)
{
	if (held) {
		signalled = number;
		return;
	}
	cancel();
	_exit(128 + number);
}

void
pg_session_hold(int hold)
{
	signalled = 0;
	held = hold;
}

int
pg_session_signal(void)
{
	return signalled;
}

/* What our parent has ignored stays so. */
static void
catch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	enum { NUMBERS = sizeof numbers / sizeof *numbers };
	struct sigaction action = {.sa_handler = on_signal}, before;

	sigemptyset(&action.sa_mask);
	for (int i = 0; i < NUMBERS; i++)
		sigaddset(&action.sa_mask, numbers[i]);
	for (int i = 0; i < NUMBERS; i++) {
		sigaction(numbers[i], NULL, &before);
		if (before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}

static void
lose(struct pg_session *s, enum rows_end how, const struct fail *why)
{
	if (s->lost)
		return;
	s->lost = 1;
	s->how = how;
	s->why = *why;
}

static int
is_lost(const struct pg_session *s, struct fail *f)
{
	if (s->lost)
		*f = s->why;
	return s->lost;
}

/* A part of the time is kept back: who waits for us is to hear from us what went wrong, not to find it out. */
static int64_t
margin(int64_t time)
{
	return time / 10 < MARGIN * MILLISECOND ? time / 10 : MARGIN * MILLISECOND;
}

void
pg_session_expect(struct pg_session *s)
{
	const struct watch *w = s->watch;

	s->deadline = 0;
	if (w != NULL && w->deadline != 0)
		s->deadline = (s->waited ? watch_now() + w->timeout : w->deadline) - margin(w->timeout);
	s->waited = 1;
}

int64_t
pg_session_left(const struct pg_session *s)
{
	int64_t left;

	if (s->deadline == 0)
		return 0;
	left = s->deadline - watch_now();
	left = (left - margin(left) / 2) / MILLISECOND;
	return left > 0 ? left : 1;
}

/* Why there is nothing to wait for any more: 0 where there is. */
static int
check_wanted(const struct pg_session *s, const char *overdue, int64_t deadline, struct fail *f)
{
	if (!s->alone && serve_gone())
		return fail_set(f, "nobody waits for the answer");
	if (deadline != 0 && watch_now() >= deadline)
		return fail_set(f, "%s (--timeout)", overdue);
	return 0;
}

/* Waits until the socket is ready for one of `events`: 0, or -1 and the session is lost. */
static int
wait_for(struct pg_session *s, short events, int64_t deadline, const char *overdue, struct fail *f)
{
	struct pollfd p[2] = {{.fd = PQsocket(s->connection), .events = events}, {.fd = STDIN_FILENO}};
	int n = 0;

	while (n <= 0 || p[0].revents == 0) {
		int64_t left = deadline != 0 ? (deadline - watch_now()) / MILLISECOND + 1 : SLICE;

		if (check_wanted(s, overdue, deadline, f) < 0) {
			lose(s, ROWS_UNAVAILABLE, f);
			return -1;
		}
		n = poll(p, 2, left < SLICE ? (int)left : SLICE);
		if (n < 0 && errno != EINTR) {
			fail_errno(f, errno, "poll");
			lose(s, ROWS_FAILED, f);
			return -1;
		}
	}
	return 0;
}

/* How long it may take, whatever the number of hosts. */
static int64_t
connect_by(const struct pg_session *s)
{
	PQconninfoOption *options = PQconninfo(s->connection);
	int64_t by = watch_now() + CONNECT * MILLISECOND;

	if (s->deadline != 0 && s->deadline < by)
		by = s->deadline;
	for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
		long limit = strcmp(o->keyword, "connect_timeout") == 0 && o->val != NULL ? strtol(o->val, NULL, 10) : 0;

		if (limit > 0 && limit * 1000 < CONNECT && watch_now() + limit * 1000 * MILLISECOND < by)
			by = watch_now() + limit * 1000 * MILLISECOND;
	}
	PQconninfoFree(options);
	return by;
}

static void
drop_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

static int
poll_connection(struct pg_session *s, struct fail *f)
{
	int64_t by = connect_by(s);
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	while (next == PGRES_POLLING_WRITING || next == PGRES_POLLING_READING) {
		if (wait_for(s, next == PGRES_POLLING_WRITING ? POLLOUT : POLLIN, by,
			"the server does not answer: there was no connection in time", f) < 0)
			return -1;
		next = PQconnectPoll(s->connection);
	}
	return next == PGRES_POLLING_OK ? 0 : 1;
}

/* 0; 1 where libpq has the reason; -1. */
static int
connect_now(struct pg_session *s, struct fail *f)
{
	int r;

	trace_event("connect");
	s->connection = PQconnectStartParams(s->info.keywords, s->info.values, 0);
	if (s->connection == NULL)
		mem_exhausted();
	if (PQstatus(s->connection) == CONNECTION_BAD)
		return 1;
	PQsetErrorVerbosity(s->connection, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(s->connection, drop_notice, NULL);
	r = poll_connection(s, f);
	if (r == 0 && (PQsetnonblocking(s->connection, 1) < 0 || PQenterPipelineMode(s->connection) != 1))
		r = 1;
	return r;
}

int
pg_session_connect(struct pg_session *s, struct fail *f)
{
	enum rows_end how;
	int r;

	if (is_lost(s, f))
		return -1;
	if (s->connection != NULL)
		return 0;
	catch_signals();
	r = connect_now(s, f);
	if (r > 0) {
		how = pg_error_connecting(s->connection, f);
		lose(s, how, f);
	}
	if (r != 0)
		return -1;
	s->version = PQserverVersion(s->connection);
	return 0;
}

static int
connection_lost(struct pg_session *s, struct fail *f)
{
	enum rows_end how = pg_error_lost(s->connection, f);

	lose(s, how, f);
	*f = s->why;
	return -1;
}

int
pg_session_send(struct pg_session *s, const char *sql, int nvalues, const char *const *values, struct fail *f)
{
	if (is_lost(s, f))
		return -1;
	if (running == NULL && !s->alone)
		running = PQgetCancel(s->connection);
	trace_event("statement");
	s->unsent++;
	if (PQsendQueryParams(s->connection, sql, nvalues, NULL, values, NULL, NULL, 0) != 1)
		return connection_lost(s, f);
	return 0;
}

int
pg_session_sync(struct pg_session *s, struct fail *f)
{
	if (is_lost(s, f))
		return -1;
	return PQpipelineSync(s->connection) == 1 ? 0 : connection_lost(s, f);
}

/* Reads and writes what can be without waiting, after having waited for either. */
static int
exchange(struct pg_session *s, struct fail *f)
{
	int unsent = PQflush(s->connection);

	if (unsent < 0)
		return connection_lost(s, f);
	if (wait_for(s, unsent > 0 ? POLLIN | POLLOUT : POLLIN, s->deadline, "the server has not answered in time", f) < 0)
		return -1;
	return PQconsumeInput(s->connection) == 1 ? 0 : connection_lost(s, f);
}

int
pg_session_ready(struct pg_session *s, int64_t until, struct fail *f)
{
	struct pollfd p = {.fd = -1};
	int unsent = 0;

	if (is_lost(s, f))
		return -1;
	while (signalled == 0 && PQisBusy(s->connection) && watch_now() < until) {
		if ((unsent = PQflush(s->connection)) < 0)
			return connection_lost(s, f);
		p = (struct pollfd){.fd = PQsocket(s->connection), .events = unsent > 0 ? POLLIN | POLLOUT : POLLIN};
		if (poll(&p, 1, (int)((until - watch_now()) / MILLISECOND) + 1) > 0 && PQconsumeInput(s->connection) != 1)
			return connection_lost(s, f);
	}
	return !PQisBusy(s->connection);
}

/* An error that ends the connection is not one of a statement. */
static int
last_words(struct pg_session *s, PGresult **result, struct fail *f)
{
	enum rows_end how;

	if (pg_error_is_fatal(*result))
		how = pg_error_result(*result, f);
	else if (PQstatus(s->connection) == CONNECTION_BAD)
		how = pg_error_lost(s->connection, f);
	else
		return 0;
	lose(s, how, f);
	PQclear(*result);
	*result = NULL;
	return -1;
}

/* What no SELECT answers with would be given again and again. */
static int
refuse_copy(struct pg_session *s, PGresult **result, struct fail *f)
{
	fail_set(f, "the server has answered with a COPY");
	lose(s, ROWS_FAILED, f);
	PQclear(*result);
	*result = NULL;
	return -1;
}

/* Where libpq had no memory for a result it gives none and says so beside it; to wait for that would be to wait for ever. */
static int
check_memory(struct pg_session *s, struct fail *f)
{
	static const char text[] = "out of memory";

	if (strncmp(PQerrorMessage(s->connection), text, sizeof text - 1) != 0)
		return 0;
	fail_set(f, "%s", text);
	lose(s, ROWS_FAILED, f);
	return -1;
}

int
pg_session_result(struct pg_session *s, PGresult **result, struct fail *f)
{
	*result = NULL;
	if (is_lost(s, f))
		return -1;
	if (s->unsent > 0)
		trace_event("exchange statements=%u", s->unsent);
	s->unsent = 0;
	while (PQisBusy(s->connection)) {
		if (check_memory(s, f) < 0 || exchange(s, f) < 0)
			return -1;
	}
	*result = PQgetResult(s->connection);
	if (*result == NULL && check_memory(s, f) < 0)
		return -1;
	if (*result == NULL)
		return 0;
	switch (PQresultStatus(*result)) {
	case PGRES_FATAL_ERROR:
		return last_words(s, result, f);
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH:
		return refuse_copy(s, result, f);
	default:
		return 0;
	}
}

void
pg_session_close(struct pg_session *s)
{
	PGcancel *was = running;

	if (!s->alone) {
		if (s->connection != NULL && PQtransactionStatus(s->connection) == PQTRANS_ACTIVE)
			cancel();
		running = NULL;
		PQfreeCancel(was);
	}
	PQfinish(s->connection);
	s->connection = NULL;
}
