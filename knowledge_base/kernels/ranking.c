/* Which passages are candidates of a query, what speaks for each, and in what order that puts them. */

#include "first.h"
#include "shared.h"
#include "vectors.h"

#define KINDS 9
#define RELATIONS 3

/* What is known of all passages of an index and of one query. */
typedef struct {
    const float *words, *related, *grams, *codes; /* of each passage; codes may be none */
    double possible[3];                           /* of words, related words and 4-grams */
    const float *vectors, *unit, *norms, *backgrounds;
    const int8_t *rows, *relations;
    const int64_t *bounds;
    const double *weights; /* of each relation: of each kind of evidence, then the offset */
    int64_t n, dim, n_rows;
} Asked;

/* A share of a whole, 0 of none. */
static float share(float part, float whole) { return whole > 0 ? part / whole : 0; }

/* A cosine as its share of the way from that of unrelated texts to 1. */
static float above(float cosine, float background) {
    float scaled = (cosine - background) / (1 - background);
    return scaled < -1 ? -1 : scaled;
}

/* Marks the passages that words and 4-grams together find best. */
static void choose(const Asked *q, const uint8_t *mask, First *first, uint8_t *chosen) {
    float of_related = (float)q->possible[1], of_grams = (float)q->possible[2];
    if (of_related < 1e-9f) of_related = 1e-9f;
    if (of_grams < 1e-9f) of_grams = 1e-9f;
    for (int64_t i = 0; i < q->n; i++)
        if ((q->related[i] > 0 || q->grams[i] > 0) && (!mask || mask[i]))
            offer(first, q->related[i] / of_related + q->grams[i] / of_grams, i);
    for (int64_t i = 0; i < first->count; i++) chosen[first->places[i]] = 1;
}

/* The evidence for a passage; 0 where the index is damaged. */
static int weigh(const Asked *q, int64_t id, float best_words, float best_grams, Product *product_of,
                 Products *products_of, float *evidence) {
    const int64_t *run = q->bounds + 2 * id;
    int8_t relation = q->relations[id];
    if (run[0] < 0 || run[0] > run[1] || run[1] > run[2] || run[2] > q->n_rows) return 0;
    if (relation < 0 || relation >= RELATIONS) return 0;
    float background = q->backgrounds[relation], by_related = share(q->related[id], (float)q->possible[1]);
    float cosines[3] = {clipped(product_of(q->vectors + id * q->dim, q->unit, q->dim)),
                        nearest_of(q->rows, q->norms, run[0], run[1], q->dim, q->unit, products_of),
                        nearest_of(q->rows, q->norms, run[1], run[2], q->dim, q->unit, products_of)};
    evidence[0] = share(q->words[id], (float)q->possible[0]);
    evidence[1] = share(q->grams[id], (float)q->possible[2]);
    evidence[2] = share(q->words[id], best_words);
    evidence[3] = share(q->grams[id], best_grams);
    evidence[4] = above(cosines[0], background);
    evidence[5] = q->codes ? q->codes[id] : 0;
    evidence[6] = above(cosines[1], background);
    evidence[7] = above(cosines[2], background);
    evidence[8] = by_related < 1 ? by_related : 1; /* neighbours may be rarer than the word */
    return 1;
}

static float score_of(const Asked *q, int8_t relation, const float *evidence) {
    const double *weights = q->weights + relation * (KINDS + 1);
    double score = 0;
    for (int kind = 0; kind < KINDS; kind++) score += weights[kind] * (double)evidence[kind];
    return (float)(score + weights[KINDS]);
}

/* Weighs the passages chosen and takes those that come first; 0 where the index is damaged. */
static int take_first(const Asked *q, const uint8_t *chosen, float *every, First *first) {
    float best_words = 0, best_grams = 0;
    for (int64_t id = 0; id < q->n; id++) {
        if (!chosen[id]) continue;
        if (q->words[id] > best_words) best_words = q->words[id];
        if (q->grams[id] > best_grams) best_grams = q->grams[id];
    }
    Product *product_of = fastest_product();
    Products *products_of = fastest_products();
    for (int64_t id = 0; id < q->n; id++) {
        if (!chosen[id]) continue;
        if (!weigh(q, id, best_words, best_grams, product_of, products_of, every)) return 0;
        offer(first, score_of(q, q->relations[id], every), id);
        every += KINDS;
    }
    return 1;
}

