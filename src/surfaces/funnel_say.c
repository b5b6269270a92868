/* funnel_say: a funnel's result for people and scripts. */
#include "surfaces/funnel_say.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/survival.h"
#include "pipeline/stage.h"

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)

/* ---- one funnel ---- */

/* Seconds from the first step to the last. */
static void put_histogram(js *out, const funnel_table *t) {
    js_array(out, "histogram");
    for (int b = 0; b < FUNNEL_BUCKETS; b++) {
        if (t->times[b] == 0) continue;
        js_object(out, NULL);
        js_put_fixed(out, "from_seconds", funnel_bucket_seconds(b), 3);
        js_put_fixed(out, "to_seconds", funnel_bucket_seconds(b + 1), 3);
        js_put_int(out, "units", t->times[b]);
        js_end(out);
    }
    js_end(out);
    js_put_fixed(out, "p90_total_seconds", funnel_time_quantile(t, 0, 0, 0.9), 1);
}

/* How long each unit that entered waited for the last step (microseconds) or, not converted, was
 * watched: to the end of the log, or of its window. Returns how many entered. */
static int64_t put_waits(const funnel_spec *spec, const funnel_log *log, const funnel_outcome *o,
                         double *waited, bool *converted) {
    const int64_t *time = log->events.time;
    int64_t n = 0;
    for (int64_t u = 0; u < o->units; u++) {
        const int64_t *chain = o->chain + u * o->steps;
        if (o->level[u] == 0) continue;
        converted[n] = o->level[u] == o->steps;
        int64_t wait = (converted[n] ? time[chain[o->steps - 1]] : log->end) - time[chain[0]];
        if (!converted[n] && spec->p.window && wait > spec->p.window) wait = spec->p.window;
        waited[n++] = (double)wait;
    }
    return n;
}

/* Share converted `within` so long of the first step; watched: so long, or until they converted. */
static void put_point(js *out, const survival_curve *c, const double *waited,
                      const bool *converted, int64_t n, int64_t within) {
    survival_step left = survival_seen(c, (double)within);
    int64_t watched = 0;
    for (int64_t i = 0; i < n; i++) watched += converted[i] || waited[i] >= (double)within;
    js_object(out, NULL);
    js_put_int(out, "within_seconds", within / SECOND);
    js_put_int(out, "watched", watched);
    js_put_real(out, "share", 1 - left.share);
    js_put_real(out, "low", 1 - left.high);
    js_put_real(out, "high", 1 - left.low);
    js_end(out);
}

/* Kaplan–Meier: who entered lately is not lost yet. */
static void put_converted(js *out, const funnel_spec *spec, const funnel_log *log,
                          const funnel_outcome *o, scope *s) {
    static const int64_t hours[] = {1, 6, 24, 48, 72, 168, 336, 720, 1440, 2160};
    double *waited = take(&s->keep, double, o->units);
    bool *converted = take(&s->keep, bool, o->units);
    int64_t n = put_waits(spec, log, o, waited, converted);
    survival_curve c = survival_of(waited, converted, n, &s->keep, s->scratch);
    js_array(out, "converted");
    for (int i = 0; i < 10; i++)
        if (!spec->p.window || hours[i] * 3600 * SECOND < spec->p.window)
            put_point(out, &c, waited, converted, n, hours[i] * 3600 * SECOND);
    if (spec->p.window) put_point(out, &c, waited, converted, n, spec->p.window);
    js_end(out);
}

/* One value's overall rate less that of all others. */
static interval difference(const funnel_table *grouped, const funnel_table *all, int g) {
    int last = all->steps - 1;
    const int64_t *own = grouped->counts + (int64_t)g * all->steps;
    return interval_newcombe(own[last], own[0], all->counts[last] - own[last],
                             all->counts[0] - own[0]);
}

static void put_by(js *out, const funnel_by *by, const funnel_table *grouped,
                   const funnel_table *all) {
    js_object(out, "by");
    js_array(out, by->column);
    for (int g = 0; g < by->values; g++) {
        js_object(out, NULL);
        js_put_text(out, "value", by->value[g]);
        funnel_put(out, grouped, g);
        funnel_put_rate(out, "difference", difference(grouped, all, g));
        js_end(out);
    }
    js_end(out);
    js_end(out);
}

void funnel_say_all(js *out, const funnel_spec *spec, const funnel_log *log,
                    const funnel_outcome *o, const funnel_table *all, const funnel_table *grouped,
                    bool curve, pool *threads, scope *s) {
    js_put_word(out, "definition", funnel_spec_sentence(spec, &s->keep));
    js_put_word(out, "hash", funnel_spec_hash(spec, s->scratch).hex);
    js_put_word(out, "spec", funnel_spec_canonical(spec, &s->keep));
    js_array(out, "steps");
    for (int i = 0; i < spec->p.steps; i++) js_put_word(out, NULL, spec->step[i]);
    js_end(out);
    js_object(out, "all");
    funnel_put(out, all, 0);
    put_histogram(out, all);
    if (curve && !spec->attempts) put_converted(out, spec, log, o, s);
    if (spec->p.excludes && !spec->attempts) {
        /* how much further units would have come without the exclusions */
        funnel_outcome free;
        funnel_table t;
        funnel_params p = spec->p;
        p.excludes = 0;
        funnel_run(&free, &log->events, &p, threads, &s->keep);
        funnel_count(&t, &free, &log->events, NULL, 1, threads, &s->keep, s->scratch);
        js_array(out, "excluded");
        for (int k = 0; k < t.steps; k++) js_put_int(out, NULL, t.counts[k] - all->counts[k]);
        js_end(out);
    }
    js_end(out);
    if (grouped) put_by(out, &log->by[0], grouped, all);
}

