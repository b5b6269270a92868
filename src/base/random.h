/* random: counter-based random numbers (Philox 4x32-10), always seeded by the caller.
 *
 * The stream is a pure function of (seed, stream, position): give each row, chunk or tree its own
 * stream number and any number of threads draws the same numbers. Source: Salmon, Moraes, Dror,
 * Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

typedef struct rng {
    uint64_t seed, stream, block;
    uint32_t word[4];
    int left;       /* unused words of the current block */
    double spare;   /* second half of a normal pair */
    int has_spare;
} rng;

rng rng_open(uint64_t seed, uint64_t stream);
uint32_t rng_u32(rng *r);
uint64_t rng_u64(rng *r);
double rng_uniform(rng *r);                       /* [0, 1), 53 bits */
int64_t rng_below(rng *r, int64_t n);             /* 0 … n-1 without bias; n >= 1 */
double rng_normal(rng *r);                        /* mean 0, variance 1 (polar method) */
double rng_exponential(rng *r);                   /* mean 1 */
double rng_gamma(rng *r, double shape);           /* scale 1; shape > 0 (Marsaglia–Tsang) */
int64_t rng_poisson(rng *r, double mean);         /* mean >= 0 */
void rng_shuffle(rng *r, int32_t *items, int64_t n);

/* Mixes a name into a seed, so that independent uses of one user seed do not correlate. */
uint64_t seed_for(uint64_t seed, const char *use);

#endif
