/* affinity: what is bought with what, and what is bought next, judged against chance. */
#include "models/insight/affinity.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define ITEMS_CHUNK 64
#define SAMPLED     4096 /* items that the prior is fitted to, at most */
#define SAMPLE_CHUNK  16
#define SAMPLE_PAIRS 256 /* of an item, at most */

typedef struct job {
    const affinity_data *d;
    affinity_params p;
    bool next;
    const int64_t *of;      /* [items + 1] baskets with each item: in[of[i] … of[i + 1]) */
    const int64_t *in;
    const int64_t *who;     /* [baskets] customer; next alone */
    const int64_t *count;   /* [items] */
    const int64_t *bought;  /* [items] baskets with the item, whatever count is */
    int64_t total, all;     /* N; sum of bought */
    const affinity_table *table;
    int stride;             /* prior: every so many-th item is one of the samples */
    int32_t samples;
    int32_t *found;         /* [samples] prior: pairs of each */
    affinity_pair *pair;    /* [samples, SAMPLE_PAIRS] */
    int32_t *kept;          /* [items] rules of the item */
    affinity_rule *rule;    /* [items, keep] */
} job;

/* ---- one item's partners ---- */

typedef struct partners {
    int32_t *n, *reverse;  /* [items] 0 where not touched */
    int64_t *seen, *seen_reverse; /* [items] 1 + the last customer counted */
    int32_t *touched;
    int64_t touches;
    int64_t sum; /* next: of n */
} partners;

static partners partners_open(const job *j, arena *scratch) {
    partners w = {.n = take(scratch, int32_t, j->d->items),
                  .reverse = take(scratch, int32_t, j->d->items),
                  .touched = take(scratch, int32_t, j->d->items)};
    if (j->next) {
        w.seen = take(scratch, int64_t, j->d->items);
        w.seen_reverse = take(scratch, int64_t, j->d->items);
    }
    return w;
}

static void touch(partners *w, int32_t other) {
    if (w->n[other] == 0 && w->reverse[other] == 0) w->touched[w->touches++] = other;
}

static void add_basket(const job *j, partners *w, int64_t basket) {
    for (int64_t at = j->d->first[basket]; at < j->d->first[basket + 1]; at++) {
        int32_t other = j->d->item[at];
        touch(w, other);
        w->n[other]++;
    }
}

static bool fits(const job *j, int64_t basket) {
    return j->d->first[basket + 1] - j->d->first[basket] <= j->p.cap;
}

/* Counts a customer once for each item of a basket; count and stamp are those of the direction. */
static void add_once(const job *j, partners *w, int64_t basket, int64_t stamp, bool reverse) {
    int32_t *count = reverse ? w->reverse : w->n;
    int64_t *seen = reverse ? w->seen_reverse : w->seen;
    for (int64_t at = j->d->first[basket]; at < j->d->first[basket + 1]; at++) {
        int32_t other = j->d->item[at];
        if (seen[other] == stamp) continue;
        seen[other] = stamp;
        touch(w, other);
        count[other]++;
        if (!reverse) w->sum++;
    }
}

/* Baskets of the same customer up to `days` after (and before) one with the item. */
static void add_neighbours(const job *j, partners *w, int64_t basket, int64_t stamp_base) {
    const affinity_data *d = j->d;
    int64_t who = j->who[basket], stamp = stamp_base + who + 1;
    for (int64_t k = basket + 1; k < d->customer_first[who + 1]; k++) {
        if (d->day[k] - d->day[basket] > j->p.days) break;
        if (d->day[k] > d->day[basket] && fits(j, k)) add_once(j, w, k, stamp, false);
    }
    for (int64_t k = basket - 1; k >= d->customer_first[who]; k--) {
        if (d->day[basket] - d->day[k] > j->p.days) break;
        if (d->day[k] < d->day[basket] && fits(j, k)) add_once(j, w, k, stamp, true);
    }
}

/* Stamps differ from item to item: the items of a chunk share the room. */
static void gather(const job *j, partners *w, int32_t item) {
    w->touches = w->sum = 0;
    for (int64_t at = j->of[item]; at < j->of[item + 1]; at++)
        if (j->next) add_neighbours(j, w, j->in[at], (int64_t)item * (j->d->customers + 1));
        else add_basket(j, w, j->in[at]);
}

static void forget(partners *w) {
    for (int64_t i = 0; i < w->touches; i++) w->n[w->touched[i]] = w->reverse[w->touched[i]] = 0;
}

