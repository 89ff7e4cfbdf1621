/*
 * counter: the records of a plain file, counted by several threads.
 *
 * The file is cut into chunks, which are counted at once under both suppositions about the quotes before them (vector.h), and
 * joined in their order: then it is known how each began.  What was malformed is read once more by then, as it should be.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <stdint.h>

#include "csv.h"
#include "fail.h"
#include "rowindex.h"
#include "watch.h"

enum { COUNTER_LEAST = 1 << 20 }; /* bytes: reading less in blocks is as fast */

struct counter {
	int fd;               /* of a plain file */
	uint64_t from, to;    /* the bytes to count, as offsets */
	struct csv_scan scan; /* how the scan stands at `from`; afterwards at `to` */
	unsigned threads;
	struct watch *watch;
	struct rowindex *index; /* filled on the way, or NULL */
	uint64_t records;       /* before `from`; afterwards before `to` */
	struct csv_scan start;  /* private: the scan at `from` */
};

/* -1 on failure: the deadline, a file that was cut short meanwhile. */
int counter_run(struct counter *c, struct fail *f);

#endif
