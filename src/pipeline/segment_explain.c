/* segment_explain: how much of what customers do next their groups foretell. */
#include "pipeline/segment_explain.h"

bool segment_outcomes(const work *w, const segment_block *b, int32_t from, int32_t to, scope *s,
                      double *out[SEGMENT_OUTCOMES], err *e) {
    columns c;
    const char *first = day_text(&s->keep, from), *end = day_text(&s->keep, to);
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT customer, CAST(sum(revenue) AS DOUBLE) AS spend FROM transactions "
                  "WHERE day >= DATE '%s' AND day < DATE '%s' AND quantity > 0 "
                  "GROUP BY customer ORDER BY customer", first, end))
        return false;
    const int32_t *customer = columns_i32(&c, "customer");
    const double *spend = columns_real(&c, "spend");
    int64_t at = 0;
    for (int k = 0; k < SEGMENT_OUTCOMES; k++) out[k] = take(&s->keep, double, b->n);
    for (int64_t i = 0; i < b->n; i++) {
        while (at < c.rows && customer[at] < b->customer[i]) at++;
        if (at == c.rows || customer[at] != b->customer[i]) continue;
        out[0][i] = 1;
        out[1][i] = spend[at];
    }
    return true;
}

static double mean_of(const double *x, int64_t n) {
    double all = 0;
    for (int64_t i = 0; i < n; i++) all += x[i];
    return all / (double)n;
}

void segment_foretell(const segment_learned *of, int groups, const int32_t *before, double *to,
                      arena scratch) {
    double *sum = take(&scratch, double, groups), mean = mean_of(of->learn, of->n);
    int64_t *count = take(&scratch, int64_t, groups);
    for (int64_t i = 0; i < of->n; i++) {
        sum[before[i]] += of->learn[i];
        count[before[i]]++;
    }
    for (int g = 0; g < groups; g++) /* ten customers of the average kind steady small groups */
        to[g] = (sum[g] + 10 * mean) / ((double)count[g] + 10);
}

void segment_explain(const segment_learned *of, int groups, const int32_t *before,
                     const int32_t *after, double *to, arena scratch) {
    double *group = take(&scratch, double, groups), mean = mean_of(of->learn, of->n), one = 0;
    segment_foretell(of, groups, before, group, scratch);
    for (int64_t i = 0; i < of->n_test; i++)
        one += (of->test[i] - mean) * (of->test[i] - mean) / (double)of->n_test;
    for (int64_t i = 0; i < of->n_test; i++) {
        double off = of->test[i] - group[after[i]];
        double base = (of->test[i] - mean) * (of->test[i] - mean);
        to[i] = one > 0 ? (base - off * off) / one : 0;
    }
}
