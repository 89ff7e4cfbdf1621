/*
 * request_decode: a driver's request from bytes (request.h).
 */
#ifndef REQUEST_DECODE_H
#define REQUEST_DECODE_H

#include <stdint.h>

#include "driver.h"
#include "fail.h"
#include "frame.h"
#include "mem.h"

/* Reads one; what it points to is in the arena.  1; 0 and a sentence for a request that is not known here, to be refused under
 * its number; -1 for bytes that are no request. */
int request_decode(struct mem *m, struct frame *body, uint32_t *number, struct driver_request *request, struct fail *f);

#endif
