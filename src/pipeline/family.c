/* family: the table of the six model families and the shape of one in the evaluation. */
#include "pipeline/family.h"

#include "pipeline/part.h"
#include "pipeline/review_vectors.h"

const family *const families[FAMILIES] = {&family_recommend, &family_language,  &family_forecast,
                                          &family_segment,   &family_behaviour, &family_insight};

bool family_scope(scope *s, err *e) {
    err refused = {0};
    return scope_open(s, (size_t)64 << 30, (size_t)64 << 30, &refused) ||
           scope_open(s, (size_t)16 << 30, (size_t)8 << 30, e);
}

/* All that a hook's result depends on beside what it reads. */
static slice settings_of(const work *w, family_look *look, scope *s) {
    return slice_of(arena_text(&s->keep, "%s %s meaning until %d%s %s", work_days(w, &s->keep).p,
                               review_vectors_key(w, s), w->meaning_until,
                               w->publish_anyway ? " anyway" : "", look ? look(w, s).p : ""));
}

bool family_part(work *w, folder *f, const char *name, family_hook *hook, family_look *look,
                 js *report, err *e) {
    scope s;
    part p;
    if (!family_scope(&s, e)) return false;
    bool done = part_begin(&p, w, f, name, settings_of(w, look, &s), report, e) &&
                part_end(&p, p.taken || hook(w, f, &s, report, e) || fail_in(e, name), e);
    if (done && p.taken) work_say(w, "%s: nothing that it reads is new; taken over", name);
    scope_close(&s);
    return done;
}

static bool run_hook(work *w, folder *f, const family *one, family_hook *hook, js *report, err *e) {
    work_tick(w, one->title, 0, 0);
    js_object(report, one->name);
    js_put_word(report, "title", one->title);
    family_look *look = hook == one->insight ? one->looks_back : NULL;
    bool done = !hook || family_part(w, f, one->name, hook, look, report, e);
    if (done) js_end(report);
    return done;
}

bool family_step(work *w, folder *f, const char *file, family_pick *pick, err *e) {
    scope s;
    js report;
    if (!work_windows(w, e) || !scope_open(&s, 1 << 20, 0, e)) return false;
    js_open(&report, &s);
    report.indent = true;
    js_object(&report, NULL);
    bool done = true;
    for (int i = 0; i < FAMILIES && done; i++)
        done = run_hook(w, f, families[i], pick(families[i]), &report, e);
    if (done) js_end(&report);
    text_add_char(&report.out, '\n');
    done = done && folder_write(f, file, text_slice(&report.out), e);
    scope_close(&s);
    return done;
}

void evaluation_model(js *report, const char *name, const char *role, slice parameters_json,
                      const evaluation_metric *metrics, int n) {
    evaluation_model_open(report, name, role, parameters_json, metrics, n);
    js_end(report);
}

void evaluation_model_open(js *report, const char *name, const char *role, slice parameters_json,
                           const evaluation_metric *metrics, int n) {
    js_object(report, NULL);
    js_put_word(report, "name", name);
    js_put_word(report, "role", role);
    js_put_raw(report, "parameters", parameters_json.n ? parameters_json : SLICE("{}"));
    js_object(report, "metrics");
    for (int i = 0; i < n; i++) {
        js_object(report, metrics[i].name);
        js_put_real(report, "value", metrics[i].value);
        js_put_real(report, "low", metrics[i].low);
        js_put_real(report, "high", metrics[i].high);
        js_put_int(report, "n", metrics[i].n);
        js_end(report);
    }
    js_end(report);
}

const char *evaluation_verdict(const evaluation_comparison *c) {
    double low = c->less_is_better ? -c->high : c->low;
    double high = c->less_is_better ? -c->low : c->high;
    if (low > 0) return "better";
    if (high < 0) return "worse";
    return "no difference shown";
}

void evaluation_compare(js *report, const evaluation_comparison *c) {
    js_object(report, NULL);
    js_put_word(report, "model", c->model);
    js_put_word(report, "baseline", c->baseline);
    js_put_word(report, "metric", c->metric);
    js_put_real(report, "difference", c->difference);
    js_put_real(report, "low", c->low);
    js_put_real(report, "high", c->high);
    js_put_bool(report, "less_is_better", c->less_is_better);
    js_put_word(report, "verdict", evaluation_verdict(c));
    js_end(report);
}
