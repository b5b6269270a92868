/* demo_demand: what people want in a week: tables of choice by style, then orders and articles.
 *
 * Expected units of article i in week t, independent Poisson up to what people already own:
 *
 *     sum over people and styles of rate * share(style) * share(category | style) * season
 *         * growth * base_i * life_i(t) * (price / list)^elasticity
 *         / sum over the category of base * life
 *
 * Prices stand in the numerator only: a promotion adds units, it does not take them from others. */
#include <math.h>
#include <string.h>

#include "pipeline/demo_world.h"

enum { CHUNK = 4096 }; /* people with a stream of random numbers of their own */

struct demo_demand {
    demo_world *w;
    int32_t *live;                       /* articles on sale, by category, then number */
    int32_t start[DEMO_CATEGORIES + 1];  /* first place of each category in live */
    double *sums;                        /* [2, styles, live] running sums inside a category */
    double category[2][DEMO_STYLES_MOST][7][DEMO_CATEGORIES]; /* running sums by weekday */
    double lift[2][DEMO_STYLES_MOST], lift_sum[2][DEMO_STYLES_MOST]; /* units wanted; running */
    int32_t most;
    bool gifts;
};

/* Mean of `lift` over a year; keeps rates what the segment table says. */
static const double usual_lift = 1.25;
static const double first_share = .82, second_share = .12; /* the rest goes to any style */

static double life(const demo_article *a, int week) {
    int age = week - a->launch;
    if (a->lasting) return 1;
    if (age == 0 && week > 0) return 0.75; /* launched during the week */
    return exp(-0.02 * age);
}

static double planted(const demo_article *a, int week) {
    int into = week - (DEMO_WEEKS - DEMO_TREND_WEEKS) + 1;
    return into > 0 ? exp(a->planted * DEMO_GROWTH * into) : 1;
}

demo_demand *demo_demand_open(demo_world *w) {
    demo_demand *d = take(&w->s->keep, demo_demand, 1);
    d->w = w;
    for (int week = 0; week < DEMO_WEEKS; week++) {
        int32_t n = 0;
        for (int32_t i = 0; i < w->n_articles; i++) n += demo_live(&w->articles[i], week);
        if (n > d->most) d->most = n;
    }
    d->live = take(&w->s->keep, int32_t, d->most);
    d->sums = take(&w->s->keep, double, 2 * (int64_t)w->n_styles * d->most);
    return d;
}

static void list_live(demo_demand *d, int week) {
    const demo_world *w = d->w;
    int32_t n = 0;
    for (int c = 0; c < DEMO_CATEGORIES; c++) {
        d->start[c] = n;
        for (int32_t i = 0; i < w->n_articles; i++)
            if (w->articles[i].category == c && demo_live(&w->articles[i], week)) d->live[n++] = i;
    }
    d->start[DEMO_CATEGORIES] = n;
}

/* Running sums of one style in one category; returns the sum at list prices without trends. */
static double sum_category(demo_demand *d, int week, int style, int category, const double *sense) {
    const demo_world *w = d->w;
    double plain = 0, sums[2] = {0, 0};
    for (int32_t at = d->start[category]; at < d->start[category + 1]; at++) {
        int32_t i = d->live[at];
        const demo_article *a = &w->articles[i];
        float likes = w->taste[(int64_t)i * w->n_styles + style];
        double base = exp((double)a->popularity + (double)likes) * life(a, week);
        plain += base;
        for (int b = 0; b < 2; b++) {
            sums[b] += base * sense[2 * at + b];
            d->sums[((int64_t)b * w->n_styles + style) * d->most + at] = sums[b];
        }
    }
    return plain;
}

static double category_total(const demo_demand *d, int b, int style, int category) {
    int32_t end = d->start[category + 1];
    if (end == d->start[category]) return 0;
    return d->sums[((int64_t)b * d->w->n_styles + style) * d->most + end - 1];
}

void demo_demand_week(demo_demand *d, int week) {
    demo_world *w = d->w;
    arena scratch = w->s->scratch;
    list_live(d, week);
    d->gifts = demo_gift_season(week);
    double *sense = take(&scratch, double, 2 * d->most); /* [live, 2] pull of price and trend */
    for (int32_t at = 0; at < d->start[DEMO_CATEGORIES]; at++) {
        const demo_article *a = &w->articles[d->live[at]];
        double ratio = demo_price(w, d->live[at], week) / (double)a->list;
        for (int b = 0; b < 2; b++)
            sense[2 * at + b] = demo_pull(a->category, b, ratio) * planted(a, week);
    }
    double running[2] = {0, 0};
    for (int s = 0; s < w->n_styles; s++) {
        double plain[DEMO_CATEGORIES];
        for (int c = 0; c < DEMO_CATEGORIES; c++) plain[c] = sum_category(d, week, s, c, sense);
        for (int b = 0; b < 2; b++) {
            double units[DEMO_CATEGORIES], sum = 0;
            for (int c = 0; c < DEMO_CATEGORIES; c++) {
                double share = w->style_category[s * DEMO_CATEGORIES + c] * w->season[c][week];
                units[c] = plain[c] > 0 ? share * category_total(d, b, s, c) / plain[c] : 0;
                sum += units[c];
            }
            d->lift[b][s] = sum / usual_lift;
            d->lift_sum[b][s] = running[b] += d->lift[b][s];
            for (int day = 0; day < 7; day++) {
                double so_far = 0;
                for (int c = 0; c < DEMO_CATEGORIES; c++)
                    d->category[b][s][day][c] = so_far += units[c] * demo_weekday(c, day);
            }
        }
    }
}

