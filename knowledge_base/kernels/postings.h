/* Postings: the scores of terms for the texts that have them, term by term. */

#ifndef POSTINGS_H
#define POSTINGS_H

#include "shared.h"

typedef struct {
    const float *scores;
    const int32_t *texts;
    const int64_t *starts;
    const uint64_t *terms; /* ids, ascending */
    const float *idf;
    int64_t n_postings, n_terms, n_texts;
} Postings;

/* Of five buffers, as ``Bm25Index.arrays`` has them; without any term where they do not fit together. */
static inline Postings postings_of(const Py_buffer *b, int64_t n_texts) {
    Postings p = {b[0].buf, b[1].buf, b[2].buf, b[3].buf, b[4].buf, COUNT(b[0], float), COUNT(b[3], uint64_t), n_texts};
    int fits = COUNT(b[1], int32_t) == p.n_postings && COUNT(b[2], int64_t) == p.n_terms + 1 &&
               COUNT(b[4], float) == p.n_terms;
    if (!fits) p.n_terms = -1;
    return p;
}

#define EACH_POSTING(p, column) \
    for (int64_t j = (p)->starts[column], end = (p)->starts[(column) + 1]; j < end; j++)

/* Whether all postings of a term lie within the files and name texts that there are. */
static inline int readable(const Postings *p, int64_t column) {
    int64_t first = p->starts[column], end = p->starts[column + 1];
    uint32_t highest = 0;
    if (first < 0 || first > end || end > p->n_postings) return 0;
    for (int64_t j = first; j < end; j++) highest = (uint32_t)p->texts[j] > highest ? (uint32_t)p->texts[j] : highest;
    return end == first || highest < p->n_texts;
}

/* Columns of those of some terms that some text has; how many these are, or -1 where one cannot be read. */
static inline int64_t columns_of(const Postings *p, const uint64_t *ids, int64_t count, int64_t *columns) {
    int64_t n_found = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t column = place_of(ids[i], p->terms, p->n_terms);
        if (column < 0) continue;
        if (!readable(p, column)) return -1;
        columns[n_found++] = column;
    }
    return n_found;
}

/* Idf of the rarest of some terms; 0 of none. */
static inline float rarest(const Postings *p, const int64_t *columns, int64_t count) {
    float idf = 0;
    for (int64_t i = 0; i < count; i++)
        if (p->idf[columns[i]] > idf) idf = p->idf[columns[i]];
    return idf;
}

#endif
