/* hdbscan: clusters of any shape by density, with noise (HDBSCAN*).
 *
 * 1. Core distance of a row: to its `neighbours`-th nearest other row. Mutual reachability of two
 *    rows: the largest of their core distances and their distance. Its minimum spanning tree
 *    (mst.h) gives the single-linkage tree (linkage.h): hdbscan_grow, once for a table.
 * 2. From that one tree, for any minimum size, in milliseconds: the condensed tree (condense.h) and
 *    a choice of clusters none of which holds another: hdbscan_cut.
 *
 * `neighbours` does not count the row itself, as min_samples of the Python package hdbscan;
 * scikit-learn's min_samples counts it and is larger by one.
 *
 * EOM chooses the clusters with the largest sum of stabilities; a cluster that is less stable than
 * those born of it together, is larger than max_cluster_size or was born at a distance above
 * epsilon_most gives way to them. LEAF chooses the leaves. With `epsilon`, a chosen cluster born at
 * a distance below it climbs to the first ancestor that was born above it, or to the child of the
 * root on its way. The root itself is chosen only with single_cluster (EOM, or climbing): its rows
 * are then those that leave it last (with epsilon: at distances up to it).
 *
 *     strength(i) = min(λ_i, λ_max) / λ_max     λ_max: largest finite λ at which something leaves
 *                                               the chosen cluster; 1 where λ_i = ∞ or λ_max = 0
 *     outlier(i)  = (λ_deep - λ_i) / λ_deep     GLOSH; λ_deep: the largest finite λ below the
 *                                               cluster that the row leaves; 0 where λ_i = ∞
 *     validity    = sum over clusters of size / n (sep - sparse) / max(sep, sparse)
 *                                               sparse: largest edge of the spanning tree within
 *                                               the cluster; sep: the smallest to another cluster
 *
 * Labels follow the clusters' numbers in the condensed tree (order of birth); by_size numbers them
 * for people. The validity compares settings on the same rows, not tables.
 *
 *     hdbscan_data rows = {x, n, d};
 *     hdbscan_params p = HDBSCAN_DEFAULTS;
 *     hdbscan_fit(&t, &m, &rows, p, threads, &s.keep, s.scratch, e)
 *
 * Any number of threads gives the same bits. Memory, n rows: 72 bytes a row kept, and what mst.h
 * and linkage.h say.
 * Sources: Campello, Moulavi, Zimek, Sander, "Hierarchical density estimates for data clustering,
 * visualization, and outlier detection" (2015); McInnes, Healy (2017); Malzer, Baum, "A hybrid
 * approach to hierarchical density-based cluster selection" (2020). */
#ifndef MODELS_SEGMENT_HDBSCAN_H
#define MODELS_SEGMENT_HDBSCAN_H

#include <math.h>

#include "base/pool.h"
#include "models/segment/condense.h"
#include "models/segment/kdtree.h"

typedef enum hdbscan_select { HDBSCAN_EOM, HDBSCAN_LEAF } hdbscan_select;

typedef struct hdbscan_params {
    int64_t min_cluster_size; /* 2 … n of interest */
    int neighbours;           /* >= 0, the row itself not counted */
    hdbscan_select select;
    double epsilon;           /* >= 0; 0 = no climbing */
    double epsilon_most;      /* INFINITY = any */
    int64_t max_cluster_size; /* 0 = any */
    double persistence;       /* >= 0: births of less are undone (condense_simplify) */
    bool single_cluster;
} hdbscan_params;

#define HDBSCAN_DEFAULTS                                                                           \
    ((hdbscan_params){50, 10, HDBSCAN_EOM, 0, (double)INFINITY, 0, 0, false})

typedef struct hdbscan_data {
    const float *x; /* [n, d], finite */
    int64_t n;
    int d;
} hdbscan_data;

/* What does not depend on the minimum size. */
typedef struct hdbscan_tree {
    mst_model mst;
    linkage_model linkage;
} hdbscan_tree;

typedef struct hdbscan_model {
    hdbscan_params params;
    int64_t n, noise;       /* rows, and those of them in no cluster */
    int k;                  /* clusters; may be 0 */
    condense_model tree;
    int32_t *label;         /* [n] 0 … k-1, -1 = noise */
    double *strength;       /* [n] 0 … 1; 0 for noise */
    double *outlier;        /* [n] 0 … 1 */
    int32_t *cluster;       /* [k] ascending: the label's cluster in the condensed tree */
    int32_t *cluster_label; /* [tree.clusters] label of rows that leave it, -1 = noise */
    int64_t *size;          /* [k] rows */
    int32_t *by_size;       /* [k] rank of the label, largest first; ties to the smaller label */
    double *persistence;    /* [k] stability / (size x largest finite λ), 0 … 1 */
    double validity;        /* -1 … 1; 0 without clusters */
} hdbscan_model;

