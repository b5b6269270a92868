/* markdown: when to cut the price of an article whose stock must go, and how deep. */
#include "models/insight/markdown.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"
#include "base/random.h"

#define NEGLIGIBLE 1e-13

typedef struct draw {
    double elasticity, level;
} draw;

static void draw_all(draw out[MARKDOWN_DRAWS], const markdown_case *m, uint64_t seed) {
    rng r = rng_open(seed, 0);
    for (int i = 0; i < MARKDOWN_DRAWS; i++) {
        double slope = rng_normal(&r), level = rng_normal(&r);
        out[i].elasticity = fmin(0.0, m->elasticity + m->elasticity_se * slope);
        out[i].level = exp(m->base_se * level);
    }
}

static double demand(const markdown_case *m, const draw *d, int week, int cut) {
    return m->base[week] * d->level * pow(1.0 - m->cut[cut], d->elasticity);
}

/* chance[0 … limit] of each demand, over all draws; returns the largest that counts. */
static int64_t chances(double *chance, int64_t limit, const markdown_case *m, const draw *draws,
                       int week, int cut, const double *ln_factorial) {
    int64_t top = 0;
    for (int64_t d = 0; d <= limit; d++) chance[d] = 0.0;
    for (int i = 0; i < MARKDOWN_DRAWS; i++) {
        double mean = demand(m, &draws[i], week, cut);
        if (!(mean > 0)) {
            chance[0] += 1.0 / MARKDOWN_DRAWS;
            continue;
        }
        double reach = 8.0 * sqrt(mean) + 20.0;
        int64_t from = (int64_t)fmax(0.0, mean - reach);
        int64_t to = (int64_t)fmin((double)limit, mean + reach);
        for (int64_t d = from; d <= to; d++)
            chance[d] += exp((double)d * log(mean) - mean - ln_factorial[d]) / MARKDOWN_DRAWS;
        if (to > top) top = to;
    }
    while (top > 0 && chance[top] < NEGLIGIBLE) top--;
    return top;
}

static double between(const double *grid, const markdown_plan *p, double stock) {
    double at = stock / p->step;
    int b = (int)at;
    if (b >= p->buckets) return grid[p->buckets];
    return grid[b] + (at - b) * (grid[b + 1] - grid[b]);
}

/* Worth of one cut in one week at each stock; next: worth of the weeks after it, whole units. */
static void worth_of(double *worth, const markdown_plan *p, double price, const double *chance,
                     int64_t top, const double *next) {
    for (int b = 0; b <= p->buckets; b++) {
        int64_t stock = (int64_t)llround(b * p->step), last = stock - 1 < top ? stock - 1 : top;
        double sum = 0.0, rest = 1.0; /* rest: demand reaches the stock */
        for (int64_t d = 0; d <= last; d++) {
            sum += chance[d] * (price * (double)d + next[stock - d]);
            rest -= chance[d];
        }
        worth[b] = sum + fmax(rest, 0.0) * (price * (double)stock + next[0]);
    }
}

markdown_plan markdown_solve(const markdown_case *m, uint64_t seed, arena *keep, arena scratch) {
    assert(m->weeks >= 1 && m->weeks <= MARKDOWN_WEEKS && m->cuts >= 1 &&
           m->cuts <= MARKDOWN_CUTS && m->stock >= 0 && arena_apart(keep, &scratch));
    int64_t step = (m->stock + MARKDOWN_BUCKETS - 1) / MARKDOWN_BUCKETS;
    if (step < 1) step = 1;
    markdown_plan p = {m->weeks, m->cuts, (int)((m->stock + step - 1) / step), (double)step, NULL};
    int64_t width = p.buckets + 1, units = p.buckets * step;
    double *worth = take(keep, double, m->weeks * m->cuts * width);
    double *ln_factorial = take(&scratch, double, units + 1);
    double *chance = take(&scratch, double, units + 1), *next = take(&scratch, double, units + 1);
    double *best = take(&scratch, double, m->cuts * width); /* of the week after, by cut before */
    draw draws[MARKDOWN_DRAWS];
    draw_all(draws, m, seed);
    p.worth = worth;
    for (int64_t d = 1; d <= units; d++) ln_factorial[d] = ln_factorial[d - 1] + log((double)d);
    for (int64_t i = 0; i < m->cuts * width; i++)
        best[i] = m->salvage * (double)(i % width) * p.step;
    for (int t = m->weeks - 1; t >= 0; t--) {
        double *week = worth + t * m->cuts * width;
        for (int c = 0; c < m->cuts; c++) {
            int64_t top = chances(chance, units, m, draws, t, c, ln_factorial);
            for (int64_t s = 0; s <= units; s++)
                next[s] = between(best + c * width, &p, (double)s);
            worth_of(week + c * width, &p, m->price * (1.0 - m->cut[c]), chance, top, next);
        }
        for (int c = m->cuts - 1; c >= 0; c--)
            for (int64_t b = 0; b < width; b++) {
                double own = week[c * width + b];
                bool last = c == m->cuts - 1;
                best[c * width + b] = last ? own : fmax(own, best[(c + 1) * width + b]);
            }
    }
    return p;
}

