/* metrics_class: how good a classification is: accuracy, F1, area under the ROC curve, log loss,
 * calibration. */
#include "models/metrics_class.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void metrics_class_choose(const double *probability, int64_t n, int classes, int32_t *predicted) {
    for (int64_t i = 0; i < n; i++) {
        const double *p = probability + i * classes;
        int32_t best = 0;
        for (int32_t c = 1; c < classes; c++)
            if (p[c] > p[best]) best = c;
        predicted[i] = best;
    }
}

void metrics_class_confusion(const int32_t *label, const int32_t *predicted, const int32_t *weight,
                             int64_t n, int classes, int64_t *confusion) {
    memset(confusion, 0, (size_t)classes * (size_t)classes * sizeof *confusion);
    for (int64_t i = 0; i < n; i++)
        confusion[(int64_t)label[i] * classes + predicted[i]] += weight ? weight[i] : 1;
}

double metrics_class_accuracy(const int64_t *confusion, int classes) {
    int64_t right = 0, all = 0;
    for (int i = 0; i < classes * classes; i++) all += confusion[i];
    for (int c = 0; c < classes; c++) right += confusion[c * classes + c];
    return all > 0 ? (double)right / (double)all : (double)NAN;
}

static void row_and_column(const int64_t *confusion, int classes, int c, int64_t *row,
                           int64_t *column) {
    *row = *column = 0;
    for (int o = 0; o < classes; o++) {
        *row += confusion[c * classes + o];
        *column += confusion[o * classes + c];
    }
}

double metrics_class_precision(const int64_t *confusion, int classes, int c) {
    int64_t row, column;
    row_and_column(confusion, classes, c, &row, &column);
    return column > 0 ? (double)confusion[c * classes + c] / (double)column : 0;
}

double metrics_class_recall(const int64_t *confusion, int classes, int c) {
    int64_t row, column;
    row_and_column(confusion, classes, c, &row, &column);
    return row > 0 ? (double)confusion[c * classes + c] / (double)row : 0;
}

double metrics_class_f1(const int64_t *confusion, int classes, int c) {
    int64_t row, column;
    row_and_column(confusion, classes, c, &row, &column);
    return row + column > 0 ? 2 * (double)confusion[c * classes + c] / (double)(row + column) : 0;
}

double metrics_class_macro_f1(const int64_t *confusion, int classes) {
    double sum = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
        int64_t row, column;
        row_and_column(confusion, classes, c, &row, &column);
        if (row + column == 0) continue;
        sum += metrics_class_f1(confusion, classes, c);
        present++;
    }
    return present > 0 ? sum / present : (double)NAN;
}

double metrics_class_auc(const double *score, const int32_t *label, const int32_t *weight,
                         const int32_t *order, int64_t n) {
    int64_t below = 0, positives = 0, twice = 0; /* twice: 2 (wins) + ties */
    for (int64_t i = 0, same; i < n; i += same) {
        int64_t here = 0, there = 0; /* positives and negatives that share this score */
        for (same = 0; i + same < n && score[order[i + same]] == score[order[i]]; same++) {
            int32_t row = order[i + same];
            *(label[row] == 1 ? &here : &there) += weight ? weight[row] : 1;
        }
        if (same == 0) return (double)NAN; /* a score that is not a number */
        twice += here * (2 * below + there);
        below += there;
        positives += here;
    }
    if (positives == 0 || below == 0) return (double)NAN;
    return (double)twice / 2 / (double)positives / (double)below;
}

double metrics_class_threshold(const double *score, const int32_t *label, const int32_t *order,
                               int64_t n) {
    int64_t c[4] = {0}; /* true 0 said 0, true 0 said 1, true 1 said 0, true 1 said 1 */
    for (int64_t i = 0; i < n; i++) c[label[i] * 2 + (score[i] > 0.5)]++;
    double best = n > 0 ? metrics_class_accuracy(c, 2) + metrics_class_macro_f1(c, 2) : 0, t = 0.5;
    memset(c, 0, sizeof c);
    for (int64_t i = 0; i < n; i++) c[label[i] * 2 + 1]++;
    for (int64_t i = 0; i + 1 < n; i++) { /* cut between places i and i + 1 */
        int32_t row = order[i];
        c[label[row] * 2 + 1]--;
        c[label[row] * 2]++;
        double here = score[row], next = score[order[i + 1]], cut = here + (next - here) / 2;
        if (!(next > here)) continue;
        double value = metrics_class_accuracy(c, 2) + metrics_class_macro_f1(c, 2);
        if (value < best || (value == best && fabs(cut - 0.5) >= fabs(t - 0.5))) continue;
        best = value;
        t = cut;
    }
    return t;
}

double metrics_class_log_loss(const double *probability, const int32_t *label,
                              const int32_t *weight, int64_t n, int classes) {
    double sum = 0;
    int64_t all = 0;
    for (int64_t i = 0; i < n; i++) {
        double p = probability[i * classes + label[i]];
        int64_t w = weight ? weight[i] : 1;
        if (w > 0) sum -= (double)w * log(fmin(1, fmax(1e-15, p)));
        all += w;
    }
    return all > 0 ? sum / (double)all : (double)NAN;
}

double metrics_class_ece(const double *positive, const int32_t *label, int64_t n, int bins,
                         arena scratch) {
    assert(bins >= 1);
    double *said = take(&scratch, double, bins), sum = 0;
    int64_t *count = take(&scratch, int64_t, bins), *came = take(&scratch, int64_t, bins);
    for (int64_t i = 0; i < n; i++) {
        int b = (int)(positive[i] * bins);
        b = b >= bins ? bins - 1 : b < 0 ? 0 : b;
        said[b] += positive[i];
        came[b] += label[i] == 1;
        count[b]++;
    }
    for (int b = 0; b < bins; b++) sum += fabs(said[b] - (double)came[b]);
    return n > 0 ? sum / (double)n : (double)NAN;
}
