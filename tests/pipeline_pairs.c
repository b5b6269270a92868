/* pairs, gate, run_record: two runs beside each other, and what stops a worse one. */
#include "check_json.h"

#include <string.h>

#include "base/random.h"
#include "pipeline/evaluation_parts.h"
#include "pipeline/gate.h"
#include "pipeline/pairs.h"
#include "pipeline/run_record.h"

enum { UNITS = 40 };

typedef struct side {
    work w;
    int64_t n, skip; /* units; the first ones left out */
    double add;      /* to every unit's sum of two cases */
    bool less;
} side;

static side usual(const char *out) {
    return (side){.w = {.out = out, .days = {0, 10, 20, 30}}, .n = UNITS};
}

/* A step's folder with the pairs of recommend and an evaluation.json of one model. */
static void write_side(scope *s, const side *x, const char *step) {
    err e = {0};
    folder_key key = {.seed = 1};
    memset(key.key.hex, '0', 64);
    slice *keys = take(&s->keep, slice, x->n);
    double *sum = take(&s->keep, double, x->n), *count = take(&s->keep, double, x->n);
    js *report = take(&s->keep, js, 1);
    js_open(report, s);
    js_object(report, NULL);
    for (int64_t i = 0; i < x->n; i++) {
        keys[i] = slice_of(arena_text(&s->keep, "customer %lld", (long long)(i + x->skip)));
        rng r = rng_open(1, (uint64_t)(i + x->skip));
        sum[i] = rng_uniform(&r) + x->add, count[i] = 2;
    }
    folder *f = folder_begin(s, x->w.out, step, &e);
    check_ok(f, &e);
    pairs p = {"hybrid", "map", x->less, x->n, keys, sum, count};
    js_object(report, "recommend");
    js_put_word(report, "title", "Recommendations");
    check_ok(pairs_write(&x->w, f, "recommend", &p, s, report, &e), &e);
    js_put_raw(report, "models",
               slice_of(arena_text(&s->keep, "[{\"name\": \"hybrid\", \"metrics\": {\"map\": "
                                             "{\"value\": %g}, \"hits\": {\"value\": 3}}}]",
                                   0.25 + x->add / 2)));
    js_array(report, "parts"); /* a moves, b does not, c is there before alone */
    for (int i = 0; i < (x->add > 0 ? 2 : 3); i++) {
        static const char *const of[] = {"a", "b", "c"};
        double value = i == 0 ? 0.25 - x->add / 4 : 0.5;
        evaluation_part_put(report, (evaluation_part){"kind", of[i], "hybrid", "map"},
                            (metrics_interval){value, value - 0.1, value + 0.1, 20});
    }
    js_end(report);
    js_end(report);
    js_end(report);
    check_ok(folder_write(f, "evaluation.json", text_slice(&report->out), &e), &e);
    check_ok(folder_commit(f, &key, &e), &e);
}

static pairs_result result_of(scope *s, const side *before, const side *after) {
    pairs_result r;
    err e = {0};
    write_side(s, before, "before");
    write_side(s, after, "after");
    check_ok(pairs_compare(arena_text(&s->keep, "%s/before", before->w.out),
                           arena_text(&s->keep, "%s/after", after->w.out), "recommend", s, &r, &e),
             &e);
    return r;
}

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, (size_t)64 << 20, (size_t)16 << 20, &e), &e);
}

/* Every unit gains the same, so the interval has no width, however far apart the units are. */
CHECK(pairs_of_an_equal_gain_have_an_interval_without_width) {
    scope s;
    open_scope(&s);
    side before = usual(check_folder("pairs")), after = before;
    after.add = 0.5;
    pairs_result r = result_of(&s, &before, &after);
    check(!r.why && r.d.n == UNITS && r.left_out == 0);
    check_near(r.d.mean, 0.25, 1e-12); /* 1e-12: sums of 40 doubles */
    check_near(r.d.low, 0.25, 1e-12);
    check_near(r.d.high, 0.25, 1e-12);
    check_text(slice_of(r.verdict), "better");
    before.less = after.less = true;
    check_text(slice_of(result_of(&s, &before, &after).verdict), "worse");
    after.add = 0;
    check_text(slice_of(result_of(&s, &before, &after).verdict), "no difference shown");
    scope_close(&s);
}

CHECK(pairs_are_units_that_both_runs_have) {
    scope s;
    open_scope(&s);
    side before = usual(check_folder("pairs-some")), after = before;
    after.skip = 10, after.add = -0.5;
    pairs_result r = result_of(&s, &before, &after);
    check(!r.why && r.d.n == 30 && r.left_out == 20);
    check_near(r.d.mean, -0.25, 1e-12);
    after.skip = 25;
    check_has(slice_of(result_of(&s, &before, &after).why), "only 15 of 40 and 40 units");
    after = before;
    after.w.days.end++;
    check_has(slice_of(result_of(&s, &before, &after).why), "other days");
    scope_close(&s);
}

