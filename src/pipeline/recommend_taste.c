/* recommend_taste: how much more of an article's traits a customer buys than the shop sells now. */
#include "pipeline/recommend_taste.h"

#include <math.h>

#include "models/recommend/popular.h"

static const double half_life = 365, doubt = 5;

recommend_taste recommend_taste_open(const recommend_fit *m, arena *keep) {
    recommend_taste t = {.m = m};
    for (int i = 0; i < RECOMMEND_TRAITS; i++) t.from[i + 1] = t.from[i] + m->d->trait[i].n;
    t.share = take(keep, float, t.from[RECOMMEND_TRAITS]);
    double all = 0;
    for (int64_t a = 0; a < m->d->articles; a++) all += m->popular[a];
    for (int i = 0; i < RECOMMEND_TRAITS && all > 0; i++)
        for (int64_t a = 0; a < m->d->articles; a++)
            t.share[t.from[i] + m->d->trait[i].code[a]] += (float)(m->popular[a] / all);
    return t;
}

double recommend_taste_count(const recommend_taste *t, int32_t customer, float *count) {
    const recommend_data *d = t->m->d;
    double all = 0;
    for (int64_t i = d->at[customer]; i < d->at[customer + 1]; i++) {
        double w = popular_decay(d->day[i], t->m->cutoff, half_life);
        for (int j = 0; j < RECOMMEND_TRAITS && w > 0; j++)
            count[t->from[j] + d->trait[j].code[d->article[i]]] += (float)w;
        all += w;
    }
    return all;
}

void recommend_taste_forget(const recommend_taste *t, int32_t customer, float *count) {
    const recommend_data *d = t->m->d;
    for (int64_t i = d->at[customer]; i < d->at[customer + 1]; i++)
        for (int j = 0; j < RECOMMEND_TRAITS; j++)
            count[t->from[j] + d->trait[j].code[d->article[i]]] = 0;
}

float recommend_taste_of(const recommend_taste *t, const float *count, double all, int32_t article,
                         float *liking) {
    float sum = 0;
    for (int j = 0; j < RECOMMEND_TRAITS; j++) {
        int32_t at = t->from[j] + t->m->d->trait[j].code[article];
        double share = (double)t->share[at];
        liking[j] = 0;
        if (share <= 0) continue;
        liking[j] = (float)log(((double)count[at] + doubt * share) / ((all + doubt) * share));
        sum += liking[j];
    }
    return sum;
}
