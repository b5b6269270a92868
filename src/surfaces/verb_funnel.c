/* verb_funnel: an ordered funnel over a table of events. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/event_names.h"
#include "pipeline/funnel_log.h"
#include "pipeline/funnel_articles.h"
#include "pipeline/funnel_why.h"
#include "surfaces/funnel_left.h"
#include "surfaces/funnel_say.h"
#include "surfaces/funnel_words.h"
#include "surfaces/verbs.h"

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"steps", OPTION_TEXT, "A,B,…", "steps in order: event names, the file's or the usual ones",
     .value = "view,click,cart_add,purchase"},
    {"window", OPTION_TEXT, "TIME", "most time from the first step: 7d, 36h, 30m, 90s or none",
     .value = "7d"},
    {"gaps", OPTION_TEXT, "TIME,…", "most time from each step to the next"},
    {"order", OPTION_CHOICE, "loose|strict|any",
     "other events may lie between; none may; steps in any order", .value = "loose"},
    {"optional", OPTION_TEXT, "A,…", "steps that may be left out"},
    {"exclude", OPTION_TEXT, "X[:I-J],…",
     "events that must not lie between steps I and J (from 1; default first to last)"},
    {"ties", OPTION_CHOICE, "climb|strictly_after",
     "events of one instant count in step order, or each step is later than the one before",
     .value = "climb"},
    {"unit", OPTION_CHOICE, "user|session|user_article", "who goes through the funnel",
     .value = "user"},
    {"count", OPTION_CHOICE, "units|attempts", "units once, or each of their attempts",
     .value = "units"},
    {"trend", OPTION_CHOICE, "none|day|week", "counts by when the first step was", .value = "none"},
    {"explain", OPTION_TEXT, "USER", "show this user's events and what the rule makes of each"},
    {"articles", OPTION_FLAG, NULL,
     "say what stands out of each article, with --unit user_article; --out has these"},
    {"why", OPTION_FLAG, NULL,
     "say what separates who left at each step, and what that is in money; --out has the features"},
    {"by", OPTION_TEXT, "COLUMN", "break down by a column, as of the first step's event"},
    {0}};

/* The events contract, with one more text column when --by names none of its own. */
static contract *contract_with(const char *by, arena *keep) {
    const contract *events = contract_find("events");
    contract *c = take(keep, contract, 1);
    contract_column *own = take(keep, contract_column, events->n + 1);
    memcpy(own, events->columns, (size_t)events->n * sizeof *own);
    *c = (contract){events->source, events->n, own};
    for (int i = 0; i < events->n; i++)
        if (by && strcmp(own[i].name, by) == 0) return c;
    if (by) own[c->n++] = (contract_column){.name = by, .type = CONTRACT_TEXT};
    return c;
}

/* "Page view" and "page_view" are one name. */
#define KEY(x) "regexp_replace(lower(" x "), '[^a-z0-9]', '', 'g')"

static const struct {
    const char *name, *column, *sql;
} units[] = {{"user", "user_id", "r.user_id"},
             {"session", "session_id", "r.session_id"},
             {"user_article", "article_id", "r.user_id || chr(31) || r.article_id"}};

/* Table log: who, unit, time, name (the file's), event (a step's or exclusion's word), grouped,
 * article, price, channel, platform, category, hour, day. */
static bool make_log(const args *a, bench *b, const funnel_spec *spec, scope *s, err *e) {
    const char *by = args_text(a, "by"), *words = "";
    int u = 0;
    while (strcmp(units[u].name, spec->unit) != 0) u++;
    if (!event_names_put(b->d, e) ||
        !verb_need_column(a, b, "raw_events", units[u].column,
                          arena_text(&s->keep, "--unit %s", spec->unit), s, e) ||
        (by && !verb_need_column(a, b, "raw_events", by, "--by", s, e)))
        return false;
    for (int i = 0; i < spec->p.steps + spec->p.excludes; i++) {
        const char *said = i < spec->p.steps ? spec->step[i] : spec->exclude[i - spec->p.steps];
        const char *word = db_literal(&s->keep, slice_of(said));
        words = arena_text(&s->keep, "%s WHEN " KEY("r.event") " = " KEY("%s") " OR n.event = %s "
                           "THEN %s", words, word, word, word);
    }
    return db_runf(b->d, e,
                   "CREATE TABLE log AS SELECT r.user_id AS who, CAST(dense_rank() OVER (ORDER BY "
                   "%s) AS BIGINT) AS unit, r.time, r.event AS name, CASE%s ELSE '' END AS event, "
                   "CAST(%s AS VARCHAR) AS grouped, r.article_id AS article, r.price, "
                   "r.channel, r.platform, r.category, " FUNNEL_WHY_HOUR " AS hour, "
                   FUNNEL_WHY_DAY " AS day "
                   "FROM raw_events r LEFT JOIN event_names n ON n.alias = " KEY("r.event")
                   " WHERE r.%s IS NOT NULL",
                   units[u].sql, words, by ? db_name(&s->keep, slice_of(by)) : "NULL",
                   units[u].column);
}

