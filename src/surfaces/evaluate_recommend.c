/* evaluate_recommend: recommenders against what users took next, with intervals over users. */
#include <string.h>

#include "models/metrics.h"
#include "models/metrics_rank.h"
#include "surfaces/evaluate.h"
#include "surfaces/recommend_exam.h"

enum { SEGMENTS = EXAM_HISTORY + EXAM_RECENCY, ALL = -1, NONE = -1 };

/* One number to report: a model's metric, or what it has more than another's, of a segment. */
typedef struct cell {
    int model, than, metric, segment; /* than NONE; segment ALL, by history, then by recency */
    metrics_interval is;
} cell;

typedef struct table {
    const exam *q;
    uint64_t seed;
    cell *at;
    int n;
} table;

static bool in_segment(const exam_window *w, int64_t row, int segment) {
    if (segment == ALL) return true;
    if (segment < EXAM_HISTORY) return w->history[row] == segment;
    return w->recency && w->recency[row] == segment - EXAM_HISTORY;
}

/* The mean over rows (users in windows); users are resampled, with all their windows. */
static void estimate(void *what, int64_t chunk, arena scratch) {
    const table *t = what;
    const exam *q = t->q;
    cell *c = &t->at[chunk];
    double *top = take(&scratch, double, q->x.users), *bottom = take(&scratch, double, q->x.users);
    for (int i = 0; i < q->n_windows; i++) {
        const exam_window *w = &q->windows[i];
        const double *value = w->value[c->model][c->metric];
        const double *than = c->than == NONE ? NULL : w->value[c->than][c->metric];
        for (int64_t r = 0; r < w->n; r++) {
            if (!in_segment(w, r, c->segment)) continue;
            top[w->user[r]] += value[r] - (than ? than[r] : 0);
            bottom[w->user[r]]++;
        }
    }
    int64_t n = 0, rows = 0;
    for (int64_t u = 0; u < q->x.users; u++) {
        if (bottom[u] == 0) continue;
        rows += (int64_t)bottom[u];
        top[n] = top[u];
        bottom[n++] = bottom[u];
    }
    c->is = metrics_bootstrap_ratio(top, bottom, n, t->seed, METRICS_RESAMPLES, scratch);
    c->is.n = rows;
}

static const char *segment_of(int segment) {
    if (segment == ALL) return "all";
    return segment < EXAM_HISTORY ? exam_history[segment] : exam_recency[segment - EXAM_HISTORY];
}

/* Metrics that are told: MAP@12 is the same as MAP@k when k is 12. */
static bool told(const exam *q, int metric, int segment) {
    if (metric == EXAM_METRICS - 1) return q->k != 12;
    return segment == ALL || metric == 0 || metric == 1 || metric == 3; /* hr, ndcg, map */
}

static int64_t rows_of(const exam *q, int segment) {
    int64_t n = 0;
    for (int i = 0; i < q->n_windows; i++)
        for (int64_t r = 0; r < q->windows[i].n; r++) n += in_segment(&q->windows[i], r, segment);
    return n;
}

static void add_cells(table *t, int model, int than, int segment) {
    for (int metric = 0; metric < EXAM_METRICS; metric++)
        if (told(t->q, metric, segment))
            t->at[t->n++] = (cell){.model = model, .than = than, .metric = metric,
                                   .segment = segment};
}

/* All cells: models, then differences to the first, then segments that anybody is in. */
static table make_table(const exam *q, bench *b, scope *s) {
    int most = EXAM_METRICS * q->n_models * (2 + SEGMENTS);
    table t = {q, b->seed, take(&s->keep, cell, most), 0};
    for (int m = 0; m < q->n_models; m++) add_cells(&t, m, NONE, ALL);
    for (int m = 1; m < q->n_models; m++) add_cells(&t, 0, m, ALL);
    for (int g = 0; g < SEGMENTS; g++)
        for (int m = 0; m < q->n_models && rows_of(q, g) > 0; m++) add_cells(&t, m, NONE, g);
    pool_for(b->threads, t.n, estimate, &t);
    return t;
}

static const char *name_of(const exam *q, int metric, scope *s) {
    return arena_text(&s->keep, "%s@%d", exam_metrics[metric], exam_place(q, metric));
}

/* "metrics" of one model, difference and segment; the cells stand together. */
static void put_metrics(js *out, const table *t, cell like, scope *s) {
    js_object(out, "metrics");
    for (int i = 0; i < t->n; i++) {
        const cell *c = &t->at[i];
        if (c->model != like.model || c->than != like.than || c->segment != like.segment) continue;
        js_object(out, name_of(t->q, c->metric, s));
        js_put_real(out, "value", c->is.mean);
        js_put_real(out, "low", c->is.low);
        js_put_real(out, "high", c->is.high);
        js_put_int(out, "n", c->is.n);
        js_end(out);
    }
    const int64_t *shown = t->q->models[like.model].shown;
    int64_t items = t->q->x.items, distinct = 0;
    for (int64_t i = 0; i < items; i++) distinct += shown[i] > 0;
    double whole[] = {(double)distinct / (double)items,
                      metrics_rank_gini(shown, items, s->scratch)};
    for (int i = 0; i < 2 && like.than == NONE && like.segment == ALL; i++) {
        js_object(out, arena_text(&s->keep, "%s@%d", i ? "gini" : "coverage", t->q->k));
        js_put_real(out, "value", whole[i]); /* of all lists together: nothing to resample */
        js_put_null(out, "low");
        js_put_null(out, "high");
        js_end(out);
    }
    js_end(out);
}

