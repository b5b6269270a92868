/* verb_funnel: an ordered funnel over a table of events. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/event_names.h"
#include "pipeline/funnel_log.h"
#include "surfaces/verbs.h"

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"steps", OPTION_TEXT, "A,B,…", "steps in order: event names, the file's or the usual ones",
     .value = "view,click,cart_add,purchase"},
    {"window", OPTION_TEXT, "TIME", "most time from the first step: 7d, 36h, 30m, 90s or none",
     .value = "7d"},
    {"gaps", OPTION_TEXT, "TIME,…", "most time from each step to the next"},
    {"unit", OPTION_CHOICE, "user|session", "what is counted", .value = "user"},
    {"by", OPTION_TEXT, "COLUMN", "break down by a column, as of the first step's event"},
    {0}};

/* Splits words at commas into keep; refuses empty ones and more than `most`. */
static bool split_words(const char *list, const char **words, int most, int *n, arena *keep,
                        const char *option_name, err *e) {
    *n = 0;
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        slice word = slice_trim((slice){at, length});
        if (word.n == 0 || word.n > 60 || memchr(word.p, '"', word.n) ||
            memchr(word.p, '\\', word.n))
            return refuse(e, "--%s wants words with commas between them, got '%s'", option_name,
                          list);
        if (*n == most)
            return refuse(e, "--%s takes at most %d words, got '%s'", option_name, most, list);
        words[(*n)++] = slice_copy(keep, word);
        at += length;
        if (!*at) return true;
    }
}

static bool read_spec(const args *a, funnel_spec *spec, scope *s, err *e) {
    const char *gaps[FUNNEL_STEPS];
    int n_gaps = 0;
    *spec = (funnel_spec){.unit = args_text(a, "unit")};
    if (!split_words(args_text(a, "steps"), spec->step, FUNNEL_STEPS, &spec->p.steps, &s->keep,
                     "steps", e) ||
        !funnel_spec_window(args_text(a, "window"), &spec->p.window, e))
        return false;
    if (!args_text(a, "gaps")) return true;
    if (!split_words(args_text(a, "gaps"), gaps, FUNNEL_STEPS, &n_gaps, &s->keep, "gaps", e))
        return false;
    if (n_gaps != spec->p.steps - 1)
        return refuse(e, "--gaps wants %d words for %d steps, got %d", spec->p.steps - 1,
                      spec->p.steps, n_gaps);
    for (int i = 0; i < n_gaps; i++)
        if (!funnel_spec_window(gaps[i], &spec->p.gap[i + 1], e)) return false;
    return true;
}

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

/* Table log: unit, time, event (the step's word where the event is a step), grouped. */
static bool make_log(const args *a, bench *b, const funnel_spec *spec, scope *s, err *e) {
    const char *by = args_text(a, "by"), *steps = "";
    bool session = strcmp(spec->unit, "session") == 0;
    int64_t missing = 0;
    if (!event_names_put(b->d, e) ||
        !db_count(b->d, &missing, e, "SELECT count(*) FROM raw_events WHERE %s IS NOT NULL",
                  session ? "session_id" : by ? db_name(&s->keep, slice_of(by)) : "user_id"))
        return false;
    if (missing == 0)
        return refuse(e, "%s has no column with %s%s; name it with --map", args_text(a, "in"),
                      session ? "session_id, which --unit session needs" : "--by ",
                      session || !by ? "" : by);
    for (int i = 0; i < spec->p.steps; i++) {
        const char *word = db_literal(&s->keep, slice_of(spec->step[i]));
        steps = arena_text(&s->keep, "%s WHEN " KEY("r.event") " = " KEY("%s") " OR n.event = %s "
                           "THEN %s", steps, word, word, word);
    }
    return db_runf(b->d, e,
                   "CREATE TABLE log AS SELECT CAST(dense_rank() OVER (ORDER BY %s) AS BIGINT) AS "
                   "unit, r.time, CASE%s ELSE '' END AS event, CAST(%s AS VARCHAR) AS grouped "
                   "FROM raw_events r LEFT JOIN event_names n ON n.alias = " KEY("r.event")
                   "%s",
                   session ? "r.session_id" : "r.user_id", steps,
                   by ? db_name(&s->keep, slice_of(by)) : "NULL",
                   session ? " WHERE r.session_id IS NOT NULL" : "");
}

