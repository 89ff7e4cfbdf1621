/*
 * pg_attend: the steps of a change that wait: for others to go, for a statement to end.
 */
#ifndef PG_ATTEND_H
#define PG_ATTEND_H

#include <stdint.h>

#include "pg_change.h"

/* Waits for transactions that are there now and in the way of an index on `table`, or, where `anybody` is true, have that table
 * open; then comes `next`.  Always 1. */
int pg_attend_others(struct pg_change *c, uint32_t table, int anybody, pg_change_step *next);

/* Runs a statement that waits so many milliseconds for each lock; `doing` is the phase where the server names none. */
int pg_attend_run(
    struct pg_change *c, const char *doing, const char *sql, uint64_t lock_timeout, pg_change_then *then, struct fail *f);

/* How many milliseconds may still be waited for others. */
uint64_t pg_attend_patience(const struct pg_change *c);

/* Waits for a moment, which counts as waiting for others: -1 where there is no patience left, with `why`. */
int pg_attend_pause(struct pg_change *c, const struct fail *why, struct fail *f);

#endif
