/* bundle_recommend: recommend.atm opened: lists, relations, histories and what live lists need. */
#include <stdio.h>

#include "pipeline/bundle_arrays.h"
#include "pipeline/recommend_file.h"

static bool open_lists(bundle_recommend *r, const store *m, int64_t n, err *e) {
    int64_t tops;
    r->k = -1;
    if (!bundle_get_texts(m, "parts", -1, &r->parts, e) ||
        !bundle_get_texts(m, "models", -1, &r->models, e) ||
        !bundle_get_texts(m, "segments", -1, &r->segments, e) ||
        !bundle_get(m, "user_items", STORE_I32, n, &r->k, &r->items, e) ||
        !bundle_get(m, "user_scores", STORE_F32, n, &r->k, &r->scores, e))
        return false;
    tops = r->k * BUNDLE_TOP;
    return bundle_get(m, "user_part", STORE_U8, n, &tops, &r->part, e) &&
           bundle_get(m, "user_part_value", STORE_F32, n, &tops, &r->part_value, e) &&
           bundle_get_column(m, "user_cold", STORE_U8, n, &r->cold, e) &&
           bundle_get_column(m, "user_model", STORE_U8, n, &r->model, e) &&
           bundle_get_column(m, "user_segment", STORE_U8, n, &r->segment, e) &&
           bundle_within_u8("user_part", r->part, n * tops, r->parts.n, e) &&
           bundle_within_u8("user_model", r->model, n, r->models.n, e) &&
           bundle_within_u8("user_segment", r->segment, n, r->segments.n, e);
}

static bool open_related(bundle_related *to, const store *m, int64_t articles, const char *items,
                         const char *scores, err *e) {
    to->k = -1;
    return bundle_get(m, items, STORE_I32, articles, &to->k, &to->items, e) &&
           bundle_get(m, scores, STORE_F32, articles, &to->k, &to->scores, e) &&
           bundle_within(items, to->items, articles * to->k, -1, articles, e);
}

static bool open_ranking(bundle_ranking *to, const store *m, int64_t articles, const char *items,
                         const char *scores, err *e) {
    to->n = -1;
    return bundle_get(m, items, STORE_I32, 1, &to->n, &to->items, e) &&
           bundle_get(m, scores, STORE_F32, 1, &to->n, &to->scores, e) &&
           bundle_within(items, to->items, to->n, -1, articles, e);
}

static bool open_log(bundle *b, const store *m, const char *name, bundle_log *to, err *e) {
    char at[32], item[32], day[32], weight[32];
    int64_t entries = 0;
    snprintf(at, sizeof at, "%s_at", name);
    snprintf(item, sizeof item, "%s_item", name);
    snprintf(day, sizeof day, "%s_day", name);
    snprintf(weight, sizeof weight, "%s_weight", name);
    store_get(m, item, STORE_I32, &entries, NULL);
    return bundle_get_column(m, at, STORE_I64, b->customers + 1, &to->at, e) &&
           bundle_get_column(m, item, STORE_I32, entries, &to->item, e) &&
           bundle_get_column(m, day, STORE_I32, entries, &to->day, e) &&
           bundle_get_column(m, weight, STORE_F32, entries, &to->weight, e) &&
           bundle_rows(at, to->at, b->customers, entries, e) &&
           bundle_within(item, to->item, entries, 0, b->articles, e);
}

/* Kinds, traits and what sells: what the source taste needs. */
static bool open_groups(bundle *b, const store *m, err *e) {
    bundle_recommend *r = &b->recommend;
    const recommend_data *d = &r->of_articles;
    int64_t n = b->articles;
    if (!recommend_file_articles(&r->fit, &r->of_articles, m, e)) return false;
    if (d->articles != n)
        return fail(e, "array groups knows %lld articles, expected %lld", (long long)d->articles,
                    (long long)n);
    r->kind = d->kind.code;
    if (!bundle_within("groups", r->kind, n, 0, r->in_kind.rows, e)) return false;
    for (int t = 0; t < RECOMMEND_TRAITS; t++)
        if (!bundle_within("groups", d->trait[t].code, n, 0, n, e)) return false;
    for (int64_t a = 0; a < n; a++)
        if (!(r->fit.popular[a] >= 0)) return fail(e, "array popular holds a number below 0");
    size_t bytes = (size_t)n * (RECOMMEND_TRAITS + 8) * 8 + (1 << 20);
    if (bytes > arena_left(&b->memory.keep))
        return fail(e, "%lld articles do not fit the budget", (long long)n);
    r->tasted = recommend_tasted_open(&r->fit, &b->memory.keep);
    return true;
}

