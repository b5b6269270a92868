/* feed_people: cards of what visitors lose on the way to a purchase, and of segments that move. */
#include <math.h>

#include "pipeline/feed.h"

/* ---- the funnel ---- */

typedef struct funnel {
    const js_node *root, *steps, *counts;
    int64_t n;
    double aov, weeks; /* of the log */
} funnel;

static double at(const js_node *list, int64_t i) {
    double x;
    return js_real(js_at(list, i), &x) ? x : NAN;
}

static slice step(const funnel *u, int64_t k) {
    slice s;
    return js_text(js_at(u->steps, k), &s) ? s : (slice){"", 0};
}

/* Of those who reach step k, the share that buys. */
static double onward(const funnel *u, int64_t k) {
    return at(u->counts, k) > 0 ? at(u->counts, u->n - 1) / at(u->counts, k) : 0;
}

static tile_chart steps_chart(const feed *f, const funnel *u) {
    slice *x = take(&f->s->keep, slice, u->n);
    double *values = take(&f->s->keep, double, u->n);
    for (int64_t k = 0; k < u->n; k++) x[k] = step(u, k), values[k] = at(u->counts, k);
    return (tile_chart){.kind = "bar", .x_title = "Step", .y_title = "Visitors",
                        .series = "Visitors", .n = (int)u->n, .x = x, .values = values};
}

/* The step at which one point more would bring most orders. */
static void loss(feed *f, const funnel *u) {
    int64_t best = 0;
    double most = 0;
    for (int64_t k = 1; k < u->n; k++) {
        double gain = at(u->counts, k - 1) * 0.01 * onward(u, k);
        if (at(u->counts, k) < at(u->counts, k - 1) && gain > most) best = k, most = gain;
    }
    if (best == 0) return;
    slice from = step(u, best - 1), to = step(u, best);
    double reach = at(u->counts, best - 1), go = at(u->counts, best);
    double money = most * u->aov * 4 / u->weeks;
    feed_add(f, &(feed_card){
        .id = "funnel/loss", .thing = "funnel/all", .page = "funnel", .open = "?page=funnel",
        .sentence = arena_text(
            &f->s->keep, "Of %s visitors with a %.*s, %s went on to a %.*s (%.0f %%); every point "
            "more would bring about %s of revenue in four weeks.", feed_whole(f, reach),
            (int)from.n, from.p, feed_whole(f, go), (int)to.n, to.p, 100 * go / reach,
            isfinite(money) ? feed_whole(f, money) : "an unknown amount"),
        .money = money, .money_of = "revenue of four weeks for one point more at this step",
        .sure = NAN, .sure_of = "visitors of the event log", .call = "/v1/funnel",
        .at = arena_text(&f->s->keep, "/all/step_rates/%lld/value", (long long)best),
        .value = js_number(js_at(js_get(js_get(u->root, "all"), "step_rates"), best), "value"),
        .chart = steps_chart(f, u)});
}

enum { BARS = 8 };

/* The rate of step k of every value of a dimension. */
static tile_chart rates_chart(const feed *f, const js_node *list, int64_t k, const char *title) {
    int64_t n = js_count(list) < BARS ? js_count(list) : BARS;
    slice *x = take(&f->s->keep, slice, n);
    double *values = take(&f->s->keep, double, 3 * n);
    for (int64_t i = 0; i < n; i++) {
        const js_node *rate = js_at(js_get(js_at(list, i), "step_rates"), k);
        js_text(js_get(js_at(list, i), "value"), &x[i]);
        values[i] = js_number(rate, "value");
        values[n + i] = js_number(rate, "low");
        values[2 * n + i] = js_number(rate, "high");
    }
    return (tile_chart){.kind = "bar", .x_title = title, .y_title = "Share that goes on",
                        .series = "Share", .n = (int)n, .x = x, .values = values,
                        .low = values + n, .high = values + 2 * n};
}

/* A value of a dimension that loses more at a step than all others together; `tests` such
 * questions were asked, which its sureness pays for. */
static void slower(feed *f, const funnel *u, const char *dimension, int64_t i, double tests) {
    const js_node *list = js_get(js_get(u->root, "by"), dimension), *one = js_at(list, i);
    const js_node *counts = js_get(one, "counts");
    slice value;
    if (!js_text(js_get(one, "value"), &value)) return;
    for (int64_t k = 1; k < u->n; k++) {
        double n = at(counts, k - 1), go = at(counts, k);
        double others = at(u->counts, k - 1) - n, go_others = at(u->counts, k) - go;
        if (!(n > 0) || !(others > 0)) continue;
        double rate = go / n, rest = go_others / others, all = (go + go_others) / (n + others);
        double z = (rest - rate) / sqrt(all * (1 - all) * (1 / n + 1 / others));
        double money = (rest - rate) * n * onward(u, k) * u->aov * 4 / u->weeks;
        slice from = step(u, k - 1), to = step(u, k);
        if (!(z > 0)) continue;
        feed_add(f, &(feed_card){
            .id = arena_text(&f->s->keep, "funnel/%s/%.*s/%lld", dimension, (int)value.n, value.p,
                             (long long)k),
            .thing = arena_text(&f->s->keep, "funnel/%s", dimension), .page = "funnel",
            .open = arena_text(&f->s->keep, "?page=funnel&split=%s", dimension),
            .sentence = arena_text(
                &f->s->keep, "%s %.*s: of %s with a %.*s only %.0f %% go on to a %.*s, %.0f %% of "
                "all others.", dimension, (int)value.n, value.p, feed_whole(f, n), (int)from.n,
                from.p, 100 * rate, (int)to.n, to.p, 100 * rest),
            .money = money, .money_of = "revenue of four weeks if it did as all others",
            .sure = 1 - 2 * feed_below(-z) * tests,
            .sure_of = "that it loses more than all others, over every step and split looked at",
            .call = "/v1/funnel",
            .at = arena_text(&f->s->keep, "/by/%s/%lld/step_rates/%lld/value", dimension,
                             (long long)i, (long long)k),
            .value = js_number(js_at(js_get(one, "step_rates"), k), "value"),
            .chart = rates_chart(f, list, k, dimension)});
    }
}

