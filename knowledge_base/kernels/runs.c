/* Runs of characters of one kind, and which are alike. */

#include "shared.h"

KERNEL(cut) {
    Py_buffer b[7];
    unsigned char single;
    unsigned long long factor;
    if (!PyArg_ParseTuple(args, "y*y*bKw*w*w*w*w*", &b[0], &b[1], &single, &factor, &b[2], &b[3], &b[4], &b[5], &b[6]))
        return NULL;
    const uint8_t *kinds = b[0].buf;
    const uint32_t *values = b[1].buf;
    int64_t n = COUNT(b[0], uint8_t), n_runs = COUNT(b[2], int64_t), run = 0, different = 0;
    int64_t *begins = b[2].buf, *ends = b[3].buf, *numbers = b[5].buf, *firsts = b[6].buf;
    uint64_t *hashes = b[4].buf;
    int fits = COUNT(b[1], uint32_t) == n && n_runs < INT32_MAX / 4;
    for (int i = 3; i < 7; i++) fits = fits && COUNT(b[i], int64_t) == n_runs;
    int bits = 1;
    while (fits && (int64_t)1 << bits < 2 * n_runs) bits++;
    int32_t *slots = fits ? calloc((size_t)1 << bits, sizeof(int32_t)) : NULL; /* 1 + the number of what is there */
    if (fits && !slots) {
        release(b, 7);
        return PyErr_NoMemory();
    }
    Py_BEGIN_ALLOW_THREADS
    for (int64_t i = 0; fits && i < n;) {
        uint8_t kind = kinds[i];
        if (!kind) {
            i++;
            continue;
        }
        if (!(fits = run < n_runs)) break;
        uint64_t hash = 0, power = 1;
        begins[run] = i;
        do {
            hash += values[i++] * power;
            power *= factor;
        } while (i < n && kinds[i] == kind && kind != single);
        ends[run] = i;
        hashes[run] = hash;
        int64_t slot = (int64_t)(hash * SPREAD >> (64 - bits)), last = ((int64_t)1 << bits) - 1;
        while (slots[slot] && hashes[firsts[slots[slot] - 1]] != hash) slot = slot == last ? 0 : slot + 1;
        if (!slots[slot]) {
            firsts[different++] = run;
            slots[slot] = (int32_t)different;
        }
        numbers[run++] = slots[slot] - 1;
    }
    Py_END_ALLOW_THREADS
    free(slots);
    return done(b, 7, fits && run == n_runs);
}
