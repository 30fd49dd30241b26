/* Tables of words, and the neighbours of keys. */

#ifndef WORD_TABLES_H
#define WORD_TABLES_H

#include <string.h>

#include "shared.h"

/* Tables of words: common ones by their hashes, how common stems are, courtesies, and neighbours by keys. */
typedef struct {
    const uint64_t *hashes, *values, *stems, *levelled, *courtesies, *near, *related;
    const int64_t *firsts, *counts, *runs; /* runs: where lemmas of neighbours of key k begin, [2k], and stems, [2k + 1] */
    const uint8_t *levels;
    int64_t n_words, n_values, n_levelled, n_courtesies, n_near, n_related;
    uint64_t inverse, factor;
    int size;
} Tables;

/* Ids, of which none is there twice. */
typedef struct {
    uint64_t *ids;
    int64_t count;
} Ids;

static inline int has(const uint64_t *ids, int64_t count, uint64_t id) {
    for (int64_t i = 0; i < count; i++)
        if (ids[i] == id) return 1;
    return 0;
}

static inline int ascending(const void *one, const void *other) {
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return (a > b) - (a < b);
}

/* Puts ids that are not a word's own behind those that are there, in order, each once. */
static inline void take_related(Ids *found, int64_t first, const uint64_t *own, int64_t n_own) {
    int64_t n_kept = first;
    qsort(found->ids + first, (size_t)(found->count - first), sizeof *found->ids, ascending);
    for (int64_t i = first; i < found->count; i++) {
        uint64_t id = found->ids[i];
        if ((n_kept > first && found->ids[n_kept - 1] == id) || has(own, n_own, id)) continue;
        found->ids[n_kept++] = id;
    }
    found->count = n_kept;
}

static inline void put(Ids *found, const uint64_t *ids, int64_t count) {
    memcpy(found->ids + found->count, ids, (size_t)count * sizeof *ids);
    found->count += count;
}

/* Puts the lemmas (0) or stems (1) of the neighbours of some keys behind the ids that are there. */
static inline void put_near(const Tables *t, Ids *found, const uint64_t *keys, int64_t count, int kind) {
    for (int64_t i = 0; i < count; i++) {
        int64_t at = place_of(keys[i], t->near, t->n_near);
        if (at >= 0) put(found, t->related + t->runs[2 * at + kind], t->runs[2 * at + kind + 1] - t->runs[2 * at + kind]);
    }
}

/* Room that the terms of a word with some keys take at most; -1 where neighbours lie beyond the table. */
static inline int64_t room_for(const Tables *t, const uint64_t *keys, int64_t count) {
    int64_t room = count;
    for (int64_t i = 0; i < count; i++) {
        int64_t at = place_of(keys[i], t->near, t->n_near);
        if (at < 0) continue;
        const int64_t *run = t->runs + 2 * at;
        if (run[0] < 0 || run[0] > run[1] || run[1] > run[2] || run[2] > t->n_related) return -1;
        room += run[2] - run[0];
    }
    return room;
}

static inline long level_of(const Tables *t, const uint64_t *stems, int64_t count) {
    long level = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t at = place_of(stems[i], t->levelled, t->n_levelled);
        if (at >= 0 && t->levels[at] > level) level = t->levels[at];
    }
    return level;
}

#endif