static void visitors(feed *f, const js_node *root) {
    static const char *const dimensions[] = {"category", "channel", "platform"};
    funnel u = {root, js_get(root, "steps"), js_get(js_get(root, "all"), "counts"), 0,
                js_number(js_get(js_get(root, "kpis"), "aov"), "value"),
                (double)js_count(js_get(root, "trend"))};
    double tests = 0;
    u.n = js_count(u.steps);
    loss(f, &u);
    for (int d = 0; d < 3; d++)
        tests += (double)(js_count(js_get(js_get(root, "by"), dimensions[d])) * (u.n - 1));
    for (int d = 0; d < 3; d++)
        for (int64_t i = 0; i < js_count(js_get(js_get(root, "by"), dimensions[d])); i++)
            slower(f, &u, dimensions[d], i, tests);
}

/* ---- segments ---- */

/* Customers who came and went in the last month: rows of `flow` are from, columns to; the last of
 * either are those who were or are in no segment. */
static void moves(const js_node *flow, int64_t segment, double *in, double *out) {
    *in = *out = 0;
    for (int64_t i = 0; i < js_count(flow); i++) {
        if (i == segment) continue;
        *in += at(js_at(flow, i), segment);
        *out += at(js_at(flow, segment), i);
    }
}

static tile_chart sizes_chart(const feed *f, const js_node *sizes, int64_t segment) {
    int64_t n = js_count(sizes);
    slice *x = take(&f->s->keep, slice, n);
    double *values = take(&f->s->keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        js_text(js_get(js_at(sizes, i), "day"), &x[i]);
        values[i] = at(js_get(js_at(sizes, i), "customers"), segment);
    }
    return (tile_chart){.kind = "line", .x_title = "Day", .y_title = "Customers",
                        .series = "Customers", .n = (int)n, .x = x, .values = values};
}

static const js_node *row_of(const js_node *root, slice id) {
    slice is;
    const js_node *list = js_get(root, "segments");
    for (int64_t i = 0; i < js_count(list); i++)
        if (js_text(js_get(js_at(list, i), "id"), &is) && slice_compare(is, id) == 0)
            return js_at(list, i);
    return NULL;
}

static void mover(feed *f, const js_node *root, int64_t m, int64_t i) {
    const js_node *method = js_at(js_get(root, "migration"), m), *sizes = js_get(method, "sizes");
    const js_node *months = js_get(method, "months");
    const js_node *month = js_at(months, js_count(months) - 1);
    int64_t last = js_count(sizes) - 1, segments = js_count(js_get(method, "ids"));
    slice id = {"", 0}, name = {"", 0}, from = {"", 0};
    double in, out, size = at(js_get(js_at(sizes, last), "customers"), i);
    js_text(js_at(js_get(method, "ids"), i), &id);
    js_text(js_at(js_get(method, "names"), i), &name);
    js_text(js_get(month, "from"), &from);
    moves(js_get(month, "customers"), i, &in, &out);
    const js_node *row = row_of(root, id);
    double customers = js_number(row, "customers");
    double each = js_number(js_get(row, "clv"), "mean");
    if (isnan(each) && customers > 0) each = js_number(row, "revenue") / customers;
    double z = fabs(in - out) / sqrt(in + out);
    if (!(in + out > 0)) return;
    feed_add(f, &(feed_card){
        .id = arena_text(&f->s->keep, "segment/%.*s", (int)id.n, id.p),
        .thing = arena_text(&f->s->keep, "segment/%.*s", (int)id.n, id.p), .page = "segments",
        .open = feed_open(f, "?page=segments&segment=", id),
        .sentence = arena_text(
            &f->s->keep, "Segment \"%.*s\" %s to %s customers: since %.*s %s came and %s left it.",
            (int)name.n, name.p, in > out ? "grew" : "shrank", feed_whole(f, size), (int)from.n,
            from.p, feed_whole(f, in), feed_whole(f, out)),
        .money = (in - out) * each, .money_of = "net movers times the value of a customer there",
        .sure = 1 - 2 * feed_below(-z) * (double)segments,
        .sure_of = "that more come than go (or go than come), over all segments",
        .call = "/v1/segments?part=migration",
        .at = arena_text(&f->s->keep, "/migration/%lld/sizes/%lld/customers/%lld", (long long)m,
                         (long long)last, (long long)i),
        .value = size, .chart = sizes_chart(f, sizes, i)});
}

void feed_people(feed *f, const feed_tiles *t) {
    slice method, is;
    const js_node *all = js_get(t->segments, "migration");
    visitors(f, t->funnel);
    if (!js_text(js_get(t->segments, "method"), &method)) return;
    for (int64_t m = 0; m < js_count(all); m++) {
        const js_node *one = js_at(all, m);
        if (!js_text(js_get(one, "method"), &is) || slice_compare(is, method) != 0) continue;
        for (int64_t i = 0; i < js_count(js_get(one, "ids")); i++) mover(f, t->segments, m, i);
    }
}
