/* Which passages are candidates, and what the evidence for them weighs. */

#include "first.h"
#include "shared.h"

KERNEL(choose) {
    Py_buffer b[4];
    PyObject *allowed;
    double related_possible, grams_possible;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(args, "y*y*ddOnw*", &b[0], &b[1], &related_possible, &grams_possible, &allowed, &count, &b[2]))
        return NULL;
    if (!mask_of(allowed, &b[3])) {
        release(b, 3);
        return NULL;
    }
    const float *related = b[0].buf, *grams = b[1].buf, of_related = (float)related_possible, of_grams = (float)grams_possible;
    const uint8_t *mask = b[3].buf;
    uint8_t *chosen = b[2].buf;
    int64_t n = COUNT(b[0], float);
    int fits = COUNT(b[1], float) == n && COUNT(b[2], uint8_t) == n && (!mask || COUNT(b[3], uint8_t) == n) &&
               related_possible > 0 && grams_possible > 0;
    First first;
    if (!first_for(&first, count, n)) {
        release(b, 4);
        return PyErr_NoMemory();
    }
    Py_BEGIN_ALLOW_THREADS
    for (int64_t i = 0; fits && i < n; i++) {
        if (!(related[i] > 0 || grams[i] > 0) || (mask && !mask[i])) continue;
        offer(&first, related[i] / of_related + grams[i] / of_grams, i);
    }
    for (int64_t i = 0; i < first.count; i++) chosen[first.places[i]] = 1;
    Py_END_ALLOW_THREADS
    forget_first(&first);
    return done(b, 4, fits);
}

#define KINDS 9
#define RELATIONS 3

/* A share of a whole, 0 of none. */
static float share(float part, float whole) { return whole > 0 ? part / whole : 0; }

static float greatest(const float *numbers, int64_t count) {
    float found = 0;
    for (int64_t i = 0; i < count; i++)
        if (numbers[i] > found) found = numbers[i];
    return found;
}

KERNEL(weigh) {
    Py_buffer b[11];
    double possible[3];
    if (!PyArg_ParseTuple(args, "y*y*y*dddy*y*y*y*y*y*w*w*", &b[0], &b[1], &b[2], &possible[0], &possible[1], &possible[2],
                          &b[3], &b[4], &b[5], &b[6], &b[7], &b[8], &b[9], &b[10]))
        return NULL;
    const float *words = b[0].buf, *related = b[1].buf, *grams = b[2].buf, *cosines = b[3].buf, *names = b[4].buf;
    const float *sentences = b[5].buf, *codes = b[6].buf;
    const int8_t *relations = b[7].buf;
    const double *weights = b[8].buf; /* of each relation: of each kind of evidence, then the offset */
    float *evidence = b[9].buf, *scores = b[10].buf;
    int64_t n = COUNT(b[10], float);
    int fits = COUNT(b[7], int8_t) == n && COUNT(b[9], float) == KINDS * n &&
               COUNT(b[8], double) == RELATIONS * (KINDS + 1);
    for (int i = 0; i < 7; i++) fits = fits && COUNT(b[i], float) == n;
    for (int64_t i = 0; fits && i < n; i++) fits = relations[i] >= 0 && relations[i] < RELATIONS;
    if (fits) {
        float best_words = greatest(words, n), best_grams = greatest(grams, n);
        for (int64_t i = 0; i < n; i++, evidence += KINDS) {
            float by_related = share(related[i], (float)possible[1]);
            float found[KINDS] = {share(words[i], (float)possible[0]),
                                  share(grams[i], (float)possible[2]),
                                  share(words[i], best_words),
                                  share(grams[i], best_grams),
                                  cosines[i],
                                  codes[i],
                                  names[i],
                                  sentences[i],
                                  by_related < 1 ? by_related : 1}; /* neighbours may be rarer than the word */
            const double *of_relation = weights + relations[i] * (KINDS + 1);
            double score = 0;
            for (int kind = 0; kind < KINDS; kind++) {
                evidence[kind] = found[kind];
                score += of_relation[kind] * (double)found[kind];
            }
            scores[i] = (float)(score + of_relation[KINDS]);
        }
    }
    return done(b, 11, fits);
}
