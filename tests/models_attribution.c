/* attribution: hand cases, the closed form against random walks, Shapley by all orders. */
#include "lab.h"

#include <math.h>

#include "base/random.h"
#include "models/behaviour/attribution.h"

enum { A, B, C };

/* A B conv; A lost; B C B conv; C lost */
static const int64_t hand_first[] = {0, 2, 3, 6, 7};
static const uint8_t hand_channel[] = {A, B, A, B, C, B, C}, hand_converted[] = {1, 0, 1, 0};
static const int32_t hand_user[] = {0, 1, 2, 3};
static const attribution_log hand = {3, 4, hand_first, hand_channel, hand_converted, hand_user};

CHECK(attribution_by_hand) {
    lab t;
    attribution m;
    lab_open(&t, 1);
    attribution_find(&m, &hand, &t.s.keep, t.s.scratch);
    check(m.journeys == 4 && m.conversions == 2);
    check(m.of[A].touches == 2 && m.of[A].journeys == 2 && m.of[A].converted == 1);
    check(m.of[B].touches == 3 && m.of[B].journeys == 2 && m.of[B].converted == 2);
    check_near(m.of[A].first, 1, 0);
    check_near(m.of[B].first, 1, 0);
    check_near(m.of[B].last, 2, 0);
    check_near(m.of[A].linear, 0.5, 1e-15);
    check_near(m.of[B].linear, 0.5 + 2 / 3.0, 1e-15);
    check_near(m.of[B].position, 0.5 + 0.8, 1e-15);
    check_near(m.of[C].position, 0.2, 1e-15);
    check_near(m.of[A].shapley, 0.5, 0);
    check_near(m.of[B].shapley, 1, 0);
    check_near(m.of[C].shapley, 0.5, 0);
    /* start: A 1/2, B 1/4, C 1/4; A: B 1/2, lost 1/2; B: conv 2/3, C 1/3; C: B 1/2, lost 1/2.
     * xB = 2/3 + xC/3, xC = xB/2: xB = 4/5, xC = 2/5, xA = 2/5; P = 1/5 + 1/5 + 1/10 = 1/2 */
    check_near(m.chance, 0.5, 1e-15);
    /* without A: 3/10; without B: 0; without C: xB = 2/3, xA = 1/3, P = 1/6 + 1/6 */
    check_near(m.of[A].effect, 1 - 0.3 / 0.5, 1e-14);
    check_near(m.of[B].effect, 1, 1e-15);
    check_near(m.of[C].effect, 1 - 2 / 3.0, 1e-14);
    check_near(m.of[B].markov.value, 2 / (0.4 + 1 + 1 / 3.0), 1e-14);
    check_near(m.of[A].markov.value + m.of[B].markov.value + m.of[C].markov.value, 2, 1e-14);
    for (int c = 0; c < 3; c++)
        check(m.of[c].markov.low <= m.of[c].markov.value &&
              m.of[c].markov.high >= m.of[c].markov.value);
    lab_close(&t);
}

CHECK(attribution_without_conversions) {
    lab t;
    attribution m;
    static const uint8_t none[] = {0, 0, 0, 0};
    lab_open(&t, 1);
    attribution_log log = hand;
    log.converted = none;
    attribution_find(&m, &log, &t.s.keep, t.s.scratch);
    check(m.conversions == 0 && m.chance == 0 && isnan(m.of[A].effect));
    check(isnan(m.of[A].markov.value) && m.of[A].shapley == 0);
    log.journeys = 0;
    attribution_find(&m, &log, &t.s.keep, t.s.scratch);
    check(m.journeys == 0 && isnan(m.of[B].markov.value));
    lab_close(&t);
}

/* Journeys of a chain whose channels are chosen and convert at random. */
static attribution_log random_log(lab *t, int channels, int64_t journeys, uint64_t seed) {
    int64_t *first = take(&t->s.keep, int64_t, journeys + 1), n = 0;
    uint8_t *channel = take(&t->s.keep, uint8_t, journeys * 20);
    uint8_t *converted = take(&t->s.keep, uint8_t, journeys);
    int32_t *user = take(&t->s.keep, int32_t, journeys);
    rng r = rng_open(seed, 2);
    for (int64_t j = 0; j < journeys; j++) {
        int at = (int)rng_below(&r, channels);
        for (int i = 0; i < 20; i++) {
            channel[n++] = (uint8_t)at;
            double luck = rng_uniform(&r);
            converted[j] = luck < 0.05 * at;
            if (luck < 0.4) break;
            at = (at + 1 + (int)rng_below(&r, 2)) % channels;
        }
        user[j] = (int32_t)j;
        first[j + 1] = n;
    }
    return (attribution_log){channels, journeys, first, channel, converted, user};
}

/* Walks along the moves that were counted, with one channel closed. */
static double walk(const attribution_log *log, int without, int64_t walks, rng *r) {
    int64_t count[7][8] = {{0}}, sum[7] = {0}, reached = 0;
    int n = log->channels;
    for (int64_t j = 0; j < log->journeys; j++) {
        int at = n;
        for (int64_t i = log->first[j]; i < log->first[j + 1]; at = log->channel[i++])
            count[at][log->channel[i]]++;
        count[at][n + !log->converted[j]]++;
    }
    for (int a = 0; a <= n; a++)
        for (int b = 0; b < n + 2; b++) sum[a] += count[a][b];
    for (int64_t i = 0; i < walks; i++)
        for (int at = n, to;; at = to) {
            int64_t luck = rng_below(r, sum[at]);
            for (to = 0; luck >= count[at][to]; to++) luck -= count[at][to];
            if (to == without || to > n) break;
            if (to == n) {
                reached++;
                break;
            }
        }
    return (double)reached / (double)walks;
}

