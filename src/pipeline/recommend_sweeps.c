/* recommend_sweeps: what recommendations learn: factors by sweep, the blend by weeks of history. */
#include "pipeline/recommend_sweeps.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "pipeline/evaluation_parts.h"
#include "pipeline/recommend_score.h"

enum { MOST_SWEEPS = 100 };

struct recommend_sweeps {
    const work *w;
    int64_t most;
    scope *s;
    recommend_week week;
    recommend_exam x;
    int n;
    struct {
        double loss;
        metrics_interval map;
    } at[MOST_SWEEPS];
};

recommend_sweeps *recommend_sweeps_new(const work *w, int64_t most, scope *s) {
    recommend_sweeps *sweeps = take(&s->keep, recommend_sweeps, 1);
    sweeps->w = w, sweeps->most = most, sweeps->s = s;
    return sweeps;
}

static void open_week(recommend_sweeps *t, const recommend_fit *m, arena scratch) {
    arena *keep = &t->s->keep;
    t->week = (recommend_week){.from = m->cutoff, .n_active = m->n_active};
    t->week.units = recommend_buyers(m->d, m->cutoff, m->cutoff + RECOMMEND_TARGET_DAYS, t->most,
                                     keep, scratch);
    t->week.surprise = take(keep, float, m->d->articles); /* not asked for */
    t->week.lists.items = m->d->articles;
    t->x = recommend_exam_open(&t->week, 1, m->d->customers, seed_for(t->w->seed, "learning"), keep,
                               scratch);
}

bool recommend_sweeps_visit(void *what, const recommend_fit *m, int sweep, double loss,
                            arena scratch, err *e) {
    (void)e; /* nothing can go wrong */
    static const int alone[] = {RECOMMEND_ALS, RECOMMEND_POPULAR};
    uint32_t which = 1u << RECOMMEND_ALS | 1u << RECOMMEND_POPULAR;
    recommend_sweeps *t = what;
    if (sweep == 1) open_week(t, m, scratch);
    if (sweep > MOST_SWEEPS || t->x.n == 0) return true;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    t->week.lists = recommend_candidates_of(m, which, t->week.units.customers, t->week.units.n,
                                            t->w->threads, &keep, scratch);
    int32_t *ids = recommend_exam_cascade(&t->x, alone, 2, &keep);
    const double *ap = recommend_exam_mark(&t->x, ids, &keep, scratch).of[RECOMMEND_MAP];
    t->n = sweep;
    t->at[sweep - 1].loss = loss;
    t->at[sweep - 1].map = recommend_exam_interval(&t->x, ap, NULL, RECOMMEND_ALL, scratch);
    return true;
}

void recommend_sweeps_put_curves(const recommend_sweeps *t, js *report) {
    js_array(report, "curves");
    for (int i = 0; i < t->n; i++) {
        js_object(report, NULL);
        js_put_int(report, "iteration", i + 1);
        if (isfinite(t->at[i].loss)) js_put_real(report, "loss", t->at[i].loss);
        js_put_real(report, recommend_metrics[RECOMMEND_MAP], t->at[i].map.mean);
        js_end(report);
    }
    js_end(report);
}

void recommend_sweeps_put_learning(const recommend_sweeps *t, js *report) {
    for (int i = 0; i < t->n; i++)
        evaluation_learning_put(report, "als, validation week", "sweeps", i + 1,
                                recommend_metrics[RECOMMEND_MAP], t->at[i].map);
}

/* ---- weeks of history ---- */

/* Purchases from `first` on: those of a customer stand together, by article and day. */
static recommend_data recent_of(const recommend_data *d, int32_t first, arena *keep) {
    recommend_data to = *d;
    int64_t *at = take(keep, int64_t, d->customers + 1), n = 0;
    for (int64_t i = 0; i < d->n; i++) n += d->day[i] >= first;
    int32_t *customer = take_raw(keep, int32_t, n), *article = take_raw(keep, int32_t, n);
    int32_t *day = take_raw(keep, int32_t, n);
    float *weight = take_raw(keep, float, n);
    n = 0;
    for (int64_t c = 0; c < d->customers; c++) {
        for (int64_t i = d->at[c]; i < d->at[c + 1]; i++) {
            if (d->day[i] < first) continue;
            customer[n] = d->customer[i], article[n] = d->article[i];
            day[n] = d->day[i], weight[n++] = d->weight[i];
        }
        at[c + 1] = n;
    }
    to.n = n, to.at = at;
    to.customer = customer, to.article = article, to.day = day, to.weight = weight;
    return to;
}

/* The week again, its lists by sources that know so many weeks. */
static bool judge(const recommend_by_history *h, int weeks, work *w, scope *s,
                  metrics_interval *out, err *e) {
    recommend_fit m;
    recommend_week week = h->weeks[h->n_weeks - 1];
    arena keep = s->scratch;
    arena inner = arena_split(&keep, arena_left(&keep) / 2);
    recommend_data d = recent_of(h->d, week.from - 7 * weeks, &keep);
    if (!recommend_fit_all(&m, &d, *h->p, week.from, w->threads, &keep, inner, e)) return false;
    week.lists = recommend_candidates(&m, week.units.customers, week.units.n, w->threads, &keep,
                                      inner);
    recommend_exam x = recommend_exam_open(&week, 1, d.customers, h->x->seed, &keep, inner);
    const int32_t *ids = recommend_exam_blend(&x, h->p->weights, w->threads, &keep, inner);
    const double *ap = recommend_exam_mark(&x, ids, &keep, inner).of[RECOMMEND_MAP];
    *out = recommend_exam_interval(&x, ap, NULL, RECOMMEND_ALL, inner);
    return true;
}

static void put_point(int64_t weeks, metrics_interval map, js *report) {
    evaluation_learning_put(report, "blend, last test week", "weeks of history", weeks,
                            recommend_metrics[RECOMMEND_MAP], map);
}

bool recommend_put_by_history(const recommend_by_history *h, work *w, scope *s, js *report,
                              err *e) {
    static const int some[] = {4, 12, 36};
    int32_t from = h->weeks[h->n_weeks - 1].from;
    int all = (from - w->days.first) / 7;
    for (int i = 0; i < 3 && some[i] < all; i++) {
        metrics_interval map;
        work_tick(w, "recommend: learning curve", i, 3);
        if (!judge(h, some[i], w, s, &map, e)) return false;
        if (map.n > 0) put_point(some[i], map, report);
    }
    metrics_interval map = recommend_exam_interval(h->x, h->marks->of[RECOMMEND_MAP], NULL,
                                                   (recommend_part){h->n_weeks - 1, -1},
                                                   s->scratch);
    if (map.n > 0) put_point(all, map, report);
    return true;
}
