/* Which of some groups of keys the words of texts have. */

#include "forms.h"
#include "shared.h"

/* Marks the groups of which a text has a word. */
static void mark(const uint32_t *points, int64_t length, uint64_t flip, uint64_t factor, Met *met, uint8_t *held) {
    int64_t begin, behind = 0;
    const uint32_t *lower = lower_letters();
    uint64_t hash;
    while (next_word(lower, points, length, factor, &begin, &behind, &hash)) {
        int64_t row = row_of(met, hash ^ flip, 0);
        if (row < 0) continue;
        for (int64_t block = 0; block < met->n_blocks; block++)
            for (uint64_t bits = met->bits[row * met->n_blocks + block], number = block * BITS; bits; bits >>= 1, number++)
                held[number] |= bits & 1;
    }
}

enum { POINTS, LENGTHS, FLIPPED, ASKED, NUMBERS, KEYS, BOUNDS, WORDS, HELD, N_BUFFERS };

KERNEL(hold) {
    Py_buffer b[N_BUFFERS];
    Py_ssize_t n_groups;
    unsigned long long factor;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*ny*y*y*Kw*", &b[POINTS], &b[LENGTHS], &b[FLIPPED], &b[ASKED], &b[NUMBERS],
                          &n_groups, &b[KEYS], &b[BOUNDS], &b[WORDS], &factor, &b[HELD]))
        return NULL;
    const uint32_t *points = b[POINTS].buf;
    const int64_t *lengths = b[LENGTHS].buf, n = COUNT(b[LENGTHS], int64_t), n_keys = COUNT(b[ASKED], uint64_t);
    const uint8_t *flipped = b[FLIPPED].buf;
    uint8_t *held = b[HELD].buf;
    Forms forms = {b[KEYS].buf, b[WORDS].buf, b[BOUNDS].buf, COUNT(b[KEYS], uint64_t), COUNT(b[WORDS], uint64_t)};
    int fits = n_groups >= 0 && n_groups < INT32_MAX && COUNT(b[FLIPPED], uint8_t) == n &&
               COUNT(b[NUMBERS], int64_t) == n_keys && within(b[NUMBERS].buf, n_keys, n_groups) &&
               COUNT(b[BOUNDS], int64_t) == forms.n_keys + 1 && COUNT(b[HELD], uint8_t) == n * n_groups &&
               cut_into(lengths, n, COUNT(b[POINTS], uint32_t));
    int has_memory = 1;
    if (fits) {
        Met met;
        int found = meet(&met, &forms, b[ASKED].buf, b[NUMBERS].buf, n_keys, n_groups);
        has_memory = found >= 0;
        fits = found > 0;
        for (int64_t i = 0; fits && i < n; points += lengths[i++])
            mark(points, lengths[i], flipped[i] ? ~(uint64_t)0 : 0, factor, &met, held + i * n_groups);
        forget_met(&met);
    }
    if (!has_memory) {
        release(b, N_BUFFERS);
        return PyErr_NoMemory();
    }
    return done(b, N_BUFFERS, fits);
}