/* What is told of each passage in order: its number, evidence and score. */
static void tell(First *first, const uint8_t *chosen, int64_t n, const float *every, int64_t *row_of, int64_t *ids,
                 float *evidence, float *scores) {
    int64_t n_chosen = 0;
    for (int64_t id = 0; id < n; id++) row_of[id] = chosen[id] ? n_chosen++ : -1;
    for (int64_t at = first->count; at--; drop(first)) {
        ids[at] = first->places[0];
        scores[at] = first->scores[0];
        const float *own = every + KINDS * row_of[ids[at]];
        for (int kind = 0; kind < KINDS; kind++) evidence[KINDS * at + kind] = own[kind];
    }
}

static int64_t marked(const uint8_t *chosen, int64_t n) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += chosen[i] != 0;
    return count;
}

enum { WORDS, RELATED, GRAMS, CHOSEN, VECTORS, UNIT, ROWS, NORMS, BOUNDS, IN, BACKGROUNDS, WEIGHTS, IDS, EVIDENCE, SCORES };
#define N_BUFFERS 17
#define CODES 15
#define ALLOWED 16

static int fitting(const Py_buffer *b, const Asked *q) {
    int64_t n = q->n, most = COUNT(b[IDS], int64_t);
    return COUNT(b[RELATED], float) == n && COUNT(b[GRAMS], float) == n && COUNT(b[CHOSEN], uint8_t) == n &&
           COUNT(b[VECTORS], float) == n * q->dim && COUNT(b[ROWS], int8_t) == q->n_rows * q->dim &&
           COUNT(b[BOUNDS], int64_t) == 2 * n + 1 && COUNT(b[IN], int8_t) == n &&
           COUNT(b[BACKGROUNDS], float) == RELATIONS && COUNT(b[WEIGHTS], double) == RELATIONS * (KINDS + 1) &&
           COUNT(b[EVIDENCE], float) == KINDS * most && COUNT(b[SCORES], float) == most &&
           (!b[CODES].buf || COUNT(b[CODES], float) == n) && (!b[ALLOWED].buf || COUNT(b[ALLOWED], uint8_t) == n);
}

KERNEL(rank) {
    Py_buffer b[N_BUFFERS];
    PyObject *codes, *allowed;
    Py_ssize_t count;
    Asked q;
    if (!PyArg_ParseTuple(args, "y*y*y*dddOOnw*y*y*y*y*y*y*y*y*w*w*w*", &b[WORDS], &b[RELATED], &b[GRAMS], &q.possible[0],
                          &q.possible[1], &q.possible[2], &codes, &allowed, &count, &b[CHOSEN], &b[VECTORS], &b[UNIT],
                          &b[ROWS], &b[NORMS], &b[BOUNDS], &b[IN], &b[BACKGROUNDS], &b[WEIGHTS], &b[IDS], &b[EVIDENCE],
                          &b[SCORES]))
        return NULL;
    if (!buffer_of(codes, &b[CODES])) {
        release(b, CODES);
        return NULL;
    }
    if (!buffer_of(allowed, &b[ALLOWED])) {
        release(b, ALLOWED);
        return NULL;
    }
    q.words = b[WORDS].buf, q.related = b[RELATED].buf, q.grams = b[GRAMS].buf, q.codes = b[CODES].buf;
    q.vectors = b[VECTORS].buf, q.unit = b[UNIT].buf, q.rows = b[ROWS].buf, q.norms = b[NORMS].buf;
    q.bounds = b[BOUNDS].buf, q.relations = b[IN].buf, q.backgrounds = b[BACKGROUNDS].buf, q.weights = b[WEIGHTS].buf;
    q.n = COUNT(b[WORDS], float), q.dim = COUNT(b[UNIT], float), q.n_rows = COUNT(b[NORMS], float);
    int fits = fitting(b, &q), has_memory = 1;
    int64_t n_found = 0;
    Py_BEGIN_ALLOW_THREADS
    if (fits) {
        First chosen, first;
        uint8_t *mask = b[CHOSEN].buf;
        has_memory = first_for(&chosen, count, q.n);
        if (has_memory) choose(&q, b[ALLOWED].buf, &chosen, mask);
        forget_first(&chosen);
        float *every = malloc((size_t)(KINDS * marked(mask, q.n) + 1) * sizeof *every);
        int64_t *row_of = malloc((size_t)(q.n + 1) * sizeof *row_of);
        has_memory = first_for(&first, COUNT(b[IDS], int64_t), q.n) && has_memory && every && row_of;
        fits = has_memory && take_first(&q, mask, every, &first);
        n_found = first.count;
        if (fits) tell(&first, mask, q.n, every, row_of, b[IDS].buf, b[EVIDENCE].buf, b[SCORES].buf);
        free(every);
        free(row_of);
        forget_first(&first);
    }
    Py_END_ALLOW_THREADS
    if (!has_memory) {
        release(b, N_BUFFERS);
        return PyErr_NoMemory();
    }
    return told(b, N_BUFFERS, fits, n_found);
}
