/* The first of many places by a score, and arrays that may be None. */

#ifndef FIRST_H
#define FIRST_H

#include "shared.h"

/* A heap whose root is the last of the best so far; of equal ones the lower place is better. */
typedef struct {
    float *scores;
    int64_t *places, count, most;
} First;

static inline int first_for(First *first, int64_t most, int64_t n) {
    first->count = 0;
    first->most = most < 0 ? 0 : most < n ? most : n;
    first->scores = malloc((size_t)(first->most + 1) * sizeof *first->scores);
    first->places = malloc((size_t)(first->most + 1) * sizeof *first->places);
    return first->scores && first->places;
}

static inline void forget_first(First *first) {
    free(first->scores);
    free(first->places);
}

/* Whether one entry is worse than another. */
static inline int worse(const First *f, int64_t one, float score, int64_t place) {
    return f->scores[one] < score || (f->scores[one] == score && f->places[one] > place);
}

static inline void set(First *f, int64_t at, float score, int64_t place) {
    f->scores[at] = score;
    f->places[at] = place;
}

/* Puts an entry where the root was, or below. */
static inline void sink(First *f, float score, int64_t place) {
    int64_t at = 0;
    for (int64_t child = 1; child < f->count; child = 2 * at + 1) {
        if (child + 1 < f->count && worse(f, child + 1, f->scores[child], f->places[child])) child++;
        if (!worse(f, child, score, place)) break;
        set(f, at, f->scores[child], f->places[child]);
        at = child;
    }
    set(f, at, score, place);
}

/* Takes a place among the best if it is one. */
static inline void offer(First *f, float score, int64_t place) {
    if (f->count < f->most) {
        int64_t at = f->count++;
        while (at && !worse(f, (at - 1) / 2, score, place)) {
            set(f, at, f->scores[(at - 1) / 2], f->places[(at - 1) / 2]);
            at = (at - 1) / 2;
        }
        set(f, at, score, place);
    } else if (f->most && worse(f, 0, score, place)) {
        sink(f, score, place);
    }
}

/* Takes the root, the last of the best, away. */
static inline void drop(First *f) {
    f->count--;
    sink(f, f->scores[f->count], f->places[f->count]);
}

/* The buffer of an array; an empty one of None. */
static inline int buffer_of(PyObject *given, Py_buffer *buffer) {
    buffer->obj = NULL;
    buffer->buf = NULL;
    return given == Py_None || PyObject_GetBuffer(given, buffer, PyBUF_SIMPLE) == 0;
}

#endif
