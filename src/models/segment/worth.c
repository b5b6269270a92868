/* worth: what each customer is going to buy and to bring in, with intervals, and groups of them. */
#include "models/segment/worth.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"

enum { CHUNKS = 128 }; /* of patterns, at most */

#define PART 0.25 /* what the discount takes, as a logarithm, in one part of a draw's horizon */

/* One parameter vector: the fit's own, or a draw. */
typedef struct guess {
    double buy[4], spend[3];
} guess;

typedef struct job {
    worth *w;
    const clv_model *m;
    const worth_data *d;
    worth_params p;
    int64_t step;        /* patterns of a chunk */
    const guess *guess;  /* [draws] */
    double *sums;        /* [chunks, groups + 1, 2, draws] purchases and values of each draw */
    worth_total *totals; /* [chunks, groups + 1]; place 0 is all of them */
} job;

const char *worth_check(worth_params p) {
    if (!(p.horizon > 0) || !isfinite(p.horizon)) return "the horizon must be above 0";
    if (!(p.step > 0) || p.horizon / p.step > 10000) return "a horizon has at most 10000 steps";
    if (!(p.discount >= 0) || p.discount > 10) return "the discount must be in 0..10 a step";
    if (!(p.margin > 0) || !isfinite(p.margin)) return "the margin must be above 0";
    if (p.draws < 0 || p.draws > 10000) return "the draws must be in 0..10000";
    if (!(p.low >= 0 && p.low <= p.high && p.high <= 1)) return "the quantiles must ascend in 0..1";
    return NULL;
}

/* Purchases of someone alive until `parts` ends of the horizon, discounted at those ends; *all =
 * undiscounted. Exact when the parts are the steps. */
static double discounted(const job *j, const double *buy, double x, double T, int64_t parts,
                         double *all) {
    const worth_params *p = &j->p;
    double sum = 0, before = 0, steps = ceil(p->horizon / p->step);
    for (int64_t k = 1; k <= parts; k++) {
        double place = steps * (double)k / (double)parts;
        double y = clv_ahead(j->m->kind, buy, x, T, fmin(place * p->step, p->horizon));
        sum += (y - before) * exp(-place * log1p(p->discount));
        before = y;
    }
    *all = before;
    return sum;
}

/* The k-th smallest (from 0) of v[n], which is rearranged. */
static double select_kth(double *v, int n, int k) {
    int low = 0, high = n - 1;
    while (low < high) {
        double pivot = v[low + (high - low) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot) i++;
            while (v[j] > pivot) j--;
            if (i > j) break;
            double keep = v[i];
            v[i++] = v[j];
            v[j--] = keep;
        }
        if (k <= j) high = j;
        else if (k >= i) low = i;
        else break;
    }
    return v[k];
}

static double quantile(double *v, int n, double q) {
    int k = (int)ceil(q * n) - 1;
    return select_kth(v, n, k < 0 ? 0 : k);
}

static worth_range range_of(const job *j, double value, const double *drawn, double *room) {
    worth_range r = {value, value, value};
    if (j->p.draws == 0) return r;
    memcpy(room, drawn, sizeof *room * (size_t)j->p.draws);
    r.low = quantile(room, j->p.draws, j->p.low);
    r.high = quantile(room, j->p.draws, j->p.high);
    return r;
}

/* What the draws say of the pattern at hand. */
typedef struct room {
    double *ahead, *paid;   /* [draws] of someone alive: purchases; the same discounted */
    double *bought, *worth; /* [draws] of one customer of the pattern */
    double *sort;           /* [draws] */
} room;

static void add_customer(worth_total *t, double *sums, const job *j, const room *r, int32_t row) {
    const worth *w = j->w;
    int n = j->p.draws;
    t->customers++;
    t->lost += w->lost[row];
    t->alive += w->alive[row];
    t->purchases.value += w->purchases[row];
    for (int i = 0; i < n; i++) sums[i] += r->bought[i];
    if (!w->value) return;
    t->value.value += w->value[row];
    for (int i = 0; i < n; i++) sums[n + i] += r->worth[i];
}

