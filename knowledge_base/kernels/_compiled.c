/* The inner loops of search. Each function is described in __init__.py, whose Python functions do the same by numpy.

   Arrays come as contiguous buffers; every length, and every number that is used as an index, is checked before use,
   so that a damaged index raises ValueError and never reads beyond its files. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define X86
#endif

#define COUNT(buffer, type) ((int64_t)((buffer).len / (Py_ssize_t)sizeof(type)))

static void release(Py_buffer *buffers, int count) {
    for (int i = 0; i < count; i++) PyBuffer_Release(&buffers[i]);
}

static PyObject *done(Py_buffer *buffers, int count, int fits) {
    release(buffers, count);
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "The arrays do not fit together.");
        return NULL;
    }
    Py_RETURN_NONE;
}

static int within(const int64_t *numbers, int64_t count, int64_t end) {
    for (int64_t i = 0; i < count; i++)
        if (numbers[i] < 0 || numbers[i] >= end) return 0;
    return 1;
}

/* ---- nearest names and sentences ---- */

/* Products of rows of eight-bit numbers and a vector, for each kind of processor: compilers turn the plain loop into
   code that takes two to four times as long as what follows it. */

typedef void Products(const int8_t *rows, int64_t count, int64_t dim, const float *unit, float *products);

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

static Products *fastest_products(void) {
#ifdef X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return products_512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return products_256;
#endif
    return plain_products;
}

static PyObject *products(PyObject *self, PyObject *args) {
    Py_buffer b[3];
    if (!PyArg_ParseTuple(args, "y*y*w*", &b[0], &b[1], &b[2])) return NULL;
    int64_t dim = COUNT(b[1], float), count = COUNT(b[2], float);
    int fits = COUNT(b[0], int8_t) == count * dim;
    Py_BEGIN_ALLOW_THREADS
    if (fits) fastest_products()(b[0].buf, count, dim, b[1].buf, b[2].buf);
    Py_END_ALLOW_THREADS
    return done(b, 3, fits);
}

/* Rows whose products are held at a time. */
#define AT_ONCE 64

static float nearest_of(const int8_t *rows, const float *norms, int64_t first, int64_t end, int64_t dim,
                        const float *unit, Products *products_of) {
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

static PyObject *nearest(PyObject *self, PyObject *args) {
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

/* ---- BM25 ---- */

/* Postings: the scores of terms for the texts that have them, term by term. */
typedef struct {
    const float *scores;
    const int32_t *texts;
    const int64_t *starts;
    int64_t n_postings, n_terms, n_texts;
} Postings;

static Postings postings_of(const Py_buffer *b, int64_t n_texts) {
    Postings found = {b[0].buf, b[1].buf, b[2].buf, COUNT(b[0], float), COUNT(b[2], int64_t) - 1, n_texts};
    if (COUNT(b[1], int32_t) != found.n_postings) found.n_terms = -1;
    return found;
}

/* Whether all postings of some terms lie within the files and name texts that there are. */
static int readable(const Postings *p, const int64_t *columns, int64_t count) {
    if (!within(columns, count, p->n_terms)) return 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t first = p->starts[columns[i]], end = p->starts[columns[i] + 1];
        if (first < 0 || first > end || end > p->n_postings) return 0;
        uint32_t highest = 0;
        for (int64_t j = first; j < end; j++)
            highest = (uint32_t)p->texts[j] > highest ? (uint32_t)p->texts[j] : highest;
        if (end > first && highest >= p->n_texts) return 0;
    }
    return 1;
}

#define EACH_POSTING(p, column) \
    for (int64_t j = (p)->starts[column], end = (p)->starts[(column) + 1]; j < end; j++)

static PyObject *add_terms(PyObject *self, PyObject *args) {
    Py_buffer b[6];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5])) return NULL;
    const int64_t *columns = b[3].buf, count = COUNT(b[3], int64_t);
    const float *weights = b[4].buf;
    float *total = b[5].buf;
    Postings p = postings_of(b, COUNT(b[5], float));
    int fits = COUNT(b[4], float) == count;
    Py_BEGIN_ALLOW_THREADS
    fits = fits && readable(&p, columns, count);
    for (int64_t i = 0; fits && i < count; i++)
        EACH_POSTING(&p, columns[i]) total[p.texts[j]] += weights[i] * p.scores[j];
    Py_END_ALLOW_THREADS
    return done(b, 6, fits);
}

