/* verb_tune: chooses parameters on your table by a study that can be stopped, resumed and shared.
 *
 * A family is one row of `families`; the verb's table of options is the union, and an option of
 * another family is refused by name. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pipeline/recommend_ranker_tune.h"
#include "surfaces/interactions.h"
#include "surfaces/progress.h"
#include "surfaces/series_calendar.h"
#include "surfaces/tune_family.h"

static const option options[] = {
    VERB_TABLE_IN(false),
    {"results", OPTION_TEXT, "DIR", "of SHOP: folder of its results, as --out of atelier run",
     .value = "atelier-out"},
    {"trials", OPTION_INT, "N", "points to try, all together", .value = "40", .low = 1,
     .high = TUNER_TRIALS},
    {"budget", OPTION_REAL, "SECONDS", "stop after so long (0: never)", .value = "0", .low = 0,
     .high = 1e9},
    {"sampler", OPTION_CHOICE, "tpe|random|grid", "how points are chosen", .value = "tpe"},
    {"grid", OPTION_INT, "N", "--sampler grid: values of each parameter", .value = "3", .low = 2,
     .high = 100},
    {"journal", OPTION_TEXT, "FILE", "keep the trials there, as Optuna's journal storage does"},
    {"study", OPTION_TEXT, "NAME", "its name in the journal (default: the family's)"},
    {"resume", OPTION_FLAG, NULL, "go on with the study of --journal, or with that of the shop"},
    {"parallel", OPTION_INT, "N", "trials at a time", .value = "1", .low = 1, .high = 64},
    {"whole", OPTION_FLAG, NULL, "give no trial up early"},
    {"model", OPTION_TEXT, "NAME,…", "recommend: als, ease, knn, …; forecast: ets, prophet; "
     "several: also which; segment: hdbscan, kmeans"},
    {"split", OPTION_TEXT, "NAME", "recommend: last, time:7d or given:FILE"},
    {"days", OPTION_INT, "N", "days of --split time, where it does not say", .value = "28",
     .low = 1, .high = 100000},
    {"test", OPTION_TEXT, "FILE", "the table of --split given, where it does not name one"},
    {"k", OPTION_INT, "N", "recommend: places of a list", .value = "10", .low = 1, .high = 1000},
    INTERACTIONS_OPTIONS,
    SERIES_OPTIONS,
    CALENDAR_OPTIONS,
    {"horizon", OPTION_INT, "N", "forecast: last values of each series that are the test",
     .value = "12", .low = 1, .high = 10000},
    {"origins", OPTION_INT, "N", "forecast: as many values again before them, so often, to choose "
     "by", .value = "3", .low = 1, .high = 100},
    {"season", OPTION_TEXT, "N[,N]", "forecast: values in a season", .value = "auto"},
    {"units", OPTION_FLAG, "", "forecast: the values are counts"},
    {"columns", OPTION_TEXT, "A,B,…", "segment: columns to cluster by"},
    {"id", OPTION_TEXT, "COLUMN", "segment: column that names the rows"},
    {0}};

/* What step 08 of a run judges by is nobody's to choose by. */
#define TEST_FROM "(SELECT max(from_day) FROM windows WHERE name = 'test')"

static const tune_family families[] = {
    {"recommend", "lists against what users took next",
     "model split days test k objective half-life set", tune_recommend, NULL,
     "02_clean/transactions",
     "SELECT customer AS \"user\", article AS item, day AS time FROM transactions "
     "WHERE customer IS NOT NULL AND quantity > 0 AND day < " TEST_FROM
     " ORDER BY day, customer, article"},
    {"ranker", "lists of candidates against what customers bought in the weeks after", "", NULL,
     recommend_ranker_task, NULL, NULL},
    {"forecast", "rolling origins before the last values of each series",
     "model series time value horizon origins season growth cap floor changepoints multiply "
     "holidays regressors units set", tune_forecast, NULL, "04_features/weekly_sales",
     "SELECT level || ' ' || series AS series, week AS time, units AS value FROM weekly_sales "
     "WHERE week + 7 <= " TEST_FROM " ORDER BY series, time"},
    {"segment", "clusters by rows that took no part in them", "model columns id", tune_segment,
     NULL, "04_features/customer_bases",
     "SELECT customer AS customer_id, * EXCLUDE (as_of, customer) FROM customer_bases "
     "WHERE as_of = " TEST_FROM " ORDER BY customer"},
};
enum { FAMILIES = sizeof families / sizeof families[0] };