/* NULL, or the reason why the parameters make no sense. */
const char *hdbscan_check(hdbscan_params p);

/* The part before min_cluster_size. neighbours >= n count as n - 1. Refused: no rows. */
bool hdbscan_grow(hdbscan_tree *t, const hdbscan_data *data, int neighbours, pool *threads,
                  arena *keep, arena scratch, err *e);

/* The part after; p.neighbours is not looked at. Asserts hdbscan_check. */
hdbscan_model hdbscan_cut(const hdbscan_tree *t, hdbscan_params p, arena *keep, arena scratch);

/* Both. Refused also: parameters that make no sense. */
bool hdbscan_fit(hdbscan_tree *t, hdbscan_model *m, const hdbscan_data *data, hdbscan_params p,
                 pool *threads, scope *s, err *e);

/* ---- one tree, many minimum sizes ---- */

typedef struct hdbscan_trial {
    int64_t min_cluster_size, noise;
    int k;
    double validity;
} hdbscan_trial;

enum { HDBSCAN_GRID = 24 };

/* Sizes from 5 to n / 4, each half as large again as the one before, at most HDBSCAN_GRID; at least
 * one. Returns how many. */
int hdbscan_grid(int64_t n, int64_t least[HDBSCAN_GRID]);

/* What hdbscan_cut finds for each least[i], all else as in p. */
void hdbscan_sweep(const hdbscan_tree *t, hdbscan_params p, const int64_t *least, int n,
                   hdbscan_trial *out, arena scratch);

/* ---- rows that were not there (hdbscan_predict.c) ---- */

/* A row joins at λ = 1 / r, r the least mutual reachability to one of its 2 `neighbours` nearest
 * stored rows: it starts in the cluster that row leaves and climbs while that was born at or above
 * λ. A row that lies where a stored one does is that one: its label, its strength (of several the
 * first). `contrib` reckons core distances as approximate_predict of the Python package does: one
 * neighbour fewer for stored rows, one more for the new one. */
typedef struct hdbscan_stock {
    const hdbscan_data *data;
    kdtree tree;        /* over data */
    const double *core; /* [n] */
    int neighbours;
    bool contrib;
} hdbscan_stock;

hdbscan_stock hdbscan_stock_of(const hdbscan_tree *t, const hdbscan_data *data, bool contrib,
                               pool *threads, arena *keep, arena scratch);

/* label [n] and strength [n] of the rows of `fresh`, d as in the stock. */
void hdbscan_predict(const hdbscan_model *m, const hdbscan_stock *stock, const hdbscan_data *fresh,
                     pool *threads, int32_t *label, double *strength, arena scratch);

/* ---- do they come back? (hdbscan_stability.c) ---- */

enum { HDBSCAN_DRAWN = 10000 };

/* `rounds` times four fifths of the rows (of many about HDBSCAN_DRAWN) are drawn without repeats,
 * which density would take for crowds, and clustered anew with the sizes of the parameters scaled
 * to them. stability: mean adjusted Rand index against what m says of the same rows, noise being a
 * group; overlap [k]: each label's mean largest Jaccard overlap with a cluster found then. Source:
 * Hennig, "Cluster-wise assessment of cluster stability" (2007). */
bool hdbscan_stability(double *stability, double *overlap, const hdbscan_model *m,
                       const hdbscan_data *data, int rounds, uint64_t seed, pool *threads,
                       arena scratch, err *e);

/* ---- shape of the clusters (hdbscan_shape.c) ---- */

/* How much each row belongs to each cluster: out [n, k], each row summing to at most 1. The product
 * of nearness to the cluster's exemplars (rows of the largest λ of each leaf below it), 1 / the
 * distance, normalised, and of how late the row's branch parts from the cluster's, normalised;
 * scaled to the chance that the row is in some cluster. k >= 1. */
void hdbscan_soft(const hdbscan_model *m, const hdbscan_data *data, pool *threads, double *out,
                  arena scratch);

/* centre [k, d]: means of the rows of each cluster, weighted by strength; medoid [k]: the row with
 * the least sum of distances to the others (over 512 rows: among the 256 nearest to the centre;
 * ties to the smaller row). */
void hdbscan_centres(const hdbscan_model *m, const hdbscan_data *data, pool *threads,
                     double *centre, int64_t *medoid, arena scratch);

#endif
