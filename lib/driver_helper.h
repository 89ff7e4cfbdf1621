/*
 * driver_helper: a database that a helper program opens (dbm-source.7).
 *
 * One process a database.  Requests are collected until an answer is wanted, and then sent as one batch.  Nothing here blocks
 * but for an answer, and that no longer than the deadline; a helper that dies, hangs or breaks the protocol costs its database
 * (`lost`) and no more.
 */
#ifndef DRIVER_HELPER_H
#define DRIVER_HELPER_H

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "watch.h"

/* The database that dbm-source-SCHEME (search.h) opens under `reference`; the helper is started by the first request.  With
 * `serves` it stands for a server: an answer that is waited for must come within 30 s if the command has no deadline of its
 * own, and is not patient (watch.h).  What goes wrong shows in the first answer.  In the arena. */
struct driver_database *driver_helper_open(
    struct mem *m, const char *scheme, const char *reference, int serves, struct watch *w);

/* Sends what was asked, if anything was, as far as that goes without waiting, so that this helper works while others are waited
 * for. */
void driver_helper_go(struct driver_database *db);

#endif
