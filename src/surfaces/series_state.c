/* series_state: forecasts of single series in a file, for a table that grows. */
#include "surfaces/series_state.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "base/simd.h"
#include "data/folder.h"
#include "data/store.h"

static const char kind[] = "series-state";

/* The columns of the array "told", one row a series. */
enum { TOLD_KIND, TOLD_GUARDS, TOLD_DEMAND, TOLD_ORIGINS, TOLD_MEMBERS, TOLD_ALL };

typedef struct kept_forecasts {
    const store *file;
    int64_t n;
    const int32_t *told;              /* [n, TOLD_ALL] */
    const int64_t *values;            /* [n] of the history */
    const int64_t *first;             /* [n] the first of its members */
    const double *mean, *low, *high, *scores, *variance;
    const int32_t *member;            /* [members, 2] kind, season */
    const double *member_of;          /* [members, 2] error, weight */
} kept_forecasts;

static hash_text values_hash(const series_one *one, int64_t n) {
    return hash_of((slice){(const char *)one->y, sizeof(double) * (size_t)n});
}

hash_text series_state_key(const series_state *st, const series_one *one,
                           const forecaster_params *p, arena scratch) {
    const series_results *r = st->results;
    hash_text values = values_hash(one, one->n);
    hash_text name = hash_of(one->name);
    char *what = arena_text(&scratch, "%s %s %s %s %s %d %d %d %d %d %d %.17g %d %s %d %.17g %.17g",
                            embed_build, simd_name(simd_level()), name.hex, values.hex,
                            forecaster_name(p->kind), one->n, p->season, p->ets.season, p->window,
                            p->origins, p->units, p->slack, p->ets.iterations, p->ets.form,
                            p->ets.trend, p->ets.slack, p->ets.least_share);
    for (int i = 0; i < FORECASTER_MORE; i++)
        what = arena_text(&scratch, "%s %d", what, p->more[i]);
    what = arena_text(&scratch, "%s %llu %llu %d", what, (unsigned long long)p->seed,
                      (unsigned long long)p->stream, r->horizon);
    for (int l = 0; l < r->n_levels; l++)
        what = arena_text(&scratch, "%s %.17g", what, r->levels[l]);
    return hash_of(slice_of(what));
}

/* An array of the file with these columns; *whole turns false when it is not there. */
static const void *get(const store *m, const char *name, store_type type, int64_t rows,
                       int64_t cols, bool *whole) {
    int64_t has_rows, has_cols;
    const void *at = store_get(m, name, type, &has_rows, &has_cols);
    bool right = at && has_rows == rows && has_cols == cols;
    *whole = *whole && right;
    return right ? at : NULL;
}

static bool read_kept(kept_forecasts *k, const series_results *r) {
    const store *m = k->file;
    int64_t rows = k->n, members = store_texts(m, "member_model"), h = r->horizon;
    bool whole = members >= 0 && store_texts(m, "key") == rows && store_texts(m, "model") == rows &&
                 store_texts(m, "history") == rows;
    k->told = get(m, "told", STORE_I32, rows, TOLD_ALL, &whole);
    k->values = get(m, "values", STORE_I64, rows, 1, &whole);
    k->first = get(m, "first", STORE_I64, rows, 1, &whole);
    k->member = get(m, "member", STORE_I32, members, 2, &whole);
    k->member_of = get(m, "member_of", STORE_F64, members, 2, &whole);
    k->variance = get(m, "variance", STORE_F64, rows, 1, &whole);
    for (int64_t i = 0; whole && i < rows; i++) {
        int32_t of = k->told[i * TOLD_ALL + TOLD_MEMBERS];
        whole = of >= 0 && of <= FORECASTER_MEMBERS && k->first[i] >= 0 &&
                k->first[i] + of <= members;
    }
    bool same_shape = whole; /* else no key can be met: those were of other options */
    k->mean = get(m, "mean", STORE_F64, rows, h, &same_shape);
    k->low = get(m, "low", STORE_F64, rows, h * r->n_levels, &same_shape);
    k->high = get(m, "high", STORE_F64, rows, h * r->n_levels, &same_shape);
    if (r->scores)
        k->scores = get(m, "scores", STORE_F64, rows, h * r->n_levels * r->origins, &same_shape);
    if (!same_shape) k->mean = NULL;
    return whole;
}

