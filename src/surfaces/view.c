/* view: what views share: refusals, articles, numbers, days. */
#include "surfaces/view.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

int64_t view_clock_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* An empty object with the request's id, ready for members. */
static void start_over(view *v) {
    text_clear(&v->j->out);
    v->j->depth = 0;
    v->j->first = true;
    v->whole = false;
    v->type = "application/json";
    js_object(v->j, NULL);
    js_put_word(v->j, "request_id", v->request_id);
}

int view_missing(view *v, const char *format, ...) {
    text hint = {0};
    va_list args;
    va_start(args, format);
    text_addv(&hint, format, args);
    va_end(args);
    start_over(v);
    js_put_word(v->j, "detail", "Not Found");
    js_put_text(v->j, "hint", text_slice(&hint));
    text_free(&hint);
    return 404;
}

int view_mistake(view *v, const param_mistake *m) {
    start_over(v);
    js_array(v->j, "detail");
    params_mistake(v->j, m);
    js_end(v->j);
    return 422;
}

void view_no_category(const bundle *b, const param *p, slice name, arena *keep, js *mistakes) {
    enum { SHOWN = 2000 };
    int n = b->n_categories < SHOWN ? b->n_categories : SHOWN;
    const char *names[SHOWN];
    size_t left = 128 << 10; /* of the request's memory, for the names */
    for (int c = 0; c < n; c++) {
        size_t need = b->categories[c].n + 128;
        if (need > left || arena_left(keep) < need + 8192) n = c;
        else names[c] = slice_copy(keep, b->categories[c]), left -= need;
    }
    const char *near = slice_nearest(name, names, n);
    params_mistake(mistakes, &(param_mistake){
        "enum", "query", p->name,
        near ? arena_text(keep, "Input should be a category of this shop; '%.80s' is near", near)
             : "Input should be a category of this shop; GET /v1/forecasts?level=category has them",
        NULL, name});
}

void view_number(js *j, const char *key, double value) {
    char out[32];
    double scaled = fabs(value) * 1e6;
    if (!isfinite(value)) {
        js_put_null(j, key);
        return;
    }
    if (scaled > 1e15 || (scaled < 1e4 && scaled > 0)) { /* large or small: significant digits */
        int n = snprintf(out, sizeof out, "%.6g", value);
        js_put_raw(j, key, (slice){out, (size_t)n});
        return;
    }
    /* The same digits as %.6f without the trailing zeros, at a tenth of its cost. */
    uint64_t whole = (uint64_t)(scaled + 0.5), fraction = whole % 1000000;
    char *end = out + sizeof out, *p = end;
    if (fraction > 0) {
        int digits = 6;
        while (fraction % 10 == 0) fraction /= 10, digits--;
        for (; digits > 0; digits--, fraction /= 10) *--p = (char)('0' + fraction % 10);
        *--p = '.';
    }
    whole /= 1000000;
    do *--p = (char)('0' + whole % 10);
    while ((whole /= 10) > 0);
    if (value < 0 && scaled >= 0.5) *--p = '-';
    js_put_raw(j, key, (slice){p, (size_t)(end - p)});
}

void view_day(js *j, const char *key, int32_t day) {
    int y, m, d;
    day_split(day, &y, &m, &d);
    js_putf(j, key, "%04d-%02d-%02d", y, m, d);
}

void view_article(js *j, const bundle *b, int64_t article) {
    js_put_text(j, "id", bundle_text(&b->article_id, article));
    js_put_text(j, "name", bundle_text(&b->article_name, article));
    js_put_text(j, "category", b->categories[b->category[article]]);
    view_number(j, "price", b->price[article] > 0 ? b->price[article] : NAN);
}

void view_model(view *v, const char *name) {
    js_object(v->j, "model");
    js_put_word(v->j, "name", name);
    js_put_text(v->j, "version", (slice){v->b->version.hex, 12});
    js_put_word(v->j, "trained_at", v->b->made);
    js_end(v->j);
}