static void put_models(js *out, const table *t, scope *s) {
    const exam *q = t->q;
    js_array(out, "models");
    for (int m = 0; m < q->n_models; m++) {
        const exam_model *of = &q->models[m];
        js_object(out, NULL);
        js_put_word(out, "name", of->r->name);
        js_put_bool(out, "baseline", of->baseline);
        js_put_word(out, "set", exam_set_of(of->r, &of->p, s));
        if (of->r == &recommender_hybrid) js_put_word(out, "blend", exam_blend_of(&of->p, s));
        js_put_fixed(out, "fit_s", of->fit_s, 6);
        js_put_fixed(out, "recommend_s", of->recommend_s, 6);
        put_metrics(out, t, (cell){.model = m, .than = NONE, .segment = ALL}, s);
        js_end(out);
    }
    js_end(out);
    js_array(out, "differences");
    for (int m = 1; m < q->n_models; m++) {
        js_object(out, NULL);
        js_putf(out, "name", "%s - %s", q->models[0].r->name, q->models[m].r->name);
        put_metrics(out, t, (cell){.model = 0, .than = m, .segment = ALL}, s);
        js_end(out);
    }
    js_end(out);
}

static void put_segments(js *out, const table *t, scope *s) {
    const exam *q = t->q;
    js_array(out, "segments");
    for (int g = 0; g < SEGMENTS; g++) {
        int64_t rows = rows_of(q, g);
        if (rows == 0) continue;
        js_object(out, NULL);
        js_put_word(out, "by", g < EXAM_HISTORY ? "items before" : "recency");
        js_put_word(out, "name", segment_of(g));
        js_put_int(out, "users", rows);
        js_array(out, "models");
        for (int m = 0; m < q->n_models; m++) {
            js_object(out, NULL);
            js_put_word(out, "name", q->models[m].r->name);
            put_metrics(out, t, (cell){.model = m, .than = NONE, .segment = g}, s);
            js_end(out);
        }
        js_end(out);
        js_end(out);
    }
    js_end(out);
}

static void put_windows(js *out, const exam *q, scope *s) {
    js_array(out, "windows");
    for (int i = 0; i < q->n_windows; i++) {
        const exam_window *w = &q->windows[i];
        js_object(out, NULL);
        if (w->until > 0) {
            js_put_word(out, "from", day_text(&s->keep, w->from));
            js_put_word(out, "until", day_text(&s->keep, w->until));
        }
        js_put_int(out, "users", w->n);
        js_put_int(out, "train", w->train);
        js_put_int(out, "answers", w->answers);
        js_end(out);
    }
    js_end(out);
}

/* The same numbers as rows: model, metric, segment, value, low, high, users. */
static columns rows_for_people(const table *t, scope *s) {
    static const char *const names[] = {"model", "metric", "users_are", "value",
                                        "low",   "high",   "users"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_I64};
    const exam *q = t->q;
    columns c = columns_new(&s->keep, 7, names, types, t->n);
    for (int i = 0; i < t->n; i++) {
        const cell *of = &t->at[i];
        const char *model = q->models[of->model].r->name;
        if (of->than != NONE)
            model = arena_text(&s->keep, "%s - %s", model, q->models[of->than].r->name);
        c.at[0].text[i] = slice_of(model);
        c.at[1].text[i] = slice_of(name_of(q, of->metric, s));
        c.at[2].text[i] = slice_of(segment_of(of->segment));
        c.at[3].real[i] = of->is.mean;
        c.at[4].real[i] = of->is.low;
        c.at[5].real[i] = of->is.high;
        c.at[6].i64[i] = of->is.n;
    }
    return c;
}

bool evaluate_recommend(const args *a, scope *s, js *out, err *e) {
    if (evaluate_shop_is(a)) return evaluate_shop(a, s, out, e);
    if (evaluate_cold_is(args_text(a, "split"))) return evaluate_cold(a, s, out, e);
    bench b;
    exam *q = take(&s->keep, exam, 1);
    double clock = args_clock();
    if (!verb_open(a, s, &b, e) || !exam_open(a, &b, q, s, out, e)) return false;
    q->time.read_s = args_lap(&clock);
    if (!exam_run(a, &b, q, s, e)) return false;
    clock = args_clock();
    table t = make_table(q, &b, s);
    js_put_word(out, "split", args_given(a, "split") ? args_text(a, "split") : "last");
    js_put_int(out, "users", rows_of(q, ALL));
    js_put_int(out, "items", q->x.items);
    js_put_int(out, "train", q->windows[0].train);
    js_put_int(out, "answers", q->windows[0].answers);
    put_windows(out, q, s);
    int named = 0;
    for (int m = 0; m < q->n_models; m++) named += !q->models[m].baseline;
    if (named == 1) put_metrics(out, &t, (cell){.model = 0, .than = NONE, .segment = ALL}, s);
    put_models(out, &t, s);
    put_segments(out, &t, s);
    exam_put_tuning(out, q->models, q->n_models, s);
    q->time.score_s += args_lap(&clock);
    columns c = rows_for_people(&t, s);
    if (!db_put(b.d, "scores", &c, e) || !verb_write(a, &b, "scores", e)) return false;
    q->time.write_s = args_lap(&clock);
    args_timing(out, &q->time);
    return true;
}