/* The highest score of each text among some terms. */
static void highest(const Postings *p, const int64_t *columns, int64_t count, float *best) {
    for (int64_t i = 0; i < count; i++)
        EACH_POSTING(p, columns[i]) if (p->scores[j] > best[p->texts[j]]) best[p->texts[j]] = p->scores[j];
}

static PyObject *add_groups(PyObject *self, PyObject *args) {
    Py_buffer b[8];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*w*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7])) return NULL;
    const int64_t *columns = b[3].buf, *sizes = b[4].buf, n_groups = COUNT(b[5], float);
    const float *weights = b[5].buf;
    int64_t n_texts = COUNT(b[6], float) / 2, n_columns = 0;
    float *own = b[6].buf, *related = own + n_texts, *best = b[7].buf, *other = best + n_texts;
    Postings p = postings_of(b, n_texts);
    int fits = COUNT(b[4], int64_t) == 2 * n_groups && COUNT(b[7], float) == 2 * n_texts;
    Py_BEGIN_ALLOW_THREADS
    for (int64_t i = 0; fits && i < 2 * n_groups; i++) {
        fits = sizes[i] >= 0;
        n_columns += sizes[i];
    }
    fits = fits && n_columns == COUNT(b[3], int64_t) && readable(&p, columns, n_columns);
    for (int64_t group = 0; fits && group < n_groups; group++) {
        const int64_t *of_related = columns + sizes[2 * group];
        int64_t n_own = sizes[2 * group], n_related = sizes[2 * group + 1];
        highest(&p, columns, n_own, best);
        highest(&p, of_related, n_related, other);
        for (int64_t i = 0; i < n_related; i++)
            EACH_POSTING(&p, of_related[i]) {
                int32_t text = p.texts[j];
                if (other[text] > best[text]) related[text] += weights[group] * (other[text] - best[text]);
                other[text] = 0;
            }
        for (int64_t i = 0; i < n_own; i++)
            EACH_POSTING(&p, columns[i]) {
                own[p.texts[j]] += weights[group] * best[p.texts[j]];
                best[p.texts[j]] = 0;
            }
        columns = of_related + n_related;
    }
    for (int64_t text = 0; fits && text < n_texts; text++) related[text] += own[text];
    Py_END_ALLOW_THREADS
    return done(b, 8, fits);
}

/* ---- coverage ---- */

/* Marks the texts at which places a term stands, or adds to what is met there. */
static int meet(const Postings *p, const int64_t *columns, int64_t count, const int32_t *place, float share,
                float *met) {
    if (!readable(p, columns, count)) return 0;
    for (int64_t i = 0; i < count; i++)
        EACH_POSTING(p, columns[i]) {
            int32_t at = place[p->texts[j]];
            if (at >= 0) met[at] = share ? met[at] + share : 1;
        }
    return 1;
}

static PyObject *cover(PyObject *self, PyObject *args) {
    Py_buffer b[13];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*y*y*y*w*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7],
                          &b[8], &b[9], &b[10], &b[11], &b[12]))
        return NULL;
    const int64_t *keys = b[6].buf, *grams = b[7].buf, *sizes = b[8].buf, *ids = b[10].buf;
    const float *weights = b[9].buf; /* of each word: its rarity, and what one of its 4-grams counts for */
    int64_t n_words = COUNT(b[8], int64_t) / 2, n = COUNT(b[10], int64_t), n_texts = COUNT(b[11], int32_t);
    int64_t n_keys = COUNT(b[6], int64_t), n_grams = COUNT(b[7], int64_t);
    int32_t *place = b[11].buf;
    float *covered = b[12].buf, *met = covered + n;
    Postings of_keys = postings_of(b, n_texts), of_grams = postings_of(b + 3, n_texts);
    int fits = COUNT(b[9], float) == 2 * n_words && COUNT(b[12], float) == 2 * n && within(ids, n, n_texts);
    Py_BEGIN_ALLOW_THREADS
    for (int64_t i = 0; fits && i < n_texts; i++) place[i] = -1;
    for (int64_t i = 0; fits && i < n; i++) place[ids[i]] = (int32_t)i;
    for (int64_t word = 0; fits && word < n_words; word++) {
        int64_t some_keys = sizes[2 * word], some_grams = sizes[2 * word + 1];
        n_keys -= some_keys;
        n_grams -= some_grams;
        fits = some_keys >= 0 && some_grams >= 0 && n_keys >= 0 && n_grams >= 0;
        for (int64_t i = 0; fits && i < n; i++) met[i] = 0;
        fits = fits && meet(&of_grams, grams, some_grams, place, weights[2 * word + 1], met) &&
               meet(&of_keys, keys, some_keys, place, 0, met);
        for (int64_t i = 0; fits && i < n; i++) covered[i] += weights[2 * word] * (met[i] < 1 ? met[i] : 1);
        keys += some_keys;
        grams += some_grams;
    }
    Py_END_ALLOW_THREADS
    return done(b, 13, fits);
}

