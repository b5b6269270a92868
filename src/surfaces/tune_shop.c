/* tune_shop: `atelier tune` of a shop: tables to learn from, and what was found, kept for runs. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/config.h"
#include "pipeline/plan.h"
#include "pipeline/prelude.h"
#include "pipeline/tuned_file.h"
#include "surfaces/load.h"
#include "surfaces/progress.h"
#include "surfaces/tune_family.h"

/* ---- its tables ---- */

static bool is_results(const char *at, arena *keep) {
    return file_exists(arena_text(keep, "%s/03_datasets", at));
}

static void show_step(void *view, const stage *step, const plan_result *result) {
    char line[200];
    snprintf(line, sizeof line, "%s   %-9s %6.2f s  %s%s", step->number, step->word,
             result->seconds, result->reused ? "reused: " : step->title,
             result->reused ? result->why : "");
    progress_line(view, line);
}

static bool run_steps(work *w, scope *s, err *e) {
    progress_view view;
    plan_result results[10] = {0};
    plan_watch watch = {args_clock, load_peak, show_step, &view};
    config *said = take(&s->keep, config, 1);
    int to;
    if (!config_read(s, w->shop, said, e) || !plan_find("features", &to, e)) return false;
    w->as_of = said->as_of;
    w->progress = progress_open(&view);
    bool done = plan_run(w, 0, to, results, &watch, e);
    progress_close(&view);
    w->progress = (progress){0};
    return done;
}

static bool open_results(work *w, scope *s, err *e) {
    static const char *const steps[] = {"02_clean", "03_datasets", "04_features"};
    for (int i = 0; i < 3; i++)
        if (file_exists(arena_text(&s->keep, "%s/%s", w->out, steps[i])) &&
            !work_views(w, steps[i], e))
            return false;
    return true;
}

bool tune_shop_open(work *w, const args *a, const char *shop, bench *b, scope *s, err *e) {
    bool results = is_results(shop, &s->keep);
    *w = (work){.shop = shop, .out = results ? shop : args_text(a, "results"), .d = b->d,
                .threads = b->threads, .n_threads = verb_threads(a),
                .memory_mb = verb_memory_mb(), .seed = b->seed};
    if (args_given(a, "in") || args_given(a, "map"))
        return refuse(e, "a shop's tables and --in FILE are two ways; use one");
    if (results && args_given(a, "results"))
        return refuse(e, "%s holds results itself; --results is where those of a shop go", shop);
    if (!file_exists(shop)) {
        refuse(e, "there is no folder %s; atelier demo %s makes a demo shop there", shop, shop);
        return fail_cause(e, "no_input");
    }
    return (results ? open_results(w, s, e) : run_steps(w, s, e)) && prelude_run(w->d, e) &&
           work_windows(w, e);
}

static void forget(void *path) { unlink(path); }

/* A file that holds nothing yet and goes with s. */
static const char *temporary(scope *s, err *e) {
    char *path = arena_text(&s->keep, "/tmp/atelier-tune-XXXXXX.parquet");
    int file = mkstemps(path, (int)strlen(".parquet"));
    if (file < 0) return fail(e, "cannot make %s: %s", path, strerror(errno)), NULL;
    close(file);
    scope_defer(s, forget, path);
    return path;
}

const args *tune_shop_rows(const args *a, const tune_family *f, const work *w, scope *s, err *e) {
    const char *table = arena_text(&s->keep, "%s/%s.parquet", w->out, f->table);
    if (!file_exists(table)) {
        refuse(e, "there is no %s; make it by atelier run SHOP --out %s", table, w->out);
        return fail_cause(e, "no_input"), NULL;
    }
    const char *path = temporary(s, e);
    if (!path || !db_runf(w->d, e, "CREATE OR REPLACE TABLE rows_of_shop AS %s", f->rows) ||
        !db_write_parquet(w->d, "rows_of_shop", path, e))
        return NULL;
    return args_with(a, "in", path, &s->keep);
}

/* ---- what was found ---- */

const char *tune_shop_journal(const args *a, const tuner_task *task, const work *w, scope *s,
                              err *e) {
    if (args_given(a, "journal")) return args_text(a, "journal");
    const char *into = arena_text(&s->keep, "%s/" TUNED_FOLDER, w->out);
    const char *path = arena_text(&s->keep, "%s/%s.journal", into, task->study);
    if (!file_make_folders(into, e)) return NULL;
    if (!args_flag(a, "resume") && unlink(path) != 0 && errno != ENOENT)
        return fail_file(e, "remove", path), NULL;
    return path;
}

static bool write_file(const tuner *t, const tuner_judged judged[2], const char *model,
                       const char *path, const char *use, const work *w, scope *s, err *e) {
    js j;
    const tuner_task *task = &t->task;
    js_open(&j, s);
    j.indent = true;
    js_object(&j, NULL);
    js_put_word(&j, "model", model);
    js_object(&j, "parameters");
    const double *point = t->j->trial[tuner_best(t)].point;
    for (int i = 0; i < task->s->n; i++)
        if (strcmp(task->s->at[i].name, "model") != 0)
            tuner_put_point(&j, &(space){1, &task->s->at[i]}, &point[i]);
    js_end(&j);
    js_put_int(&j, "rows", task->rows);
    js_put_word(&j, "unit", task->unit);
    tuner_put(t, judged, &j);
    js_put_word(&j, "use", use);
    js_put_word(&j, "journal", t->j->path);
    if (!tuned_file_put_data(&j, w, s, e)) return false;
    js_end(&j);
    text_add_char(&j.out, '\n');
    return file_replace(path, text_slice(&j.out), e);
}

static bool is_known(const tuner *t, const double *point) {
    for (int i = 0; i < t->task.s->n; i++)
        if (point[i] != t->task.known[i] && !(isnan(point[i]) && isnan(t->task.known[i])))
            return false;
    return true;
}

bool tune_shop_keep(const tuner *t, const tuner_judged judged[2], const char *use, const work *w,
                    scope *s, js *out, err *e) {
    int64_t best = tuner_best(t);
    const double *point = best < 0 ? NULL : t->j->trial[best].point;
    const char *model = point ? t->task.model(t->task.what, point) : NULL;
    const char *path = NULL;
    if (point && is_known(t, point)) {
        fprintf(stderr, "nothing is better than the parameters in use: nothing is kept\n");
    } else if (point && !tuned_file_knows(model)) {
        fprintf(stderr, "a run has no %s of its own: nothing is kept for it\n", model);
    } else if (point) {
        path = arena_text(&s->keep, "%s/" TUNED_FOLDER "/%s.json", w->out, model);
        if (!file_make_folders(arena_text(&s->keep, "%s/" TUNED_FOLDER, w->out), e) ||
            !write_file(t, judged, model, path, use, w, s, e))
            return false;
        fprintf(stderr, "kept as %s: step 07 of the next run tries it\n", path);
    }
    js_put_word(out, "kept", path);
    return true;
}
