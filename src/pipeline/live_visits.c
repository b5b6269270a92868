/* live_visits: the shop's visits as sessions of articles, and how much they count in live lists. */
#include "pipeline/live_visits.h"

#include <math.h>
#include <string.h>

enum { VISITS = 500000, LEAST = 200, ASKED = 1000, K = 12 };

bool live_visits_load(live_visits *v, work *w, const recommend_fit *m, arena *keep, arena scratch,
                      err *e) {
    columns c;
    const char *until = day_text(keep, m->cutoff);
    const char *since = day_text(keep, m->cutoff - m->p.active_days);
    if (!db_query(w->d, &scratch, &c, e,
                  "SELECT session, article FROM (SELECT session, seq, article, min(time) OVER "
                  "(PARTITION BY session) AS start FROM f_events WHERE article IS NOT NULL AND "
                  "time < DATE '%s' AND time >= DATE '%s') AS met "
                  "ORDER BY start, session, seq", until, since))
        return false;
    const int64_t *session = columns_i64(&c, "session");
    const int32_t *article = columns_i32(&c, "article");
    int64_t *at = take(keep, int64_t, c.rows + 1), visits = 0, n = 0;
    int32_t *item = take(keep, int32_t, c.rows);
    for (int64_t i = 0; i < c.rows; i++) {
        if (n == at[visits] || item[n - 1] != article[i]) item[n++] = article[i];
        if (i + 1 < c.rows && session[i + 1] == session[i]) continue;
        if (n - at[visits] > BUNDLE_VISIT) {
            memmove(item + at[visits], item + n - BUNDLE_VISIT, sizeof *item * BUNDLE_VISIT);
            n = at[visits] + BUNDLE_VISIT;
        }
        if (n - at[visits] < 2) n = at[visits];
        else at[++visits] = n;
    }
    int64_t from = visits > VISITS ? visits - VISITS : 0, base = at[from];
    for (int64_t i = from; i <= visits; i++) at[i] -= base;
    *v = (live_visits){visits - from, at + from, item + base};
    return true;
}

float *live_trend(const recommend_fit *m, arena *keep) {
    float *trend = take(keep, float, m->d->articles);
    double top = 0;
    for (int64_t i = 0; i < m->d->articles; i++) top = fmax(top, m->popular[i]);
    for (int64_t i = 0; i < m->d->articles; i++)
        if (m->active[i] && top > 0) trend[i] = (float)pow(m->popular[i] / top, m->p.trend);
    return trend;
}

int64_t live_took_part(const als_model *m) {
    int64_t n = 0;
    for (int64_t i = 0; i < m->items; i++) { /* rows of zeros took no part */
        bool took = false;
        for (int j = 0; j < m->ld && !took; j++) took = m->item[i * m->ld + j] != 0;
        n += took;
    }
    return n;
}

/* ---- the weight ---- */

static topk_index index_of(const recommend_fit *m, const float *trend, arena *keep,
                           arena scratch) {
    int ld = m->als.ld;
    bitmap sells = bitmap_of(m->active, m->d->articles, &scratch);
    float *row = take_copy(&scratch, float, m->als.item, m->d->articles * ld);
    for (int64_t i = 0; i < m->d->articles * ld; i++) row[i] *= trend[i / ld];
    return topk_open(row, m->d->articles, ld, &sells, keep, scratch);
}

/* What a request would see of the fit, but for customers: the visits are asked as by strangers. */
static bundle *bundle_of(const recommend_fit *m, arena *keep, arena scratch) {
    bundle *b = take(keep, bundle, 1);
    bundle_recommend *r = &b->recommend;
    int64_t all = RECOMMEND_BANDS * RECOMMEND_WIDTH;
    b->articles = m->d->articles;
    r->popular = (bundle_ranking){RECOMMEND_WIDTH, m->popular_ids + all, m->popular_scores + all};
    r->content = m->content;
    r->related = m->together;
    r->variants = m->variants;
    r->next = m->next;
    r->in_kind = m->in_kind;
    r->arrivals = m->arrivals;
    r->kind = m->d->kind.code;
    r->fit = *m;
    r->tasted = recommend_tasted_open(&r->fit, keep);
    r->trend = live_trend(m, keep);
    if (!m->has_als) return b;
    r->als = m->als;
    r->als.items = live_took_part(&m->als);
    r->taste = index_of(m, r->trend, keep, scratch);
    return b;
}

/* 1 / place of the visit's last article among the K first that the visit had not met; 0: not
 * there; -1: it was met before, or does not sell any more. */
static double find_last(const bundle *b, const int32_t *item, int64_t n, arena scratch) {
    static const live_filter any = {.category = -1, .price_min = NAN, .price_max = NAN};
    enum { MOST = 2 * LIVE_WIDTH };
    live_profile *p = take(&scratch, live_profile, 1);
    live_item *items = take(&scratch, live_item, MOST);
    int32_t last = item[n - 1];
    for (int64_t i = n - 2; i >= 0; i--) {
        if (item[i] == last) return -1;
        live_add(p, item[i], 1);
    }
    if (!(b->recommend.trend[last] > 0)) return -1;
    int found = live_rank(b, p, &any, MOST, items, scratch), place = 0;
    for (int i = 0; i < found && place < K; i++) {
        bool met = false;
        for (int64_t j = 0; j < n - 1 && !met; j++) met = item[j] == items[i].article;
        place += !met;
        if (items[i].article == last) return 1.0 / place;
    }
    return 0;
}

bool live_visits_weight(float *weight, const recommend_fit *m, const live_visits *v, arena scratch,
                        err *e) {
    static const float shares[] = {0, 0.25f, 0.5f, 1, 2, 4};
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    float of[BUNDLE_LIVE] = {0}, sum = 0;
    double best = -1;
    int64_t asked = v->n / 10 < ASKED ? v->n / 10 : ASKED, old = v->n - asked;
    *weight = 0;
    if (v->n < LEAST) return true;
    bundle *b = bundle_of(m, &keep, scratch);
    if (!session_fit(&b->recommend.sessions, old, m->d->articles, v->at, v->item, BUNDLE_SESSIONS,
                     &keep, scratch, e))
        return false;
    memcpy(of, m->p.weights.of, sizeof *of * RECOMMEND_SOURCES);
    for (int s = 0; s < RECOMMEND_SOURCES; s++) sum += of[s];
    b->recommend.weight = of;
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        double rank = 0;
        of[BUNDLE_SESSION] = shares[i] * sum;
        for (int64_t s = old; s < v->n; s++)
            rank += fmax(0, find_last(b, v->item + v->at[s], v->at[s + 1] - v->at[s], scratch));
        if (rank > best) best = rank, *weight = of[BUNDLE_SESSION];
    }
    return true;
}
