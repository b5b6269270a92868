/* surfaces_state: forecasts kept from run to run say what a run from scratch says. */
#include "check.h"

#include <string.h>

#include "base/json.h"
#include "data/folder.h"

enum { SERIES = 6 };

/* Series s0 … with a season of 4, multiplied by the level (so that paths are drawn), n[k] values
 * each (0: absent); `first` is added to the first value of s1. */
static const char *write_sales(scope *s, const char *name, const int n[SERIES], int first) {
    static const int wave[] = {60, 100, 140, 100};
    err e = {0};
    text table;
    text_open(&table, s);
    text_addf(&table, "series,t,y\n");
    for (int k = 0; k < SERIES; k++)
        for (int i = 0; i < n[k]; i++)
            text_addf(&table, "s%d,%d,%d\n", k, i,
                      wave[i % 4] * (20 + i) * (k + 1) / 20 + (i * 7919 + k * 31) % 9 +
                          (k == 1 && i == 0 ? first : 0));
    const char *path = arena_text(&s->keep, "%s/%s.csv", check_folder(name), name);
    check_ok(file_replace(path, text_slice(&table), &e), &e);
    return path;
}

static check_run run(scope *s, const char *in, const char *model, const char *state) {
    const char *words[] = {"forecast", "--in", in, "--season", "4", "--model", model, "--horizon",
                           "3", "--json", state ? "--state" : NULL, state, NULL};
    check_run r = check_atelier(s, words);
    check(r.status == 0);
    return r;
}

/* The answer without the member "state" and the times. */
static const char *compared(scope *s, check_run r) {
    err e = {0};
    const js_node *root = js_parse(s, r.out, &e);
    check(root != NULL);
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    js_object(j, NULL);
    js_put_node(j, "models", js_get(root, "models"));
    js_put_node(j, "forecasts", js_get(root, "forecasts"));
    js_end(j);
    return j->out.p;
}

static int64_t counted(scope *s, check_run r, const char *what) {
    err e = {0};
    int64_t n = -1;
    js_int(js_get(js_get(js_parse(s, r.out, &e), "state"), what), &n);
    return n;
}

/* Five series: one stays, one grows, one is corrected, one goes, one comes, before the others. */
CHECK(forecast_state_takes_over_what_did_not_change_thread_or_not) {
    static const int before[SERIES] = {0, 20, 20, 20, 20, 20}, after[SERIES] = {20, 20, 20, 23, 20};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 4 << 20, &e), &e);
    const char *old = write_sales(&s, "state-before", before, 0);
    const char *new = write_sales(&s, "state-after", after, 5);
    const char *state = arena_text(&s.keep, "%s/sales.state", check_folder("state-kept"));
    check_run first = run(&s, old, "auto", state);
    check(counted(&s, first, "new") == 5 && counted(&s, first, "reused") == 0);
    check_run again = run(&s, new, "auto", state);
    check(counted(&s, again, "reused") == 2 && counted(&s, again, "grown") == 1);
    check(counted(&s, again, "changed") == 1 && counted(&s, again, "new") == 1);
    check_has(again.err, "2 series are as they were");
    check_text(slice_of(compared(&s, again)), compared(&s, run(&s, new, "auto", NULL)));
    scope_close(&s);
}

/* Other options are other forecasts: nothing is taken over, and nothing is mixed. */
CHECK(forecast_state_of_other_options_is_not_taken) {
    static const int n[SERIES] = {12, 12};
    static const char *const options[][2] = {{"--horizon=5"}, {"--level=80"}, {"--seed=2"},
                                             {"--season=4"}, {"--units"},
                                             {"--units", "--window=3"}};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *in = write_sales(&s, "state-options", n, 0);
    const char *state = arena_text(&s.keep, "%s/a.state", check_folder("state-other"));
    for (int i = 0; i < 6; i++) { /* each against those of the run before */
        check_run r = check_atelier(&s, (const char *[]){"forecast", "--in", in, "--model", "ets",
                                                         "--state", state, "--json", options[i][0],
                                                         options[i][1], NULL});
        check(r.status == 0 && counted(&s, r, "reused") == 0);
        check(counted(&s, r, i == 0 ? "new" : "changed") == 2);
    }
    scope_close(&s);
}

CHECK(forecast_state_refuses_what_it_cannot_keep) {
    static const int n[SERIES] = {12, 12};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *in = write_sales(&s, "state-refused", n, 0);
    const char *state = arena_text(&s.keep, "%s/a.state", check_folder("state-damaged"));
    check_ok(file_replace(state, SLICE("something else, longer than the head of such a file is, "
                                       "so that it is looked at"), &e), &e);
    const char *words[] = {"forecast", "--in", in, "--state", state, "--model", "naive", NULL};
    check_run r = check_atelier(&s, words);
    check(r.status == 1);
    check_has(r.err, "is not a model file of this program");
    static const char *const models[] = {"global", "prophet"};
    for (int i = 0; i < 2; i++) {
        words[6] = models[i];
        r = check_atelier(&s, words);
        check(r.status == 2);
        check_has(r.err, "leave --state out");
    }
    scope_close(&s);
}
