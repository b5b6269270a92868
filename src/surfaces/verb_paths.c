/* verb_paths: where sessions go, what comes before a goal, and a pattern looked for. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/behaviour/pattern.h"
#include "models/behaviour/sessions.h"
#include "models/interval.h"
#include "pipeline/funnel_spec.h"
#include "pipeline/journeys.h"
#include "surfaces/event_tokens.h"
#include "surfaces/paths_say.h"
#include "surfaces/verbs.h"

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"anchor", OPTION_TEXT, "EVENT", "begin at the first such event of each session"},
    {"backwards", OPTION_FLAG, NULL, "what came before the anchor, step by step"},
    {"depth", OPTION_INT, "N", "steps", .value = "6", .low = 1, .high = PATHS_DEPTH},
    {"top", OPTION_INT, "N", "commonest moves of each step", .value = "50", .low = 1,
     .high = 100000},
    {"events", OPTION_INT, "N", "commonest event names; the others are (other)", .value = "30",
     .low = 2, .high = SEQUENCE_EVENTS},
    {"gap", OPTION_TEXT, "TIME", "silence that ends a session, where the log names none",
     .value = "30m"},
    {"goal", OPTION_TEXT, "EVENT", "what a session should reach", .value = "purchase"},
    {"support", OPTION_REAL, "SHARE", "least share of the sessions of a sequence", .value = "0.005",
     .low = 0, .high = 1},
    {"attribution", OPTION_FLAG, NULL,
     "what each channel has to do with the goal, journey by journey; the table written has a row a "
     "channel instead of the moves"},
    {"lookback", OPTION_TEXT, "TIME", "silence that ends a journey without the goal, or none",
     .value = "30d"},
    {"pattern", OPTION_TEXT, "PATTERN", "count the sessions with it: '(?view).*(?purchase)'"},
    {0}};

typedef struct walks {
    paths_log log;
    event_tokens events; /* [log.events] */
    int64_t users;
    int goal;           /* -1: does not occur */
    paths_told told;
    const int32_t *channel; /* [events of the log], for journeys */
} walks;

/* ---- reading ---- */

#define CHANNEL "coalesce(nullif(trim(channel), ''), '(none)')"

/* Table channels: the commonest names first, the rarer ones together. */
static bool number_channels(bench *b, err *e) {
    return db_runf(b->d, e,
                   "CREATE TABLE channels AS SELECT named, CAST(least(%d, row_number() OVER "
                   "(ORDER BY n DESC, named)) - 1 AS INTEGER) AS code FROM (SELECT " CHANNEL
                   " AS named, count(*) AS n FROM raw_events GROUP BY 1)", ATTRIBUTION_CHANNELS);
}

/* Sessions as the log names them, else after a silence. */
static bool read_sessions(const args *a, bench *b, walks *w, scope *s, err *e) {
    columns c;
    sessions_params p = SESSIONS_DEFAULTS;
    int64_t named;
    if (!funnel_spec_window(args_text(a, "gap"), &p.gap, e) ||
        !db_count(b->d, &named, e, "SELECT count(session_id) FROM raw_events"))
        return false;
    if (sessions_check(p)) return refuse(e, "--gap: %s", sessions_check(p));
    if (!number_channels(b, e) ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT CAST(dense_rank() OVER (ORDER BY user_id) - 1 AS INTEGER) AS u, "
                  "CAST(dense_rank() OVER (ORDER BY user_id, coalesce(%s, '')) - 1 AS BIGINT) "
                  "AS v, "
                  "CAST(time AS TIMESTAMP) AS t, n.token, c.code FROM raw_events r JOIN names n "
                  "ON n.event = r.event JOIN channels c ON c.named = " CHANNEL
                  " ORDER BY v, t, src_line", named ? "session_id" : "NULL"))
        return false;
    w->log.events = w->events.n;
    int64_t n = c.rows, units = 0, *unit = take(&s->keep, int64_t, n + 1);
    int64_t *session = take(&s->keep, int64_t, n), *first, *v = columns_i64(&c, "v");
    uint8_t *token = take(&s->keep, uint8_t, n);
    for (int64_t i = 0; i < n; i++) {
        token[i] = (uint8_t)columns_i32(&c, "token")[i];
        if (i == 0 || v[i] != v[i - 1]) unit[units++] = i;
        session[i] = units - 1;
    }
    unit[units] = n;
    sessions_events all = {units, n, unit, columns_i64(&c, "t")};
    w->log.sessions = named ? units : sessions_cut(&all, p, b->threads, session);
    w->log.first = first = take(&s->keep, int64_t, w->log.sessions + 1);
    int32_t *user = take(&s->keep, int32_t, w->log.sessions);
    for (int64_t i = 0; i < n; i++) {
        first[session[i] + 1] = i + 1;
        user[session[i]] = columns_i32(&c, "u")[i];
    }
    for (int64_t k = 0; k < w->log.sessions; k++) w->users += k == 0 || user[k] != user[k - 1];
    w->channel = columns_i32(&c, "code");
    w->log.token = token, w->log.time = all.time, w->log.user = user;
    return true;
}

