#define _GNU_SOURCE /* pipe2 */

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <poll.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "trace.h"
#include "watch.h"

extern char **environ;

/* Milliseconds: for an end of its own, then after SIGTERM; and where there is something to undo. */
enum { PATIENCE = 2000, GRACE = 200, UNDOING = 10000 };
enum { MANY = 1024 }; /* descriptors */

/* `quiet`: what it says on its standard error goes nowhere. */
static int
spawn(pid_t *pid, const char *const argv[], int in, int out, int quiet)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t pipe_signal;
	int e;

	/* Where our parent had it ignored there would be nothing to wait for. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	e = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (e == 0 && quiet)
		e = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	/* POSIX takes `char *const *` for a vector it does not change. */
	if (e == 0)
		e = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return e;
}

int
child_filter(struct child *c, const char *const argv[], int in, struct fail *f)
{
	int ends[2], e;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_errno(f, errno, "pipe");
	e = spawn(&c->pid, argv, in, ends[1], 1);
	close(ends[1]);
	if (e != 0) {
		close(ends[0]);
		return fail_errno(f, e, "cannot run %s", argv[0]);
	}
	trace_event("helper program=%s", argv[0]);
	c->in = -1;
	c->out = ends[0];
	return 0;
}

static int
two_pipes(int in[2], int out[2], struct fail *f)
{
	if (pipe2(in, O_CLOEXEC) == 0) {
		if (pipe2(out, O_CLOEXEC) == 0)
			return 0;
		close(in[0]);
		close(in[1]);
	}
	fail_errno(f, errno, "pipe");
	return -1;
}

int
child_helper(struct child *c, const char *path, struct fail *f)
{
	const char *const argv[] = {path, NULL}, *debug = getenv("DBM_HELPER_DEBUG");
	int in[2], out[2], e;

	if (two_pipes(in, out, f) < 0)
		return -1;
	e = spawn(&c->pid, argv, in[0], out[1], debug == NULL || *debug == '\0');
	close(in[0]);
	close(out[1]);
	if (e != 0) {
		close(in[1]);
		close(out[0]);
		return fail_errno(f, e, "cannot run %s", path);
	}
	trace_event("helper program=%s", file_name(path));
	c->in = in[1];
	c->out = out[0];
	if (fcntl(c->in, F_SETFL, O_NONBLOCK) == 0 && fcntl(c->out, F_SETFL, O_NONBLOCK) == 0)
		return 0;
	fail_errno(f, errno, "pipe");
	child_stop(c, 1);
	return -1;
}

static int
is_kept(int fd, const int *keep, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (keep[i] == fd)
			return 1;
	}
	return fd <= STDERR_FILENO || fd == trace_descriptor();
}

static int
any(const char *name)
{
	(void)name;
	return 1;
}

/* Those that the system tells of; where it does not, those there may be at first sight. */
static void
close_others(const int *keep, size_t n)
{
	struct file_entry *entries = NULL;
	struct mem m = {0};
	struct fail f;
	size_t count = 0;

	/* Once they are closed here, their numbers are those of other files. */
	file_leave(-1);
	if (file_list(&m, "/proc/self/fd", any, 0, &entries, &count, &f) < 0) {
		for (int fd = STDERR_FILENO + 1; fd < MANY; fd++) {
			if (!is_kept(fd, keep, n))
				close(fd);
		}
	}
	for (size_t i = 0; i < count; i++) {
		int fd = atoi(entries[i].name);

		if (!is_kept(fd, keep, n))
			close(fd);
	}
	mem_free(&m);
}

int
child_fork(struct child *c, struct fail *f)
{
	int in[2], out[2], failed;

	if (two_pipes(in, out, f) < 0)
		return -1;
	c->pid = fork();
	if (c->pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close_others(NULL, 0);
		return 1;
	}
	failed = c->pid < 0 ? fail_errno(f, errno, "cannot start a process") : 0;
	close(in[0]);
	close(out[1]);
	c->in = in[1];
	c->out = out[0];
	if (failed) {
		close(in[1]);
		close(out[0]);
	}
	return failed;
}

int
child_behind(const int *keep, size_t n)
{
	int null;

	/* This process ends soon; who then has to wait for the child is init(8). */
	if (fork() != 0)
		return 0;
	setsid();
	close_others(keep, n);
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd <= STDERR_FILENO && null >= 0; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	return 1;
}

ssize_t
child_write(const struct child *c, const void *bytes, size_t size)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	ssize_t n = write(c->in, bytes, size);
	int e = errno;

	signal(SIGPIPE, before);
	errno = e;
	return n;
}

static int
has_ended(struct child *c, int *status)
{
	pid_t r = waitpid(c->pid, status, WNOHANG);

	if (r < 0 && errno != EINTR) {
		*status = 0; /* somebody else has waited for it */
		return 1;
	}
	return r == c->pid;
}

/* Milliseconds until `end`; 0 when it has passed. */
static int
left(int64_t end)
{
	int64_t ns = end - watch_now();

	return ns > 0 ? (int)(ns / 1000000 + 1) : 0;
}

/* Waits at most `ms` for the child to end.  Its end closes its output, which wakes us; that it may have closed that for another
 * reason is why we go on asking. */
static int
wait_ended(struct child *c, int ms, int *status)
{
	const struct timespec nap = {.tv_nsec = 1000000};
	const int64_t end = watch_now() + (int64_t)ms * 1000000;
	struct pollfd p = {.fd = c->out, .events = POLLIN};
	char rest[4096];
	ssize_t n = 1;

	while (n != 0 && left(end) > 0) {
		n = poll(&p, 1, left(end)) > 0 ? read(c->out, rest, sizeof rest) : -1;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			break;
	}
	while (!has_ended(c, status)) {
		if (left(end) == 0)
			return 0;
		nanosleep(&nap, NULL);
	}
	return 1;
}

int
child_stop(struct child *c, int now)
{
	int status = 0, ended;

	close(c->in);
	ended = wait_ended(c, now ? 0 : PATIENCE, &status);
	if (!ended && kill(c->pid, SIGTERM) == 0)
		ended = wait_ended(c, c->undoes ? UNDOING : GRACE, &status);
	if (!ended) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(c->out);
	return status;
}

int
child_status(struct fail *f, const char *name, int status)
{
	if (WIFEXITED(status))
		return fail_set(f, "%s exited with status %d", name, WEXITSTATUS(status));
	return fail_set(f, "%s died of signal %d", name, WTERMSIG(status));
}

int
child_end(struct child *c, const char *name, int told, struct fail *f)
{
	int status;

	close(c->out);
	while (waitpid(c->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return fail_errno(f, errno, "waiting for %s", name);
	}
	if (!told || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return 0;
	/* gzip's 2 is a warning, such as padding behind the data (gzip(1), DIAGNOSTICS). */
	if (strcmp(name, "gzip") == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return 0;
	if (WIFEXITED(status))
		return fail_set(f, "%s says the data are damaged or cut short (exit status %d)", name, WEXITSTATUS(status));
	return child_status(f, name, status);
}
