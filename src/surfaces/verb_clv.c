/* verb_clv: what the customers in a table of purchases will buy and bring in, and who is lost. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "surfaces/clv_exam.h"
#include "surfaces/clv_retention.h"

#define DAYS_OF_YEAR 365.0

/* A run: what was asked, then what was found. */
typedef struct job {
    bench b;
    purchase_table t;
    clv_params model;
    worth_params worth;
    double trust;      /* largest error of the hold-out with which money is shown */
    bool asked_day;    /* --calibration-end was given */
    int32_t day;       /* end of calibration */
    purchase_histories h;
    patterns c;
    clv_model m;
    gammagamma spend;
    bool has_spend, held; /* money is modelled; a hold-out was examined */
    clv_holdout holdout;
    const char *no_exam, *no_money; /* why there is none */
} job;

/* "52w", "365d", "12m", "1y" -> days. */
static bool span_days(const char *word, double *days, err *e) {
    static const struct {
        char letter;
        double days;
    } units[] = {{'d', 1}, {'w', 7}, {'m', DAYS_OF_YEAR / 12}, {'y', DAYS_OF_YEAR}};
    size_t n = strlen(word);
    double number;
    for (size_t i = 0; n > 1 && i < sizeof units / sizeof *units; i++)
        if (word[n - 1] == units[i].letter && slice_double((slice){word, n - 1}, &number) &&
            number > 0 && number < 1e5)
            return *days = number * units[i].days, true;
    return refuse(e, "--horizon must be a number of days, weeks, months or years like 365d, 52w, "
                     "12m or 1y, got '%s'", word);
}

static double unit_days(const args *a) {
    const char *word = args_text(a, "unit");
    return *word == 'd' ? 1 : *word == 'w' ? 7 : DAYS_OF_YEAR / 12;
}

static bool asked(const args *a, job *j, err *e) {
    double unit = unit_days(a), days = 0;
    const char *word = args_text(a, "model"), *day = args_text(a, "calibration-end");
    j->model = CLV_DEFAULTS;
    while (strcmp(clv_names[j->model.kind], word) != 0) j->model.kind++;
    j->model.ridge = args_real(a, "ridge");
    j->trust = args_real(a, "most-error");
    if (!span_days(args_text(a, "horizon"), &days, e)) return false;
    j->worth = WORTH_DEFAULTS;
    j->worth.seed = (uint64_t)args_int(a, "seed");
    j->worth.draws = (int)args_int(a, "draws");
    j->worth.margin = args_real(a, "margin");
    j->worth.horizon = days / unit;
    /* compat: months of 30 days at a rate of their own, as older packages do it */
    bool compat = args_flag(a, "compat");
    j->worth.step = compat ? (unit == 7 ? 4.345 : 30 / unit) : 7 / unit;
    j->worth.discount = compat ? 0.01
                               : expm1(log1p(args_real(a, "discount")) * 7 / DAYS_OF_YEAR);
    if (compat) j->worth.horizon = j->worth.step * round(days / (DAYS_OF_YEAR / 12));
    const char *why = worth_check(j->worth);
    if (why) return refuse(e, "%s", why);
    j->asked_day = day != NULL;
    if (day && !day_parse(slice_of(day), &j->day))
        return refuse(e, "--calibration-end must be a day like 2026-01-31, got '%s'", day);
    return true;
}

static bool load(const args *a, scope *s, job *j, js *out, err *e) {
    purchase_table *t = &j->t;
    if (!purchase_table_read(a, &j->b, s, unit_days(a), t, out, e)) return false;
    if (t->summary) {
        if (j->asked_day)
            return refuse(e, "--calibration-end needs dates, and %s holds histories without any",
                          args_text(a, "in"));
        j->no_exam = "the table holds histories without dates";
        return true;
    }
    const char *first = day_text(&s->keep, t->first), *last = day_text(&s->keep, t->last);
    js_put_word(out, "first_day", first);
    js_put_word(out, "last_day", last);
    js_put_int(out, "returns", t->returns);
    js_put_int(out, "no_purchases", t->neither);
    js_put_int(out, "days_far_off", t->slips);
    js_put_real(out, "returned_share", t->returned);
    if (j->asked_day && j->day < t->first)
        return refuse(e, "--calibration-end %s lies before the first purchase, on %s",
                      args_text(a, "calibration-end"), first);
    if (j->asked_day && j->day >= t->last)
        return refuse(e, "--calibration-end %s leaves nothing to hold the fit against: the last "
                         "purchase is on %s", args_text(a, "calibration-end"), last);
    if (!j->asked_day) j->day = t->last - (t->last - t->first) / 3;
    return true;
}

