/*
 * metrics_log: the log of the metrics (metrics.h) in the folder of state.h, opened and locked.
 */
#ifndef METRICS_LOG_H
#define METRICS_LOG_H

#include <sys/stat.h>

#include "fail.h"

extern const char metrics_log_name[]; /* in the folder */

/* Opens the log for appending, and makes what is missing: the descriptor or -1.  Where it is there it is opened by its path, in
 * one call, and the folder is not looked at: whatever stands in its place, the file is this user's and has no other name. */
int metrics_log_open(struct stat *st);

/* 1 where an open file is still the log, 0 where another one is or none, -1 where that cannot be told. */
int metrics_log_is(int folder, int fd);

/* Opens the log and waits for its lock, LOCK_SH or LOCK_EX (for which NFS wants it open for writing), so that nobody folds or
 * zeroes until it is closed.  -1, with errno ENOENT where there is no log; after a second of waiting too. */
int metrics_log_lock(int folder, int how, struct fail *f);

/* Puts the folder in front of a sentence about a file in it. */
void metrics_log_where(struct fail *f);

#endif
