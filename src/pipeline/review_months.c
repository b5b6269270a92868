/* review_months: positive shares by month of many groups of reviews, intervals and changes. */
#include "pipeline/review_months.h"

int32_t review_months_of(int32_t day) {
    int y, m, of_month;
    day_split(day, &y, &m, &of_month);
    return y * 12 + m - 1;
}

review_months review_months_open(int32_t groups, int32_t first, int32_t last, arena *keep) {
    review_months m = {.groups = groups};
    if (last >= first) {
        m.first = review_months_of(first);
        m.months = review_months_of(last) - m.first + 1;
    }
    m.n = take(keep, int64_t, (int64_t)groups * m.months);
    m.k = take(keep, int64_t, (int64_t)groups * m.months);
    m.all_n = take(keep, int64_t, groups);
    m.all_k = take(keep, int64_t, groups);
    return m;
}

void review_months_add(review_months *m, int32_t group, int32_t day, bool positive) {
    m->all_n[group]++;
    m->all_k[group] += positive;
    if (day == INT32_MIN || m->months == 0) return;
    int64_t at = (int64_t)group * m->months + review_months_of(day) - m->first;
    m->n[at]++;
    m->k[at] += positive;
}

static void put_share(js *out, int64_t k, int64_t n) {
    interval share = interval_wilson(k, n);
    js_put_int(out, "reviews", n);
    js_put_fixed(out, "positive_share", share.value, 6);
    js_put_fixed(out, "low", share.low, 6);
    js_put_fixed(out, "high", share.high, 6);
}

void review_months_put_share(const review_months *m, int32_t group, js *out) {
    put_share(out, m->all_k[group], m->all_n[group]);
}

static void put_month(const review_months *m, int32_t at, js *out) {
    int32_t month = m->first + at;
    js_putf(out, "month", "%04d-%02d", month / 12, month % 12 + 1);
}

changes_model review_months_changes(const review_months *m, int32_t group, int64_t series,
                                    arena *keep, arena scratch) {
    changes_params p = CHANGES_DEFAULTS;
    int64_t from = (int64_t)group * m->months;
    p.series = series;
    return changes_fit(m->k + from, m->n + from, m->months, p, keep, scratch);
}

void review_months_put_change(const review_months *m, const changes_point *p, const char *key,
                              js *out) {
    js_object(out, key);
    put_month(m, p->at, out);
    js_put_fixed(out, "before", p->before.value, 6);
    js_put_fixed(out, "after", p->after.value, 6);
    js_put_fixed(out, "difference", p->difference.value, 6);
    js_put_fixed(out, "low", p->difference.low, 6);
    js_put_fixed(out, "high", p->difference.high, 6);
    js_put_fixed(out, "evidence", p->evidence, 3);
    js_end(out);
}

void review_months_put(const review_months *m, int32_t group, int64_t series, js *out,
                       arena scratch) {
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    js_array(out, "months");
    for (int32_t t = 0; t < m->months; t++) {
        int64_t at = (int64_t)group * m->months + t;
        if (m->n[at] == 0) continue;
        js_object(out, NULL);
        put_month(m, t, out);
        put_share(out, m->k[at], m->n[at]);
        js_end(out);
    }
    js_end(out);
    js_array(out, "changes");
    changes_model c = review_months_changes(m, group, series, &keep, scratch);
    for (int32_t i = 0; i < c.n; i++) review_months_put_change(m, &c.point[i], NULL, out);
    js_end(out);
}
