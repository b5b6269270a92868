/* recommend_weeks: weekly cut-offs: sources fitted on the days before each, and who buys then. */
#include "pipeline/recommend_weeks.h"

#include <math.h>
#include <string.h>

const char *const recommend_segments[RECOMMEND_SEGMENTS] = {"active", "lapsed", "new"};

int recommend_test_weeks(windows days) {
    int n = (days.end - days.test_from) / RECOMMEND_TARGET_DAYS;
    return n < 1 ? 1 : n > RECOMMEND_MOST_WEEKS ? RECOMMEND_MOST_WEEKS : n;
}

recommend_calendar recommend_cutoffs(windows days, int n, int skip) {
    recommend_calendar c = {0};
    for (int i = n; i >= 1; i--) {
        int32_t cutoff = days.end - (skip + i) * RECOMMEND_TARGET_DAYS;
        if (cutoff - days.first >= RECOMMEND_LEAST_HISTORY) c.cutoff[c.n++] = cutoff;
    }
    return c;
}

uint8_t *recommend_segments_of(const recommend_data *d, int32_t cutoff, arena *keep) {
    uint8_t *segment = take(keep, uint8_t, d->customers);
    memset(segment, RECOMMEND_NEW, (size_t)d->customers);
    for (int64_t i = 0; i < d->n; i++) {
        if (d->day[i] >= cutoff) continue;
        uint8_t *is = &segment[d->customer[i]];
        if (cutoff - d->day[i] <= RECOMMEND_ACTIVE_DAYS) *is = RECOMMEND_ACTIVE;
        else if (*is == RECOMMEND_NEW) *is = RECOMMEND_LAPSED;
    }
    return segment;
}

static uint8_t *segments_of(const recommend_fit *m, const recommend_units *u, arena *keep,
                            arena scratch) {
    const uint8_t *all = recommend_segments_of(m->d, m->cutoff, &scratch);
    uint8_t *segment = take(keep, uint8_t, u->n);
    for (int64_t i = 0; i < u->n; i++) segment[i] = all[u->customers[i]];
    return segment;
}

/* An article without a purchase in the days counts as half a one. */
static const float *surprise_of(const recommend_fit *m, arena *keep) {
    const recommend_data *d = m->d;
    float *s = take(keep, float, d->articles);
    int64_t all = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (d->day[i] >= m->cutoff || m->cutoff - d->day[i] > m->p.active_days) continue;
        s[d->article[i]] += 1;
        all++;
    }
    for (int64_t a = 0; a < d->articles; a++)
        s[a] = (float)-log2((s[a] > 0 ? s[a] : 0.5) / (double)(all > 0 ? all : 1));
    return s;
}

static recommend_week week_of(const recommend_walk *w, const recommend_fit *m, int64_t most,
                              arena *keep, arena scratch) {
    recommend_week week = {.from = m->cutoff, .n_active = m->n_active};
    week.units = recommend_buyers(w->d, m->cutoff, m->cutoff + RECOMMEND_TARGET_DAYS, most, keep,
                                  scratch);
    week.segment = segments_of(m, &week.units, keep, scratch);
    week.surprise = surprise_of(m, keep);
    week.lists = recommend_candidates(m, week.units.customers, week.units.n, w->threads, keep,
                                      scratch);
    return week;
}

/* The factors of a week, kept for the next. */
static void keep_factors(als_model *kept, const recommend_fit *m, arena *keep) {
    if (!m->has_als) return;
    size_t users = (size_t)(m->als.users * m->als.ld), items = (size_t)(m->als.items * m->als.ld);
    if (!kept->user) {
        kept->user = take(keep, float, users);
        kept->item = take(keep, float, items);
    }
    float *user = kept->user, *item = kept->item;
    *kept = m->als;
    kept->user = memcpy(user, m->als.user, users * sizeof *user);
    kept->item = memcpy(item, m->als.item, items * sizeof *item);
}

bool recommend_walk_weeks(const recommend_walk *w, const recommend_calendar *c,
                          recommend_week *weeks, scope *s, err *e) {
    als_model warm = {0};
    recommend_params p = w->p;
    for (int i = 0; i < c->n; i++) {
        recommend_fit m;
        arena keep = s->scratch;
        arena inner = arena_split(&keep, arena_left(&keep) / 2);
        recommend_when when = {c->cutoff[i], warm.user ? &warm : NULL, i ? NULL : w->sweep,
                               w->swept};
        if (when.warm) p.als.iterations = RECOMMEND_WARM_STEPS;
        if (!recommend_fit_when(&m, w->d, p, when, w->threads, &keep, inner, e)) return false;
        m.p = w->p;
        bool first = i < w->first;
        int64_t most = first ? w->most_first : w->most;
        /* candidates of the first weeks are forgotten with the sources */
        weeks[i] = week_of(w, &m, most, first ? &keep : &s->keep, inner);
        keep_factors(&warm, &m, &s->keep);
        if (w->visit && !w->visit(w->what, &m, &weeks[i], inner, e)) return false;
    }
    return true;
}