/* Histories at the end of `day`, and the models fitted to them. */
static bool fit_at(scope *s, job *j, int32_t day, err *e) {
    purchase_histories *h = &j->h;
    if (!purchase_table_at(&j->b, s, &j->t, day, h, e) ||
        !patterns_of(&j->c, h->x, h->t, h->T, h->n, &s->keep, s->scratch, e) ||
        !clv_fit(&j->m, &j->c, j->model, j->b.threads, s->scratch, e))
        return false;
    err why = {0};
    j->no_money = NULL;
    j->has_spend = j->t.has_money && gammagamma_fit(&j->spend, h->x, h->m, h->n, j->model.ridge,
                                                    j->b.threads, s->scratch, &why);
    if (!j->has_spend)
        j->no_money = j->t.has_money ? arena_text(&s->keep, "%s", why.text) : "there is no money";
    return true;
}

static bool examine(scope *s, job *j, err *e) {
    clv_holdout *o = &j->holdout;
    const purchase_histories *h = &j->h;
    *o = (clv_holdout){.from = j->day + 1, .to = j->t.last, .money = j->has_spend};
    o->time = (j->t.last - j->day) / j->t.unit;
    o->exam = clv_examine(&j->m, &j->c, h->later, o->time, s->scratch);
    o->weeks = (int64_t)ceil(o->time - 1e-9);
    o->actual = take(&s->keep, double, o->weeks);
    o->expected = take(&s->keep, double, o->weeks);
    if (!purchase_table_later(&j->b, s, &j->t, j->day, o->actual, o->weeks, e)) return false;
    for (int64_t i = 0; i < o->weeks; i++) {
        o->actual[i] += i ? o->actual[i - 1] : j->c.total_x;
        o->expected[i] = clv_tracked(&j->m, &j->c, fmin((double)i + 1, o->time));
    }
    j->held = true;
    if (!o->money) return true;
    worth w;
    worth_data d = {.c = &j->c, .m = h->m, .spend = &j->spend};
    worth_params p = {o->time, o->time, 0, 1, 0, 0, 1, 1};
    worth_of(&w, &j->m, &d, p, j->b.threads, &s->keep, s->scratch);
    o->money_expected = w.all.value.value;
    for (int64_t i = 0; i < h->n; i++) o->money_actual += h->later_money[i];
    return true;
}

/* The exam first; without a day of the asker's own the fit that counts is one of everything. */
static bool learn(scope *s, job *j, js *out, err *e) {
    err why = {0};
    if (j->t.summary) return fit_at(s, j, 0, e);
    if (fit_at(s, j, j->day, &why)) {
        if (!examine(s, j, e)) return false;
        clv_put_holdout(out, &j->holdout);
    } else if (j->asked_day || why.kind == ERR_WENT_WRONG) {
        *e = why;
        return false;
    } else {
        j->no_exam = arena_text(&s->keep, "%s", why.text);
    }
    if (j->asked_day) return true;
    j->day = j->t.last;
    return fit_at(s, j, j->day, e);
}

static void talk(const args *a, const job *j) {
    const likelihood_fit *f = &j->m.fit;
    fprintf(stderr, "%s of %lld customers (%lld histories): ", clv_names[j->m.kind],
            (long long)j->c.rows, (long long)j->c.n);
    for (int i = 0; i < f->n; i++)
        fprintf(stderr, "%s %.4g%s", clv_parameter_names[j->m.kind][i], f->p[i],
                i + 1 < f->n ? ", " : "");
    fprintf(stderr, "; log-likelihood %.2f, %s\n", f->value, likelihood_verdict_word(f->verdict));
    if (j->has_spend && fabs(j->spend.correlation) > GAMMAGAMMA_DEPENDENT)
        fprintf(stderr, "warning: how often and how much customers buy correlate with %.2f; above "
                        "0.3 what is said of money is not to be trusted\n", j->spend.correlation);
    const clv_exam *x = &j->holdout.exam;
    if (j->held)
        fprintf(stderr, "held against the next %.1f %ss: %.0f purchases expected, %.0f came "
                        "(%+.1f %%); the first tenth of the customers made %.0f %% of them\n",
                j->holdout.time, args_text(a, "unit"), x->all.expected, x->all.actual,
                100 * x->error, 100 * x->capture);
    else fprintf(stderr, "not held against anything: %s\n", j->no_exam);
    if (j->no_money) fprintf(stderr, "no money is shown: %s\n", j->no_money);
}

/* Money is shown only where the exam did not speak against it. */
static void decide_money(scope *s, job *j, js *out) {
    if (j->has_spend && j->held && clv_holdout_error(&j->holdout) > j->trust) {
        j->no_money = arena_text(&s->keep, "the hold-out was missed by %.0f %%, more than the "
                                           "%.0f %% of --most-error",
                                 100 * clv_holdout_error(&j->holdout), 100 * j->trust);
        j->has_spend = false;
    }
    if (!j->held) {
        js_object(out, "holdout");
        js_put_word(out, "skipped", j->no_exam);
        js_end(out);
    }
    js_object(out, "money");
    js_put_bool(out, "shown", j->no_money == NULL);
    js_put_word(out, "why", j->no_money);
    js_end(out);
}

