/* deliver_found: what a request whose answer was lost has already done on the server. */
#include <stdio.h>
#include <string.h>

#include "surfaces/deliver.h"

/* ---- runs, models, versions: by their tag ---- */

static const struct question {
    const char *call, *method, *path, *list, *inner;
} questions[] = {
    {"runs/create", "POST", "/api/2.0/mlflow/runs/search", "runs", "info"},
    {"logged-models", "POST", "/api/2.0/mlflow/logged-models/search", "models", "info"},
    {"model-versions/create", "GET", "/api/2.0/mlflow/model-versions/search", "model_versions",
     NULL},
};

static slice tag_of(const js_node *of, const char *key) {
    const js_node *tags = js_get(of, "tags");
    for (int64_t i = 0; i < js_count(tags); i++)
        if (slice_is(js_word(js_at(tags, i), "key"), key)) return js_word(js_at(tags, i), "value");
    return SLICE("");
}

/* Tags stand beside, in info or in data. */
static bool carries(const js_node *one, slice mark) {
    const js_node *places[] = {one, js_get(one, "info"), js_get(one, "data")};
    for (int i = 0; i < 3; i++) {
        slice tag = tag_of(places[i], "atelier.request");
        if (tag.n == mark.n && slice_compare(tag, mark) == 0) return true;
    }
    return false;
}

static slice search_body(delivery *d, const js_node *body, slice mark, bool runs) {
    js *j = take(&d->each.keep, js, 1);
    js_open(j, &d->each);
    js_object(j, NULL);
    js_array(j, "experiment_ids");
    js_put_text(j, NULL, js_word(body, "experiment_id"));
    js_end(j);
    if (runs) js_putf(j, "filter", "tags.`atelier.request` = '%.*s'", (int)mark.n, mark.p);
    js_put_int(j, "max_results", 50); /* the latest come first */
    js_end(j);
    return text_slice(&j->out);
}

bool deliver_found(delivery *d, const char *call, const js_node *body, const js_node **info,
                   err *e) {
    rest_answer a;
    const js_node *answer;
    const struct question *q = questions;
    arena *keep = &d->each.keep;
    slice mark = tag_of(body, "atelier.request");
    while (strcmp(q->call, call) != 0) q++;
    slice asked = SLICE("");
    const char *path = q->path;
    if (strcmp(q->method, "GET") == 0) {
        slice name = slice_of(arena_text(keep, "name='%s'", slice_copy(keep,
                                                                      js_word(body, "name"))));
        path = arena_text(keep, "%s?filter=%s&max_results=200", path, rest_escaped(name, keep));
    } else {
        asked = search_body(d, body, mark, q == questions);
    }
    *info = NULL;
    if (!deliver_call(d, &d->each, q->method, path, asked, &answer, &a, e)) return false;
    const js_node *list = js_get(answer, q->list);
    for (int64_t i = 0; i < js_count(list); i++) {
        const js_node *one = js_at(list, i);
        if (carries(one, mark)) *info = q->inner ? js_get(one, q->inner) : one;
    }
    return true;
}

/* ---- points: by the history of their metrics ---- */

/* 64-bit numbers come as numbers or as text. */
static bool whole(const js_node *n, int64_t *out) {
    slice said;
    return js_int(n, out) || (js_text(n, &said) && slice_int(said, out));
}

static bool is_same(const js_node *a, const js_node *b) {
    int64_t x, y;
    double v, w;
    bool same = whole(js_get(a, "timestamp"), &x) && whole(js_get(b, "timestamp"), &y) && x == y;
    if (!whole(js_get(a, "step"), &x)) x = 0;
    if (!whole(js_get(b, "step"), &y)) y = 0;
    return same && x == y && js_real(js_get(a, "value"), &v) && js_real(js_get(b, "value"), &w) &&
           v == w;
}

