/* recommend_publish: lists for every customer and article, as the server maps them. */
#include "pipeline/recommend_publish.h"

#include <math.h>
#include <string.h>

#include "data/store.h"
#include "models/recommend/neighbours.h"
#include "models/recommend/popular.h"
#include "pipeline/live_visits.h"
#include "pipeline/recommend_file.h"
#include "pipeline/recommend_rank.h"
#include "pipeline/recommend_ranker.h"
#include "pipeline/recommend_score.h"

enum { LIST = 50, SIMILAR = 24, BLOCK = 32768, TRENDING = 500 };

/* ---- lists of all customers ---- */

enum { USER_ITEMS, USER_SCORES, USER_PART, USER_PART_VALUE, USER_ARRAYS };

/* The BUNDLE_TOP parts of one score that are largest in size; ties: the earlier part. */
static void top_parts(const float *parts, uint8_t *part, float *value) {
    for (int p = 0; p < RECOMMEND_PARTS; p++) {
        int at = BUNDLE_TOP;
        while (at > 0 && fabsf(parts[p]) > fabsf(value[at - 1])) at--;
        for (int i = BUNDLE_TOP - 1; i > at; i--) part[i] = part[i - 1], value[i] = value[i - 1];
        if (at < BUNDLE_TOP && parts[p] != 0) part[at] = (uint8_t)p, value[at] = parts[p];
    }
}

/* Lists of a block of customers. */
static bool write_block(const recommend_fit *m, store_writer *out, const int *array, int64_t from,
                        pool *threads, arena scratch, err *e) {
    int64_t rows = m->d->customers - from < BLOCK ? m->d->customers - from : BLOCK;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 4);
    recommend_ranked r;
    int32_t *customers = take(&keep, int32_t, rows);
    uint8_t *part = take(&keep, uint8_t, rows * LIST * BUNDLE_TOP);
    float *value = take(&keep, float, rows * LIST * BUNDLE_TOP);
    for (int64_t i = 0; i < rows; i++) customers[i] = (int32_t)(from + i);
    if (!recommend_rank(m, (recommend_ask){customers, rows, LIST, true, NULL}, &r, threads, &keep,
                        scratch, e))
        return false;
    for (int64_t i = 0; i < rows * LIST; i++)
        if (r.ids[i] >= 0)
            top_parts(r.parts + i * RECOMMEND_PARTS, part + i * BUNDLE_TOP,
                      value + i * BUNDLE_TOP);
    return store_put_rows(out, array[USER_ITEMS], from, rows, r.ids, e) &&
           store_put_rows(out, array[USER_SCORES], from, rows, r.scores, e) &&
           store_put_rows(out, array[USER_PART], from, rows, part, e) &&
           store_put_rows(out, array[USER_PART_VALUE], from, rows, value, e);
}

static bool write_names(store_writer *out, err *e) {
    slice parts[RECOMMEND_PARTS + 1], models[] = {SLICE("hybrid"), SLICE("popularity")};
    slice names[RECOMMEND_SEGMENTS];
    for (int i = 0; i < RECOMMEND_PARTS; i++) parts[i] = slice_of(recommend_parts[i]);
    parts[RECOMMEND_PARTS] = SLICE("seen by others in such a visit");
    for (int i = 0; i < RECOMMEND_SEGMENTS; i++) names[i] = slice_of(recommend_segments[i]);
    return store_put_texts(out, "parts", parts, RECOMMEND_PARTS + 1, e) &&
           store_put_texts(out, "models", models, 2, e) &&
           store_put_texts(out, "segments", names, RECOMMEND_SEGMENTS, e);
}

/* Customers in blocks: candidates and lists of all at once would not fit beside a large shop. */
static bool write_users(work *w, store_writer *out, const recommend_fit *m, scope *s, err *e) {
    int64_t n = m->d->customers;
    const int array[USER_ARRAYS] = {
        [USER_ITEMS] = store_reserve(out, "user_items", STORE_I32, n, LIST),
        [USER_SCORES] = store_reserve(out, "user_scores", STORE_F32, n, LIST),
        [USER_PART] = store_reserve(out, "user_part", STORE_U8, n, LIST * BUNDLE_TOP),
        [USER_PART_VALUE] = store_reserve(out, "user_part_value", STORE_F32, n,
                                          LIST * BUNDLE_TOP)};
    for (int64_t from = 0; from < n; from += BLOCK) {
        if (!write_block(m, out, array, from, w->threads, s->scratch, e)) return false;
        work_tick(w, "recommend: lists", n - from < BLOCK ? n : from + BLOCK, n);
    }
    uint8_t *segment = recommend_segments_of(m->d, m->cutoff, &s->keep);
    uint8_t *cold = take(&s->keep, uint8_t, n);
    for (int64_t c = 0; c < n; c++) cold[c] = segment[c] == RECOMMEND_NEW;
    return store_put(out, "user_cold", STORE_U8, n, 1, cold, e) &&
           store_put(out, "user_model", STORE_U8, n, 1, cold, e) &&
           store_put(out, "user_segment", STORE_U8, n, 1, segment, e) && write_names(out, e);
}

