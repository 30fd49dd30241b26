/* Scores of texts by the terms they have, and which of a query's words they hold. */

#include "shared.h"

/* Postings: the scores of terms for the texts that have them, term by term. */
typedef struct {
    const float *scores;
    const int32_t *texts;
    const int64_t *starts;
    int64_t n_postings, n_terms, n_texts;
} Postings;

static Postings postings_of(const Py_buffer *b, int64_t n_texts) {
    Postings found = {b[0].buf, b[1].buf, b[2].buf, COUNT(b[0], float), COUNT(b[2], int64_t) - 1, n_texts};
    if (COUNT(b[1], int32_t) != found.n_postings) found.n_terms = -1;
    return found;
}

/* Whether all postings of some terms lie within the files and name texts that there are. */
static int readable(const Postings *p, const int64_t *columns, int64_t count) {
    if (!within(columns, count, p->n_terms)) return 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t first = p->starts[columns[i]], end = p->starts[columns[i] + 1];
        if (first < 0 || first > end || end > p->n_postings) return 0;
        uint32_t highest = 0;
        for (int64_t j = first; j < end; j++)
            highest = (uint32_t)p->texts[j] > highest ? (uint32_t)p->texts[j] : highest;
        if (end > first && highest >= p->n_texts) return 0;
    }
    return 1;
}

#define EACH_POSTING(p, column) \
    for (int64_t j = (p)->starts[column], end = (p)->starts[(column) + 1]; j < end; j++)

/* Different columns, each with the greatest weight that it comes with. */
typedef struct {
    int64_t *columns, count;
    float *weights;
    int32_t *slots; /* of a table: 1 + the number of the column that is there */
    int bits;
} Weighed;

static int weighed_for(Weighed *found, int64_t count) {
    found->count = 0;
    found->bits = 2;
    while ((int64_t)1 << found->bits < 2 * count) found->bits++;
    found->columns = malloc((size_t)(count + 1) * sizeof *found->columns);
    found->weights = malloc((size_t)(count + 1) * sizeof *found->weights);
    found->slots = count < INT32_MAX / 4 ? calloc((size_t)1 << found->bits, sizeof *found->slots) : NULL;
    return found->columns && found->weights && found->slots;
}

static void add(Weighed *found, int64_t column, float weight) {
    int64_t last = ((int64_t)1 << found->bits) - 1, slot = (int64_t)((uint64_t)column * SPREAD >> (64 - found->bits));
    while (found->slots[slot] && found->columns[found->slots[slot] - 1] != column) slot = slot == last ? 0 : slot + 1;
    if (!found->slots[slot]) {
        found->columns[found->count] = column;
        found->weights[found->count] = weight;
        found->slots[slot] = (int32_t)++found->count;
    }
    float *known = found->weights + found->slots[slot] - 1;
    if (weight > *known) *known = weight;
}

static void forget(Weighed *found) {
    free(found->columns);
    free(found->weights);
    free(found->slots);
}

KERNEL(add_terms) {
    Py_buffer b[8];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7])) return NULL;
    const int64_t *columns = b[4].buf, *sizes = b[5].buf, count = COUNT(b[4], int64_t), n_words = COUNT(b[5], int64_t);
    const float *idf = b[3].buf, *weights = b[6].buf;
    float *total = b[7].buf;
    double possible = 0;
    Postings p = postings_of(b, COUNT(b[7], float));
    Weighed found;
    int has_memory = weighed_for(&found, count), fits = 0;
    Py_BEGIN_ALLOW_THREADS
    fits = has_memory && COUNT(b[6], float) == n_words && COUNT(b[3], float) == p.n_terms &&
           cut_into(sizes, n_words, count) && readable(&p, columns, count);
    for (int64_t word = 0; fits && word < n_words; word++)
        for (int64_t i = 0; i < sizes[word]; i++) add(&found, *columns++, weights[word]);
    for (int64_t i = 0; fits && i < found.count; i++) {
        float weight = found.weights[i];
        EACH_POSTING(&p, found.columns[i]) total[p.texts[j]] += weight * p.scores[j];
        possible += (double)idf[found.columns[i]] * (double)weight;
    }
    Py_END_ALLOW_THREADS
    forget(&found);
    if (!has_memory) {
        release(b, 8);
        return PyErr_NoMemory();
    }
    PyObject *nothing = done(b, 8, fits);
    Py_XDECREF(nothing);
    return nothing ? PyFloat_FromDouble(possible) : NULL;
}

/* The highest score of each text among some terms. */
static void highest(const Postings *p, const int64_t *columns, int64_t count, float *best) {
    for (int64_t i = 0; i < count; i++)
        EACH_POSTING(p, columns[i]) if (p->scores[j] > best[p->texts[j]]) best[p->texts[j]] = p->scores[j];
}

