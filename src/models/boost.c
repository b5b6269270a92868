/* boost: fitting through LightGBM's C interface; the only file that knows it.
 *
 * The library is opened by the first fit, not when the program starts: serving never needs it, and
 * how its threads (OpenMP) wait is settled when it is opened, after kernels_start has asked for
 * sleep. */
#include "models/boost.h"

#include <LightGBM/c_api.h>
#include <LightGBM/version.h>
#include <assert.h>
#include <dlfcn.h>
#include <math.h>

#include "models/boost_parts.h"

#define CALLS(X)                                                                                  \
    X(DatasetCreateFromMat) X(DatasetSetField) X(DatasetFree) X(BoosterCreate)                    \
    X(BoosterAddValidData) X(BoosterUpdateOneIter) X(BoosterGetPredict)                           \
    X(BoosterSaveModelToString) X(BoosterPredictForMat)                                           \
    X(BoosterPredictForMatSingleRowFastInit) X(BoosterPredictForMatSingleRowFast)                 \
    X(FastConfigFree) X(BoosterFree) X(RegisterLogCallback) X(GetLastError)

typedef struct boost_calls {
#define MEMBER(name) __typeof__(LGBM_##name) *name;
    CALLS(MEMBER)
} boost_calls;

/* The calls live in `to`; the library stays open. dlsym's object pointers are functions here. */
static bool open_library(boost_calls *to, err *e) {
    void *library = dlopen("lib_lightgbm.so", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return fail(e, "LightGBM cannot be opened (%s): run tools/setup.sh, which fetches it",
                    dlerror());
#define FIND(name)                                                                                 \
    to->name = (__typeof__(to->name))(uintptr_t)dlsym(library, "LGBM_" #name);                     \
    if (!to->name) return fail(e, "LightGBM is of another version: it has no LGBM_" #name);
    CALLS(FIND)
    return true;
}

static bool failed(const boost_calls *l, err *e, const char *what) {
    return fail(e, "gradient boosting could not %s: %s", what, l->GetLastError());
}

/* The library's words go nowhere: what matters comes back as a status and its last error. */
static void silent(const char *words) { (void)words; }

static const char *parameters(const boost_data *d, boost_params p, int threads, arena *keep) {
    static const char *const objectives[BOOST_OBJECTIVES] = {
        "lambdarank", "binary", "regression", "tweedie", "quantile", "poisson"};
    const char *categories = "";
    for (int k = 0; k < d->categories; k++)
        categories = arena_text(keep, "%s%s%d", categories, k > 0 ? "," : " categorical_feature=",
                                d->category[k]);
    return arena_text(
        keep,
        "objective=%s metric=none boosting=gbdt verbosity=-1 num_threads=%d seed=%u "
        "deterministic=true force_col_wise=true enable_bundle=false feature_pre_filter=false "
        "learning_rate=%.17g num_leaves=%d min_data_in_leaf=%d max_bin=%d "
        "feature_fraction=%.17g bagging_fraction=%.17g bagging_freq=%d bagging_by_query=%s "
        "lambda_l2=%.17g lambdarank_truncation_level=%d alpha=%.17g "
        "tweedie_variance_power=%.17g%s",
        objectives[p.objective], threads, (unsigned)(p.seed & 0x3fffffff), p.rate, p.leaves,
        p.min_rows, p.bins, p.feature_share, p.row_share, p.row_share < 1 ? 1 : 0,
        p.objective == BOOST_RANKING && p.row_share < 1 ? "true" : "false", p.l2, p.truncation,
        p.quantile, p.power, categories);
}

static bool data_make(const boost_calls *l, const boost_data *d, boost_params p, const char *words,
                      DatasetHandle reference, DatasetHandle *to, err *e) {
    if (l->DatasetCreateFromMat(d->x, C_API_DTYPE_FLOAT32, (int32_t)d->rows, d->cols, 1, words,
                                  reference, to) != 0)
        return failed(l, e, "take the rows");
    if (l->DatasetSetField(*to, "label", d->label, (int)d->rows, C_API_DTYPE_FLOAT32) != 0)
        return failed(l, e, "take the labels");
    if (d->weight &&
        l->DatasetSetField(*to, "weight", d->weight, (int)d->rows, C_API_DTYPE_FLOAT32) != 0)
        return failed(l, e, "take the weights");
    if (p.objective == BOOST_RANKING &&
        l->DatasetSetField(*to, "group", d->group, (int)d->groups, C_API_DTYPE_INT32) != 0)
        return failed(l, e, "take the groups");
    return true;
}

bool boost_grow(boost *b, const boost_data *valid, boost_params p, int until, arena scratch,
                err *e) {
    const boost_calls *l = b->calls;
    double *answer = take(&scratch, double, valid ? valid->rows : 0);
    const double sign = boost_more_is_better(p.objective) ? -1 : 1;
    while (!b->ended && b->rounds < until) {
        int finished, round = ++b->rounds;
        if (l->BoosterUpdateOneIter(b->booster, &finished) != 0) return failed(l, e, "add a tree");
        b->ended = finished || round >= p.trees;
        if (!valid) continue;
        int64_t n = 0;
        if (l->BoosterGetPredict(b->booster, 1, &n, answer) != 0 || n != valid->rows)
            return failed(l, e, "score the validation rows");
        const double now = boost_measure_answer(valid, p, answer, scratch);
        if (b->kept == 0 || sign * now < sign * b->stopped_at) {
            b->kept = round;
            b->stopped_at = now;
        }
        b->ended = b->ended || round - b->kept >= p.early_stop;
    }
    return true;
}

static bool model_text(const boost *b, slice *words, arena *keep, err *e) {
    const boost_calls *l = b->calls;
    char *to = NULL;
    int64_t bytes = 0, room = 0;
    for (int twice = 0; twice < 2; twice++) { /* first asks how long it is */
        if (twice) to = take(keep, char, room = bytes);
        if (l->BoosterSaveModelToString(b->booster, 0, b->kept, C_API_FEATURE_IMPORTANCE_SPLIT,
                                        room, &bytes, to) != 0)
            return failed(l, e, "write its model");
    }
    *words = (slice){to, (size_t)bytes - 1};
    return bytes == room || fail(e, "gradient boosting writes its model in two lengths");
}

/* ---- a fit in pieces ---- */

bool boost_begin(boost *b, const boost_data *train, const boost_data *valid, boost_params p,
                 int threads, arena *keep, arena scratch, err *e) {
    const char *why = boost_check(p);
    assert(threads >= 1);
    *b = (boost){.cols = train->cols, .objective = p.objective, .stopped_at = NAN};
    if (why) return refuse(e, "%s", why);
    if (valid && valid->cols != train->cols)
        return refuse(e, "the validation rows have %d features, the training rows %d", valid->cols,
                      train->cols);
    if (!boost_check_data(train, p, "training", scratch, e) ||
        (valid && !boost_check_data(valid, p, "validation", scratch, e)))
        return false;
    const char *words = parameters(train, p, threads, &scratch);
    boost_calls *l = take(keep, boost_calls, 1);
    if (!open_library(l, e)) return false;
    b->calls = l;
    l->RegisterLogCallback(silent);
    if (!data_make(l, train, p, words, NULL, &b->train, e)) return false;
    if (l->BoosterCreate(b->train, words, &b->booster) != 0) return failed(l, e, "start");
    if (valid && !data_make(l, valid, p, words, b->train, &b->valid, e)) return false;
    if (valid && l->BoosterAddValidData(b->booster, b->valid) != 0)
        return failed(l, e, "take the validation rows");
    return true;
}

bool boost_open(boost *b, const boost_data *train, const boost_data *valid, boost_params p,
                int threads, arena *keep, arena scratch, err *e) {
    return boost_begin(b, train, valid, p, threads, keep, scratch, e) &&
           boost_grow(b, valid, p, p.trees, scratch, e);
}

bool boost_trees(const boost *b, trees *m, arena *keep, arena scratch, err *e) {
    slice model;
    if (!model_text(b, &model, &scratch, e) ||
        !boost_read(m, model, b->cols, keep, scratch, e))
        return false;
    m->link = boost_link(b->objective);
    m->stopped_at = b->stopped_at;
    trees_ready(m, keep, scratch);
    return true;
}

void boost_close(boost *b) {
    const boost_calls *l = b->calls;
    if (b->single) l->FastConfigFree(b->single);
    if (b->booster) l->BoosterFree(b->booster);
    if (b->valid) l->DatasetFree(b->valid);
    if (b->train) l->DatasetFree(b->train);
    *b = (boost){0};
}

bool boost_fit(trees *m, const boost_data *train, const boost_data *valid, boost_params p,
               int threads, arena *keep, arena scratch, err *e) {
    boost b;
    assert(arena_apart(keep, &scratch));
    const bool done = boost_open(&b, train, valid, p, threads, keep, scratch, e) &&
                      boost_trees(&b, m, keep, scratch, e);
    boost_close(&b);
    return done;
}

/* ---- the library as a judge ---- */

static bool predict(const boost *b, int what, const float *x, int64_t rows, double *to, err *e) {
    const boost_calls *l = b->calls;
    int64_t n = 0;
    return l->BoosterPredictForMat(b->booster, x, C_API_DTYPE_FLOAT32, (int32_t)rows, b->cols, 1,
                                     what, 0, b->kept, "num_threads=1", &n, to) == 0 ||
           failed(l, e, "score rows");
}

bool boost_score(const boost *b, const float *x, int64_t rows, double *score, err *e) {
    return predict(b, C_API_PREDICT_RAW_SCORE, x, rows, score, e);
}

bool boost_explain(const boost *b, const float *x, int64_t rows, double *parts, err *e) {
    return predict(b, C_API_PREDICT_CONTRIB, x, rows, parts, e);
}

bool boost_score_single(boost *b, const float *x, int64_t rows, double *score, err *e) {
    const boost_calls *l = b->calls;
    int64_t n = 0;
    if (!b->single && l->BoosterPredictForMatSingleRowFastInit(
                          b->booster, C_API_PREDICT_RAW_SCORE, 0, b->kept, C_API_DTYPE_FLOAT32,
                          b->cols, "num_threads=1", &b->single) != 0)
        return failed(l, e, "prepare its single-row path");
    for (int64_t r = 0; r < rows; r++)
        if (l->BoosterPredictForMatSingleRowFast(b->single, x + r * b->cols, &n, score + r) != 0)
            return failed(l, e, "score a row");
    return true;
}

const char *boost_library(const char **path) {
    boost_calls l;
    Dl_info where;
    err e = {0};
    const bool found = open_library(&l, &e) &&
                       dladdr((void *)(uintptr_t)l.GetLastError, &where) != 0;
    *path = found ? where.dli_fname : NULL;
    return LIGHTGBM_VERSION;
}
