/* funnel_why: what separates the units that went on at each step of a funnel from those that left,
 * and what is lost there in money. */
#include "pipeline/funnel_why.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"

#define DAY (INT64_C(86400) * 1000000)

enum { TENTHS = 10, STRATA = 2 * TENTHS, FEWEST = 25, MOST_TOLD = 10 };
#define FEWEST_SHARE 0.02

/* ---- the units at a step ---- */

typedef struct arrival {
    int64_t event;   /* that first took the unit there */
    uint64_t before; /* bit i: it had event i earlier */
    int64_t earlier; /* how many events it had */
    int stratum;
    bool came_back, went_on;
} arrival;

typedef struct arrivals {
    int64_t n;
    arrival *one;
} arrivals;

/* The funnel of the first `steps` steps: its chains end where a unit first reached the last. */
static funnel_params first_steps(const funnel_params *whole, int steps) {
    funnel_params p = *whole;
    p.steps = steps;
    p.excludes = 0;
    for (int x = 0; x < whole->excludes; x++) {
        p.exclude[p.excludes] = whole->exclude[x];
        if (p.exclude[p.excludes].to > steps) p.exclude[p.excludes].to = steps;
        p.excludes += p.exclude[p.excludes].from < p.exclude[p.excludes].to;
    }
    return p;
}

static arrival arrival_of(const funnel_log *log, int64_t unit, int64_t event) {
    const funnel_events *v = &log->events;
    arrival a = {.event = event};
    int64_t first = v->first[unit];
    for (int64_t i = first; v->time[i] < v->time[event]; i++, a.earlier++)
        a.before |= UINT64_C(1) << log->by[0].code[i];
    a.came_back = v->time[event] - v->time[first] >= DAY;
    return a;
}

static void put_strata(arrivals *a, scope *s) {
    double *earlier = take(&s->keep, double, a->n);
    int32_t *order = order_count(a->n, &s->keep);
    for (int64_t i = 0; i < a->n; i++) earlier[i] = (double)a->one[i].earlier;
    order_up(order, a->n, earlier, s->scratch);
    for (int64_t i = 0, same = 0; i < a->n; i++) { /* equal ones are in one tenth */
        if (earlier[order[i]] > earlier[order[same]]) same = i;
        arrival *one = &a->one[order[i]];
        one->stratum = (int)(same * TENTHS / a->n) * 2 + one->came_back;
    }
}

static arrivals arrive(const funnel_log *log, const funnel_spec *spec, const funnel_outcome *whole,
                       int steps, pool *threads, scope *s) {
    const funnel_events *v = &log->events;
    funnel_params p = first_steps(&spec->p, steps);
    funnel_events early = *v;
    uint32_t *serves = take(&s->keep, uint32_t, v->n), known = (1u << steps) - 1;
    for (int x = 0, kept = 0; x < spec->p.excludes; x++)
        if (spec->p.exclude[x].from < steps) { /* exclusions close up where one is left out */
            for (int64_t i = 0; i < v->n; i++)
                serves[i] |= (v->serves[i] >> (FUNNEL_STEPS + x) & 1) << (FUNNEL_STEPS + kept);
            kept++;
        }
    for (int64_t i = 0; i < v->n; i++) serves[i] |= v->serves[i] & known;
    early.serves = serves;
    funnel_outcome o;
    funnel_run(&o, &early, &p, threads, &s->keep);
    arrivals a = {0, take(&s->keep, arrival, v->units)};
    for (int64_t u = 0; u < v->units; u++) {
        const int64_t *chain = o.chain + u * steps;
        if (o.level[u] < steps ||
            (p.window && v->time[chain[0]] + p.window > log->end)) /* it may go on yet */
            continue;
        a.one[a.n] = arrival_of(log, u, chain[steps - 1]);
        a.one[a.n++].went_on = whole->level[u] > steps;
    }
    put_strata(&a, s);
    return a;
}

/* ---- features ---- */

static bool has(const funnel_log *log, const arrival *a, int by, int value) {
    return by == 0 ? a->before >> value & 1 : log->by[by].code[a->event] == value;
}

/* False when too few have it or have it not, or nothing compares. */
static bool compare(funnel_difference *d, const funnel_log *log, const arrivals *a, int by,
                    int value) {
    odds_table t[STRATA] = {{0}};
    double fewest = fmax(FEWEST, FEWEST_SHARE * (double)a->n);
    *d = (funnel_difference){by ? slice_of(log->by[by].column) : SLICE("before"),
                             log->by[by].value[value], 0, 0, 0, 0, {{0}}};
    for (int64_t i = 0; i < a->n; i++) {
        odds_table *own = &t[a->one[i].stratum];
        bool with = has(log, &a->one[i], by, value), on = a->one[i].went_on;
        if (with) on ? own->with_on++ : own->with_left++;
        else on ? own->without_on++ : own->without_left++;
    }
    for (int i = 0; i < STRATA; i++) {
        d->with += t[i].with_on + t[i].with_left, d->with_on += t[i].with_on;
        d->without += t[i].without_on + t[i].without_left, d->without_on += t[i].without_on;
    }
    return (double)d->with >= fewest && (double)d->without >= fewest &&
           odds_fit(&d->of, t, STRATA);
}

