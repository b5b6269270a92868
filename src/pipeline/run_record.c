/* run_record: what is kept of every run, in a folder of its own under OUT/runs. */
#include "pipeline/run_record.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "pipeline/evaluation_parts.h"
#include "pipeline/family.h"
#include "pipeline/pairs.h"

static const size_t file_limit = (size_t)256 << 20;

static const js_node *read_json(const char *path, scope *s, err *e) {
    slice bytes;
    return file_read(path, s, file_limit, &bytes, e) ? js_parse(s, bytes, e) : NULL;
}

/* ---- writing ---- */

static char *stamp(arena *keep, int64_t time, const char *format) {
    int y, m, d;
    int32_t second = (int32_t)(time % 86400);
    day_split((int32_t)(time / 86400), &y, &m, &d);
    return arena_text(keep, format, y, m, d, second / 3600, second / 60 % 60, second % 60);
}

/* A name that no record has yet. */
static char *new_name(const char *parent, int64_t started, arena *keep) {
    char *name = stamp(keep, started, "%04d%02d%02d-%02d%02d%02d"), *tried = name;
    for (int i = 2; file_exists(arena_text(keep, "%s/%s", parent, tried)); i++)
        tried = arena_text(keep, "%s-%d", name, i);
    return tried;
}

static const js_node *model_named(const js_node *of, slice name) {
    const js_node *models = js_get(of, "models");
    for (int64_t i = 0; i < js_count(models); i++)
        if (slice_compare(js_word(js_at(models, i), "name"), name) == 0) return js_at(models, i);
    return NULL;
}

/* The served model and its metric that units were kept of. */
static void put_family(js *out, const char *name, const js_node *of, scope *s) {
    const js_node *paired = js_get(of, "paired");
    slice metric = js_word(paired, "metric");
    const js_node *m = js_get(js_get(model_named(of, js_word(paired, "model")), "metrics"),
                              slice_copy(&s->keep, metric));
    js_object(out, name);
    js_put_text(out, "title", js_word(of, "title"));
    js_put_node(out, "skipped", js_get(of, "skipped"));
    js_put_node(out, "model", js_get(paired, "model"));
    js_put_node(out, "metric", js_get(paired, "metric"));
    js_put_node(out, "less_is_better", js_get(paired, "less_is_better"));
    js_put_node(out, "value", js_get(m, "value"));
    js_put_node(out, "low", js_get(m, "low"));
    js_put_node(out, "high", js_get(m, "high"));
    js_end(out);
}

/* Rows of all files of a step by its manifest. */
static int64_t rows_of(const work *w, const char *step, scope *s) {
    err ignored = {0};
    int64_t rows, sum = 0;
    const js_node *files = js_get(
        read_json(work_path(w, &s->keep, step, "manifest.json"), s, &ignored), "files");
    for (int64_t i = 0; i < js_count(files); i++)
        if (js_int(js_get(js_at(files, i), "rows"), &rows)) sum += rows;
    return sum;
}

void run_record_step(const work *w, int index, const plan_result *result, double began, scope *s,
                     js *out) {
    hash_text manifest;
    err ignored = {0};
    if (!result->why) return;
    const char *name = arena_text(&s->keep, "%s_%s", plan[index]->number, plan[index]->word);
    js_object(out, NULL);
    js_put_word(out, "step", plan[index]->word);
    js_put_bool(out, "reused", result->reused);
    if (result->parts > 0) {
        js_put_int(out, "parts", result->parts);
        js_put_int(out, "parts_unchanged", result->taken);
    }
    js_put_fixed(out, "seconds", result->seconds, 3);
    if (result->ended > 0) js_put_fixed(out, "ended", result->ended - began, 3);
    js_put_int(out, "rows", rows_of(w, name, s));
    if (result->peak_bytes > 0)
        js_put_fixed(out, "peak_mb", (double)result->peak_bytes / (1 << 20), 1);
    if (folder_hash(w->out, name, &manifest, &ignored))
        js_put_word(out, "manifest", manifest.hex);
    js_end(out);
}

/* Names and types of a table's columns; a file that is no table has none. */
static bool put_columns(js *out, const work *w, slice file, scope *s, err *e) {
    columns c;
    if (file.n < 8 || memcmp(file.p + file.n - 8, ".parquet", 8) != 0) return true;
    const char *path = work_path(w, &s->keep, "03_datasets", slice_copy(&s->keep, file));
    if (!db_query(w->d, &s->keep, &c, e, "SELECT column_name, column_type FROM (DESCRIBE SELECT * "
                  "FROM read_parquet(%s))", db_literal(&s->keep, slice_of(path))))
        return false;
    js_object(out, "columns");
    for (int64_t i = 0; i < c.rows; i++)
        js_put_text(out, slice_copy(&s->keep, c.at[0].text[i]), c.at[1].text[i]);
    js_end(out);
    return true;
}

