/* Which passages are candidates of a query, and in what order the evidence puts them. */

#include <math.h>

#include "evidence.h"
#include "first.h"
#include "highest.h"
#include "shared.h"

/* Marks the passages that words and 4-grams together find best; 0 where there is no memory. */
static int choose(const Asked *q, const uint8_t *mask, int64_t most, uint8_t *chosen) {
    float of_related = (float)q->possible[1], of_grams = (float)q->possible[2];
    if (of_related < 1e-9f) of_related = 1e-9f;
    if (of_grams < 1e-9f) of_grams = 1e-9f;
    float *scores = malloc((size_t)(q->n + 1) * sizeof *scores);
    int64_t *places = malloc((size_t)(q->n + 1) * sizeof *places), n_found = 0;
    uint32_t *keys = malloc((size_t)(q->n + 1) * sizeof *keys);
    int has_memory = scores && places && keys;
    for (int64_t i = 0; has_memory && i < q->n; i++) {
        scores[n_found] = q->related[i] / of_related + q->grams[i] / of_grams;
        places[n_found] = i;
        n_found += scores[n_found] > 0 && (!mask || mask[i]);
    }
    if (has_memory) n_found = keep_highest(scores, places, n_found, most, keys);
    for (int64_t i = 0; has_memory && i < n_found; i++) chosen[places[i]] = 1;
    free(scores);
    free(places);
    free(keys);
    return has_memory;
}

/* Candidates: their numbers, ascending, the evidence for each, and what it comes to. */
typedef struct {
    int64_t *ids, count;
    float *evidence, *scores;
} Found;

static int found_for(Found *found, const uint8_t *chosen, int64_t n) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += chosen[i] != 0;
    found->ids = malloc((size_t)(count + 1) * sizeof *found->ids);
    found->evidence = malloc((size_t)(KINDS * count + 1) * sizeof *found->evidence);
    found->scores = malloc((size_t)(count + 1) * sizeof *found->scores);
    found->count = 0;
    for (int64_t i = 0; found->ids && i < n; i++)
        if (chosen[i]) found->ids[found->count++] = i;
    return found->ids && found->evidence && found->scores;
}

static void forget_found(Found *found) {
    free(found->ids);
    free(found->evidence);
    free(found->scores);
}

/* Offers a candidate with what it comes to, unless even what that is at most is too little. */
static void settle(const Asked *q, Found *found, int64_t i, const float *best, int bounded, First *first) {
    int64_t id = found->ids[i];
    float *evidence = found->evidence + KINDS * i;
    if (first->count == first->most && first->count && found->scores[i] < first->scores[0]) return;
    if (bounded) weigh(q, id, best, nearest_of, evidence);
    offer(first, bounded ? score_of(q, id, evidence) : found->scores[i], i);
}

/* Takes the candidates that come first: those likely by what they are at most, then others that may be among them. */
static int take_first(const Asked *q, Found *found, First *first) {
    int bounds = bounded(q);
    uint32_t *keys = malloc((size_t)(found->count + 1) * sizeof *keys);
    float best[2] = {0, 0}, likely = -INFINITY;
    if (!keys) return 0;
    for (int64_t i = 0; i < found->count; i++) {
        if (q->words[found->ids[i]] > best[0]) best[0] = q->words[found->ids[i]];
        if (q->grams[found->ids[i]] > best[1]) best[1] = q->grams[found->ids[i]];
    }
    for (int64_t i = 0; i < found->count; i++) {
        if (i + 1 < found->count) fetch(q, found->ids[i + 1]);
        weigh(q, found->ids[i], best, bounds ? at_most : nearest_of, found->evidence + KINDS * i);
        found->scores[i] = score_of(q, found->ids[i], found->evidence + KINDS * i);
    }
    if (0 < first->most && first->most < found->count)
        likely = kth_highest(found->scores, found->count, first->most, keys);
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < found->count; i++)
            if ((found->scores[i] >= likely) == !pass) settle(q, found, i, best, bounds, first);
    free(keys);
    return 1;
}

/* What is told of each passage in order: its number, evidence and score. */
static void tell(First *first, const Found *found, int64_t *ids, float *evidence, float *scores) {
    for (int64_t at = first->count; at--; drop(first)) {
        const float *own = found->evidence + KINDS * first->places[0];
        ids[at] = found->ids[first->places[0]];
        scores[at] = first->scores[0];
        for (int kind = 0; kind < KINDS; kind++) evidence[KINDS * at + kind] = own[kind];
    }
}

enum { WORDS, RELATED, GRAMS, CHOSEN, VECTORS, UNIT, ROWS, NORMS, BOUNDS, IN, BACKGROUNDS, WEIGHTS, IDS, EVIDENCE, SCORES };
#define N_BUFFERS 17
#define CODES 15
#define ALLOWED 16

static int fitting(const Py_buffer *b, const Asked *q) {
    int64_t n = q->n, most = COUNT(b[IDS], int64_t);
    return COUNT(b[RELATED], float) == n && COUNT(b[GRAMS], float) == n && COUNT(b[CHOSEN], uint8_t) == n &&
           COUNT(b[VECTORS], float) == n * q->sought.dim && COUNT(b[ROWS], int8_t) == q->n_rows * q->sought.dim &&
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
    q.vectors = b[VECTORS].buf, q.rows = b[ROWS].buf, q.norms = b[NORMS].buf;
    q.bounds = b[BOUNDS].buf, q.relations = b[IN].buf, q.backgrounds = b[BACKGROUNDS].buf, q.weights = b[WEIGHTS].buf;
    q.n = COUNT(b[WORDS], float), q.n_rows = COUNT(b[NORMS], float);
    int has_memory = sought_for(&q.sought, b[UNIT].buf, COUNT(b[UNIT], float)), fits = fitting(b, &q);
    int64_t n_found = 0;
    Py_BEGIN_ALLOW_THREADS
    if (fits && has_memory) {
        First first;
        Found found;
        has_memory = choose(&q, b[ALLOWED].buf, count, b[CHOSEN].buf);
        has_memory = found_for(&found, b[CHOSEN].buf, q.n) && has_memory;
        has_memory = first_for(&first, COUNT(b[IDS], int64_t), q.n) && has_memory;
        fits = has_memory && readable(&q, found.ids, found.count);
        has_memory = fits ? take_first(&q, &found, &first) : has_memory;
        n_found = first.count;
        if (fits) tell(&first, &found, b[IDS].buf, b[EVIDENCE].buf, b[SCORES].buf);
        forget_found(&found);
        forget_first(&first);
    }
    Py_END_ALLOW_THREADS
    forget_sought(&q.sought);
    if (!has_memory) {
        release(b, N_BUFFERS);
        return PyErr_NoMemory();
    }
    return told(b, N_BUFFERS, fits, n_found);
}
