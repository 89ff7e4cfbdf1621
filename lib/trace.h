/*
 * trace: what the program did, for tests and the curious.
 *
 * One line an event, `event key=value …`, one write(2) to a descriptor opened for appending, so that several processes
 * may share a file.  Events: dbm.7, TRACE.
 */
#ifndef TRACE_H
#define TRACE_H

#include "fail.h"

/* Starts tracing to `path`, made with mode 0600 if it is not there.  -1 and a sentence if it cannot be opened. */
int trace_open(const char *path, struct fail *f);

/* Appends one event.  A line that cannot be written is lost: tracing never makes a command fail. */
void trace_event(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What it writes to; -1 where nothing is traced. */
int trace_descriptor(void);

#endif
