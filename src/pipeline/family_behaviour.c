/* family_behaviour: the funnel of the event log, and conversion rates that hold next month. */
#include <string.h>

#include "pipeline/behaviour.h"
#include "pipeline/events_file.h"
#include "pipeline/tile.h"

#define DAY (INT64_C(86400) * 1000000)

const char *const behaviour_steps[BEHAVIOUR_STEPS] = {"view", "click", "cart_add", "purchase"};

#define CUTS                                                                                       \
    "time, event, category, channel, platform, coalesce(category, '(none)') || ' / ' || "          \
    "coalesce(channel, '(none)') AS \"category+channel\" FROM f_events"

const char behaviour_visitors[] = "SELECT visitor AS unit, " CUTS;

char *behaviour_pairs(const behaviour_funnel *b, arena *keep) {
    return arena_text(keep,
                      "SELECT CAST(visitor AS BIGINT) * %lld + article AS unit, " CUTS
                      " WHERE article IS NOT NULL",
                      (long long)b->articles);
}

static int32_t *window_day(windows *days, slice name, bool from) {
    if (slice_is(name, "events_train")) return from ? &days->first : &days->valid_from;
    if (slice_is(name, "events_valid")) return from ? &days->valid_from : &days->test_from;
    if (slice_is(name, "events_test")) return from ? &days->test_from : &days->end;
    return NULL;
}

bool behaviour_open(behaviour_funnel *out, work *w, scope *s, err *e) {
    columns c;
    bool everywhere = true;
    *out = (behaviour_funnel){.days = w->days, .spec = {.unit = "visitor", .p = FUNNEL_DEFAULTS}};
    if (!db_query(w->d, &s->keep, &c, e, "SELECT name, from_day, to_day FROM windows"))
        return false;
    for (int64_t i = 0; i < c.rows; i++) {
        int32_t *from = window_day(&out->days, columns_text(&c, "name")[i], true);
        int32_t *to = window_day(&out->days, columns_text(&c, "name")[i], false);
        if (from) *from = columns_i32(&c, "from_day")[i], *to = columns_i32(&c, "to_day")[i];
    }
    out->spec.p.steps = 0;
    for (int i = 0; i < BEHAVIOUR_STEPS; i++) {
        int64_t named;
        if (!db_count(w->d, &out->events[i], e, "SELECT count(*) FROM f_events WHERE event = '%s'",
                      behaviour_steps[i]) ||
            !db_count(w->d, &named, e, "SELECT count(article) FROM f_events WHERE event = '%s'",
                      behaviour_steps[i]))
            return false;
        if (!out->events[i]) continue;
        out->spec.step[out->spec.p.steps++] = behaviour_steps[i];
        everywhere &= 2 * named >= out->events[i];
    }
    return !everywhere ||
           db_count(w->d, &out->articles, e, "SELECT coalesce(max(article), -1) + 1 FROM f_events");
}

bool behaviour_skip(const behaviour_funnel *b, js *report) {
    if (b->spec.p.steps >= 2) return false;
    if (b->spec.p.steps == 0)
        js_put_word(report, "skipped",
                    "the shop has no event log with views, clicks, cart additions or purchases");
    else
        js_putf(report, "skipped", "the event log has only %s events; a funnel needs two steps",
                b->spec.step[0]);
    return true;
}

/* ---- pages ---- */

static void put_breakdown(js *j, work *w, const funnel_log *log, const funnel_outcome *o, int at,
                          scope *s) {
    const funnel_by *by = &log->by[at];
    funnel_table t;
    funnel_count(&t, o, &log->events, funnel_log_group(log, at, o, w->threads, &s->keep),
                 by->values, w->threads, &s->keep, s->scratch);
    js_array(j, by->column);
    for (int g = 0; g < by->values; g++) {
        if (t.counts[(int64_t)g * t.steps] == 0) continue;
        js_object(j, NULL);
        js_put_text(j, "value", by->value[g]);
        funnel_put(j, &t, g);
        js_end(j);
    }
    js_end(j);
}

