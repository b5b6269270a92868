/* bpr: factors that rank what a customer took above what the customer did not. */
#include "models/recommend/bpr.h"

#include <assert.h>
#include <math.h>

#include "base/random.h"
#include "models/recommend/bpr_simd.h"

enum { LEAST_ITEMS = 16, TRIES = 8 }; /* of a block; for each item that is to be drawn */

const char *bpr_check(bpr_params p) {
    if (p.factors < 1 || p.factors > 1024) return "factors of bpr must be in 1..1024";
    if (p.epochs < 1 || p.epochs > 10000) return "epochs must be in 1..10000";
    if (!(p.rate > 0) || isinf(p.rate)) return "rate must be above 0";
    if (!(p.reg >= 0) || p.reg * p.rate >= 1) return "reg must be 0 or more and below 1 / rate";
    if (!(p.popular >= 0 && p.popular <= 4)) return "popular must be in 0..4";
    if (p.draws < 1 || p.draws > 64) return "draws must be in 1..64";
    if (p.blocks < 1 || p.blocks > 256) return "blocks must be in 1..256";
    if (!(p.sigma > 0) || isinf(p.sigma)) return "sigma must be above 0";
    return NULL;
}

typedef struct deck { /* users or items dealt into blocks */
    int32_t *card;    /* [n] block b holds card[from(b)] … */
    int32_t *block;   /* [n] block of each */
    int64_t n;
} deck;

typedef struct plan {
    bpr_model *m;
    const sparse *by_user;
    int blocks, epoch;
    float rate, mean_weight;
    deck users, items;
    const double *draw; /* [items] (customers of the item)^popular */
    double *reach;      /* [items] sums of draw inside a block, in the order of items.card */
    int64_t *first;     /* [blocks + 1] first pair of each user block */
    int64_t *pair;      /* [pairs] entries of by_user, by user block, then by item block */
    int32_t *owner;     /* [pairs] user of each entry of by_user */
    int64_t *cell;      /* [blocks, blocks + 1] bounds of each cell in pair */
} plan;

static int64_t from(const plan *c, const deck *d, int64_t block) {
    return d->n * block / c->blocks;
}

static void deal(const plan *c, deck *d, rng r) {
    for (int64_t i = 0; i < d->n; i++) d->card[i] = (int32_t)i;
    rng_shuffle(&r, d->card, d->n);
    for (int b = 0; b < c->blocks; b++)
        for (int64_t i = from(c, d, b); i < from(c, d, b + 1); i++) d->block[d->card[i]] = b;
}

/* ---- an epoch: items are dealt, each user block sorts its pairs into cells ---- */

static void sort_chunk(void *what, int64_t block, arena scratch) {
    (void)scratch;
    const plan *c = what;
    int64_t *cell = c->cell + block * (c->blocks + 1), next[256] = {0}, at = c->first[block];
    const sparse *m = c->by_user;
    int64_t low = from(c, &c->users, block), high = from(c, &c->users, block + 1);
    for (int64_t i = low; i < high; i++)
        for (int64_t p = m->at[c->users.card[i]]; p < m->at[c->users.card[i] + 1]; p++)
            next[c->items.block[m->col[p]]]++;
    for (int b = 0; b < c->blocks; b++) {
        cell[b] = at;
        at += next[b];
        next[b] = cell[b];
    }
    cell[c->blocks] = at;
    for (int64_t i = low; i < high; i++)
        for (int64_t p = m->at[c->users.card[i]]; p < m->at[c->users.card[i] + 1]; p++)
            c->pair[next[c->items.block[m->col[p]]]++] = p;
}

static void add_reach(const plan *c) {
    for (int b = 0; b < c->blocks; b++) {
        double sum = 0;
        for (int64_t i = from(c, &c->items, b); i < from(c, &c->items, b + 1); i++) {
            sum += c->draw[c->items.card[i]];
            c->reach[i] = sum;
        }
    }
}

/* ---- one cell ---- */

static int32_t draw_item(const plan *c, int64_t low, int64_t high, rng *r) {
    double at = rng_uniform(r) * c->reach[high - 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (c->reach[middle] > at) high = middle;
        else low = middle + 1;
    }
    return c->items.card[low];
}

/* The best of draws items of the block that the user did not take; -1 when none is found. */
static int32_t opponent(const plan *c, int64_t user, int64_t block, rng *r) {
    static float (*const dot[])(int, const float *, const float *) = SIMD_TABLE(bpr_dot);
    const bpr_model *m = c->m;
    int64_t low = from(c, &c->items, block), high = from(c, &c->items, block + 1);
    int32_t best = -1;
    float most = -INFINITY;
    for (int found = 0, tries = TRIES * m->p.draws; found < m->p.draws && tries > 0; tries--) {
        int32_t item = draw_item(c, low, high, r);
        if (sparse_has(c->by_user, user, item)) continue;
        found++;
        float score = m->p.draws == 1 ? 0
                                      : dot[simd_level()](m->ld, m->user + user * m->ld,
                                                          m->item + (int64_t)item * m->ld);
        if (score > most) {
            most = score;
            best = item;
        }
    }
    return best;
}

static void learn(const plan *c, int64_t pair, int64_t block, rng *r) {
    static float (*const dot[])(int, const float *, const float *) = SIMD_TABLE(bpr_dot);
    static void (*const step[])(int, float, float, float *, float *, float *) =
        SIMD_TABLE(bpr_step);
    const bpr_model *m = c->m;
    int64_t user = c->owner[pair], item = c->by_user->col[pair];
    int64_t other = opponent(c, user, block, r);
    if (other < 0) return;
    float *x = m->user + user * m->ld, *y = m->item + item * m->ld, *z = m->item + other * m->ld;
    simd_kind level = simd_level();
    float lead = dot[level](m->ld, x, y) - dot[level](m->ld, x, z);
    float g = c->by_user->value[pair] / c->mean_weight / (1 + expf(lead));
    step[level](m->ld, c->rate * g, 1 - c->rate * m->p.reg, x, y, z);
    x[m->p.factors] = 1;
}

