/* Words by their hashes: those that have a key of a query, and which of the query's words each meets. */

#ifndef FORMS_H
#define FORMS_H

#include "shared.h"

/* Which words of an index have which key: those of key i from bounds[i] to bounds[i + 1]. */
typedef struct {
    const uint64_t *keys, *words;
    const int64_t *bounds;
    int64_t n_keys, n_words;
} Forms;

/* Words, with a bit for each of the query's words that they meet in so many blocks. */
typedef struct {
    int32_t *slots; /* 1 + the row of what is there */
    uint64_t *hashes, *bits;
    int64_t n_rows, n_blocks;
    int n_bits;
} Met;

#define BITS 64

/* The row of a word, or -1; where it is to be added, a new one. */
static inline int64_t row_of(Met *met, uint64_t hash, int add) {
    int64_t last = ((int64_t)1 << met->n_bits) - 1, slot = (int64_t)(hash * SPREAD >> (BITS - met->n_bits));
    while (met->slots[slot] && met->hashes[met->slots[slot] - 1] != hash) slot = slot == last ? 0 : slot + 1;
    if (!met->slots[slot] && add) {
        met->hashes[met->n_rows] = hash;
        met->slots[slot] = (int32_t)++met->n_rows;
    }
    return met->slots[slot] - 1;
}

static inline void forget_met(Met *met) {
    free(met->slots);
    free(met->hashes);
    free(met->bits);
}

/* Finds the words that have one of some keys, each of a word of the query. 1; 0 where the index is damaged; -1 without
   memory. */
static inline int meet(Met *met, const Forms *forms, const uint64_t *keys, const int64_t *numbers, int64_t n_keys,
                       int64_t n_numbers) {
    int64_t n_words = 0, most = INT32_MAX / 4;
    met->slots = NULL, met->hashes = NULL, met->bits = NULL;
    met->n_rows = 0, met->n_blocks = (n_numbers + BITS - 1) / BITS, met->n_bits = 1;
    for (int64_t i = 0; i < n_keys; i++) {
        int64_t place = place_of(keys[i], forms->keys, forms->n_keys);
        if (place < 0) continue;
        int64_t first = forms->bounds[place], end = forms->bounds[place + 1];
        if (first < 0 || first > end || end > forms->n_words || n_words + end - first > most) return 0;
        n_words += end - first;
    }
    while ((int64_t)1 << met->n_bits <= 2 * n_words) met->n_bits++;
    met->slots = calloc((size_t)1 << met->n_bits, sizeof *met->slots);
    met->hashes = malloc((size_t)(n_words + 1) * sizeof *met->hashes);
    met->bits = calloc((size_t)(n_words * met->n_blocks + 1), sizeof *met->bits);
    if (!met->slots || !met->hashes || !met->bits) return -1;
    for (int64_t i = 0; i < n_keys; i++) {
        int64_t place = place_of(keys[i], forms->keys, forms->n_keys);
        for (int64_t word = place < 0 ? 0 : forms->bounds[place]; place >= 0 && word < forms->bounds[place + 1]; word++)
            met->bits[row_of(met, forms->words[word], 1) * met->n_blocks + numbers[i] / BITS] |=
                (uint64_t)1 << numbers[i] % BITS;
    }
    return 1;
}

/* Latin letters end here; those of other scripts are asked for one by one. */
#define LATIN 0x250

/* Letters and digits in lower case, 0 for other characters; made once, while no other thread of Python runs. */
static inline const uint32_t *lower_letters(void) {
    static uint32_t lower[LATIN];
    for (uint32_t point = 0; !lower['a'] && point < LATIN; point++)
        if (point != 'a' && Py_UNICODE_ISALNUM(point)) lower[point] = Py_UNICODE_TOLOWER(point);
    lower['a'] = 'a';
    return lower;
}

/* A letter or digit in lower case; 0 of any other character. Those few of more than one are not told here. */
static inline uint32_t lower_letter(const uint32_t *lower, uint32_t point) {
    if (point < LATIN) return lower[point];
    return Py_UNICODE_ISALNUM(point) ? Py_UNICODE_TOLOWER(point) : 0;
}

/* Where the next word from a place on begins and ends, and its hash in lower case; 0 where there is none. */
static inline int next_word(const uint32_t *lower, const uint32_t *points, int64_t end, uint64_t factor, int64_t *begin,
                            int64_t *behind, uint64_t *hash) {
    int64_t at = *behind;
    uint32_t letter = 0;
    while (at < end && !(letter = lower_letter(lower, points[at]))) at++;
    *begin = at;
    *hash = 0;
    for (uint64_t power = 1; at < end && letter; power *= factor) {
        *hash += letter * power;
        if (++at < end) letter = lower_letter(lower, points[at]);
    }
    *behind = at;
    return at > *begin;
}

#endif