CHECK(attribution_effects_are_those_of_random_walks) {
    enum { WALKS = 1000000 };
    lab t;
    attribution m;
    lab_open(&t, 1);
    attribution_log log = random_log(&t, 6, 3000, 5);
    attribution_find(&m, &log, &t.s.keep, t.s.scratch);
    rng r = rng_open(9, 9);
    check_near(m.chance, (double)m.conversions / 3000, 1e-12);
    for (int c = -1; c < 6; c++) {
        double p = c < 0 ? m.chance : m.chance * (1 - m.of[c].effect);
        double se = sqrt(p * (1 - p) / WALKS);
        check_near(walk(&log, c, WALKS, &r), p, 3 * se);
    }
    lab_close(&t);
}

/* Over all orders of six channels: what each adds when it joins those before it. */
static void add_orders(const attribution_log *log, int *order, int n, int k, double *value) {
    if (k == n) {
        uint64_t in = 0;
        int64_t before = 0;
        for (int i = 0; i < n; i++) {
            int64_t now = 0;
            in |= UINT64_C(1) << order[i];
            for (int64_t j = 0; j < log->journeys; j++) {
                uint64_t seen = 0;
                for (int64_t x = log->first[j]; x < log->first[j + 1]; x++)
                    seen |= UINT64_C(1) << log->channel[x];
                now += log->converted[j] && !(seen & ~in);
            }
            value[order[i]] += (double)(now - before);
            before = now;
        }
        return;
    }
    for (int i = k; i < n; i++) {
        int t = order[k];
        order[k] = order[i], order[i] = t;
        add_orders(log, order, n, k + 1, value);
        order[i] = order[k], order[k] = t;
    }
}

/* The share of channel 1 by the journeys of all groups of users but one. */
static double share_without(const attribution_log *log, int group, lab *t) {
    attribution m;
    attribution_log part = *log;
    int64_t *first = take(&t->s.keep, int64_t, log->journeys + 1), n = 0;
    uint8_t *channel = take(&t->s.keep, uint8_t, log->first[log->journeys]);
    uint8_t *converted = take(&t->s.keep, uint8_t, log->journeys);
    int32_t *user = take(&t->s.keep, int32_t, log->journeys);
    for (int64_t j = 0; j < log->journeys; j++) {
        if (log->user[j] % ATTRIBUTION_GROUPS == group) continue;
        first[n + 1] = first[n];
        for (int64_t i = log->first[j]; i < log->first[j + 1]; i++)
            channel[first[n + 1]++] = log->channel[i];
        converted[n] = log->converted[j], user[n++] = log->user[j];
    }
    part.journeys = n, part.first = first, part.channel = channel;
    part.converted = converted, part.user = user;
    attribution_find(&m, &part, &t->s.keep, t->s.scratch);
    return m.of[1].markov.value / (double)m.conversions;
}

CHECK(attribution_interval_is_that_of_leaving_out_groups) {
    lab t;
    attribution m;
    double share[ATTRIBUTION_GROUPS], mean = 0, spread = 0;
    lab_open(&t, 1);
    attribution_log log = random_log(&t, 3, 400, 4);
    attribution_find(&m, &log, &t.s.keep, t.s.scratch);
    for (int g = 0; g < ATTRIBUTION_GROUPS; g++) {
        share[g] = share_without(&log, g, &t);
        mean += share[g] / ATTRIBUTION_GROUPS;
    }
    for (int g = 0; g < ATTRIBUTION_GROUPS; g++) spread += (share[g] - mean) * (share[g] - mean);
    double half = INTERVAL_Z95 * sqrt(spread * (ATTRIBUTION_GROUPS - 1) / ATTRIBUTION_GROUPS);
    check_near(m.of[1].markov.high - m.of[1].markov.value, half * (double)m.conversions, 1e-9);
    check_near(m.of[1].markov.value - m.of[1].markov.low, half * (double)m.conversions, 1e-9);
    lab_close(&t);
}

CHECK(attribution_shapley_is_the_mean_over_all_orders) {
    lab t;
    attribution m;
    double value[6] = {0};
    int order[6] = {0, 1, 2, 3, 4, 5};
    lab_open(&t, 1);
    attribution_log log = random_log(&t, 6, 60, 8);
    attribution_find(&m, &log, &t.s.keep, t.s.scratch);
    add_orders(&log, order, 6, 0, value);
    check(m.conversions > 5);
    for (int c = 0; c < 6; c++) check_near(m.of[c].shapley, value[c] / 720, 1e-12);
    lab_close(&t);
}

/* The jackknife's interval has the share of the whole in 95 of 100 samples. */
CHECK(attribution_intervals_hold) {
    enum { SAMPLES = 300 };
    lab t;
    attribution m, whole;
    int held = 0;
    lab_open(&t, 1);
    attribution_log log = random_log(&t, 4, 400000, 3);
    attribution_find(&whole, &log, &t.s.keep, t.s.scratch);
    double share = whole.of[1].markov.value / (double)whole.conversions;
    for (int i = 0; i < SAMPLES; i++) {
        arena keep = t.s.keep;
        attribution_log part = log;
        part.first += i * 1000, part.converted += i * 1000, part.user += i * 1000;
        part.journeys = 1000;
        attribution_find(&m, &part, &keep, t.s.scratch);
        held += m.of[1].markov.low <= share * (double)m.conversions &&
                m.of[1].markov.high >= share * (double)m.conversions;
    }
    check(held >= SAMPLES * 0.91 && held <= SAMPLES * 0.98); /* 3 standard errors */
    lab_close(&t);
}