static bool refuse_name(const args *a, bench *b, const char *said, scope *s, err *e) {
    columns c;
    if (!db_query(b->d, &s->keep, &c, e,
                  "SELECT event, count(*) AS n FROM raw_events GROUP BY event ORDER BY n DESC, "
                  "event LIMIT 200"))
        return false;
    const char **names = take(&s->keep, const char *, c.rows), *list = "";
    for (int64_t i = 0; i < c.rows; i++) {
        names[i] = slice_copy(&s->keep, columns_text(&c, "event")[i]);
        if (i < 12) list = arena_text(&s->keep, "%s%s%s", list, i ? ", " : "", names[i]);
    }
    const char *near = slice_nearest(slice_of(said), names, (int)c.rows);
    return refuse(e, "no event of %s is a '%s'%s%s%s It has %s", args_text(a, "in"), said,
                  near ? "; did you mean '" : ".", near ? near : "", near ? "'?" : "", list);
}

/* Every name must occur; of the steps that nobody asked for those that do not are left out. */
static bool check_names(const args *a, bench *b, funnel_spec *spec, js *out, scope *s, err *e) {
    int kept = 0;
    js_array(out, "missing");
    for (int i = 0; i < spec->p.steps + spec->p.excludes; i++) {
        bool step = i < spec->p.steps;
        const char *said = step ? spec->step[i] : spec->exclude[i - spec->p.steps];
        int64_t n;
        if (!db_count(b->d, &n, e, "SELECT count(*) FROM log WHERE event = %s",
                      db_literal(&s->keep, slice_of(said))))
            return false;
        if (n == 0 && (!step || args_given(a, "steps"))) return refuse_name(a, b, said, s, e);
        if (n == 0) js_put_word(out, NULL, said);
        if (step && n > 0) spec->step[kept++] = said;
    }
    js_end(out);
    if (kept < 2 && kept < spec->p.steps)
        return refuse(e, "%s has too few of the usual events view, click, cart_add and purchase: "
                      "name its own with --steps", args_text(a, "in"));
    spec->p.steps = kept;
    return true;
}

static bool check_told(const args *a, const funnel_spec *spec, err *e) {
    bool articles = args_flag(a, "articles"), why = args_flag(a, "why");
    if (articles && strcmp(spec->unit, "user_article") != 0)
        return refuse(e, "--articles wants --unit user_article, not %s", spec->unit);
    if ((articles || why) && (spec->attempts || spec->p.optional || spec->p.order == FUNNEL_ANY))
        return refuse(e, "--%s counts units over steps in order, all of them needed: it goes "
                      "without --count attempts, --optional and --order any",
                      articles ? "articles" : "why");
    if (articles && why)
        return refuse(e, "--articles and --why both write --out: ask for one at a time");
    return true;
}

/* One row a step and group; table steps. */
static bool put_rows(bench *b, const funnel_table *t, const funnel_spec *spec, const funnel_by *by,
                     scope *s, err *e) {
    static const char *const names[] = {"value", "position", "step", "units", "lost", "step_rate",
                                        "step_low", "step_high", "overall_rate", "median_seconds"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_I32,  COLUMN_TEXT, COLUMN_I64,
                                        COLUMN_I64,  COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL};
    int first = by ? 0 : 1; /* no column value without --by */
    columns c = columns_new(&s->keep, 10 - first, names + first, types + first,
                            (int64_t)t->groups * t->steps);
    column *at = c.at - first;
    at[9].valid = take(&s->keep, uint8_t, c.rows);
    for (int64_t row = 0; row < c.rows; row++) {
        int g = (int)(row / t->steps), k = (int)(row % t->steps);
        const int64_t *counts = t->counts + (int64_t)g * t->steps;
        interval rate = k ? funnel_step_rate(t, g, k) : (interval){1, 1, 1};
        double median = k ? funnel_time_quantile(t, g, k, 0.5) : NAN;
        if (by) at[0].text[row] = by->value[g];
        at[1].i32[row] = k + 1;
        at[2].text[row] = slice_of(spec->step[k]);
        at[3].i64[row] = counts[k];
        at[4].i64[row] = counts[funnel_before(t->optional, k)] - counts[k];
        at[5].real[row] = rate.value, at[6].real[row] = rate.low, at[7].real[row] = rate.high;
        at[8].real[row] = counts[0] ? (double)counts[k] / (double)counts[0] : 0;
        at[9].valid[row] = isfinite(median) ? 1 : 0;
        at[9].real[row] = isfinite(median) ? round(median * 10) / 10 : 0;
    }
    return db_put(b->d, "steps", &c, e);
}

