/* log_rank: whether groups wait equally long for something to happen. */
#include "models/segment/log_rank.h"

#include <assert.h>

#include "base/order.h"
#include "models/segment/special.h"

/* x' V^-1 x for a symmetric positive definite v[n, n], which is destroyed; 0 where it is not. */
static double quadratic(double *v, double *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double pivot = v[i * n + i];
        if (!(pivot > 1e-12)) return 0;
        sum += x[i] * x[i] / pivot;
        for (int k = i + 1; k < n; k++) {
            double f = v[k * n + i] / pivot;
            x[k] -= f * x[i];
            for (int j = i + 1; j < n; j++) /* break: what is left of it is not read again */
                v[k * n + j] -= f * v[i * n + j];
        }
    }
    return sum;
}

/* One event time: adds to observed minus expected and to the covariance of `used` groups. */
static void add_time(const double *waiting, const double *events, int used, double *excess,
                     double *v) {
    double n = 0, d = 0;
    for (int g = 0; g < used; g++) n += waiting[g], d += events[g];
    if (d == 0) return;
    double spread = n > 1 ? d * (n - d) / (n - 1) : 0;
    for (int g = 0; g < used - 1; g++) { /* break: rows after these are not read */
        double p = waiting[g] / n;
        excess[g] += events[g] - d * p; /* break: the square does not care for the sign */
        for (int k = 0; k < used - 1; k++)
            v[g * (used - 1) + k] += spread * p * ((g == k) - waiting[k] / n);
    }
}

log_rank log_rank_test(const double *time, const bool *happened, const int32_t *group,
                       int groups, int64_t rows, arena scratch) {
    assert(groups >= 1 && groups <= LOG_RANK_GROUPS && rows <= INT32_MAX);
    int32_t *order = order_count(rows, &scratch), place[LOG_RANK_GROUPS];
    double waiting[LOG_RANK_GROUPS] = {0}, count[LOG_RANK_GROUPS] = {0};
    double excess[LOG_RANK_GROUPS] = {0};
    log_rank out = {.p = 1};
    order_up(order, rows, time, scratch);
    for (int64_t i = 0; i < rows; i++) count[group[i]]++;
    for (int g = 0; g < groups; g++) {
        if (count[g] == 0) continue;
        place[g] = out.groups;
        waiting[out.groups++] = count[g];
    }
    if (out.groups < 2) return out;
    int rank = out.groups - 1;
    double *v = take(&scratch, double, rank *rank);
    for (int64_t i = 0; i < rows;) {
        int64_t j = i;
        double events[LOG_RANK_GROUPS] = {0}, gone[LOG_RANK_GROUPS] = {0};
        for (; j < rows && time[order[j]] == time[order[i]]; j++) {
            events[place[group[order[j]]]] += happened[order[j]];
            gone[place[group[order[j]]]]++;
        }
        add_time(waiting, events, out.groups, excess, v);
        for (int g = 0; g < out.groups; g++) waiting[g] -= gone[g];
        i = j;
    }
    out.chi2 = quadratic(v, excess, rank);
    if (out.chi2 > 0) out.p = special_chi2_above(out.chi2, rank);
    return out;
}
