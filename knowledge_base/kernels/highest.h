/* Which of some scores are the highest. */

#ifndef HIGHEST_H
#define HIGHEST_H

#include <stdint.h>
#include <string.h>

#define DIGIT_BITS 8
#define DIGITS (1 << DIGIT_BITS)

/* Numbers in the order of the floats. */
static inline uint32_t key_of(float score) {
    uint32_t bits;
    memcpy(&bits, &score, sizeof bits);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static inline float score_of_key(uint32_t key) {
    uint32_t bits = key & 0x80000000u ? key & 0x7FFFFFFFu : ~key;
    float score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

/* The k-th highest of n scores, 1 <= k <= n, found digit by digit among those that have the digits so far.

   keys: room for n numbers. */
static inline float kth_highest(const float *scores, int64_t n, int64_t k, uint32_t *keys) {
    uint32_t found = 0;
    for (int64_t i = 0; i < n; i++) keys[i] = key_of(scores[i]);
    for (int shift = 32 - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
        int64_t counts[DIGITS] = {0}, n_left = 0;
        uint32_t digit = DIGITS - 1;
        for (int64_t i = 0; i < n; i++) counts[keys[i] >> shift & (DIGITS - 1)]++;
        for (; counts[digit] < k; digit--) k -= counts[digit];
        for (int64_t i = 0; i < n; i++) {
            keys[n_left] = keys[i];
            n_left += (keys[i] >> shift & (DIGITS - 1)) == digit;
        }
        found |= digit << shift;
        n = n_left;
    }
    return score_of_key(found);
}

/* Keeps the places of the k highest of n scores, in order; of equal ones the first. Tells how many that are. */
static inline int64_t keep_highest(const float *scores, int64_t *places, int64_t n, int64_t k, uint32_t *keys) {
    if (k >= n) return n;
    if (k <= 0) return 0;
    float least = kth_highest(scores, n, k, keys);
    int64_t n_above = 0, n_kept = 0;
    for (int64_t i = 0; i < n; i++) n_above += scores[i] > least;
    for (int64_t i = 0, n_equal = k - n_above; i < n; i++)
        if (scores[i] > least || (scores[i] == least && n_equal-- > 0)) places[n_kept++] = places[i];
    return n_kept;
}

#endif