typedef struct turn { /* of the Latin square */
    const plan *c;
    int round;
} turn;

static void cell_chunk(void *what, int64_t user_block, arena scratch) {
    (void)scratch;
    const turn *t = what;
    const plan *c = t->c;
    int64_t block = (user_block + t->round) % c->blocks;
    const int64_t *bounds = c->cell + user_block * (c->blocks + 1) + block;
    uint64_t cell = (uint64_t)(user_block * c->blocks + block);
    rng r = rng_open(seed_for(c->m->p.seed, "bpr"), ((uint64_t)c->epoch << 32) | cell);
    for (int64_t i = bounds[0]; i < bounds[1]; i++) { /* shuffled on the way */
        int64_t swap = i + rng_below(&r, bounds[1] - i), pair = c->pair[swap];
        c->pair[swap] = c->pair[i];
        c->pair[i] = pair;
        learn(c, pair, block, &r);
    }
}

/* ---- the model ---- */

static void start(bpr_model *m, const sparse *by_user, arena *keep) {
    int k = m->p.factors;
    double sigma = m->p.sigma / sqrt(k);
    m->user = take(keep, float, m->users * m->ld);
    m->item = take(keep, float, m->items * m->ld);
    for (int64_t u = 0; u < m->users; u++) {
        rng r = rng_open(seed_for(m->p.seed, "bpr users"), (uint64_t)u);
        if (sparse_degree(by_user, u) == 0) continue;
        for (int f = 0; f < k; f++) m->user[u * m->ld + f] = (float)(sigma * rng_normal(&r));
        m->user[u * m->ld + k] = 1;
    }
    for (int64_t i = 0; i < m->items; i++) {
        rng r = rng_open(seed_for(m->p.seed, "bpr items"), (uint64_t)i);
        for (int f = 0; f < k; f++) m->item[i * m->ld + f] = (float)(sigma * rng_normal(&r));
    }
}

static int blocks_for(const sparse *m, bpr_params p) {
    int64_t n = p.blocks;
    if (n > m->rows) n = m->rows;
    if (n > m->cols / LEAST_ITEMS) n = m->cols / LEAST_ITEMS;
    return n < 1 ? 1 : (int)n;
}

static deck new_deck(int64_t n, arena *keep) {
    return (deck){take(keep, int32_t, n), take(keep, int32_t, n), n};
}

static plan new_plan(bpr_model *m, const sparse *by_user, arena *keep) {
    int64_t n = sparse_count(by_user);
    plan c = {.m = m, .by_user = by_user, .blocks = blocks_for(by_user, m->p),
              .users = new_deck(m->users, keep), .items = new_deck(m->items, keep),
              .reach = take(keep, double, m->items), .pair = take(keep, int64_t, n),
              .owner = take(keep, int32_t, n)};
    double *draw = take(keep, double, m->items), weight = 0;
    for (int64_t u = 0; u < m->users; u++)
        for (int64_t p = by_user->at[u]; p < by_user->at[u + 1]; p++) {
            draw[by_user->col[p]]++;
            weight += by_user->value[p];
            c.owner[p] = (int32_t)u;
        }
    for (int64_t i = 0; i < m->items; i++) draw[i] = pow(draw[i] > 0 ? draw[i] : 1, m->p.popular);
    c.draw = draw;
    c.mean_weight = weight > 0 ? (float)(weight / (double)n) : 1;
    c.first = take(keep, int64_t, c.blocks + 1);
    c.cell = take(keep, int64_t, c.blocks * (c.blocks + 1));
    deal(&c, &c.users, rng_open(seed_for(m->p.seed, "bpr deal"), UINT64_MAX));
    for (int b = 0; b < c.blocks; b++) {
        c.first[b + 1] = c.first[b];
        for (int64_t i = from(&c, &c.users, b); i < from(&c, &c.users, b + 1); i++)
            c.first[b + 1] += sparse_degree(by_user, c.users.card[i]);
    }
    return c;
}

bool bpr_fit(bpr_model *m, const sparse *by_user, bpr_params p, pool *threads, arena *keep,
             arena scratch, err *e) {
    const char *wrong = bpr_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    for (int64_t at = 0; at < sparse_count(by_user); at++)
        if (!(by_user->value[at] >= 0))
            return refuse(e, "bpr: a weight is %g; weights must be 0 or more",
                          (double)by_user->value[at]);
    *m = (bpr_model){.p = p, .users = by_user->rows, .items = by_user->cols,
                     .ld = (p.factors + 16) / 16 * 16};
    start(m, by_user, keep);
    if (sparse_count(by_user) == 0) return true;
    plan c = new_plan(m, by_user, &scratch);
    for (c.epoch = 0; c.epoch < p.epochs; c.epoch++) {
        c.rate = p.rate * (1 - (float)c.epoch / (float)p.epochs);
        deal(&c, &c.items, rng_open(seed_for(p.seed, "bpr deal"), (uint64_t)c.epoch));
        add_reach(&c);
        pool_for(threads, c.blocks, sort_chunk, &c);
        for (int round = 0; round < c.blocks; round++) {
            turn t = {&c, round};
            pool_for(threads, c.blocks, cell_chunk, &t);
        }
    }
    return true;
}
