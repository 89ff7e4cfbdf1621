/*
 * found: what stands where a reference may lead (ref.h): decoded first, then, where nothing is there, as it stands.
 */
#ifndef FOUND_H
#define FOUND_H

#include <sys/stat.h>

#include "fail.h"
#include "mem.h"
#include "ref.h"

struct found {
	const char *path; /* in the arena, or the reference's */
	struct stat st;   /* of what a link leads to */
	int link;         /* the path is one */
	int unreachable;  /* it is there, or was, but what it is on does not answer */
};

/* 0: it is there, and *table is the table meant inside of it, or NULL.  1: nothing is there, for a path.  -1: something is, but
 * not that, or it cannot be looked at. */
int found_by(struct mem *m, const struct ref *ref, struct found *found, const char **table, struct fail *f);

/* The file of the table `name` of a folder. */
int found_table(struct mem *m, const char *folder, const char *name, struct found *found, struct fail *f);

/* The path of the table that `FOLDER#table` means, in the arena: the file of that name, or the one table.* there is. */
int found_in_folder(struct mem *m, const char *folder, const char *table, const char **path, struct fail *f);

/* `folder/name`, in the arena. */
const char *found_join(struct mem *m, const char *folder, const char *name);

#endif
