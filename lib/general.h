/*
 * general: what a driver refuses, had another way: counts, columns and the last rows by reading the rows; tables
 * without their sizes; all of the schema by what is said of columns, indexes and foreign keys.
 */
#ifndef GENERAL_H
#define GENERAL_H

#include "driver.h"
#include "mem.h"

/* The driver's answer, or where it refuses and there is another way, that. */
struct rows *general_ask(struct driver_database *db, struct mem *m, const struct driver_request *request);

#endif
