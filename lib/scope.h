/*
 * scope: what a reference names, for who forgets what is kept of it.
 *
 * Nothing is opened and no server asked: what is named may be gone.  Where a reference can be read in more ways than one, and
 * only the database would tell which is meant, it names all of them: to forget too much costs a reading, no more.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include "fail.h"
#include "mem.h"
#include "ref.h"
#include "subject.h"

enum { SCOPE_MOST = 5 };

/* Fills subjects[0..), whose table is NULL where all of the database is named: how many.  -1 for a table that the folder does
 * not have or has several of, for a registered name that is none, and where the current folder is not known. */
int scope_of(struct mem *m, const struct ref *ref, struct subject subjects[SCOPE_MOST], struct fail *f);

#endif
