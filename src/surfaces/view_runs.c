/* view_runs: the kept runs beside the bundle that is served: all, one, and two compared. */
#include <string.h>

#include "pipeline/evaluation_parts.h"
#include "pipeline/run_record.h"
#include "surfaces/view.h"

enum { LIST_LIMIT };
enum { ONE_ID, COMPARE_WITH };

/* What step 10 of the run wrote is what is served now. */
static bool is_served(const view *v, const js_node *run) {
    const js_node *steps = js_get(run, "steps");
    for (int64_t i = 0; i < js_count(steps); i++) {
        const js_node *one = js_at(steps, i);
        if (slice_is(js_word(one, "step"), "serve"))
            return slice_is(js_word(one, "manifest"), v->b->version.hex);
    }
    return false;
}

static void put_run(view *v, const js_node *run) {
    static const char *const shown[] = {"id",   "started", "seconds", "shop",  "seed", "threads",
                                        "build", "published", "refused", "days", "steps",
                                        "families"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        js_put_node(v->j, shown[i], js_get(run, shown[i]));
    js_put_bool(v->j, "serving", is_served(v, run));
}

/* The kept runs, oldest first; of an output folder without any, none. */
static bool read_runs(const view *v, scope *s, run_list *all, err *e) {
    *all = (run_list){0};
    const char *own = arena_text(&s->keep, "%s/runs", v->out ? v->out : "");
    return !v->out || !file_exists(own) || run_records(v->out, s, all, e);
}

/* The place of "latest" or of an id; -1 when there is none. */
static int64_t find(const run_list *all, slice id) {
    if (slice_is(id, "latest")) return all->n - 1;
    for (int64_t i = 0; i < all->n; i++) {
        slice has = js_word(all->run[i], "id");
        if (has.n == id.n && slice_compare(has, id) == 0) return i;
    }
    return -1;
}

/* Opens s and reads the runs; the status of a refusal, or 0. */
static int open_runs(view *v, scope *s, run_list *all) {
    err e = {0};
    if (!scope_open(s, (size_t)4 << 30, (size_t)1 << 28, &e)) return view_missing(v, "%s", e.text);
    if (read_runs(v, s, all, &e)) return 0;
    scope_close(s);
    return view_missing(v, "the kept runs cannot be read: %s", e.text);
}

int view_runs(view *v) {
    scope s;
    run_list all;
    int status = open_runs(v, &s, &all);
    if (status) return status;
    int64_t limit = v->values[LIST_LIMIT].number;
    js_put_int(v->j, "total", all.n);
    js_put_word(v->j, "serving", v->b->version.hex);
    js_array(v->j, "runs");
    for (int64_t i = all.n - 1; i >= 0 && i >= all.n - limit; i--) {
        js_object(v->j, NULL);
        put_run(v, all.run[i]);
        js_end(v->j);
    }
    js_end(v->j);
    scope_close(&s);
    return 200;
}

/* Wherever the family keeps them: rows of one shape. */
static void put_parts(view *v, const js_node *family, arena scratch) {
    enum { MOST = 1000 };
    evaluation_part_row *rows = take(&scratch, evaluation_part_row, MOST);
    int64_t n = evaluation_parts(family, rows, MOST);
    js_array(v->j, "parts");
    for (int64_t i = 0; i < n; i++) {
        js_object(v->j, NULL);
        js_put_text(v->j, "by", rows[i].by);
        js_put_text(v->j, "of", rows[i].of);
        js_put_text(v->j, "model", rows[i].model);
        js_put_text(v->j, "metric", rows[i].metric);
        js_put_real(v->j, "value", rows[i].value);
        js_put_real(v->j, "low", rows[i].low);
        js_put_real(v->j, "high", rows[i].high);
        js_put_real(v->j, "n", rows[i].n);
        js_end(v->j);
    }
    js_end(v->j);
}

/* Every model of every family with its metrics on the test period. */
static void put_evaluation(view *v, const js_node *evaluation, arena scratch) {
    static const char *const shown[] = {"title",  "skipped",  "metric",     "verdict",
                                        "models", "learning", "calibration"};
    js_object(v->j, "evaluation");
    for (int64_t i = 0; i < js_count(evaluation); i++) {
        const js_node *one = js_get(evaluation, js_key(evaluation, i));
        js_object(v->j, js_key(evaluation, i));
        for (size_t k = 0; k < sizeof shown / sizeof *shown; k++)
            js_put_node(v->j, shown[k], js_get(one, shown[k]));
        put_parts(v, one, scratch);
        js_end(v->j);
    }
    js_end(v->j);
}

static int put_one(view *v, scope *s, const run_list *all, int64_t i) {
    slice bytes;
    err e = {0};
    const char *file = arena_text(&s->keep, "%s/evaluation.json", all->folder[i]);
    const js_node *evaluation = file_read(file, s, (size_t)256 << 20, &bytes, &e)
                                    ? js_parse(s, bytes, &e) : NULL;
    if (!evaluation) return view_missing(v, "%s", e.text);
    js_object(v->j, "run");
    put_run(v, all->run[i]);
    js_put_node(v->j, "datasets", js_get(all->run[i], "datasets"));
    js_end(v->j);
    put_evaluation(v, evaluation, s->scratch);
    return 200;
}

int view_run(view *v) {
    scope s;
    run_list all;
    slice id = v->values[ONE_ID].text;
    int status = open_runs(v, &s, &all);
    if (status) return status;
    int64_t i = find(&all, id);
    if (i >= 0) status = put_one(v, &s, &all, i);
    else if (slice_is(id, "latest")) js_put_null(v->j, "run"), status = 200;
    else status = view_missing(v, "no run '%.*s' is kept here; GET /v1/runs lists them", (int)id.n,
                               id.p);
    scope_close(&s);
    return status;
}

int view_run_compare(view *v) {
    scope s;
    run_list all;
    err e = {0};
    slice ids[] = {v->values[COMPARE_WITH].text, v->values[ONE_ID].text};
    int status = open_runs(v, &s, &all);
    if (status) return status;
    int64_t at[2] = {find(&all, ids[0]), find(&all, ids[1])};
    bool none = all.n == 0 && slice_is(ids[0], "latest") && slice_is(ids[1], "latest");
    for (int i = 0; i < 2 && !status; i++)
        if (at[i] < 0 && !none)
            status = view_missing(v, "no run '%.*s' is kept here; GET /v1/runs lists them",
                                  (int)ids[i].n, ids[i].p);
    if (!status && !none) {
        js_put_text(v->j, "before", js_word(all.run[at[0]], "id"));
        js_put_text(v->j, "after", js_word(all.run[at[1]], "id"));
        if (!run_compare(all.folder[at[0]], all.folder[at[1]], &s, v->j, &e))
            status = view_missing(v, "%s", e.text);
    } else if (!status) {
        js_put_null(v->j, "before"), js_put_null(v->j, "after");
        js_array(v->j, "families"), js_end(v->j);
    }
    scope_close(&s);
    return status ? status : 200;
}
