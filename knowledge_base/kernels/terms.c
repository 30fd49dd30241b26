/* Terms by their ids, polynomials of their characters: where an index has them. */

#include "letters.h"
#include "shared.h"

KERNEL(hash_terms) {
    Py_buffer b[3];
    unsigned long long factor;
    if (!PyArg_ParseTuple(args, "y*y*w*K", &b[0], &b[1], &b[2], &factor)) return NULL;
    const uint32_t *points = b[0].buf;
    const int64_t *lengths = b[1].buf, count = COUNT(b[1], int64_t);
    uint64_t *ids = b[2].buf;
    int fits = COUNT(b[2], uint64_t) == count && cut_into(lengths, count, COUNT(b[0], uint32_t));
    for (int64_t i = 0; fits && i < count; i++) {
        ids[i] = 1;
        for (int64_t j = 0; j < lengths[i]; j++) ids[i] = ids[i] * factor + *points++;
    }
    return done(b, 3, fits);
}

KERNEL(find_groups) {
    Py_buffer b[7];
    if (!PyArg_ParseTuple(args, "y*y*y*y*w*w*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6])) return NULL;
    const uint64_t *ids = b[0].buf, *terms = b[2].buf;
    const int64_t *sizes = b[1].buf, n_parts = COUNT(b[1], int64_t), n_terms = COUNT(b[2], uint64_t);
    const float *idf = b[3].buf;
    int64_t *columns = b[4].buf, *counts = b[5].buf, n_ids = COUNT(b[0], uint64_t);
    float *rarities = b[6].buf;
    int fits = COUNT(b[3], float) == n_terms && COUNT(b[4], int64_t) == n_ids && COUNT(b[5], int64_t) == n_parts &&
               COUNT(b[6], float) == n_parts && cut_into(sizes, n_parts, n_ids);
    for (int64_t part = 0; fits && part < n_parts; part++) {
        counts[part] = 0;
        rarities[part] = 0;
        for (int64_t i = 0; i < sizes[part]; i++) {
            int64_t column = place_of(*ids++, terms, n_terms);
            if (column < 0) continue;
            *columns++ = column;
            counts[part]++;
            if (idf[column] > rarities[part]) rarities[part] = idf[column];
        }
    }
    return done(b, 7, fits);
}

/* Columns of the different grams of a marked word; how many are found and how many grams there are goes to counts. */
static void grams_of(const uint32_t *marked, int64_t length, int64_t size, uint64_t factor, const uint64_t *terms,
                     int64_t n_terms, uint64_t *ids, int64_t *columns, int64_t *counts) {
    int64_t n_grams = length > size ? length - size + 1 : 1, n_ids = 0, n_found = 0;
    for (int64_t gram = 0; gram < n_grams; gram++) {
        uint64_t id = 1;
        for (int64_t i = gram; i < gram + size && i < length; i++) id = id * factor + marked[i];
        int64_t seen = 0;
        while (seen < n_ids && ids[seen] != id) seen++;
        if (seen < n_ids) continue;
        ids[n_ids++] = id;
        columns[n_found] = place_of(id, terms, n_terms);
        n_found += columns[n_found] >= 0;
    }
    counts[0] = n_found;
    counts[1] = n_ids;
}

KERNEL(find_grams) {
    Py_buffer b[5];
    unsigned long long factor;
    int size;
    if (!PyArg_ParseTuple(args, "y*y*y*w*w*Ki", &b[0], &b[1], &b[2], &b[3], &b[4], &factor, &size)) return NULL;
    const uint32_t *points = b[0].buf;
    const uint64_t *terms = b[2].buf;
    const int64_t *lengths = b[1].buf, n_words = COUNT(b[1], int64_t), n_terms = COUNT(b[2], uint64_t);
    int64_t *columns = b[3].buf, *counts = b[4].buf, n_points = COUNT(b[0], uint32_t);
    uint64_t *ids = malloc((size_t)(n_points + 2) * sizeof *ids);
    uint32_t *marked = malloc((size_t)(n_points + 2) * sizeof *marked);
    /* a word between two marks has no more grams of three or more characters than characters */
    int fits = ids && marked && size > 2 && COUNT(b[3], int64_t) == n_points &&
               COUNT(b[4], int64_t) == 2 * n_words && cut_into(lengths, n_words, n_points);
    for (int64_t word = 0; fits && word < n_words; word++, counts += 2) {
        int64_t length = lengths[word];
        int known = 1;
        for (int64_t i = 0; i < length; i++) known = (marked[i + 1] = bare_letter(points[i])) && known;
        marked[0] = marked[length + 1] = '_';
        counts[0] = 0;
        counts[1] = known ? 0 : -1;
        if (known && length) grams_of(marked, length + 2, size, factor, terms, n_terms, ids, columns, counts);
        points += length;
        columns += counts[0];
    }
    free(ids);
    free(marked);
    return done(b, 5, fits);
}