bool run_record_datasets(const work *w, scope *s, js *out, err *e) {
    const js_node *files = js_get(
        read_json(work_path(w, &s->keep, "03_datasets", "manifest.json"), s, e), "files");
    if (!files) return false;
    js_array(out, "datasets");
    for (int64_t i = 0; i < js_count(files); i++) {
        const js_node *f = js_at(files, i);
        slice name = js_word(f, "name");
        if (name.n < 3 || name.p[1] != '_' || name.p[0] < 'a' || name.p[0] > 'f') continue;
        js_object(out, NULL);
        for (int64_t k = 0; k < js_count(f); k++) js_put_node(out, js_key(f, k),
                                                              js_get(f, js_key(f, k)));
        if (!put_columns(out, w, name, s, e)) return false;
        js_end(out);
    }
    js_end(out);
    return true;
}

static bool write_run(const work *w, folder *f, const run_outcome *o, const js_node *all, scope *s,
                      err *e) {
    js *out = take(&s->keep, js, 1); /* as long as s, which frees its text */
    const windows *d = &w->days;
    js_open(out, s);
    out->indent = true;
    js_object(out, NULL);
    js_put_word(out, "schema", "atelier.run_record/1");
    js_put_word(out, "id", f->name);
    js_put_word(out, "started", stamp(&s->keep, o->started, "%04d-%02d-%02dT%02d:%02d:%02dZ"));
    js_put_fixed(out, "seconds", o->seconds, 3);
    js_put_word(out, "shop", w->shop);
    js_put_int(out, "seed", (int64_t)w->seed);
    js_put_int(out, "threads", w->n_threads);
    js_put_word(out, "build", embed_build);
    js_put_bool(out, "published", !o->refused && o->results[9].why);
    js_put_word(out, "refused", o->refused);
    const int32_t days[] = {d->first, d->valid_from, d->test_from, d->end};
    static const char *const names[] = {"first", "valid_from", "test_from", "end"};
    js_object(out, "days");
    for (int i = 0; i < 4; i++) js_put_word(out, names[i], day_text(&s->keep, days[i]));
    js_end(out);
    js_array(out, "steps");
    for (int i = 0; i < 10; i++) run_record_step(w, i, &o->results[i], o->began, s, out);
    js_end(out);
    if (!run_record_datasets(w, s, out, e)) return false;
    js_object(out, "families");
    for (int64_t i = 0; i < js_count(all); i++)
        put_family(out, js_key(all, i), js_get(all, js_key(all, i)), s);
    js_end(out);
    js_end(out);
    text_add_char(&out->out, '\n');
    return folder_write(f, "run.json", text_slice(&out->out), e);
}

/* All that a step wrote, or its one file. */
static bool copy_step(const work *w, folder *f, const char *step, const char *only, scope *s,
                      err *e) {
    slice bytes;
    const js_node *files = js_get(
        read_json(work_path(w, &s->keep, step, "manifest.json"), s, e), "files");
    for (int64_t i = 0; i < js_count(files); i++) {
        char *file = slice_copy(&s->keep, js_word(js_at(files, i), "name"));
        if (only && strcmp(file, only) != 0) continue;
        if (!file_read(work_path(w, &s->keep, step, file), s, file_limit, &bytes, e) ||
            !folder_write(f, file, bytes, e))
            return false;
    }
    return files != NULL;
}

static bool anything_new(const plan_result *results) {
    for (int i = 0; i < 10; i++)
        if (results[i].why && !results[i].reused) return true;
    return false;
}

bool run_record_write(work *w, const run_outcome *o, scope *s, const char **record, err *e) {
    folder_key key = {.seed = (int64_t)w->seed};
    *record = NULL;
    if (!o->results[7].why || !anything_new(o->results)) return true;
    if (!work_windows(w, e)) return false;
    const char *parent = arena_text(&s->keep, "%s/runs", w->out);
    const js_node *all = read_json(work_path(w, &s->keep, "08_evaluate", "evaluation.json"), s, e);
    folder *f = all ? folder_begin(s, parent, new_name(parent, o->started, &s->keep), e) : NULL;
    if (!f || !folder_hash(w->out, "08_evaluate", &key.key, e) ||
        !copy_step(w, f, "06_train", "train.json", s, e) ||
        !copy_step(w, f, "07_tune", "tune.json", s, e) ||
        !copy_step(w, f, "08_evaluate", NULL, s, e) || !write_run(w, f, o, all, s, e) ||
        !folder_commit(f, &key, e))
        return false;
    *record = arena_text(&s->keep, "%s/%s", parent, f->name);
    return true;
}

/* ---- listing ---- */

enum { MOST = 10000 };

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Visible names in a folder, sorted; none when it cannot be read. */
static int64_t names_in(const char *path, arena *keep, char ***names) {
    int64_t n = 0;
    DIR *dir = opendir(path);
    *names = take(keep, char *, MOST);
    for (struct dirent *at; dir && (at = readdir(dir)) != NULL && n < MOST;)
        if (at->d_name[0] != '.') (*names)[n++] = arena_text(keep, "%s", at->d_name);
    if (dir) closedir(dir);
    qsort(*names, (size_t)n, sizeof **names, by_text);
    return n;
}