bool series_state_open(series_state *st, const char *path, const series_table *t,
                       series_results *results, scope *s, err *e) {
    *st = (series_state){.path = path, .t = t, .results = results};
    st->key = take(&s->keep, hash_text, t->n);
    st->since = take(&s->keep, series_since, t->n);
    if (!file_exists(path)) return true;
    kept_forecasts *k = take(&s->keep, kept_forecasts, 1);
    k->file = store_open(s, path, kind, e);
    if (!k->file) return fail_in(e, "--state");
    k->n = store_texts(k->file, "series");
    if (k->n < 0 || !read_kept(k, results)) {
        fail(e, "--state: %s is not whole; remove it, and all series are fitted anew", path);
        return fail_cause(e, "bad_data");
    }
    st->kept = k;
    return true;
}

/* The row of a series; -1: not there. Names ascend, as in every table. */
static int64_t find(const kept_forecasts *k, slice name) {
    int64_t low = 0, high = k->n - 1;
    while (low <= high) {
        int64_t middle = low + (high - low) / 2;
        int order = slice_compare(store_text(k->file, "series", middle), name);
        if (order == 0) return middle;
        if (order < 0) low = middle + 1;
        else high = middle - 1;
    }
    return -1;
}

static void copy_name(slice from, char to[FORECASTER_NAME]) {
    size_t n = from.n < FORECASTER_NAME ? from.n : FORECASTER_NAME - 1;
    memset(to, 0, FORECASTER_NAME);
    memcpy(to, from.p, n);
}

static void take_told(const kept_forecasts *k, int64_t row, forecaster_told *to) {
    const int32_t *told = k->told + row * TOLD_ALL;
    *to = (forecaster_told){.kind = (forecaster_kind)told[TOLD_KIND],
                            .guards = (unsigned)told[TOLD_GUARDS],
                            .demand = (croston_class)told[TOLD_DEMAND],
                            .origins = told[TOLD_ORIGINS],
                            .members = told[TOLD_MEMBERS]};
    copy_name(store_text(k->file, "model", row), to->model);
    for (int m = 0; m < to->members; m++) {
        int64_t at = k->first[row] + m;
        forecaster_member *one = &to->member[m];
        one->kind = (forecaster_kind)k->member[2 * at], one->season = k->member[2 * at + 1];
        one->error = k->member_of[2 * at], one->weight = k->member_of[2 * at + 1];
        copy_name(store_text(k->file, "member_model", at), one->model);
    }
}

static void copy_row(double *to, const double *from, int64_t i, int64_t row, int64_t width) {
    if (width > 0) memcpy(to + i * width, from + row * width, sizeof(double) * (size_t)width);
}

static series_since since(const series_state *st, int64_t i, int64_t row) {
    const kept_forecasts *k = st->kept;
    const series_one *one = &st->t->one[i];
    if (row < 0) return SERIES_NEW;
    if (k->mean && slice_is(store_text(k->file, "key", row), st->key[i].hex)) return SERIES_SAME;
    if (k->values[row] < 1 || one->n <= k->values[row]) return SERIES_CHANGED;
    bool same = slice_is(store_text(k->file, "history", row), values_hash(one, k->values[row]).hex);
    return same ? SERIES_GROWN : SERIES_CHANGED;
}

bool series_state_take(series_state *st, int64_t i) {
    const kept_forecasts *k = st->kept;
    series_results *r = st->results;
    int64_t row = k ? find(k, st->t->one[i].name) : -1, h = r->horizon, bounds = h * r->n_levels;
    st->since[i] = since(st, i, row);
    if (st->since[i] != SERIES_SAME) return false;
    copy_row(r->mean, k->mean, i, row, h);
    copy_row(r->low, k->low, i, row, bounds);
    copy_row(r->high, k->high, i, row, bounds);
    if (r->scores) copy_row(r->scores, k->scores, i, row, bounds * r->origins);
    r->variance[i] = k->variance[row];
    take_told(k, row, &r->told[i]);
    return true;
}

/* ---- writing ---- */

typedef struct flat { /* what is told, as arrays */
    slice *series, *model, *key, *history, *member_model;
    int32_t *told, *member;
    int64_t *values, *first, members;
    double *member_of;
} flat;

