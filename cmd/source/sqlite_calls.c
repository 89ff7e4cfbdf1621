#include "sqlite_calls.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

/* SQLite's open(2).  It asks for a -wal to be made, and for writing: only temporary files, which must be new, are its own. */
static int
open_only(const char *path, int flags, int mode)
{
	if ((flags & O_EXCL) == 0)
		flags = (flags & ~(O_CREAT | O_ACCMODE)) | O_RDONLY;
	return open(path, flags, mode);
}

/* SQLite's fchown(2): run by root, it would give the -wal, the -shm and the -journal to the owner of the file. */
static int
leave_owner(int fd, uid_t user, gid_t group)
{
	(void)fd, (void)user, (void)group;
	return 0;
}

void
sqlite_calls(int writes)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find("unix");

	if (vfs != NULL && vfs->iVersion >= 3) {
		vfs->xSetSystemCall(vfs, "open", writes ? NULL : (sqlite3_syscall_ptr)open_only);
		vfs->xSetSystemCall(vfs, "fchown", writes ? NULL : (sqlite3_syscall_ptr)leave_owner);
	}
}
