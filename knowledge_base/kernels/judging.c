/* How likely passages answer a query, as fuse/evidence.py and fuse/weights.py have it. */

#include <math.h>

#include "shared.h"

#define KINDS 9
#define TELLING 9
/* Of passages that have other words than their headings, and of those without: weights, then offset and floor. */
#define SETS 2
#define IN_SET (TELLING + 2)
#define CERTAIN_ODDS 30

enum { OF_GRAMS = 1, OF_WHOLE = 4, OF_NAME = 6, OF_SENTENCE = 7 };                   /* columns of evidence */
enum { A_GRAMS, A_NEAREST, A_SENTENCE, A_CODE, A_COVERAGE, A_LENGTH, A_OTHER, A_LEAD, A_MISSING }; /* of answers */

static double chance(const float *answer, const double *weights) {
    double odds = weights[TELLING];
    for (int i = 0; i < TELLING; i++) odds += (double)answer[i] * weights[i];
    odds = odds < -CERTAIN_ODDS ? -CERTAIN_ODDS : odds > CERTAIN_ODDS ? CERTAIN_ODDS : odds;
    return 1 / (1 + exp(-odds));
}

enum { EVIDENCE, CODES, WORDS, OTHER, MISSING, NAMED, CERTAIN, WEIGHTS, ANSWERS, RELEVANCE, N_BUFFERS };

KERNEL(judge) {
    Py_buffer b[N_BUFFERS];
    float length, lead;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*ffy*w*w*", &b[EVIDENCE], &b[CODES], &b[WORDS], &b[OTHER], &b[MISSING],
                          &b[NAMED], &b[CERTAIN], &length, &lead, &b[WEIGHTS], &b[ANSWERS], &b[RELEVANCE]))
        return NULL;
    const float *evidence = b[EVIDENCE].buf, *codes = b[CODES].buf, *words = b[WORDS].buf;
    const uint8_t *other = b[OTHER].buf, *missing = b[MISSING].buf, *named = b[NAMED].buf, *certain = b[CERTAIN].buf;
    float *answer = b[ANSWERS].buf, *relevance = b[RELEVANCE].buf;
    int64_t n = COUNT(b[RELEVANCE], float);
    int fits = COUNT(b[EVIDENCE], float) == KINDS * n && COUNT(b[CODES], float) == n && COUNT(b[WORDS], float) == n &&
               COUNT(b[WEIGHTS], double) == SETS * IN_SET && COUNT(b[ANSWERS], float) == TELLING * n;
    for (int i = OTHER; i <= CERTAIN; i++) fits = fits && COUNT(b[i], uint8_t) == n;
    for (int64_t i = 0; fits && i < n; i++, evidence += KINDS, answer += TELLING) {
        const double *weights = (const double *)b[WEIGHTS].buf + (named[i] ? 0 : IN_SET);
        float nearest = evidence[OF_WHOLE];
        if (evidence[OF_NAME] > nearest) nearest = evidence[OF_NAME];
        if (evidence[OF_SENTENCE] > nearest) nearest = evidence[OF_SENTENCE];
        answer[A_GRAMS] = evidence[OF_GRAMS];
        answer[A_NEAREST] = nearest;
        answer[A_SENTENCE] = evidence[OF_SENTENCE];
        answer[A_CODE] = codes[i];
        answer[A_COVERAGE] = words[i];
        answer[A_LENGTH] = length;
        answer[A_OTHER] = other[i] != 0;
        answer[A_LEAD] = lead;
        answer[A_MISSING] = missing[i] != 0;
        float answers = (float)chance(answer, weights), floor = (float)weights[TELLING + 1];
        if (((codes[i] >= 1 && !missing[i]) || certain[i]) && answers < floor) answers = floor;
        /* A passage cannot be shown as more relevant than one ranked before it. */
        relevance[i] = i && relevance[i - 1] < answers ? relevance[i - 1] : answers;
    }
    return done(b, N_BUFFERS, fits);
}