/* Money of one customer of the pattern; `paid` = discounted purchases by the fit. */
static void price(const job *j, const room *r, double x, double paid, const double *alive,
                  int32_t row) {
    worth *w = j->w;
    double m = j->d->m[row];
    w->money[row] = gammagamma_mean(j->d->spend->fit.p, x, m);
    w->value[row] = j->p.margin * w->money[row] * paid;
    for (int i = 0; i < j->p.draws; i++)
        r->worth[i] = j->p.margin * gammagamma_mean(j->guess[i].spend, x, m) * alive[i] *
                      r->paid[i];
    worth_range range = range_of(j, w->value[row], r->worth, r->sort);
    w->low[row] = range.low;
    w->high[row] = range.high;
}

/* All customers of pattern k; paid and ahead are those of someone alive by the fit. */
static void add_pattern(const job *j, const room *r, int64_t k, double paid, double ahead,
                        double *alive_in, int64_t chunk) {
    const patterns *c = j->d->c;
    worth *w = j->w;
    int places = j->d->groups + 1;
    double x = c->at_x[c->x[k]], t = c->at_t[c->t[k]], T = c->at_T[c->T[k]];
    double alive = clv_alive(j->m->kind, j->m->fit.p, x, t, T);
    bool lost = clv_lost(j->m, x, t, T);
    for (int i = 0; i < j->p.draws; i++) {
        alive_in[i] = clv_alive(j->m->kind, j->guess[i].buy, x, t, T);
        r->bought[i] = alive_in[i] * r->ahead[i];
    }
    for (int64_t i = c->first[k]; i < c->first[k + 1]; i++) {
        int32_t row = c->row[i];
        w->alive[row] = alive;
        w->purchases[row] = alive * ahead;
        w->lost[row] = lost;
        if (w->value && (x > 0 || i == c->first[k])) {
            price(j, r, x, alive * paid, alive_in, row);
        } else if (w->value) { /* without a repeat purchase all are alike */
            int32_t twin = c->row[c->first[k]];
            w->money[row] = w->money[twin];
            w->value[row] = w->value[twin];
            w->low[row] = w->low[twin];
            w->high[row] = w->high[twin];
        }
        int32_t group = j->d->group ? j->d->group[row] : -1;
        int64_t at = chunk * places, draws = j->p.draws;
        add_customer(&j->totals[at], &j->sums[at * 2 * draws], j, r, row);
        if (group < 0) continue;
        at += 1 + group;
        add_customer(&j->totals[at], &j->sums[at * 2 * draws], j, r, row);
    }
}

static void work_chunk(void *what, int64_t chunk, arena scratch) {
    const job *j = what;
    const patterns *c = j->d->c;
    int n = j->p.draws;
    room r;
    double **arrays[] = {&r.ahead, &r.paid, &r.bought, &r.worth, &r.sort}, paid = 0, ahead = 0;
    for (int i = 0; i < 5; i++) *arrays[i] = take(&scratch, double, n);
    double *alive = take(&scratch, double, n);
    int64_t from = chunk * j->step, to = from + j->step < c->n ? from + j->step : c->n;
    int64_t steps = (int64_t)ceil(j->p.horizon / j->p.step);
    int64_t parts = 1 + (int64_t)((double)steps * log1p(j->p.discount) / PART);
    if (parts > steps) parts = steps;
    for (int64_t k = from; k < to; k++) {
        double x = c->at_x[c->x[k]], T = c->at_T[c->T[k]], part;
        if (k == from || c->x[k] != c->x[k - 1] || c->T[k] != c->T[k - 1]) {
            paid = discounted(j, j->m->fit.p, x, T, steps, &ahead);
            double coarse = discounted(j, j->m->fit.p, x, T, parts, &part);
            for (int i = 0; i < n; i++) {
                double of_draw = discounted(j, j->guess[i].buy, x, T, parts, &r.ahead[i]);
                r.paid[i] = coarse > 0 ? of_draw * paid / coarse : 0;
            }
        }
        add_pattern(j, &r, k, paid, ahead, alive, chunk);
    }
}

