/* boost_check: parameters and rows that a fit takes, and sentences for those it does not. */
#include <math.h>

#include "models/boost_parts.h"

enum { MOST_LABEL = 30, MOST_GROUP = 10000, MOST_CATEGORY = 1000000 };

const char *const boost_objectives[BOOST_OBJECTIVES] = {"ranking", "binary",   "l2",
                                                        "tweedie", "quantile", "poisson"};

const char *boost_check(boost_params p) {
    if (p.objective < 0 || p.objective >= BOOST_OBJECTIVES) return "the objective is unknown";
    if (p.trees < 1 || p.trees > 10000) return "trees must be in 1..10000";
    if (p.leaves < 2 || p.leaves > TREES_LEAVES) return "leaves must be in 2..4096";
    if (p.min_rows < 1) return "min_rows must be at least 1";
    if (p.bins < 2 || p.bins > 255) return "bins must be in 2..255";
    if (p.early_stop < 1) return "early_stop must be at least 1";
    if (p.truncation < 1) return "truncation must be at least 1";
    if (p.at < 1) return "at must be at least 1";
    if (p.stop != BOOST_STOP_NDCG && p.stop != BOOST_STOP_MAP) return "the measure is unknown";
    if (!(p.rate > 0 && p.rate <= 1)) return "rate must be above 0 and at most 1";
    if (!(p.feature_share > 0 && p.feature_share <= 1))
        return "feature_share must be above 0 and at most 1";
    if (!(p.row_share > 0 && p.row_share <= 1)) return "row_share must be above 0 and at most 1";
    if (!(p.l2 >= 0) || !isfinite(p.l2)) return "l2 must not be negative";
    if (!(p.quantile > 0 && p.quantile < 1)) return "quantile must be between 0 and 1";
    if (!(p.power > 1 && p.power < 2)) return "power must be between 1 and 2";
    return NULL;
}

/* The labels of each objective; whole: whole numbers only. */
static const struct {
    double low, high;
    bool whole, some; /* some: not all of them 0 */
    const char *words;
} labels[BOOST_OBJECTIVES] = {
    [BOOST_RANKING] = {0, MOST_LABEL, true, true, "a whole number from 0 to 30"},
    [BOOST_BINARY] = {0, 1, true, false, "0 or 1"},
    [BOOST_L2] = {-INFINITY, INFINITY, false, false, "a number"},
    [BOOST_TWEEDIE] = {0, INFINITY, false, true, "a number of at least 0"},
    [BOOST_QUANTILE] = {-INFINITY, INFINITY, false, false, "a number"},
    [BOOST_POISSON] = {0, INFINITY, false, true, "a number of at least 0"},
};

static bool check_labels(const boost_data *d, boost_params p, const char *name, err *e) {
    double total = 0, weights = 0;
    for (int64_t i = 0; i < d->rows; i++) {
        const double y = (double)d->label[i];
        if (!isfinite(y) || y < labels[p.objective].low || y > labels[p.objective].high ||
            (labels[p.objective].whole && y != floor(y)))
            return refuse(e, "label of %s row %lld is %g; for %s it must be %s", name,
                          (long long)i + 1, y, boost_objectives[p.objective],
                          labels[p.objective].words);
        if (d->weight && !(d->weight[i] >= 0 && isfinite(d->weight[i])))
            return refuse(e, "weight of %s row %lld is %g; it must be a number of at least 0", name,
                          (long long)i + 1, (double)d->weight[i]);
        weights += d->weight ? (double)d->weight[i] : 1;
        total += d->weight ? y * (double)d->weight[i] : y;
    }
    if (weights <= 0) return refuse(e, "all weights of the %s rows are 0", name);
    if (labels[p.objective].some && total <= 0)
        return refuse(e, "all labels of the %s rows are 0: %s has nothing to go by", name,
                      boost_objectives[p.objective]);
    return true;
}

static bool check_groups(const boost_data *d, const char *name, err *e) {
    int64_t rows = 0;
    for (int64_t g = 0; g < d->groups; g++) {
        if (d->group[g] < 1 || d->group[g] > MOST_GROUP)
            return refuse(e, "%s group %lld has %d rows; it must have 1 to %d", name,
                          (long long)g + 1, d->group[g], MOST_GROUP);
        rows += d->group[g];
    }
    return rows == d->rows || refuse(e, "the %s groups have %lld rows together, the data %lld",
                                     name, (long long)rows, (long long)d->rows);
}

bool boost_check_data(const boost_data *d, boost_params p, const char *name, arena scratch,
                      err *e) {
    unsigned char *category = take(&scratch, unsigned char, d->cols > 0 ? d->cols : 1);
    if (d->rows < 1 || d->rows > INT32_MAX)
        return refuse(e, "%lld %s rows; there must be 1 to %d", (long long)d->rows, name,
                      INT32_MAX);
    if (d->cols < 1 || d->cols > 100000)
        return refuse(e, "%d features; there must be 1 to 100000", d->cols);
    for (int k = 0; k < d->categories; k++) {
        if (d->category[k] < 0 || d->category[k] >= d->cols)
            return refuse(e, "category column %d of %d does not exist", d->category[k], d->cols);
        category[d->category[k]] = 1;
    }
    for (int64_t i = 0; i < d->rows; i++)
        for (int c = 0; c < d->cols; c++) {
            const float v = d->x[i * d->cols + c];
            if (isinf(v))
                return refuse(e, "feature %d of %s row %lld is infinite", c + 1, name,
                              (long long)i + 1);
            if (category[c] && !isnan(v) && !(v >= 0 && v <= MOST_CATEGORY && v == floorf(v)))
                return refuse(e, "category %d of %s row %lld is %g; it must be whole, 0 to %d",
                              c + 1, name, (long long)i + 1, (double)v, MOST_CATEGORY);
        }
    return check_labels(d, p, name, e) &&
           (p.objective != BOOST_RANKING || check_groups(d, name, e));
}
