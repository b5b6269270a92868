/* pipeline_recommend_sweeps: what recommendations learn, on a planted shop of three tastes. */
#include "recommend_plant.h"

#include <math.h>

#include "pipeline/evaluation_parts.h"
#include "pipeline/family.h"

static const js_node *report_of(work *w, scope *s, family_hook *hook) {
    err e = {0};
    scope own;
    js *j = take(&s->keep, js, 1);
    check_ok(scope_open(&own, (size_t)2 << 30, (size_t)2 << 30, &e), &e);
    folder *f = folder_begin(&own, w->out, "hook", &e); /* not kept */
    check_ok(f != NULL, &e);
    js_open(j, s);
    js_object(j, NULL);
    check_ok(hook(w, f, &own, j, &e), &e);
    js_end(j);
    scope_close(&own);
    return js_parse(s, text_slice(&j->out), &e);
}

CHECK(recommend_sweeps_lower_the_objective_and_find_the_tastes) {
    work w;
    scope s;
    plant_open(&w, &s, 2, check_folder("recommend_sweeps"));
    plant_shop(&w);
    const js_node *report = report_of(&w, &s, family_recommend.train);
    const js_node *models = js_get(report, "models"), *learning = js_get(report, "learning");
    const js_node *curves = js_get(js_at(models, 1), "curves"); /* als is the second source */
    check(js_count(curves) == 16 && js_count(learning) == 16);
    check(evaluation_curve_end(learning, 0) == 16);
    double before = INFINITY, first = js_number(js_at(curves, 0), "map_at_12");
    for (int i = 0; i < 16; i++) {
        const js_node *sweep = js_at(curves, i), *row = js_at(learning, i);
        check(js_number(sweep, "iteration") == i + 1 && js_number(row, "at") == i + 1);
        check(js_number(sweep, "loss") < before * (1 + 1e-6)); /* floats */
        before = js_number(sweep, "loss");
        check(js_number(sweep, "map_at_12") == js_number(row, "value"));
        check(js_number(row, "low") <= js_number(row, "value"));
        check(js_number(row, "n") > 50);
    }
    check(before < js_number(js_at(curves, 0), "loss"));
    check(js_number(js_at(curves, 15), "map_at_12") > 0.8 * first);
    check(js_get(js_at(models, 0), "curves") == NULL);
    scope_close(&s);
}

/* What is bought follows a taste that never changes, so four weeks say less than all. */
CHECK(recommend_learns_from_weeks_of_history) {
    work w;
    scope s;
    plant_open(&w, &s, 2, check_folder("recommend_history"));
    plant_shop(&w);
    const js_node *report = report_of(&w, &s, family_recommend.evaluate);
    const js_node *rows = js_get(report, "learning"), *last = js_at(rows, js_count(rows) - 1);
    const js_node *week = js_at(js_get(report, "weeks"), js_count(js_get(report, "weeks")) - 1);
    check(js_count(rows) >= 2 && evaluation_curve_end(rows, 0) == js_count(rows));
    for (int64_t i = 0; i < js_count(rows); i++) {
        const js_node *row = js_at(rows, i);
        check(slice_is(js_word(row, "by"), "weeks of history"));
        check(js_number(row, "n") == js_number(week, "customers"));
        check(i == 0 || js_number(row, "at") > js_number(js_at(rows, i - 1), "at"));
    }
    /* the last point is the blend's own figure of that week */
    const js_node *models = js_get(week, "models");
    for (int64_t i = 0; i < js_count(models); i++)
        if (slice_is(js_word(js_at(models, i), "name"), "blend"))
            check(js_number(js_get(js_at(models, i), "map_at_12"), "value") ==
                  js_number(last, "value"));
    scope_close(&s);
}
