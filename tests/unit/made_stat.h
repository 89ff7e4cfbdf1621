/* made_stat: a file as stat(2) might describe it, changed in the second 1600000000. */
#ifndef MADE_STAT_H
#define MADE_STAT_H

#include <stdint.h>
#include <sys/stat.h>

static const int64_t SECOND = 1000000000, NOW = INT64_C(1700000000000000000);

static inline struct stat
made(void)
{
	struct stat st = {.st_dev = 7, .st_ino = 8, .st_size = 9};

	st.st_mtim = (struct timespec){.tv_sec = 1600000000, .tv_nsec = 1};
	st.st_ctim = (struct timespec){.tv_sec = 1600000000, .tv_nsec = 2};
	return st;
}

#endif