/* Marks the metrics of `all` with this key that the server has. */
static bool mark_had(delivery *d, slice run, slice key, const js_node *all, bool *had, err *e) {
    char token[4096] = "";
    do {
        scope s;
        rest_answer a;
        const js_node *answer;
        if (!scope_open(&s, (size_t)64 << 20, 0, e)) return false;
        const char *path = arena_text(
            &s.keep,
            "/api/2.0/mlflow/metrics/get-history?run_id=%s&metric_key=%s&max_results=5000%s%s",
            rest_escaped(run, &s.keep), rest_escaped(key, &s.keep), *token ? "&page_token=" : "",
            rest_escaped(slice_of(token), &s.keep));
        bool done = deliver_call(d, &s, "GET", path, SLICE(""), &answer, &a, e);
        const js_node *there = js_get(answer, "metrics");
        for (int64_t i = 0; done && i < js_count(all); i++)
            for (int64_t k = 0; k < js_count(there) && !had[i]; k++)
                had[i] = slice_compare(js_word(js_at(all, i), "key"), key) == 0 &&
                         is_same(js_at(all, i), js_at(there, k));
        slice next = js_word(answer, "next_page_token");
        snprintf(token, sizeof token, "%.*s", (int)next.n, next.p ? next.p : "");
        scope_close(&s);
        if (!done) return false;
    } while (*token);
    return true;
}

typedef enum there { ABSENT, PRESENT, UNKNOWN } there;

/* The run's own account holds the latest point (by step) of each metric: often that is enough. */
static there in_account(const js_node *latest, const js_node *point) {
    int64_t step = 0, last = 0;
    for (int64_t i = 0; i < js_count(latest); i++) {
        const js_node *one = js_at(latest, i);
        if (slice_compare(js_word(one, "key"), js_word(point, "key")) != 0) continue;
        if (!whole(js_get(point, "step"), &step)) step = 0;
        if (!whole(js_get(one, "step"), &last)) last = 0;
        return is_same(one, point) ? PRESENT : last < step ? ABSENT : UNKNOWN;
    }
    return ABSENT;
}

static bool find_points(delivery *d, slice run, const js_node *all, bool *had, err *e) {
    rest_answer a;
    const js_node *answer;
    int64_t count = js_count(all);
    arena *keep = &d->each.keep;
    const char *path = arena_text(keep, "/api/2.0/mlflow/runs/get?run_id=%s",
                                  rest_escaped(run, keep));
    if (!deliver_call(d, &d->each, "GET", path, SLICE(""), &answer, &a, e)) return false;
    const js_node *latest = js_get(js_get(js_get(answer, "run"), "data"), "metrics");
    slice *asked = take(keep, slice, count);
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++) {
        const js_node *point = js_at(all, i);
        slice key = js_word(point, "key");
        there is = in_account(latest, point);
        had[i] |= is == PRESENT;
        bool before = is != UNKNOWN;
        for (int64_t k = 0; k < n && !before; k++) before = slice_compare(asked[k], key) == 0;
        if (before) continue;
        asked[n++] = key;
        if (!mark_had(d, run, key, all, had, e)) return false;
    }
    return true;
}

bool deliver_missing(delivery *d, const js_node *body, slice *left, int64_t *n, err *e) {
    const js_node *all = js_get(body, "metrics");
    int64_t count = js_count(all);
    bool *had = take(&d->each.keep, bool, count);
    if (!find_points(d, js_word(body, "run_id"), all, had, e)) return false;
    js *j = take(&d->each.keep, js, 1);
    js_open(j, &d->each);
    js_object(j, NULL);
    js_put_text(j, "run_id", js_word(body, "run_id"));
    js_array(j, "metrics");
    *n = 0;
    for (int64_t i = 0; i < count; i++)
        if (!had[i]) js_put_node(j, NULL, js_at(all, i)), ++*n;
    js_end(j);
    if (js_get(body, "params")) js_put_node(j, "params", js_get(body, "params"));
    if (js_get(body, "tags")) js_put_node(j, "tags", js_get(body, "tags"));
    js_end(j);
    *left = text_slice(&j->out);
    return true;
}