static int find(const double *sums, int n, double at) {
    int low = 0, high = n - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (sums[middle] > at) high = middle;
        else low = middle + 1;
    }
    return low;
}

static int32_t draw_article(const demo_demand *d, int b, int style, int category, rng *r) {
    int32_t from = d->start[category], n = d->start[category + 1] - from;
    if (n == 0) return -1;
    const double *sums = d->sums + ((int64_t)b * d->w->n_styles + style) * d->most + from;
    return d->live[from + find(sums, n, rng_uniform(r) * sums[n - 1])];
}

int32_t demo_demand_browse(const demo_demand *d, int style, int category, rng *r) {
    return draw_article(d, 0, style, category, r);
}

static int draw_style(const demo_demand *d, const demo_person *p, int b, rng *r) {
    int n = d->w->n_styles;
    double any = d->lift_sum[b][n - 1] / n;
    double first = first_share * d->lift[b][p->style];
    double second = second_share * d->lift[b][p->second];
    double at = rng_uniform(r) * (first + second + (1 - first_share - second_share) * any);
    if (at < first) return p->style;
    if (at < first + second) return p->second;
    return find(d->lift_sum[b], n, rng_uniform(r) * d->lift_sum[b][n - 1]);
}

static double wanted(const demo_demand *d, const demo_person *p, int b) {
    int n = d->w->n_styles;
    double any = d->lift_sum[b][n - 1] / n;
    return first_share * d->lift[b][p->style] + second_share * d->lift[b][p->second] +
           (1 - first_share - second_share) * any;
}

int32_t demo_demand_live(const demo_demand *d, const int32_t **articles) {
    *articles = d->live;
    return d->start[DEMO_CATEGORIES];
}

void demo_demand_styles(const demo_demand *d, int32_t person, double *weight) {
    const demo_person *p = &d->w->people[person];
    int n = d->w->n_styles, b = demo_segments[p->segment].bargain;
    double all = wanted(d, p, b), any = d->lift_sum[b][n - 1] / n;
    memset(weight, 0, sizeof *weight * (size_t)n);
    if (all <= 0) all = 1;
    weight[p->style] += first_share * d->lift[b][p->style] / all;
    weight[p->second] += second_share * d->lift[b][p->second] / all;
    weight[n] = (1 - first_share - second_share) * any / all;
}

/* Adds `part` times the chances of one style. */
static void add_chances(const demo_demand *d, int b, int style, double part, double *chance) {
    for (int day = 0; day < 7; day++) {
        const double *shares = d->category[b][style][day];
        double whole = shares[DEMO_CATEGORIES - 1];
        for (int c = 0; c < DEMO_CATEGORIES && whole > 0; c++) {
            double share = (shares[c] - (c > 0 ? shares[c - 1] : 0)) / whole;
            const double *sums = d->sums + ((int64_t)b * d->w->n_styles + style) * d->most;
            double total = category_total(d, b, style, c), before = 0;
            for (int32_t at = d->start[c]; at < d->start[c + 1] && total > 0; at++) {
                chance[at] += part * demo_weekdays[day] * share * (sums[at] - before) / total;
                before = sums[at];
            }
        }
    }
}

void demo_demand_chances(const demo_demand *d, int bargain, int style, double *chance) {
    int n = d->w->n_styles;
    memset(chance, 0, sizeof *chance * (size_t)d->start[DEMO_CATEGORIES]);
    if (style < n) {
        add_chances(d, bargain, style, 1, chance);
        return;
    }
    double all = d->lift_sum[bargain][n - 1];
    for (int s = 0; s < n && all > 0; s++)
        add_chances(d, bargain, s, d->lift[bargain][s] / all, chance);
}

static bool owns(const demo_world *w, int32_t person, int32_t article) {
    const int32_t *history = w->history + (int64_t)person * w->p.size->memory;
    for (int i = 0; i < w->p.size->memory; i++)
        if (history[i] == article) return true;
    return false;
}

int32_t demo_demand_again(const demo_demand *d, int week, int32_t person, int k, double *chance) {
    const demo_world *w = d->w;
    const demo_segment *g = &demo_segments[w->people[person].segment];
    int place = (w->history_at[person] + w->p.size->memory - k) % w->p.size->memory;
    int32_t i = w->history[(int64_t)person * w->p.size->memory + place];
    if (i < 0 || !demo_live(&w->articles[i], week)) return -1;
    const demo_article *a = &w->articles[i];
    double pull = demo_pull(a->category, g->bargain, demo_price(w, i, week) / (double)a->list);
    *chance = fmin(1, g->again * pull) / DEMO_AGAIN;
    return i;
}

