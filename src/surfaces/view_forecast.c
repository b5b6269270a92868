/* view_forecast: the list of forecast series and one series with its history. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "surfaces/view.h"

enum { LIST_LEVEL, LIST_Q, LIST_CATEGORY, LIST_LIMIT, LIST_OFFSET };

static const char *const levels[] = {"total", "category", "article", "rest"};

/* "total", "category/Dresses", "article/0123". */
static void put_series(js *j, const bundle_forecast *f, int64_t row) {
    slice level = bundle_text(&f->level, row), name = bundle_text(&f->series, row);
    if (slice_is(level, "total")) js_put_text(j, "series", level);
    else js_putf(j, "series", "%.*s/%.*s", (int)level.n, level.p, (int)name.n, name.p);
    js_put_text(j, "level", level);
}

/* What people call the series: an article's name, else the series itself. */
static slice name_of(const bundle *b, int64_t row, arena *keep) {
    slice level = bundle_text(&b->forecast.level, row);
    slice series = bundle_text(&b->forecast.series, row);
    int64_t article = slice_is(level, "article") ? bundle_article(b, series) : -1;
    if (slice_is(level, "rest"))
        return slice_of(arena_text(keep, "%.*s: articles yet to come", (int)series.n, series.p));
    return article < 0 ? series : bundle_text(&b->article_name, article);
}

/* The category that a series is of; n = 0 for the total. */
static slice category_of(const bundle *b, int64_t row) {
    slice level = bundle_text(&b->forecast.level, row);
    slice series = bundle_text(&b->forecast.series, row);
    if (slice_is(level, "category") || slice_is(level, "rest")) return series;
    int64_t article = slice_is(level, "article") ? bundle_article(b, series) : -1;
    return article < 0 ? (slice){"", 0} : bundle_text(&b->article_category, article);
}

static bool has_part(slice whole, slice part) { /* ASCII case does not count */
    for (size_t i = 0; i + part.n <= whole.n; i++)
        if (strncasecmp(whole.p + i, part.p, part.n) == 0) return true;
    return false;
}

static bool wanted(const bundle *b, int64_t row, const param_value *p, arena *keep) {
    const bundle_forecast *f = &b->forecast;
    const param_value *level = &p[LIST_LEVEL];
    slice q = p[LIST_Q].text, category = p[LIST_CATEGORY].text;
    if (category.n > 0 && (slice_is(bundle_text(&f->level, row), "category") ||
                           slice_compare(category_of(b, row), category) != 0))
        return false;
    if (level->number >= 0 && !slice_is(bundle_text(&f->level, row), levels[level->number]))
        return false;
    return q.n == 0 || has_part(bundle_text(&f->series, row), q) ||
           has_part(name_of(b, row, keep), q);
}

int view_forecast_list(view *v) {
    const bundle_forecast *f = &v->b->forecast;
    const param_value *p = v->values;
    int64_t total = 0, from = p[LIST_OFFSET].number, to = from + p[LIST_LIMIT].number;
    if (!f->has) return view_missing(v, "this bundle has no forecasts: the shop had no purchases");
    js_array(v->j, "series");
    for (int64_t row = 0; row < f->n; row++) {
        if (!wanted(v->b, row, p, v->keep)) continue;
        int64_t at = total++;
        if (at < from || at >= to) continue;
        const float *mean = f->mean + row * f->weeks;
        double sum = 0;
        for (int64_t w = 0; w < f->weeks; w++) sum += (double)mean[w];
        js_object(v->j, NULL);
        put_series(v->j, f, row);
        js_put_text(v->j, "name", name_of(v->b, row, v->keep));
        js_put_text(v->j, "model", bundle_text(&f->model, row));
        view_day(v->j, "start", f->start[row]);
        js_put_int(v->j, "weeks", f->weeks);
        view_number(v->j, "units", sum);
        if (f->past > 0)
            view_number(v->j, "last_week", (double)f->history[(row + 1) * f->past - 1]);
        js_end(v->j);
    }
    js_end(v->j);
    js_put_int(v->j, "total", total);
    return 200;
}

static void put_floats(js *j, const char *key, const float *x, int64_t n) {
    js_array(j, key);
    for (int64_t i = 0; i < n; i++) view_number(j, NULL, (double)x[i]);
    js_end(j);
}

static void put_weeks(js *j, int32_t first, int64_t n) {
    js_array(j, "weeks");
    for (int64_t i = 0; i < n; i++) view_day(j, NULL, first + 7 * (int32_t)i);
    js_end(j);
}

/* Words separated by spaces as an array. */
static void put_guards(js *j, slice words) {
    js_array(j, "guards");
    while (words.n > 0) {
        const char *space = memchr(words.p, ' ', words.n);
        size_t n = space ? (size_t)(space - words.p) : words.n;
        js_put_text(j, NULL, (slice){words.p, n});
        n += space != NULL;
        words = (slice){words.p + n, words.n - n};
    }
    js_end(j);
}

/* Splits "category/Dresses" at its first slash; "total" alone stands for total/total. */
static int64_t find_series(const bundle *b, slice path) {
    const char *slash = memchr(path.p, '/', path.n);
    if (!slash) return slice_is(path, "total") ? bundle_series(b, path, path) : -1;
    slice level = {path.p, (size_t)(slash - path.p)};
    return bundle_series(b, level, (slice){slash + 1, path.n - level.n - 1});
}

int view_forecast_one(view *v) {
    const bundle_forecast *f = &v->b->forecast;
    slice path = v->values[0].text;
    if (!f->has) return view_missing(v, "this bundle has no forecasts: the shop had no purchases");
    int64_t row = find_series(v->b, path), empty = 0;
    if (row < 0)
        return view_missing(v, "no forecast for '%.*s'; series are named total, category/NAME and "
                            "article/ID, and GET /v1/forecasts?q=… finds them",
                            (int)path.n, path.p);
    int32_t start = f->start[row];
    put_series(v->j, f, row);
    js_put_text(v->j, "name", name_of(v->b, row, v->keep));
    slice category = category_of(v->b, row);
    if (category.n > 0) js_put_text(v->j, "category", category);
    else js_put_null(v->j, "category");
    js_put_text(v->j, "model", bundle_text(&f->model, row));
    put_guards(v->j, bundle_text(&f->guards, row));
    put_weeks(v->j, start, f->weeks);
    put_floats(v->j, "mean", f->mean + row * f->weeks, f->weeks);
    put_floats(v->j, "low", f->low + row * f->weeks, f->weeks);
    put_floats(v->j, "high", f->high + row * f->weeks, f->weeks);
    const float *past = f->history + row * f->past;
    while (empty < f->past && isnan(past[empty])) empty++;
    js_object(v->j, "history");
    put_weeks(v->j, start - 7 * (int32_t)(f->past - empty), f->past - empty);
    put_floats(v->j, "units", past + empty, f->past - empty);
    js_end(v->j);
    slice found = bundle_text(&f->detections, row);
    if (found.n > 0) js_put_raw(v->j, "detections", found);
    else js_put_null(v->j, "detections");
    return 200;
}
