/* recommend_backtest: sources, rule and blend of a finished run, judged on any weeks of it. */
#include "pipeline/recommend_backtest.h"

#include <string.h>

#include "base/random.h"
#include "pipeline/recommend_tune.h"

enum { MOST_UNITS = 50000, TUNE_UNITS = 5000 }; /* of a week: every n-th buyer */

/* ---- weeks in words ---- */

static bool add_range(int64_t from, int64_t to, const char *option, int32_t *week, int *n,
                      err *e) {
    for (int64_t j = from; j <= to; j++) {
        if (*n > 0 && week[*n - 1] >= j)
            return refuse(e, "%s: weeks must ascend, each once; week %lld comes twice or too late",
                          option, (long long)j);
        if (*n == BACKTEST_WEEKS)
            return refuse(e, "%s: at most %d weeks", option, BACKTEST_WEEKS);
        week[(*n)++] = (int32_t)j;
    }
    return true;
}

bool recommend_backtest_weeks(const char *said, const char *option, int32_t *week, int *n, err *e) {
    *n = 0;
    while (true) {
        size_t length = strcspn(said, ",");
        slice part = {said, length};
        const char *dash = memchr(said, '-', length);
        size_t first = dash ? (size_t)(dash - said) : length;
        int64_t from, to;
        bool fits = slice_int((slice){said, first}, &from);
        to = from;
        if (dash) fits = fits && slice_int((slice){dash + 1, length - first - 1}, &to);
        if (!fits || from < 0 || to < from || to > 1000)
            return refuse(e, "%s is written like 0-7,16-33 (week 0 is the last one), got '%.*s'",
                          option, (int)part.n, part.p);
        if (!add_range(from, to, option, week, n, e)) return false;
        if (said[length] == 0) return true;
        said += length + 1;
    }
}

/* ---- the tables of the run ---- */

static bool open_tables(work *w, arena scratch, err *e) {
    static const char *const tables[][2] = {{"02_clean", "transactions"},
                                            {"02_clean", "customers"},
                                            {"03_datasets", "b_articles"},
                                            {"03_datasets", "f_events"},
                                            {"03_datasets", "windows"},
                                            {"03_datasets", "e_reviews"}};
    size_t n = sizeof tables / sizeof tables[0] - (w->meaning ? 0 : 1);
    for (size_t i = 0; i < n; i++) {
        char *path = arena_text(&scratch, "%s/%s/%s.parquet", w->out, tables[i][0], tables[i][1]);
        if (!file_exists(path)) {
            refuse(e,
                   "%s holds no finished run (%s is missing); atelier run SHOP --out %s makes one",
                   w->out, path, w->out);
            return fail_cause(e, "no_input");
        }
        if (!db_runf(w->d, e, "CREATE OR REPLACE VIEW %s AS SELECT * FROM read_parquet(%s)",
                     tables[i][1], db_literal(&scratch, slice_of(path))))
            return false;
    }
    return work_windows(w, e);
}

/* Cut-offs of weeks, the oldest (the highest number) first. */
static bool calendar_of(const work *w, const int32_t *week, int n, recommend_calendar *c, err *e) {
    c->n = 0;
    for (int i = n - 1; i >= 0; i--) {
        int32_t cutoff = w->days.end - (week[i] + 1) * RECOMMEND_TARGET_DAYS;
        if (cutoff - w->days.first < RECOMMEND_LEAST_HISTORY)
            return refuse(e, "week %d has less than %d days of history before it", week[i],
                          RECOMMEND_LEAST_HISTORY);
        c->cutoff[c->n++] = cutoff;
    }
    return true;
}

/* ---- the two walks ---- */

typedef struct backtest {
    work *w;
    recommend_data d;
    recommend_params p;
} backtest;

/* by = NULL: not by segment. */
static bool walk(backtest *t, const recommend_calendar *c, int64_t most, recommend_by_segment *by,
                 recommend_exam *x, scope *s, err *e) {
    recommend_week *weeks = take(&s->keep, recommend_week, c->n);
    recommend_walk to = {.d = &t->d, .p = t->p, .most = most, .threads = t->w->threads, .what = by};
    if (by) to.visit = recommend_by_segment_visit;
    if (!recommend_walk_weeks(&to, c, weeks, s, e)) return false;
    *x = recommend_exam_open(weeks, c->n, t->d.customers, seed_for(t->w->seed, "recommend"),
                             &s->keep, s->scratch);
    return true;
}

/* Sources are tuned on all who buy in the weeks to tune on, as one period; weights week by week. */
static bool tune(backtest *t, const recommend_calendar *c, scope *s, js *report, err *e) {
    recommend_exam x;
    int32_t to = c->cutoff[c->n - 1] + RECOMMEND_TARGET_DAYS;
    tuned_file none = {.model = "als"};
    js_array(report, "tuning");
    if (!recommend_tune_sources(&t->p, &t->d, c->cutoff[0], to, NULL, &none, t->w, s, report, e) ||
        !walk(t, c, TUNE_UNITS, NULL, &x, s, e))
        return false;
    if (x.n > 0) recommend_tune_weights(&t->p, &x, t->w->threads, s, report);
    js_end(report);
    return true;
}

bool recommend_backtest_run(const recommend_backtest *b, work *w, scope *s, js *report,
                            recommend_results *results, err *e) {
    backtest *t = take(&s->keep, backtest, 1);
    recommend_calendar judged, tuned;
    recommend_exam *x = take(&s->keep, recommend_exam, 1);
    *t = (backtest){.w = w, .p = recommend_defaults(w->seed)};
    if (!open_tables(w, s->scratch, e) || !calendar_of(w, b->week, b->n, &judged, e) ||
        !calendar_of(w, b->tune, b->n_tune, &tuned, e))
        return false;
    w->meaning_until = judged.cutoff[0];
    if (tuned.n > 0 && tuned.cutoff[0] < judged.cutoff[0]) w->meaning_until = tuned.cutoff[0];
    if (!recommend_load(&t->d, w, w->days.end, &s->keep, s->scratch, e))
        return false;
    if (tuned.n > 0 && !tune(t, &tuned, s, report, e)) return false;
    recommend_by_segment *by = b->by_segment ? take(&s->keep, recommend_by_segment, 1) : NULL;
    if (by && !recommend_by_segment_open(by, w, &t->d, &judged, s, e)) return false;
    if (!walk(t, &judged, MOST_UNITS, by, x, s, e)) return false;
    if (x->n == 0) return refuse(e, "no customer buys in the weeks asked for");
    const char *choice = tuned.n > 0 ? "The weighted blend, chosen on the weeks to tune on."
                                     : "The weighted blend with its default weights.";
    js_put_int(report, "customer_weeks", x->n);
    js_put_int(report, "customers", x->clusters);
    *results = recommend_results_of(x, &t->p, NULL, false, w->threads, &s->keep, s->scratch);
    results->choice = choice;
    recommend_report(results, true, s, report);
    recommend_put(report, "best", &t->p, choice);
    if (by) recommend_by_segment_report(by, results, w->threads, s, report);
    return true;
}