static bool check_options(const args *a, const tune_family *f, err *e) {
    for (int i = 0; options[i].name; i++)
        if (args_given(a, options[i].name) && !args_among(f->options, options[i].name) &&
            !args_among("in results out map seed threads trials budget sampler grid journal "
                   "study resume parallel whole", options[i].name))
            return refuse(e, "atelier tune %s has no option --%s", f->name, options[i].name);
    if (!f->open && args_given(a, "in"))
        return refuse(e, "atelier tune %s orders candidates that are made of a shop's purchases, "
                         "articles, customers and events; a table has none: name a shop", f->name);
    if (!args_given(a, "in") && args_words(a) < 2)
        return refuse(e, "what to learn from? --in FILE, or a shop's folder: atelier tune %s SHOP",
                      f->name);
    if (!args_given(a, "results") || args_words(a) > 1)
        return !args_flag(a, "resume") || args_given(a, "journal") || args_words(a) > 1 ||
               refuse(e, "--resume goes on with the study of --journal FILE, or of a shop");
    return refuse(e, "--results is where the results of a shop go; --in FILE has none");
}

static int64_t micros(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static sampler sampler_of(const args *a) {
    static const char *const names[] = {"tpe", "random", "grid"};
    sampler to = STUDY_DEFAULTS;
    to.seed = (uint64_t)args_int(a, "seed");
    to.grid = (int)args_int(a, "grid");
    while (strcmp(names[to.kind], args_text(a, "sampler")) != 0) to.kind++;
    return to;
}

/* ---- the table of trials ---- */

static slice cell(const space_param *p, double x, scope *s) {
    if (isnan(x)) return (slice){0};
    if (p->kind == SPACE_WORD) return slice_of(p->words[(int)x]);
    return slice_of(arena_text(&s->keep, "%.9g", x));
}

/* number, state, score and a column for each parameter. */
static columns rows_of(const tuner *t, scope *s) {
    static const char *const states[] = {"running", "complete", "pruned", "failed", "waiting"};
    const space *sp = t->task.s;
    const journal *j = t->j;
    const char *names[3 + SPACE_MOST] = {"trial", "state", "score"};
    column_type types[3 + SPACE_MOST] = {COLUMN_I64, COLUMN_TEXT, COLUMN_REAL};
    for (int k = 0; k < sp->n; k++) {
        names[3 + k] = sp->at[k].name;
        types[3 + k] = COLUMN_TEXT;
    }
    columns c = columns_new(&s->keep, 3 + sp->n, names, types, j->n);
    for (int64_t i = 0; i < j->n; i++) {
        c.at[0].i64[i] = i;
        c.at[1].text[i] = slice_of(states[j->trial[i].state]);
        c.at[2].real[i] = j->trial[i].score;
        for (int k = 0; k < sp->n; k++)
            c.at[3 + k].text[i] = cell(&sp->at[k], j->trial[i].point[k], s);
    }
    return c;
}

static bool write_rows(const args *a, bench *b, const tuner *t, scope *s, err *e) {
    if (!args_given(a, "out")) return true;
    columns c = rows_of(t, s);
    return db_put(b->d, "trials", &c, e) && verb_write(a, b, "trials", e);
}

/* ---- what was found ---- */

const char *tune_set_of(const space *of, const double *point, scope *s) {
    text set = {0};
    text_open(&set, s);
    for (int i = 0; i < of->n; i++)
        if (!isnan(point[i]) && strcmp(of->at[i].name, "model") != 0)
            text_addf(&set, "%s%s=%.9g", set.n ? "," : "", of->at[i].name, point[i]);
    return set.p ? set.p : "";
}

static void print_part(const char *name, const tuner *t, const tuner_judged *of) {
    if (of->n == 0) return;
    printf("%-10s  default %.5g  best %.5g  difference %+.5g (95 %% %+.5g to %+.5g), %lld %s\n",
           name, of->known.mean, of->best.mean, of->difference.mean, of->difference.low,
           of->difference.high, (long long)of->n, t->task.unit);
}

static const char *put_found(const args *a, const tuner *t, const tuner_judged judged[2],
                             js *out, scope *s) {
    int64_t best = tuner_best(t);
    const tuner_task *k = &t->task;
    const char *words = best < 0 ? NULL : k->words(k->what, t->j->trial[best].point, s);
    tuner_put(t, judged, out);
    js_put_word(out, "use", words);
    if (args_json(a)) return words;
    if (best < 0) {
        printf("no trial has a score\n");
        return words;
    }
    printf("%lld trials, best number %lld: %s %.5g\n", (long long)t->j->n, (long long)best,
           k->metric, t->j->trial[best].score);
    print_part("validation", t, &judged[TUNER_VALID]);
    print_part("test", t, &judged[TUNER_TEST]);
    printf("use: %s\n", words);
    return words;
}

/* ---- the run ---- */

static void say_opened(const journal *j) {
    if (j->cut > 0)
        fprintf(stderr, "%s: the last line was torn: its %lld bytes are cut off\n", j->path,
                (long long)j->cut);
    if (j->lost > 0)
        fprintf(stderr, "%s: %lld trials of processes that are gone count as failed\n", j->path,
                (long long)j->lost);
    if (j->n > 0)
        fprintf(stderr, "%s: goes on after %lld trials\n", j->path, (long long)j->n);
}

static bool search(const args *a, bench *b, const tuner_task *task, journal *j, tuner *t,
                   err *e) {
    progress_view view;
    tuner_params p = {.how = sampler_of(a), .trials = args_int(a, "trials"),
                      .budget_s = args_real(a, "budget"), .clock = args_clock,
                      .parallel = (int)args_int(a, "parallel"), .threads = b->threads,
                      .progress = progress_open(&view)};
    bool done = tuner_run(t, *task, p, j, e);
    progress_close(&view);
    if (done && t->out_of_time)
        fprintf(stderr, "%s: the time of --budget is over\n", task->study);
    return done;
}

static bool tune(const args *a, const tune_family *f, scope *s, js *out, err *e) {
    bench b;
    work w;
    tuner_task task;
    timing took = {0};
    tuner_judged judged[2];
    tuner *t = take(&s->keep, tuner, 1);
    journal *j = take(&s->keep, journal, 1);
    double clock = args_clock();
    if (!check_options(a, f, e) || !verb_open(a, s, &b, e)) return false;
    const char *shop = args_word(a, 1), *path = args_text(a, "journal");
    if (shop && !tune_shop_open(&w, a, shop, &b, s, e)) return false;
    if (shop && f->open && !(a = tune_shop_rows(a, f, &w, s, e))) return false;
    if (!(f->open ? f->open(a, &b, s, &task, out, e) : f->of_shop(&task, &w, s, out, e)))
        return false;
    took.read_s = args_lap(&clock);
    if (args_given(a, "study")) task.study = args_text(a, "study");
    if (args_flag(a, "whole")) task.least = 0;
    journal_params p = {task.study, task.s, task.maximise, args_flag(a, "resume"), micros};
    if (shop && !(path = tune_shop_journal(a, &task, &w, s, e))) return false;
    if (!journal_open(j, path, p, s, e)) return false;
    say_opened(j);
    if (!search(a, &b, &task, j, t, e)) return false;
    took.tune_s = args_lap(&clock);
    if (!tuner_judge(t, judged, e)) return false;
    const char *use = put_found(a, t, judged, out, s);
    took.score_s = args_lap(&clock);
    if (!write_rows(a, &b, t, s, e) ||
        (shop && !tune_shop_keep(t, judged, use, &w, s, out, e)))
        return false;
    took.write_s = args_lap(&clock);
    args_timing(out, &took);
    return true;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    const char *word = args_word(a, 0), *names[FAMILIES];
    for (int i = 0; i < FAMILIES; i++) {
        names[i] = families[i].name;
        if (strcmp(word, names[i]) != 0) continue;
        js_put_word(out, "family", word);
        return tune(a, &families[i], s, out, e);
    }
    const char *near = slice_nearest(slice_of(word), names, FAMILIES);
    return refuse(e, "atelier tune knows no family '%s'; it can tune: %s", word,
                  near ? near : "recommend, ranker, forecast, segment");
}

const verb verb_tune = {
    .name = "tune",
    .words = "FAMILY [SHOP]",
    .group = "table",
    .title = "Choose a model's parameters on your shop or table, early stops and resume included.",
    .example = "atelier tune recommend --in purchases.csv --trials 40 --journal als.journal",
    .least_words = 1,
    .most_words = 2,
    .options = options,
    .run = run,
};
