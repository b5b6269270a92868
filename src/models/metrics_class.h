/* metrics_class: how good a classification is: accuracy, F1, area under the ROC curve, log loss,
 * calibration.
 *
 * Labels and classes are 0 … classes-1. The confusion matrix counts, [classes, classes], rows the
 * true class and columns the predicted one; what is computed from it is exact. */
#ifndef MODELS_METRICS_CLASS_H
#define MODELS_METRICS_CLASS_H

#include "base/pool.h"

/* The class of largest probability, [rows, classes] -> [rows]; ties go to the smaller class. */
void metrics_class_choose(const double *probability, int64_t n, int classes, int32_t *predicted);

/* weight NULL counts every row once; else weight[i] times (a bootstrap resample). */
void metrics_class_confusion(const int32_t *label, const int32_t *predicted, const int32_t *weight,
                             int64_t n, int classes, int64_t *confusion);
double metrics_class_accuracy(const int64_t *confusion, int classes); /* NaN without rows */
double metrics_class_precision(const int64_t *confusion, int classes, int c); /* 0 if never said */
double metrics_class_recall(const int64_t *confusion, int classes, int c);    /* 0 if never true */
/* 2 TP / (2 TP + FP + FN); 0 when the class never occurs on either side. */
double metrics_class_f1(const int64_t *confusion, int classes, int c);
/* Mean F1 of the classes that occur among the true or the predicted. */
double metrics_class_macro_f1(const int64_t *confusion, int classes);

/* P(score of a random positive > that of a random negative) + half the ties (Mann–Whitney). Exact:
 * pairs are counted in integers. `order` lists the rows by ascending score; NaN when one side is
 * empty. */
double metrics_class_auc(const double *score, const int32_t *label, const int32_t *weight,
                         const int32_t *order, int64_t n);

/* The threshold t for which "class 1 when score > t" has the largest accuracy + macro F1; of equal
 * ones that closest to 1/2. Accuracy alone starves the rarer class, macro F1 alone buys it
 * dearly. t is a midpoint of two neighbouring scores, or 1/2 when no cut is better. */
double metrics_class_threshold(const double *score, const int32_t *label, const int32_t *order,
                               int64_t n);

/* Mean of -ln P(true class), natural log; probabilities are held to [1e-15, 1]. */
double metrics_class_log_loss(const double *probability, const int32_t *label,
                              const int32_t *weight, int64_t n, int classes);

/* Expected calibration error over `bins` equal intervals of P(class 1):
 * sum_b n_b / n |mean probability - share of class 1|. */
double metrics_class_ece(const double *positive, const int32_t *label, int64_t n, int bins,
                         arena scratch);

/* All of it at once, for scored rows. f1_negative is the F1 of class 0; with other than two classes
 * auc and ece are NaN. */
typedef struct metrics_class {
    double accuracy, macro_f1, f1_negative, auc, log_loss, ece;
} metrics_class;
enum { METRICS_CLASS_N = sizeof(metrics_class) / sizeof(double) };
extern const char *const metrics_class_names[METRICS_CLASS_N]; /* in the order of the members */

typedef struct metrics_class_data {
    const double *probability; /* [n, classes] */
    const int32_t *label, *predicted;
    int64_t n;
    int classes;
} metrics_class_data;

metrics_class metrics_class_all(const metrics_class_data *d, arena scratch);

/* 95 % percentile bootstrap over rows: of a's metrics (bounds LOW, HIGH) and of the paired
 * differences a - b (LESS, MORE). ece is not resampled (its bins make it biased) and stays NaN.
 * Resample r draws from the random stream (seed, r) alone; 1,000 resamples, fewer from 100,000 rows
 * on, at least 100. */
void metrics_class_bootstrap(const metrics_class_data *a, const metrics_class_data *b,
                             uint64_t seed, pool *threads, metrics_class bounds[4], arena scratch);
enum { METRICS_CLASS_LOW, METRICS_CLASS_HIGH, METRICS_CLASS_LESS, METRICS_CLASS_MORE };

#endif
