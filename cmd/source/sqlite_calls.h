/*
 * sqlite_calls: the system calls that SQLite makes, held back for who only reads.
 *
 * Nothing is opened for writing then, nothing is made beside the file, and nobody becomes the owner of anything
 * (sqlite.org/c3ref/vfs.html, xSetSystemCall).
 */
#ifndef SQLITE_CALLS_H
#define SQLITE_CALLS_H

/* Before a file is opened, for the whole process.  Who `writes` has SQLite's own calls: the owner of the file must be able to
 * use what is left beside it. */
void sqlite_calls(int writes);

#endif
