/*
 * utf8: one character of UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length in bytes (1 to 4) of the character that p[0..n) begins with, and its code point; 0 where those bytes are not
 * the beginning of one whole character.  `n` is at least 1. */
size_t utf8_decode(const char *p, size_t n, uint32_t *code);

/* Puts a character into up to 4 bytes and returns how many; 0 where there is none of that code point. */
size_t utf8_encode(char *to, uint32_t code);

/* True if p[0..n) is UTF-8 throughout. */
int utf8_valid(const char *p, size_t n);

/* The largest length not over `limit` (and not over n) that does not end inside a character.  Bytes that are not UTF-8
 * count as characters of their own. */
size_t utf8_cut(const char *p, size_t n, size_t limit);

#endif
