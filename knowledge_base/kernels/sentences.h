/* Where the sentences of a text lie. */

#ifndef SENTENCES_H
#define SENTENCES_H

#include <stdint.h>

/* A sentence that is shown has no fewer characters, so a text has no more sentences than this. */
#define MIN_CHARS 12
#define MOST_SENTENCES(n_points) ((n_points) / MIN_CHARS + 1)

/* Writes (start, end) of the sentences, items and rows from an offset on; how many there are, or -1 without room. */
int64_t sentences_of(const uint32_t *text, int64_t start, int64_t end, int64_t *spans, int64_t room);

#endif
