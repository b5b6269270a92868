/* facts: what a run did, by the files it leaves, as requests for an MLflow server. */
#include "surfaces/facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/folder.h"

enum { MOST_TRIALS = 90 };

const js_node *facts_read(const char *path, scope *s, slice *bytes, err *e) {
    const js_node *n = file_read(path, s, (size_t)256 << 20, bytes, e) ? js_parse(s, *bytes, e)
                                                                       : NULL;
    if (!n) fail_in(e, path);
    return n;
}

static void count(facts *f, const mlflow_batch *b) {
    f->metrics += b->sent[0], f->parameters += b->sent[1], f->left_out += b->left_out;
}

static bool close_batch(facts *f, mlflow_batch *b, err *e) {
    bool done = mlflow_batch_close(b, true, e);
    count(f, b);
    return done;
}

/* A parameter of any kind: texts as they are, others as JSON. */
static void put_parameter(mlflow_batch *b, const char *name, const js_node *value) {
    slice said;
    text json = {0};
    scope s;
    err ignored = {0};
    if (!value || !scope_open(&s, (size_t)1 << 20, 0, &ignored)) return;
    js *j = take(&s.keep, js, 1);
    js_open(j, &s);
    js_put_node(j, NULL, value);
    json = j->out;
    if (!js_text(value, &said)) said = text_slice(&json);
    mlflow_parameter(b, name, said);
    scope_close(&s);
}

static void put_number(mlflow_batch *b, const char *name, const js_node *value, int64_t step,
                       int64_t when) {
    double number;
    if (js_real(value, &number)) mlflow_metric(b, name, number, step, when);
}

/* ---- series ---- */

static const char *const counters[] = {"week",  "iteration", "trees",   "step",
                                       "epoch", "round",     "resource"};

static const char *counter_of(const js_node *object) {
    double ignored;
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
        if (js_real(js_get(object, counters[i]), &ignored)) return counters[i];
    return NULL;
}

static void put_objects(mlflow_batch *b, const char *name, const js_node *list, int64_t when,
                        arena *keep) {
    const char *counter = counter_of(js_at(list, 0));
    for (int64_t i = 0; counter && i < js_count(list); i++) {
        const js_node *one = js_at(list, i);
        double step = js_number(one, counter);
        for (int64_t k = 0; isfinite(step) && k < js_count(one); k++)
            if (strcmp(js_key(one, k), counter) != 0)
                put_number(b, arena_text(keep, "%s/%s", name, js_key(one, k)),
                           js_get(one, js_key(one, k)), (int64_t)step, when);
    }
}

/* All series below a node. */
static void put_series(mlflow_batch *b, const char *name, const js_node *of, int64_t when,
                       arena *keep) {
    double number;
    if (js_is_array(of)) {
        const js_node *first = js_at(of, 0);
        if (js_is_object(first)) put_objects(b, name, of, when, keep);
        for (int64_t i = 0; js_real(first, &number) && i < js_count(of); i++)
            put_number(b, name, js_at(of, i), i + 1, when);
        return;
    }
    for (int64_t i = 0; js_is_object(of) && i < js_count(of); i++) {
        const char *key = js_key(of, i);
        put_series(b, name[0] ? arena_text(keep, "%s/%s", name, key) : key, js_get(of, key), when,
                   keep);
    }
}

/* ---- the run ---- */

static slice build_of(const js_node *run) {
    slice build = js_word(run, "build");
    return (slice){build.p, build.n < 12 ? build.n : 12};
}

bool facts_begin(facts *f, const js_node *run, err *e) {
    mlflow_batch b;
    const char *user = getenv("USER");
    static const char *const about[] = {"shop", "seed", "threads", "build"};
    const js_node *options = js_get(run, "options");
    slice note = slice_of(arena_text(&f->s->keep, "Run of the shop in `%s` by atelier %.12s.",
                                     slice_copy(&f->s->keep, js_word(run, "shop")),
                                     build_of(run).n ? build_of(run).p : ""));
    const mlflow_pair tags[] = {{"mlflow.user", slice_of(user && *user ? user : "atelier")},
                                {"mlflow.source.name", SLICE("atelier run")},
                                {"mlflow.source.type", SLICE("LOCAL")},
                                {"mlflow.note.content", note},
                                {"atelier.build", build_of(run)},
                                {"atelier.record", slice_of(f->record ? f->record : "")},
                                {0}};
    const char *id = slice_copy(&f->s->keep, js_word(run, "id"));
    if (!mlflow_experiment(f->to, "x", f->experiment, e) ||
        !mlflow_run_begin(f->to, &(mlflow_run){"run", "x", NULL, id, f->began, tags}, e) ||
        !mlflow_batch_open(&b, f->to, "run", e))
        return false;
    for (int i = 0; i < 4; i++) put_parameter(&b, about[i], js_get(run, about[i]));
    for (int64_t i = 0; i < js_count(options); i++)
        put_parameter(&b, js_key(options, i), js_get(options, js_key(options, i)));
    return close_batch(f, &b, e);
}

