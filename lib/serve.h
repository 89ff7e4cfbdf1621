/*
 * serve: the other end of the helper protocol (dbm-source.7): a helper's whole main().
 */
#ifndef SERVE_H
#define SERVE_H

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "watch.h"

/* Opens `reference`: in the arena, or NULL and a sentence.  The watch has the deadline that the other side gave. */
struct serve {
	struct driver_database *(*open)(struct mem *m, const char *reference, struct watch *w, struct fail *f);
};

/* Answers requests on standard input until it ends; returns the exit status. */
int serve(const struct serve *helper);

/* For what computes long, to be called now and then: sends the answers that are ready, which otherwise wait for the end of
 * their batch or for more of them; true where nobody waits for answers any more. */
int serve_gone(void);

/* For what works long on the next row of an answer: sends a row before that one, at once.  The columns must have been told. */
void serve_row(const struct rows_cell *cells, size_t n);

#endif
