/* facts_record: the end of a run's account: its files, its bundle as a model, its fate. */
#include <string.h>

#include "base/hash.h"
#include "data/folder.h"
#include "surfaces/facts.h"

static bool is_shown(const char *file) {
    size_t n = strlen(file);
    return n > 5 && (strcmp(file + n - 5, ".json") == 0 || strcmp(file + n - 5, ".html") == 0 ||
                     strcmp(file + n - 3, ".md") == 0);
}

static const char *below(const facts *f, const char *record) {
    const char *name = strrchr(record, '/');
    return arena_text(&f->s->keep, "runs/%s", name ? name + 1 : record);
}

static bool put_files(facts *f, const char *record, const js_node *manifest, const char *of,
                      bool cards, err *e) {
    const js_node *files = js_get(manifest, "files");
    arena *keep = &f->s->keep;
    for (int64_t i = 0; i < js_count(files); i++) {
        const char *name = slice_copy(keep, js_word(js_at(files, i), "name"));
        const char *sha = slice_copy(keep, js_word(js_at(files, i), "sha256"));
        bool wanted = cards ? strncmp(name, "card_", 5) == 0 : is_shown(name);
        if (!wanted) continue;
        if (!mlflow_file(f->to, of, name, arena_text(keep, "%s/%s", below(f, record), name), sha,
                         e))
            return false;
        f->files++;
    }
    return true;
}

static const js_node *step_named(const js_node *run, const char *word) {
    const js_node *steps = js_get(run, "steps");
    for (int64_t i = 0; i < js_count(steps); i++)
        if (slice_is(js_word(js_at(steps, i), "step"), word)) return js_at(steps, i);
    return NULL;
}

/* True when the folder of a step is still what this run left. */
static bool is_of_run(const facts *f, const js_node *run, const char *word, const char *dir) {
    hash_text now;
    err ignored = {0};
    return folder_hash(f->out, dir, &now, &ignored) &&
           slice_is(js_word(step_named(run, word), "manifest"), now.hex);
}

static bool put_page(facts *f, const js_node *run, const char *word, const char *dir,
                     const char *page, err *e) {
    int64_t bytes;
    hash_text sha;
    err ignored = {0};
    const char *file = arena_text(&f->s->keep, "%s/%s", dir, page);
    const char *path = arena_text(&f->s->keep, "%s/%s", f->out, file);
    if (!is_of_run(f, run, word, dir) || !hash_file(path, &sha, &bytes, &ignored)) return true;
    f->files++;
    return mlflow_file(f->to, "run", page, file, sha.hex, e);
}

/* Registered models are named like the experiment; / and : are not for them. */
static char *registered_name(const facts *f) {
    char *name = arena_text(&f->s->keep, "%s", f->experiment);
    for (char *p = name; *p; p++)
        if (*p == '/' || *p == ':') *p = '-';
    return name;
}

/* The bundle's manifest and the cards stand for it: its files stay with the shop. */
static bool put_bundle(facts *f, const js_node *run, const char *record, const js_node *manifest,
                       err *e) {
    bool reused = true, published = false;
    hash_text sha;
    const js_node *step = step_named(run, "serve");
    js_bool(js_get(step, "reused"), &reused);
    js_bool(js_get(run, "published"), &published);
    const char *file = "10_serve/manifest.json";
    if (reused || !published || !is_of_run(f, run, "serve", "10_serve") ||
        !hash_file(arena_text(&f->s->keep, "%s/%s", f->out, file), &sha, NULL, e))
        return e->kind == ERR_NONE;
    const mlflow_pair tags[] = {{"atelier.bundle", js_word(step, "manifest")},
                                {"atelier.build", js_word(run, "build")},
                                {0}};
    f->files++;
    return mlflow_model_begin(f->to, "model", "x", "run", "bundle", tags, e) &&
           mlflow_file(f->to, "model", "manifest.json", file, sha.hex, e) &&
           put_files(f, record, manifest, "model", true, e) &&
           mlflow_model_ready(f->to, "model", "run", e) &&
           mlflow_version(f->to, "model", "run", registered_name(f), "champion", tags, e);
}

bool facts_record(facts *f, const js_node *run, const char *record, const char *sha256, err *e) {
    mlflow_batch b;
    slice bytes;
    bool published = false;
    const js_node *days = js_get(run, "days");
    const char *path = arena_text(&f->s->keep, "%s/manifest.json", record);
    const js_node *manifest = facts_read(path, f->s, &bytes, e);
    js_bool(js_get(run, "published"), &published);
    if (!manifest || !mlflow_batch_open(&b, f->to, "run", e)) return false;
    for (int64_t i = 0; i < js_count(days); i++)
        mlflow_parameter(&b, arena_text(&b.s.keep, "days/%s", js_key(days, i)),
                         js_word(days, js_key(days, i)));
    mlflow_tag(&b, "atelier.record", slice_of(sha256));
    mlflow_tag(&b, "atelier.published", published ? SLICE("true") : SLICE("false"));
    mlflow_tag(&b, "atelier.refused", js_word(run, "refused"));
    bool done = mlflow_batch_close(&b, true, e);
    f->parameters += b.sent[1];
    return done && put_files(f, record, manifest, "run", false, e) &&
           put_page(f, run, "eda", "05_eda", "eda.html", e) &&
           put_page(f, run, "insight", "09_insight", "weekly.html", e) &&
           put_bundle(f, run, record, manifest, e);
}

bool facts_end(facts *f, const char *status, const char *why, int64_t when, err *e) {
    mlflow_batch b;
    if (why) {
        if (!mlflow_batch_open(&b, f->to, "run", e)) return false;
        mlflow_tag(&b, "atelier.error", slice_of(why));
        if (!mlflow_batch_close(&b, true, e)) return false;
    }
    for (int i = 0; i < f->n_families; i++) {
        const char *handle = arena_text(&f->s->keep, "run.%s", f->family[i]);
        if (!f->ended[i] && !mlflow_run_end(f->to, handle, status, when, e)) return false;
    }
    spool_ends(f->to);
    return mlflow_run_end(f->to, "run", status, when, e);
}
