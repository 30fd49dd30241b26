/* Sub-words of a text by a unigram model, and the sum of their vectors.

   The best way to cut a word is found as Kudo 2018 has it (Viterbi), sub-words by hashes of their characters. */

#include <math.h>

#include "shared.h"

#define WORD_START 0x2581 /* ▁ */

enum { SPACE, OTHER, LETTER, DIGIT, MARK };

/* The vocabulary: ids of sub-words, their scores, and slots of 1 + their numbers, found by the ids. */
typedef struct {
    const uint64_t *ids;
    const double *scores;
    const int32_t *slots;
    int64_t count, longest;
    uint64_t factor;
    int bits;
} Vocabulary;

/* Where one of some ids is, or where it would be; -1 where there is no room or the slots are for other ids. */
static int64_t slot_of(uint64_t id, const uint64_t *ids, int64_t count, const int32_t *slots, int bits) {
    int64_t last = ((int64_t)1 << bits) - 1, slot = (int64_t)(id * SPREAD >> (64 - bits));
    for (int64_t tried = 0; tried <= last; tried++, slot = slot == last ? 0 : slot + 1) {
        if (slots[slot] < 0 || slots[slot] > count) return -1;
        if (!slots[slot] || ids[slots[slot] - 1] == id) return slot;
    }
    return -1;
}

static int bits_of(int64_t n_slots) {
    int bits = 0;
    while (bits < 31 && (int64_t)1 << bits < n_slots) bits++;
    return bits && (int64_t)1 << bits == n_slots ? bits : 0;
}

KERNEL(fill_slots) {
    Py_buffer b[2];
    if (!PyArg_ParseTuple(args, "y*w*", &b[0], &b[1])) return NULL;
    const uint64_t *ids = b[0].buf;
    int32_t *slots = b[1].buf;
    int64_t count = COUNT(b[0], uint64_t), n_slots = COUNT(b[1], int32_t);
    int bits = bits_of(n_slots), fits = bits && count < n_slots;
    for (int64_t i = 0; fits && i < count; i++) {
        int64_t slot = slot_of(ids[i], ids, count, slots, bits);
        fits = slot >= 0 && !slots[slot]; /* each id once */
        if (fits) slots[slot] = (int32_t)(i + 1);
    }
    return done(b, 2, fits);
}

/* The best way to a place within a word. */
typedef struct {
    double score;
    int64_t from, number;
} Way;

/* Cuts a marked word; how many sub-words, -1 where a character is none. */
static int64_t cut_word(const Vocabulary *v, const uint32_t *word, int64_t length, Way *ways, int64_t *tokens) {
    for (int64_t i = 0; i <= length; i++) ways[i].from = -1;
    ways[0].score = 0;
    for (int64_t first = 0; first < length; first++) {
        uint64_t id = 1;
        int alone = 0;
        for (int64_t end = first + 1; end <= length && end - first <= v->longest; end++) {
            id = id * v->factor + word[end - 1];
            int64_t slot = slot_of(id, v->ids, v->count, v->slots, v->bits);
            if (slot < 0 || !v->slots[slot]) continue;
            int64_t number = v->slots[slot] - 1;
            double score = ways[first].score + v->scores[number];
            if (ways[end].from < 0 || score > ways[end].score) ways[end] = (Way){score, first, number};
            alone |= end == first + 1;
        }
        if (!alone) return -1;
    }
    int64_t count = 0;
    for (int64_t end = length; end; end = ways[end].from) count++;
    for (int64_t end = length, at = count; end; end = ways[end].from) tokens[--at] = ways[end].number;
    return count;
}

/* Cuts a text, folded and split at spaces, marks and digits; how many sub-words, -1 where a character is not known. */
static int64_t cut_text(const Vocabulary *v, const uint32_t *points, int64_t n, const uint8_t *folded, int64_t n_folded,
                        const uint8_t *kinds, uint32_t *word, Way *ways, int64_t *tokens) {
    int64_t count = 0, length = 0;
    uint8_t before = SPACE;
    word[0] = WORD_START;
    for (int64_t i = 0; i <= n; i++) {
        uint8_t bare = i < n ? folded[points[i] < n_folded ? points[i] : n_folded - 1] : 0, kind = i < n ? kinds[bare] : SPACE;
        if (length && (kind != before || kind == MARK)) {
            int64_t added = cut_word(v, word, length + 1, ways, tokens + count);
            if (added < 0) return -1;
            count += added;
            length = 0;
        }
        if (kind != SPACE && kind != LETTER && kind != DIGIT && kind != MARK) return -1;
        if (kind != SPACE) word[++length] = kind == MARK ? points[i] : bare;
        before = kind;
    }
    return count;
}

KERNEL(cut_pieces) {
    Py_buffer b[7];
    unsigned long long factor;
    Py_ssize_t longest;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*nKw*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &longest, &factor, &b[6]))
        return NULL;
    int64_t n = COUNT(b[0], uint32_t), n_slots = COUNT(b[5], int32_t), n_tokens = -1;
    Vocabulary v = {b[3].buf, b[4].buf, b[5].buf, COUNT(b[3], uint64_t), longest, factor, bits_of(n_slots)};
    int fits = v.bits && COUNT(b[4], double) == v.count && COUNT(b[1], uint8_t) > 0 && COUNT(b[2], uint8_t) == 256 &&
               COUNT(b[6], int64_t) == 2 * n;
    uint32_t *word = malloc((size_t)(n + 1) * sizeof *word);
    Way *ways = malloc((size_t)(n + 2) * sizeof *ways);
    if (word && ways && fits)
        n_tokens = cut_text(&v, b[0].buf, n, b[1].buf, COUNT(b[1], uint8_t), b[2].buf, word, ways, b[6].buf);
    int has_memory = word && ways;
    free(word);
    free(ways);
    if (!has_memory) {
        release(b, 7);
        return PyErr_NoMemory();
    }
    return told(b, 7, fits, n_tokens);
}

KERNEL(sum_rows) {
    Py_buffer b[4];
    if (!PyArg_ParseTuple(args, "y*y*y*w*", &b[0], &b[1], &b[2], &b[3])) return NULL;
    const int8_t *rows = b[0].buf;
    const float *scales = b[1].buf;
    const int64_t *numbers = b[2].buf, n = COUNT(b[2], int64_t), n_rows = COUNT(b[1], float), dim = COUNT(b[3], float);
    float *sum = b[3].buf, length = 0;
    int fits = COUNT(b[0], int8_t) == n_rows * dim && within(numbers, n, n_rows);
    for (int64_t j = 0; fits && j < dim; j++) sum[j] = 0;
    for (int64_t i = 0; fits && i < n; i++) {
        const int8_t *row = rows + numbers[i] * dim;
        float scale = scales[numbers[i]];
        for (int64_t j = 0; j < dim; j++) sum[j] += scale * (float)row[j];
    }
    for (int64_t j = 0; fits && j < dim; j++) length += sum[j] * sum[j];
    length = sqrtf(length);
    for (int64_t j = 0; fits && length > 0 && j < dim; j++) sum[j] /= length;
    return done(b, 4, fits);
}
