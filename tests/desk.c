/* desk: tables of a test and the hooks of one family, as the steps would run them. */
#include "desk.h"

#include <math.h>
#include <string.h>

void desk_open(desk *t, int threads, const char *name, windows days) {
    memset(t, 0, sizeof *t);
    check_ok(scope_open(&t->s, (size_t)2 << 30, (size_t)1 << 30, &t->e), &t->e);
    t->w = (work){.out = check_folder(name), .n_threads = threads, .seed = 1, .days = days};
    check_ok(db_open(&t->w.d, (db_params){threads, 1024, check_spill()}, &t->e), &t->e);
    check_ok((t->w.threads = pool_open(threads, 64 << 20, &t->e)) != NULL, &t->e);
    check_ok((t->f = folder_begin(&t->s, t->w.out, "desk", &t->e)) != NULL, &t->e);
}

void desk_close(desk *t) {
    db_close(t->w.d);
    pool_close(t->w.threads);
    scope_close(&t->s);
}

void desk_sql(desk *t, const char *sql) {
    check_ok(db_run(t->w.d, slice_of(sql), &t->e), &t->e);
}

void desk_datasets(desk *t) {
    static const char *const tables[] = {"d_sales", "b_articles", "e_reviews", "f_events"};
    const char *at = arena_text(&t->s.keep, "%s/03_datasets", t->w.out);
    check_ok(file_make_folders(at, &t->e), &t->e);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        int64_t there;
        check_ok(db_count(t->w.d, &there, &t->e, "SELECT count(*) FROM information_schema.tables "
                                                 "WHERE table_name = '%s'", tables[i]), &t->e);
        const char *file = arena_text(&t->s.keep, "%s/%s.parquet", at, tables[i]);
        if (there) check_ok(db_write_parquet(t->w.d, tables[i], file, &t->e), &t->e);
    }
}

const js_node *desk_hook(desk *t, family_hook *hook) {
    js *report = take(&t->s.keep, js, 1);
    js_open(report, &t->s);
    js_object(report, NULL);
    desk_datasets(t);
    check_ok(hook(&t->w, t->f, &t->s, report, &t->e), &t->e);
    js_end(report);
    const js_node *node = js_parse(&t->s, text_slice(&report->out), &t->e);
    check_ok(node != NULL, &t->e);
    return node;
}

const js_node *desk_tile(desk *t, const char *file) {
    slice bytes;
    check_ok(file_read(folder_path(t->f, file), &t->s, 1 << 24, &bytes, &t->e), &t->e);
    return js_parse(&t->s, bytes, &t->e);
}

const js_node *desk_step(desk *t, family_hook *hook, const char *name, const char *step_name,
                         const char *file) {
    scope *s = &t->s;
    js *report = take(&s->keep, js, 1);
    js_open(report, s);
    folder *f = folder_begin(s, t->w.out, step_name, &t->e);
    check_ok(f != NULL, &t->e);
    js_object(report, NULL);
    js_object(report, name);
    desk_datasets(t);
    check_ok(hook(&t->w, f, s, report, &t->e), &t->e);
    js_end(report);
    js_end(report);
    check_ok(folder_write(f, file, text_slice(&report->out), &t->e), &t->e);
    check_ok(folder_commit(f, &(folder_key){0}, &t->e), &t->e);
    const js_node *all = js_parse(s, text_slice(&report->out), &t->e);
    check_ok(all != NULL, &t->e);
    return js_get(all, name);
}

double desk_real(const js_node *n, const char *key) {
    double v = NAN;
    js_real(js_get(n, key), &v);
    return v;
}
