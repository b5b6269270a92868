/* topics: groups of texts that speak of the same thing, by spherical K-Means on their vectors.
 *
 * A unit vector x becomes  y = unit((x - mean) M),  M [wide, dims]: what goes along with `aside`
 * is taken out, then the `dims` directions of largest variance are kept. With C the covariance of
 * the vectors, d their covariance with the number z that is put aside (stars; so that clusters part
 * by what is said and not by praise or blame) and b = C^-1 d,
 *
 *     M = (I - b d' / (b . d)) T,     T = largest eigenvectors of C - d d' / (b . d)
 *
 * after which no linear rule finds z in y. Spherical K-Means (kmeans.h) with several starts;
 * topics whose centres are nearer than `merge` become one; they are numbered by size, largest
 * first. Seeds are vectors that topics start from: the other centres are found first without them,
 * then all move together. A text without a vector (all zeros) is in no topic.
 *
 * edge[t] is the 1st percentile of the similarities of the topic's texts: a text below it is an
 * outlier. Any number of threads gives the same bits; between instruction sets last digits may
 * differ.
 *
 *     topics_params p = TOPICS_DEFAULTS;
 *     topics_data d = {.vectors = v, .n = n, .wide = 384};
 *     topics_fit(&m, &d, p, threads, &s.keep, s.scratch, e)
 *     topics_assign(&m, new, n_new, threads, topic, similarity, s.scratch);
 *
 * Source: Dhillon and Modha, "Concept decompositions for large sparse text data using clustering"
 * (2001); Belrose et al., "LEACE: perfect linear concept erasure in closed form" (2023), for one
 * number. */
#ifndef MODELS_LANGUAGE_TOPICS_H
#define MODELS_LANGUAGE_TOPICS_H

#include "base/pool.h"

typedef struct topics_params {
    int k;        /* topics asked for, 2 … 1000 */
    int dims;     /* directions that are kept, 2 … 1024; fewer where vectors are narrower */
    int starts;   /* of K-Means, the best one wins */
    double merge; /* cosine of two centres from which they are one topic; 1 = never */
    uint64_t seed;
} topics_params;

#define TOPICS_DEFAULTS ((topics_params){20, 50, 1, 1.0, 1})

typedef struct topics_data {
    const float *vectors; /* [n, wide] unit rows; zeros = no vector */
    int64_t n;
    int wide;
    const double *aside;  /* [n] NaN = unknown; or NULL */
    const float *seeds;   /* [n_seeds, wide], or NULL */
    int n_seeds;
} topics_data;

typedef struct topics_model {
    int k, wide, dims;
    float *turn;   /* [wide, dims] M */
    float *shift;  /* [dims] mean M */
    float *centre; /* [k, dims] of length 1 */
    double *edge;  /* [k] similarity below which a text is an outlier */
    int32_t *seed; /* [k] which seed the topic grew from, -1 = none */
    /* of the texts of the fit */
    int32_t *label;     /* [n] topic, -1 = none */
    float *similarity;  /* [n] cosine to the topic's centre */
    int64_t *size;      /* [k] */
} topics_model;

/* NULL, or the reason why the parameters make no sense. */
const char *topics_check(topics_params p);

/* Bytes of keep and of scratch (each) that fit and assign may take. */
size_t topics_memory(int64_t n, int wide, topics_params p);

/* The model lives in keep. Refused: bad parameters; fewer texts with a vector than topics. */
bool topics_fit(topics_model *m, const topics_data *d, topics_params p, pool *threads, arena *keep,
                arena scratch, err *e);

/* The rows y [n, width] that topics_fit clusters, of the texts that have a vector; NULL when none
 * has. In keep. */
float *topics_space(const topics_data *d, int dims, pool *threads, int64_t *n, int *width,
                    arena *keep, arena scratch);

/* The nearest topic of each vector -> topic [n] (-1: no vector), similarity [n]. */
void topics_assign(const topics_model *m, const float *vectors, int64_t n, pool *threads,
                   int32_t *topic, float *similarity, arena scratch);

/* ---- has the mix moved between two spans of time? ---- */

typedef struct topics_drift {
    double distance; /* half the sum of |share after - share before|: 0 alike … 1 nothing shared */
    double z;        /* of the chi-square test that the mix is the same: above 1.96 it moved */
    bool moved;
} topics_drift;

/* Counts of texts by topic [k]. Topics that are rare (expected below 5) are counted as one. */
topics_drift topics_drift_of(const int64_t *before, const int64_t *after, int k);

#endif