static bool write(const args *a, scope *s, job *j, const worth *w, err *e) {
    static const char *const names[] = {"customer", "frequency", "recency", "age", "p_alive",
                                        "expected_purchases", "expected_money", "clv", "lo", "hi",
                                        "churn"};
    column_type types[11] = {COLUMN_TEXT};
    const purchase_histories *h = &j->h;
    for (int i = 1; i < 10; i++) types[i] = COLUMN_REAL;
    types[10] = COLUMN_I32;
    columns c = columns_new(&s->keep, 11, names, types, h->n);
    double *const from[] = {h->x, h->t, h->T, w->alive, w->purchases, w->money, w->value, w->low,
                            w->high};
    c.at[0].text = h->customer;
    for (int k = 0; k < 9; k++) {
        if (from[k]) c.at[k + 1].real = from[k];
        else c.at[k + 1].valid = take(&s->keep, uint8_t, h->n);
    }
    for (int64_t i = 0; i < h->n; i++) c.at[10].i32[i] = w->lost[i];
    return db_put(j->b.d, "clv", &c, e) && verb_write(a, &j->b, "clv", e);
}

static bool keep_retention(const args *a, scope *s, job *j, js *out, err *e) {
    const char *path = args_text(a, "retention");
    if (!j->t.summary) return clv_retention(&j->b, s, &j->t, path, out, e);
    return !path || refuse(e, "--retention needs dates, and %s holds histories without any",
                           args_text(a, "in"));
}

static bool run(const args *a, scope *s, js *out, err *e) {
    job *j = take(&s->keep, job, 1);
    timing took = {0};
    double clock = args_clock();
    if (!asked(a, j, e) || !verb_open(a, s, &j->b, e) || !load(a, s, j, out, e)) return false;
    took.read_s = args_lap(&clock);
    if (!learn(s, j, out, e)) return false;
    took.fit_s = args_lap(&clock);
    decide_money(s, j, out);
    js_put_word(out, "model", clv_names[j->m.kind]);
    js_put_word(out, "unit", args_text(a, "unit"));
    js_put_word(out, "as_of", j->t.summary ? NULL : day_text(&s->keep, j->day));
    js_put_real(out, "horizon", j->worth.horizon);
    js_put_int(out, "customers", j->c.rows);
    js_put_int(out, "not_yet_customers", j->h.unknown);
    js_put_real(out, "repeat_purchases", j->c.total_x);
    js_put_int(out, "histories", j->c.n);
    clv_put_fits(out, &j->m, j->has_spend ? &j->spend : NULL);
    worth w;
    worth_data d = {.c = &j->c, .m = j->h.m, .spend = j->has_spend ? &j->spend : NULL};
    worth_of(&w, &j->m, &d, j->worth, j->b.threads, &s->keep, s->scratch);
    clv_put_totals(out, &w);
    talk(a, j);
    took.score_s = args_lap(&clock);
    if (!write(a, s, j, &w, e) || !keep_retention(a, s, j, out, e)) return false;
    took.write_s = args_lap(&clock);
    args_timing(out, &took);
    return true;
}

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"model", OPTION_CHOICE, "bgnbd|mbgnbd|paretonbd", "how customers buy and stop",
     .value = "bgnbd"},
    {"calibration-end", OPTION_TEXT, "DAY",
     "fit on what is known then, examine on the rest, and speak as of then (default: examine on "
     "the last third, then fit on everything)"},
    {"horizon", OPTION_TEXT, "SPAN", "how far to look ahead: 365d, 52w, 12m, 1y", .value = "52w"},
    {"unit", OPTION_CHOICE, "week|day|month", "unit of time of the parameters", .value = "week"},
    {"discount", OPTION_REAL, "RATE", "a year", .value = "0.1", .low = 0, .high = 10},
    {"compat", OPTION_FLAG, NULL, "months of 30 days at 1 % each instead, as older packages do it"},
    {"margin", OPTION_REAL, "SHARE", "share of the money that stays", .value = "1", .low = 1e-6,
     .high = 1e6},
    {"draws", OPTION_INT, "N", "parameter vectors behind the intervals; 0 = none", .value = "400",
     .low = 0, .high = 10000},
    {"ridge", OPTION_REAL, "LAMBDA", "keeps parameters in reach where there is little data",
     .value = "0", .low = 0, .high = 1000},
    {"retention", OPTION_TEXT, "FILE", "where to write the table of cohorts"},
    {"most-error", OPTION_REAL, "SHARE",
     "no money is shown when the hold-out is missed by more", .value = "0.25", .low = 0,
     .high = 100},
    {0}};

const verb verb_clv = {
    .name = "clv",
    .words = "",
    .group = "table",
    .title = "What customers will buy and bring in, how likely they are still there.",
    .example = "atelier clv --in transactions.csv --horizon 52w --out clv.csv",
    .options = options,
    .run = run,
};
