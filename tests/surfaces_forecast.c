/* surfaces_forecast: the verb forecast on small tables, as a stranger would call it. */
#include "check.h"

#include <string.h>

#include "base/json.h"
#include "data/folder.h"

static const char *write_table(scope *s, const char *name, const char *content) {
    err e = {0};
    const char *path = arena_text(&s->keep, "%s/%s.csv", check_folder(name), name);
    check_ok(file_replace(path, slice_of(content), &e), &e);
    return path;
}

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 1 << 20, &e), &e);
}

CHECK(forecast_verb_continues_months_and_names_columns) {
    scope s;
    open(&s);
    const char *path = write_table(&s, "forecast-months",
                                   "store,month,units\nb,2023-10-31,5\nb,2023-11-30,5\n"
                                   "b,2023-12-31,5\nb,2024-01-31,5\na,2023-10-31,1\n"
                                   "a,2023-11-30,2\na,2023-12-31,3\na,2024-01-31,4\n");
    check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--horizon", "2",
                                                     "--model", "drift", "--level", "80", NULL});
    check(r.status == 0);
    check_text(r.out, "series,step,date,forecast,lo80,hi80,model\n"
                      "a,1,2024-02-29,5,5,5,drift\n"
                      "a,2,2024-03-31,6,6,6,drift\n"
                      "b,1,2024-02-29,5,5,5,drift\n"
                      "b,2,2024-03-31,5,5,5,drift\n");
    scope_close(&s);
}

CHECK(forecast_verb_counts_and_names_its_guards) {
    scope s;
    open(&s);
    const char *path = write_table(&s, "forecast-guards",
                                   "series,t,y\na,1,80\na,2,70\na,3,60\na,4,50\na,5,40\n"
                                   "a,6,30\na,7,20\na,8,10\nb,1,9\nc,1,5\nc,2,5\nc,3,5\n");
    check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--horizon", "3",
                                                     "--model", "holt", "--units", "--json", NULL});
    err e = {0};
    int64_t below, shorter, capped;
    slice name;
    check(r.status == 0);
    check_has(r.err, "Guards held back 2 of 3 forecasts");
    const js_node *root = js_parse(&s, r.out, &e), *all = js_get(root, "guards");
    check(js_int(js_get(all, "below_zero"), &below) && below == 1);
    check(js_int(js_get(all, "too_short"), &shorter) && shorter == 1);
    check(js_int(js_get(all, "capped"), &capped) && capped == 0);
    const js_node *models = js_get(root, "models");
    check(js_text(js_at(js_get(js_at(models, 1), "guards"), 0), &name) &&
          slice_is(name, "too_short"));
    check(js_count(js_get(js_at(models, 2), "guards")) == 0);
    scope_close(&s);
}

CHECK(evaluate_forecast_counts_its_guards) {
    scope s;
    open(&s);
    const char *path = write_table(&s, "evaluate-guards",
                                   "series,t,y\na,1,10\na,2,11\na,3,12\na,4,13\na,5,14\n"
                                   "a,6,15\na,7,16\nb,1,9\nb,2,8\nb,3,9\nb,4,9\nb,5,9\n");
    check_run r = check_atelier(&s, (const char *[]){"evaluate", "forecast", "--in", path,
                                                     "--holdout", "3", "--model", "holt", "--json",
                                                     NULL});
    err e = {0};
    int64_t forecasts, guarded, shorter, wide;
    check(r.status == 0);
    const js_node *holt = js_at(js_get(js_parse(&s, r.out, &e), "guards"), 0);
    check(js_int(js_get(holt, "forecasts"), &forecasts) && forecasts == 2);
    check(js_int(js_get(holt, "guarded"), &guarded) && guarded == 1); /* two values are left of b */
    check(js_int(js_get(holt, "too_short"), &shorter) && shorter == 1);
    check(js_int(js_get(holt, "too_wide"), &wide) && wide == 0);
    scope_close(&s);
}

