/* verb_trends: which items of a sales table are rising or declining. */
#include <stdio.h>

#include "pipeline/trend_panel.h"
#include "pipeline/trend_trial.h"
#include "surfaces/trends_story.h"
#include "surfaces/verbs.h"

#define MOST_WEEKS 26

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"as-of", OPTION_TEXT, "DATE", "judge what was known before this day (default: day after the "
                                   "last sale)"},
    {"weeks", OPTION_INT, "N", "weeks of each of the two windows", .value = "4", .low = 1,
     .high = MOST_WEEKS},
    {"season", OPTION_FLAG, NULL, "judge against the same weeks of last year, by category"},
    {"rising", OPTION_REAL, "G", "growth that is worth a name", .value = "1.25", .low = 1,
     .high = 100},
    {"declining", OPTION_REAL, "G", "the same downward", .value = "0.8", .low = 0.01, .high = 1},
    {"sure", OPTION_REAL, "P", "largest chance that the direction is wrong", .value = "0.05",
     .low = 0.0001, .high = 0.5},
    {"story", OPTION_TEXT, "FILE", "where to write stages, revenue by price, volume and mix, "
                                   "attributes, odd days and changes of level, as JSON"},
    {"check", OPTION_INT, "N", "judge as of N weeks before, and say how far off raw, no and "
                               "shrunk growth were", .low = 1, .high = MOST_WEEKS},
    {"strength", OPTION_REAL, "X", "multiplies the fitted shrinkage", .value = "1", .low = 0.001,
     .high = 1000},
    {0}};

/* The word of the reason that explains most, of items that rise or decline. */
static const char *reason_of(const trend_evidence *t, const trend_item *one, int64_t i) {
    reason_one all[REASONS];
    bool up = one->call == TREND_RISING;
    if (!up && one->call != TREND_DECLINING) return "";
    return reason_find(all, t->facts[i], up ? 1 : -1) ? reason_words[all[0].name] : "";
}

/* Table trends: rising first, then declining, each surest first; then the rest by name. */
static bool put_rows(bench *b, const trend_panel *p, const trend_model *m,
                     const trend_evidence *t, int64_t *n_called, scope *s, err *e) {
    static const char *const headers[] = {"item", "category", "call", "previous", "recent", "raw",
                                          "growth", "low", "high", "lfsr", "rate", "stage",
                                          "reason"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_I64,
                                        COLUMN_I64,  COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_REAL, COLUMN_TEXT,
                                        COLUMN_TEXT};
    static const trend_call order_of[] = {TREND_RISING, TREND_DECLINING, TREND_STEADY, TREND_NEW,
                                          TREND_ENDED};
    columns c = columns_new(&s->keep, 13, headers, types, p->items.n);
    int32_t *order = take(&s->keep, int32_t, p->items.n);
    int64_t n = 0;
    for (int k = 0; k < TREND_CALLS; k++) {
        if (k < 2)
            n += n_called[k] = trend_ranking(m->item, p->items.n, order_of[k], order + n,
                                             s->scratch);
        for (int32_t i = 0; k >= 2 && i < p->items.n; i++)
            if (m->item[i].call == order_of[k]) order[n++] = i;
    }
    for (int64_t r = 0; r < p->items.n; r++) {
        const trend_item *one = &m->item[order[r]];
        c.at[0].text[r] = columns_text(&p->names, "item")[order[r]];
        c.at[1].text[r] = columns_text(&p->names, "category")[order[r]];
        c.at[2].text[r] = slice_of(trend_call_words[one->call]);
        c.at[3].i64[r] = one->previous, c.at[4].i64[r] = one->recent;
        c.at[5].real[r] = one->raw, c.at[6].real[r] = one->growth;
        c.at[7].real[r] = one->low, c.at[8].real[r] = one->high, c.at[9].real[r] = one->lfsr;
        c.at[10].real[r] = one->rate;
        c.at[11].text[r] = slice_of(life_words[t->stage[order[r]]]);
        c.at[12].text[r] = slice_of(reason_of(t, one, order[r]));
    }
    return db_put(b->d, "trends", &c, e);
}

