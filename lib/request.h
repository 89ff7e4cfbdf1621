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

/* Appends the frame of a request. */
void request_encode(struct buf *b, uint32_t number, const struct driver_request *request);

/* The names on the wire: of operations, and of where NULLs are in an index (enum driver_nulls). */
extern const char *const request_operations[DRIVER_OPERATIONS];
extern const char *const request_nulls[];

/* What a key of an index has there: "column" or "expression", its text, "asc" or "desc", where NULLs are, its collation and its
 * class of operators; "" for what is usual. */
enum { REQUEST_KEY_VALUES = 6 };

#endif