CHECK(forecast_verb_takes_the_season_of_weekdays) {
    scope s;
    open(&s);
    text table;
    text_open(&table, &s);
    text_addf(&table, "ds,y\n");
    for (int i = 0; i < 70; i++) {
        const char *day = day_text(&s.keep, day_of(2024, 1, 1) + i);
        text_addf(&table, "%s,%d\n", day, 20 + 10 * (i % 7 == 5) + 4 * (i % 7 == 6));
    }
    const char *path = write_table(&s, "forecast-days", table.p);
    check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--horizon", "7",
                                                     "--model", "snaive", "--level", "95", "--json",
                                                     NULL});
    err e = {0};
    check(r.status == 0);
    const js_node *root = js_parse(&s, r.out, &e);
    const js_node *at = js_at(js_get(root, "forecasts"), 5);
    double mean, seconds;
    int64_t season;
    slice time;
    check(js_real(js_get(at, "forecast"), &mean) && mean == 30);
    check(js_text(js_get(at, "date"), &time) && slice_is(time, "2024-03-16"));
    check(js_int(js_get(js_at(js_get(root, "models"), 0), "season"), &season) && season == 7);
    check(js_real(js_get(js_get(root, "timing"), "fit_s"), &seconds));
    scope_close(&s);
}

CHECK(evaluate_forecast_holds_out_the_end_and_scores_it) {
    scope s;
    open(&s);
    text table;
    text_open(&table, &s);
    text_addf(&table, "series,t,y\n");
    for (int k = 0; k < 3; k++) /* a line: drift knows it, seasonal naive (last value) lags */
        for (int t = 0; t < 30; t++) text_addf(&table, "s%d,%d,%d\n", k, t, 100 + (k + 1) * t);
    const char *path = write_table(&s, "evaluate-forecast", table.p);
    check_run r = check_atelier(
        &s, (const char *[]){"evaluate", "forecast", "--in", path, "--model", "drift", "--horizon",
                             "4", "--season", "1", "--json", NULL});
    err e = {0};
    check(r.status == 0);
    const js_node *root = js_parse(&s, r.out, &e), *models = js_get(root, "models");
    double mase, naive;
    const char *const m = "metrics";
    check(js_real(js_get(js_get(js_get(js_at(models, 0), m), "mase"), "value"), &mase));
    check(js_real(js_get(js_get(js_get(js_at(models, 1), m), "mase"), "value"), &naive));
    check(mase == 0 && naive == 2.5); /* lags of 1, 2, 3, 4 steps, in steps */
    slice verdict;
    check(js_text(js_get(js_at(js_get(root, "comparisons"), 1), "verdict"), &verdict));
    check(slice_is(verdict, "better"));
    r = check_atelier(&s, (const char *[]){"evaluate", "forecast", "--in", path, "--horizon", "99",
                                           NULL});
    check(r.status == 2);
    check_has(r.err, "smaller --horizon");
    scope_close(&s);
}

