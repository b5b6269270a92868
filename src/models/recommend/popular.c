/* popular: what sells now: purchases counted with a half-life, for all customers or by group. */
#include "models/recommend/popular.h"

#include <assert.h>
#include <math.h>

#include "models/recommend/neighbours.h"

double popular_decay(int32_t day, int32_t as_of, double half_life) {
    if (day >= as_of) return 0;
    return half_life > 0 ? exp2(-(double)(as_of - 1 - day) / half_life) : 1;
}

double *popular_fit(popular_events events, int64_t items, popular_params p, arena *keep) {
    assert(p.groups >= 1 && p.half_life >= 0);
    int64_t lists = p.groups > 1 ? p.groups + 1 : 1;
    double *score = take(keep, double, lists * items), *whole = score + (lists - 1) * items;
    for (int64_t i = 0; i < events.n; i++) {
        double w = events.weight ? events.weight[i] : 1;
        if (events.day) w *= popular_decay(events.day[i], p.as_of, p.half_life);
        whole[events.item[i]] += w;
        int32_t group = events.group ? events.group[i] : -1;
        if (lists > 1 && group >= 0) score[group * items + events.item[i]] += w;
    }
    return score;
}

double *popular_trend(popular_events events, int64_t items, popular_trend_params p, arena *keep,
                      arena scratch) {
    assert(p.days >= 1 && p.doubt > 0 && events.day);
    double *trend = take(keep, double, items), *before = take(&scratch, double, items);
    for (int64_t i = 0; i < events.n; i++) {
        int64_t age = (int64_t)p.as_of - 1 - events.day[i];
        double w = events.weight ? events.weight[i] : 1;
        if (age < 0 || age >= 2 * (int64_t)p.days) continue;
        if (age < p.days) trend[events.item[i]] += w;
        else before[events.item[i]] += w;
    }
    for (int64_t i = 0; i < items; i++) trend[i] = (trend[i] + p.doubt) / (before[i] + p.doubt);
    return trend;
}

void popular_mix(double *score, int64_t items, int groups, double trust) {
    if (groups < 2) return;
    const double *all = score + groups * items;
    double sum = 0;
    for (int64_t i = 0; i < items; i++) sum += all[i];
    for (int64_t at = 0; sum > 0 && at < groups * items; at++)
        score[at] += trust * all[at % items] / sum;
}

int popular_top(const double *score, int64_t items, int k, int32_t *ids, float *scores,
                arena scratch) {
    neighbours_list list = {.k = k, .ids = ids,
                            .scores = scores ? scores : take(&scratch, float, k)};
    for (int64_t i = 0; i < items; i++)
        if (score[i] > 0) neighbours_offer(&list, (int32_t)i, (float)score[i]);
    neighbours_sort(&list);
    return list.n;
}