CHECK(gate_stays_shut_for_what_is_worse_than_the_published) {
    scope s;
    err e = {0};
    open_scope(&s);
    side published = usual(check_folder("gate")), now = published;
    write_side(&s, &now, "08_evaluate");
    check_ok(gate_open(&now.w, &e), &e); /* nothing is published yet */
    write_side(&s, &published, "10_serve");
    check_ok(gate_open(&now.w, &e), &e);
    now.add = -0.1;
    write_side(&s, &now, "08_evaluate");
    check(!gate_open(&now.w, &e) && e.kind == ERR_WENT_WRONG);
    check_text(slice_of(e.cause), "worse");
    check_has(slice_of(e.text), "recommend: map of hybrid is worse by 0.05 (95 % interval");
    e = (err){0};
    now.w.publish_anyway = true;
    check_ok(gate_open(&now.w, &e), &e);
    now.w.publish_anyway = false; /* a damaged bundle is to be replaced, not to be held to */
    const char *file = arena_text(&s.keep, "%s/10_serve/pairs_recommend.atm", published.w.out);
    check_ok(file_replace(file, SLICE("damaged"), &e), &e);
    check_ok(gate_open(&now.w, &e), &e);
    scope_close(&s);
}

CHECK(compare_shows_differences_with_and_without_intervals) {
    scope s;
    open_scope(&s);
    side before = usual(check_folder("compare")), after = before;
    after.add = 0.5;
    write_side(&s, &before, "old");
    write_side(&s, &after, "new");
    const char *old = arena_text(&s.keep, "%s/old", before.w.out);
    const char *new = arena_text(&s.keep, "%s/new", before.w.out);
    const js_node *one = js_at(
        js_get(run_json(&s, (const char *[]){"compare", old, new, "--json", NULL}), "families"), 0);
    check_text(text_of(one, "metric"), "map");
    check_near(real_of(one, "before"), 0.25, 0);
    check_near(real_of(one, "after"), 0.5, 0);
    check_near(real_of(one, "low"), 0.25, 1e-12);
    check_text(text_of(one, "verdict"), "better");
    check(js_count(js_get(one, "metrics")) == 2);
    const js_node *parts = js_get(one, "parts");
    check(js_count(parts) == 2);
    check_text(text_of(js_at(parts, 0), "of"), "a");
    check_near(real_of(js_at(parts, 0), "difference"), -0.125, 1e-12);
    check_near(real_of(js_at(parts, 1), "difference"), 0, 0);
    check_near(real_of(js_at(parts, 1), "after_high"), 0.6, 1e-12);
    check_run said = check_atelier(&s, (const char *[]){"compare", old, new, NULL});
    check_has(said.out, "map by part: 2 parts of hybrid, 1 moved\n");
    check_has(said.out, "kind a: 0.2500 [0.1500, 0.3500] -> 0.1250 [0.0250, 0.2250], -0.1250");
    check(!memmem(said.out.p, said.out.n, "kind b", 6)); /* it did not move */
    said = check_atelier(&s, (const char *[]){"compare", old, new, "--parts", NULL});
    check_has(said.out, "kind b, hybrid: 0.5000");
    after.w.days.test_from--;
    write_side(&s, &after, "new");
    one = js_at(
        js_get(run_json(&s, (const char *[]){"compare", old, new, "--json", NULL}), "families"), 0);
    check_near(real_of(one, "difference"), 0.25, 1e-12);
    check_text(text_of(one, "why"), "the runs were judged on other days");
    check_run r = check_atelier(&s, (const char *[]){"compare", old, before.w.out, NULL});
    check(r.status == 2);
    check_has(r.err, "is no run");
    scope_close(&s);
}

CHECK(runs_lists_what_is_kept_oldest_first) {
    scope s;
    err e = {0};
    open_scope(&s);
    const char *dir = check_folder("runs");
    static const char *const names[] = {"b/runs/2", "a/runs/1", "a/runs/3"};
    for (int i = 0; i < 3; i++) {
        char *record = arena_text(&s.keep, "%s/%s", dir, names[i]);
        check_ok(file_make_folders(record, &e), &e);
        slice run = slice_of(arena_text(&s.keep, "{\"id\": \"%s\"}", names[i] + 7));
        check_ok(file_replace(arena_text(&s.keep, "%s/run.json", record), run, &e), &e);
    }
    const char *a = arena_text(&s.keep, "%s/a", dir);
    const js_node *runs = js_get(run_json(&s, (const char *[]){"runs", a, "--json", NULL}), "runs");
    check(js_count(runs) == 2);
    check_text(text_of(js_get(js_at(runs, 0), "run"), "id"), "1");
    runs = js_get(run_json(&s, (const char *[]){"runs", dir, "--json", NULL}), "runs");
    check(js_count(runs) == 3);
    check(check_atelier(&s, (const char *[]){"runs", "no/such", NULL}).status == 2);
    scope_close(&s);
}
