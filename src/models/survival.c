/* survival: how long it takes until something happens, where some are still waiting. */
#include "models/survival.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"
#include "models/interval.h"

/* S^exp(-+ z sqrt(V) / ln S); the ends of the scale have no interval to show. */
static void put_interval(survival_step *s, double variance) {
    s->low = s->high = s->share;
    if (!(s->share > 0 && s->share < 1)) return;
    double width = INTERVAL_Z95 * sqrt(variance) / log(s->share); /* below 0 */
    s->low = pow(s->share, exp(-width));
    s->high = pow(s->share, exp(width));
}

survival_curve survival_of(const double *time, const bool *happened, int64_t rows, arena *keep,
                           arena scratch) {
    assert(arena_apart(keep, &scratch) && rows <= INT32_MAX);
    int32_t *order = order_count(rows, &scratch);
    survival_curve c = {.median = INFINITY};
    int64_t n = 0;
    order_up(order, rows, time, scratch);
    for (int64_t i = 0; i < rows; i++) n += happened[i];
    c.at = take(keep, survival_step, n);
    double share = 1, variance = 0;
    for (int64_t i = 0; i < rows;) {
        int64_t j = i, events = 0, waiting = rows - i;
        for (; j < rows && time[order[j]] == time[order[i]]; j++) events += happened[order[j]];
        if (events > 0) {
            share *= 1 - (double)events / (double)waiting;
            variance += (double)events / ((double)waiting * (double)(waiting - events));
            survival_step *s = &c.at[c.n++];
            *s = (survival_step){time[order[i]], waiting, events, share, 0, 0};
            put_interval(s, variance);
            if (share <= 0.5 && isinf(c.median)) c.median = s->time;
        }
        i = j;
    }
    return c;
}

survival_step survival_seen(const survival_curve *c, double time) {
    survival_step seen = {.share = 1, .low = 1, .high = 1};
    for (int64_t i = 0; i < c->n && c->at[i].time <= time; i++) seen = c->at[i];
    return seen;
}

double survival_at(const survival_curve *c, double time) { return survival_seen(c, time).share; }
