/* verb_run: runs the steps over a shop and prints one screen of results. */
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "data/config.h"
#include "pipeline/run_record.h"
#include "surfaces/load.h"
#include "surfaces/progress.h"
#include "surfaces/report.h"
#include "surfaces/run_live.h"
#include "surfaces/verbs.h"

static const option options[] = {
    {"out", OPTION_TEXT, "DIR", "folder for the results", .value = "atelier-out"},
    {"from", OPTION_TEXT, "STEP", "first step: a word or number of atelier plan", .value = "raw"},
    {"to", OPTION_TEXT, "STEP", "last step", .value = "serve"},
    {"as-of", OPTION_TEXT, "DATE", "use only what happened before this day (YYYY-MM-DD)"},
    {"seed", OPTION_INT, "N", "seed of random numbers", .value = "1"},
    {"threads", OPTION_INT, "N", "threads (default: all processors)", .low = 1, .high = 256},
    {"memory", OPTION_TEXT, "SIZE", "memory for tables, like 4GB (default: half of the machine's)"},
    {"encoder", OPTION_TEXT, "NAME",
     "of reviews: gte-small, minilm, a folder, or none (default: what the time allows)"},
    {"content", OPTION_CHOICE, "words|meaning",
     "articles are alike by their words, or also by what texts and reviews mean", .value = "words"},
    {"language-seconds", OPTION_INT, "N",
     "time for the reviews in a first run on two plain cores; decides the encoder (default: 60)",
     .low = 1, .high = 1000000},
    {"track", OPTION_TEXT, "URL", "MLflow server that gets the run (default: MLFLOW_TRACKING_URI)"},
    {"experiment", OPTION_TEXT, "NAME", "experiment there, and registered model",
     .value = "atelier"},
    {"publish-anyway", OPTION_FLAG, NULL, "publish even what is worse than the published bundle"},
    {0}};

/* "4GB", "512MB", "1G", "300m" -> megabytes. */
static bool parse_memory(const char *said, int64_t *mb, err *e) {
    int64_t number;
    slice s = slice_of(said);
    if (s.n > 0 && (s.p[s.n - 1] | 32) == 'b') s.n--;
    char of = s.n > 0 ? s.p[--s.n] | 32 : 0;
    int64_t unit = of == 'g' ? 1024 : of == 'm' ? 1 : 0;
    if (unit && slice_int(s, &number) && number > 0 && number < 1 << 20) {
        *mb = number * unit;
        if (*mb >= 256) return true;
        return refuse(e, "--memory must be at least 256MB, got %s", said);
    }
    return refuse(e, "--memory is written like 4GB or 512MB, got '%s'", said);
}

static void close_pool(void *what) { pool_close(what); }

static bool open_work(const args *a, scope *s, work *w, err *e) {
    w->shop = args_word(a, 0);
    w->out = args_text(a, "out");
    w->n_threads = verb_threads(a);
    w->memory_mb = verb_memory_mb();
    w->seed = (uint64_t)args_int(a, "seed");
    w->encoder = args_text(a, "encoder");
    w->publish_anyway = args_flag(a, "publish-anyway");
    w->meaning = strcmp(args_text(a, "content"), "meaning") == 0;
    if (args_given(a, "language-seconds"))
        w->language_seconds = (int)args_int(a, "language-seconds");
    const char *day = args_text(a, "as-of"), *memory = args_text(a, "memory");
    if (day && !day_parse(slice_of(day), &w->as_of))
        return refuse(e, "--as-of wants a day like 2020-09-22, got '%s'", day);
    config *said = take(&s->keep, config, 1);
    if (!config_read(s, w->shop, said, e)) return false;
    if (!day) w->as_of = said->as_of;
    if (memory && !parse_memory(memory, &w->memory_mb, e)) return false;
    const char *temp = arena_text(&s->keep, "%s/.spill.tmp-%d", w->out, (int)getpid());
    if (!db_open(&w->d, (db_params){w->n_threads, w->memory_mb, temp}, e)) return false;
    scope_defer(s, db_close, w->d);
    w->threads = pool_open(w->n_threads, (size_t)4 << 30, e);
    if (!w->threads) return false;
    scope_defer(s, close_pool, w->threads);
    return true;
}

static void put_steps(js *out, const plan_result *results, int from, int to, double total) {
    js_array(out, "steps");
    for (int i = from; i <= to; i++) {
        js_object(out, NULL);
        js_put_word(out, "step", plan[i]->word);
        js_put_bool(out, "reused", results[i].reused);
        js_put_word(out, "why", results[i].why);
        js_put_int(out, "parts", results[i].parts);
        js_put_int(out, "parts_unchanged", results[i].taken);
        js_put_fixed(out, "seconds", results[i].seconds, 3);
        js_end(out);
    }
    js_end(out);
    js_object(out, "timing");
    double read = 0, fit = 0, write = 0;
    for (int i = from; i <= to; i++)
        *(i < 5 ? &read : i < 8 ? &fit : &write) += results[i].seconds;
    js_put_fixed(out, "read_s", read, 3);
    js_put_fixed(out, "fit_s", fit, 3);
    js_put_fixed(out, "write_s", write, 3);
    js_put_fixed(out, "total_s", total, 3);
    js_end(out);
}

