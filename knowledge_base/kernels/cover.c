/* Which share of a query's words passages hold. */

#include "postings.h"

/* Marks the texts at whose places a term stands, or adds to what is met there. */
static void meet(const Postings *p, const int64_t *columns, int64_t count, const int32_t *place, float share,
                 float *met) {
    for (int64_t i = 0; i < count; i++)
        EACH_POSTING(p, columns[i]) {
            int32_t at = place[p->texts[j]];
            if (at >= 0) met[at] = share ? met[at] + share : 1;
        }
}

/* Idf of the rarest own key of a word, of whose four runs of keys the first and third are its own; 0 of none. */
static float rarity_of(const Postings *p, const uint64_t *ids, const int64_t *sizes) {
    float idf = 0;
    for (int run = 0; run < 4; ids += sizes[run++])
        for (int64_t i = 0; run % 2 == 0 && i < sizes[run]; i++) {
            int64_t column = place_of(ids[i], p->terms, p->n_terms);
            if (column >= 0 && p->idf[column] > idf) idf = p->idf[column];
        }
    return idf;
}

enum { TERMS = 10, SIZES, GRAMS, GRAM_SIZES, COURTESIES, IDS, COVERED, N_BUFFERS };

/* Adds the rarities of the words that each passage holds; what they all come to, or -1 where the index is damaged. */
static double add_words(const Py_buffer *b, const Postings *of_keys, const Postings *of_grams, double unseen,
                        const int32_t *place, int64_t *columns, float *met) {
    const uint64_t *terms = b[TERMS].buf, *grams = b[GRAMS].buf;
    const int64_t *sizes = b[SIZES].buf, *gram_sizes = b[GRAM_SIZES].buf;
    const uint8_t *courtesies = b[COURTESIES].buf;
    int64_t n = COUNT(b[IDS], int64_t), n_words = COUNT(b[GRAM_SIZES], int64_t);
    float *covered = b[COVERED].buf;
    double whole = 0;
    for (int64_t word = 0; word < n_words; grams += gram_sizes[word++], sizes += 4) {
        int64_t n_terms = sizes[0] + sizes[1] + sizes[2] + sizes[3];
        float rarity = courtesies[word] ? 0 : rarity_of(of_keys, terms, sizes);
        if (!rarity && !courtesies[word]) rarity = (float)unseen;
        for (int64_t i = 0; i < n; i++) met[i] = 0;
        int64_t n_grams = columns_of(of_grams, grams, gram_sizes[word], columns);
        if (n_grams < 0) return -1;
        meet(of_grams, columns, n_grams, place, gram_sizes[word] ? 1 / (float)gram_sizes[word] : 1, met);
        int64_t n_keys = columns_of(of_keys, terms, n_terms, columns);
        if (n_keys < 0) return -1;
        meet(of_keys, columns, n_keys, place, 0, met);
        for (int64_t i = 0; i < n; i++) covered[i] += rarity * (met[i] < 1 ? met[i] : 1);
        whole += (double)rarity;
        terms += n_terms;
    }
    return whole;
}

KERNEL(cover) {
    Py_buffer b[N_BUFFERS];
    double unseen, whole = -1;
    Py_ssize_t n_texts;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*y*y*y*y*y*y*y*y*w*nd", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6],
                          &b[7], &b[8], &b[9], &b[TERMS], &b[SIZES], &b[GRAMS], &b[GRAM_SIZES], &b[COURTESIES], &b[IDS],
                          &b[COVERED], &n_texts, &unseen))
        return NULL;
    const int64_t *ids = b[IDS].buf, n = COUNT(b[IDS], int64_t), n_words = COUNT(b[GRAM_SIZES], int64_t);
    int64_t n_terms = COUNT(b[TERMS], uint64_t), n_grams = COUNT(b[GRAMS], uint64_t);
    Postings of_keys = postings_of(b, n_texts), of_grams = postings_of(b + 5, n_texts);
    int fits = n_texts >= 0 && of_keys.n_terms >= 0 && of_grams.n_terms >= 0 && COUNT(b[COVERED], float) == n &&
               within(ids, n, n_texts) && COUNT(b[COURTESIES], uint8_t) == n_words &&
               COUNT(b[SIZES], int64_t) == 4 * n_words && cut_into(b[SIZES].buf, 4 * n_words, n_terms) &&
               cut_into(b[GRAM_SIZES].buf, n_words, n_grams);
    int32_t *place = fits ? malloc((size_t)(n_texts + 1) * sizeof *place) : NULL;
    int64_t *columns = malloc((size_t)(n_terms + n_grams + 1) * sizeof *columns);
    float *met = malloc((size_t)(n + 1) * sizeof *met);
    int has_memory = (place || !fits) && columns && met;
    Py_BEGIN_ALLOW_THREADS
    if (fits && has_memory) {
        for (int64_t i = 0; i < n_texts; i++) place[i] = -1;
        for (int64_t i = 0; i < n; i++) place[ids[i]] = (int32_t)i;
        whole = add_words(b, &of_keys, &of_grams, unseen, place, columns, met);
    }
    Py_END_ALLOW_THREADS
    free(place);
    free(columns);
    free(met);
    if (!has_memory) {
        release(b, N_BUFFERS);
        return PyErr_NoMemory();
    }
    PyObject *nothing = done(b, N_BUFFERS, fits && whole >= 0);
    Py_XDECREF(nothing);
    return nothing ? PyFloat_FromDouble(whole) : NULL;
}
