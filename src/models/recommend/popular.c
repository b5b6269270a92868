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

int popular_top(const double *score, int64_t items, int k, int32_t *ids, float *scores,
                arena scratch) {
    neighbours_list list = {.k = k, .ids = ids,
                            .scores = scores ? scores : take(&scratch, float, k)};
    for (int64_t i = 0; i < items; i++)
        if (score[i] > 0) neighbours_offer(&list, (int32_t)i, (float)score[i]);
    neighbours_sort(&list);
    return list.n;
}
