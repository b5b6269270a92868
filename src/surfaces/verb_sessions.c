/* verb_sessions: a table of events cut into sessions. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "data/event_names.h"
#include "models/behaviour/sessions.h"
#include "models/interval.h"
#include "pipeline/funnel_spec.h"
#include "pipeline/session_kinds.h"
#include "surfaces/event_tokens.h"

#define SECOND INT64_C(1000000)

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"gap", OPTION_TEXT, "TIME", "silence that ends a session: 30m, 1h; exactly as long does not",
     .value = "30m"},
    {"longest", OPTION_TEXT, "TIME", "cut a session that lasts longer, or none", .value = "none"},
    {"midnight", OPTION_FLAG, NULL, "also cut at midnight (UTC)"},
    {"kinds", OPTION_INT, "N", "most kinds of sessions told apart by the order of their events",
     .value = "8", .low = 1, .high = TRAJECTORIES_KINDS},
    {"goal", OPTION_TEXT, "EVENT", "what a session should reach", .value = "purchase"},
    {0}};

/* What one session was. */
typedef struct visit {
    int64_t first, last; /* events */
    int64_t views, purchases;
} visit;

static bool engaged(const visit *v, const int64_t *time) {
    return time[v->last] - time[v->first] > 10 * SECOND || v->purchases || v->views >= 2;
}

static bool read_events(bench *b, columns *c, sessions_events *v, scope *s, err *e) {
    if (!event_names_put(b->d, e) ||
        !db_query(b->d, &s->keep, c, e,
                  "SELECT r.user_id, CAST(r.time AS TIMESTAMP) AS t, r.event, "
                  "coalesce(n.event, '') AS known, k.token FROM raw_events r "
                  "JOIN names k ON k.event = r.event LEFT JOIN event_names n "
                  "ON n.alias = "
                  "regexp_replace(lower(r.event), '[^a-z0-9]', '', 'g') "
                  "ORDER BY r.user_id, t, r.src_line"))
        return false;
    const slice *user = columns_text(c, "user_id");
    int64_t *first = take(&s->keep, int64_t, c->rows + 1), units = 0;
    for (int64_t i = 0; i < c->rows; i++)
        if (i == 0 || slice_compare(user[i], user[i - 1]) != 0) first[units++] = i;
    first[units] = c->rows;
    *v = (sessions_events){units, c->rows, first, columns_i64(c, "t")};
    return true;
}

static visit *visits_of(const columns *c, const int64_t *session, int64_t n, arena *keep) {
    visit *v = take(keep, visit, n);
    const slice *known = columns_text(c, "known");
    for (int64_t i = 0; i < c->rows; i++) {
        visit *one = &v[session[i]];
        if (i == 0 || session[i] != session[i - 1]) one->first = i;
        one->last = i;
        one->views += slice_is(known[i], "view");
        one->purchases += slice_is(known[i], "purchase");
    }
    return v;
}

/* The kinds of sessions, and what each of them is. */
typedef struct told_kinds {
    event_tokens tokens;
    int goal; /* -1: does not occur */
    trajectories m;
    const char **word; /* [kinds] */
} told_kinds;