typedef struct shown_run {
    progress_view *view;
    run_live *told; /* NULL = no server */
} shown_run;

/* One line a step while the run goes on. */
static void show_step(void *what, const stage *step, const plan_result *result) {
    char line[200];
    const shown_run *r = what;
    int n = snprintf(line, sizeof line, "%s   %-9s %6.2f s  %s%s", step->number, step->word,
                     result->seconds, result->reused ? "reused: " : step->title,
                     result->reused ? result->why : "");
    if (result->taken > 0)
        snprintf(line + n, sizeof line - (size_t)n, " (%d of %d parts unchanged)", result->taken,
                 result->parts);
    progress_line(r->view, line);
    if (r->told) run_live_step(r->told, step, result);
}

/* Where the raw files are, for explain: a hidden note beside the results, in no manifest. */
static void remember_shop(const work *w, scope *s) {
    char real[4096];
    err ignored = {0};
    if (realpath(w->shop, real))
        file_replace(arena_text(&s->keep, "%s/.shop", w->out), slice_of(real), &ignored);
}

/* The record of the run, also of one whose bundle was refused; why is NULL when all went well. */
static bool keep_record(work *w, const plan_result *results, int64_t started, double began,
                        const err *why, run_live *told, js *out, err *e) {
    scope s;
    const char *record = NULL;
    run_outcome o = {started, began, args_clock() - began, results, why ? why->text : NULL};
    if (why && strcmp(why->cause, "worse") != 0) return true;
    if (!scope_open(&s, (size_t)2 << 30, 0, e)) return false;
    bool done = run_record_write(w, &o, &s, &record, e);
    if (record) js_put_word(out, "record", record), run_live_record(told, record);
    scope_close(&s);
    return done;
}

/* How the run ended, for the server. */
static void end_live(run_live *told, const plan_result *results, bool done, const err *why,
                     progress_view *view, js *out) {
    bool begun = false, news = false; /* nothing new: no run there, as there is no record */
    for (int i = 0; i < 10; i++)
        begun |= results[i].why != NULL, news |= results[i].why && !results[i].reused;
    bool refused = !done && strcmp(why->cause, "worse") == 0;
    const char *status = done || refused ? news ? "FINISHED" : NULL : begun ? "FAILED" : NULL;
    char line[1400];
    const char *run = run_live_close(told, status, done ? NULL : why->text, line, sizeof line);
    js_put_word(out, "tracked", run);
    progress_line(view, line);
}

/* An address that is wrong is refused when it was said here; one of the environment, which is there
 * for other programs too, costs a line. */
static bool open_live(const args *a, const track_server *to, work *w, int64_t now, double start,
                      scope *s, shown_run *shown, err *e) {
    err why = {0};
    shown->told = run_live_open(s, to, w, a, now, start, &why);
    if (!shown->told && args_given(a, "track")) return *e = why, false;
    if (!shown->told)
        progress_line(shown->view, arena_text(&s->keep, "not tracked: %s", why.text));
    return true;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    work w = {0};
    progress_view view;
    plan_result results[10] = {0};
    int from, to;
    double start = args_clock();
    shown_run shown = {&view, NULL};
    plan_watch watch = {args_clock, load_peak, show_step, &shown};
    track_server server = track_server_said(args_text(a, "track"), args_text(a, "experiment"), 30);
    if (!plan_find(args_text(a, "from"), &from, e) || !plan_find(args_text(a, "to"), &to, e))
        return false;
    if (to < from) return refuse(e, "--to %s comes before --from %s", plan[to]->word,
                                 plan[from]->word);
    if (access(args_word(a, 0), F_OK) != 0) {
        refuse(e, "there is no folder %s; atelier demo %s makes a demo shop there",
               args_word(a, 0), args_word(a, 0));
        return fail_cause(e, "no_input");
    }
    w.progress = progress_open(&view);
    int64_t now = (int64_t)time(NULL);
    bool opened = open_work(a, s, &w, e);
    if (opened && server.url && !open_live(a, &server, &w, now, start, s, &shown, e)) return false;
    bool done = opened && plan_run(&w, from, to, results, &watch, e);
    progress_close(&view);
    bool kept = !opened ||
                keep_record(&w, results, now, start, done ? NULL : e, shown.told, out, e);
    if (shown.told) end_live(shown.told, results, done && kept, e, &view, out);
    if (!done || !kept) return false;
    remember_shop(&w, s);
    put_steps(out, results, from, to, args_clock() - start);
    return report_accounting(&w, out, args_json(a), e) &&
           (to < 7 || report_screen(&w, out, args_json(a), e));
}

const verb verb_run = {"run",
                       "SHOP",
                       "shop",
                       "Run the ten steps over a shop's folder.",
                       "atelier run demo-shop --out atelier-out",
                       1,
                       1,
                       options,
                       run};
