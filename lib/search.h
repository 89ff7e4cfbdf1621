/*
 * search: where helper programs are.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include "fail.h"
#include "mem.h"

/* The path of dbm-source-SCHEME (of dbm-source-postgresql for `pg` and `postgres`), in the arena: in the folders of
 * DBM_HELPER_PATH (absolute ones; with colons between them), else beside this program in ../libexec and ../libexec/dbm.  -1 and
 * a sentence where there is none. */
int search_helper(struct mem *m, const char *scheme, const char **path, struct fail *f);

/* True for a reference SCHEME:… that the helper for PostgreSQL opens. */
int search_is_postgresql(const char *reference);

#endif
