/*
 * width: how many columns of a terminal a character takes (a generated Unicode table, never libc's: output must not change
 * with the locale).
 */
#ifndef WIDTH_H
#define WIDTH_H

#include <stdint.h>

/* 0 for combining characters, 2 for East Asian wide ones, else 1; -1 for what must not be sent to a terminal: control
 * characters, line separators, bidirectional and other invisible formatting. */
int width_of(uint32_t code);

#endif