static void put_steps(js *j, const behaviour_funnel *b) {
    js_array(j, "steps");
    for (int i = 0; i < b->spec.p.steps; i++) js_put_word(j, NULL, b->spec.step[i]);
    js_end(j);
    js_array(j, "missing");
    for (int i = 0; i < BEHAVIOUR_STEPS; i++)
        if (!b->events[i]) js_put_word(j, NULL, behaviour_steps[i]);
    js_end(j);
}

/* The same steps within one session, whatever time it takes. */
static bool put_sessions(js *j, work *w, const behaviour_funnel *b, scope *s, err *e) {
    funnel_log log;
    funnel_outcome o;
    funnel_table t;
    funnel_spec spec = b->spec;
    spec.unit = "session", spec.p.window = 0;
    if (!funnel_log_read(&log, w->d, &spec, "SELECT session AS unit, time, event FROM f_events",
                         NULL, 0, &s->keep, e))
        return false;
    funnel_run(&o, &log.events, &spec.p, w->threads, &s->keep);
    funnel_count(&t, &o, &log.events, NULL, 1, w->threads, &s->keep, s->scratch);
    js_object(j, "sessions");
    js_put_word(j, "definition", funnel_spec_sentence(&spec, &s->keep));
    funnel_put(j, &t, 0);
    if (!behaviour_why(j, w, b, &spec, BEHAVIOUR_SESSION, s, e) || !behaviour_kinds(j, w, s, e))
        return false;
    js_end(j);
    return true;
}

/* One visitor with one article: the only unit for which categories and articles compare fairly. */
static bool put_pairs(js *j, work *w, const behaviour_funnel *b, scope *s, err *e) {
    static const char *const shown[] = {"category", "channel", "platform"};
    funnel_log log;
    funnel_outcome o;
    funnel_table t;
    funnel_spec spec = b->spec;
    spec.unit = "visitor-article pair";
    if (b->articles == 0) {
        js_put_null(j, "articles");
        return true;
    }
    if (!funnel_log_read(&log, w->d, &spec, behaviour_pairs(b, &s->keep), shown, 3, &s->keep, e))
        return false;
    funnel_run(&o, &log.events, &spec.p, w->threads, &s->keep);
    funnel_count(&t, &o, &log.events, NULL, 1, w->threads, &s->keep, s->scratch);
    js_object(j, "articles");
    js_put_word(j, "definition", funnel_spec_sentence(&spec, &s->keep));
    js_put_word(j, "hash", funnel_spec_hash(&spec, s->scratch).hex);
    funnel_put(j, &t, 0);
    js_object(j, "by");
    for (int i = 0; i < 3; i++) put_breakdown(j, w, &log, &o, i, s);
    js_end(j);
    if (!behaviour_why(j, w, b, &spec, BEHAVIOUR_PAIR, s, e) ||
        !behaviour_articles(j, w, b, &spec, &log, &o, s, e))
        return false;
    js_end(j);
    return true;
}

static bool write_funnel(js *j, work *w, const behaviour_funnel *b, scope *s, err *e) {
    static const char *const shown[] = {"category", "channel", "platform"};
    funnel_log log;
    funnel_outcome o;
    funnel_table t;
    if (!funnel_log_read(&log, w->d, &b->spec, behaviour_visitors, shown, 3, &s->keep, e))
        return false;
    funnel_run(&o, &log.events, &b->spec.p, w->threads, &s->keep);
    funnel_count(&t, &o, &log.events, NULL, 1, w->threads, &s->keep, s->scratch);
    js_put_word(j, "definition", funnel_spec_sentence(&b->spec, &s->keep));
    js_put_word(j, "hash", funnel_spec_hash(&b->spec, s->scratch).hex);
    put_steps(j, b);
    js_object(j, "all");
    funnel_put(j, &t, 0);
    js_end(j);
    js_object(j, "by");
    for (int i = 0; i < 3; i++) put_breakdown(j, w, &log, &o, i, s);
    js_end(j);
    funnel_put_trend(j, &log, &o, &b->spec.p, 7, "week", b->days.end * DAY, w->threads, s);
    return behaviour_why(j, w, b, &b->spec, BEHAVIOUR_VISITOR, s, e);
}

