/* boost: gradient boosted regression trees, fitted by LightGBM through its C interface.
 *
 *     score(x) = sum over trees t of rate * leaf value of x in t, each tree fitted to the gradient
 *     of the loss at the scores of the trees before it, leaf by leaf (the best leaf first)
 *
 * Losses (label y, score s): ranking: LambdaRank, pairs inside a group weighted by the NDCG that
 * their exchange moves; binary: -y s + ln(1 + e^s); l2: (y - s)^2; tweedie with power p in 1..2 and
 * log link: -y e^((1-p) s) / (1-p) + e^((2-p) s) / (2-p); quantile a: max(a (y-s), (a-1) (y-s));
 * poisson: e^s - y s. trees_answer turns a score into the label's units.
 *
 * With rows for validation the fit stops when early_stop rounds brought nothing, and keeps the best
 * number of trees; the measure is the loss itself, or NDCG@at or MAP@at for ranking, computed here,
 * in double, row by row. Groups without a positive row do not count in it.
 *
 *     boost_data train = {.rows = n, .cols = c, .x = x, .label = y, .group = g, .groups = groups};
 *     boost_params p = BOOST_DEFAULTS;
 *     trees m;
 *     return boost_fit(&m, &train, &valid, p, threads, &s->keep, s->scratch, e);
 *
 * The same rows and parameters give the same trees on any number of threads: histograms are built
 * column by column, each by one thread, row after row. Between versions of the library and between
 * kinds of processors they may differ.
 * Sources: Ke et al., "LightGBM: a highly efficient gradient boosting decision tree" (2017);
 * Burges, "From RankNet to LambdaRank to LambdaMART" (2010). */
#ifndef MODELS_BOOST_H
#define MODELS_BOOST_H

#include "models/trees.h"

typedef enum boost_objective {
    BOOST_RANKING,
    BOOST_BINARY,
    BOOST_L2,
    BOOST_TWEEDIE,
    BOOST_QUANTILE,
    BOOST_POISSON,
    BOOST_OBJECTIVES
} boost_objective;

typedef enum boost_stop { BOOST_STOP_NDCG, BOOST_STOP_MAP } boost_stop; /* ranking only */

typedef struct boost_data {
    int64_t rows; /* 1 … 2^31-1 */
    int cols;
    const float *x;       /* [rows, cols] row-major, NaN = missing, no infinities */
    const float *label;   /* [rows] ranking: whole 0..30, gain 2^label - 1; binary: 0 or 1 */
    const float *weight;  /* [rows] >= 0; NULL = 1 */
    const int32_t *group; /* [groups] rows of each group, in order; ranking only */
    int64_t groups;
    const int32_t *category; /* [categories] columns of whole numbers 0..1,000,000 without order; */
    int categories;          /* split by sets; missing goes right */
} boost_data;

typedef struct boost_params {
    boost_objective objective;
    int trees;      /* at most, 1..10000 */
    int leaves;     /* of a tree, 2..4096 */
    int min_rows;   /* in a leaf, >= 1 */
    int bins;       /* of a feature, 2..255 */
    int early_stop; /* rounds without gain, >= 1; only with rows for validation */
    int truncation; /* ranking: pairs must reach above this rank */
    int at;         /* ranking: cut-off of the measure that stops the fit */
    boost_stop stop;
    double rate;          /* of learning, in (0, 1] */
    double feature_share; /* of the features, drawn for each tree, in (0, 1] */
    double row_share;     /* of the rows (ranking: groups), drawn for each tree, in (0, 1] */
    double l2;            /* added to the curvature of a leaf, >= 0 */
    double quantile;      /* in (0, 1) */
    double power;         /* tweedie, in (1, 2) */
    uint64_t seed;
} boost_params;

#define BOOST_DEFAULTS                                                                             \
    ((boost_params){.objective = BOOST_RANKING, .trees = 200, .leaves = 31, .min_rows = 20,        \
                    .bins = 255, .early_stop = 30, .truncation = 20, .at = 12, .rate = 0.05,       \
                    .feature_share = 0.8, .row_share = 1, .quantile = 0.5, .power = 1.5,           \
                    .seed = 1})

extern const char *const boost_objectives[BOOST_OBJECTIVES]; /* names, as in options */

/* NULL, or what is wrong with the parameters. */
const char *boost_check(boost_params p);

/* valid NULL: all p.trees are fitted. The trees live in keep, ready for trees_score; m->stopped_at
 * is the best measure on valid (losses: lower is better). Refuses bad parameters, and labels,
 * weights, groups and features outside of what boost_data says, naming row and value.
 * keep: 120 bytes a leaf; scratch: 400 bytes a leaf and 24 bytes a row of valid. The library
 * takes its own memory, about a byte a cell of x and 40 bytes a row, and gives it back. */
bool boost_fit(trees *m, const boost_data *train, const boost_data *valid, boost_params p,
               int threads, arena *keep, arena scratch, err *e);

/* ---- the same in pieces: the fitted library model stays open, as a judge of trees_* ---- */

typedef struct boost {
    const struct boost_calls *calls;
    void *train, *valid, *booster, *single; /* the library's */
    int cols, kept;                         /* kept: best number of trees, 0 = all */
    int rounds;                             /* trees grown */
    bool ended;                             /* there are p.trees, no split is left, or it stopped */
    boost_objective objective;
    double stopped_at;
} boost;

/* Fits; boost_close must follow, also after a refusal, while keep lives. */
bool boost_open(boost *b, const boost_data *train, const boost_data *valid, boost_params p,
                int threads, arena *keep, arena scratch, err *e);
/* The same in two: boost_begin grows no tree, boost_grow those up to `until`, while it has not
 * ended; boost_trees in between gives those so far, with valid the best number of them. */
bool boost_begin(boost *b, const boost_data *train, const boost_data *valid, boost_params p,
                 int threads, arena *keep, arena scratch, err *e);
bool boost_grow(boost *b, const boost_data *valid, boost_params p, int until, arena scratch,
                err *e);
bool boost_trees(const boost *b, trees *m, arena *keep, arena scratch, err *e);
void boost_close(boost *b);

/* What the library itself says of x [rows, cols], on one thread: scores [rows], in one call or row
 * by row through its single-row path; and its parts of the scores, [rows, cols + 1]. */
bool boost_score(const boost *b, const float *x, int64_t rows, double *score, err *e);
bool boost_score_single(boost *b, const float *x, int64_t rows, double *score, err *e);
bool boost_explain(const boost *b, const float *x, int64_t rows, double *parts, err *e);

/* The measure of scores [rows] on d, as used for stopping: NDCG@at or MAP@at, or the mean loss. */
double boost_measure(const boost_data *d, boost_params p, const double *score, arena scratch);

/* Version of the library, and the file it was opened from: NULL when it cannot be opened. */
const char *boost_library(const char **path);

#endif