/* ---- one user ---- */

enum { MOST_SHOWN = 2000 };

typedef struct story {
    const funnel_spec *spec;
    columns c; /* t, serves, name, event, unit */
    funnel_outcome o;
} story;

static int level_after(const story *y, bench *b, int64_t first, int64_t events, scope *s) {
    arena keep = s->keep; /* forgotten at once */
    int64_t part[2] = {0, events};
    funnel_events v = {1, events, part, columns_i64(&y->c, "t") + first,
                       (const uint32_t *)columns_i32(&y->c, "serves") + first};
    funnel_outcome o;
    funnel_run(&o, &v, &y->spec->p, b->threads, &keep);
    return o.level[0];
}

static const char *decision(const story *y, int64_t i, int before, int after, bool chained) {
    uint32_t serves = (uint32_t)columns_i32(&y->c, "serves")[i];
    if (after > before) return "goes further";
    if (chained) return "of the chain that counts";
    if (serves >> FUNNEL_STEPS) return "excluded event";
    if (serves) return "goes no further";
    return y->spec->p.order == FUNNEL_STRICT ? "lies between" : "no step";
}

/* "2024-03-13 10:21:14" */
static char *moment(int64_t t, arena *keep) {
    int64_t day = t / DAY - (t % DAY < 0), second = (t - day * DAY) / SECOND;
    return arena_text(keep, "%s %02d:%02d:%02d", day_text(keep, (int32_t)day),
                      (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

static bool read_story(story *y, bench *b, const char *user, scope *s, err *e) {
    if (!db_query(b->d, &s->keep, &y->c, e,
                  "SELECT unit, CAST(time AS TIMESTAMP) AS t, CAST(%s AS INTEGER) AS serves, name, "
                  "event FROM log WHERE who = %s AND time IS NOT NULL ORDER BY unit, t, serves, "
                  "name LIMIT %d",
                  funnel_log_serves(y->spec, &s->keep),
                  db_literal(&s->keep, slice_of(user)), MOST_SHOWN))
        return false;
    return y->c.rows > 0 || refuse(e, "no event is of the user '%s'", user);
}

/* Events first … end - 1 are those of one unit. */
static void tell_unit(js *out, story *y, bench *b, int64_t first, int64_t end, bool json,
                      scope *s) {
    int64_t part[2] = {0, end - first};
    const int64_t *t = columns_i64(&y->c, "t");
    funnel_events v = {1, end - first, part, t + first,
                       (const uint32_t *)columns_i32(&y->c, "serves") + first};
    funnel_run(&y->o, &v, &y->spec->p, b->threads, &s->keep);
    for (int64_t i = first, before = 0; i < end; i++) {
        bool chained = false;
        int after = level_after(y, b, first, i - first + 1, s);
        for (int k = 0; k < y->o.level[0]; k++) chained |= y->o.chain[k] == i - first;
        const char *why = decision(y, i, (int)before, after, chained);
        slice name = columns_text(&y->c, "name")[i], step = columns_text(&y->c, "event")[i];
        const char *when = moment(t[i], &s->keep);
        before = after;
        js_object(out, NULL);
        js_put_int(out, "unit", columns_i64(&y->c, "unit")[i]);
        js_put_word(out, "time", when);
        js_put_text(out, "event", name);
        if (step.n) js_put_text(out, "step", step);
        else js_put_null(out, "step");
        js_put_int(out, "level", after);
        js_put_bool(out, "in_chain", chained);
        js_put_word(out, "decision", why);
        js_end(out);
        if (!json)
            fprintf(stderr, "%s  %-20.*s step %-12.*s level %d %c  %s\n", when, (int)name.n, name.p,
                    (int)(step.n ? step.n : 1), step.n ? step.p : "-", after, chained ? '*' : ' ',
                    why);
    }
}

bool funnel_say_why(js *out, const funnel_spec *spec, bench *b, const char *user, bool json,
                    scope *s, err *e) {
    story *y = take(&s->keep, story, 1);
    y->spec = spec;
    if (!read_story(y, b, user, s, e)) return false;
    js_array(out, "explain");
    const int64_t *unit = columns_i64(&y->c, "unit");
    for (int64_t first = 0, end; first < y->c.rows; first = end) {
        for (end = first + 1; end < y->c.rows && unit[end] == unit[first];) end++;
        tell_unit(out, y, b, first, end, json, s);
    }
    js_end(out);
    return true;
}
