/* models_offpolicy: a policy's value from another's log, by hand and from logs with known truth. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/metrics_offpolicy.h"

CHECK(offpolicy_by_hand) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 4 << 20, &e), &e);
    static const double b[] = {0.5, 0.25, 0.5, 1}, t[] = {1, 0, 0.25, 0.5}, r[] = {1, 5, 0, 2};
    static const double q[] = {0.5, 1, 1, 1}, m[] = {1, 2, 0, 1};
    metrics_offpolicy_log log = {.n = 4, .propensity = b, .reward = r, .target = t, .model = q,
                                 .model_target = m};
    /* w = 2, 0, .5, .5 */
    metrics_offpolicy x = metrics_offpolicy_estimate(&log, 0, 1, s.scratch);
    check_near(x.ips.mean, (2 * 1 + 0.5 * 2) / 4, 1e-12);
    check_near(x.snips.mean, 3 / 3.0, 1e-12);
    check_near(x.dr.mean, ((1 + 2 * 0.5) + 2 + (0 - 0.5) + (1 + 0.5)) / 4, 1e-12);
    check_near(x.logged.mean, 2, 1e-12);
    check_near(x.mean_weight, 0.75, 1e-12);
    check_near(x.effective, 9 / 4.5, 1e-12);
    check(x.largest_weight == 2 && x.clipped == 0 && x.weight_lost == 0);
    x = metrics_offpolicy_estimate(&log, 1, 1, s.scratch);
    check_near(x.ips.mean, 2 / 4.0, 1e-12);
    check(x.clipped == 1 && x.largest_weight == 2);
    check_near(x.weight_lost, 1 / 3.0, 1e-12);
    log.target = NULL, log.model = NULL; /* the log's own policy: its mean */
    x = metrics_offpolicy_estimate(&log, 0, 1, s.scratch);
    check(x.ips.mean == 2 && x.snips.mean == 2 && x.dr.n == 0 && isnan(x.dr.mean));
    scope_close(&s);
}

/* Five articles with known chances of a sale that depend on the customer's kind; a log of a policy
 * that leans to article 0, and a target that leans to 3. */
typedef struct world {
    double chance[2][5], logs[5], target[2][5];
} world;
static const world known = {{{0.05, 0.1, 0.15, 0.3, 0.02}, {0.2, 0.05, 0.1, 0.1, 0.3}},
                            {0.5, 0.2, 0.15, 0.1, 0.05},
                            {{0, 0.1, 0, 0.9, 0}, {0.1, 0, 0, 0.1, 0.8}}};

typedef struct rows {
    double *b, *t, *r, *q, *m;
    int32_t *unit;
} rows;

/* off: what is wrong with the model of the reward. */
static void draw_log(const world *w, rng *r, int n, double off, rows *to) {
    for (int i = 0; i < n; i++) {
        int kind = i / 4 % 2, a = 0;
        double u = rng_uniform(r);
        for (double sum = w->logs[0]; a < 4 && u >= sum; sum += w->logs[a]) a++;
        to->unit[i] = i / 4;
        to->b[i] = w->logs[a];
        to->t[i] = w->target[kind][a];
        to->r[i] = rng_uniform(r) < w->chance[kind][a];
        to->q[i] = w->chance[kind][a] + off;
        to->m[i] = off;
        for (int j = 0; j < 5; j++) to->m[i] += w->target[kind][j] * w->chance[kind][j];
    }
}

CHECK(offpolicy_finds_the_known_value_as_often_as_its_intervals_say) {
    enum { N = 1200, TRIALS = 60 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 4 << 20, 4 << 20, &e), &e);
    double truth = 0, sum[3] = {0}, width[3] = {0};
    int covered[3] = {0};
    for (int k = 0; k < 2; k++)
        for (int j = 0; j < 5; j++) truth += known.target[k][j] * known.chance[k][j] / 2;
    rows x = {take(&s.keep, double, N), take(&s.keep, double, N), take(&s.keep, double, N),
              take(&s.keep, double, N), take(&s.keep, double, N), take(&s.keep, int32_t, N)};
    metrics_offpolicy_log log = {N, x.unit, N / 4, x.b, x.r, x.t, x.q, x.m};
    for (int trial = 0; trial < TRIALS; trial++) {
        rng r = rng_open(17, (uint64_t)trial);
        draw_log(&known, &r, N, trial % 2 ? 0 : 0.2, &x); /* half of the models are wrong */
        metrics_offpolicy o = metrics_offpolicy_estimate(&log, 0, 1, s.scratch);
        metrics_interval of[3] = {o.ips, o.snips, o.dr};
        for (int k = 0; k < 3; k++) {
            sum[k] += of[k].mean / TRIALS;
            width[k] += (of[k].high - of[k].low) / TRIALS;
            covered[k] += of[k].low <= truth && truth <= of[k].high;
        }
    }
    for (int k = 0; k < 3; k++) {
        /* 4 standard errors of the mean of 60: an interval is about 4 of one */
        check_near(sum[k], truth, width[k] / sqrt(TRIALS));
        check(covered[k] >= 51); /* 95 % of 60 is 57; 51 is 3.5 standard errors below */
    }
    check(width[2] < width[0]); /* what the model is for */
    scope_close(&s);
}

CHECK(offpolicy_clipping_pulls_towards_zero_and_says_so) {
    enum { N = 20000 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 4 << 20, 4 << 20, &e), &e);
    rows x = {take(&s.keep, double, N), take(&s.keep, double, N), take(&s.keep, double, N),
              take(&s.keep, double, N), take(&s.keep, double, N), take(&s.keep, int32_t, N)};
    metrics_offpolicy_log log = {.n = N, .unit = x.unit, .units = N / 4, .propensity = x.b,
                                 .reward = x.r, .target = x.t};
    rng r = rng_open(2, 2);
    draw_log(&known, &r, N, 0, &x);
    metrics_offpolicy whole = metrics_offpolicy_estimate(&log, 0, 1, s.scratch);
    metrics_offpolicy cut = metrics_offpolicy_estimate(&log, 5, 1, s.scratch);
    check(cut.ips.mean < whole.ips.mean && cut.clipped > 0 && cut.weight_lost > 0.1);
    check(cut.ips.high - cut.ips.low < whole.ips.high - whole.ips.low);
    check(cut.effective > whole.effective && whole.weight_lost == 0);
    check_near(whole.mean_weight, 1, 0.1); /* 20,000 weights with a variance of about 5 */
    scope_close(&s);
}