/* ---- articles: alike, bought together, popular, trending ---- */

static bool put_related(store_writer *out, const char *items, const char *scores, int64_t n,
                        const int32_t *ids, const float *values, err *e) {
    return store_put(out, items, STORE_I32, n, SIMILAR, ids, e) &&
           store_put(out, scores, STORE_F32, n, SIMILAR, values, e);
}

static bool write_related(work *w, store_writer *out, const recommend_fit *m, arena scratch,
                          err *e) {
    int64_t n = m->d->articles;
    int32_t *ids = take(&scratch, int32_t, n * SIMILAR);
    float *scores = take(&scratch, float, n * SIMILAR);
    neighbours_rule rule = {.k = SIMILAR, .skip_self = true};
    neighbours_table(&m->d->vectors, &m->by_term, rule, ids, scores, w->threads, scratch);
    if (!put_related(out, "similar_items", "similar_scores", n, ids, scores, e)) return false;
    for (int64_t a = 0; a < n; a++) {
        neighbours_list list = {.k = SIMILAR, .ids = ids + a * SIMILAR,
                                .scores = scores + a * SIMILAR};
        const sparse *t = &m->together;
        for (int64_t at = t->at[a]; at < t->at[a + 1]; at++)
            if (m->active[t->col[at]] && t->col[at] != a)
                neighbours_offer(&list, t->col[at], t->value[at]);
        neighbours_sort(&list);
    }
    return put_related(out, "together_items", "together_scores", n, ids, scores, e);
}

/* How far the sales of the last week lie above the weekly mean of the four before it, in standard
 * deviations of such a count. */
static double *rising(const recommend_fit *m, arena *keep, arena scratch) {
    const recommend_data *d = m->d;
    double *now = take(keep, double, d->articles), *before = take(&scratch, double, d->articles);
    for (int64_t i = 0; i < d->n; i++) {
        int32_t age = m->cutoff - 1 - d->day[i];
        if (age >= 0 && age < 7) now[d->article[i]] += 1;
        else if (age >= 7 && age < 35) before[d->article[i]] += 0.25;
    }
    for (int64_t a = 0; a < d->articles; a++)
        now[a] = (now[a] - before[a]) / sqrt(before[a] + 1);
    return now;
}

static bool put_ranking(store_writer *out, const char *items, const char *scores,
                        const double *score, int64_t articles, int k, arena scratch, err *e) {
    int32_t *ids = take(&scratch, int32_t, k);
    float *values = take(&scratch, float, k);
    popular_top(score, articles, k, ids, values, scratch);
    return store_put(out, items, STORE_I32, 1, k, ids, e) &&
           store_put(out, scores, STORE_F32, 1, k, values, e);
}

static bool write_rankings(store_writer *out, const recommend_fit *m, arena scratch, err *e) {
    int64_t n = m->d->articles;
    int most = n < TRENDING ? (int)n : TRENDING, all = m->n_active > 0 ? (int)m->n_active : 1;
    double *popular = take(&scratch, double, n);
    for (int64_t a = 0; a < n; a++) popular[a] = m->active[a] ? m->popular[a] : 0;
    double *trend = rising(m, &scratch, scratch);
    return put_ranking(out, "popular_items", "popular_scores", popular, n, all, scratch, e) &&
           put_ranking(out, "trending_items", "trending_scores", trend, n, most, scratch, e);
}

/* ---- what lists made at request time need ---- */

static bool write_factors(store_writer *out, const recommend_fit *m, arena scratch, err *e) {
    const als_model *a = &m->als;
    double p[BUNDLE_ALS] = {0};
    float none[16] = {0};
    if (m->has_als) {
        p[BUNDLE_ALS_FACTORS] = a->p.factors;
        p[BUNDLE_ALS_LAMBDA] = (double)a->p.lambda;
        p[BUNDLE_ALS_NU] = (double)a->p.nu;
        p[BUNDLE_ALS_ALPHA0] = (double)a->p.alpha0;
        p[BUNDLE_ALS_TARGET] = a->p.target;
        p[BUNDLE_ALS_ITEMS] = (double)live_took_part(a);
    }
    float *trend = live_trend(m, &scratch);
    int64_t rows = m->has_als ? a->items : 1, ld = m->has_als ? a->ld : 16;
    return store_put(out, "als", STORE_F64, 1, BUNDLE_ALS, p, e) &&
           store_put(out, "als_item", STORE_F32, rows, ld, m->has_als ? a->item : none, e) &&
           store_put(out, "als_eigen", STORE_F32, 1, ld, m->has_als ? a->eigen : none, e) &&
           store_put(out, "trend", STORE_F32, m->d->articles, 1, trend, e);
}

