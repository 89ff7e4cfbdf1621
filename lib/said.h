/*
 * said: what a server says in one text: its stamp, its identity (driver.h).
 */
#ifndef SAID_H
#define SAID_H

#include "driver.h"
#include "mem.h"
#include "rows.h"
#include "source.h"

/* Asks for it, about the table that the source is of, or the database; the caller closes the answer. */
struct rows *said_ask(struct source *s, struct mem *m, enum driver_operation operation);

/* Reads it, into the arena: "" where there is no such thing, NULL where it could not be had. */
const char *said_read(struct rows *said, struct mem *m);

#endif
