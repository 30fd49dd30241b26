/* Products of vectors in eight bits a number with a query's. */

#include "first.h"
#include "shared.h"
#include "vectors.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define X86
#endif

/* Products of rows of eight-bit numbers and a vector, for each kind of processor: compilers turn the plain loop into
   code that takes two to four times as long as what follows it. */

static void plain_products(const int8_t *rows, int64_t count, int64_t dim, const float *unit, float *products) {
    for (int64_t row = 0; row < count; row++, rows += dim) {
        float sums[4] = {0};
        for (int64_t j = 0; j < dim; j++) sums[j % 4] += (float)rows[j] * unit[j];
        products[row] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
}

#ifdef X86

__attribute__((target("avx512f"))) static void products_512(const int8_t *rows, int64_t count, int64_t dim,
                                                            const float *unit, float *products) {
    for (int64_t row = 0; row < count; row++, rows += dim) {
        __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
        int64_t j = 0;
        for (; j + 64 <= dim; j += 64)
            for (int k = 0; k < 4; k++) {
                __m128i bytes = _mm_loadu_si128((const __m128i *)(rows + j + 16 * k));
                __m512 numbers = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
                sums[k] = _mm512_fmadd_ps(numbers, _mm512_loadu_ps(unit + j + 16 * k), sums[k]);
            }
        sums[0] = _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3]));
        float product = _mm512_reduce_add_ps(sums[0]);
        for (; j < dim; j++) product += (float)rows[j] * unit[j];
        products[row] = product;
    }
}

__attribute__((target("avx2,fma"))) static void products_256(const int8_t *rows, int64_t count, int64_t dim,
                                                             const float *unit, float *products) {
    for (int64_t row = 0; row < count; row++, rows += dim) {
        __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
        int64_t j = 0;
        for (; j + 32 <= dim; j += 32)
            for (int k = 0; k < 4; k++) {
                __m128i bytes = _mm_loadl_epi64((const __m128i *)(rows + j + 8 * k));
                __m256 numbers = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
                sums[k] = _mm256_fmadd_ps(numbers, _mm256_loadu_ps(unit + j + 8 * k), sums[k]);
            }
        float lanes[8], product = 0;
        _mm256_storeu_ps(lanes, _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
        for (int lane = 0; lane < 8; lane++) product += lanes[lane];
        for (; j < dim; j++) product += (float)rows[j] * unit[j];
        products[row] = product;
    }
}

#endif

Products *fastest_products(void) {
#ifdef X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return products_512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return products_256;
#endif
    return plain_products;
}

/* The product of two vectors, in sixteen sums that compilers turn into one or two instructions. */
#define LANES 16
#define PRODUCT_OF_TWO                                                         \
    float sums[LANES] = {0}, product = 0;                                      \
    int64_t j = 0;                                                             \
    for (; j + LANES <= dim; j += LANES)                                       \
        for (int k = 0; k < LANES; k++) sums[k] += one[j + k] * other[j + k];  \
    for (int k = 0; k < LANES; k++) product += sums[k];                        \
    for (; j < dim; j++) product += one[j] * other[j];                         \
    return product;

static float plain_product(const float *one, const float *other, int64_t dim) { PRODUCT_OF_TWO }

#ifdef X86
__attribute__((target("avx512f"))) static float product_512(const float *one, const float *other, int64_t dim) {
    PRODUCT_OF_TWO
}
__attribute__((target("avx2,fma"))) static float product_256(const float *one, const float *other, int64_t dim) {
    PRODUCT_OF_TWO
}
#endif

Product *fastest_product(void) {
#ifdef X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return product_512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return product_256;
#endif
    return plain_product;
}

/* Rounded vectors tell all that may be among the nearest; of these the exact cosines tell the nearest. */
static void find_near(const int8_t *rows, const float *scales, const float *vectors, const float *unit, int64_t n,
                      int64_t dim, float slack, const uint8_t *mask, float *rounded, First *first) {
    fastest_products()(rows, n, dim, unit, rounded);
    for (int64_t i = 0; i < n; i++) {
        rounded[i] *= scales[i];
        if (!mask || mask[i]) offer(first, rounded[i], i);
    }
    if (!first->count) return;
    float least = first->scores[0] - slack;
    Product *product_of = fastest_product();
    first->count = 0;
    for (int64_t i = 0; i < n; i++)
        if (rounded[i] >= least && (!mask || mask[i])) offer(first, product_of(vectors + i * dim, unit, dim), i);
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
    int64_t n = COUNT(b[1], float), dim = COUNT(b[3], float), most = COUNT(b[4], int64_t), *ids = b[4].buf;
    int fits = COUNT(b[0], int8_t) == n * dim && COUNT(b[2], float) == n * dim && (!b[5].buf || COUNT(b[5], uint8_t) == n);
    float *rounded = malloc((size_t)(n + 1) * sizeof *rounded);
    First first;
    if (!first_for(&first, most, n) || !rounded) {
        free(rounded);
        forget_first(&first);
        release(b, 6);
        return PyErr_NoMemory();
    }
    Py_BEGIN_ALLOW_THREADS
    if (fits) find_near(b[0].buf, b[1].buf, b[2].buf, b[3].buf, n, dim, (float)slack, b[5].buf, rounded, &first);
    for (int64_t i = 0; i < first.count; i++) ids[i] = first.places[i];
    Py_END_ALLOW_THREADS
    free(rounded);
    forget_first(&first);
    return told(b, 6, fits, first.count);
}

/* Rows whose products are held at a time. */
#define AT_ONCE 64

float nearest_of(const int8_t *rows, const float *norms, int64_t first, int64_t end, int64_t dim, const float *unit,
                 Products *products_of) {
    float highest = -1, products[AT_ONCE];
    for (int64_t row = first; row < end; row += AT_ONCE) {
        int64_t count = end - row < AT_ONCE ? end - row : AT_ONCE;
        products_of(rows + row * dim, count, dim, unit, products);
        for (int64_t i = 0; i < count; i++) {
            float cosine = norms[row + i] ? products[i] / norms[row + i] : 0;
            if (cosine > highest) highest = cosine;
        }
    }
    return highest < 1 ? highest : 1;
}

KERNEL(nearest) {
    Py_buffer b[6];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5])) return NULL;
    const int8_t *rows = b[0].buf;
    const float *norms = b[1].buf, *unit = b[4].buf;
    const int64_t *bounds = b[2].buf, *ids = b[3].buf;
    float *best = b[5].buf;
    int64_t n_rows = COUNT(b[1], float), n_bounds = COUNT(b[2], int64_t), n = COUNT(b[3], int64_t);
    int64_t dim = COUNT(b[4], float);
    Products *products_of = fastest_products();
    int fits = COUNT(b[0], int8_t) == n_rows * dim && COUNT(b[5], float) == 2 * n && n_bounds % 2 == 1 &&
               within(ids, n, n_bounds / 2);
    Py_BEGIN_ALLOW_THREADS
    for (int64_t i = 0; fits && i < 2 * n; i++) {
        const int64_t *run = bounds + 2 * ids[i / 2] + i % 2;
        fits = 0 <= run[0] && run[0] <= run[1] && run[1] <= n_rows;
        if (fits) best[i % 2 * n + i / 2] = nearest_of(rows, norms, run[0], run[1], dim, unit, products_of);
    }
    Py_END_ALLOW_THREADS
    return done(b, 6, fits);
}
