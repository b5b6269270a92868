/* segment density in the pipeline: planted crowds, loners, and a cloud without crowds. */
#include "desk.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "pipeline/segment_density.h"

enum { CROWD = 150, LONERS = 60, N = 3 * CROWD + LONERS };

static const double centres[3][2] = {{0, 0}, {8, 0}, {0, 8}}; /* 8 sd apart */

/* Three crowds of customers, i % 3, then loners spread over a field ten times as wide; the crowds'
 * money is 20, 500 and 90. `spread` of the crowds in units of their sd. */
static segment_block block_of(desk *p, double spread, uint64_t seed) {
    segment_block b = {.n = N, .cols = 2, .bases = 2};
    b.names = take(&p->s.keep, const char *, 2);
    b.names[0] = "one";
    b.names[1] = "two";
    b.customer = take(&p->s.keep, int32_t, N);
    b.features = take(&p->s.keep, double, 2 * N);
    double *money = take(&p->s.keep, double, N), *recency = take(&p->s.keep, double, N);
    for (int i = 0; i < N; i++) {
        rng r = rng_open(seed, (uint64_t)i);
        b.customer[i] = 3 * i + 1; /* not all customers have bought */
        for (int j = 0; j < 2; j++)
            b.features[2 * i + j] = i < 3 * CROWD ? centres[i % 3][j] + spread * rng_normal(&r)
                                                  : -36 + 80 * rng_uniform(&r);
        money[i] = i < 3 * CROWD ? (double[]){20, 500, 90}[i % 3] : 50;
        recency[i] = 1 + i % 100;
    }
    b.rfm = (rfm_data){recency, money, money, N};
    return b;
}

static void open_plain(desk *p, const char *name, int threads) {
    desk_open(p, threads, name, (windows){18000, 18100, 18130, 18160});
}

static void fit(desk *p, segmentation *m, segment_density *x, const segment_block *b) {
    check_ok(segmentation_prepare(m, &p->w, b, &p->s, &p->e), &p->e);
    check_ok(segment_density_fit(x, m, &p->w, b, &p->s, &p->e), &p->e);
}

CHECK(segment_density_finds_crowds_and_leaves_loners_alone) {
    desk p;
    segmentation m;
    segment_density x;
    open_plain(&p, "density-crowds", 2);
    segment_block b = block_of(&p, 1, 5);
    fit(&p, &m, &x, &b);
    int32_t *label = take(&p.s.keep, int32_t, N);
    double *strength = take(&p.s.keep, double, N), *outlier = take(&p.s.keep, double, N);
    segment_density_assign(&x, &m, &p.w, &b, label, strength, outlier, &p.s);
    check(x.k == 3 && strstr(x.why, "makes the most valid clusters"));
    int right = 0, alone = 0;
    double crowd = 0, loner = 0;
    for (int i = 0; i < N; i++) {
        static const int32_t by_money[] = {2, 0, 1}; /* 500, 90, 20 */
        if (i < 3 * CROWD) right += label[i] == by_money[i % 3], crowd += outlier[i];
        else alone += label[i] < 0, loner += outlier[i];
        check(label[i] >= 0 ? strength[i] > 0 && strength[i] <= 1 : strength[i] == 0);
    }
    check(right > 0.9 * 3 * CROWD); /* the outermost of a normal crowd are in none */
    check(alone > 0.9 * LONERS);    /* some of them fall among a crowd */
    check(loner / LONERS > 2 * crowd / (3 * CROWD));
    /* the choice is the best of its own rule, and cut again it says the same */
    int32_t *number;
    hdbscan_model again = segment_density_cut(&x, x.params.min_cluster_size, &number, &p.s.keep,
                                              p.s.scratch);
    for (int i = 0; i < N; i++)
        check((again.label[i] < 0 ? -1 : number[again.label[i]]) == label[i]);
    for (int i = 0; i < x.tried; i++) {
        const hdbscan_trial *t = &x.trials[i];
        if (100 * t->min_cluster_size >= N && 2 * t->noise <= N && t->k >= 2 && t->k <= 20)
            check(t->validity <= x.model.validity);
    }
    desk_close(&p);
}

CHECK(segment_density_places_customers_who_were_not_there) {
    desk p;
    segmentation m;
    segment_density x;
    open_plain(&p, "density-others", 2);
    segment_block b = block_of(&p, 1, 5), then = block_of(&p, 1, 5);
    fit(&p, &m, &x, &b);
    /* the first hundred moved: into the centre of the next crowd, or far from everybody */
    for (int i = 0; i < 100; i++)
        for (int j = 0; j < 2; j++)
            then.features[2 * i + j] = i < 50 ? centres[(i + 1) % 3][j] : -30 - i % 7;
    int32_t *now = take(&p.s.keep, int32_t, N), *label = take(&p.s.keep, int32_t, N);
    double *outlier = take(&p.s.keep, double, N);
    segment_density_assign(&x, &m, &p.w, &b, now, NULL, NULL, &p.s);
    segment_density_assign(&x, &m, &p.w, &then, label, NULL, outlier, &p.s);
    for (int i = 0; i < N; i++) {
        static const int32_t by_money[] = {2, 0, 1};
        if (i < 50) check(label[i] == by_money[(i + 1) % 3]);
        else if (i < 100) check(label[i] == -1);
        else check(label[i] == now[i]);
        check(isnan(outlier[i]) == (i < 100));
    }
    desk_close(&p);
}

CHECK(segment_density_says_why_there_are_no_crowds) {
    desk p;
    segmentation m;
    segment_density x;
    open_plain(&p, "density-cloud", 1);
    segment_block b = block_of(&p, 60, 7); /* crowds wider than what lies between them */
    fit(&p, &m, &x, &b);
    int32_t *label = take(&p.s.keep, int32_t, N);
    segment_density_assign(&x, &m, &p.w, &b, label, NULL, NULL, &p.s);

    check(x.k == 0 && strstr(x.why, "one cloud or scattered"));
    for (int i = 0; i < N; i++) check(label[i] == -1);
    desk_close(&p);
}

CHECK(segment_density_is_the_same_with_any_number_of_threads) {
    int32_t first[N];
    double sure[N];
    for (int t = 0; t < 3; t++) {
        desk p;
        segmentation m;
        segment_density x;
        open_plain(&p, "density-threads", (int[]){1, 2, 8}[t]);
        segment_block b = block_of(&p, 1, 5), then = block_of(&p, 1.5, 6);
        fit(&p, &m, &x, &b);
        int32_t *label = take(&p.s.keep, int32_t, N);
        double *strength = take(&p.s.keep, double, N);
        segment_density_assign(&x, &m, &p.w, &then, label, strength, NULL, &p.s);
        if (t == 0) {
            memcpy(first, label, sizeof first);
            memcpy(sure, strength, sizeof sure);
        }
        check(memcmp(first, label, sizeof first) == 0);
        check(memcmp(sure, strength, sizeof sure) == 0);
        desk_close(&p);
    }
}
