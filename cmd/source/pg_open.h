/*
 * pg_open: how a change begins: connections, the table, and the lock that keeps other changes of it away.
 */
#ifndef PG_OPEN_H
#define PG_OPEN_H

#include "pg_change.h"

/* Connects, finds the table, sees that it may be changed, and takes the lock: 0 or -1. */
int pg_open(struct pg_change *c, struct fail *f);

/* Connects again where the connection was lost, and takes the lock again. */
int pg_open_again(struct pg_change *c, struct fail *f);

#endif