static double expected_of(const job *j, const partners *w, int32_t item, int32_t other) {
    if (j->next) return (double)w->sum * (double)j->bought[other] / (double)j->all;
    return (double)j->count[item] * (double)j->count[other] / (double)j->total;
}

static bool is_pair(const job *j, int32_t item, int32_t other) {
    return item != other && !(j->d->product && j->d->product[item] == j->d->product[other]);
}

/* ---- the prior ---- */

static void sample_chunk(void *what, int64_t chunk, arena scratch) {
    const job *j = what;
    partners w = partners_open(j, &scratch);
    int32_t end = (int32_t)((chunk + 1) * SAMPLE_CHUNK);
    for (int32_t sample = (int32_t)chunk * SAMPLE_CHUNK; sample < end && sample < j->samples;
         sample++) {
        int32_t item = sample * j->stride, n = 0;
        gather(j, &w, item);
        int64_t step = w.touches / SAMPLE_PAIRS + 1;
        for (int64_t i = 0; i < w.touches; i += step) {
            int32_t other = w.touched[i];
            if (w.n[other] == 0 || !is_pair(j, item, other)) continue;
            j->pair[(int64_t)sample * SAMPLE_PAIRS + n++] =
                (affinity_pair){w.n[other], expected_of(j, &w, item, other)};
        }
        j->found[sample] = n;
        forget(&w);
    }
}

static affinity_prior fit_prior(job *j, pool *threads, arena scratch) {
    int32_t items = j->d->items;
    j->stride = items > SAMPLED ? (items + SAMPLED - 1) / SAMPLED : 1;
    int64_t n = 0;
    j->samples = (items + j->stride - 1) / j->stride;
    j->found = take(&scratch, int32_t, j->samples);
    j->pair = take(&scratch, affinity_pair, (int64_t)j->samples * SAMPLE_PAIRS);
    pool_for(threads, (j->samples + SAMPLE_CHUNK - 1) / SAMPLE_CHUNK, sample_chunk, j);
    for (int64_t c = 0; c < j->samples; c++)
        for (int32_t i = 0; i < j->found[c]; i++) j->pair[n++] = j->pair[c * SAMPLE_PAIRS + i];
    return affinity_prior_fit(j->pair, n, threads, scratch);
}

/* ---- the best of each item ---- */

static bool precedes(double low, int32_t other, double low_b, int32_t other_b) {
    return low > low_b || (low == low_b && other < other_b);
}

/* Keeps the list sorted: low falling, ties to the smaller item. */
static void insert(const job *j, affinity_rule *list, double *low, int32_t *n, affinity_rule r) {
    double own = affinity_lift_of(j->table, r.n, r.expected).low;
    int at = *n;
    if (at == j->p.keep && !precedes(own, r.other, low[at - 1], list[at - 1].other)) return;
    if (at == j->p.keep) at--;
    else ++*n;
    for (; at > 0 && precedes(own, r.other, low[at - 1], list[at - 1].other); at--)
        list[at] = list[at - 1], low[at] = low[at - 1];
    list[at] = r, low[at] = own;
}

static void rank_chunk(void *what, int64_t chunk, arena scratch) {
    const job *j = what;
    partners w = partners_open(j, &scratch);
    double *low = take(&scratch, double, j->p.keep);
    int32_t end = (int32_t)((chunk + 1) * ITEMS_CHUNK);
    if (end > j->d->items) end = j->d->items;
    for (int32_t item = (int32_t)(chunk * ITEMS_CHUNK); item < end; item++) {
        gather(j, &w, item);
        for (int64_t i = 0; i < w.touches; i++) {
            int32_t other = w.touched[i];
            if (w.n[other] < j->p.least || !is_pair(j, item, other)) continue;
            insert(j, j->rule + (int64_t)item * j->p.keep, low, &j->kept[item],
                   (affinity_rule){item, other, w.n[other], j->next ? w.reverse[other] : w.n[other],
                                   expected_of(j, &w, item, other)});
        }
        forget(&w);
    }
}

/* ---- both kinds ---- */