/* The relations of articles and kinds, and what sells in each band of ages. */
static bool open_sources(bundle *b, const store *m, err *e) {
    bundle_recommend *r = &b->recommend;
    int64_t n = b->articles, bands = RECOMMEND_BANDS + 1, width = RECOMMEND_WIDTH;
    return bundle_get_sparse(m, "content", n, n, &r->content, e) &&
           bundle_get_sparse(m, "together", n, n, &r->related, e) &&
           bundle_get_sparse(m, "variants", n, n, &r->variants, e) &&
           bundle_get_sparse(m, "next", n, n, &r->next, e) &&
           bundle_get_sparse(m, "in_kind", -1, n, &r->in_kind, e) &&
           bundle_get_sparse(m, "arrivals", r->in_kind.rows, n, &r->arrivals, e) &&
           open_groups(b, m, e) &&
           bundle_get_column(m, "band", STORE_I32, b->customers, &r->band, e) &&
           bundle_within("band", r->band, b->customers, -1, RECOMMEND_BANDS, e) &&
           bundle_get(m, "band_items", STORE_I32, bands, &width, &r->band_items, e) &&
           bundle_get(m, "band_scores", STORE_F32, bands, &width, &r->band_scores, e) &&
           bundle_within("band_items", r->band_items, bands * width, -1, n, e);
}

/* Sessions, the oldest first; where each article's newest ones are is found anew. */
static bool open_sessions(bundle *b, const store *m, err *e) {
    int64_t sessions = 0, items = 0, n = b->articles;
    const int64_t *at;
    const int32_t *item;
    scope s;
    if (store_get(m, "session_at", STORE_I64, &sessions, NULL)) sessions--;
    store_get(m, "session_item", STORE_I32, &items, NULL);
    if (!bundle_get_column(m, "session_at", STORE_I64, sessions + 1, &at, e) ||
        !bundle_get_column(m, "session_item", STORE_I32, items, &item, e) ||
        !bundle_rows("session_at", at, sessions, items, e) ||
        !bundle_within("session_item", item, items, 0, n, e))
        return false;
    for (int64_t i = 0; i < sessions; i++)
        if (at[i + 1] - at[i] > BUNDLE_VISIT)
            return fail(e, "array session_at has a session of %lld articles, at most %d",
                        (long long)(at[i + 1] - at[i]), BUNDLE_VISIT);
    size_t bytes = (size_t)(items + n) * 16 + (size_t)sessions * 8 + (1 << 20);
    if (sessions >= INT32_MAX || bytes > arena_left(&b->memory.keep))
        return fail(e, "%lld sessions do not fit the budget", (long long)sessions);
    if (!scope_open(&s, 1 << 20, bytes, e)) return false;
    bool done = session_fit(&b->recommend.sessions, sessions, n, at, item, BUNDLE_SESSIONS,
                            &b->memory.keep, s.scratch, e);
    scope_close(&s);
    return done;
}

