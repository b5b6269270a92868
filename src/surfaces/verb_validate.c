/* verb_validate: what is wrong with a shop's files, without running more than it takes to know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "data/folder.h"
#include "data/terms_export.h"
#include "pipeline/validation.h"
#include "surfaces/progress.h"
#include "surfaces/report.h"
#include "surfaces/verbs.h"

static const option options[] = {
    {"against", OPTION_TEXT, "DIR",
     "results of the last good run, to compare with (default: atelier-out where it is)"},
    {"today", OPTION_TEXT, "DATE", "the day that freshness counts from (default: today)"},
    {"export", OPTION_TEXT, "DIR",
     "also write the contracts there: ODCS YAML, JSON Schema, PostgreSQL"},
    {"threads", OPTION_INT, "N", "threads (default: all processors)", .low = 1, .high = 256},
    {"all", OPTION_FLAG, NULL, "also show what is in order"},
    {0}};

typedef struct counts {
    int64_t ok, warn, fail;
} counts;

/* ---- what is shown ---- */

/* Findings of rows; those of freshness and drift have none. */
static bool has_rows(const columns *c, int64_t i) {
    slice part = columns_text(c, "part")[i];
    return !slice_is(part, "freshness") && !slice_is(part, "drift");
}

static void add_example(text *to, slice file, int64_t line, slice observed, bool several) {
    text_addf(to, "%s", to->n ? ", " : "");
    if (several) text_addf(to, "%.*s:", (int)file.n, file.p);
    text_addf(to, "%s%lld", several ? "" : "line ", (long long)line);
    if (observed.p) text_addf(to, " '%.*s'", (int)(observed.n > 40 ? 40 : observed.n), observed.p);
}

static void print_finding(const columns *c, int64_t i, const columns *shown) {
    slice severity = columns_text(c, "severity")[i], source = columns_text(c, "source")[i],
          rule = columns_text(c, "rule")[i],
          name = columns_text(c, "column_name")[i], expected = columns_text(c, "expected")[i];
    printf("%-4.*s  %-12.*s %-28.*s %-16.*s ", (int)severity.n, severity.p, (int)source.n, source.p,
           (int)rule.n, rule.p, (int)name.n, name.p ? name.p : "");
    if (has_rows(c, i))
        printf("%lld of %lld rows (%.2g %%); expected ", (long long)columns_i64(c, "bad")[i],
               (long long)columns_i64(c, "rows")[i], 100 * columns_real(c, "share")[i]);
    if (expected.p) printf("%.*s", (int)expected.n, expected.p);
    printf("\n");
    text line = {0};
    bool of_file = slice_is(columns_text(c, "part")[i], "reader") ||
                   slice_is(columns_text(c, "part")[i], "program");
    for (int64_t k = 0; k < shown->rows && k < 3; k++)
        add_example(&line, columns_text(shown, "file")[k], columns_i64(shown, "line")[k],
                    columns_text(shown, "observed")[k], !of_file);
    if (line.n) printf("      %s%s\n", line.p, shown->rows > 3 ? ", …" : "");
    text_free(&line);
}

static void put_text(js *out, const char *key, slice value) {
    if (value.p) js_put_text(out, key, value);
    else js_put_null(out, key);
}

static void put_finding(js *out, const columns *c, int64_t i, const columns *shown) {
    static const char *const texts[] = {"severity", "part", "source",     "file",
                                        "rule",     "column_name", "expected"};
    js_object(out, NULL);
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
        put_text(out, strcmp(texts[k], "column_name") == 0 ? "column" : texts[k],
                 columns_text(c, texts[k])[i]);
    if (has_rows(c, i)) {
        js_put_int(out, "rows", columns_i64(c, "rows")[i]);
        js_put_int(out, "bad", columns_i64(c, "bad")[i]);
        js_put_real(out, "share", columns_real(c, "share")[i]);
    }
    js_array(out, "examples");
    for (int64_t k = 0; k < shown->rows; k++) {
        js_object(out, NULL);
        js_put_text(out, "file", columns_text(shown, "file")[k]);
        js_put_int(out, "line", columns_i64(shown, "line")[k]);
        put_text(out, "observed", columns_text(shown, "observed")[k]);
        js_end(out);
    }
    js_end(out);
    js_end(out);
}

static bool show(const args *a, const work *w, const terms *const all[6], scope *s, js *out,
                 counts *n, err *e) {
    columns c;
    bool quiet = args_json(a);
    if (!db_query(w->d, &s->keep, &c, e, "SELECT * FROM validation ORDER BY id")) return false;
    js_array(out, "findings");
    for (int64_t i = 0; i < c.rows; i++) {
        columns shown = {0};
        slice severity = columns_text(&c, "severity")[i];
        bool is_ok = slice_is(severity, "ok");
        *(is_ok ? &n->ok : slice_is(severity, "warn") ? &n->warn : &n->fail) += 1;
        if (!validation_examples(w, all, columns_i64(&c, "id")[i], &s->keep, &shown, e))
            return false;
        put_finding(out, &c, i, &shown);
        if (quiet || (is_ok && !args_flag(a, "all"))) continue;
        if (n->ok + n->warn + n->fail == 1) printf("\n");
        print_finding(&c, i, &shown);
    }
    js_end(out);
    return true;
}

