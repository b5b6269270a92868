/* calibrate: probabilities that mean what they say, and when it is better not to answer. */
#include "models/language/calibrate.h"

#include <math.h>

enum { HALVINGS = 60 }; /* of ln(1/T): below the rounding of what is reported */
static const double widest = 2.772588722239781; /* ln 16 */

static double log_of(double p) { return log(p > 1e-300 ? p : 1e-300); }

/* d(log loss)/d(1/T), up to a positive factor: sum of E[ln p] - ln p_label at 1/T = beta. */
static double slope(const double *probability, const int32_t *label, int64_t n, int classes,
                    double beta) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const double *p = probability + i * classes;
        double most = -INFINITY, weights = 0, mean = 0;
        for (int c = 0; c < classes; c++) most = fmax(most, log_of(p[c]));
        for (int c = 0; c < classes; c++) {
            double z = log_of(p[c]), w = exp(beta * (z - most));
            weights += w;
            mean += w * z;
        }
        sum += mean / weights - log_of(p[label[i]]);
    }
    return sum;
}

double calibrate_temperature(const double *probability, const int32_t *label, int64_t n,
                             int classes) {
    double low = -widest, high = widest; /* ln beta; the slope ascends with beta */
    if (n == 0) return 1;
    for (int step = 0; step < HALVINGS; step++) {
        double middle = (low + high) / 2;
        if (slope(probability, label, n, classes, exp(middle)) > 0) high = middle;
        else low = middle;
    }
    return exp(-(low + high) / 2);
}

void calibrate_apply(double *probability, int64_t n, int classes, double temperature) {
    for (int64_t i = 0; temperature != 1 && i < n; i++) {
        double *p = probability + i * classes, most = -INFINITY, sum = 0;
        for (int c = 0; c < classes; c++) most = fmax(most, log_of(p[c]));
        for (int c = 0; c < classes; c++) {
            p[c] = exp((log_of(p[c]) - most) / temperature);
            sum += p[c];
        }
        for (int c = 0; c < classes; c++) p[c] /= sum;
    }
}

/* From the surest row of a side inwards: the last cut up to which enough answers are right. */
static double cut(const double *positive, const int32_t *label, const int32_t *order, int64_t n,
                  int side, double threshold, double accuracy) {
    double best = side ? 1 : -1;
    int64_t answered = 0, right = 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t row = order[side ? n - 1 - i : i];
        double p = positive[row];
        if (side ? p <= threshold : p > threshold) break;
        answered++;
        right += label[row] == side;
        double next = i + 1 < n ? positive[order[side ? n - 2 - i : i + 1]] : threshold;
        if (next == p && i + 1 < n) continue; /* equal scores are answered together */
        if (answered < CALIBRATE_LEAST || (double)right < accuracy * (double)answered) continue;
        bool last = side ? next <= threshold : next > threshold;
        best = last || i + 1 == n ? threshold : (p + next) / 2;
    }
    return best;
}

calibrate_band calibrate_band_of(const double *positive, const int32_t *label,
                                 const int32_t *order, int64_t n, double threshold,
                                 double accuracy) {
    return (calibrate_band){cut(positive, label, order, n, 0, threshold, accuracy),
                            cut(positive, label, order, n, 1, threshold, accuracy)};
}