static bool check_steps(const args *a, bench *b, const funnel_spec *spec, scope *s, err *e) {
    columns names;
    if (!db_query(b->d, &s->keep, &names, e,
                  "SELECT string_agg(event, ', ' ORDER BY n DESC, event) AS names FROM (SELECT "
                  "event, count(*) AS n FROM raw_events GROUP BY event ORDER BY n DESC, event "
                  "LIMIT 12)"))
        return false;
    slice found = columns_text(&names, "names")[0];
    for (int i = 0; i < spec->p.steps; i++) {
        int64_t n;
        if (!db_count(b->d, &n, e, "SELECT count(*) FROM log WHERE event = %s",
                      db_literal(&s->keep, slice_of(spec->step[i]))))
            return false;
        if (n == 0)
            return refuse(e, "no event of %s is a '%s'; it has %.*s: choose --steps among them",
                          args_text(a, "in"), spec->step[i], (int)found.n, found.p);
    }
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
        at[4].i64[row] = k ? counts[k - 1] - counts[k] : 0;
        at[5].real[row] = rate.value, at[6].real[row] = rate.low, at[7].real[row] = rate.high;
        at[8].real[row] = counts[0] ? (double)counts[k] / (double)counts[0] : 0;
        at[9].valid[row] = isfinite(median) ? 1 : 0;
        at[9].real[row] = isfinite(median) ? round(median * 10) / 10 : 0;
    }
    return db_put(b->d, "steps", &c, e);
}

static void put_json(js *out, const funnel_spec *spec, const funnel_table *all,
                     const funnel_table *grouped, const funnel_by *by, scope *s) {
    js_put_word(out, "definition", funnel_spec_sentence(spec, &s->keep));
    js_put_word(out, "hash", funnel_spec_hash(spec, s->scratch).hex);
    js_array(out, "steps");
    for (int i = 0; i < spec->p.steps; i++) js_put_word(out, NULL, spec->step[i]);
    js_end(out);
    js_object(out, "all");
    funnel_put(out, all, 0);
    js_end(out);
    if (!by) return;
    js_object(out, "by");
    js_array(out, by->column);
    for (int g = 0; g < by->values; g++) {
        js_object(out, NULL);
        js_put_text(out, "value", by->value[g]);
        funnel_put(out, grouped, g);
        js_end(out);
    }
    js_end(out);
    js_end(out);
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
    if (!read_spec(a, &spec, s, e) || !verb_open(a, s, &b, e) ||
        !verb_read(a, &b, contract_with(by, &s->keep), "raw_events", out, e) ||
        !make_log(a, &b, &spec, s, e) || !check_steps(a, &b, &spec, s, e) ||
        !funnel_log_read(&log, b.d, &spec, "SELECT * FROM log", by_column, by ? 1 : 0, &s->keep, e))
        return false;
    t.read_s = args_clock() - start;
    funnel_run(&o, &log.events, &spec.p, b.threads, &s->keep);
    funnel_count(&all, &o, &log.events, NULL, 1, &s->keep);
    if (by) {
        log.by[0].column = by;
        funnel_count(&grouped, &o, &log.events, log.by[0].code, log.by[0].values, &s->keep);
    }
    t.fit_s = args_clock() - start - t.read_s;
    if (!args_json(a)) fprintf(stderr, "%s\n", funnel_spec_sentence(&spec, &s->keep));
    put_json(out, &spec, &all, &grouped, by ? &log.by[0] : NULL, s);
    if (!put_rows(&b, by ? &grouped : &all, &spec, by ? &log.by[0] : NULL, s, e) ||
        !verb_write(a, &b, "steps", e))
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
