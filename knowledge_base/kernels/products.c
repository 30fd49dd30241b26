/* Products of vectors, for each kind of processor: compilers turn the plain loops into code that takes two to four times
   as long as what is written out here. */

#include "vectors.h"

#include <math.h>
#include <stdlib.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define X86
#endif

static void plain_products(const int8_t *rows, int64_t count, int64_t dim, const float *unit, float *products) {
    for (int64_t row = 0; row < count; row++, rows += dim) {
        float sums[4] = {0};
        for (int64_t j = 0; j < dim; j++) sums[j % 4] += (float)rows[j] * unit[j];
        products[row] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
}

static float plain_product(const float *one, const float *other, int64_t dim) {
    float sums[4] = {0};
    for (int64_t j = 0; j < dim; j++) sums[j % 4] += one[j] * other[j];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

#ifdef X86

#define TARGET(instructions) __attribute__((target(instructions)))

TARGET("avx512f") static float sum_512(const __m512 *sums) {
    return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

TARGET("avx512f")
static void products_512(const int8_t *rows, int64_t count, int64_t dim, const float *unit, float *products) {
    for (int64_t row = 0; row < count; row++, rows += dim) {
        __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
        int64_t j = 0;
        for (; j + 64 <= dim; j += 64)
            for (int k = 0; k < 4; k++) {
                __m128i bytes = _mm_loadu_si128((const __m128i *)(rows + j + 16 * k));
                __m512 numbers = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
                sums[k] = _mm512_fmadd_ps(numbers, _mm512_loadu_ps(unit + j + 16 * k), sums[k]);
            }
        products[row] = sum_512(sums);
        for (; j < dim; j++) products[row] += (float)rows[j] * unit[j];
    }
}

TARGET("avx512f") static float product_512(const float *one, const float *other, int64_t dim) {
    __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
    int64_t j = 0;
    for (; j + 64 <= dim; j += 64)
        for (int k = 0; k < 4; k++)
            sums[k] = _mm512_fmadd_ps(_mm512_loadu_ps(one + j + 16 * k), _mm512_loadu_ps(other + j + 16 * k), sums[k]);
    float product = sum_512(sums);
    for (; j < dim; j++) product += one[j] * other[j];
    return product;
}

#define WITH_ROUNDED "avx512f,avx512bw,avx512vnni"

/* Sums of each of four vectors of sixteen numbers. */
TARGET(WITH_ROUNDED) static __m128i sums_of_four(const __m512i *sums) {
    __m512i pairs[2];
    for (int k = 0; k < 2; k++)
        pairs[k] = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[2 * k], sums[2 * k + 1]),
                                    _mm512_unpackhi_epi32(sums[2 * k], sums[2 * k + 1]));
    __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(pairs[0], pairs[1]), _mm512_unpackhi_epi64(pairs[0], pairs[1]));
    __m256i halves = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
}

/* Rows are read as numbers from 0 to 255, which is what one instruction multiplies with numbers from -128 to 127. */
TARGET(WITH_ROUNDED)
static void rounded_512(const int8_t *rows, int64_t count, int64_t dim, const int8_t *rounded, int32_t *products) {
    __m512i lifted = _mm512_set1_epi8(-128), sum = _mm512_setzero_si512();
    for (int64_t j = 0; j < dim; j += 64) sum = _mm512_dpbusd_epi32(sum, lifted, _mm512_loadu_si512(rounded + j));
    __m128i too_much = _mm_set1_epi32(_mm512_reduce_add_epi32(sum));
    for (int64_t row = 0; row < count; row += 4, rows += 4 * dim) {
        __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
        int64_t n_rows = count - row < 4 ? count - row : 4;
        for (int64_t j = 0; j < dim; j += 64) {
            __m512i numbers = _mm512_loadu_si512(rounded + j);
            for (int k = 0; k < 4; k++) {
                const int8_t *from = rows + (k < n_rows ? k : 0) * dim + j;
                sums[k] = _mm512_dpbusd_epi32(sums[k], _mm512_xor_si512(lifted, _mm512_loadu_si512(from)), numbers);
            }
        }
        _mm_storeu_si128((__m128i *)(products + row), _mm_sub_epi32(sums_of_four(sums), too_much));
    }
}

TARGET("avx2,fma") static float sum_256(const __m256 *sums) {
    float lanes[8], sum = 0;
    _mm256_storeu_ps(lanes, _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
    for (int lane = 0; lane < 8; lane++) sum += lanes[lane];
    return sum;
}

TARGET("avx2,fma")
static void products_256(const int8_t *rows, int64_t count, int64_t dim, const float *unit, float *products) {
    for (int64_t row = 0; row < count; row++, rows += dim) {
        __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
        int64_t j = 0;
        for (; j + 32 <= dim; j += 32)
            for (int k = 0; k < 4; k++) {
                __m128i bytes = _mm_loadl_epi64((const __m128i *)(rows + j + 8 * k));
                __m256 numbers = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
                sums[k] = _mm256_fmadd_ps(numbers, _mm256_loadu_ps(unit + j + 8 * k), sums[k]);
            }
        products[row] = sum_256(sums);
        for (; j < dim; j++) products[row] += (float)rows[j] * unit[j];
    }
}

TARGET("avx2,fma") static float product_256(const float *one, const float *other, int64_t dim) {
    __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    int64_t j = 0;
    for (; j + 32 <= dim; j += 32)
        for (int k = 0; k < 4; k++)
            sums[k] = _mm256_fmadd_ps(_mm256_loadu_ps(one + j + 8 * k), _mm256_loadu_ps(other + j + 8 * k), sums[k]);
    float product = sum_256(sums);
    for (; j < dim; j++) product += one[j] * other[j];
    return product;
}

#endif

Processor processor_at_hand(void) {
    Processor plain = {plain_products, plain_product, NULL};
#ifdef X86
    __builtin_cpu_init();
    int rounds = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
    if (__builtin_cpu_supports("avx512f")) return (Processor){products_512, product_512, rounds ? rounded_512 : NULL};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return (Processor){products_256, product_256, NULL};
#endif
    return plain;
}

/* Numbers that one instruction multiplies at a time, and the greatest of them. */
#define AT_ONCE 64
#define LARGEST 127
/* Above what rounding does, of sums of 32-bit floats. */
#define SUMMED 1e-5f
/* Up to so many numbers in a vector their products' sum fits 32 bits. */
#define LONGEST (INT32_MAX / 256 / 128)

int sought_for(Sought *sought, const float *unit, int64_t dim) {
    *sought = (Sought){unit, dim, processor_at_hand(), NULL, 0, 0};
    if (!sought->by.rounded || !dim || dim % AT_ONCE || dim > LONGEST) return 1;
    sought->rounded = malloc((size_t)dim);
    if (!sought->rounded) return 0;
    float largest = 0, lost = 0;
    for (int64_t j = 0; j < dim; j++) largest = fabsf(unit[j]) > largest ? fabsf(unit[j]) : largest;
    sought->scale = largest > 0 && largest < 2 ? largest / LARGEST : 1;
    for (int64_t j = 0; j < dim; j++) {
        float scaled = largest < 2 ? unit[j] / sought->scale : 0; /* of a unit vector nothing is larger */
        sought->rounded[j] = (int8_t)lrintf(scaled);
        float taken = unit[j] - (float)sought->rounded[j] * sought->scale;
        lost += taken * taken;
    }
    sought->error = sqrtf(lost) + SUMMED;
    return 1;
}

void forget_sought(Sought *sought) { free(sought->rounded); }
