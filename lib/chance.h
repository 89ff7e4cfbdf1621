/*
 * chance: random numbers for sampling; nothing that must not be guessed.
 */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdint.h>

/* Another one at each call. */
uint64_t chance_seed(void);

/* Any of 0..n - 1, and the state moved on: splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
 * generators"). */
uint64_t chance_below(uint64_t *state, uint64_t n);

#endif
