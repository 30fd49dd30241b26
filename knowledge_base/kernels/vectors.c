/* Which vectors are nearest to a query's. */

#include "first.h"
#include "highest.h"
#include "shared.h"
#include "vectors.h"

/* Passages that may be among the nearest. */
typedef struct {
    float *scores;
    int64_t *places;
    uint32_t *keys;
} Near;

static int near_for(Near *near, int64_t n) {
    near->scores = malloc((size_t)(n + 1) * sizeof *near->scores);
    near->places = malloc((size_t)(n + 1) * sizeof *near->places);
    near->keys = malloc((size_t)(n + 1) * sizeof *near->keys);
    return near->scores && near->places && near->keys;
}

static void forget_near(Near *near) {
    free(near->scores);
    free(near->places);
    free(near->keys);
}

/* Rounded vectors tell all that may be among the nearest; of these the exact cosines tell the nearest. */
static int64_t find_near(const int8_t *rows, const float *scales, const float *vectors, const float *unit, int64_t n,
                         int64_t dim, float slack, const uint8_t *mask, Near *near, int64_t most) {
    Processor by = processor_at_hand();
    by.products(rows, n, dim, unit, near->scores);
    int64_t n_seen = 0, n_near = 0;
    for (int64_t i = 0; i < n; i++) {
        if (mask && !mask[i]) continue;
        near->scores[n_seen] = near->scores[i] * scales[i];
        near->places[n_seen++] = i;
    }
    if (most <= 0 || most >= n_seen) return most < 0 ? 0 : most < n_seen ? most : n_seen;
    float least = kth_highest(near->scores, n_seen, most, near->keys) - slack;
    for (int64_t i = 0; i < n_seen; i++) {
        near->places[n_near] = near->places[i];
        n_near += near->scores[i] >= least;
    }
    for (int64_t i = 0; i < n_near; i++) near->scores[i] = by.product(vectors + near->places[i] * dim, unit, dim);
    return keep_highest(near->scores, near->places, n_near, most, near->keys);
}

KERNEL(near) {
    Py_buffer b[6];
    PyObject *allowed;
    double slack;
    if (!PyArg_ParseTuple(args, "y*y*y*y*dOw*", &b[0], &b[1], &b[2], &b[3], &slack, &allowed, &b[4])) return NULL;
    if (!buffer_of(allowed, &b[5])) {
        release(b, 5);
        return NULL;
    }
    int64_t n = COUNT(b[1], float), dim = COUNT(b[3], float), most = COUNT(b[4], int64_t), *ids = b[4].buf, n_found = 0;
    int fits = COUNT(b[0], int8_t) == n * dim && COUNT(b[2], float) == n * dim && (!b[5].buf || COUNT(b[5], uint8_t) == n);
    Near near;
    if (!near_for(&near, n)) {
        forget_near(&near);
        release(b, 6);
        return PyErr_NoMemory();
    }
    Py_BEGIN_ALLOW_THREADS
    if (fits) n_found = find_near(b[0].buf, b[1].buf, b[2].buf, b[3].buf, n, dim, (float)slack, b[5].buf, &near, most);
    for (int64_t i = 0; i < n_found; i++) ids[i] = near.places[i];
    Py_END_ALLOW_THREADS
    forget_near(&near);
    return told(b, 6, fits, n_found);
}

/* Rows whose products are held at a time. */
#define AT_ONCE 64 /* a multiple of four */

/* Of a row of length 0, whose product is 0, it is 0. */
static inline float cosine_of(float product, float norm) { return product / (norm > 0 ? norm : 1); }

/* The highest cosine of some rows and what is sought, or one that is higher. */
static float nearest_by_all(const Sought *s, const int8_t *rows, const float *norms, int64_t count, float highest) {
    float products[AT_ONCE];
    s->by.products(rows, count, s->dim, s->unit, products);
    for (int64_t i = 0; i < count; i++) {
        float cosine = cosine_of(products[i], norms[i]);
        if (cosine > highest) highest = cosine;
    }
    return highest;
}

/* The highest by the rounded vector, and which row has it; at least -2. */
static float nearest_rounded(const Sought *s, const int8_t *rows, const float *norms, int64_t count, float *cosines,
                             int64_t *first) {
    int32_t products[AT_ONCE];
    float highest = -2;
    s->by.rounded(rows, count, s->dim, s->rounded, products);
    for (int64_t i = 0; i < count; i++) cosines[i] = cosine_of((float)products[i] * s->scale, norms[i]);
    for (int64_t i = 0; i < count; i++)
        if (cosines[i] > highest) highest = cosines[*first = i];
    return highest;
}

/* The highest cosine as ``nearest_by_all`` has it: rounded, the vector tells which rows may have it. */
static float nearest_by_few(const Sought *s, const int8_t *rows, const float *norms, int64_t count, float highest) {
    float rounded[AT_ONCE], exact;
    int64_t first = 0;
    nearest_rounded(s, rows, norms, count, rounded, &first);
    for (int64_t i = first, n_seen = 0; n_seen <= count; i = n_seen++) {
        if (rounded[i] + s->error <= highest) continue;
        s->by.products(rows + i * s->dim, 1, s->dim, s->unit, &exact);
        exact = cosine_of(exact, norms[i]);
        if (exact > highest) highest = exact;
    }
    return highest;
}

#define EACH_BLOCK(row, count, first, end)                                                    \
    for (int64_t row = first, count; count = end - row < AT_ONCE ? end - row : AT_ONCE, row < end; row += AT_ONCE)

float nearest_of(const Sought *s, const int8_t *rows, const float *norms, int64_t first, int64_t end) {
    float highest = -1;
    EACH_BLOCK(row, count, first, end)
        highest = (s->rounded ? nearest_by_few : nearest_by_all)(s, rows + row * s->dim, norms + row, count, highest);
    return highest < 1 ? highest : 1;
}

float at_most(const Sought *s, const int8_t *rows, const float *norms, int64_t first, int64_t end) {
    float highest = -1, rounded[AT_ONCE];
    int64_t place;
    EACH_BLOCK(row, count, first, end) {
        float of_block = nearest_rounded(s, rows + row * s->dim, norms + row, count, rounded, &place) + s->error;
        if (of_block > highest) highest = of_block;
    }
    return highest < 1 ? highest : 1;
}

KERNEL(nearest) {
    Py_buffer b[6];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5])) return NULL;
    const int8_t *rows = b[0].buf;
    const float *norms = b[1].buf;
    const int64_t *bounds = b[2].buf, *ids = b[3].buf;
    float *best = b[5].buf;
    int64_t n_rows = COUNT(b[1], float), n_bounds = COUNT(b[2], int64_t), n = COUNT(b[3], int64_t);
    Sought sought;
    int has_memory = sought_for(&sought, b[4].buf, COUNT(b[4], float));
    int fits = COUNT(b[0], int8_t) == n_rows * sought.dim && COUNT(b[5], float) == 2 * n && n_bounds % 2 == 1 &&
               within(ids, n, n_bounds / 2);
    Py_BEGIN_ALLOW_THREADS
    for (int64_t i = 0; has_memory && fits && i < 2 * n; i++) {
        const int64_t *run = bounds + 2 * ids[i / 2] + i % 2;
        fits = 0 <= run[0] && run[0] <= run[1] && run[1] <= n_rows;
        if (fits) best[i % 2 * n + i / 2] = nearest_of(&sought, rows, norms, run[0], run[1]);
    }
    Py_END_ALLOW_THREADS
    forget_sought(&sought);
    if (!has_memory) {
        release(b, 6);
        return PyErr_NoMemory();
    }
    return done(b, 6, fits);
}
