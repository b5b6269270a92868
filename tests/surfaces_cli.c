/* cli: the grammar of the command line: help, refusals, exit codes, JSON. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define RUN(s, ...) check_atelier((s), (const char *const[]){__VA_ARGS__, NULL})

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    return s;
}

CHECK(cli_help_lists_every_verb_and_each_begins_with_an_example) {
    scope s = open_scope();
    check_run all = RUN(&s, "--help");
    check(all.status == 0 && all.err.n == 0);
    static const char *const verbs[] = {
        "demo",   "validate", "run",     "serve",     "plan",      "explain",
        "doctor", "embed", "recommend", "sentiment", "forecast", "segment",
        "rfm",    "funnel",  "sessions", "paths",
        "trends",    "elasticity", "affinity", "evaluate", "clv", "runs", "compare", "track",
        "sync", "tune"};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        char line[40];
        snprintf(line, sizeof line, "\n  %s ", verbs[i]);
        check_has(all.out, line);
        check_run one = RUN(&s, verbs[i], "--help");
        check(one.status == 0);
        check_has(one.out, "\n\n  Example:  atelier ");
    }
    scope_close(&s);
}

CHECK(cli_refuses_wrong_words_with_the_nearest_right_one) {
    scope s = open_scope();
    static const struct {
        const char *words[6], *says;
    } cases[] = {
        {{"rnu"}, "atelier has no verb 'rnu' (did you mean run?)"},
        {{"run"}, "atelier run needs SHOP; for example: atelier run"},
        {{"run", "x", "--thread", "2"}, "no option --thread (did you mean --threads?)"},
        {{"run", "x", "--threads", "two"}, "--threads wants a whole number, got 'two'"},
        {{"run", "x", "--threads", "0"}, "--threads must be 1..256, got 0"},
        {{"run", "x", "--threads"}, "--threads needs a value"},
        {{"run", "x", "--to", "trian"}, "'trian' is no step (did you mean train?)"},
        {{"run", "x", "--from", "serve", "--to", "raw"}, "--to raw comes before --from serve"},
        {{"run", "x", "y"}, "atelier run takes no word 'y'"},
        {{"run", "no-such-folder"}, "there is no folder no-such-folder"},
        {{"run", "src", "--memory", "100m"}, "--memory must be at least 256MB, got 100m"},
        {{"run", "src", "--memory", "lots"}, "--memory is written like 4GB or 512MB, got 'lots'"},
        {{"run", "src", "--as-of", "2020-02-30"}, "--as-of wants a day"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_run r = check_atelier(&s, cases[i].words);
        check_has(r.err, cases[i].says);
        check(r.status == 2 && r.out.n == 0);
    }
    scope_close(&s);
}

CHECK(cli_says_errors_as_json_when_asked) {
    scope s = open_scope();
    err e = {0};
    int64_t code;
    check_run r = RUN(&s, "run", "no-such-folder", "--json");
    const js_node *said = js_parse(&s, r.out, &e);
    check_ok(said, &e);
    check(js_int(js_get(js_get(said, "error"), "exit"), &code) && code == 2 && r.status == 2);
    slice cause;
    check(js_text(js_get(js_get(said, "error"), "cause"), &cause));
    check_text(cause, "no_input");
    scope_close(&s);
}

CHECK(cli_plan_is_the_same_in_words_and_json) {
    scope s = open_scope();
    err e = {0};
    check_run words = RUN(&s, "plan"), as_json = RUN(&s, "plan", "--json");
    const js_node *steps = js_get(js_parse(&s, as_json.out, &e), "steps");
    check(js_count(steps) == 10);
    for (int64_t i = 0; i < 10; i++) {
        slice title;
        check(js_text(js_get(js_at(steps, i), "title"), &title));
        check_has(words.out, slice_copy(&s.keep, title));
    }
    scope_close(&s);
}

CHECK(cli_plan_matches_its_golden) {
    scope s = open_scope();
    check_golden("plan.txt", RUN(&s, "plan").out);
    scope_close(&s);
}