static flat flatten(const series_state *st, arena *keep) {
    int64_t n = st->t->n, members = 0;
    for (int64_t i = 0; i < n; i++) members += st->results->told[i].members;
    flat f = {.series = take(keep, slice, n), .model = take(keep, slice, n),
              .key = take(keep, slice, n), .history = take(keep, slice, n),
              .member_model = take(keep, slice, members), .told = take(keep, int32_t, TOLD_ALL *n),
              .member = take(keep, int32_t, 2 * members), .values = take(keep, int64_t, n),
              .first = take(keep, int64_t, n), .member_of = take(keep, double, 2 * members)};
    for (int64_t i = 0; i < n; i++) {
        const series_one *one = &st->t->one[i];
        const forecaster_told *told = &st->results->told[i];
        f.series[i] = one->name, f.model[i] = slice_of(told->model);
        f.key[i] = slice_of(st->key[i].hex), f.values[i] = one->n, f.first[i] = f.members;
        hash_text *history = take(keep, hash_text, 1);
        *history = values_hash(one, one->n);
        f.history[i] = slice_of(history->hex);
        int32_t row[TOLD_ALL] = {(int32_t)told->kind, (int32_t)told->guards,
                                 (int32_t)told->demand, told->origins, told->members};
        memcpy(f.told + i * TOLD_ALL, row, sizeof row);
        for (int m = 0; m < told->members; m++, f.members++) {
            const forecaster_member *of = &told->member[m];
            f.member_model[f.members] = slice_of(of->model);
            f.member[2 * f.members] = (int32_t)of->kind;
            f.member[2 * f.members + 1] = of->season;
            f.member_of[2 * f.members] = of->error, f.member_of[2 * f.members + 1] = of->weight;
        }
    }
    return f;
}

bool series_state_write(const series_state *st, scope *s, err *e) {
    const series_results *r = st->results;
    int64_t n = st->t->n, h = r->horizon, bounds = h * r->n_levels;
    flat f = flatten(st, &s->keep);
    char *half = arena_text(&s->keep, "%s.half", st->path);
    store_writer *m = store_create(s, half, kind, e);
    return m && store_put_texts(m, "series", f.series, n, e) &&
           store_put_texts(m, "key", f.key, n, e) &&
           store_put_texts(m, "history", f.history, n, e) &&
           store_put_texts(m, "model", f.model, n, e) &&
           store_put_texts(m, "member_model", f.member_model, f.members, e) &&
           store_put(m, "told", STORE_I32, n, TOLD_ALL, f.told, e) &&
           store_put(m, "values", STORE_I64, n, 1, f.values, e) &&
           store_put(m, "first", STORE_I64, n, 1, f.first, e) &&
           store_put(m, "member", STORE_I32, f.members, 2, f.member, e) &&
           store_put(m, "member_of", STORE_F64, f.members, 2, f.member_of, e) &&
           store_put(m, "variance", STORE_F64, n, 1, r->variance, e) &&
           store_put(m, "mean", STORE_F64, n, h, r->mean, e) &&
           store_put(m, "low", STORE_F64, n, bounds, r->low, e) &&
           store_put(m, "high", STORE_F64, n, bounds, r->high, e) &&
           (!r->scores ||
            store_put(m, "scores", STORE_F64, n, bounds * r->origins, r->scores, e)) &&
           store_close(m, e) && (rename(half, st->path) == 0 || fail_file(e, "write", st->path));
}

static void count(const series_state *st, int64_t to[SERIES_SINCES]) {
    memset(to, 0, sizeof(int64_t) * SERIES_SINCES);
    for (int i = 0; i < st->t->n; i++) to[st->since[i]]++;
}

void series_state_put(const series_state *st, js *out) {
    static const char *const names[SERIES_SINCES] = {"new", "reused", "grown", "changed"};
    int64_t n[SERIES_SINCES];
    count(st, n);
    js_object(out, "state");
    for (int k = 0; k < SERIES_SINCES; k++) js_put_int(out, names[k], n[k]);
    js_end(out);
}

void series_state_say(const series_state *st) {
    int64_t n[SERIES_SINCES];
    count(st, n);
    fprintf(stderr, "%lld series are as they were and taken from %s; fitted: %lld that grew, %lld "
                    "that changed, %lld new.\n",
            (long long)n[SERIES_SAME], st->path, (long long)n[SERIES_GROWN],
            (long long)n[SERIES_CHANGED], (long long)n[SERIES_NEW]);
}
