/* feed_sales: cards of revenue, categories and articles that move, and of prices. */
#include <math.h>

#include "pipeline/feed.h"

/* What a sentence calls a category: "(none)" is how tiles call the lack of one. */
static slice called(slice category) {
    return slice_is(category, "(none)") ? SLICE("What has no category") : category;
}

/* Units of the blocks of seven days before as_of, oldest first. */
static tile_chart weeks_chart(const feed *f, const js_node *weeks, const js_node *as_of) {
    slice day;
    int32_t end = 0;
    int64_t n = js_count(weeks);
    if (!js_text(as_of, &day) || !day_parse(day, &end)) n = 0;
    slice *x = take(&f->s->keep, slice, n);
    double *values = take(&f->s->keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        x[i] = slice_of(day_text(&f->s->keep, end - 7 * (int32_t)(n - i)));
        if (!js_real(js_at(weeks, i), &values[i])) values[i] = NAN;
    }
    return (tile_chart){.kind = "line", .x_title = "Week from", .y_title = "Units",
                        .series = "Units", .n = (int)n, .x = x, .values = values};
}

/* ---- revenue as a whole ---- */

static const js_node *biggest_part(const js_node *shapley) {
    const js_node *most = NULL;
    for (int64_t i = 0; i < js_count(shapley); i++)
        if (!most || fabs(js_number(js_at(shapley, i), "part")) > fabs(js_number(most, "part")))
            most = js_at(shapley, i);
    return most;
}

static const char *factor_words(slice factor) {
    if (slice_is(factor, "units_per_order")) return "units an order";
    if (slice_is(factor, "unit_price")) return "price a unit";
    if (slice_is(factor, "basket")) return "revenue an order";
    if (slice_is(factor, "conversion")) return "orders a visit";
    return slice_is(factor, "traffic") ? "visits" : "orders";
}

static void revenue(feed *f, const js_node *period) {
    static const char *const names[] = {"Price", "Volume", "Mix"}, *keys[] = {"price", "volume",
                                                                              "mix"};
    const js_node *all = js_get(period, "all"), *most = biggest_part(js_get(period, "shapley"));
    double now = js_number(all, "revenue"), before = js_number(all, "before");
    slice from = js_word(period, "from"), *x = take(&f->s->keep, slice, 3);
    double *values = take(&f->s->keep, double, 3), part = js_number(most, "part");
    if (!(before > 0) || !most) return;
    for (int i = 0; i < 3; i++) x[i] = slice_of(names[i]), values[i] = js_number(all, keys[i]);
    feed_add(f, &(feed_card){
        .id = "revenue", .thing = "revenue", .page = "trends", .open = "?page=trends",
        .sentence = arena_text(
            &f->s->keep, "Since %.*s revenue was %s, %s than in as many weeks before; what moved "
            "it most is %s, which %s %s.", (int)from.n, from.p, feed_whole(f, now),
            fabs(now / before - 1) < 0.005 ? "about no other" : feed_change(f, now / before),
            factor_words(js_word(most, "factor")), part < 0 ? "took" : "brought",
            feed_whole(f, fabs(part))),
        .money = now - before, .money_of = "change of revenue", .sure = NAN,
        .sure_of = "sales and visits as the files have them",
        .call = "/v1/trends?part=revenue", .at = "/revenue/previous/all/revenue", .value = now,
        .chart = {.kind = "bar", .x_title = "Price, volume, mix", .y_title = "Change of revenue",
                  .series = "Change", .n = 3, .x = x, .values = values}});
}

/* ---- categories and articles ---- */

static const js_node *category_of(const js_node *period, slice name) {
    const js_node *list = js_get(period, "categories");
    for (int64_t i = 0; i < js_count(list); i++)
        if (slice_compare(js_word(js_at(list, i), "category"), name) == 0) return js_at(list, i);
    return NULL;
}

static const char *interval_words(const feed *f, const js_node *one) {
    const char *growth = feed_change(f, js_number(one, "growth"));
    const char *low = feed_change(f, js_number(one, "low"));
    return arena_text(&f->s->keep, "%s (90 %%: %s to %s)", growth, low,
                      feed_change(f, js_number(one, "high")));
}

static void categories(feed *f, const js_node *trends, const js_node *period) {
    const js_node *list = js_get(trends, "categories");
    double weeks = js_number(trends, "weeks");
    for (int64_t i = 0; i < js_count(list); i++) {
        const js_node *one = js_at(list, i);
        slice name = js_word(one, "name"), call = js_word(one, "call");
        double change = js_number(category_of(period, name), "change");
        double growth = js_number(one, "growth");
        if (!slice_is(call, "rising") && !slice_is(call, "declining")) continue;
        feed_add(f, &(feed_card){
            .id = arena_text(&f->s->keep, "category/%.*s", (int)name.n, name.p),
            .thing = arena_text(&f->s->keep, "category/%.*s", (int)name.n, name.p),
            .page = "trends", .open = "?page=trends",
            .sentence = arena_text(
                &f->s->keep, "%.*s sells %s than in the %.0f weeks before: its revenue %s by %s.",
                (int)called(name).n, called(name).p, interval_words(f, one), weeks,
                change < 0 ? "fell" : "rose",
                isnan(change) ? "an unknown amount" : feed_whole(f, fabs(change))),
            .money = change * 4 / weeks, .money_of = "change of its revenue",
            .sure = 1 - js_number(one, "lfsr"), .sure_of = "that its units move in this direction",
            .call = "/v1/trends?part=categories",
            .at = arena_text(&f->s->keep, "/categories/%lld/growth", (long long)i),
            .value = growth,
            .chart = weeks_chart(f, js_get(one, "weeks"), js_get(trends, "as_of"))});
    }
}

