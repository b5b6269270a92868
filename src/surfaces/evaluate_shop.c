/* evaluate_shop: the recommender of a finished run on weeks of its history.
 *
 *     atelier evaluate recommend --shop atelier-out --weeks 0-7,16-33 --tune-weeks 8-15 --json */
#include <string.h>

#include "pipeline/family.h"
#include "pipeline/recommend_backtest.h"
#include "surfaces/evaluate.h"

bool evaluate_shop_is(const args *a) { return args_given(a, "shop"); }

/* One row a model and metric, for people. */
static columns rows_of(const recommend_results *r, scope *s) {
    static const char *const names[] = {"model", "metric", "value",
                                        "low",   "high",   "customer_weeks"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_I64};
    columns c = columns_new(&s->keep, 6, names, types, RECOMMEND_MODELS * RECOMMEND_METRICS);
    c.rows = 0;
    for (int m = 0; m < RECOMMEND_MODELS; m++)
        for (int k = 0; k < RECOMMEND_METRICS && r->has[m]; k++) {
            metrics_interval i = recommend_exam_interval(r->x, r->marks[m].of[k], NULL,
                                                         RECOMMEND_ALL, s->scratch);
            c.at[0].text[c.rows] = slice_of(recommend_model_name(m));
            c.at[1].text[c.rows] = slice_of(recommend_metrics[k]);
            c.at[2].real[c.rows] = i.mean;
            c.at[3].real[c.rows] = i.low;
            c.at[4].real[c.rows] = i.high;
            c.at[5].i64[c.rows++] = i.n;
        }
    return c;
}

static bool run(const args *a, const recommend_backtest *weeks, bench *b, scope *s, js *out,
                err *e) {
    recommend_results r;
    work w = {.out = args_text(a, "shop"), .d = b->d, .threads = b->threads,
              .n_threads = verb_threads(a), .memory_mb = verb_memory_mb(), .seed = b->seed,
              .meaning = strcmp(args_text(a, "content"), "meaning") == 0};
    timing t = {0};
    double clock = args_clock();
    if (!recommend_backtest_run(weeks, &w, s, out, &r, e)) return false;
    t.score_s = args_lap(&clock); /* fits of every week and their lists in one */
    columns c = rows_of(&r, s);
    if (!db_put(b->d, "scores", &c, e) || !verb_write(a, b, "scores", e)) return false;
    t.write_s = args_lap(&clock);
    args_timing(out, &t);
    return true;
}

bool evaluate_shop(const args *a, scope *s, js *out, err *e) {
    bench b;
    scope own;
    recommend_backtest weeks = {.by_segment = args_flag(a, "by-segment")};
    const char *tune = args_text(a, "tune-weeks");
    if (args_given(a, "in"))
        return refuse(e, "--shop OUT takes the tables of a run; --in FILE is another way");
    if (!recommend_backtest_weeks(args_text(a, "weeks"), "--weeks", weeks.week, &weeks.n, e) ||
        (tune && !recommend_backtest_weeks(tune, "--tune-weeks", weeks.tune, &weeks.n_tune, e)))
        return false;
    for (int i = 0; i < weeks.n; i++)
        for (int j = 0; j < weeks.n_tune; j++)
            if (weeks.week[i] == weeks.tune[j])
                return refuse(e, "week %d is to be judged on and cannot be tuned on as well",
                              weeks.week[i]);
    if (!verb_open(a, s, &b, e) ||
        !family_scope(&own, e))
        return false;
    bool done = run(a, &weeks, &b, &own, out, e);
    scope_close(&own);
    return done;
}