static int number_of(slice word) {
    static const char *const words[] = {"raw",  "clean",    "datasets", "features", "eda", "train",
                                        "tune", "evaluate", "insight",  "serve"};
    for (int i = 0; i < 10; i++)
        if (slice_is(word, words[i])) return i + 1;
    return 0;
}

bool facts_step(facts *f, const js_node *step, err *e) {
    mlflow_batch b;
    double ended = js_number(step, "ended"), seconds = js_number(step, "seconds");
    slice word = js_word(step, "step");
    int number = number_of(word);
    int64_t when = f->began + (isfinite(ended) ? (int64_t)(ended * 1000) : 0);
    if ((slice_is(word, "train") || slice_is(word, "tune")) && isfinite(seconds))
        f->tuned_from = when - (int64_t)(seconds * 1000), f->tuned_until = when;
    if (!mlflow_batch_open(&b, f->to, "run", e)) return false;
    const char *name = arena_text(&b.s.keep, "stage/%.*s/seconds", (int)word.n, word.p);
    put_number(&b, name, js_get(step, "seconds"), 0, when);
    put_number(&b, "step/seconds", js_get(step, "seconds"), number, when);
    put_number(&b, "step/rows", js_get(step, "rows"), number, when);
    put_number(&b, "step/peak_memory_megabytes", js_get(step, "peak_mb"), number, when);
    return close_batch(f, &b, e);
}

