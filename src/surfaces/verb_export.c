/* verb_export: the results of a run as tables of a PostgreSQL database. */
#include <stdio.h>

#include "data/pg.h"
#include "pipeline/export.h"
#include "surfaces/progress.h"
#include "surfaces/verbs.h"

static const option options[] = {
    {"to", OPTION_TEXT, "ADDRESS",
     "postgresql://[user@][host][:port]/database; passwords come from ~/.pgpass or PGPASSFILE",
     .required = true},
    {"schema", OPTION_TEXT, "NAME", "where the tables stand; made when it is not there",
     .value = "atelier"},
    {"only", OPTION_TEXT, "NAME,…", "these tables alone"},
    {0}};

static void put_results(const args *a, const export_done *done, js *out) {
    int64_t rows = 0;
    js_put_word(out, "database", done->where);
    js_put_word(out, "schema_name", args_text(a, "schema"));
    js_array(out, "tables");
    for (int i = 0; i < done->n; i++) {
        js_object(out, NULL);
        js_put_word(out, "name", done->tables[i].name);
        js_put_int(out, "rows", done->tables[i].rows);
        js_end(out);
        rows += done->tables[i].rows;
        if (!args_json(a))
            printf("%-20s %12lld rows\n", done->tables[i].name, (long long)done->tables[i].rows);
    }
    js_end(out);
    js_put_int(out, "rows", rows);
    js_put_int(out, "removed", done->removed);
    if (!args_json(a))
        printf("%d tables, %lld rows in schema %s of %s\n", done->n, (long long)rows,
               args_text(a, "schema"), done->where);
}

static bool check_words(const args *a, err *e) {
    if (!pg_is_address(args_text(a, "to")))
        return refuse(e, "--to wants an address like postgresql://user@host/database");
    if (file_exists(args_word(a, 0))) return true;
    refuse(e, "there is no folder %s; make it by atelier run SHOP --out DIR", args_word(a, 0));
    return fail_cause(e, "no_input");
}

static bool run(const args *a, scope *s, js *out, err *e) {
    db *d;
    progress_view view;
    export_done done;
    const char *spill = arena_text(&s->keep, "%s/.spill.tmp-export", args_word(a, 0));
    if (!check_words(a, e) ||
        !db_open(&d, (db_params){pool_processors(), verb_memory_mb(), spill}, e))
        return false;
    scope_defer(s, db_close, d);
    timing t = {0};
    double clock = args_clock();
    export_ask ask = {args_word(a, 0), args_text(a, "to"), args_text(a, "schema"),
                      args_text(a, "only"), progress_open(&view)};
    bool sent = export_run(&ask, d, s, &done, e);
    progress_close(&view);
    if (!sent) return false;
    t.write_s = args_lap(&clock);
    put_results(a, &done, out);
    args_timing(out, &t);
    return true;
}

const verb verb_export = {"export",
                          "OUT",
                          "shop",
                          "Write results to a PostgreSQL database.",
                          "atelier export atelier-out --to postgresql://me@db.local/shop",
                          1,
                          1,
                          options,
                          run};
