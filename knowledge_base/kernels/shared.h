/* What the inner loops of search share. Each function is described in __init__.py; Python does the same by numpy.

   Arrays come as contiguous buffers; every length, and every number that is used as an index, is checked before use,
   so that a damaged index raises ValueError and never reads beyond its files. */

#ifndef SHARED_H
#define SHARED_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>

#define COUNT(buffer, type) ((int64_t)((buffer).len / (Py_ssize_t)sizeof(type)))

/* Odd; its products' upper bits name slots. From Fibonacci hashing: 2**64 by the golden ratio. */
#define SPREAD 0x9E3779B97F4A7C15ULL

/* Gives some buffers back. */
static inline void release(Py_buffer *buffers, int count) {
    for (int i = 0; i < count; i++) PyBuffer_Release(&buffers[i]);
}

/* The same; ValueError where they did not fit together. */
static inline PyObject *done(Py_buffer *buffers, int count, int fits) {
    release(buffers, count);
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "The arrays do not fit together.");
        return NULL;
    }
    Py_RETURN_NONE;
}

/* The same with a number for an answer. */
static inline PyObject *told(Py_buffer *buffers, int count, int fits, int64_t answer) {
    PyObject *nothing = done(buffers, count, fits);
    Py_XDECREF(nothing);
    return nothing ? PyLong_FromLongLong(answer) : NULL;
}

static inline int within(const int64_t *numbers, int64_t count, int64_t end) {
    for (int64_t i = 0; i < count; i++)
        if (numbers[i] < 0 || numbers[i] >= end) return 0;
    return 1;
}

/* Whether lengths, none below 0, make up a whole. */
static inline int cut_into(const int64_t *lengths, int64_t count, int64_t whole) {
    for (int64_t i = 0; i < count; i++) {
        if (lengths[i] < 0 || lengths[i] > whole) return 0;
        whole -= lengths[i];
    }
    return whole == 0;
}

/* The place of a number among ascending ones, or -1. */
static inline int64_t place_of(uint64_t number, const uint64_t *ascending, int64_t count) {
    int64_t low = 0, high = count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (ascending[middle] < number) low = middle + 1;
        else high = middle;
    }
    return low < count && ascending[low] == number ? low : -1;
}

#define KERNEL(name) PyObject *name(PyObject *self, PyObject *args)

/* vectors.c */
KERNEL(near);
KERNEL(nearest);
/* bm25.c */
KERNEL(add_terms);
KERNEL(add_groups);
/* cover.c */
KERNEL(cover);
/* terms.c */
KERNEL(hash_terms);
KERNEL(hash_grams);
/* keying.c */
KERNEL(key_words);
/* words.c */
KERNEL(find_words);
KERNEL(log_odds);
/* ranking.c */
KERNEL(rank);
/* pieces.c */
KERNEL(fill_slots);
KERNEL(cut_pieces);
KERNEL(sum_rows);
/* runs.c */
KERNEL(cut);
/* sentences.c */
KERNEL(cut_sentences);
/* quotes.c */
KERNEL(quote);
/* holding.c */
KERNEL(hold);
/* judging.c */
KERNEL(judge);

#endif