/* Refuses with the nearest name where it must be there. */
static bool find_event(const walks *w, const char *said, const char *option_name, bool must,
                       int *token, err *e) {
    *token = event_tokens_find(&w->events, said);
    if (*token >= 0 || !must) return true;
    const char *near = slice_nearest(slice_of(said), w->events.name, w->events.n);
    return refuse(e, "--%s: no event is a '%s'%s%s%s", option_name, said,
                  near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* ---- what is said ---- */

/* The largest of each step; table moves. */
static bool put_moves(const args *a, bench *b, const walks *w, const paths_graph *g, scope *s,
                      err *e) {
    static const char *const names[] = {"step", "source", "target", "paths", "users", "share",
                                        "median_seconds"};
    static const column_type types[] = {COLUMN_I32, COLUMN_TEXT, COLUMN_TEXT, COLUMN_I64,
                                        COLUMN_I64, COLUMN_REAL, COLUMN_REAL};
    int64_t n = 0, cells = (int64_t)g->events * (g->events + 1);
    for (int64_t i = 0; i < g->depth * cells; i++) n += g->edge[i] > 0;
    columns c = columns_new(&s->keep, 7, names, types, n);
    c.at[6].valid = take(&s->keep, uint8_t, n);
    n = 0;
    for (int64_t i = 0; i < g->depth * cells; i++) {
        if (g->edge[i] == 0) continue;
        int step = (int)(i / cells), from = (int)(i % cells / (g->events + 1));
        int to = (int)(i % (g->events + 1));
        double median = paths_median(g, step, from, to);
        c.at[0].i32[n] = step + 1;
        c.at[1].text[n] = slice_of(paths_say_name(&w->told, from));
        c.at[2].text[n] = slice_of(paths_say_name(&w->told, to));
        c.at[3].i64[n] = g->edge[i], c.at[4].i64[n] = g->users[i];
        c.at[5].real[n] = (double)g->edge[i] / (double)g->paths;
        c.at[6].valid[n] = isfinite(median);
        c.at[6].real[n++] = isfinite(median) ? round(median * 10) / 10 : 0;
    }
    return db_put(b->d, "found", &c, e) &&
           db_runf(b->d, e,
                   "CREATE TABLE moves AS SELECT * FROM found QUALIFY row_number() OVER (PARTITION "
                   "BY step ORDER BY paths DESC, source, target) <= %lld "
                   "ORDER BY step, paths DESC, source, target", (long long)args_int(a, "top"));
}

static bool put_pattern(const args *a, js *out, const walks *w, scope *s, err *e) {
    const char *said = args_text(a, "pattern");
    const paths_log *log = &w->log;
    pattern p;
    int64_t has = 0, longest = 0;
    if (!said) return true;
    if (!pattern_compile(&p, slice_of(said), w->events.name, log->events, e)) return false;
    for (int64_t k = 0; k < log->sessions; k++)
        if (log->first[k + 1] - log->first[k] > longest)
            longest = log->first[k + 1] - log->first[k];
    uint8_t *room = take(&s->keep, uint8_t, 2 * longest);
    for (int64_t k = 0; k < log->sessions; k++)
        has += pattern_match(&p, log->token + log->first[k], log->time + log->first[k],
                             log->first[k + 1] - log->first[k], room);
    js_object(out, "pattern");
    js_put_word(out, "pattern", said);
    js_put_int(out, "sessions", has);
    paths_say_rate(out, "share", has, log->sessions);
    js_end(out);
    fprintf(stderr, "%s: in %lld of %lld sessions (%.1f %%)\n", said, (long long)has,
            (long long)log->sessions, 100 * interval_wilson(has, log->sessions).value);
    return true;
}

/* Member attribution, and table attributed. */
static bool put_attribution(const args *a, js *out, bench *b, const walks *w, scope *s, err *e) {
    columns c;
    journeys_source from = {.log = &w->log, .goal = w->goal, .channel = w->channel, .none = -1};
    if (!verb_need_column(a, b, "raw_events", "channel", "--attribution", s, e) ||
        !funnel_spec_window(args_text(a, "lookback"), &from.lookback, e) ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT CASE WHEN count(*) > 1 THEN '(other)' ELSE min(named) END AS channel "
                  "FROM channels GROUP BY code ORDER BY code"))
        return false;
    from.channels = (int)c.rows;
    from.names = columns_text(&c, "channel");
    for (int i = 0; i < from.channels; i++)
        if (slice_is(from.names[i], "(none)")) from.none = i;
    if (w->goal >= 0 && journeys_put(out, &from, w->events.name[w->goal], &c, s))
        return db_put(b->d, "attributed", &c, e);
    return refuse(e, "--attribution wants two channels and a session with the goal %s; %s has %d "
                  "channel%s", args_text(a, "goal"), args_text(a, "in"), from.channels,
                  from.channels == 1 ? "" : "s and no such session");
}

static void put_events(js *out, const walks *w) {
    js_object(out, "events");
    for (int t = 0; t < w->log.events; t++) js_put_int(out, w->events.name[t], w->events.events[t]);
    js_end(out);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    walks w = {0};
    paths_graph g;
    paths_params p = {.depth = (int)args_int(a, "depth"), .anchor = -1,
                      .backwards = args_flag(a, "backwards")};
    timing t = {0};
    double clock = args_clock();
    if (!verb_open(a, s, &b, e) ||
        !verb_read(a, &b, contract_find("events"), "raw_events", out, e) ||
        !event_tokens_read(&w.events, &b, args_int(a, "events"), s, e) ||
        !read_sessions(a, &b, &w, s, e) ||
        !find_event(&w, args_text(a, "goal"), "goal", args_given(a, "goal"), &w.goal, e) ||
        (args_text(a, "anchor") &&
         !find_event(&w, args_text(a, "anchor"), "anchor", true, &p.anchor, e)))
        return false;
    if (paths_check(p, w.log.events)) return refuse(e, "%s", paths_check(p, w.log.events));
    w.told = (paths_told){&w.log, w.events.name};
    t.read_s = args_lap(&clock);
    paths_count(&g, &w.log, p, b.threads, &s->keep, s->scratch);
    paths_say_counts(&w.told, p, &g, w.users, out);
    put_events(out, &w);
    paths_say_steps(&w.told, &g, out);
    paths_say_sequences(&w.told, w.goal, args_real(a, "support"), b.threads, s, out);
    if (!put_pattern(a, out, &w, s, e) ||
        (args_flag(a, "attribution") && !put_attribution(a, out, &b, &w, s, e)))
        return false;
    t.fit_s = args_lap(&clock);
    bool channels = args_flag(a, "attribution");
    if (!channels && !put_moves(a, &b, &w, &g, s, e)) return false;
    if (!verb_write(a, &b, channels ? "attributed" : "moves", e)) return false;
    t.write_s = args_lap(&clock);
    args_timing(out, &t);
    return true;
}

const verb verb_paths = {
    .name = "paths",
    .words = "",
    .group = "table",
    .title = "Count where sessions go, what comes before a goal, and a pattern.",
    .example = "atelier paths --in events.csv --anchor product_view --depth 5 --json",
    .options = options,
    .run = run,
};
