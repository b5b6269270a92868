/* feed_words: cards of what reviews began or ceased to like, and of what baskets hold. */
#include <math.h>

#include "pipeline/feed.h"

/* ---- reviews ---- */

static tile_chart months_chart(const feed *f, const js_node *months) {
    int64_t n = js_count(months);
    slice *x = take(&f->s->keep, slice, n);
    double *values = take(&f->s->keep, double, 3 * n);
    for (int64_t i = 0; i < n; i++) {
        js_text(js_get(js_at(months, i), "month"), &x[i]);
        values[i] = js_number(js_at(months, i), "positive_share");
        values[n + i] = js_number(js_at(months, i), "low");
        values[2 * n + i] = js_number(js_at(months, i), "high");
    }
    return (tile_chart){.kind = "line", .x_title = "Month", .y_title = "Share that likes it",
                        .series = "Share", .n = (int)n, .x = x, .values = values, .low = values + n,
                        .high = values + 2 * n};
}

/* Its last change, where the months before the newest that have reviews hold it. */
static void turn(feed *f, const js_node *one, const char *list, const char *key, int64_t i) {
    enum { RECENT = 6 }; /* months */
    const js_node *changes = js_get(one, "changes"), *months = js_get(one, "months");
    const js_node *last = js_at(changes, js_count(changes) - 1);
    int64_t n = js_count(months);
    const js_node *oldest = js_at(months, n > RECENT ? n - RECENT : 0);
    slice name, month, since;
    double low = js_number(last, "low"), high = js_number(last, "high");
    double se = (high - low) / (2 * 1.959963984540054), after = js_number(last, "after");
    double moved = js_number(last, "difference");
    if (!js_text(js_get(one, key), &name) || !js_text(js_get(last, "month"), &month) ||
        !js_text(js_get(oldest, "month"), &since) || slice_compare(month, since) < 0)
        return;
    feed_add(f, &(feed_card){
        .id = arena_text(&f->s->keep, "reviews/%s/%.*s", key, (int)name.n, name.p),
        .thing = arena_text(&f->s->keep, "reviews/%s/%.*s", key, (int)name.n, name.p),
        .page = "reviews",
        .open = feed_open(f, arena_text(&f->s->keep, "?page=reviews&trend=%s:", key), name),
        .sentence = arena_text(
            &f->s->keep, "Since %.*s %.0f %% of the reviews of %.*s like it, %.0f points %s than "
            "before (95 %%: %.0f to %.0f).", (int)month.n, month.p, 100 * after, (int)name.n,
            name.p, 100 * fabs(moved), moved < 0 ? "fewer" : "more",
            100 * (moved < 0 ? -high : low), 100 * (moved < 0 ? -low : high)),
        .money = NAN, .money_of = NULL, .sure = se > 0 ? feed_below(fabs(moved) / se) : 0,
        .sure_of = "that the share moved in this direction", .call = "/v1/reviews/trends",
        .at = arena_text(&f->s->keep, "/%s/%lld/changes/%lld/after", list, (long long)i,
                         (long long)js_count(changes) - 1),
        .value = after, .chart = months_chart(f, months)});
}

static void reviews(feed *f, const js_node *root, const char *list, const char *key) {
    const js_node *all = js_get(root, list);
    for (int64_t i = 0; i < js_count(all); i++) turn(f, js_at(all, i), list, key, i);
}

/* ---- baskets ---- */

static void pair(feed *f, const js_node *root) {
    const js_node *one = js_at(js_get(root, "articles"), 0);
    slice name, other, id, *x = take(&f->s->keep, slice, 2);
    double *values = take(&f->s->keep, double, 2), low = js_number(one, "low");
    if (!js_text(js_get(one, "name"), &name) || !js_text(js_get(one, "other_name"), &other) ||
        !js_text(js_get(one, "id"), &id) || !(low > 1))
        return;
    x[0] = SLICE("Orders with both"), values[0] = js_number(one, "n");
    x[1] = SLICE("By chance"), values[1] = js_number(one, "expected");
    feed_add(f, &(feed_card){
        .id = "baskets/pair", .thing = "baskets/pair", .page = "baskets",
        .open = feed_open(f, "?page=baskets&article=", id),
        .sentence = arena_text(
            &f->s->keep, "%.*s and %.*s stand together in %s orders where chance would put %.*f: "
            "surely %.1f times as many; show one beside the other.", (int)name.n, name.p,
            (int)other.n, other.p, feed_whole(f, values[0]), values[1] < 10 ? 1 : 0, values[1],
            low),
        .money = NAN, .sure = 0.95, .sure_of = "that the pair is that many times chance",
        .call = "/v1/baskets", .at = "/articles/0/n", .value = values[0],
        .chart = {.kind = "bar", .x_title = "Orders", .y_title = "Orders", .series = "Orders",
                  .n = 2, .x = x, .values = values}});
}

void feed_words(feed *f, const feed_tiles *t) {
    reviews(f, t->reviews, "by_category", "category");
    reviews(f, t->reviews, "aspects", "aspect");
    pair(f, t->baskets);
}
