/* journeys: the channels by which visitors came, session by session, until they convert. */
#include "pipeline/journeys.h"

#include <math.h>

#include "base/order.h"

#define HOUR (INT64_C(3600) * 1000000)

typedef struct touch {
    int64_t start;
    uint8_t channel;
    bool converted;
} touch;

static touch touch_of(const journeys_source *from, int64_t session) {
    const paths_log *log = from->log;
    int64_t i = log->first[session], end = log->first[session + 1];
    touch t = {log->time[i], 0, false};
    while (i + 1 < end && from->channel[i] == from->none) i++;
    t.channel = (uint8_t)(from->channel[i] == from->none ? from->none : from->channel[i]);
    for (i = log->first[session]; i < end; i++) t.converted |= log->token[i] == from->goal;
    return t;
}

void journeys_make(attribution_log *out, const journeys_source *from, arena *keep, arena scratch) {
    int64_t n = from->log->sessions, journeys = 0, touches = 0;
    const int32_t *who = from->log->user;
    int64_t *first = take(keep, int64_t, n + 1);
    uint8_t *channel = take(keep, uint8_t, n), *converted = take(keep, uint8_t, n);
    int32_t *user = take(keep, int32_t, n);
    for (int64_t k = 0, end; k < n; k = end) {
        arena own = scratch;
        for (end = k + 1; end < n && who[end] == who[k];) end++;
        touch *t = take(&own, touch, end - k);
        double *start = take(&own, double, end - k);
        int32_t *order = order_count(end - k, &own);
        for (int64_t i = k; i < end; i++) {
            t[i - k] = touch_of(from, i);
            start[i - k] = (double)t[i - k].start;
        }
        order_up(order, end - k, start, own);
        for (int64_t i = 0; i < end - k; i++) {
            const touch *now = &t[order[i]];
            bool open = touches > first[journeys];
            if (open && from->lookback &&
                now->start - t[order[i - 1]].start > from->lookback)
                user[journeys] = who[k], first[++journeys] = touches;
            channel[touches++] = now->channel;
            converted[journeys] = now->converted;
            if (now->converted) user[journeys] = who[k], first[++journeys] = touches;
        }
        if (touches > first[journeys]) user[journeys] = who[k], first[++journeys] = touches;
    }
    *out = (attribution_log){from->channels, journeys, first, channel, converted, user};
}

/* ---- into JSON ---- */

static void put_channel(js *j, const attribution_channel *c, slice name) {
    js_object(j, NULL);
    js_put_text(j, "channel", name);
    js_put_int(j, "touches", c->touches);
    js_put_int(j, "journeys", c->journeys);
    js_put_int(j, "converted", c->converted);
    js_put_real(j, "first", c->first);
    js_put_real(j, "last", c->last);
    js_put_real(j, "linear", c->linear);
    js_put_real(j, "position", c->position);
    js_put_real(j, "shapley", c->shapley);
    js_object(j, "markov");
    js_put_real(j, "value", c->markov.value);
    js_put_real(j, "low", c->markov.low);
    js_put_real(j, "high", c->markov.high);
    js_end(j);
    js_put_real(j, "removal_effect", c->effect);
    js_end(j);
}

/* ---- into a table ---- */

static columns table_of(const attribution *m, const int32_t *order, const journeys_source *from,
                        arena *keep) {
    enum { COUNTS = 3, REALS = 9 };
    static const char *const names[] = {"channel", "touches", "journeys", "converted", "first",
                                        "last", "linear", "position", "shapley", "markov",
                                        "markov_low", "markov_high", "removal_effect"};
    column_type types[1 + COUNTS + REALS];
    int64_t n = 0;
    for (int k = 0; k < 1 + COUNTS + REALS; k++)
        types[k] = k == 0 ? COLUMN_TEXT : k <= COUNTS ? COLUMN_I64 : COLUMN_REAL;
    for (int i = 0; i < from->channels; i++) n += m->of[i].touches > 0;
    columns c = columns_new(keep, 1 + COUNTS + REALS, names, types, n);
    for (int k = 1 + COUNTS; k < c.n; k++) c.at[k].valid = take(keep, uint8_t, n);
    n = 0;
    for (int i = 0; i < from->channels; i++) {
        const attribution_channel *one = &m->of[order[i]];
        const int64_t counts[] = {one->touches, one->journeys, one->converted};
        const double reals[] = {one->first, one->last, one->linear, one->position, one->shapley,
                                one->markov.value, one->markov.low, one->markov.high, one->effect};
        if (one->touches == 0) continue;
        c.at[0].text[n] = from->names[order[i]];
        for (int k = 0; k < COUNTS; k++) c.at[1 + k].i64[n] = counts[k];
        for (int k = 0; k < REALS; k++) {
            c.at[1 + COUNTS + k].valid[n] = isfinite(reals[k]);
            c.at[1 + COUNTS + k].real[n] = isfinite(reals[k]) ? reals[k] : 0.0;
        }
        n++;
    }
    return c;
}

/* ---- both ---- */

static void put_definition(js *j, const char *goal, int64_t hours, scope *s) {
    const char *lost = "";
    if (hours)
        lost = arena_text(&s->keep, ", or is lost after %lld %s without one",
                          (long long)(hours % 24 ? hours : hours / 24),
                          hours % 24 ? "hours" : "days");
    js_putf(j, "definition", "Sessions of one visitor in a row are a journey; it ends with a "
            "session that has a %s%s.", goal, lost);
}

bool journeys_put(js *j, const journeys_source *from, const char *goal, columns *table, scope *s) {
    attribution_log log;
    attribution m = {0};
    if (from->channels >= 2) {
        journeys_make(&log, from, &s->keep, s->scratch);
        attribution_find(&m, &log, &s->keep, s->scratch);
    }
    if (m.conversions == 0) {
        js_put_null(j, "attribution");
        return false;
    }
    double *key = take(&s->keep, double, from->channels);
    int32_t *order = order_count(from->channels, &s->keep);
    for (int c = 0; c < from->channels; c++) key[c] = m.of[c].markov.value;
    order_down(order, from->channels, key, s->scratch);
    if (table) *table = table_of(&m, order, from, &s->keep);
    js_object(j, "attribution");
    put_definition(j, goal, from->lookback / HOUR, s);
    js_put_word(j, "goal", goal);
    js_put_int(j, "journeys", m.journeys);
    js_put_int(j, "conversions", m.conversions);
    js_array(j, "channels");
    for (int i = 0; i < from->channels; i++)
        if (m.of[order[i]].touches) put_channel(j, &m.of[order[i]], from->names[order[i]]);
    js_end(j);
    js_end(j);
    return true;
}