/* Baskets of each item, in order; baskets over the cap are left out. */
static void index_items(job *j, affinity_list *out, arena *keep, arena *scratch) {
    const affinity_data *d = j->d;
    int64_t *of = take(scratch, int64_t, d->items + 2), *bought = take(scratch, int64_t, d->items);
    for (int64_t k = 0; k < d->baskets; k++) {
        out->left_out += !fits(j, k);
        for (int64_t at = d->first[k]; fits(j, k) && at < d->first[k + 1]; at++) {
            assert(d->item[at] >= 0 && d->item[at] < d->items);
            bought[d->item[at]]++;
        }
    }
    for (int32_t i = 0; i < d->items; i++) of[i + 2] = of[i + 1] + bought[i], j->all += bought[i];
    int64_t *in = take(scratch, int64_t, of[d->items + 1]);
    for (int64_t k = 0; k < d->baskets; k++)
        for (int64_t at = d->first[k]; fits(j, k) && at < d->first[k + 1]; at++)
            in[of[d->item[at] + 1]++] = k;
    j->of = of, j->in = in, j->bought = bought;
    out->count = take(keep, int64_t, d->items);
    memcpy(out->count, bought, (size_t)d->items * sizeof *bought);
}

/* Customers with each item. */
static void count_customers(job *j, affinity_list *out, arena *scratch) {
    const affinity_data *d = j->d;
    int64_t *who = take(scratch, int64_t, d->baskets);
    for (int64_t c = 0; c < d->customers; c++)
        for (int64_t k = d->customer_first[c]; k < d->customer_first[c + 1]; k++) who[k] = c;
    j->who = who;
    for (int32_t i = 0; i < d->items; i++) {
        out->count[i] = 0;
        for (int64_t at = j->of[i]; at < j->of[i + 1]; at++)
            out->count[i] += at == j->of[i] || who[j->in[at]] != who[j->in[at - 1]];
    }
}

static void fit(affinity_list *out, const affinity_data *d, affinity_params p, bool next,
                pool *threads, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && p.keep > 0 && p.cap > 0);
    job j = {.d = d, .p = p, .next = next};
    *out = (affinity_list){.next = next};
    index_items(&j, out, keep, &scratch);
    if (next) count_customers(&j, out, &scratch);
    out->total = next ? d->customers : d->baskets - out->left_out;
    j.count = out->count, j.total = out->total;
    out->prior = fit_prior(&j, threads, scratch);
    out->table = j.table = affinity_table_of(&out->prior, keep);
    j.kept = take(&scratch, int32_t, d->items);
    j.rule = take(&scratch, affinity_rule, (int64_t)d->items * p.keep);
    pool_for(threads, (d->items + ITEMS_CHUNK - 1) / ITEMS_CHUNK, rank_chunk, &j);
    out->first = take(keep, int64_t, d->items + 1);
    for (int32_t i = 0; i < d->items; i++) out->first[i + 1] = out->first[i] + j.kept[i];
    out->rule = take(keep, affinity_rule, out->first[d->items]);
    for (int32_t i = 0; i < d->items; i++)
        memcpy(out->rule + out->first[i], j.rule + (int64_t)i * p.keep,
               (size_t)j.kept[i] * sizeof *out->rule);
}

void affinity_together(affinity_list *out, const affinity_data *d, affinity_params p,
                       pool *threads, arena *keep, arena scratch) {
    fit(out, d, p, false, threads, keep, scratch);
}

void affinity_next(affinity_list *out, const affinity_data *d, affinity_params p, pool *threads,
                   arena *keep, arena scratch) {
    assert(d->customers > 0 || d->baskets == 0);
    fit(out, d, p, true, threads, keep, scratch);
}

/* ---- measures ---- */

static double term(double seen, double expected) {
    return seen > 0 ? 2.0 * seen * log(seen / expected) : 0.0;
}

affinity_measures affinity_measure(const affinity_list *l, const affinity_rule *r) {
    affinity_measures m;
    double n = r->n, total = (double)l->total;
    double own = (double)l->count[r->item], other = (double)l->count[r->other];
    m.support = n / total;
    m.confidence = n / own;
    m.lift = n / r->expected;
    affinity_lift lift = affinity_lift_of(l->table, n, r->expected);
    m.shrunk = lift.mean, m.low = lift.low, m.high = lift.high;
    m.g2 = term(n, r->expected) - (l->next ? 2.0 * (n - r->expected) : 0.0);
    if (!l->next)
        m.g2 += term(own - n, own * (total - other) / total) +
                term(other - n, (total - own) * other / total) +
                term(total - own - other + n, (total - own) * (total - other) / total);
    m.npmi = n < total ? log(m.lift) / -log(m.support) : 1.0;
    m.conviction = m.confidence < 1.0 ? (1.0 - other / total) / (1.0 - m.confidence) : INFINITY;
    return m;
}