/* logs[n] = root z, held within a factor of e^8. */
static void draw(const likelihood_fit *f, rng *r, double *logs) {
    double z[LIKELIHOOD_MOST];
    for (int i = 0; i < f->n; i++) z[i] = rng_normal(r);
    for (int i = 0; i < f->n; i++) {
        logs[i] = 0;
        for (int k = 0; k <= i; k++)
            logs[i] += f->root[i * f->n + k] * z[k]; /* break: z has no side */
        logs[i] = fmax(-8, fmin(8, logs[i]));
    }
}

static guess *draw_all(const clv_model *m, const worth_data *d, worth_params p, arena *keep) {
    guess *all = take(keep, guess, p.draws);
    for (int i = 0; i < p.draws; i++) {
        rng r = rng_open(seed_for(p.seed, "worth"), (uint64_t)i);
        double logs[LIKELIHOOD_MOST];
        draw(&m->fit, &r, logs);
        for (int k = 0; k < 4; k++) all[i].buy[k] = m->fit.p[k] * exp(logs[k]);
        if (!d->spend) continue;
        const double *spend = d->spend->fit.p;
        draw(&d->spend->fit, &r, logs);
        all[i].spend[0] = spend[0] * exp(logs[0]);
        all[i].spend[1] = 1 + (spend[1] - 1) * exp(logs[1]);
        all[i].spend[2] = spend[2] * exp(logs[2]);
    }
    return all;
}

/* One place of the totals, its chunks added in order. */
static worth_total gather(const job *j, int place, int64_t chunks, arena scratch) {
    int places = j->d->groups + 1, n = j->p.draws;
    double *sums = take(&scratch, double, 2 * n), *sort = take(&scratch, double, n);
    worth_total t = {0};
    for (int64_t c = 0; c < chunks; c++) {
        const worth_total *part = &j->totals[c * places + place];
        const double *drawn = &j->sums[(c * places + place) * 2 * n];
        t.customers += part->customers;
        t.lost += part->lost;
        t.alive += part->alive;
        t.purchases.value += part->purchases.value;
        t.value.value += part->value.value;
        for (int i = 0; i < 2 * n; i++) sums[i] += drawn[i];
    }
    t.purchases = range_of(j, t.purchases.value, sums, sort);
    if (j->w->value) t.value = range_of(j, t.value.value, sums + n, sort);
    return t;
}

void worth_of(worth *w, const clv_model *m, const worth_data *d, worth_params p, pool *threads,
              arena *keep, arena scratch) {
    int64_t rows = d->c->rows, chunks;
    assert(arena_apart(keep, &scratch) && !worth_check(p) && d->groups >= 0);
    *w = (worth){.alive = take(keep, double, rows), .purchases = take(keep, double, rows),
                 .lost = take(keep, bool, rows), .groups = take(keep, worth_total, d->groups)};
    double **money[] = {&w->money, &w->value, &w->low, &w->high};
    for (int i = 0; i < 4 && d->spend; i++) *money[i] = take(keep, double, rows);
    job j = {.w = w, .m = m, .d = d, .p = p, .step = (d->c->n + CHUNKS - 1) / CHUNKS};
    if (j.step < 16) j.step = 16;
    chunks = (d->c->n + j.step - 1) / j.step;
    j.guess = draw_all(m, d, p, &scratch);
    j.sums = take(&scratch, double, chunks * (d->groups + 1) * 2 * p.draws);
    j.totals = take(&scratch, worth_total, chunks * (d->groups + 1));
    pool_for(threads, chunks, work_chunk, &j);
    w->all = gather(&j, 0, chunks, scratch);
    for (int g = 0; g < d->groups; g++) w->groups[g] = gather(&j, g + 1, chunks, scratch);
}
