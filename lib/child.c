#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace.h"

extern char **environ;

static int
spawn(pid_t *pid, const char *const argv[], int in, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t pipe_signal;
	int e;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	/* POSIX takes `char *const *` for a vector it does not change. */
	e = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return e;
}

int
child_filter(struct child *c, const char *const argv[], int in, struct fail *f)
{
	int ends[2], e;

	if (pipe(ends) < 0)
		return fail_errno(f, errno, "pipe");
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	e = spawn(&c->pid, argv, in, ends[1]);
	close(ends[1]);
	if (e != 0) {
		close(ends[0]);
		return fail_errno(f, e, "cannot run %s", argv[0]);
	}
	trace_event("helper program=%s", argv[0]);
	c->out = ends[0];
	return 0;
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
	return fail_set(f, "%s died of signal %d", name, WTERMSIG(status));
}
