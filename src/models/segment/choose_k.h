/* choose_k: how many clusters: those that come back under resampling, by what most criteria say.
 *
 * For each k: K-Means on all rows; the silhouette and DBCV on up to `rows` of them; simplified
 * silhouette, Calinski–Harabasz and Davies–Bouldin on all; and `rounds` bootstraps of those rows,
 * each clustered anew and held against the first answer on the same rows: stability is the mean
 * adjusted Rand index, and per cluster (`overlap`) the mean of its best Jaccard overlap. Criteria
 * found elsewhere (gap, BIC and ICL of a mixture) are filled in afterwards and count where all
 * trials have them.
 *
 * Defensible is a k whose stability is 0.75 or more, and of whose clusters each has an overlap of
 * 0.75 or more and 1 % of the rows. Chosen is the defensible k of
 * the best mean rank over all criteria; where none is defensible, the most stable one. Ties: the
 * smaller k.
 * DBCV is told beside them and has no say: it asks for gaps, and K-Means cuts touching clouds (on
 * iris and five touching blobs its vote moves the choice away from the true k).
 * Source: Hennig, "Cluster-wise assessment of cluster stability" (2007). */
#ifndef MODELS_SEGMENT_CHOOSE_K_H
#define MODELS_SEGMENT_CHOOSE_K_H

#include "models/kmeans.h"

typedef struct choose_k_params {
    int least, most; /* the grid of k */
    int rounds;      /* bootstraps */
    int64_t rows;    /* looked at closely */
    uint64_t seed;
} choose_k_params;

#define CHOOSE_K_DEFAULTS ((choose_k_params){3, 8, 10, 4000, 1})
#define CHOOSE_K_STABLE   0.75
#define CHOOSE_K_SMALLEST 0.01

typedef struct choose_k_trial {
    int k;
    double silhouette, calinski, davies, stability, smallest; /* smallest: share of the rows */
    double *overlap; /* [k] stability of each cluster */
    double simplified;        /* silhouette by centres */
    double dbcv;              /* dbcv.h; told, no criterion */
    double gap, gap_s;        /* gap.h; NaN: not computed */
    double bic, icl;          /* of a mixture, small is good; NaN: not computed */
    double rank;              /* mean over the criteria, 1 the best: by choose_k_pick */
} choose_k_trial;

/* One k, judged around a fitted model of the same data. overlap lives in keep. */
choose_k_trial choose_k_judge(const kmeans_model *m, const kmeans_data *data, choose_k_params p,
                              pool *threads, arena *keep, arena scratch);

/* NULL, or why that k is not defensible: "not stable", "not stable in each of its clusters", "split
 * into clusters under 1 % of the rows". */
const char *choose_k_objection(const choose_k_trial *t);

/* The index of the chosen trial, n >= 1; *stable = it is defensible. Fills rank. */
int choose_k_pick(choose_k_trial *trials, int n, bool *stable);

/* One sentence for people, in keep, after choose_k_pick: "k = 5 is defensible and has the best mean
 * rank over the criteria, k = 7 is defensible too; k = 6 is not stable." */
char *choose_k_verdict(const choose_k_trial *trials, int n, arena *keep);

#endif