CHECK(forecast_verb_refuses_in_one_sentence) {
    scope s;
    open(&s);
    const char *twice = write_table(&s, "forecast-twice", "t,y\n1,5\n2,6\n2,7\n");
    const char *mixed = write_table(&s, "forecast-mixed", "t,y\n2024-01-01,5\nsoon,6\n");
    const char *below = write_table(&s, "forecast-below", "series,t,y\na,1,5\nb,1,-5\nb,2,1\n"
                                                          "b,3,2\nb,4,3\n");
    const char *huge = write_table(&s, "forecast-huge", "series,t,y\na,1,5\na,2,1e300\n");
    const struct {
        const char *argv[10], *part;
    } rows[] = {
        {{"forecast", "--in", twice, NULL}, "second value for the same time"},
        {{"forecast", "--in", mixed, NULL}, "'soon' is neither a number nor a date"},
        {{"forecast", "--in", twice, "--season", "weekly", NULL}, "--season must be auto or"},
        {{"forecast", "--in", twice, "--level", "80,100", NULL}, "--level must be percents"},
        {{"forecast", "--in", twice, "--value", "units", NULL}, "units"},
        {{"forecast", "--in", twice, "--model", "arimo", NULL}, "--model is one of global, auto"},
        {{"forecast", "--in", below, "--model", "tsb", NULL}, "series 'b': models of intermittent"},
        {{"forecast", "--in", huge, NULL}, "series 'a': value 2 of the series is 1e+300"},
        {{"evaluate", "forecast", "--in", below, "--model", "ets,sba", "--holdout", "1", NULL},
         "series 'b': models of intermittent"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_run r = check_atelier(&s, rows[i].argv);
        check(r.status == 2);
        check_has(r.err, rows[i].part);
        check(r.out.n == 0);
    }
    scope_close(&s);
}

/* What strangers have: a forecast for each, and a word where something was left out or assumed. */
CHECK(forecast_verb_takes_short_broken_and_odd_series) {
    static const struct {
        const char *name, *table, *first, *said; /* the first row begins with; stderr has */
    } rows[] = {
        {"one", "t,y\n2024-01-01,5\n", "series,1,", ""},
        {"three", "t,y\n1,5\n2,-6\n3,7\n", "series,1,4,", ""},
        {"zeros", "t,y\n1,0\n2,0\n3,0\n4,0\n", "series,1,5,0,0,0,0,0,", ""},
        {"same", "t,y\n1,7\n2,7\n3,7\n4,7\n5,7\n6,7\n7,7\n8,7\n", "series,1,9,7,7,7,7,7,", ""},
        {"nan", "t,y\n2024-01-01,5\n2024-01-02,nan\n2024-01-03,6\n", "series,1,2024-01-05,",
         "nan.csv:3: column value: 'nan' (missing; expected number)"},
        {"gaps", "t,y\n2024-01-01,5\n2024-01-02,6\n2024-01-05,7\n2024-01-06,8\n",
         "series,1,2024-01-07,", "1 steps in 1 series are longer or shorter than usual"},
        {"mixed", "t,y\n2024-01-01,5\n2024-02-01,6\n2024-02-02,7\n2024-02-03,8\n2024-03-03,8\n",
         "series,1,", "3 steps in 1 series are longer or shorter than usual"},
    };
    scope s;
    open(&s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *path = write_table(&s, rows[i].name, rows[i].table);
        check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--horizon",
                                                         "30", NULL});
        check(r.status == 0);
        check_has(r.out, arena_text(&s.keep, "lo95,hi95,model\n%s", rows[i].first));
        check_has(r.err, rows[i].said);
        int lines = 0;
        for (size_t k = 0; k < r.out.n; k++) lines += r.out.p[k] == '\n';
        check(lines == 31); /* longer than any history here */
        check(memmem(r.out.p, r.out.n, "nan", 3) == NULL);
    }
    scope_close(&s);
}

/* Members, errors and weights of auto: which models each series got and why. */
CHECK(forecast_verb_says_what_auto_took) {
    scope s;
    open(&s);
    text table;
    text_open(&table, &s);
    text_addf(&table, "t,y\n");
    for (int i = 0; i < 60; i++) text_addf(&table, "%d,%d\n", i, 30 + i + (i * 7919) % 17);
    const char *path = write_table(&s, "forecast-members", table.p);
    check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--season", "4",
                                                     "--json", NULL});
    err e = {0};
    check(r.status == 0);
    const js_node *one = js_at(js_get(js_parse(&s, r.out, &e), "models"), 0);
    double all = 0, weight, error;
    int64_t origins;
    slice word;
    check(js_int(js_get(one, "origins"), &origins) && origins == 3);
    check(js_text(js_get(one, "demand"), &word) && slice_is(word, "smooth"));
    for (int i = 0; i < 6; i++) {
        const js_node *m = js_at(js_get(one, "members"), i);
        check(js_real(js_get(m, "weight"), &weight) && js_real(js_get(m, "error"), &error));
        check(js_text(js_get(m, "chosen"), &word) && word.n > 0 && error > 0);
        all += weight;
    }
    check(all > 1 - 1e-9 && all < 1 + 1e-9);
    scope_close(&s);
}

CHECK(forecast_verb_prints_the_same_on_1_2_and_8_processors) {
    scope s;
    open(&s);
    text table;
    text_open(&table, &s);
    text_addf(&table, "series,t,y\n");
    for (int k = 0; k < 9; k++)
        for (int i = 0; i < 40; i++)
            text_addf(&table, "s%d,%d,%d\n", k, i, 30 + k * i + (i * 7919 + k * 31) % 17);
    const char *path = write_table(&s, "forecast-threads", table.p);
    slice first = {0};
    static const char *const threads[] = {"1", "2", "8"};
    for (int i = 0; i < 3; i++) {
        check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--season", "4",
                                                         "--threads", threads[i], NULL});
        check(r.status == 0 && r.out.n > 0);
        if (i == 0) first = r.out;
        check(slice_compare(first, r.out) == 0);
    }
    scope_close(&s);
}