static void articles(feed *f, const js_node *trends, const char *call) {
    const js_node *list = js_get(trends, call);
    for (int64_t i = 0; i < js_count(list) && i < 500; i++) {
        const js_node *one = js_at(list, i);
        slice id = js_word(one, "id"), name = js_word(one, "name");
        slice why = js_word(js_at(js_get(one, "reasons"), 0), "text");
        double window = js_number(one, "window"), recent = js_number(one, "recent");
        double previous = js_number(one, "previous"), price = js_number(one, "price");
        if (!slice_is(js_word(one, "level"), "article")) continue;
        const char *said = slice_copy(&f->s->keep, name);
        if (slice_compare(id, name) != 0) /* articles without a name are called by their id */
            said = arena_text(&f->s->keep, "%s (%.*s)", said, (int)id.n, id.p);
        feed_add(f, &(feed_card){
            .id = arena_text(&f->s->keep, "%s/%.*s", call, (int)id.n, id.p),
            .thing = arena_text(&f->s->keep, "article/%.*s", (int)id.n, id.p), .page = "trends",
            .open = "?page=trends",
            .sentence = arena_text(
                &f->s->keep, "%s sold %s in %.0f weeks after %s in the %.0f before: %s%s"
                "%.*s.", said, feed_whole(f, recent), window,
                feed_whole(f, previous), window, interval_words(f, one),
                why.n ? "; " : "", (int)why.n, why.p),
            .money = (recent - previous) * price * 4 / window,
            .money_of = "change of its revenue in four weeks, at today's price",
            .sure = 1 - js_number(one, "lfsr"), .sure_of = "that its units move in this direction",
            .call = arena_text(&f->s->keep, "/v1/trends?direction=%s&limit=500", call),
            .at = arena_text(&f->s->keep, "/%s/%lld/growth", call, (long long)i),
            .value = js_number(one, "growth"),
            .chart = weeks_chart(f, js_get(one, "weeks"), js_get(trends, "as_of"))});
    }
}

/* ---- prices ---- */

enum { BARS = 8 };

/* Elasticities of all categories, to draw one beside the others. */
static tile_chart price_chart(const feed *f, const js_node *list) {
    int64_t n = js_count(list), m = 0;
    slice *x = take(&f->s->keep, slice, n);
    double *values = take(&f->s->keep, double, 3 * n);
    for (int64_t i = 0; i < n && m < BARS; i++) {
        double at = js_number(js_at(list, i), "elasticity");
        if (isnan(at)) continue;
        x[m] = js_word(js_at(list, i), "category");
        values[m] = at;
        values[n + m] = js_number(js_at(list, i), "low");
        values[2 * n + m++] = js_number(js_at(list, i), "high");
    }
    return (tile_chart){.kind = "bar", .x_title = "Category", .y_title = "Elasticity",
                        .series = "Elasticity", .n = (int)m, .x = x, .values = values,
                        .low = values + n, .high = values + 2 * n};
}

/* Where prices follow demand, or two ways disagree, an elasticity is no effect: no card. */
static void prices(feed *f, const js_node *page, const js_node *period) {
    bool follow = true, disagree = true;
    js_bool(js_get(page, "prices_follow_demand"), &follow);
    js_bool(js_get(page, "ways_disagree"), &disagree);
    const js_node *list = js_get(page, "categories");
    for (int64_t i = 0; i < js_count(list) && !follow && !disagree; i++) {
        const js_node *one = js_at(list, i);
        slice name = js_word(one, "category");
        double beta = js_number(one, "elasticity"), low = js_number(one, "low");
        double high = js_number(one, "high"), se = (high - low) / (2 * 1.959963984540054);
        double revenue = js_number(category_of(period, name), "revenue");
        bool cut = beta < -1;
        double gain = revenue * (pow(cut ? 0.9 : 1.1, 1 + beta) - 1);
        if (!(se > 0)) continue;
        feed_add(f, &(feed_card){
            .id = arena_text(&f->s->keep, "price/%.*s", (int)name.n, name.p),
            .thing = arena_text(&f->s->keep, "category/%.*s", (int)name.n, name.p),
            .page = "prices", .open = "?page=prices",
            .sentence = arena_text(
                &f->s->keep, "%.*s answers to price with an elasticity of %.2f (95 %%: %.2f to "
                "%.2f): prices a tenth %s would bring %s %s of revenue in four weeks, before "
                "costs.", (int)called(name).n, called(name).p, beta, low, high,
                cut ? "lower" : "higher", feed_whole(f, fabs(gain)), gain < 0 ? "less" : "more"),
            .money = gain, .money_of = "revenue of four weeks at prices a tenth away",
            .sure = feed_below((cut ? -1 - beta : beta + 1) / se),
            .sure_of = cut ? "that the elasticity is below -1" : "that the elasticity is above -1",
            .call = "/v1/prices",
            .at = arena_text(&f->s->keep, "/categories/%lld/elasticity", (long long)i),
            .value = beta, .chart = price_chart(f, list)});
    }
}

void feed_sales(feed *f, const feed_tiles *t) {
    const js_node *period = js_get(js_get(t->trends, "revenue"), "previous");
    revenue(f, period);
    categories(f, t->trends, period);
    articles(f, t->trends, "rising");
    articles(f, t->trends, "declining");
    prices(f, t->prices, period);
}