/* ---- exports ---- */

static bool write_one(const char *dir, const char *name, const text *bytes, scope *s, err *e) {
    return file_replace(arena_text(&s->keep, "%s/%s", dir, name), text_slice(bytes), e);
}

static bool export_all(const work *w, const char *dir, const terms *const all[6], scope *s,
                       err *e) {
    bool has[6];
    text *to = take(&s->keep, text, 1);
    text_open(to, s);
    if (!file_make_folders(dir, e)) return false;
    for (int i = 0; i < 6; i++) {
        const char *name = contract_sources[i].source;
        int64_t files;
        if (!db_count(w->d, &files, e, "SELECT count(*) FROM files WHERE source = '%s'", name))
            return false;
        has[i] = files > 0;
        if (!has[i]) continue;
        text_clear(to);
        terms_odcs(to, &contract_sources[i], all[i]);
        if (!write_one(dir, arena_text(&s->keep, "%s.odcs.yaml", name), to, s, e)) return false;
        text_clear(to);
        terms_json_schema(s, to, &contract_sources[i], all[i]);
        if (!write_one(dir, arena_text(&s->keep, "%s.schema.json", name), to, s, e)) return false;
    }
    text_clear(to);
    terms_postgresql(s, to, all, has);
    return write_one(dir, "postgresql.sql", to, s, e);
}

/* ---- the command ---- */

static void close_pool(void *what) { pool_close(what); }

/* Where both steps write: a folder that is gone at the end. */
typedef struct place {
    const char *temp, *name;
} place;

static void close_place(void *what) {
    const place *p = what;
    folder_sweep(p->temp, p->name);
}

static bool open_work(const args *a, scope *s, work *w, err *e) {
    place *p = take(&s->keep, place, 1);
    const char *temp = getenv("TMPDIR");
    p->temp = temp && *temp ? temp : "/tmp";
    p->name = arena_text(&s->keep, "atelier-validate-%d", (int)getpid());
    scope_defer(s, close_place, p);
    *w = (work){.shop = args_word(a, 0), .n_threads = verb_threads(a), .seed = 1,
                .memory_mb = verb_memory_mb()};
    w->out = arena_text(&s->keep, "%s/.%s.tmp-1", p->temp, p->name);
    const char *spill = arena_text(&s->keep, "%s/.spill.tmp-1", w->out);
    if (!db_open(&w->d, (db_params){w->n_threads, w->memory_mb, spill}, e)) return false;
    scope_defer(s, db_close, w->d);
    w->threads = pool_open(w->n_threads, (size_t)4 << 30, e);
    if (w->threads) scope_defer(s, close_pool, w->threads);
    return w->threads != NULL;
}

static bool read_today(const args *a, int32_t *today, err *e) {
    const char *said = args_text(a, "today");
    *today = (int32_t)(time(NULL) / 86400);
    return !said || day_parse(slice_of(said), today) ||
           refuse(e, "--today wants a day like 2020-09-22, got '%s'", said);
}

static const char *before_of(const args *a) {
    const char *said = args_text(a, "against");
    if (said) return said;
    return file_exists("atelier-out/01_raw/manifest.json") ? "atelier-out" : NULL;
}

static void put_verdict(js *out, const counts *n, const char *before, bool quiet) {
    const char *verdict = n->fail ? "fail" : n->warn ? "warn" : "ok";
    js_put_word(out, "compared_with", before);
    js_put_word(out, "verdict", verdict);
    js_put_int(out, "fail", n->fail);
    js_put_int(out, "warn", n->warn);
    js_put_int(out, "ok", n->ok);
    if (quiet) return;
    printf("\n%s: %lld fail, %lld warn, %lld in order%s%s\n", verdict, (long long)n->fail,
           (long long)n->warn, (long long)n->ok, before ? "; compared with " : "",
           before ? before : "; no run to compare with (--against DIR)");
}

static bool run(const args *a, scope *s, js *out, err *e) {
    work w;
    progress_view view;
    int32_t today;
    counts n = {0};
    const terms *all[6];
    const char *before = before_of(a), *dir = args_text(a, "export");
    if (!read_today(a, &today, e)) return false;
    if (access(args_word(a, 0), F_OK) != 0) {
        refuse(e, "there is no folder %s; a shop is a folder of files", args_word(a, 0));
        return fail_cause(e, "no_input");
    }
    if (!open_work(a, s, &w, e)) return false;
    w.progress = progress_open(&view);
    w.progress.say = NULL; /* the findings say it */
    bool done = validation_run(&w, before, today, all, s, e);
    progress_close(&view);
    const terms *const *known = (const terms *const *)all;
    if (!done || !report_accounting(&w, out, args_json(a), e) ||
        !show(a, &w, known, s, out, &n, e) || (dir && !export_all(&w, dir, known, s, e)))
        return false;
    put_verdict(out, &n, before, args_json(a));
    if (n.fail) args_found_wrong();
    return true;
}

const verb verb_validate = {"validate",
                            "SHOP",
                            "shop",
                            "Check a shop's files against their contracts and the last run.",
                            "atelier validate my-shop --against atelier-out",
                            1,
                            1,
                            options,
                            run};