/* A year of days with gaps, a week, a holiday that doubles and a price: all are in the forecast. */
static const char *calendar_table(scope *s) {
    text table;
    text_open(&table, s);
    text_addf(&table, "ds,y,Price\n");
    for (int i = 0; i < 400; i++) {
        if (i % 50 == 9) continue; /* a day without a row */
        int32_t day = day_of(2023, 1, 1) + i;
        bool feast = day == day_of(2023, 3, 3) || day == day_of(2023, 7, 7);
        double y = 200 + 0.2 * i + 10 * (i % 7 == 5) + 60 * feast - 4 * (i % 3);
        text_addf(&table, "%s,%g,%d\n", day_text(&s->keep, day), y, i % 3);
    }
    return write_table(s, "forecast-calendar", table.p);
}

CHECK(forecast_verb_knows_holidays_and_regressors) {
    scope s;
    open(&s);
    const char *path = calendar_table(&s);
    const char *feasts = write_table(&s, "forecast-feasts",
                                     "holiday,ds\nfeast,2023-03-03\nfeast,2023-07-07\n"
                                     "feast,2024-02-06\n");
    const char *future = write_table(&s, "forecast-future",
                                     "ds,price\n2024-02-05,1\n2024-02-06,2\n2024-02-07,0\n");
    const char *words[] = {"forecast", "--in", path, "--model", "prophet", "--horizon", "3",
                           "--level", "80", "--holidays", feasts, "--regressors", "price",
                           "--future", future, "--json", NULL};
    check_run r = check_atelier(&s, words);
    err e = {0};
    check(r.status == 0);
    const js_node *root = js_parse(&s, r.out, &e), *all = js_get(root, "forecasts");
    for (int h = 0; h < 3; h++) {
        int i = 400 + h;
        double wanted = 200 + 0.2 * i + 10 * (i % 7 == 5) + 60 * (h == 1) - 4 * (i % 3), mean;
        check(js_real(js_get(js_at(all, h), "forecast"), &mean));
        check_near(mean, wanted, 1); /* a hundredth of the holiday's 60, and a bent line */
    }
    words[14] = write_table(&s, "forecast-short", "ds,price\n2024-02-05,1\n2024-02-06,2\n");
    r = check_atelier(&s, words);
    check(r.status == 2);
    check_has(r.err, "no row for 2024-02-07 (step 3), where 'price' must be known");
    words[13] = "--seed", words[14] = "1";
    r = check_atelier(&s, words);
    check(r.status == 2);
    check_has(r.err, "must be known ahead: --future");
    scope_close(&s);
}

CHECK(forecast_verb_refuses_what_prophet_cannot_do) {
    static const struct { const char *table, *growth, *says; } cases[] = {
        {"t,y\n2024-01-01,-5\n2024-01-02,6\n2024-01-03,6\n", "logistic", "below the floor"},
        {"t,y\n2024-01-01,5\n2024-01-02,1e300\n2024-01-03,6\n", "linear", "1e+300"}};
    scope s;
    open(&s);
    for (int i = 0; i < 2; i++) {
        const char *path = write_table(&s, "forecast-wrong", cases[i].table);
        check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--model",
                                                         "prophet", "--growth", cases[i].growth,
                                                         "--cap", "9", NULL});
        check(r.status == 2);
        check_has(r.err, cases[i].says);
    }
    const char *path = write_table(&s, "forecast-good", "t,y\n2024-01-01,5\n2024-01-05,5\n");
    check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--model", "prophet",
                                                     "--growth", "logistic", NULL});
    check(r.status == 2);
    check_has(r.err, "needs --cap");
    r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--model", "prophet",
                                           "--horizon", "2", "--level", "80", NULL});
    check(r.status == 0);
    check_has(r.out, "series,2,2024-01-13,5,"); /* longer than the history, constant */
    path = write_table(&s, "forecast-one", "t,y\n2024-01-01,5\n2024-01-02,NaN\n");
    r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--model", "prophet",
                                           "--horizon", "1", "--level", "80", NULL});
    check(r.status == 0);
    check_has(r.err, "1 of 2 rows do not pass");
    check_has(r.out, ",5,5,5,naive");
    scope_close(&s);
}