static bool find_goal(const args *a, told_kinds *k, err *e) {
    const char *said = args_text(a, "goal");
    k->goal = event_tokens_find(&k->tokens, said);
    if (k->goal >= 0 || !args_given(a, "goal")) return true;
    const char *near = slice_nearest(slice_of(said), k->tokens.name, k->tokens.n);
    return refuse(e, "--goal: no event of %s is a '%s'%s%s%s", args_text(a, "in"), said,
                  near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void tell_kinds(told_kinds *k, const args *a, const columns *c, const visit *v, int64_t n,
                       scope *s, js *out) {
    int64_t *first = take(&s->keep, int64_t, n + 1);
    uint8_t *token = take(&s->keep, uint8_t, c->rows);
    for (int64_t i = 0; i < n; i++) first[i + 1] = v[i].last + 1;
    for (int64_t i = 0; i < c->rows; i++) token[i] = (uint8_t)columns_i32(c, "token")[i];
    paths_log log = {k->tokens.n, n, first, token, columns_i64(c, "t"), NULL};
    trajectories_fit(&k->m, &log, k->goal, (int)args_int(a, "kinds"), &s->keep, s->scratch);
    k->word = take(&s->keep, const char *, k->m.kinds);
    for (int i = 0; i < k->m.kinds; i++)
        k->word[i] = session_kinds_word(&k->m, i, k->tokens.name, s);
    session_kinds_put(out, &k->m, k->goal, k->tokens.name, s);
    for (int i = 0; i < k->m.kinds && !args_json(a); i++)
        fprintf(stderr, "%8lld  %-40s %5.1f %% reach the goal\n",
                (long long)k->m.of[i].sessions, k->word[i],
                100.0 * (double)k->m.of[i].converted / (double)k->m.of[i].sessions);
}

static bool put_rows(bench *b, const columns *c, const visit *v, int64_t n, const told_kinds *k,
                     scope *s, err *e) {
    static const char *const names[] = {"session", "user", "started", "seconds", "events",
                                        "views", "purchases", "first_event", "last_event",
                                        "bounce", "engaged", "kind"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_I64, COLUMN_REAL,
                                        COLUMN_I64, COLUMN_I64, COLUMN_I64, COLUMN_TEXT,
                                        COLUMN_TEXT, COLUMN_I32, COLUMN_I32, COLUMN_TEXT};
    columns t = columns_new(&s->keep, 12, names, types, n);
    t.at[11].valid = take(&s->keep, uint8_t, n);
    const slice *user = columns_text(c, "user_id"), *event = columns_text(c, "event");
    const int64_t *time = columns_i64(c, "t");
    for (int64_t i = 0; i < n; i++) {
        slice who = user[v[i].first];
        arena scratch = s->scratch;
        hash_text id = hash_of(slice_of(arena_text(&scratch, "%.*s\x1f%lld", (int)who.n, who.p,
                                                   (long long)time[v[i].first])));
        t.at[0].text[i] = slice_of(arena_text(&s->keep, "%.16s", id.hex));
        t.at[1].text[i] = who;
        t.at[2].i64[i] = time[v[i].first];
        t.at[3].real[i] = (double)(time[v[i].last] - time[v[i].first]) / (double)SECOND;
        t.at[4].i64[i] = v[i].last - v[i].first + 1;
        t.at[5].i64[i] = v[i].views, t.at[6].i64[i] = v[i].purchases;
        t.at[7].text[i] = event[v[i].first], t.at[8].text[i] = event[v[i].last];
        t.at[9].i32[i] = v[i].first == v[i].last;
        t.at[10].i32[i] = engaged(&v[i], time);
        t.at[11].valid[i] = k->m.kind[i] != TRAJECTORIES_NONE;
        if (t.at[11].valid[i]) t.at[11].text[i] = slice_of(k->word[k->m.kind[i]]);
    }
    return db_put(b->d, "cut", &t, e) &&
           db_run(b->d, SLICE("CREATE TABLE sessions AS SELECT * EXCLUDE (started) REPLACE "
                              "(bounce = 1 AS bounce, engaged = 1 AS engaged), "
                              "make_timestamp(started) AS started FROM cut ORDER BY "
                              "cut.\"user\", started, session"), e);
}

static void put_share(js *out, const char *key, int64_t k, int64_t n) {
    interval i = interval_wilson(k, n);
    js_object(out, key);
    js_put_int(out, "sessions", k);
    js_put_real(out, "share", i.value);
    js_put_real(out, "low", i.low);
    js_put_real(out, "high", i.high);
    js_end(out);
}

static void put_json(const args *a, js *out, const sessions_events *v, const visit *visits,
                     int64_t n) {
    int64_t bounces = 0, engages = 0, buys = 0, longest = 0;
    double seconds = 0.0;
    for (int64_t i = 0; i < n; i++) {
        int64_t events = visits[i].last - visits[i].first + 1;
        bounces += events == 1, buys += visits[i].purchases > 0;
        engages += engaged(&visits[i], v->time);
        if (events > longest) longest = events;
        seconds += (double)(v->time[visits[i].last] - v->time[visits[i].first]) / (double)SECOND;
    }
    js_putf(out, "definition", "A session ends with a silence of more than %s of one user%s%s%s; a "
            "bounce has one event, an engaged session more than 10 seconds, a purchase or two "
            "views.", args_text(a, "gap"),
            strcmp(args_text(a, "longest"), "none") ? ", after " : "",
            strcmp(args_text(a, "longest"), "none") ? args_text(a, "longest") : "",
            args_flag(a, "midnight") ? ", and at midnight" : "");
    js_put_int(out, "users", v->units);
    js_put_int(out, "events", v->n);
    js_put_int(out, "sessions", n);
    js_put_int(out, "longest_events", longest);
    js_put_fixed(out, "mean_seconds", n ? seconds / (double)n : 0.0, 3);
    put_share(out, "bounces", bounces, n);
    put_share(out, "engaged", engages, n);
    put_share(out, "with_purchase", buys, n);
    if (!args_json(a))
        fprintf(stderr, "%lld events of %lld users are %lld sessions: %.1f %% bounce, %.1f %% are "
                "engaged, %.1f %% buy\n", (long long)v->n, (long long)v->units, (long long)n,
                100.0 * interval_wilson(bounces, n).value,
                100.0 * interval_wilson(engages, n).value, 100.0 * interval_wilson(buys, n).value);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    columns c;
    sessions_events v;
    sessions_params p = SESSIONS_DEFAULTS;
    timing t = {0};
    double clock = args_clock();
    p.midnight = args_flag(a, "midnight");
    if (!funnel_spec_window(args_text(a, "gap"), &p.gap, e) ||
        !funnel_spec_window(args_text(a, "longest"), &p.longest, e))
        return false;
    if (sessions_check(p)) return refuse(e, "--gap: %s", sessions_check(p));
    told_kinds kinds = {.goal = -1};
    if (!verb_open(a, s, &b, e) ||
        !verb_read(a, &b, contract_find("events"), "raw_events", out, e) ||
        !event_tokens_read(&kinds.tokens, &b, SEQUENCE_EVENTS, s, e) ||
        !find_goal(a, &kinds, e) ||
        !read_events(&b, &c, &v, s, e))
        return false;
    t.read_s = args_lap(&clock);
    int64_t *session = take(&s->keep, int64_t, v.n);
    int64_t n = sessions_cut(&v, p, b.threads, session);
    visit *visits = visits_of(&c, session, n, &s->keep);
    t.fit_s = args_lap(&clock);
    put_json(a, out, &v, visits, n);
    tell_kinds(&kinds, a, &c, visits, n, s, out);
    if (!put_rows(&b, &c, visits, n, &kinds, s, e) || !verb_write(a, &b, "sessions", e))
        return false;
    t.write_s = args_lap(&clock);
    args_timing(out, &t);
    return true;
}

const verb verb_sessions = {
    .name = "sessions",
    .words = "",
    .group = "table",
    .title = "Cut events into sessions, and say what each was.",
    .example = "atelier sessions --in events.csv --gap 30m --out sessions.csv",
    .options = options,
    .run = run,
};