static void put_json(js *out, const trend_panel *p, const trend_model *m, const int64_t *called) {
    int64_t ended = 0;
    for (int64_t i = 0; i < p->items.n; i++) ended += m->item[i].call == TREND_ENDED;
    js_put_int(out, "items", p->items.n);
    js_put_int(out, "rising", called[0]);
    js_put_int(out, "declining", called[1]);
    js_put_int(out, "ended", ended);
    js_put_bool(out, "seasonal", p->seasonal);
    js_object(out, "prior");
    js_put_real(out, "log_growth", m->all.mu);
    js_put_real(out, "strength", m->all.strength);
    js_put_real(out, "dispersion", m->all.dispersion);
    js_end(out);
}

static double mean(const double *x, int64_t n) {
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += x[i] / (double)n;
    return sum;
}

/* --check: `end` already lies N weeks before the last day that is known. */
static bool put_check(const args *a, bench *b, const trend_panel *p, const trend_model *m,
                      int32_t end, js *out, scope *s, err *e) {
    trend_trial t;
    int weeks = (int)args_int(a, "check");
    if (!trend_trial_run(&t, p, m->item, b->d, trends_source, end, end + 7 * weeks, false, &s->keep,
                         e))
        return false;
    fprintf(stderr, "%lld items judged by the %d weeks after (%lld more ended)\n", (long long)t.n,
            weeks, (long long)t.ended);
    js_object(out, "check");
    js_put_int(out, "items", t.n);
    js_put_int(out, "ended", t.ended);
    for (int k = 0; k < TREND_MODELS; k++) {
        double units = mean(t.error[k], t.n), growth = mean(t.growth_error[k], t.n);
        fprintf(stderr, "  %-14s log error of units %.3f, of growth that goes on %.3f\n",
                trend_trial_names[k], units, growth);
        js_object(out, trend_trial_names[k]);
        js_put_real(out, "log_error", units);
        js_put_real(out, "growth_log_error", growth);
        js_end(out);
    }
    js_end(out);
    return true;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    trend_panel panel;
    trend_model m;
    trend_evidence story;
    int32_t end = 0;
    int64_t called[2] = {0};
    timing t = {0};
    double start = args_clock();
    trend_params p = TREND_DEFAULTS;
    p.strength = args_real(a, "strength"), p.sure = args_real(a, "sure");
    p.rising = args_real(a, "rising"), p.declining = args_real(a, "declining");
    const char *wrong = trend_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    if (!verb_open(a, s, &b, e) || !verb_read(a, &b, &trends_sales, "sales", out, e) ||
        !trends_end(a, &b, &end, s, e))
        return false;
    end -= args_given(a, "check") ? 7 * (int32_t)args_int(a, "check") : 0;
    if (!trend_panel_read(&panel, b.d, trends_source, end, (int)args_int(a, "weeks"),
                          args_flag(a, "season"), &s->keep, e))
        return false;
    const char *day = day_text(&s->keep, end);
    int weeks = 2 * panel.items.weeks;
    if (panel.items.n == 0) return refuse(e, "no sale in the %d weeks before %s", weeks, day);
    t.read_s = args_clock() - start;
    trend_fit(&m, &panel.items, p, b.threads, &s->keep);
    if (!trends_story_make(b.d, end, &s->keep, e) ||
        !trend_evidence_read(&story, &panel, m.item, b.d, end, TRENDS_STORY_ELASTICITY, b.threads,
                             &s->keep, e))
        return false;
    t.fit_s = args_clock() - start - t.read_s;
    if (!put_rows(&b, &panel, &m, &story, called, s, e) || !verb_write(a, &b, "trends", e))
        return false;
    t.write_s = args_clock() - start - t.read_s - t.fit_s;
    fprintf(stderr, "%lld items sold in the %d weeks before %s: %lld rising, %lld declining\n",
            (long long)panel.items.n, weeks, day, (long long)called[0], (long long)called[1]);
    js_put_word(out, "as_of", day);
    put_json(out, &panel, &m, called);
    int window = panel.items.weeks;
    const char *file = args_text(a, "story");
    if (!trends_story_put(out, &b, &story, end, window, file, s, e)) return false;
    if (args_given(a, "check") && !put_check(a, &b, &panel, &m, end, out, s, e)) return false;
    args_timing(out, &t);
    return true;
}

const verb verb_trends = {
    .name = "trends",
    .words = "",
    .group = "table",
    .title = "Find what rises and declines in a sales table, and why revenue moved.",
    .example = "atelier trends --in sales.csv --map item=sku,time=date,units=qty --out trends.csv",
    .options = options,
    .run = run,
};
