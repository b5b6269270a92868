/* demo_optimum: the best lists that the planted chances allow, and the MAP@12 they reach.
 *
 * A line of a person's order is the k-th last article again with a known chance, else a new one of
 * a known distribution that leaves out what the person owns. Articles are ranked by the sum of the
 * two: who ranks by anything else is better by luck only (stock-outs and the few lines of an order
 * that repeat each other aside). */
#include <string.h>

#include "base/order.h"
#include "pipeline/demo_world.h"

enum { BEST = 12, MOST = 5000 }; /* people a week: every n-th of a large shop */

struct demo_optimum {
    int week;
    int64_t n;
    int32_t *people, *lists; /* [n]; [n, BEST] articles, -1 padded */
};

demo_chances demo_chances_of(const demo_world *w, const demo_demand *d, int week, arena *memory) {
    demo_chances t = {.w = w, .d = d, .week = week};
    t.n = demo_demand_live(d, &t.live);
    t.place = take(memory, int32_t, w->n_articles);
    t.chance = take(memory, double, 2 * (int64_t)(w->n_styles + 1) * t.n);
    for (int32_t at = 0; at < t.n; at++) t.place[t.live[at]] = at + 1;
    for (int b = 0; b < 2; b++)
        for (int s = 0; s <= w->n_styles; s++)
            demo_demand_chances(d, b, s, t.chance + ((int64_t)b * (w->n_styles + 1) + s) * t.n);
    return t;
}

/* score[n]: expected share of the person's lines. */
static void expect(const demo_chances *t, int32_t person, double *score) {
    const demo_world *w = t->w;
    int b = demo_segments[w->people[person].segment].bargain, memory = w->p.size->memory;
    double weight[DEMO_STYLES_MOST + 1], again = 0, left = 0, chances[DEMO_AGAIN];
    int32_t articles[DEMO_AGAIN];
    demo_demand_styles(t->d, person, weight);
    memset(score, 0, sizeof *score * (size_t)t->n);
    for (int s = 0; s <= w->n_styles; s++) {
        if (weight[s] <= 0) continue;
        const double *chance = t->chance + ((int64_t)b * (w->n_styles + 1) + s) * t->n;
        for (int32_t at = 0; at < t->n; at++) score[at] += weight[s] * chance[at];
    }
    for (int k = 0; k < memory; k++) {
        int32_t owned = w->history[(int64_t)person * memory + k];
        if (owned >= 0 && t->place[owned]) score[t->place[owned] - 1] = 0;
    }
    for (int k = 0; k < DEMO_AGAIN; k++) {
        articles[k] = demo_demand_again(t->d, t->week, person, k + 1, &chances[k]);
        if (articles[k] >= 0) again += chances[k];
    }
    for (int32_t at = 0; at < t->n; at++) left += score[at];
    for (int32_t at = 0; at < t->n && left > 0; at++) score[at] *= (1 - again) / left;
    for (int k = 0; k < DEMO_AGAIN; k++)
        if (articles[k] >= 0) score[t->place[articles[k]] - 1] += chances[k];
}

static void best_of(const demo_chances *t, const double *score, int32_t *list, arena scratch) {
    int32_t *order = order_count(t->n, &scratch);
    order_down(order, t->n, score, scratch);
    for (int i = 0; i < BEST; i++)
        list[i] = i < t->n && score[order[i]] > 0 ? t->live[order[i]] : -1;
}

demo_optimum *demo_optimum_rank(const demo_world *w, const demo_demand *d, int week,
                                const demo_sale *sales, int64_t n, arena *memory) {
    if (week < DEMO_WEEKS - DEMO_OPTIMUM_WEEKS) return NULL;
    int64_t people = 0;
    for (int64_t i = 0; i < n; i++) people += i == 0 || sales[i].person != sales[i - 1].person;
    int64_t step = people > MOST ? (people + MOST - 1) / MOST : 1, seen = 0;
    demo_optimum *o = take(memory, demo_optimum, 1);
    *o = (demo_optimum){.week = week, .people = take(memory, int32_t, people / step + 1),
                        .lists = take(memory, int32_t, (people / step + 1) * BEST)};
    demo_chances t = demo_chances_of(w, d, week, memory);
    double *score = take(memory, double, t.n);
    for (int64_t i = 0; i < n; i++) {
        if (i > 0 && sales[i].person == sales[i - 1].person) continue;
        if (seen++ % step != 0) continue;
        expect(&t, sales[i].person, score);
        best_of(&t, score, o->lists + o->n * BEST, w->s->scratch);
        o->people[o->n++] = sales[i].person;
    }
    return o;
}

static bool bought(const demo_sale *sales, const int32_t *next, int64_t first, int32_t article) {
    for (int64_t i = first; i >= 0; i = next[i])
        if (sales[i].article == article) return true;
    return false;
}

/* AP@12 of a list against the distinct articles of one person's sales (a chain through next). */
static double average_precision(const demo_sale *sales, const int32_t *next,
                                int64_t first, const int32_t *list) {
    int distinct = 0, hits = 0;
    double sum = 0;
    for (int64_t i = first; i >= 0; i = next[i])
        distinct += next[i] < 0 || !bought(sales, next, next[i], sales[i].article);
    for (int k = 0; k < BEST && list[k] >= 0; k++)
        if (bought(sales, next, first, list[k])) sum += ++hits / (double)(k + 1);
    return sum / (distinct < BEST ? distinct : BEST);
}

void demo_optimum_score(demo_world *w, const demo_optimum *o, const demo_sale *sales, int64_t n,
                        arena scratch) {
    if (!o) return;
    int32_t *last = take(&scratch, int32_t, w->n_people), *next = take(&scratch, int32_t, n);
    for (int64_t i = 0; i < n; i++) { /* last holds the number + 1 */
        next[i] = last[sales[i].person] - 1;
        last[sales[i].person] = (int32_t)i + 1;
    }
    double sum = 0;
    int64_t customers = 0;
    for (int64_t i = 0; i < o->n; i++) {
        int64_t first = (int64_t)last[o->people[i]] - 1;
        if (first < 0) continue; /* all that was wanted was out of stock */
        sum += average_precision(sales, next, first, o->lists + i * BEST);
        customers++;
    }
    int k = o->week - (DEMO_WEEKS - DEMO_OPTIMUM_WEEKS);
    w->optimum[k].customers = customers;
    w->optimum[k].map = customers > 0 ? sum / (double)customers : 0;
}
