#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>

#include "clock.h"

enum { SECOND = 1000000000, FIFTH = SECOND / 5 };

int64_t
watch_now(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

void
watch_start(struct watch *w, int64_t timeout, void (*progress)(uint64_t done, uint64_t total))
{
	*w = (struct watch){.timeout = timeout, .progress = progress};
	if (timeout > 0)
		w->deadline = watch_now() + timeout;
}

static int
timed_out(const struct watch *w, struct fail *f)
{
	return fail_set(f, "timed out after %.4g s", (double)w->timeout / SECOND);
}

int
watch_over(const struct watch *w)
{
	return w != NULL && w->deadline != 0 && watch_now() >= w->deadline;
}

int
watch_check(struct watch *w, uint64_t done, uint64_t total, struct fail *f)
{
	int64_t now;

	if (w == NULL || (w->deadline == 0 && w->progress == NULL))
		return 0;
	now = watch_now();
	if (w->deadline != 0 && now >= w->deadline)
		return timed_out(w, f);
	if (w->next == 0)
		w->next = now + SECOND;
	if (w->progress != NULL && now >= w->next) {
		w->progress(done, total);
		w->next = now + FIFTH;
	}
	return 0;
}

int
watch_readable(struct watch *w, int fd, struct fail *f)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (w != NULL && w->deadline != 0) {
		int64_t left = w->deadline - watch_now();
		int n;

		if (left <= 0)
			return timed_out(w, f);
		n = poll(&p, 1, left > INT64_C(3600) * SECOND ? 3600 * 1000 : (int)(left / 1000000 + 1));
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return fail_errno(f, errno, "poll");
	}
	return 0;
}