/* One of the last few articles again, when it is still on sale; cheaper is likelier. */
static int32_t draw_again(const demo_demand *d, int week, int32_t person, rng *r) {
    double chance;
    int32_t i = demo_demand_again(d, week, person, 1 + (int)rng_below(r, DEMO_AGAIN), &chance);
    return i >= 0 && rng_uniform(r) < chance * DEMO_AGAIN ? i : -1;
}

/* An article that the person does not own and is not among the last `n` sales of this order. */
static int32_t draw_new(const demo_demand *d, int32_t person, int day, const demo_sale *order,
                        int n, rng *r) {
    const demo_person *p = &d->w->people[person];
    int b = demo_segments[p->segment].bargain;
    for (int tries = 0; tries < DEMO_TRIES; tries++) {
        int style = draw_style(d, p, b, r);
        const double *shares = d->category[b][style][day];
        int category = find(shares, DEMO_CATEGORIES, rng_uniform(r) * shares[DEMO_CATEGORIES - 1]);
        int32_t i = draw_article(d, b, style, category, r);
        bool has = i < 0 || owns(d->w, person, i);
        for (int k = 1; k <= n && !has; k++) has = order[-k].article == i;
        if (!has) return i;
    }
    return -1;
}

/* Writes one order's sales at `out`, behind `before` of the same person this week. */
static int draw_order(const demo_demand *d, int week, int32_t person, int before, demo_sale *out,
                      rng *r) {
    const demo_person *p = &d->w->people[person];
    int n = 0, day = demo_pick(r, demo_weekdays, 7);
    int channel = rng_uniform(r) < (double)p->online ? 2 : 1;
    int64_t items = 1 + rng_poisson(r, demo_segments[p->segment].items - 1);
    for (int64_t k = 0; k < items && k < 12; k++) {
        int32_t i = draw_again(d, week, person, r);
        for (int m = 1; m <= n + before && i >= 0; m++)
            if (out[n - m].article == i) i = -1;
        if (i < 0) i = draw_new(d, person, day, out + n, n + before, r);
        if (i < 0) continue;
        out[n++] = (demo_sale){person, i, (uint8_t)day, (uint8_t)channel,
                               rng_uniform(r) < .02 ? 2 : 1};
    }
    return n;
}

static bool buys(const demo_demand *d, const demo_person *p, int week) {
    const demo_segment *g = &demo_segments[p->segment];
    return week >= p->from && week < p->to && (g->rhythm != IN_SEASON || d->gifts);
}

double demo_demand_lines(const demo_demand *d, int week, int32_t person, double *pairs) {
    const demo_person *p = &d->w->people[person];
    const demo_segment *g = &demo_segments[p->segment];
    double more = g->items - 1, two = more * more + 2 * more; /* mean pairs of an order */
    *pairs = 0;
    if (!buys(d, p, week)) return 0;
    double orders = g->rhythm == ONCE ? 1 : (double)p->rate * wanted(d, p, g->bargain);
    double lines = orders * g->items;
    *pairs = orders * two + (g->rhythm == ONCE ? 0 : lines * lines);
    return lines;
}

static int64_t draw_orders(const demo_demand *d, const demo_person *p, int week, rng *r) {
    const demo_segment *g = &demo_segments[p->segment];
    if (!buys(d, p, week)) return 0;
    if (g->rhythm == ONCE) return 1;
    double mean = (double)p->rate * wanted(d, p, g->bargain);
    /* P(none) = exp(-mean) >= 1 - mean: most people are done with one comparison. */
    double u = rng_uniform(r), so_far = 1 - mean;
    if (u < so_far) return 0;
    double term = exp(-mean);
    int64_t n = 0;
    for (so_far = term; u >= so_far && n < 8; so_far += term) term *= mean / (double)++n;
    return n;
}

demo_sale *demo_demand_draw(demo_demand *d, int week, arena *memory, int64_t *n) {
    const demo_world *w = d->w;
    int64_t room = 4096, used = 0;
    demo_sale *sales = take(memory, demo_sale, room);
    for (int32_t i = 0, chunk = 0; i < w->n_people; chunk++) {
        rng r = demo_rng(w, "orders", (uint64_t)week << 32 | (uint64_t)chunk);
        for (; i < w->n_people && i < (chunk + 1) * CHUNK; i++) {
            int64_t orders = draw_orders(d, &w->people[i], week, &r);
            int64_t first = used;
            for (; orders > 0; orders--) {
                if (room - used < 16) {
                    demo_sale *more = take(memory, demo_sale, 2 * room);
                    memcpy(more, sales, sizeof *sales * (size_t)used);
                    sales = more;
                    room *= 2;
                }
                used += draw_order(d, week, i, (int)(used - first), sales + used, &r);
            }
        }
    }
    *n = used;
    return sales;
}
