/* Products of vectors, each in the form that the processor at hand is fastest with. */

#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>

typedef void Products(const int8_t *rows, int64_t count, int64_t dim, const float *unit, float *products);
typedef float Product(const float *one, const float *other, int64_t dim);
typedef void RoundedProducts(const int8_t *rows, int64_t count, int64_t dim, const int8_t *rounded, int32_t *products);

typedef struct {
    Products *products;
    Product *product;
    RoundedProducts *rounded; /* of rows and a vector in eight bits a number each, four at a time, so that up to three
                                 more products are written than there are rows; NULL where that takes as long */
} Processor;

Processor processor_at_hand(void);

/* A query's vector of length 1 or 0, and rounded: what that tells of a cosine is off by no more than the error. */
typedef struct {
    const float *unit;
    int64_t dim;
    Processor by;
    int8_t *rounded; /* NULL where the processor gains nothing by it */
    float scale, error;
} Sought;

/* 0 where there is no memory. */
int sought_for(Sought *sought, const float *unit, int64_t dim);
void forget_sought(Sought *sought);

/* Highest cosine of what is sought and some rows, of which those of length 0 have cosine 0; at most 1, at least -1. */
float nearest_of(const Sought *sought, const int8_t *rows, const float *norms, int64_t first, int64_t end);
/* What it is at most, by the rounded vector, which must be there: sooner found. */
float at_most(const Sought *sought, const int8_t *rows, const float *norms, int64_t first, int64_t end);

static inline float clipped(float cosine) { return cosine < -1 ? -1 : cosine > 1 ? 1 : cosine; }

#endif
