/*
 * order: a few hundred or thousand numbers into their order, over and over.
 *
 * A merge sort that never branches on which of two numbers is less, as that cannot be guessed, and calls nothing for a
 * comparison as qsort() does.  Numbers are never NaN; zero and negative zero are the same.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stddef.h>

/* v[0..n) into ascending order; room[0..n) is for its work. */
void order_sort(double *v, double *room, size_t n);

/* Merges a[0..na) and to[na..na + nb), both in order, into to[0..na + nb).  `a` may be just before `to`, not in it. */
void order_merge(double *to, const double *a, size_t na, size_t nb);

#endif