/* ---- terms ---- */

/* The place of an id among sorted ones, or -1. */
static int64_t place_of(uint64_t id, const uint64_t *terms, int64_t n_terms) {
    int64_t low = 0, high = n_terms;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (terms[middle] < id) low = middle + 1;
        else high = middle;
    }
    return low < n_terms && terms[low] == id ? low : -1;
}

static PyObject *find_grams(PyObject *self, PyObject *args) {
    Py_buffer b[5];
    unsigned long long factor;
    int size;
    if (!PyArg_ParseTuple(args, "y*y*y*w*w*Ki", &b[0], &b[1], &b[2], &b[3], &b[4], &factor, &size)) return NULL;
    const uint32_t *points = b[0].buf;
    const uint64_t *terms = b[2].buf;
    const int64_t *lengths = b[1].buf, n_words = COUNT(b[1], int64_t), n_terms = COUNT(b[2], uint64_t);
    int64_t *columns = b[3].buf, *counts = b[4].buf, left = COUNT(b[0], uint32_t);
    uint64_t *ids = malloc((size_t)(left > 0 ? left : 1) * sizeof *ids);
    int fits = ids && size > 0 && COUNT(b[3], int64_t) == left && COUNT(b[4], int64_t) == 2 * n_words;
    for (int64_t word = 0; fits && word < n_words; word++) {
        int64_t length = lengths[word], n_grams = length > size ? length - size + 1 : length > 0, n_ids = 0, n_found = 0;
        fits = 0 <= length && length <= left;
        for (int64_t gram = 0; fits && gram < n_grams; gram++) {
            uint64_t id = 1;
            for (int64_t i = gram; i < gram + size && i < length; i++) id = id * factor + points[i];
            int64_t seen = 0;
            while (seen < n_ids && ids[seen] != id) seen++;
            if (seen < n_ids) continue;
            ids[n_ids++] = id;
            columns[n_found] = place_of(id, terms, n_terms);
            n_found += columns[n_found] >= 0;
        }
        counts[2 * word] = n_found;
        counts[2 * word + 1] = n_ids;
        points += length;
        left -= length;
        columns += n_found;
    }
    free(ids);
    return done(b, 5, fits);
}

static PyObject *find_terms(PyObject *self, PyObject *args) {
    Py_buffer b[4];
    unsigned long long factor;
    if (!PyArg_ParseTuple(args, "y*y*y*w*K", &b[0], &b[1], &b[2], &b[3], &factor)) return NULL;
    const uint32_t *points = b[0].buf;
    const int64_t *lengths = b[1].buf, count = COUNT(b[1], int64_t), n_terms = COUNT(b[2], uint64_t);
    const uint64_t *terms = b[2].buf;
    int64_t *columns = b[3].buf, place = 0, n_points = COUNT(b[0], uint32_t);
    int fits = COUNT(b[3], int64_t) == count;
    for (int64_t i = 0; fits && i < count; i++) {
        fits = 0 <= lengths[i] && lengths[i] <= n_points - place;
        if (!fits) break;
        uint64_t id = 1;
        for (int64_t end = place + lengths[i]; place < end; place++) id = id * factor + points[place];
        columns[i] = place_of(id, terms, n_terms);
    }
    return done(b, 4, fits);
}

/* ---- runs of characters ---- */

/* Odd; its products' upper bits name slots. From Fibonacci hashing: 2**64 by the golden ratio. */
#define SPREAD 0x9E3779B97F4A7C15ULL

static PyObject *cut(PyObject *self, PyObject *args) {
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

static PyMethodDef methods[] = {
    {"products", products, METH_VARARGS, NULL},
    {"nearest", nearest, METH_VARARGS, NULL},
    {"add_terms", add_terms, METH_VARARGS, NULL},
    {"add_groups", add_groups, METH_VARARGS, NULL},
    {"cover", cover, METH_VARARGS, NULL},
    {"find_grams", find_grams, METH_VARARGS, NULL},
    {"find_terms", find_terms, METH_VARARGS, NULL},
    {"cut", cut, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_compiled", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__compiled(void) {
    PyObject *made = PyModule_Create(&module);
    if (made && PyModule_AddStringConstant(made, "SOURCE", SOURCE) < 0) Py_CLEAR(made);
    return made;
}
