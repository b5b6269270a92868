/* report: what a run says at its end. */
#include "surfaces/report.h"

#include <stdio.h>
#include <string.h>

/* The files of step 01 and, once step 02 has run, what its rules did to each. */
static const char *const final_counts =
    "SELECT f.path, f.source, f.seen, "
    "CAST(f.accepted - coalesce(x.quarantined, 0) - coalesce(x.merged, 0) AS BIGINT) AS accepted, "
    "CAST(f.quarantined + coalesce(x.quarantined, 0) AS BIGINT) AS quarantined, "
    "CAST(f.merged + coalesce(x.merged, 0) AS BIGINT) AS merged, f.blank, "
    "CAST(f.path IN (FROM files_unchanged) AS INTEGER) AS unchanged "
    "FROM files f LEFT JOIN (SELECT src_file, sum(quarantined) AS quarantined, "
    "sum(merged) AS merged FROM accounting WHERE step = 'clean' AND rule = 'all' "
    "GROUP BY src_file) x "
    "USING (src_file) WHERE f.source IS NOT NULL AND f.source <> '' ORDER BY f.src_file";
static const char *const raw_counts =
    "SELECT path, source, seen, accepted, quarantined, merged, blank, "
    "CAST(path IN (FROM files_unchanged) AS INTEGER) AS unchanged FROM files "
    "WHERE source IS NOT NULL AND source <> '' ORDER BY src_file";

static const char *const counts[] = {"seen", "accepted", "quarantined", "merged", "blank"};

static void print_files(const columns *c) {
    printf("\n%-44s %11s %11s %11s %9s %7s\n", "file", counts[0], counts[1], counts[2], counts[3],
           counts[4]);
    for (int64_t i = 0; i < c->rows; i++) {
        slice path = columns_text(c, "path")[i];
        if (path.n > 44) path = (slice){path.p + path.n - 44, 44};
        printf("%-44.*s", (int)path.n, path.p);
        for (int k = 0; k < 5; k++)
            printf(k < 3 ? " %11lld" : k < 4 ? " %9lld" : " %7lld",
                   (long long)columns_i64(c, counts[k])[i]);
        printf("\n");
    }
}

bool report_accounting(const work *w, js *out, bool quiet, err *e) {
    scope s;
    columns c;
    int64_t cleaned = 0;
    if (!scope_open(&s, 8 << 20, 0, e)) return false;
    /* Step 01 makes the table when it runs; a run that reused its folder read no file. */
    bool done = db_run(w->d, SLICE("CREATE TABLE IF NOT EXISTS files_unchanged AS SELECT path FROM "
                                   "files"), e) &&
                db_count(w->d, &cleaned, e,
                         "SELECT count(*) FROM information_schema.tables "
                         "WHERE table_name = 'accounting'") &&
                db_query(w->d, &s.keep, &c, e, "%s", cleaned ? final_counts : raw_counts);
    if (done && !quiet) print_files(&c);
    if (done) js_array(out, "files");
    for (int64_t i = 0; done && i < c.rows; i++) {
        js_object(out, NULL);
        js_put_text(out, "path", columns_text(&c, "path")[i]);
        js_put_text(out, "source", columns_text(&c, "source")[i]);
        for (int k = 0; k < 5; k++) js_put_int(out, counts[k], columns_i64(&c, counts[k])[i]);
        js_put_bool(out, "unchanged", columns_i32(&c, "unchanged")[i]);
        js_end(out);
    }
    if (done) js_end(out);
    scope_close(&s);
    return done;
}

/* ---- one screen of results ---- */

static slice text_or(const js_node *n, const char *other) {
    slice s;
    return js_text(n, &s) ? s : slice_of(other);
}

static void print_metric(const js_node *model, slice metric) {
    double value, low, high;
    char name[80];
    snprintf(name, sizeof name, "%.*s", (int)metric.n, metric.p);
    const js_node *m = js_get(js_get(model, "metrics"), name);
    slice label = text_or(js_get(model, "name"), "?");
    if (!js_real(js_get(m, "value"), &value)) return;
    printf("    %-24.*s %-10.*s %.4f", (int)label.n, label.p, (int)metric.n, metric.p, value);
    if (js_real(js_get(m, "low"), &low) && js_real(js_get(m, "high"), &high))
        printf("  [%.4f, %.4f]", low, high);
    printf("\n");
}

static void print_family(const js_node *family) {
    slice title = text_or(js_get(family, "title"), ""), skipped;
    printf("\n%.*s\n", (int)title.n, title.p);
    if (js_text(js_get(family, "skipped"), &skipped)) {
        printf("    skipped: %.*s\n", (int)skipped.n, skipped.p);
        return;
    }
    slice metric = text_or(js_get(family, "metric"), "");
    const js_node *models = js_get(family, "models");
    for (int64_t i = 0; i < js_count(models); i++) print_metric(js_at(models, i), metric);
    slice verdict = text_or(js_get(family, "verdict"), "");
    if (verdict.n) printf("    %.*s\n", (int)verdict.n, verdict.p);
}

static void put_summary(js *out, const char *name, const js_node *family) {
    slice t;
    js_object(out, name);
    js_put_text(out, "title", text_or(js_get(family, "title"), ""));
    if (js_text(js_get(family, "skipped"), &t)) js_put_text(out, "skipped", t);
    else js_put_null(out, "skipped");
    js_put_text(out, "metric", text_or(js_get(family, "metric"), ""));
    js_put_text(out, "verdict", text_or(js_get(family, "verdict"), ""));
    js_end(out);
}

bool report_screen(const work *w, js *out, bool quiet, err *e) {
    scope s;
    slice bytes;
    if (!scope_open(&s, 64 << 20, 0, e)) return false;
    const char *path = work_path(w, &s.keep, "08_evaluate", "evaluation.json");
    const js_node *all = file_read(path, &s, 32 << 20, &bytes, e) ? js_parse(&s, bytes, e) : NULL;
    if (all) js_put_word(out, "evaluation", path);
    for (int64_t i = 0; all && i < js_count(all); i++) {
        const char *name = js_key(all, i);
        if (!quiet) print_family(js_get(all, name));
        put_summary(out, name, js_get(all, name));
    }
    if (all && !quiet) printf("\nEvery figure is in %s\n", path);
    scope_close(&s);
    return all != NULL;
}
