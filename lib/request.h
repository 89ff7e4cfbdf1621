/*
 * request: a driver's request as bytes, for helpers (dbm-source.7).
 *
 * The body of a request is u32 number, text operation, u32 count of arguments; each: text name, u32 count of values, values as
 * texts.  Numbers are decimal.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdint.h>

#include "buf.h"
#include "driver.h"
#include "fail.h"
#include "frame.h"
#include "mem.h"

/* Appends the frame of a request. */
void request_encode(struct buf *b, uint32_t number, const struct driver_request *request);

/* Reads one; what it points to is in the arena.  1; 0 and a sentence for a request that is not known here, to be refused under
 * its number; -1 for bytes that are no request. */
int request_decode(struct mem *m, struct frame *body, uint32_t *number, struct driver_request *request, struct fail *f);

#endif
