/* random: counter-based random numbers (Philox 4x32-10), always seeded by the caller. */
#include "base/random.h"

#include <assert.h>
#include <math.h>

static void philox(uint32_t counter[4], uint32_t k0, uint32_t k1) {
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53u * counter[0];
        uint64_t b = (uint64_t)0xCD9E8D57u * counter[2];
        uint32_t next0 = (uint32_t)(b >> 32) ^ counter[1] ^ k0;
        uint32_t next2 = (uint32_t)(a >> 32) ^ counter[3] ^ k1;
        counter[1] = (uint32_t)b;
        counter[3] = (uint32_t)a;
        counter[0] = next0;
        counter[2] = next2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

rng rng_open(uint64_t seed, uint64_t stream) { return (rng){.seed = seed, .stream = stream}; }

uint32_t rng_u32(rng *r) {
    if (r->left == 0) {
        r->word[0] = (uint32_t)r->block;
        r->word[1] = (uint32_t)(r->block >> 32);
        r->word[2] = (uint32_t)r->stream;
        r->word[3] = (uint32_t)(r->stream >> 32);
        philox(r->word, (uint32_t)r->seed, (uint32_t)(r->seed >> 32));
        r->block++;
        r->left = 4;
    }
    return r->word[4 - r->left--];
}

uint64_t rng_u64(rng *r) {
    uint64_t low = rng_u32(r);
    return (uint64_t)rng_u32(r) << 32 | low;
}

double rng_uniform(rng *r) { return (double)(rng_u64(r) >> 11) * 0x1p-53; }

int64_t rng_below(rng *r, int64_t n) {
    assert(n >= 1);
    uint64_t bound = (uint64_t)n, floor = -bound % bound; /* 2^64 mod n values are refused */
    uint64_t x;
    do x = rng_u64(r);
    while (x < floor);
    return (int64_t)(x % bound);
}

double rng_normal(rng *r) {
    if (r->has_spare) {
        r->has_spare = 0;
        return r->spare;
    }
    double u, v, s;
    do {
        u = 2 * rng_uniform(r) - 1;
        v = 2 * rng_uniform(r) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    double f = sqrt(-2 * log(s) / s);
    r->spare = v * f;
    r->has_spare = 1;
    return u * f;
}

double rng_exponential(rng *r) { return -log(1 - rng_uniform(r)); }

double rng_gamma(rng *r, double shape) {
    assert(shape > 0);
    if (shape < 1) {
        double u = 1 - rng_uniform(r);
        return rng_gamma(r, shape + 1) * pow(u, 1 / shape);
    }
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = rng_normal(r), v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        double u = 1 - rng_uniform(r);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
    }
}

int64_t rng_poisson(rng *r, double mean) {
    assert(mean >= 0);
    int64_t count = 0;
    /* Poisson(a + b) = Poisson(a) + Poisson(b): keeps exp(-mean) away from underflow. */
    for (; mean > 30; mean -= 30) count += rng_poisson(r, 30);
    double limit = exp(-mean), product = 1 - rng_uniform(r);
    for (; product > limit; count++) product *= 1 - rng_uniform(r);
    return count;
}

void rng_shuffle(rng *r, int32_t *items, int64_t n) {
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = rng_below(r, i + 1);
        int32_t swap = items[i];
        items[i] = items[j];
        items[j] = swap;
    }
}

uint64_t seed_for(uint64_t seed, const char *use) {
    uint64_t h = seed ^ 14695981039346656037u;
    for (; *use; use++) h = (h ^ (unsigned char)*use) * 1099511628211u;
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    return h ^ h >> 32;
}
