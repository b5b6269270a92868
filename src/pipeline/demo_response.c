/* demo_response: how expected units answer to the prices that were asked, all parts of the demand
 * together.
 *
 * A category's planted elasticity is that of its table of choice. What its articles show is a
 * mixture: bargain hunters answer more than it and all others less, hunters own more of what was
 * cheap, nobody takes an article twice in a week, and what is bought again follows prices too. From
 * the probabilities of the draws, with q = chance that a line is the article (0 for owners):
 *
 *     units = bought again + A / (1 + B / 2A)   A = sum over people of lines * q
 *                                               B = sum over people of pairs of lines * q²
 *
 * which is sum of 1 - (1 - q)^lines to the second order. Units of each article and week below the
 * list price are set against those at the list price, all else as it was. The elasticity is the
 * slope through 0 of ln units / units on ln price / price, weighted by units: a counterfactual, not
 * an estimate. Left out: that a cut takes buyers from the weeks after it, stock that runs out, and
 * that one-off buyers take one article instead of another. */
#include <math.h>

#include "pipeline/demo_world.h"

enum { PEOPLE_MOST = 20000 }; /* a week: every n-th of a large shop */

typedef struct tally {
    int kinds;     /* styles + 1: the last is any style */
    double *lines; /* [2, kinds] new lines by kind of person (1 = bargain) and style */
    double *pairs; /* [2, kinds, kinds] */
    double *owned, *owned_pairs; /* [2, n] of A and B, what those who own the article would add */
    double *again, *again_list;  /* [n] lines bought again, at the price and at the list price */
} tally;

/* The chance that a new line of the person is the article at place `at`. */
static double chance_of(const demo_chances *t, const demo_person *p, int b, const double *weight,
                        int32_t at) {
    int n = t->w->n_styles;
    const double *chance = t->chance + (int64_t)b * (n + 1) * t->n + at;
    double sum = weight[p->style] * chance[(int64_t)p->style * t->n] +
                 weight[n] * chance[(int64_t)n * t->n];
    if (p->second != p->style) sum += weight[p->second] * chance[(int64_t)p->second * t->n];
    return sum;
}

/* Returns the share of lines that are bought again. */
static double add_again(const demo_chances *t, tally *y, int32_t person, double lines) {
    const demo_segment *g = &demo_segments[t->w->people[person].segment];
    double all = 0, chance;
    for (int k = 1; k <= DEMO_AGAIN; k++) {
        int32_t i = demo_demand_again(t->d, t->week, person, k, &chance);
        if (i < 0) continue;
        double pull = demo_pull(t->w->articles[i].category, g->bargain, 1);
        all += chance;
        y->again[t->place[i] - 1] += lines * chance;
        y->again_list[t->place[i] - 1] += lines * fmin(1, g->again * pull) / DEMO_AGAIN;
    }
    return all;
}

static void add_person(const demo_chances *t, tally *y, int32_t person) {
    const demo_world *w = t->w;
    const demo_person *p = &w->people[person];
    int b = demo_segments[p->segment].bargain, memory = w->p.size->memory;
    const int32_t *history = w->history + (int64_t)person * memory;
    double weight[DEMO_STYLES_MOST + 1], pairs, has = 0, tries = 0;
    double lines = demo_demand_lines(t->d, t->week, person, &pairs);
    if (lines <= 0) return;
    demo_demand_styles(t->d, person, weight);
    double fresh = 1 - add_again(t, y, person, lines); /* share of lines */
    for (int k = 0; k < memory; k++)
        if (history[k] >= 0 && t->place[history[k]])
            has += chance_of(t, p, b, weight, t->place[history[k]] - 1);
    for (int k = 0; k < DEMO_TRIES; k++) tries = 1 + has * tries;
    lines *= fresh * tries;
    pairs *= fresh * tries * fresh * tries;
    for (int s = 0; s < y->kinds; s++) {
        if (weight[s] <= 0) continue;
        y->lines[b * y->kinds + s] += lines * weight[s];
        for (int m = 0; m < y->kinds; m++)
            y->pairs[(b * y->kinds + s) * y->kinds + m] += pairs * weight[s] * weight[m];
    }
    for (int k = 0; k < memory; k++)
        if (history[k] >= 0 && t->place[history[k]]) {
            int32_t at = t->place[history[k]] - 1;
            double chance = chance_of(t, p, b, weight, at);
            y->owned[(int64_t)b * t->n + at] += lines * chance;
            y->owned_pairs[(int64_t)b * t->n + at] += pairs * chance * chance;
        }
}

/* A and B of one kind of person and the article at place `at`. */
static void expect(const demo_chances *t, const tally *y, int b, int32_t at, double *lines,
                   double *pairs) {
    const double *chance = t->chance + (int64_t)b * y->kinds * t->n + at;
    *lines = -y->owned[(int64_t)b * t->n + at];
    *pairs = -y->owned_pairs[(int64_t)b * t->n + at];
    for (int s = 0; s < y->kinds; s++) {
        double q = chance[(int64_t)s * t->n], with = 0;
        *lines += y->lines[b * y->kinds + s] * q;
        for (int m = 0; m < y->kinds; m++)
            with += y->pairs[(b * y->kinds + s) * y->kinds + m] * chance[(int64_t)m * t->n];
        *pairs += q * with;
    }
    *lines = fmax(*lines, 0), *pairs = fmax(*pairs, 0); /* rounding, where all own it */
}

static double saturated(double lines, double pairs) {
    return lines > 0 ? lines * lines / (lines + pairs / 2) : 0;
}

static void add_article(demo_world *w, const demo_chances *t, const tally *y, int32_t at) {
    const demo_article *a = &w->articles[t->live[at]];
    double ratio = demo_price(w, t->live[at], t->week) / (double)a->list;
    double lines[2] = {0, 0}, pairs[2] = {0, 0}; /* at the price, at the list price */
    if (ratio >= 1) return;
    for (int b = 0; b < 2; b++) {
        double some, two, back = demo_pull(a->category, b, 1) / demo_pull(a->category, b, ratio);
        expect(t, y, b, at, &some, &two);
        lines[0] += some, lines[1] += some * back;
        pairs[0] += two, pairs[1] += two * back * back;
    }
    double units = y->again[at] + saturated(lines[0], pairs[0]);
    double list = y->again_list[at] + saturated(lines[1], pairs[1]);
    if (!(units > 0) || !(list > 0)) return;
    w->response[a->category].across += units * log(units / list) * log(ratio);
    w->response[a->category].square += units * log(ratio) * log(ratio);
}

void demo_response_add(demo_world *w, const demo_demand *d, int week, arena *memory) {
    demo_chances t = demo_chances_of(w, d, week, memory);
    int kinds = w->n_styles + 1;
    tally y = {.kinds = kinds, .lines = take(memory, double, 2 * kinds),
               .pairs = take(memory, double, 2 * kinds * kinds),
               .owned = take(memory, double, 2 * (int64_t)t.n),
               .owned_pairs = take(memory, double, 2 * (int64_t)t.n),
               .again = take(memory, double, t.n), .again_list = take(memory, double, t.n)};
    int32_t step = w->n_people > PEOPLE_MOST ? w->n_people / PEOPLE_MOST : 1;
    for (int32_t i = 0; i < w->n_people; i += step) add_person(&t, &y, i);
    for (int32_t at = 0; at < t.n; at++) add_article(w, &t, &y, at);
}

double demo_response(const demo_world *w, int category) {
    return w->response[category].across / w->response[category].square;
}