/* Each part reads the log anew, for units of its own, and forgets it once it is told. */
static bool write_parts(js *j, work *w, const behaviour_funnel *b, scope *s, err *e) {
    typedef bool part(js *, work *, const behaviour_funnel *, scope *, err *);
    part *const parts[] = {write_funnel, put_sessions, put_pairs};
    const arena before = s->keep;
    for (int i = 0; i < 3; i++, s->keep = before)
        if (!parts[i](j, w, b, s, e)) return false;
    return true;
}

static bool insight(work *w, folder *f, scope *s, js *report, err *e) {
    behaviour_funnel b;
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    if (!behaviour_open(&b, w, s, e)) return false;
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.funnel/1");
    bool bare = behaviour_skip(&b, report);
    if (bare) behaviour_skip(&b, j);
    else js_put_null(j, "skipped");
    if (!bare && !write_parts(j, w, &b, s, e)) return false;
    if (!behaviour_kpis(w, s, j, e)) return false;
    js_end(j);
    if (!bare) js_put_null(report, "skipped");
    js_put_word(report, "file", "funnel.json");
    return folder_write(f, "funnel.json", text_slice(&j->out), e);
}

static bool publish(work *w, folder *f, scope *s, js *home, err *e) {
    behaviour_funnel b;
    funnel_log log;
    funnel_outcome o;
    funnel_table t;
    if (!behaviour_open(&b, w, s, e)) return false;
    if (behaviour_skip(&b, home)) return true;
    if (!events_file_write(w, f, s, e)) return false;
    if (!funnel_log_read(&log, w->d, &b.spec, behaviour_visitors, NULL, 0, &s->keep, e))
        return false;
    funnel_run(&o, &log.events, &b.spec.p, w->threads, &s->keep);
    funnel_count(&t, &o, &log.events, NULL, 1, w->threads, &s->keep, s->scratch);
    int steps = b.spec.p.steps, worst = 1;
    slice x[BEHAVIOUR_STEPS];
    double values[BEHAVIOUR_STEPS];
    for (int k = 0; k < steps; k++) {
        x[k] = slice_of(b.spec.step[k]), values[k] = (double)t.counts[k];
        if (k && funnel_step_rate(&t, 0, k).value < funnel_step_rate(&t, 0, worst).value) worst = k;
    }
    interval overall = funnel_overall_rate(&t, 0);
    tile_headline h = {arena_text(&s->keep, "Visitors from %s to %s", b.spec.step[0],
                                  b.spec.step[steps - 1]),
                       overall.value, "percent",
                       arena_text(&s->keep, "95 %% interval %.1f to %.1f %%", 100 * overall.low,
                                  100 * overall.high)};
    tile_put(home, &h,
             arena_text(&s->keep, "Of %lld visitors with a %s, %lld reach %s; most are lost from "
                        "%s to %s.", (long long)t.counts[0], b.spec.step[0],
                        (long long)t.counts[steps - 1], b.spec.step[steps - 1],
                        b.spec.step[worst - 1], b.spec.step[worst]),
             tile_verdict(w, s, "behaviour"));
    tile_put_chart(home, &(tile_chart){.kind = "bar", .x_title = "Step", .y_title = "Visitors",
                                       .series = "Visitors", .n = steps, .x = x,
                                       .values = values});
    return true;
}

const family family_behaviour = {
    .name = "behaviour",
    .title = "Funnel and conversion",
    .train = behaviour_train,
    .tune = behaviour_tune,
    .evaluate = behaviour_evaluate,
    .insight = insight,
    .publish = publish,
};