/* The engine's types as the server's viewer knows them. */
static const char *type_of(slice type) {
    static const char *const known[][2] = {
        {"TINYINT", "integer"}, {"SMALLINT", "integer"}, {"INTEGER", "integer"},
        {"BIGINT", "long"},     {"FLOAT", "float"},      {"DOUBLE", "double"},
        {"BOOLEAN", "boolean"}, {"DATE", "datetime"},    {"VARCHAR", "string"},
        {"BLOB", "binary"},     {"UINTEGER", "long"},    {"UTINYINT", "integer"},
        {"UBIGINT", "long"},    {"USMALLINT", "integer"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_is(type, known[i][0])) return known[i][1];
    if (type.n > 8 && strncmp(type.p, "DECIMAL", 7) == 0) return "double";
    return type.n >= 9 && strncmp(type.p, "TIMESTAMP", 9) == 0 ? "datetime" : "string";
}

static slice schema_of(const js_node *columns, scope *s) {
    if (!columns) return SLICE("");
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    js_object(j, NULL);
    js_array(j, "mlflow_colspec");
    for (int64_t i = 0; i < js_count(columns); i++) {
        js_object(j, NULL);
        js_put_word(j, "type", type_of(js_word(columns, js_key(columns, i))));
        js_put_word(j, "name", js_key(columns, i));
        js_put_bool(j, "required", false);
        js_end(j);
    }
    js_end(j);
    js_end(j);
    return text_slice(&j->out);
}

bool facts_datasets(facts *f, const js_node *datasets, err *e) {
    enum { MOST = 24 };
    scope s;
    mlflow_dataset all[MOST];
    int64_t n = js_count(datasets) < MOST ? js_count(datasets) : MOST;
    if (!scope_open(&s, (size_t)16 << 20, 0, e)) return false;
    char *real = realpath(f->out, NULL);
    for (int64_t i = 0; i < n; i++) {
        const js_node *one = js_at(datasets, i), *columns = js_get(one, "columns");
        slice name = js_word(one, "name");
        int64_t rows, bytes = 0;
        js *uri = take(&s.keep, js, 1);
        js_open(uri, &s);
        js_object(uri, NULL);
        js_putf(uri, "uri", "%s/03_datasets/%.*s", real ? real : f->out, (int)name.n, name.p);
        js_end(uri);
        js_int(js_get(one, "bytes"), &bytes);
        bool has = js_int(js_get(one, "rows"), &rows);
        const char *profile = arena_text(&s.keep, "{\"num_bytes\":%lld}", (long long)bytes);
        if (has) profile = arena_text(&s.keep, "{\"num_rows\":%lld,\"num_elements\":%lld}",
                                      (long long)rows, (long long)(rows * js_count(columns)));
        all[i] = (mlflow_dataset){name, js_word(one, "sha256"), text_slice(&uri->out),
                                  SLICE("training"), schema_of(columns, &s), slice_of(profile)};
    }
    free(real);
    bool done = mlflow_inputs(f->to, "run", all, n, e);
    scope_close(&s);
    f->datasets += n;
    return done;
}

/* ---- families ---- */

static const char *handle_of(const facts *f, const char *family) {
    return arena_text(&f->s->keep, "run.%s", family);
}

/* The family's run, made when something is first said of it. */
static bool begin_family(facts *f, const char *family, int64_t when, err *e) {
    static const mlflow_pair tags[] = {{"mlflow.source.name", SLICE("atelier run")},
                                       {"mlflow.source.type", SLICE("LOCAL")},
                                       {0}};
    for (int i = 0; i < f->n_families; i++)
        if (strcmp(f->family[i], family) == 0) return true;
    if (f->n_families == 16) return fail(e, "over 16 families");
    f->family[f->n_families++] = arena_text(&f->s->keep, "%s", family);
    return mlflow_run_begin(f->to, &(mlflow_run){handle_of(f, family), "x", "run", family, when,
                                                 tags}, e);
}

/* A trial's figures are its metrics, its choices parameters; rungs are series. */
static bool put_trial(facts *f, const char *family, const js_node *trial, int64_t number,
                      const char *experiment, err *e) {
    mlflow_batch b;
    arena *keep = &f->s->keep;
    bool pruned = false;
    slice model = js_word(trial, "model");
    js_bool(js_get(trial, "pruned"), &pruned);
    const char *handle = arena_text(keep, "trial.%s.%lld", family, (long long)number);
    const char *name = arena_text(keep, "%s %.*s %lld", family, (int)model.n, model.p,
                                  (long long)number);
    const mlflow_pair tags[] = {
        {"study.name", slice_of(family)},
        {"trial.number", slice_of(arena_text(keep, "%lld", (long long)number))},
        {"trial.state", pruned ? SLICE("PRUNED") : SLICE("COMPLETE")},
        {"model", model},
        {0}};
    const char *parent = strcmp(experiment, "x") == 0 ? handle_of(f, family) : NULL;
    if (!mlflow_run_begin(f->to, &(mlflow_run){handle, experiment, parent, name, f->tuned_from,
                                               tags}, e) ||
        !mlflow_batch_open(&b, f->to, handle, e))
        return false;
    for (int64_t i = 0; i < js_count(trial); i++) {
        const char *key = js_key(trial, i);
        const js_node *value = js_get(trial, key);
        slice word;
        double figure;
        if (strcmp(key, "parameters") == 0)
            for (int64_t k = 0; k < js_count(value); k++)
                put_parameter(&b, js_key(value, k), js_get(value, js_key(value, k)));
        else if (js_real(value, &figure)) put_number(&b, key, value, 0, f->tuned_until);
        else if (js_text(value, &word)) mlflow_tag(&b, key, word);
        else put_series(&b, key, value, f->tuned_until, &b.s.keep);
    }
    return close_batch(f, &b, e) &&
           mlflow_run_end(f->to, handle, "FINISHED", f->tuned_until, e);
}

static bool put_trials(facts *f, const char *family, const js_node *trials, bool *wide, err *e) {
    int64_t n = js_count(trials);
    if (n > MOST_TRIALS && !*wide) {
        const char *name = arena_text(&f->s->keep, "%s/tuning", f->experiment);
        if (!mlflow_experiment(f->to, "xt", name, e)) return false;
        *wide = true;
    }
    for (int64_t i = 0; i < n; i++)
        if (!put_trial(f, family, js_at(trials, i), i, n > MOST_TRIALS ? "xt" : "x", e))
            return false;
    return true;
}

bool facts_tuned(facts *f, const js_node *tune, err *e) {
    bool wide = false;
    for (int64_t i = 0; i < js_count(tune); i++) {
        mlflow_batch b;
        const char *family = js_key(tune, i);
        const js_node *one = js_get(tune, family), *best = js_get(one, "best");
        if (js_word(one, "skipped").n) continue;
        if (!begin_family(f, family, f->tuned_from, e) ||
            !put_trials(f, family, js_get(one, "trials"), &wide, e) ||
            !mlflow_batch_open(&b, f->to, handle_of(f, family), e))
            return false;
        for (int64_t k = 0; k < js_count(best); k++) {
            const char *key = js_key(best, k);
            put_parameter(&b, arena_text(&b.s.keep, "best/%s", key), js_get(best, key));
        }
        if (!close_batch(f, &b, e)) return false;
    }
    return true;
}

bool facts_trained(facts *f, const js_node *train, err *e) {
    for (int64_t i = 0; i < js_count(train); i++) {
        mlflow_batch b;
        const char *family = js_key(train, i);
        const js_node *models = js_get(js_get(train, family), "models");
        for (int64_t k = 0; k < js_count(models); k++) {
            const js_node *model = js_at(models, k), *curves = js_get(model, "curves");
            slice name = js_word(model, "name");
            if (!curves) continue;
            if (!begin_family(f, family, f->tuned_from, e) ||
                !mlflow_batch_open(&b, f->to, handle_of(f, family), e))
                return false;
            put_series(&b, arena_text(&b.s.keep, "train/%.*s", (int)name.n, name.p), curves,
                       f->tuned_from, &b.s.keep);
            if (!close_batch(f, &b, e)) return false;
        }
    }
    return true;
}

static void put_model(mlflow_batch *b, const js_node *model, int64_t when) {
    static const char *const parts[] = {"value", "low", "high"};
    static const char *const ends[] = {"", "/low", "/high"};
    slice name = js_word(model, "name");
    const js_node *metrics = js_get(model, "metrics"), *chosen = js_get(model, "parameters");
    for (int64_t i = 0; i < js_count(metrics); i++) {
        const char *metric = js_key(metrics, i);
        for (int k = 0; k < 3; k++)
            put_number(b, arena_text(&b->s.keep, "test/%.*s/%s%s", (int)name.n, name.p, metric,
                                     ends[k]),
                       js_get(js_get(metrics, metric), parts[k]), 0, when);
    }
    for (int64_t i = 0; i < js_count(chosen); i++)
        put_parameter(b, arena_text(&b->s.keep, "%.*s/%s", (int)name.n, name.p, js_key(chosen, i)),
                      js_get(chosen, js_key(chosen, i)));
}

/* The served model's figures stand at the run itself, where runs are compared. */
static void put_served(mlflow_batch *run, const char *family, const js_node *one, int64_t when) {
    const js_node *models = js_get(one, "models");
    slice served = js_word(js_get(one, "paired"), "model");
    for (int64_t i = 0; i < js_count(models); i++) {
        const js_node *model = js_at(models, i), *metrics = js_get(model, "metrics");
        if (slice_compare(js_word(model, "name"), served) != 0) continue;
        for (int64_t k = 0; k < js_count(metrics); k++) {
            const char *metric = js_key(metrics, k);
            put_number(run, arena_text(&run->s.keep, "%s/%s", family, metric),
                       js_get(js_get(metrics, metric), "value"), 0, when);
        }
    }
}

/* Points of the learning curves, at how much was learnt from. */
static void put_learning(mlflow_batch *b, const js_node *rows, int64_t when) {
    for (int64_t i = 0; i < js_count(rows); i++) {
        const js_node *row = js_at(rows, i);
        slice model = js_word(row, "model"), by = js_word(row, "by"), m = js_word(row, "metric");
        put_number(b, arena_text(&b->s.keep, "learning/%.*s/%.*s/%.*s", (int)model.n, model.p,
                                 (int)by.n, by.p, (int)m.n, m.p),
                   js_get(row, "value"), (int64_t)js_number(row, "at"), when);
    }
}

static bool put_family(facts *f, const char *family, const js_node *one, int64_t when,
                       mlflow_batch *run, text *note, err *e) {
    mlflow_batch b;
    const js_node *models = js_get(one, "models");
    slice title = js_word(one, "title"), verdict = js_word(one, "verdict");
    if (js_word(one, "skipped").n || js_count(models) == 0) return true;
    if (!begin_family(f, family, f->tuned_until, e) ||
        !mlflow_batch_open(&b, f->to, handle_of(f, family), e))
        return false;
    for (int64_t i = 0; i < js_count(models); i++) put_model(&b, js_at(models, i), when);
    for (int64_t i = 0; i < js_count(one); i++) {
        const char *key = js_key(one, i);
        if (js_get(one, key) != models) put_series(&b, key, js_get(one, key), when, &b.s.keep);
    }
    put_learning(&b, js_get(one, "learning"), when);
    mlflow_tag(&b, "mlflow.note.content", verdict);
    put_served(run, family, one, when);
    if (verdict.n)
        text_addf(note, "**%.*s.** %.*s\n\n", (int)title.n, title.p, (int)verdict.n, verdict.p);
    for (int i = 0; i < f->n_families; i++)
        f->ended[i] |= strcmp(f->family[i], family) == 0;
    return close_batch(f, &b, e) &&
           mlflow_run_end(f->to, handle_of(f, family), "FINISHED", when, e);
}

bool facts_evaluated(facts *f, const js_node *evaluation, int64_t when, err *e) {
    mlflow_batch run;
    text note = {0};
    if (!mlflow_batch_open(&run, f->to, "run", e)) return false;
    bool done = true;
    for (int64_t i = 0; i < js_count(evaluation) && done; i++) {
        const char *family = js_key(evaluation, i);
        done = put_family(f, family, js_get(evaluation, family), when, &run, &note, e);
    }
    mlflow_tag(&run, "mlflow.note.content", text_slice(&note));
    text_free(&note);
    done = mlflow_batch_close(&run, done, e);
    count(f, &run);
    return done;
}
