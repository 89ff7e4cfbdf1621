/*
 * warm: an answer made sure of, so that who asks next finds it kept.
 *
 * What is kept and stays good for a while is left alone; what is not is asked for and read to its end, by one process at a time
 * (flight.h).  An answer that another process is at is to be come back to, when that will mostly have stored it; and so is one
 * about a file that has just changed, of which nothing can be proven yet (stamp.h).
 *
 * Events: those of lookup.h, keeping.h, renewal.h and flight.h.
 */
#ifndef WARM_H
#define WARM_H

#include "cache.h"
#include "keeping.h"
#include "lookup.h"
#include "mem.h"
#include "question.h"
#include "reader.h"
#include "renewal.h"
#include "rows.h"
#include "source.h"
#include "tool.h"

enum warm_state {
	WARM_ASKED,  /* private: it is on its way */
	WARM_FRESH,  /* it was kept already, or another process has stored it */
	WARM_STORED, /* it is kept now */
	WARM_UNKEPT, /* it is not: not worth it (question.h), too large, unknown to its source, or that keeps changing */
	WARM_LATER,  /* to be tried again, with `last` set */
	WARM_FAILED,
};

/* One a process. */
struct warming {
	/* Set by the caller. */
	const struct tool_settings *settings;
	const struct reader_options *reader;
	struct cache *cache;
	int64_t expiring; /* nanoseconds: what expires within is asked for now */
	int64_t since;    /* by stamp_now(): what was read then is new enough for --refresh, and for `expiring` */
	int64_t until;    /* on the monotonic clock: no longer is another process waited for; 0: FLIGHT_WAIT */
	/* private */
	struct keeping *held;
	struct renewal *renewals;
};

/* One answer. */
struct warm {
	/* Set by the caller; all of it lasts until warm_end(). */
	struct warming *all;
	struct mem *m;
	struct source *source;
	struct question question;
	int last; /* another process is waited for, and a file that has just changed not kept */
	/* private */
	struct lookup lookup;
	struct keeping keeping;
	struct renewal renewal;
	struct rows *rows;
	enum warm_state state;
};

/* Looks for the answer and asks for it where that is needed.  Nothing of it is read before warm_end(), so that several may be
 * asked for first; but no `last` one among them, since nobody waits while another waits for him. */
void warm_begin(struct warm *w);

/* Reads the answer, and says what became of it.  WARM_FAILED comes with a sentence. */
enum warm_state warm_end(struct warm *w, struct fail *f);

#endif