int markdown_choose(const markdown_plan *p, int t, int now, double stock) {
    int64_t width = p->buckets + 1;
    const double *week = p->worth + t * p->cuts * width;
    int best = now;
    double most = between(week + now * width, p, stock);
    for (int c = now + 1; c < p->cuts; c++) {
        double worth = between(week + c * width, p, stock);
        if (worth > most + 1e-9 * fabs(most)) best = c, most = worth; /* equal: no cut */
    }
    return best;
}

typedef struct run {
    double money, sales, units, left;
} run;

/* One run; cut and sold add up over runs, open counts runs with stock in the week. */
static run play_one(const markdown_case *m, const markdown_plan *plan, int hold, const draw *d,
                    rng r, markdown_result *sum, double *open) {
    run one = {0};
    int cut = plan ? m->now : hold;
    int64_t stock = m->stock;
    for (int t = 0; t < m->weeks && stock > 0; t++) {
        if (plan) cut = markdown_choose(plan, t, cut, (double)stock);
        int64_t sold = rng_poisson(&r, demand(m, d, t, cut));
        if (sold > stock) sold = stock;
        stock -= sold;
        one.units += (double)sold;
        one.sales += (double)sold * m->price * (1.0 - m->cut[cut]);
        sum->sold[t] += (double)sold, sum->cut[t] += m->cut[cut], open[t] += 1.0;
    }
    one.left = (double)stock;
    one.money = one.sales + m->salvage * one.left;
    return one;
}

static void band(const double *x, int64_t n, double *low, double *high, arena scratch) {
    int32_t *index = order_count(n, &scratch);
    order_up(index, n, x, scratch);
    *low = x[index[n / 10]], *high = x[index[n - 1 - n / 10]];
}

markdown_result markdown_play(const markdown_case *m, const markdown_plan *plan, int hold,
                              uint64_t seed, markdown_gain *gain, arena scratch) {
    enum { RUNS = MARKDOWN_DRAWS * MARKDOWN_RUNS };
    markdown_result out = {0}, ignored = {0};
    draw draws[MARKDOWN_DRAWS];
    double open[MARKDOWN_WEEKS] = {0}, other_open[MARKDOWN_WEEKS] = {0};
    double *money = take(&scratch, double, RUNS), *left = take(&scratch, double, RUNS),
           *more = take(&scratch, double, RUNS);
    draw_all(draws, m, seed);
    if (gain) *gain = (markdown_gain){0};
    for (int i = 0; i < RUNS; i++) {
        const draw *d = &draws[i % MARKDOWN_DRAWS];
        run one = play_one(m, plan, hold, d, rng_open(seed, (uint64_t)i + 1), &out, open);
        money[i] = one.money, left[i] = one.left;
        out.money += one.money / RUNS, out.sales += one.sales / RUNS;
        out.units += one.units / RUNS, out.left += one.left / RUNS;
        if (!gain) continue;
        run held = play_one(m, NULL, hold, d, rng_open(seed, (uint64_t)i + 1), &ignored,
                            other_open);
        more[i] = one.money - held.money;
        gain->money += more[i] / RUNS, gain->better += (more[i] > 0) / (double)RUNS;
    }
    band(money, RUNS, &out.money_low, &out.money_high, scratch);
    band(left, RUNS, &out.left_low, &out.left_high, scratch);
    if (gain) band(more, RUNS, &gain->low, &gain->high, scratch);
    for (int t = 0; t < m->weeks; t++) {
        out.cut[t] = open[t] > 0 ? out.cut[t] / open[t] : NAN;
        out.sold[t] /= RUNS;
    }
    return out;
}
