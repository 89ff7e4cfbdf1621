/*
 * state: the folder of what is not free to lose: $XDG_STATE_HOME/dbm.
 *
 * Without XDG_STATE_HOME, or where it is no absolute path (XDG Base Directory Specification 0.8), it is $HOME/.local/state/dbm.
 * Folders and files in it are file_at.h's.  What belongs to a database is in KIND/HASH, where HASH is that of its key
 * (subject.h), as in the cache.
 */
#ifndef STATE_H
#define STATE_H

#include "buf.h"
#include "fail.h"

/* Appends the folder's path: 0, or -1 where there is no place for it. */
int state_path(struct buf *path);

/* Opens it; `make`: where it is missing, it and the two that it is in are made.  -1, with errno ENOENT where there is none. */
int state_folder(int make, struct fail *f);

/* Opens the folder of what is kept, of that kind, of a database, on the same terms. */
int state_of(const char *kind, const char *database, int make, struct fail *f);

#endif
