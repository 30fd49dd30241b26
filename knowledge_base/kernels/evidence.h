/* What speaks for a passage, and what that comes to. */

#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <stdint.h>

#include "vectors.h"

#define KINDS 9
#define RELATIONS 3

/* What is known of all passages of an index and of one query. */
typedef struct {
    const float *words, *related, *grams, *codes; /* of each passage; codes may be none */
    double possible[3];                           /* of words, related words and 4-grams */
    const float *vectors, *norms, *backgrounds;
    const int8_t *rows, *relations;
    const int64_t *bounds;
    const double *weights; /* of each relation: of each kind of evidence, then the offset */
    int64_t n, n_rows;
    Sought sought;
} Asked;

typedef float Nearest(const Sought *sought, const int8_t *rows, const float *norms, int64_t first, int64_t end);

/* The evidence for a passage, with the cosines of its names and sentences by some function.

   best: the highest BM25 of all candidates by words and by 4-grams. */
void weigh(const Asked *q, int64_t id, const float *best, Nearest *nearest, float *evidence);

float score_of(const Asked *q, int64_t id, const float *evidence);

/* Whether a higher cosine never lowers a score, and rounding tells how high it is at most. */
int bounded(const Asked *q);

/* Whether all that is read of some passages lies within the index. */
int readable(const Asked *q, const int64_t *ids, int64_t count);

/* Has the vectors of a passage's names and sentences fetched while others are read. */
void fetch(const Asked *q, int64_t id);

#endif
