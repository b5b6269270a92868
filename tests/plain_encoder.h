/* plain_encoder: a small encoder of random numbers, and the same in double as the formulas say. */
#ifndef TESTS_PLAIN_ENCODER_H
#define TESTS_PLAIN_ENCODER_H

#include "base/random.h"
#include "models/language/encoder.h"

/* A model of random numbers; the plain weights [layers][from][to] beside their panels. */
typedef struct plain_encoder {
    encoder_model m;
    float *plain[4]; /* qkv, out, up, down */
} plain_encoder;

/* 3 layers, 64 wide, 2 heads, 96 inner, 50 words, 100 positions. */
void plain_encoder_plant(plain_encoder *p, uint64_t seed, arena *keep);

/* n texts of 1 to 100 random pieces. */
encoder_texts plain_encoder_texts(int64_t n, uint64_t seed, arena *keep);

/* The unit vector of one text. */
void plain_encoder_text(const plain_encoder *p, const int32_t *ids, int n, double *vector,
                        arena scratch);

/* n normal numbers times scale; y [rows, to] = x [rows, from] w [from, to] + bias; gelu. */
float *plain_floats(int64_t n, double scale, rng *r, arena *keep);
void plain_product(const double *x, int rows, int from, int to, const float *w, const float *bias,
                   double *y);
double plain_gelu(double x);

#endif
