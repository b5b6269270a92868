/* feed_stock: a card for every type of alert: how many, what they cost, and the dearest of them. */
#include <math.h>

#include "pipeline/feed.h"

static const struct {
    const char *type, *one, *many;
} types[] = {
    {"stock_out", "article sells out before goods can be here", "articles sell out before goods "
                                                                "can be here"},
    {"reorder", "article should be ordered now", "articles should be ordered now"},
    {"overstock", "article has more stock than the season wants", "articles have more stock than "
                                                                  "the season wants"},
    {"markdown", "article should be cut in price now", "articles should be cut in price now"},
    {"dead", "article lies unsold", "articles lie unsold"},
    {"broken", "product lacks its best variants", "products lack their best variants"},
    {"surge", "article sells far more than was forecast", "articles sell far more than was "
                                                          "forecast"},
    {"collapse", "article sells far less than was forecast", "articles sell far less than was "
                                                             "forecast"},
    {"unreliable", "article has forecasts that err to one side", "articles have forecasts that "
                                                                 "err to one side"},
};

/* The dearest alerts of a type, by money; the mean probability of all, by money. */
static tile_chart chart_of(const feed *f, const js_node *alerts, const char *type, double *sure,
                           const js_node **dearest) {
    enum { BARS = 6 };
    slice *x = take(&f->s->keep, slice, BARS), is;
    double *values = take(&f->s->keep, double, BARS), money = 0, likely = 0;
    int n = 0;
    *dearest = NULL;
    for (int64_t i = 0; i < js_count(alerts); i++) {
        const js_node *one = js_at(alerts, i);
        double at = js_number(one, "money");
        if (!js_text(js_get(one, "type"), &is) || !slice_is(is, type)) continue;
        if (!*dearest) *dearest = one;
        money += at;
        likely += at * js_number(one, "probability");
        if (n < BARS && js_text(js_get(one, "name"), &x[n])) values[n++] = at;
    }
    *sure = money > 0 ? likely / money : NAN;
    return (tile_chart){.kind = "bar", .x_title = "Article", .y_title = "Money", .series = "Money",
                        .n = n, .x = x, .values = values};
}

void feed_stock(feed *f, const feed_tiles *t) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const js_node *total = js_get(js_get(t->alerts, "types"), types[i].type), *first;
        double n = js_number(total, "alerts"), money = js_number(total, "money"), sure;
        slice name = {"", 0}, action = {"", 0};
        if (!(n > 0)) continue;
        tile_chart chart = chart_of(f, js_get(t->alerts, "alerts"), types[i].type, &sure, &first);
        if (!first || isnan(sure)) continue;
        js_text(js_get(first, "name"), &name);
        js_text(js_get(first, "action"), &action);
        feed_add(f, &(feed_card){
            .id = arena_text(&f->s->keep, "alerts/%s", types[i].type),
            .thing = arena_text(&f->s->keep, "alerts/%s", types[i].type), .page = "forecast",
            .open = "?page=forecast",
            .sentence = arena_text(
                &f->s->keep, "%s %s, with %s at stake; the dearest is %.*s: %.*s",
                feed_whole(f, n), n > 1 ? types[i].many : types[i].one, feed_whole(f, money),
                (int)name.n, name.p, (int)action.n, action.p),
            .money = money, .money_of = "what the alerts say will be lost", .sure = sure,
            .sure_of = "mean probability of the alerts, by their money",
            .call = arena_text(&f->s->keep, "/v1/alerts?type=%s&limit=1", types[i].type),
            .at = arena_text(&f->s->keep, "/types/%s/money", types[i].type), .value = money,
            .chart = chart});
    }
}