static bool write_weights(store_writer *out, const recommend_fit *m, const live_visits *v,
                          arena scratch, err *e) {
    float weight[BUNDLE_LIVE];
    int32_t part[BUNDLE_LIVE];
    double half[BUNDLE_HALVES] = {[BUNDLE_HALF_TASTE] = m->p.als_half_life,
                                  [BUNDLE_HALF_NEAR] = m->p.profile_half_life,
                                  [BUNDLE_HALF_OWN] = m->p.own_half_life,
                                  [BUNDLE_HALF_LOOKS] = m->p.looks_half_life};
    memcpy(weight, m->p.weights.of, sizeof *weight * RECOMMEND_SOURCES);
    for (int i = 0; i < BUNDLE_LIVE; i++)
        part[i] = i == BUNDLE_SESSION ? RECOMMEND_PARTS : i; /* the last of the texts */
    return live_visits_weight(&weight[BUNDLE_SESSION], m, v, scratch, e) &&
           store_put(out, "session_at", STORE_I64, v->n + 1, 1, v->at, e) &&
           store_put(out, "session_item", STORE_I32, v->at[v->n], 1, v->item, e) &&
           store_put(out, "live_weight", STORE_F32, 1, BUNDLE_LIVE, weight, e) &&
           store_put(out, "live_part", STORE_I32, 1, BUNDLE_LIVE, part, e) &&
           store_put(out, "half_life", STORE_F64, 1, BUNDLE_HALVES, half, e);
}

static bool write_store(work *w, folder *f, const recommend_fit *m, scope *s, err *e) {
    store_writer *out = store_create(s, folder_path(f, "recommend.atm"), "recommend", e);
    live_visits v;
    return out && live_visits_load(&v, w, m, &s->keep, s->scratch, e) &&
           write_users(w, out, m, s, e) && write_related(w, out, m, s->scratch, e) &&
           write_rankings(out, m, s->scratch, e) && write_factors(out, m, s->scratch, e) &&
           write_weights(out, m, &v, s->scratch, e) &&
           recommend_file_put(out, m, s->scratch, e) && store_close(out, e);
}

/* ---- the tile of the home page, from what step 08 found ---- */

static const js_node *metric_of(const js_node *models, const char *name) {
    for (int64_t i = 0; i < js_count(models); i++) {
        slice is;
        if (js_text(js_get(js_at(models, i), "name"), &is) && slice_is(is, name))
            return js_get(js_get(js_at(models, i), "metrics"), "map_at_12");
    }
    return NULL;
}

static double part(const js_node *metric, const char *name) {
    double value = 0;
    js_real(js_get(metric, name), &value);
    return value;
}

static void put_chart(const js_node *models, js *report) {
    static const char *const parts[][2] = {{"values", "value"}, {"low", "low"}, {"high", "high"}};
    js_object(report, "chart");
    js_put_word(report, "kind", "bar");
    js_put_word(report, "x_title", "model");
    js_put_word(report, "y_title", "MAP@12");
    js_array(report, "x");
    for (int i = 0; i < RECOMMEND_MODELS; i++) js_put_word(report, NULL, recommend_model_name(i));
    js_end(report);
    js_array(report, "series");
    js_object(report, NULL);
    js_put_word(report, "name", "MAP@12");
    for (int p = 0; p < 3; p++) {
        js_array(report, parts[p][0]);
        for (int i = 0; i < RECOMMEND_MODELS; i++)
            js_put_real(report, NULL,
                        part(metric_of(models, recommend_model_name(i)), parts[p][1]));
        js_end(report);
    }
    js_end(report);
    js_end(report);
    js_end(report);
}

static void put_tile(work *w, scope *s, js *report) {
    slice verdict = {0};
    const js_node *mine = work_report(w, s, "08_evaluate", "evaluation.json", "recommend");
    const js_node *models = js_get(mine, "models");
    if (!models || !js_text(js_get(mine, "verdict"), &verdict)) {
        js_put_word(report, "skipped", "there is no evaluation of recommendations");
        return;
    }
    double hybrid = part(metric_of(models, "hybrid"), "value");
    double popular = part(metric_of(models, "popularity"), "value");
    js_put_null(report, "skipped");
    js_object(report, "headline");
    js_put_word(report, "label", "MAP@12");
    js_put_real(report, "value", hybrid);
    js_put_word(report, "format", "ratio");
    js_putf(report, "note", "popularity %.4f", popular);
    js_end(report);
    js_putf(report, "sentence",
            "Of 12 articles shown, the hybrid ranks what customers buy in the next weeks with "
            "MAP@12 %.4f; the most popular articles reach %.4f.",
            hybrid, popular);
    js_put_text(report, "verdict", verdict);
    put_chart(models, report);
}

bool recommend_publish(work *w, folder *f, scope *s, js *report, err *e) {
    recommend_data d;
    recommend_fit m;
    if (!recommend_fit_served(&m, &d, w, s, e) || !write_store(w, f, &m, s, e)) return false;
    put_tile(w, s, report);
    return true;
}