/* The parameters of the factors, as numbers in the order in which they are published. */
static bool open_als(bundle *b, const store *m, err *e) {
    als_model *a = &b->recommend.als;
    const double *p;
    const float *item, *eigen;
    int64_t ld = -1, numbers = BUNDLE_ALS;
    if (!bundle_get(m, "als", STORE_F64, 1, &numbers, &p, e) ||
        !bundle_get(m, "als_item", STORE_F32, -1, &ld, &item, e) ||
        !bundle_get(m, "als_eigen", STORE_F32, 1, &ld, &eigen, e))
        return false;
    if (p[BUNDLE_ALS_FACTORS] == 0) return true;
    if ((double)ld < p[BUNDLE_ALS_FACTORS] || ld > 1024 || ld % 16 != 0)
        return fail(e, "array als holds %g factors in rows of %lld", p[BUNDLE_ALS_FACTORS],
                    (long long)ld);
    int64_t rows = 0;
    store_get(m, "als_item", STORE_F32, &rows, NULL);
    if (rows != b->articles)
        return fail(e, "array als_item has %lld rows, expected %lld", (long long)rows,
                    (long long)b->articles);
    a->p = ALS_DEFAULTS;
    a->p.factors = (int)p[BUNDLE_ALS_FACTORS];
    a->p.lambda = (float)p[BUNDLE_ALS_LAMBDA];
    a->p.nu = (float)p[BUNDLE_ALS_NU];
    a->p.alpha0 = (float)p[BUNDLE_ALS_ALPHA0];
    a->p.target = (als_target)p[BUNDLE_ALS_TARGET];
    a->items = (int64_t)p[BUNDLE_ALS_ITEMS];
    a->ld = (int)ld;
    a->item = (float *)(uintptr_t)item; /* read only: als_fold does not write */
    a->eigen = (float *)(uintptr_t)eigen;
    return als_check(a->p) == NULL || fail(e, "array als: %s", als_check(a->p));
}

/* The index of what taste can recommend. */
static bool index_taste(bundle *b, err *e) {
    scope s;
    bundle_recommend *r = &b->recommend;
    int ld = r->als.ld;
    size_t bytes = (size_t)b->articles * ((size_t)ld * 4 + 64);
    if (ld == 0) return true;
    if (bytes * 2 > arena_left(&b->memory.keep))
        return fail(e, "%lld articles of %d factors do not fit the budget", (long long)b->articles,
                    ld);
    if (!scope_open(&s, bytes + (1 << 20), bytes + (1 << 20), e)) return false;
    bitmap sells = bitmap_open(b->articles, &s.keep);
    float *row = take(&s.keep, float, b->articles * ld);
    for (int64_t i = 0; i < b->articles; i++) {
        if (!(r->trend[i] > 0)) continue;
        bitmap_set(&sells, i);
        for (int j = 0; j < ld; j++) row[i * ld + j] = r->als.item[i * ld + j] * r->trend[i];
    }
    r->taste = topk_open(row, b->articles, ld, &sells, &b->memory.keep, s.scratch);
    scope_close(&s);
    return true;
}

static bool open_live(bundle *b, const store *m, err *e) {
    bundle_recommend *r = &b->recommend;
    int64_t live = BUNDLE_LIVE, halves = BUNDLE_HALVES;
    return bundle_get_column(m, "trend", STORE_F32, b->articles, &r->trend, e) &&
           bundle_get(m, "live_weight", STORE_F32, 1, &live, &r->weight, e) &&
           bundle_get(m, "live_part", STORE_I32, 1, &live, &r->live_part, e) &&
           bundle_get(m, "half_life", STORE_F64, 1, &halves, &r->half_life, e) &&
           bundle_within("live_part", r->live_part, live, 0, r->parts.n, e) &&
           open_als(b, m, e) && index_taste(b, e);
}

bool bundle_open_recommend(bundle *b, const store *m, err *e) {
    bundle_recommend *r = &b->recommend;
    int64_t n = b->articles;
    r->has = open_lists(r, m, b->customers, e) &&
             bundle_within("user_items", r->items, b->customers * r->k, -1, n, e) &&
             open_related(&r->similar, m, n, "similar_items", "similar_scores", e) &&
             open_related(&r->together, m, n, "together_items", "together_scores", e) &&
             open_ranking(&r->popular, m, n, "popular_items", "popular_scores", e) &&
             open_ranking(&r->trending, m, n, "trending_items", "trending_scores", e) &&
             open_log(b, m, "history", &r->history, e) &&
             open_log(b, m, "looks", &r->looks, e) && open_sources(b, m, e) &&
             open_sessions(b, m, e) && open_live(b, m, e);
    return r->has;
}