static bool put_articles(js *out, const funnel_spec *spec, const funnel_log *log,
                         const funnel_outcome *o, bench *b, scope *s, err *e) {
    funnel_articles f;
    const char *source = "SELECT unit, article, NULL AS name, price FROM log";
    if (!funnel_articles_find(&f, spec, log, o, b->d, source, s, e)) return false;
    js_object(out, "articles");
    funnel_articles_put(out, &f, s);
    js_end(out);
    columns c = funnel_articles_rows(&f, &s->keep);
    return db_put(b->d, "articles", &c, e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    static const char *const by_column[] = {"grouped"};
    bench b;
    funnel_spec spec;
    funnel_log log;
    funnel_outcome o;
    funnel_table all, grouped;
    timing t = {0};
    double start = args_clock();
    const char *by = args_text(a, "by");
    if (!funnel_words_read(a, &spec, s, e) || !check_told(a, &spec, e) ||
        !verb_open(a, s, &b, e) ||
        !verb_read(a, &b, contract_with(by, &s->keep), "raw_events", out, e) ||
        !make_log(a, &b, &spec, s, e) || !check_names(a, &b, &spec, out, s, e) ||
        !funnel_log_read(&log, b.d, &spec, "SELECT * FROM log", by_column, by ? 1 : 0, &s->keep, e))
        return false;
    t.read_s = args_clock() - start;
    if (spec.attempts) funnel_attempts(&o, &log.events, &spec.p, b.threads, &s->keep);
    else funnel_run(&o, &log.events, &spec.p, b.threads, &s->keep);
    funnel_count(&all, &o, &log.events, NULL, 1, b.threads, &s->keep, s->scratch);
    if (by) {
        log.by[0].column = by;
        const int32_t *group = funnel_log_group(&log, 0, &o, b.threads, &s->keep);
        funnel_count(&grouped, &o, &log.events, group, log.by[0].values, b.threads, &s->keep,
                     s->scratch);
    }
    t.fit_s = args_clock() - start - t.read_s;
    if (!args_json(a)) fprintf(stderr, "%s\n", funnel_spec_sentence(&spec, &s->keep));
    funnel_say_all(out, &spec, &log, &o, &all, by ? &grouped : NULL, true, b.threads,
                   s);
    if (strcmp(args_text(a, "trend"), "none") != 0)
        funnel_put_trend(out, &log, &o, &spec.p, strcmp(args_text(a, "trend"), "week") ? 1 : 7,
                         "from", log.end, b.threads, s);
    if (args_text(a, "explain") &&
        !funnel_say_why(out, &spec, &b, args_text(a, "explain"), args_json(a), s, e))
        return false;
    bool articles = args_flag(a, "articles"), why = args_flag(a, "why");
    if (articles ? !put_articles(out, &spec, &log, &o, &b, s, e)
        : why    ? !funnel_left_put(out, &spec, &b, by, args_json(a), s, e)
                 : !put_rows(&b, by ? &grouped : &all, &spec, by ? &log.by[0] : NULL, s, e))
        return false;
    if (!verb_write(a, &b, articles ? "articles" : why ? "differences" : "steps", e))
        return false;
    t.write_s = args_clock() - start - t.read_s - t.fit_s;
    args_timing(out, &t);
    return true;
}

const verb verb_funnel = {
    .name = "funnel",
    .words = "",
    .group = "table",
    .title = "Count an ordered funnel over events, with rates and times.",
    .example = "atelier funnel --in events.csv --steps view,cart_add,purchase --window 7d "
               "--by channel",
    .options = options,
    .run = run,
};
