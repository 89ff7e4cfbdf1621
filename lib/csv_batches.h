/*
 * csv_batches: all rows of a delimited text in batches; the part of driver_csv that reads whole columns.
 *
 * A large plain file is cut into chunks that threads take as they can.  Which record is the first that begins in a chunk is a
 * guess: the supposition about quotes under which the text there is well-formed (vector.h).  Each chunk ends where the next is
 * supposed to begin, and that is compared when all are done; if one guess was wrong, everything is read again, in order
 * (Ge, Li, Eilebrecht, Chandramouli and Kossmann 2019, "Speculative distributed CSV data parsing for big data analytics").
 */
#ifndef CSV_BATCHES_H
#define CSV_BATCHES_H

#include "csv_table.h"

/* As struct driver's `batches`. */
int csv_batches(struct csv_table *table, struct mem *m, const struct driver_request *request, const struct batch_sink *sink,
    struct rows *notes, struct fail *f);

#endif