KERNEL(add_groups) {
    Py_buffer b[7];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6])) return NULL;
    const int64_t *columns = b[3].buf, *sizes = b[4].buf, n_groups = COUNT(b[5], float);
    const float *weights = b[5].buf;
    int64_t n_texts = COUNT(b[6], float) / 2, n_columns = COUNT(b[3], int64_t);
    float *own = b[6].buf, *related = own + n_texts, *best = calloc((size_t)(2 * n_texts + 1), sizeof *best);
    if (!best) {
        release(b, 7);
        return PyErr_NoMemory();
    }
    float *other = best + n_texts;
    Postings p = postings_of(b, n_texts);
    int fits = COUNT(b[4], int64_t) == 2 * n_groups && cut_into(sizes, 2 * n_groups, n_columns);
    Py_BEGIN_ALLOW_THREADS
    fits = fits && readable(&p, columns, n_columns);
    for (int64_t group = 0; fits && group < n_groups; group++) {
        const int64_t *of_related = columns + sizes[2 * group];
        int64_t n_own = sizes[2 * group], n_related = sizes[2 * group + 1];
        highest(&p, columns, n_own, best);
        highest(&p, of_related, n_related, other);
        for (int64_t i = 0; i < n_related; i++)
            EACH_POSTING(&p, of_related[i]) {
                int32_t text = p.texts[j];
                if (other[text] > best[text]) related[text] += weights[group] * (other[text] - best[text]);
                other[text] = 0;
            }
        for (int64_t i = 0; i < n_own; i++)
            EACH_POSTING(&p, columns[i]) {
                own[p.texts[j]] += weights[group] * best[p.texts[j]];
                best[p.texts[j]] = 0;
            }
        columns = of_related + n_related;
    }
    for (int64_t text = 0; fits && text < n_texts; text++) related[text] += own[text];
    Py_END_ALLOW_THREADS
    free(best);
    return done(b, 7, fits);
}

/* Marks the texts at which places a term stands, or adds to what is met there. */
static int meet(const Postings *p, const int64_t *columns, int64_t count, const int32_t *place, float share,
                float *met) {
    if (!readable(p, columns, count)) return 0;
    for (int64_t i = 0; i < count; i++)
        EACH_POSTING(p, columns[i]) {
            int32_t at = place[p->texts[j]];
            if (at >= 0) met[at] = share ? met[at] + share : 1;
        }
    return 1;
}

KERNEL(cover) {
    Py_buffer b[13];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*y*y*y*w*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7],
                          &b[8], &b[9], &b[10], &b[11], &b[12]))
        return NULL;
    const int64_t *keys = b[6].buf, *grams = b[7].buf, *sizes = b[8].buf, *ids = b[10].buf;
    const float *weights = b[9].buf; /* of each word: its rarity, and what one of its 4-grams counts for */
    int64_t n_words = COUNT(b[8], int64_t) / 2, n = COUNT(b[10], int64_t), n_texts = COUNT(b[11], int32_t);
    int64_t n_keys = COUNT(b[6], int64_t), n_grams = COUNT(b[7], int64_t);
    int32_t *place = b[11].buf;
    float *covered = b[12].buf, *met = covered + n;
    Postings of_keys = postings_of(b, n_texts), of_grams = postings_of(b + 3, n_texts);
    int fits = COUNT(b[9], float) == 2 * n_words && COUNT(b[12], float) == 2 * n && within(ids, n, n_texts);
    Py_BEGIN_ALLOW_THREADS
    for (int64_t i = 0; fits && i < n_texts; i++) place[i] = -1;
    for (int64_t i = 0; fits && i < n; i++) place[ids[i]] = (int32_t)i;
    for (int64_t word = 0; fits && word < n_words; word++) {
        int64_t some_keys = sizes[2 * word], some_grams = sizes[2 * word + 1];
        n_keys -= some_keys;
        n_grams -= some_grams;
        fits = some_keys >= 0 && some_grams >= 0 && n_keys >= 0 && n_grams >= 0;
        for (int64_t i = 0; fits && i < n; i++) met[i] = 0;
        fits = fits && meet(&of_grams, grams, some_grams, place, weights[2 * word + 1], met) &&
               meet(&of_keys, keys, some_keys, place, 0, met);
        for (int64_t i = 0; fits && i < n; i++) covered[i] += weights[2 * word] * (met[i] < 1 ? met[i] : 1);
        keys += some_keys;
        grams += some_grams;
    }
    Py_END_ALLOW_THREADS
    return done(b, 13, fits);
}
