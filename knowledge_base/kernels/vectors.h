/* Products of vectors, each in the form that the processor at hand is fastest with. */

#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>

typedef void Products(const int8_t *rows, int64_t count, int64_t dim, const float *unit, float *products);
typedef float Product(const float *one, const float *other, int64_t dim);

Products *fastest_products(void);
Product *fastest_product(void);

/* Highest cosine of a unit vector and some rows, of which those of length 0 have cosine 0; at most 1, at least -1. */
float nearest_of(const int8_t *rows, const float *norms, int64_t first, int64_t end, int64_t dim, const float *unit,
                 Products *products_of);

static inline float clipped(float cosine) { return cosine < -1 ? -1 : cosine > 1 ? 1 : cosine; }

#endif