/* Fills n and difference, which has room for all. */
static void find_differences(funnel_why_step *to, const funnel_log *log, const arrivals *a,
                             scope *s) {
    funnel_difference *found = take(&s->keep, funnel_difference, log->by_n * FUNNEL_LOG_VALUES);
    int n = 0;
    for (int by = 0; by < log->by_n; by++)
        /* of two values one says what the other does */
        for (int i = by && log->by[by].values == 2; i < log->by[by].values; i++)
            n += compare(&found[n], log, a, by, i);
    odds *of = take(&s->keep, odds, n);
    double *key = take(&s->keep, double, n);
    int32_t *order = order_count(n, &s->keep);
    for (int i = 0; i < n; i++) of[i] = found[i].of;
    odds_judge(of, n, s->scratch);
    for (int i = 0; i < n; i++) found[i].of = of[i], key[i] = of[i].shrunk;
    order_down(order, n, key, s->scratch);
    to->n = n;
    for (int i = 0; i < n; i++) to->difference[i] = found[order[i]];
}

/* ---- money ---- */

/* NAN where no unit that got through has a price. */
static double mean_value(const funnel_log *log, const funnel_spec *spec, const funnel_outcome *o) {
    const funnel_events *v = &log->events;
    int last = spec->p.steps - 1;
    double sum = 0;
    int64_t units = 0;
    for (int64_t u = 0; u < v->units; u++) {
        const int64_t *chain = o->chain + u * o->steps;
        bool priced = false;
        if (o->level[u] <= last) continue;
        for (int64_t i = chain[last]; i < v->first[u + 1]; i++) {
            if (spec->p.window && v->time[i] - v->time[chain[0]] > spec->p.window) break;
            if (!(v->serves[i] >> last & 1) || !isfinite(log->price[i])) continue;
            sum += log->price[i], priced = true;
        }
        units += priced;
    }
    return units ? sum / (double)units : NAN;
}

void funnel_why_find(funnel_why *out, const funnel_log *log, const funnel_spec *spec,
                     pool *threads, scope *s) {
    funnel_outcome o;
    funnel_table t;
    assert(spec->p.order != FUNNEL_ANY && !spec->p.optional && !spec->attempts);
    funnel_run(&o, &log->events, &spec->p, threads, &s->keep);
    funnel_count(&t, &o, &log->events, NULL, 1, threads, &s->keep, s->scratch);
    out->value = mean_value(log, spec, &o);
    out->step = take(&s->keep, funnel_why_step, spec->p.steps);
    for (int k = 0; k + 1 < spec->p.steps; k++) {
        funnel_why_step *to = &out->step[k];
        funnel_difference *room = take(&s->keep, funnel_difference, log->by_n * FUNNEL_LOG_VALUES);
        const arena before = s->keep; /* what is taken for one step is forgotten */
        arrivals a = arrive(log, spec, &o, k + 1, threads, s);
        int64_t here = t.counts[k], next = t.counts[k + 1], through = t.counts[spec->p.steps - 1];
        double each = next ? out->value * (double)through / (double)next : NAN;
        *to = (funnel_why_step){.entered = here, .compared = a.n,
                                .difference = room,
                                .lost = (double)(here - next) * each,
                                .point = 0.01 * (double)here * each};
        for (int64_t i = 0; i < a.n; i++) to->went_on += a.one[i].went_on;
        find_differences(to, log, &a, s);
        s->keep = before;
    }
}

/* ---- what is said ---- */

static void put_difference(js *j, const funnel_difference *d) {
    js_object(j, NULL);
    js_put_text(j, "feature", d->feature);
    js_put_text(j, "value", d->value);
    js_put_int(j, "units", d->with);
    js_put_real(j, "rate", (double)d->with_on / (double)d->with);
    js_put_real(j, "rate_without", (double)d->without_on / (double)d->without);
    funnel_put_rate(j, "odds_ratio", d->of.ratio);
    js_put_real(j, "crude", d->of.crude);
    js_put_real(j, "shrunk", d->of.shrunk);
    js_put_real(j, "p", d->of.p);
    js_put_real(j, "q", d->of.q);
    js_end(j);
}

static void put_step(js *j, const funnel_why_step *at, const char *from, const char *to) {
    int found = 0;
    int64_t left = at->compared - at->went_on;
    for (int i = 0; i < at->n; i++) found += at->difference[i].of.q <= FUNNEL_WHY_RATE;
    js_object(j, NULL);
    js_put_word(j, "from", from);
    js_put_word(j, "to", to);
    js_put_int(j, "entered", at->entered);
    js_put_int(j, "compared", at->compared);
    js_put_int(j, "went_on", at->went_on);
    js_put_bool(j, "lopsided", at->went_on > 10 * left || left > 10 * at->went_on);
    js_put_fixed(j, "money_lost", at->lost, 2); /* NAN is written as null */
    js_put_fixed(j, "money_of_a_point", at->point, 2);
    js_put_int(j, "tested", at->n);
    js_put_int(j, "found", found);
    js_array(j, "differences");
    for (int i = 0, up = 0, down = found; i < at->n; i++) {
        if (at->difference[i].of.q > FUNNEL_WHY_RATE) continue;
        bool raises = at->difference[i].of.log > 0;
        if (raises ? up++ < MOST_TOLD : down <= MOST_TOLD) put_difference(j, &at->difference[i]);
        down--;
    }
    js_end(j);
    js_end(j);
}

void funnel_why_put(js *j, const funnel_why *w, const funnel_spec *spec) {
    js_object(j, "why");
    js_put_fixed(j, "value", w->value, 2);
    js_array(j, "steps");
    for (int k = 0; k + 1 < spec->p.steps; k++)
        put_step(j, &w->step[k], spec->step[k], spec->step[k + 1]);
    js_end(j);
    js_end(j);
}