static bool add_runs(const char *parent, scope *s, run_list *out, err *e) {
    char **names;
    int64_t n = names_in(parent, &s->keep, &names);
    for (int64_t i = 0; i < n && out->n < MOST; i++) {
        char *record = arena_text(&s->keep, "%s/%s", parent, names[i]);
        const char *file = arena_text(&s->keep, "%s/run.json", record);
        if (!file_exists(file)) continue;
        out->folder[out->n] = record;
        out->run[out->n] = read_json(file, s, e);
        if (!out->run[out->n]) return fail_in(e, file);
        out->n++;
    }
    return true;
}

bool run_records(const char *dir, scope *s, run_list *out, err *e) {
    char **names;
    *out = (run_list){0, take(&s->keep, char *, MOST), take(&s->keep, const js_node *, MOST)};
    if (!file_exists(dir)) {
        refuse(e, "there is no folder %s", dir);
        return fail_cause(e, "no_input");
    }
    const char *own = arena_text(&s->keep, "%s/runs", dir);
    if (file_exists(own)) return add_runs(own, s, out, e);
    int64_t n = names_in(dir, &s->keep, &names);
    for (int64_t i = 0; i < n; i++)
        if (!add_runs(arena_text(&s->keep, "%s/%s/runs", dir, names[i]), s, out, e)) return false;
    return true;
}

/* ---- comparing ---- */

const char *run_evaluation_folder(const char *path, scope *s, err *e) {
    const char *step = arena_text(&s->keep, "%s/08_evaluate", path);
    const char *const tries[] = {path, step};
    for (int i = 0; i < 2; i++)
        if (file_exists(arena_text(&s->keep, "%s/evaluation.json", tries[i]))) return tries[i];
    refuse(e, "%s is no run: neither it nor its 08_evaluate holds an evaluation.json; atelier runs "
           "lists the runs of a folder", path);
    fail_cause(e, "no_input");
    return NULL;
}

static double value_of(const js_node *model, const char *metric) {
    double x;
    return js_real(js_get(js_get(js_get(model, "metrics"), metric), "value"), &x) ? x : NAN;
}

/* Every metric that both served models have. */
static void put_metrics(js *out, const js_node *before, const js_node *after) {
    const js_node *metrics = js_get(after, "metrics");
    js_array(out, "metrics");
    for (int64_t i = 0; i < js_count(metrics); i++) {
        const char *name = js_key(metrics, i);
        double was = value_of(before, name), is = value_of(after, name);
        if (!isfinite(was) || !isfinite(is)) continue;
        js_object(out, NULL);
        js_put_word(out, "metric", name);
        js_put_real(out, "before", was);
        js_put_real(out, "after", is);
        js_end(out);
    }
    js_end(out);
}

static void put_compared(js *out, const char *name, const js_node *of[2], const pairs_result *r,
                         scope *s) {
    const js_node *model[2];
    for (int i = 0; i < 2; i++)
        model[i] = model_named(of[i], js_word(js_get(of[i], "paired"), "model"));
    char *metric = slice_copy(&s->keep, js_word(js_get(of[1], "paired"), "metric"));
    double was = value_of(model[0], metric), is = value_of(model[1], metric);
    js_object(out, NULL);
    js_put_word(out, "name", name);
    js_put_text(out, "title", js_word(of[1], "title"));
    js_put_node(out, "model", js_get(js_get(of[1], "paired"), "model"));
    js_put_node(out, "metric", js_get(js_get(of[1], "paired"), "metric"));
    js_put_node(out, "less_is_better", js_get(js_get(of[1], "paired"), "less_is_better"));
    js_put_real(out, "before", was);
    js_put_real(out, "after", is);
    js_put_real(out, "difference", r->why ? is - was : r->d.mean);
    js_put_real(out, "low", r->why ? NAN : r->d.low);
    js_put_real(out, "high", r->why ? NAN : r->d.high);
    js_put_int(out, "units", r->d.n);
    js_put_int(out, "left_out", r->left_out);
    js_put_word(out, "verdict", r->verdict);
    js_put_word(out, "why", r->why);
    put_metrics(out, model[0], model[1]);
    evaluation_parts_compare(out, of[0], of[1], s->scratch);
    js_end(out);
}

bool run_compare(const char *before, const char *after, scope *s, js *out, err *e) {
    const char *judged[] = {run_evaluation_folder(before, s, e), NULL};
    const js_node *all[2];
    judged[1] = judged[0] ? run_evaluation_folder(after, s, e) : NULL;
    for (int i = 0; i < 2; i++) {
        if (!judged[1]) return false;
        const char *path = arena_text(&s->keep, "%s/evaluation.json", judged[i]);
        if (!(all[i] = read_json(path, s, e))) return fail_in(e, path);
    }
    js_array(out, "families");
    for (int i = 0; i < FAMILIES; i++) {
        pairs_result r;
        const js_node *of[] = {js_get(all[0], families[i]->name),
                               js_get(all[1], families[i]->name)};
        if (!of[0] || !of[1] || js_word(of[0], "skipped").n || js_word(of[1], "skipped").n)
            continue;
        if (!pairs_compare(judged[0], judged[1], families[i]->name, s, &r, e)) return false;
        put_compared(out, families[i]->name, of, &r, s);
    }
    js_end(out);
    return true;
}
