/*
 * secret: where a password stands in a server's reference: SCHEME://user:password@host…?password=…, or SCHEME: and pairs
 * KEY=VALUE as libpq reads them, either of them percent-encoded or not.
 */
#ifndef SECRET_H
#define SECRET_H

#include "fail.h"

/* Where that may be in a text of which nothing is known: behind `://`, or at `password =` in any case; else its end. */
const char *secret_suspect(const char *text);

/* The next one from *p on, with its colon or its name: *p to *end.  0 where there is none. */
int secret_next(const char *text, const char **p, const char **end);

/* -1 and a sentence where what is not percent-encoded would have a password taken for a host, a path or a table. */
int secret_check(const char *text, struct fail *f);

#endif