/* Series that share a calendar share a design; each has the forecast that it has alone. */
CHECK(forecast_verb_prophet_is_the_same_for_any_number_of_threads) {
    scope s;
    open(&s);
    text both, alone;
    text_open(&both, &s), text_open(&alone, &s);
    text_addf(&both, "series,ds,y\n"), text_addf(&alone, "series,ds,y\n");
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 60; i++) {
            const char *day = day_text(&s.keep, day_of(2024, 1, 1) + i);
            text_addf(&both, "s%d,%s,%d\n", k, day, 50 + k * i + 9 * (i % 7 == 3) + i * i % 5);
            if (k == 0) text_addf(&alone, "s0,%s,%d\n", day, 50 + 9 * (i % 7 == 3) + i * i % 5);
        }
    const char *path = write_table(&s, "forecast-both", both.p);
    const char *single = write_table(&s, "forecast-alone", alone.p);
    const char *words[] = {"forecast", "--in", path, "--model", "prophet", "--threads", "1", NULL};
    slice one = check_atelier(&s, words).out;
    words[6] = "8";
    slice eight = check_atelier(&s, words).out;
    check(one.n > 500 && slice_compare(one, eight) == 0);
    words[2] = single;
    slice first = check_atelier(&s, words).out;
    check(first.n > 100 && first.n < one.n && memcmp(first.p, one.p, first.n) == 0);
    scope_close(&s);
}

CHECK(forecast_verb_writes_components_and_detections) {
    scope s;
    open(&s);
    text table;
    text_open(&table, &s);
    text_addf(&table, "ds,y\n");
    for (int i = 0; i < 210; i++)
        text_addf(&table, "%s,%g\n", day_text(&s.keep, day_of(2024, 1, 1) + i),
                  100 + 0.3 * i + 12 * (i % 7 == 4) + (i >= 140 ? 50 : 0) + 70 * (i == 61) +
                      i * 13 % 5 - 2.0);
    const char *path = write_table(&s, "forecast-parts", table.p);
    const char *parts = arena_text(&s.keep, "%s/parts.csv", check_folder("forecast-parts-out"));
    check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", path, "--model", "naive",
                                                     "--horizon", "1", "--components", parts,
                                                     "--json", NULL});
    err e = {0};
    check(r.status == 0);
    const js_node *d = js_at(js_get(js_parse(&s, r.out, &e), "detections"), 0);
    int64_t period;
    slice word;
    check(js_count(js_get(d, "seasons")) == 1);
    const js_node *season = js_at(js_get(d, "seasons"), 0);
    check(js_int(js_get(season, "period"), &period) && period == 7);
    check(js_text(js_get(season, "peak"), &word) && slice_is(word, "2024-01-05"));
    check(js_text(js_get(js_get(d, "trend"), "direction"), &word) && slice_is(word, "rising"));
    check(js_count(js_get(d, "breaks")) == 1);
    check(js_text(js_get(js_at(js_get(d, "breaks"), 0), "time"), &word));
    check(slice_is(word, "2024-05-20")); /* day 140 */
    bool found = false;
    for (int64_t i = 0; i < js_count(js_get(d, "anomalies")); i++)
        found |= js_text(js_get(js_at(js_get(d, "anomalies"), i), "time"), &word) &&
                 slice_is(word, "2024-03-02"); /* day 61 */
    check(found);
    slice written;
    check_ok(file_read(parts, &s, 1 << 20, &written, &e), &e);
    check_has(written, "series,time,value,trend,season,remainder,score,anomaly,break\n");
    scope_close(&s);
}

/* ---- hierarchies ---- */

static const char parts_table[] =
    "series,t,y\nall,1,30\nall,2,30\nall,3,36\na,1,10\na,2,10\na,3,10\nb,1,20\nb,2,20\nb,3,20\n"
    "free,1,1\nfree,2,1\nfree,3,1\n";

static check_run add_up(scope *s, const char *hierarchy, const char *method) {
    const char *path = write_table(s, "forecast-sums", parts_table);
    const char *parts = write_table(s, "forecast-hierarchy", hierarchy);
    return check_atelier(s, (const char *[]){"forecast", "--in", path, "--model", "naive",
                                             "--horizon", "1", "--level", "80", "--season", "1",
                                             "--hierarchy", parts, "--method", method, NULL});
}

