/* segment_block: the customers as known on one day, scored by RFM and put into clusters.
 *
 * A block is one as_of of c_customers and customer_features: nothing in it is younger than that
 * day. A segmentation fitted on one block can be applied to another: its cut points, its scale, its
 * weights and its centres stay what they are. Clusters are formed of value, rhythm and price
 * (segment_words.h), each group evened out and each feature weighted by what it separates
 * (weigh.h); where a shop has none of these, of all features alike. They are numbered by the mean
 * money of their customers, the richest first. */
#ifndef PIPELINE_SEGMENT_BLOCK_H
#define PIPELINE_SEGMENT_BLOCK_H

#include "models/segment/choose_k.h"
#include "models/segment/rfm.h"
#include "models/segment/scale.h"
#include "pipeline/work.h"

enum { SEGMENT_LEAST = 50 }; /* customers, below which nothing is segmented */

typedef struct segment_block {
    int64_t n;
    int32_t *customer;      /* [n] */
    rfm_data rfm;           /* [n] each */
    int cols, bases;        /* columns; the first `bases` form segments, the rest describes them */
    const char **names;     /* [cols] of the features, without f_ */
    double *features;       /* [n, cols] */
} segment_block;

/* The block of a day, in s->keep: the end of a window, with all features. */
bool segment_block_read(const work *w, int32_t as_of, scope *s, segment_block *b, err *e);

/* Any day of customer_bases, every stride-th customer, with the columns of `like` that form
 * segments and nothing else. */
bool segment_block_read_bases(const work *w, int32_t as_of, int64_t stride,
                              const segment_block *like, scope *s, segment_block *b, err *e);

typedef struct segmentation {
    rfm_cuts cuts;
    scale_model scale;  /* of the bases */
    scale_model every;  /* of all features, as they describe */
    double *factor;     /* [scale.d] what each scaled column is multiplied by (weigh.h) */
    int cols;
    double *mean_z;     /* [k, cols] of each cluster and feature, in standard deviations of all */
    kmeans_model clusters;
    choose_k_trial quality;
} segmentation;

/* Cuts, scales and weights of a block; then clusters of it, for one k after the other on copies of
 * the prepared one; judge also fills quality (bootstraps). */
bool segmentation_prepare(segmentation *m, const work *w, const segment_block *b, scope *s,
                          err *e);
bool segmentation_cluster(segmentation *m, const work *w, const segment_block *b, int k,
                          bool judge, scope *s, err *e);

/* Both. */
bool segmentation_fit(segmentation *m, const work *w, const segment_block *b, int k, bool judge,
                      scope *s, err *e);

/* The bases of a block as the clusters see them: float [n, scale.d], in keep. */
float *segmentation_view(const segmentation *m, const segment_block *b, arena *keep);

/* Scores, names and clusters of a block's customers, [n] each, in s->keep. */
rfm_score *segmentation_rfm(const segmentation *m, const segment_block *b, scope *s);
int32_t *segmentation_clusters(const segmentation *m, const work *w, const segment_block *b,
                               scope *s);

/* Fills m->mean_z [k, cols] for other labels of the same block, -1 … k-1, in s->keep. */
void segmentation_describe(segmentation *m, const segment_block *b, const int32_t *label, int k,
                           scope *s);

/* What a cluster is like: up to three features by the size of their mean z (0.25 or more). */
typedef struct segment_trait {
    const char *feature; /* without f_ */
    double z;
} segment_trait;
int segmentation_traits(const segmentation *m, const segment_block *b, int cluster,
                        segment_trait traits[3]);

/* A name from the strongest feature of two groups ("frequent, bargain hunting"), of three or with a
 * number where it would not be unique among the clusters; in s->keep. */
slice *segmentation_names(const segmentation *m, const segment_block *b, scope *s);

/* The number of clusters that step 07 chose, or the default 7. */
int segment_tuned(const work *w, scope *s);

#endif
