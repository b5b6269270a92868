/* forecast_alerts_words: an alert as JSON: what is so, the numbers that say so, and what to do. */
#include <math.h>

#include "pipeline/forecast_alerts.h"

const char forecast_alerts_note[] =
    "A stock file (time, article_id, on_hand, on_order, lead_time_days) counted in the last four "
    "weeks would add stock-outs before they happen, what to order and when, what will be left at "
    "the season's end, dead stock and broken size curves.";

typedef struct words {
    const alert *a;
    const alert_item *it;
    double lead, wait, expected; /* days; units a week */
    int variants, sold_out;
    long long position;
} words;

static void say_shortage(js *j, const words *x) {
    if (x->a->type == ALERT_STOCK_OUT && x->it->on_hand == 0)
        js_putf(j, "sentence",
                "Sold out; %.1f a week are asked for, and goods can be here in %.0f days.",
                x->expected, x->wait);
    else if (x->a->type == ALERT_STOCK_OUT)
        js_putf(j, "sentence",
                "%lld on hand last about %.0f days at %.1f a week; goods can be here in %.0f days: "
                "it sells out before with a probability of %.0f %%.",
                (long long)x->it->on_hand, x->a->cover_days, x->expected, x->wait,
                100 * x->a->probability);
    if (x->a->type == ALERT_STOCK_OUT) {
        if (x->it->on_order > 0 && x->a->order > 0)
            js_putf(j, "action", "Hurry the %lld on order and order %lld more.",
                    (long long)x->it->on_order, (long long)x->a->order);
        else if (x->it->on_order > 0)
            js_putf(j, "action", "Hurry the %lld on order.", (long long)x->it->on_order);
        else js_putf(j, "action", "Order %lld today.", (long long)x->a->order);
        return;
    }
    js_putf(j, "sentence",
            "%lld are on hand and on order; for %.0f days of delivery and review it pays to have "
            "%lld.",
            x->position, x->lead, (long long)x->a->reorder_point);
    js_putf(j, "action", "Order %lld today.", (long long)x->a->order);
}

static void say_excess(js *j, const words *x) {
    double days = x->it->season_days;
    demand d = inventory_demand(&x->it->outlook, days);
    js_putf(j, "sentence",
            "%lld are on hand and on order; %.0f will be wanted in the %.0f days to the season's "
            "end, so about %.0f stay.",
            x->position, d.mean, days, x->a->units);
    if (x->a->type == ALERT_MARKDOWN)
        js_putf(j, "action", "Cut the price by about %.0f %% now.", 100 * x->a->discount);
    else if (x->it->on_order > 0)
        js_putf(j, "action", "Stop the %lld on order; move or return about %.0f.",
                (long long)x->it->on_order, x->a->units);
    else js_putf(j, "action", "Do not reorder; move or return about %.0f.", x->a->units);
}

static void say_dead(js *j, const words *x) {
    js_putf(j, "sentence", "%lld are on hand and none was sold for %.0f days.",
            (long long)x->it->on_hand, x->it->idle_days);
    js_put_word(j, "action", "Clear it, or look why nobody can find it.");
}

static void say_broken(js *j, const words *x) {
    js_putf(j, "sentence",
            "%d of the product's %d variants are sold out; they made %.0f %% of its sales.",
            x->sold_out, x->variants, 100 * x->it->missing_share);
    js_put_word(j, "action", "Refill the missing variants, or gather the rest in one place.");
}

static void say_surprise(js *j, const words *x) {
    js_putf(j, "sentence", "The last weeks sold %.0f %s than was forecast, %.1f standard errors.",
            fabs(x->it->surprise_units), x->it->surprise > 0 ? "more" : "less",
            fabs(x->it->surprise));
    js_put_word(j, "action", x->it->surprise > 0
                                 ? "Look for the reason and raise the next order."
                                 : "Look for the reason before the next order.");
}

static void say_unreliable(js *j, const words *x) {
    js_putf(j, "sentence",
            "Its forecasts were off in one direction: %.1f units a week too %s, %.1f standard "
            "errors.",
            fabs(x->it->drift_units), x->it->drift_units > 0 ? "few" : "many", x->it->drift);
    js_put_word(j, "action", "Plan it by hand until the errors cancel out again.");
}

static void (*const say[ALERT_TYPES])(js *, const words *) = {
    say_shortage, say_shortage, say_excess,   say_excess,    say_dead,
    say_broken,   say_surprise, say_surprise, say_unreliable};

static void put_evidence(js *j, const words *x, const alert_params *p, const char *from) {
    js_object(j, "evidence");
    js_put_fixed(j, "price", x->it->price, 2);
    js_put_fixed(j, "expected_a_week", x->expected, 2);
    if (x->it->stocked) {
        js_put_int(j, "on_hand", x->it->on_hand);
        js_put_int(j, "on_order", x->it->on_order);
        js_put_fixed(j, "lead_days", x->lead, 0);
        js_put_fixed(j, "cover_days", x->a->cover_days, 1);
        js_put_int(j, "reorder_point", x->a->reorder_point);
        js_put_int(j, "order", x->a->order);
        js_put_fixed(j, "season_days", x->it->season_days, 0);
        js_put_fixed(j, "idle_days", x->it->idle_days, 0);
    }
    if (x->a->type == ALERT_MARKDOWN) {
        double own = x->it->elasticity;
        js_put_fixed(j, "discount", x->a->discount, 2);
        js_put_fixed(j, "elasticity", own < 0 ? own : p->elasticity, 2);
        js_put_word(j, "elasticity_of", from);
    }
    if (x->a->type == ALERT_SURGE || x->a->type == ALERT_COLLAPSE)
        js_put_fixed(j, "z", x->it->surprise, 2);
    if (x->a->type == ALERT_UNRELIABLE) js_put_fixed(j, "z", x->it->drift, 2);
    js_end(j);
}

void forecast_alert_put(js *j, const forecast_alerts *a, int64_t i, scope *s) {
    int64_t row = a->row[i];
    const alert_item *it = &a->item[row];
    const alert *one = &a->at[i];
    slice article = columns_text(&a->facts, "article_id")[row];
    double lead = it->lead_days > 0 ? it->lead_days : a->params.lead_days;
    int last = it->outlook.weeks - 1;
    words x = {.a = one,
               .it = it,
               .lead = one->type == ALERT_REORDER ? lead + a->params.review_days : lead,
               .wait = alert_wait(it, a->params),
               .expected = it->outlook.mean[last] / it->outlook.weeks,
               .variants = a->variants[row],
               .sold_out = a->sold_out[row],
               .position = (long long)(it->on_hand + it->on_order)};
    js_object(j, NULL);
    js_putf(j, "id", "%s/%.*s", alert_name(one->type), (int)article.n, article.p);
    js_put_word(j, "type", alert_name(one->type));
    js_put_text(j, "article", article);
    js_put_text(j, "name", columns_text(&a->facts, "name")[row]);
    js_put_text(j, "category", columns_text(&a->facts, "category")[row]);
    js_put_fixed(j, "probability", one->probability, 4);
    js_put_fixed(j, "units", one->units, 1);
    js_put_fixed(j, "money", one->money, 2);
    js_put_word(j, "since", day_text(&s->keep, a->since[i]));
    js_put_bool(j, "new", !one->was_open);
    say[one->type](j, &x);
    double elasticity;
    put_evidence(j, &x, &a->params, forecast_alerts_elasticity(a, row, &elasticity));
    js_end(j);
}
