/* Ids of terms, polynomials of their characters, and of the grams of words. */

#ifndef TERMS_H
#define TERMS_H

#include <stdint.h>

static inline uint64_t term_id(const uint32_t *points, int64_t length, uint64_t factor) {
    uint64_t id = 1;
    for (int64_t i = 0; i < length; i++) id = id * factor + points[i];
    return id;
}

/* Ids of the different grams of a marked word, no more than its characters; how many there are. */
static inline int64_t grams_of(const uint32_t *marked, int64_t length, int64_t size, uint64_t factor, uint64_t *ids) {
    int64_t n_grams = length > size ? length - size + 1 : 1, n_ids = 0;
    for (int64_t gram = 0; gram < n_grams; gram++) {
        uint64_t id = term_id(marked + gram, length - gram < size ? length - gram : size, factor);
        int64_t seen = 0;
        while (seen < n_ids && ids[seen] != id) seen++;
        if (seen == n_ids) ids[n_ids++] = id;
    }
    return n_ids;
}

#endif
