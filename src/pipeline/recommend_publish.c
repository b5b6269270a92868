/* recommend_publish: lists for every customer and article, as the server maps them. */
#include "pipeline/recommend_publish.h"

#include <string.h>

#include "data/store.h"
#include "models/recommend/neighbours.h"
#include "pipeline/recommend_score.h"

enum { LIST = 50, SIMILAR = 24, BLOCK = 32768 };

typedef struct user_lists {
    int32_t *items;
    float *scores;
    uint8_t *reason, *cold, *model;
} user_lists;

/* Customers in blocks: candidates of all at once would not fit beside a large shop. */
static user_lists all_users(work *w, const recommend_fit *m, scope *s) {
    int64_t n = m->d->customers;
    user_lists l = {take(&s->keep, int32_t, n * LIST), take(&s->keep, float, n * LIST),
                    take(&s->keep, uint8_t, n * LIST), take(&s->keep, uint8_t, n),
                    take(&s->keep, uint8_t, n)};
    for (int64_t from = 0; from < n; from += BLOCK) {
        arena keep = s->scratch;
        arena inner = arena_split(&keep, arena_left(&keep) / 2);
        int64_t rows = n - from < BLOCK ? n - from : BLOCK;
        int32_t *customers = take(&keep, int32_t, rows);
        for (int64_t i = 0; i < rows; i++) customers[i] = (int32_t)(from + i);
        hybrid_problem p = recommend_candidates(m, customers, rows, w->threads, &keep, inner);
        hybrid_lists to = {LIST, l.items + from * LIST, l.scores + from * LIST,
                           l.reason + from * LIST};
        hybrid_blend(&p, m->p.weights, to, w->threads);
        work_tick(w, "recommend: lists", from + rows, n);
    }
    for (int64_t c = 0; c < n; c++) {
        l.cold[c] = sparse_degree(&m->own, c) == 0;
        l.model[c] = l.cold[c];
    }
    return l;
}

static bool write_users(store_writer *out, const recommend_fit *m, const user_lists *l, err *e) {
    int64_t n = m->d->customers;
    slice reasons[RECOMMEND_SOURCES], models[] = {SLICE("hybrid"), SLICE("popularity")};
    for (int i = 0; i < RECOMMEND_SOURCES; i++) reasons[i] = slice_of(recommend_reasons[i]);
    return store_put(out, "user_items", STORE_I32, n, LIST, l->items, e) &&
           store_put(out, "user_scores", STORE_F32, n, LIST, l->scores, e) &&
           store_put(out, "user_reason", STORE_U8, n, LIST, l->reason, e) &&
           store_put(out, "user_cold", STORE_U8, n, 1, l->cold, e) &&
           store_put(out, "user_model", STORE_U8, n, 1, l->model, e) &&
           store_put_texts(out, "reasons", reasons, RECOMMEND_SOURCES, e) &&
           store_put_texts(out, "models", models, 2, e);
}

static bool write_similar(work *w, store_writer *out, const recommend_fit *m, scope *s, err *e) {
    const recommend_data *d = m->d;
    int32_t *ids = take(&s->keep, int32_t, d->articles * SIMILAR);
    float *scores = take(&s->keep, float, d->articles * SIMILAR);
    neighbours_rule rule = {.k = SIMILAR, .skip_self = true};
    neighbours_sparse(&d->vectors, &m->by_term, rule, ids, scores, w->threads);
    return store_put(out, "similar_items", STORE_I32, d->articles, SIMILAR, ids, e) &&
           store_put(out, "similar_scores", STORE_F32, d->articles, SIMILAR, scores, e);
}

static bool write_store(work *w, folder *f, const recommend_fit *m, scope *s, err *e) {
    store_writer *out = store_create(s, folder_path(f, "recommend.atm"), "recommend", e);
    if (!out) return false;
    user_lists l = all_users(w, m, s);
    const int32_t *popular = m->popular_ids + RECOMMEND_BANDS * RECOMMEND_WIDTH;
    const float *scores = m->popular_scores + RECOMMEND_BANDS * RECOMMEND_WIDTH;
    return write_users(out, m, &l, e) && write_similar(w, out, m, s, e) &&
           store_put(out, "popular_items", STORE_I32, 1, RECOMMEND_WIDTH, popular, e) &&
           store_put(out, "popular_scores", STORE_F32, 1, RECOMMEND_WIDTH, scores, e) &&
           store_close(out, e);
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
    for (int i = 0; i < RECOMMEND_MODELS; i++) js_put_word(report, NULL, recommend_models[i]);
    js_end(report);
    js_array(report, "series");
    js_object(report, NULL);
    js_put_word(report, "name", "MAP@12");
    for (int p = 0; p < 3; p++) {
        js_array(report, parts[p][0]);
        for (int i = 0; i < RECOMMEND_MODELS; i++)
            js_put_real(report, NULL, part(metric_of(models, recommend_models[i]), parts[p][1]));
        js_end(report);
    }
    js_end(report);
    js_end(report);
    js_end(report);
}

static bool put_tile(work *w, scope *s, js *report, err *e) {
    slice bytes, verdict = {0};
    const char *path = work_path(w, &s->keep, "08_evaluate", "evaluation.json");
    const js_node *mine = NULL;
    if (file_exists(path)) {
        if (!file_read(path, s, (size_t)64 << 20, &bytes, e)) return false;
        mine = js_get(js_parse(s, bytes, e), "recommend");
    }
    const js_node *models = js_get(mine, "models");
    if (!models || !js_text(js_get(mine, "verdict"), &verdict)) {
        js_put_word(report, "skipped", "there is no evaluation of recommendations");
        return true;
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
    return true;
}

bool recommend_publish(work *w, folder *f, scope *s, js *report, err *e) {
    recommend_data d;
    recommend_fit m;
    recommend_params p = recommend_defaults(w->seed);
    recommend_get(work_tuned(w, s, "recommend"), &p);
    return recommend_load(&d, w, w->days.end, &s->keep, s->scratch, e) &&
           recommend_fit_all(&m, &d, p, w->days.end, w->threads, &s->keep, s->scratch, e) &&
           write_store(w, f, &m, s, e) && put_tile(w, s, report, e);
}
