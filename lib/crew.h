/*
 * crew: processes that do jobs in parallel.
 *
 * Each is this program gone on twice (fork(2)) and has what it knew by then.  The parent gives out the jobs by their numbers,
 * one after another to whoever is free; a process tells what came of a job, in bytes that only the two need to understand.  One
 * that dies costs the job it was at, and another takes its place.  SIGINT, SIGTERM and SIGHUP end all of them before they end
 * the parent; where the parent is killed, each ends at its next word.
 */
#ifndef CREW_H
#define CREW_H

#include <stddef.h>

#include "fail.h"

enum { CREW_MOST = 64 }; /* processes */

/* Set by the caller.  One a program at a time. */
struct crew {
	size_t jobs;        /* their numbers are 0 ... jobs - 1 */
	unsigned processes; /* at most */
	/* All that one of the processes does: asks for jobs until there are none.  Its exit status, which only counts for a job
	 * that it was at. */
	int (*work)(void *arg);
	/* In the parent: true while jobs may still be begun; what was told of a job; that who did a job has died. */
	int (*may_begin)(void *arg);
	void (*told)(void *arg, size_t job, const void *bytes, size_t len);
	void (*lost)(void *arg, size_t job, const struct fail *why);
	void *arg;
};

/* Has the jobs done, until all of those that were begun are.  -1 where no process can be had, or what one told later of its
 * jobs is not known. */
int crew_run(const struct crew *c, struct fail *f);

/* In one of the processes: 1 and the next job, 0 where there are no more, -1.  Whoever asks has told of the one before. */
int crew_job(size_t *job, struct fail *f);

/* Tells of a job: of the one given last, or again of one before that. */
int crew_tell(size_t job, const void *bytes, size_t len, struct fail *f);

#endif
