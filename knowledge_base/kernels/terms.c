/* Terms by their ids, polynomials of their characters: where an index has them. */

#include "letters.h"
#include "shared.h"
#include "terms.h"

KERNEL(hash_terms) {
    Py_buffer b[3];
    unsigned long long factor;
    if (!PyArg_ParseTuple(args, "y*y*w*K", &b[0], &b[1], &b[2], &factor)) return NULL;
    const uint32_t *points = b[0].buf;
    const int64_t *lengths = b[1].buf, count = COUNT(b[1], int64_t);
    uint64_t *ids = b[2].buf;
    int fits = COUNT(b[2], uint64_t) == count && cut_into(lengths, count, COUNT(b[0], uint32_t));
    for (int64_t i = 0; fits && i < count; points += lengths[i++]) ids[i] = term_id(points, lengths[i], factor);
    return done(b, 3, fits);
}

KERNEL(hash_grams) {
    Py_buffer b[4];
    unsigned long long factor;
    int size;
    if (!PyArg_ParseTuple(args, "y*y*w*w*Ki", &b[0], &b[1], &b[2], &b[3], &factor, &size)) return NULL;
    const uint32_t *points = b[0].buf;
    const int64_t *lengths = b[1].buf, n_words = COUNT(b[1], int64_t), n_points = COUNT(b[0], uint32_t);
    uint64_t *ids = b[2].buf;
    int64_t *counts = b[3].buf;
    uint32_t *marked = malloc((size_t)(n_points + 2) * sizeof *marked);
    /* a word between two marks has no more grams of three or more characters than characters */
    int fits = marked && size > 2 && COUNT(b[2], uint64_t) == n_points && COUNT(b[3], int64_t) == n_words &&
               cut_into(lengths, n_words, n_points);
    for (int64_t word = 0; fits && word < n_words; word++) {
        int64_t length = lengths[word];
        int known = 1;
        for (int64_t i = 0; i < length; i++) known = (marked[i + 1] = bare_letter(points[i])) && known;
        marked[0] = marked[length + 1] = '_';
        counts[word] = known && length ? grams_of(marked, length + 2, size, factor, ids) : known - 1;
        ids += counts[word] > 0 ? counts[word] : 0;
        points += length;
    }
    free(marked);
    return done(b, 4, fits);
}
