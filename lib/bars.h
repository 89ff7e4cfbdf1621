/*
 * bars: counts as a picture in one line of text.
 */
#ifndef BARS_H
#define BARS_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* Appends a character for each count: an eighth to eight eighths of a line high (U+2581 to U+2588), as it compares with the
 * greatest of them; a blank for 0. */
void bars_add(struct buf *b, const uint64_t *counts, size_t n);

#endif