/* Naive says 36, 10 and 20. By the number of leaves (variances 2, 1, 1) the gap of 6 is shared as
 * 3, 1.5 and 1.5; bottom-up it is the total's, top-down the parts' by their size. */
CHECK(forecast_verb_makes_a_hierarchy_add_up) {
    static const char parts[] = "series,parent\nall,\na,all\nb,all\n";
    scope s;
    open(&s);
    check_run r = add_up(&s, parts, "struct");
    check(r.status == 0);
    check_has(r.out, "\na,1,4,11.5,");
    check_has(r.out, "\nall,1,4,33,");
    check_has(r.out, "\nb,1,4,21.5,");
    check_has(r.out, "\nfree,1,4,1,");
    r = add_up(&s, parts, "bottom-up");
    check_has(r.out, "\nall,1,4,30,");
    r = add_up(&s, parts, "top-down");
    check_has(r.out, "\na,1,4,12,");
    check_has(r.out, "\nb,1,4,24,");
    r = add_up(&s, parts, "var"); /* a and b never moved: the total gives in */
    check_has(r.out, "\nall,1,4,30,");
    scope_close(&s);
}

CHECK(forecast_verb_refuses_what_is_no_hierarchy) {
    static const char *const bad[][2] = {
        {"series,parent\na,nobody\n", "names 'nobody', which is no series of the table"},
        {"series,parent\na,all\na,b\n", "'a' is a part of two series"},
        {"series,parent\na,b\nb,a\n", "is a part of itself"},
        {"series,parent\na,a\n", "is a part of itself"},
    };
    scope s;
    open(&s);
    for (int i = 0; i < 4; i++) {
        check_run r = add_up(&s, bad[i][0], "var");
        check(r.status == 2);
        check_has(r.err, bad[i][1]);
    }
    check_run r = add_up(&s, "series,parent\na,all\n", "magic");
    check(r.status == 2);
    check_has(r.err, "--method is one of");
    scope_close(&s);
}

/* Eight shops of 30 weeks with one season of four, and one that opened five weeks ago. */
static const char *season_of_shops(scope *s) {
    static const int season[] = {10, 20, 40, 10};
    slice table = slice_of("shop,week,units\n");
    for (int i = 0; i < 9; i++)
        for (int t = i < 8 ? 0 : 25; t < 30; t++)
            table = slice_of(arena_text(&s->keep, "%.*ss%d,%d,%d\n", (int)table.n, table.p, i, t,
                                        (i + 1) * season[t % 4]));
    return write_table(s, "forecast-shops", table.p);
}

/* The shop of five weeks has the season of the others: weeks 30 and 32 are phases 2 and 0. */
CHECK(forecast_verb_fits_one_model_to_all_series) {
    scope s;
    open(&s);
    const char *path = season_of_shops(&s);
    check_run r = check_atelier(
        &s, (const char *[]){"forecast", "--in", path, "--series", "shop", "--horizon", "3",
                             "--season", "4", "--model", "global", "--json", NULL});
    check(r.status == 0);
    check_has(r.out, "\"loss\": \"tweedie\"");
    err e = {0};
    const js_node *root = js_parse(&s, r.out, &e);
    check(root != NULL);
    double ahead[3];
    for (int k = 0; k < 3; k++) {
        const js_node *row = js_at(js_get(root, "forecasts"), 8 * 3 + k);
        check(js_real(js_get(row, "forecast"), &ahead[k]));
    }
    check(ahead[0] > 250 && ahead[0] < 450); /* 360, and 90 for the others: trees are steps */
    check(ahead[1] > 60 && ahead[1] < 160 && ahead[2] > 60 && ahead[2] < 160);
    r = check_atelier(&s, (const char *[]){"evaluate", "forecast", "--in", path, "--series", "shop",
                                           "--holdout", "3", "--season", "4", "--model",
                                           "global,mean", "--json", NULL});
    check(r.status == 0);
    check_has(r.out, "\"wape\": [");
    check_has(r.out, "\"name\": \"global\"");
    scope_close(&s);
}
