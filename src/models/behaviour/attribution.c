/* attribution: what each channel has to do with conversions, by several rules. */
#include "models/behaviour/attribution.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { MOST = ATTRIBUTION_CHANNELS, GROUPS = ATTRIBUTION_GROUPS };

/* Moves of one group: from a channel or start (number channels) to a channel, converted, lost. */
typedef struct moves {
    int channels;
    int64_t *count; /* [channels + 1, channels + 2] */
} moves;

static int64_t cells(int channels) { return (int64_t)(channels + 1) * (channels + 2); }

/* ---- the rules of one journey ---- */

static void give(attribution_channel *of, const uint8_t *channel, int64_t n) {
    uint64_t seen = 0;
    double inner = n > 2 ? 0.2 / (double)(n - 2) : 0, outer = n == 1 ? 1 : n == 2 ? 0.5 : 0.4;
    for (int64_t i = 0; i < n; i++) seen |= UINT64_C(1) << channel[i];
    of[channel[0]].first += 1;
    of[channel[n - 1]].last += 1;
    for (int64_t i = 0; i < n; i++) {
        of[channel[i]].linear += 1 / (double)n;
        of[channel[i]].position += i == 0 || i == n - 1 ? outer : inner;
    }
    for (int c = 0; c < MOST; c++)
        if (seen >> c & 1) of[c].shapley += 1 / (double)__builtin_popcountll(seen);
}

static void count_journey(attribution_channel *of, const uint8_t *channel, int64_t n, bool on) {
    uint64_t seen = 0;
    for (int64_t i = 0; i < n; i++) {
        of[channel[i]].touches++;
        if (!(seen >> channel[i] & 1))
            of[channel[i]].journeys++, of[channel[i]].converted += on;
        seen |= UINT64_C(1) << channel[i];
    }
}

static void add_moves(moves *m, const uint8_t *channel, int64_t n, bool on) {
    int width = m->channels + 2, at = m->channels;
    for (int64_t i = 0; i < n; at = channel[i++]) m->count[at * width + channel[i]]++;
    m->count[at * width + m->channels + !on]++;
}

/* ---- the chain ---- */

/* a x = b by elimination with row pivots; a [n, n] and b are used up. */
static void solve(int n, double *a, double *b) {
    for (int k = 0; k < n; k++) {
        int best = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
        for (int j = 0; j < n; j++) {
            double t = a[k * n + j];
            a[k * n + j] = a[best * n + j], a[best * n + j] = t;
        }
        double t = b[k];
        b[k] = b[best], b[best] = t;
        for (int i = k + 1; i < n; i++) {
            double f = a[i * n + k] / a[k * n + k];
            for (int j = k; j < n; j++) a[i * n + j] -= f * a[k * n + j];
            b[i] -= f * b[k];
        }
    }
    for (int k = n - 1; k >= 0; k--) {
        for (int j = k + 1; j < n; j++) b[k] -= a[k * n + j] * b[j];
        b[k] /= a[k * n + k];
    }
}

/* Chance of conversion from the start without one channel (-1: with all). */
static double chance(const moves *m, int without) {
    double a[MOST * MOST], x[MOST], p = 0;
    int n = m->channels, width = n + 2;
    for (int c = 0; c <= n; c++) {
        const int64_t *row = m->count + c * width;
        int64_t sum = 0;
        for (int to = 0; to < width; to++) sum += row[to];
        double each = sum && c != without ? 1 / (double)sum : 0;
        if (c == n) {
            solve(n, a, x);
            for (int to = 0; to < n; to++)
                if (to != without) p += each * (double)row[to] * x[to];
            break;
        }
        for (int to = 0; to < n; to++)
            a[c * n + to] = (c == to) - (to == without ? 0 : each * (double)row[to]);
        x[c] = each * (double)row[n];
    }
    return p;
}

/* Share of each channel's effect in the sum of them; false where there is none. */
static bool effects(const moves *m, double *effect, double *share) {
    double all = chance(m, -1), sum = 0;
    if (all <= 0) return false;
    for (int c = 0; c < m->channels; c++) sum += effect[c] = 1 - chance(m, c) / all;
    for (int c = 0; c < m->channels; c++) share[c] = effect[c] / sum;
    return true;
}

static void put_markov(attribution *out, const moves *group, const moves *all, arena scratch) {
    int n = all->channels, used = 0;
    double effect[MOST], share[MOST], part[MOST], unused[MOST];
    double sum[MOST] = {0}, squares[MOST] = {0};
    moves rest = {n, take(&scratch, int64_t, cells(n))};
    bool has = effects(all, effect, share);
    for (int g = 0; g < GROUPS && has; g++) {
        int64_t own = 0;
        for (int64_t i = 0; i < cells(n); i++) {
            rest.count[i] = all->count[i] - group[g].count[i];
            own += group[g].count[i]; /* break: only whether it is 0 counts */
        }
        if (own == 0 || !effects(&rest, unused, part)) continue;
        used++;
        for (int c = 0; c < n; c++) squares[c] += part[c] * part[c];
        for (int c = 0; c < n; c++) sum[c] += part[c]; /* break: its square counts */
    }
    for (int c = 0; c < n; c++) {
        double total = (double)out->conversions, mean = used ? sum[c] / used : 0;
        double spread = used ? fmax(0, squares[c] - used * mean * mean) : 0;
        double half = used > 1 ? INTERVAL_Z95 * sqrt(spread * (used - 1) / used) : 1;
        out->of[c].effect = has ? effect[c] : NAN;
        out->of[c].markov = has ? (interval){total * share[c], total * fmax(0, share[c] - half),
                                             total * fmin(1, share[c] + half)}
                                : (interval){NAN, NAN, NAN};
    }
}

void attribution_find(attribution *out, const attribution_log *log, arena *keep, arena scratch) {
    int n = log->channels;
    moves group[GROUPS], all = {n, take(&scratch, int64_t, cells(n))};
    assert(n >= 1 && n <= MOST);
    *out = (attribution){.journeys = log->journeys, .of = take(keep, attribution_channel, n)};
    for (int g = 0; g < GROUPS; g++) group[g] = (moves){n, take(&scratch, int64_t, cells(n))};
    for (int64_t j = 0; j < log->journeys; j++) {
        const uint8_t *channel = log->channel + log->first[j];
        int64_t touches = log->first[j + 1] - log->first[j];
        bool on = log->converted[j];
        out->conversions += on;
        count_journey(out->of, channel, touches, on);
        if (on) give(out->of, channel, touches);
        add_moves(&group[log->user[j] % GROUPS], channel, touches, on);
    }
    for (int g = 0; g < GROUPS; g++)
        for (int64_t i = 0; i < cells(n); i++) all.count[i] += group[g].count[i];
    out->chance = chance(&all, -1);
    put_markov(out, group, &all, scratch);
}
