/* transitions: which item follows which in the customers' sequences, as a sparse matrix. */
#include "models/recommend/transitions.h"

#include <math.h>

#include "models/recommend/knn.h"
#include "models/recommend/neighbours.h"

enum { ITEMS = 64 };

typedef struct walk {
    const transitions_data *d;
    transitions_params p;
    const int64_t *item_at;    /* [items + 1] where each item stands in all sequences */
    const int64_t *item_place; /* [interactions], ascending inside an item */
    const int32_t *user_of;    /* [interactions] */
    const float *distance;     /* [window + 1] weight of being so many steps apart */
    float *out, *in;           /* [items] sums of rows, and of columns by the mirrored walk */
    int32_t *ids;              /* [items, keep] */
    float *scores;
} walk;

const char *transitions_check(transitions_params p) {
    if (p.window < 1 || p.window > 1000) return "transitions: window must be 1..1000";
    if (!(p.decay > 0 && p.decay <= 1)) return "transitions: decay must be above 0, at most 1";
    if (!(p.together >= 0 && p.back >= 0)) return "transitions: together, back must be >= 0";
    if (!(p.shrink >= 0 && p.user_power >= 0)) return "transitions: shrink, power must be >= 0";
    if (!(p.from >= 0 && p.from <= 2 && p.to >= 0 && p.to <= 2))
        return "transitions: from and to must be 0..2";
    if (p.keep < 1 || p.keep > NEIGHBOURS_MOST) return "transitions: keep must be 1..4096";
    if (p.longest < 1) return "transitions: longest must be at least 1";
    return NULL;
}

typedef struct sums {
    float *of; /* [items] */
    int32_t *touched;
    int n;
} sums;

static void add(sums *s, int32_t item, float weight) {
    if (weight <= 0) return;
    if (s->of[item] == 0) s->touched[s->n++] = item;
    s->of[item] += weight;
}

static int64_t step_of(const transitions_data *d, int64_t place) {
    return d->step ? d->step[place] : place;
}

/* Pairs of the item at `place` with those of the same customer in one direction (+1, -1), each
 * times `scale`; things of the same step are met in both directions. */
static void add_side(const walk *w, int64_t place, int direction, float scale, sums *s) {
    const transitions_data *d = w->d;
    int64_t user = w->user_of[place], first = d->at[user], end = d->at[user + 1];
    int64_t here = step_of(d, place);
    float weight = w->p.user_power > 0 ? powf((float)(end - first), -w->p.user_power) : 1;
    int left = w->p.longest;
    for (int64_t o = place + direction; o >= first && o < end && left > 0; o += direction, left--) {
        int64_t apart = (step_of(d, o) - here) * direction;
        if (apart > w->p.window) return;
        float of = apart == 0 ? w->p.together : scale * w->distance[apart];
        if (d->item[o] != d->item[place]) add(s, d->item[o], weight * of);
    }
}

static void add_row(const walk *w, int64_t item, float ahead, float behind, sums *s) {
    for (int64_t at = w->item_at[item]; at < w->item_at[item + 1]; at++) {
        add_side(w, w->item_place[at], 1, ahead, s);
        add_side(w, w->item_place[at], -1, behind, s);
    }
}

static float take_sum(sums *s) {
    double sum = 0;
    for (int i = 0; i < s->n; i++) {
        sum += s->of[s->touched[i]];
        s->of[s->touched[i]] = 0;
    }
    s->n = 0;
    return (float)sum;
}

static sums open_sums(const walk *w, arena *scratch) {
    return (sums){take(scratch, float, w->d->items), take(scratch, int32_t, w->d->items), 0};
}

static int64_t end_of(const walk *w, int64_t chunk) {
    int64_t end = (chunk + 1) * ITEMS;
    return end < w->d->items ? end : w->d->items;
}

/* The sum of column j is the sum of row j with both directions exchanged. */
static void sum_chunk(void *what, int64_t chunk, arena scratch) {
    const walk *w = what;
    sums s = open_sums(w, &scratch);
    for (int64_t i = chunk * ITEMS; i < end_of(w, chunk); i++) {
        add_row(w, i, 1, w->p.back, &s);
        w->out[i] = take_sum(&s);
        add_row(w, i, w->p.back, 1, &s);
        w->in[i] = take_sum(&s);
    }
}

static void row_chunk(void *what, int64_t chunk, arena scratch) {
    const walk *w = what;
    sums s = open_sums(w, &scratch);
    int k = w->p.keep;
    for (int64_t i = chunk * ITEMS; i < end_of(w, chunk); i++) {
        add_row(w, i, 1, w->p.back, &s);
        neighbours_list list = {.k = k, .ids = w->ids + i * k, .scores = w->scores + i * k};
        float from = powf(w->out[i], w->p.from);
        for (int n = 0; n < s.n; n++) {
            int32_t j = s.touched[n];
            float m = s.of[j];
            float believed = m * m / (m + w->p.shrink);
            neighbours_offer(&list, j, believed / (from * powf(w->in[j], w->p.to)));
            s.of[j] = 0;
        }
        s.n = 0;
        neighbours_sort(&list);
    }
}

/* Where each item stands: places by item, ascending. */
static void index_places(walk *w, arena *scratch) {
    const transitions_data *d = w->d;
    int64_t n = d->at[d->users], *at = take(scratch, int64_t, d->items + 1);
    int64_t *place = take(scratch, int64_t, n), *next = take(scratch, int64_t, d->items);
    int32_t *user_of = take(scratch, int32_t, n);
    for (int64_t i = 0; i < n; i++) at[d->item[i] + 1]++;
    for (int64_t i = 0; i < d->items; i++) {
        at[i + 1] += at[i];
        next[i] = at[i];
    }
    for (int64_t u = 0; u < d->users; u++)
        for (int64_t i = d->at[u]; i < d->at[u + 1]; i++) {
            place[next[d->item[i]]++] = i;
            user_of[i] = (int32_t)u;
        }
    w->item_at = at;
    w->item_place = place;
    w->user_of = user_of;
}

bool transitions_fit(sparse *next, const transitions_data *d, transitions_params p, pool *threads,
                     arena *keep, arena scratch, err *e) {
    const char *wrong = transitions_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    walk w = {.d = d, .p = p};
    if (p.keep > d->items) w.p.keep = (int)d->items;
    index_places(&w, &scratch);
    float *distance = take(&scratch, float, p.window + 1);
    for (int i = 1; i <= p.window; i++) distance[i] = powf(p.decay, (float)(i - 1));
    w.distance = distance;
    w.out = take(&scratch, float, d->items);
    w.in = take(&scratch, float, d->items);
    w.ids = take(&scratch, int32_t, d->items * w.p.keep);
    w.scores = take(&scratch, float, d->items * w.p.keep);
    int64_t chunks = (d->items + ITEMS - 1) / ITEMS;
    pool_for(threads, chunks, sum_chunk, &w);
    pool_for(threads, chunks, row_chunk, &w);
    *next = knn_matrix(w.ids, w.scores, d->items, w.p.keep, d->items, keep, scratch);
    return true;
}
