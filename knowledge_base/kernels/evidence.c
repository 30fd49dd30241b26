/* What speaks for a passage, and what that comes to. */

#include "evidence.h"

#include <stddef.h>

/* A share of a whole, 0 of none. */
static float share(float part, float whole) { return whole > 0 ? part / whole : 0; }

/* A cosine as its share of the way from that of unrelated texts to 1. */
static float above(float cosine, float background) {
    float scaled = (cosine - background) / (1 - background);
    return scaled < -1 ? -1 : scaled;
}

void weigh(const Asked *q, int64_t id, const float *best, Nearest *nearest, float *evidence) {
    const int64_t *run = q->bounds + 2 * id, dim = q->sought.dim;
    float background = q->backgrounds[q->relations[id]], by_related = share(q->related[id], (float)q->possible[1]);
    evidence[0] = share(q->words[id], (float)q->possible[0]);
    evidence[1] = share(q->grams[id], (float)q->possible[2]);
    evidence[2] = share(q->words[id], best[0]);
    evidence[3] = share(q->grams[id], best[1]);
    evidence[4] = above(clipped(q->sought.by.product(q->vectors + id * dim, q->sought.unit, dim)), background);
    evidence[5] = q->codes ? q->codes[id] : 0;
    evidence[6] = above(nearest(&q->sought, q->rows, q->norms, run[0], run[1]), background);
    evidence[7] = above(nearest(&q->sought, q->rows, q->norms, run[1], run[2]), background);
    evidence[8] = by_related < 1 ? by_related : 1; /* neighbours may be rarer than the word */
}

float score_of(const Asked *q, int64_t id, const float *evidence) {
    const double *weights = q->weights + q->relations[id] * (KINDS + 1);
    double score = 0;
    for (int kind = 0; kind < KINDS; kind++) score += weights[kind] * (double)evidence[kind];
    return (float)(score + weights[KINDS]);
}

int bounded(const Asked *q) {
    int rises = q->sought.rounded != NULL;
    for (int relation = 0; relation < RELATIONS; relation++)
        for (int kind = 6; kind < 8; kind++) rises &= q->weights[relation * (KINDS + 1) + kind] >= 0;
    return rises;
}

int readable(const Asked *q, const int64_t *ids, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const int64_t *run = q->bounds + 2 * ids[i];
        int8_t relation = q->relations[ids[i]];
        if (run[0] < 0 || run[0] > run[1] || run[1] > run[2] || run[2] > q->n_rows) return 0;
        if (relation < 0 || relation >= RELATIONS) return 0;
    }
    return 1;
}

void fetch(const Asked *q, int64_t id) {
#ifdef __GNUC__
    int64_t dim = q->sought.dim, end = q->bounds[2 * id + 2] * dim;
    for (int64_t at = q->bounds[2 * id] * dim; at < end; at += 64) __builtin_prefetch(q->rows + at);
#endif
}
